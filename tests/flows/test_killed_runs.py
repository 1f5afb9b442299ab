"""A run that was killed is known as such, wherever it was on its way."""

from __future__ import annotations

import pytest
from collecting import Collecting
from corpus_server import serving
from small_world import rss
from town import DAY, killing

from flows.build import build_signals
from flows.job import collect_directly, conclude, make_order, plan, session
from flows.publish import publish
from flows.replaying import replay_archive
from flows.settings import load_settings
from warehouse.recording import recorder

pytestmark = pytest.mark.thorough
BUILDS = "select known_at from signals.builds order by all"
MEASURED = (
    "from signals.measurements union all by name from signals.former_measurements order by all"
)
STATES = "select run_id, state, ended_at, due_count from raw.runs order by run_id"


@pytest.fixture
def collecting(tmp_path, monkeypatch):
    with serving({"/feed.xml": rss(3)}) as server:
        project = Collecting(tmp_path, monkeypatch)
        project.list([f"{server.base_url}/feed.xml"])
        yield project


def states(collecting):
    return [state for _, state, *_ in collecting.rows(STATES)]


@pytest.mark.parametrize(
    "number", [1, 2, 3], ids=["at its beginning", "after planning", "at its end"]
)
def test_what_the_archive_alone_knows_of_a_run_is_taken_in_by_the_next(
    collecting, monkeypatch, number
):
    collecting.run()
    with killing(monkeypatch, "flows.job.record_run", dies_at(number)):
        collecting.run(after=DAY)
    collecting.run(after=DAY)
    expected = "completed" if number == 3 else "interrupted"
    assert states(collecting) == ["completed", expected, "completed"]
    before = collecting.rows(STATES)
    replay_archive(collecting.folder / "data", None, quiet=True)
    assert collecting.rows(STATES) == before


def test_a_build_that_was_recorded_and_not_kept_is_taken_in_by_the_next(collecting, monkeypatch):
    collecting.run()
    collecting.build()
    collecting.run(after=7 * DAY)
    with killing(monkeypatch, "flows.build.recorder", dies_when_recorded):
        collecting.build()
    assert len(collecting.rows(BUILDS)) == 1
    collecting.run(after=DAY)
    assert len(collecting.rows(BUILDS)) == 2
    collecting.build()
    before = [collecting.rows(query) for query in (BUILDS, MEASURED)]
    replay_archive(collecting.folder / "data", None, quiet=True)
    assert [collecting.rows(query) for query in (BUILDS, MEASURED)] == before


def test_a_run_that_was_killed_while_publishing_has_not_completed(collecting, monkeypatch):
    settings = load_settings(collecting.folder, {"allow_host": ("127.0.0.0/8",), "contact": "a@b"})
    with killing(monkeypatch, "flows.job._end"), session(make_order(settings, None)) as under_way:
        plan(under_way)
        collect_directly(under_way, lambda _: None)
        build_signals(under_way.order.project, under_way.connection)
        conclude(under_way)
        publish(under_way.order.project, under_way.connection)
        raise KeyboardInterrupt
    assert states(collecting) == ["completed"]  # which those who read the snapshot are told
    collecting.run(after=DAY)
    assert states(collecting) == ["interrupted", "completed"]


def dies_when_recorded(path):
    """`recorder`, whose process dies once the record of a build is in its place."""
    record_as_ever = recorder(path)

    def record(connection):
        record_as_ever(connection)
        raise KeyboardInterrupt

    return record


def dies_at(number):
    """`record_run`, which dies at its call of this number, and at every later one."""
    from warehouse.register import record_run

    left = number

    def record(connection, row):
        nonlocal left
        left -= 1
        if left < 1:
            raise KeyboardInterrupt
        record_run(connection, row)

    return record
