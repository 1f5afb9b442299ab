"""`barograph schedule`: on time, one at a time, once for all that was missed, and a clean end."""

import json
import os
import re
import shutil
import signal
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hostile_server import Wait, hostile, reply
from prefect_processes import completed_run, run_records, running
from small_world import rss
from warehouse_tables import rows

from flows.project import Project
from flows.scheduling.serving import is_behind
from flows.scheduling.timetable import read_timetable
from flows.scheduling.turns import TurnTakenError, turn

BAROGRAPH = Path(sys.executable).parent / "barograph"
MINUTELY = ("schedule", "minutely", "--allow-host", "127.0.0.1", "--port", "0")
LATE_SECONDS = 30  # a process and its libraries start within the minute, on a busy machine too


def test_runs_that_are_due_show_times_and_ask_nobody(barograph_in, tmp_path):
    shown = barograph_in(tmp_path, "schedule", "every day at 7", "--show")
    assert shown.returncode == 0
    assert re.fullmatch(r"Runs are due at (.* 07:00, ){2}.* 07:00 … \(.*UTC\)\n", shown.stdout)
    assert not (tmp_path / "data").exists()


def test_a_deployment_that_is_there_is_not_written_over(barograph_in, tmp_path):
    (tmp_path / "prefect.yaml").write_text("mine")
    told = barograph_in(tmp_path, "schedule", "--deployment")
    assert (told.returncode, "is there already" in told.stderr) == (2, True)
    assert (tmp_path / "prefect.yaml").read_text() == "mine"


def test_who_comes_while_another_is_at_work_is_told_so(tmp_path):
    project = Project(tmp_path / "data")
    with turn(project, None), pytest.raises(TurnTakenError, match="still at work"):
        turn(project, None).__enter__()
    with turn(project, None):
        pass


def test_of_runs_that_are_late_one_catches_up_for_all(tmp_path):
    project, started_at = Project(tmp_path / "data"), datetime(2026, 11, 23, 9, tzinfo=UTC)
    record(project, started_at, "completed")
    with pytest.raises(TurnTakenError, match="due at 2026-11-23 08:00:00 UTC"):
        turn(project, started_at - timedelta(hours=1)).__enter__()
    with turn(project, started_at + timedelta(hours=1)):
        pass


@pytest.mark.parametrize("state", ["running", "failed", "interrupted"])
def test_a_run_that_did_not_reach_its_end_catches_up_for_none(tmp_path, state):
    project, started_at = Project(tmp_path / "data"), datetime(2026, 11, 23, 9, tzinfo=UTC)
    record(project, started_at, state)
    with turn(project, started_at - timedelta(hours=1)):
        pass


def test_a_project_is_behind_when_nothing_ran_since_a_run_was_due(tmp_path):
    project, daily = Project(tmp_path / "data"), read_timetable("every day at 7")
    assert not is_behind(project, daily)
    record(project, datetime.now(UTC) - timedelta(hours=25), "completed")
    assert is_behind(project, daily)
    record(project, datetime.now(UTC), "completed_with_failures")
    assert not is_behind(project, daily)


@pytest.mark.prefect
@pytest.mark.thorough
def test_a_schedule_runs_on_time_ends_when_told_and_catches_up(tmp_path, child_environment, models):
    with slow_server() as server:
        folder = project_of(tmp_path, server, "/feed")
        shutil.copytree(models, folder / "data" / "models")
        with scheduled(folder, child_environment) as process:
            first = completed_run(folder, process)
            shown = artifacts(folder)
            assert ended(process) == 0
        assert seconds_after_the_minute(first) < LATE_SECONDS
        assert {"collecting", "run", "organizations", "not-seen", "snapshot"} <= shown
        assert "The schedule has ended" in (folder / "log.txt").read_text()
        assert "Traceback" not in (folder / "log.txt").read_text()

        project_of(folder, server, "/feed", "/slow")
        age(folder, first, timedelta(hours=2))
        with scheduled(folder, child_environment) as process:
            wait_until(lambda: server.requests("/slow"))
            assert ended(process) == 0
        missed = run_records(folder)[-1]
        assert (missed["state"], missed["due_count"]) == ("interrupted", 1)
    newest = "select state from raw.runs order by run_id desc limit 1"
    assert rows(folder / "data", newest) == [("interrupted",)]


@contextmanager
def slow_server():
    with hostile() as server:
        server.on("/feed", reply(200, rss(2)))
        server.on("/slow", (Wait(60), reply(200, rss(2))))
        yield server


def project_of(folder, server, *paths):
    """A project whose one organization has these feeds."""
    urls = ", ".join(f'{{ source = "feeds", address = "{server.url(path)}" }}' for path in paths)
    (folder / "organizations.toml").write_text(
        f'[[organization]]\nid = "a"\nname = "A"\nchannels = [{urls}]\n'
    )
    return folder


def age(folder, run, by):
    """Let a run have begun earlier."""
    started_at = datetime.fromisoformat(run["started_at"]) - by
    path = folder / "data" / "archive" / "runs" / f"{run['run_id']}.json"
    path.write_text(json.dumps({**run, "started_at": started_at.isoformat()}))


@contextmanager
def scheduled(folder, environment):
    """A schedule under way, its Prefect server too, of which nothing is left afterwards."""
    with ExitStack() as stack:
        process = stack.enter_context(running([BAROGRAPH, *MINUTELY], folder, environment))
        stack.callback(end_server, folder)
        yield process


def end_server(folder):
    path = folder / "prefect" / "server.pid"
    if path.exists():
        os.kill(int(path.read_text()), signal.SIGKILL)


def ended(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(60)


def artifacts(folder):
    address = re.search(r"http://127\.0\.0\.1:\d+", (folder / "log.txt").read_text())[0]
    request = urllib.request.Request(
        f"{address}/api/artifacts/filter",
        data=b"{}",
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return {artifact["key"] for artifact in json.load(answer)}


def record(project, started_at, state):
    project.archive.write_run(
        {
            "run_id": f"{started_at:%Y%m%dT%H%M%S%f}",
            "started_at": started_at.isoformat(),
            "command": "monitor",
            "state": state,
        }
    )


def wait_until(has_happened, seconds=120):
    deadline = time.monotonic() + seconds
    while not has_happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def seconds_after_the_minute(run):
    started_at = datetime.fromisoformat(run["started_at"])
    return started_at.second + started_at.microsecond / 1e6
