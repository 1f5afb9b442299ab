"""An outage is not zero: what was silent, what failed and what was closed to us stay apart."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from warehouse.export import export_tables

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
WEEK = timedelta(weeks=1)
EXPECTED = {
    # value, numerator, missing_reason, unseen_reason, coverage_share
    "silent": (0.0, 0.0, "", "", 1.0),
    "broken": (None, None, "unobserved", "failed", 0.0),
    "closed": (None, None, "unobserved", "blocked", 0.0),
    "unasked": (None, None, "unobserved", "out_of_window", 0.0),
    "both": (None, None, "unobserved", "mixed", 0.0),
}


@pytest.fixture
def world(world):
    """Five organizations of which no post was ever seen, each for another reason."""
    for name in ("silent", "broken", "closed", "unasked"):
        world.organization(name, f"{name}-news")
    world.organization("both", "both-news", "both-blog")
    world.see("silent-news", AS_OF - 40 * WEEK, AS_OF)
    for week in range(1, 14):
        at = AS_OF - week * WEEK
        for channel in ("broken-news", "both-news"):
            world.read(channel, at, outcome="server_error")
        for channel in ("closed-news", "both-blog"):
            world.read(channel, at, outcome="disallowed")
    world.build(AS_OF)
    return world


def test_a_source_silent_by_failure_by_robots_and_by_silence_gives_three_rows(world):
    rows = world.rows("from signals.measurements where signal_code = 'posts_per_week'")
    found = {
        row.organization_id: (
            row.value,
            row.numerator,
            row.missing_reason,
            row.unseen_reason,
            row.coverage_share,
        )
        for row in rows
    }
    assert {name: row[:1] + row[2:] for name, row in found.items()} == {
        name: row[:1] + row[2:] for name, row in EXPECTED.items()
    }
    assert found["silent"] == EXPECTED["silent"]


def test_the_days_of_each_are_told_apart_too(world):
    day = (AS_OF - 3 * WEEK).date()
    rows = world.rows("from staging.coverage where day = $day", day=day)
    assert {row.channel_id: (row.state, row.activity_count) for row in rows} == {
        "silent-news": ("empty", 0),
        "broken-news": ("failed", None),
        "closed-news": ("blocked", None),
        "unasked-news": ("out_of_window", None),
        "both-news": ("failed", None),
        "both-blog": ("blocked", None),
    }


def test_an_export_tells_them_apart(world, tmp_path):
    export_tables(world.connection, tmp_path, {})
    with duckdb.connect() as connection:
        found = connection.execute(
            "select organization_id, value, missing_reason, unseen_reason from read_csv($file) "
            "where signal_code = 'posts_per_week'",
            {"file": str(tmp_path / "signals.csv")},
        ).fetchall()
        days = connection.execute(
            "select distinct organization_id, state from read_csv($file) where day = '2026-10-12'",
            {"file": str(tmp_path / "coverage.csv")},
        ).fetchall()
    assert {(name, value, reason or "", unseen or "") for name, value, reason, unseen in found} == {
        (name, row[0], row[2], row[3]) for name, row in EXPECTED.items()
    }
    assert ("silent", "empty") in days
    assert ("broken", "failed") in days
    assert ("closed", "blocked") in days
