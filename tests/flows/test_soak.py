"""A soak run of two simulated hours: killed processes, a bad server, a full disk."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import duckdb
import pytest
from benchmark_scripts import script_named

pytestmark = pytest.mark.thorough

#: In the second hour the disk is full; a channel is gone in the first.
COURSE = {"hours": 2, "seed": 4, "gone": (0, 1), "bad_hour": 9, "disk_hour": 1, "out": (2, 2)}
ONE_ACT = "activity_id = (select min(activity_id) from raw.activities)"


@pytest.fixture(scope="module")
def scripts():
    names = ("soak", "soak_checks", "soak_clock", "soak_disk", "soak_launch", "soak_plan")
    return SimpleNamespace(**{name: script_named(name) for name in names})


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder in which the data of the soak run are at its end."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def soaked(scripts, kept, prepared, tmp_path_factory):
    def launch(arguments, folder, environment, kill_after=120.0):
        started = time.monotonic()
        running = prepared.start(arguments, folder, **environment)
        done = running.kill(after=kill_after)
        seconds = time.monotonic() - started
        return scripts.soak_launch.Ended(done.returncode, done.stdout + done.stderr, seconds)

    plan = scripts.soak_plan.Plan(**COURSE)
    folder = tmp_path_factory.mktemp("soak")
    return scripts.soak.soak(plan, folder, launch, has_reader=False, keep=kept / "data")


@pytest.fixture
def changed(scripts, soaked, kept):
    """What is found of acts after a statement was run on the warehouse, which is then undone."""

    def judge(statement):
        path = kept / "data" / "warehouse.duckdb"
        before = path.read_bytes()
        with duckdb.connect(str(path)) as connection:
            connection.execute(statement)
        course = replace(soaked.course, disk=scripts.soak_disk.Disk(kept, is_own=False))
        found = list(scripts.soak_checks.acts_kept(course))
        path.write_bytes(before)
        return [verdict.what for verdict in found if not verdict.is_kept]

    return judge


def test_two_hours_of_kills_and_a_full_disk_lose_and_double_nothing(soaked):
    assert [verdict for verdict in soaked.found if not verdict.is_kept] == []


def test_the_report_tells_what_was_killed_and_that_nothing_was_published_on_a_full_disk(soaked):
    assert "| run | " in soaked.text
    assert ("| `snapshot_stale` | project |" in soaked.text) == soaked.course.disk.is_own


def test_one_act_that_is_lost_would_be_found(changed):
    found = changed(f"delete from raw.activities where {ONE_ACT}")
    assert found[0].startswith("nothing lost")
    # and once more, if it was published in these hours
    assert all(other.startswith("no feed moved on unseen") for other in found[1:])


def test_one_act_that_nobody_published_would_be_found(changed):
    found = changed(
        f"update raw.activities set occurred_at = occurred_at + interval 1 second where {ONE_ACT}"
    )
    assert found[0].startswith("nothing lost")
    assert found[1].startswith("nothing doubled, nothing invented")
    assert all(other.startswith("no feed moved on unseen") for other in found[2:])


def test_a_simulated_clock_runs_fast_and_only_ever_jumps_ahead(scripts):
    moment = scripts.soak_plan.moment
    clock = scripts.soak_clock.Clock.at(moment(3), speed=3600.0)
    assert clock.until(moment(2)) is clock
    assert clock.until(moment(9)).now() >= moment(9)
    again = scripts.soak_clock.Clock.read(clock.text)
    first = again.now()
    time.sleep(0.01)
    assert (again.now() - first).total_seconds() >= 36
