"""The words of the three strangers agree: codes in Python, in SQL and in the dictionary."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from classifiers.signals import SIGNAL_CODES, SIGNALS, MissingReason
from classifiers.stages import Stage
from connectors.contract import DateFlag, Outcome
from warehouse.build import Clock, build, build_marts
from warehouse.db import open_warehouse
from warehouse.fields import fields
from warehouse.register import register_organizations

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)
CLOCK = Clock(as_of=AS_OF, known_at=AS_OF)
NOT_LET_IN = ("blocked", "needs_auth", "disallowed", "opted_out", "held")
UNSEEN_STATES = dict.fromkeys(map(Outcome, NOT_LET_IN), "blocked") | dict.fromkeys(
    (outcome for outcome in Outcome if outcome.is_seen or outcome is Outcome.PAGE_LOOP),
    "out_of_window",
)


@pytest.fixture
def warehouse(tmp_path):
    """A warehouse that knows one organization and one channel, never read."""
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        register_organizations(connection, [organization()], AS_OF)
        yield connection


def test_the_catalogue_has_the_signals_that_the_warehouse_measures(warehouse):
    build(warehouse, CLOCK)
    measured = warehouse.execute(
        "select signal_code, window_weeks from signals.measurements"
    ).fetchall()
    assert sorted(measured) == sorted((signal.code, signal.window_weeks) for signal in SIGNALS)


def test_the_wide_table_has_a_column_for_each_signal(warehouse):
    build(warehouse, CLOCK)
    build_marts(warehouse, CLOCK, {"snapshot_number": 1, "published_at": AS_OF})
    described = warehouse.execute("describe marts.organizations").fetchall()
    assert [name for name, *_ in described if name in SIGNAL_CODES] == list(SIGNAL_CODES)


def test_the_dictionary_explains_each_signal():
    assert set(SIGNAL_CODES) <= set(fields())


def test_the_warehouse_takes_the_missing_reasons_of_the_catalogue_and_no_others(warehouse):
    (allowed,) = checks(warehouse, "measurements", "missing_reason")
    assert set(re.findall(r"'(\w*)'", allowed)) == {reason.value for reason in MissingReason}


@pytest.mark.parametrize("table", ["raw.claims", "estimates.stages"])
def test_the_warehouse_takes_the_six_stages_and_no_others(warehouse, table):
    accepted = set()
    for code in range(-1, 9):
        with suppress(duckdb.ConstraintException):
            insert_stage(warehouse, table, code)
            accepted.add(code)
    assert accepted == {stage.value for stage in Stage}


def test_an_estimate_has_one_probability_for_each_stage(warehouse):
    described = warehouse.execute("describe estimates.stages").fetchall()
    columns = [name for name, *_ in described if name.startswith("probability_")]
    assert columns == [f"probability_{stage.value}" for stage in Stage]


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """The states of all days of channels that were asked once, by how that ended."""
    path = tmp_path_factory.mktemp("outcomes") / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        register_organizations(connection, [organization(*Outcome)], AS_OF)
        for outcome in Outcome:
            attempt(connection, outcome, AS_OF - timedelta(days=3))
        build(connection, CLOCK)
        found = connection.execute("select distinct channel_id, state from staging.coverage")
        return found.fetchall()


@pytest.mark.parametrize("outcome", Outcome)
def test_coverage_knows_what_each_outcome_means(states, outcome):
    """An attempt that showed nothing of a day leaves it blocked, out of window, or failed."""
    found = [state for channel, state in states if channel == outcome]
    assert found == [UNSEEN_STATES.get(outcome, "failed")]


def test_the_dictionary_explains_every_date_flag():
    meaning = fields()["date_flag"].meaning
    assert [flag.value for flag in DateFlag if flag and flag.value not in meaning] == []


def organization(*names):
    """One organization with a channel of each name, or one channel."""
    channel = dict.fromkeys(("role", "function", "region"), "")
    channel |= {"organization_id": "acme", "source": "feeds", "address": "x"}
    channels = [channel | {"channel_id": str(name)} for name in names or ("news",)]
    blank = dict.fromkeys(("industry", "size_class", "country", "timezone", "homepage"), "")
    return {"organization_id": "acme", "name": "Acme", "channels": channels, **blank}


def attempt(connection, outcome, at):
    """An attempt at the channel that is named like its outcome."""
    connection.execute(
        """
        insert into raw.attempts
        select
            'page', 'run', $outcome, 'acme', '', '', [], 0, $outcome, '', false, $at, 1, 1, '',
            'read'
        """,
        {"outcome": outcome.value, "at": at.replace(tzinfo=None)},
    )


def insert_stage(connection, table, code):
    if table == "raw.claims":
        values = "('acme', 'altimeter', $code, null, '', '', '2026-11-02', false, true, true)"
    else:
        values = (
            "('acme', '2026-10-26', $code, 0, 0, 0, 0, 0, 0, 1, 6, 1, 6, false, '', '', '', "
            "'2026-11-02', 'Presence', false, false)"
        )
    connection.execute(f"insert into {table} values {values}", {"code": code})


def checks(connection, table, column):
    """Expressions of the CHECK constraints of a table that name a column."""
    found = connection.execute(
        "select constraint_text from duckdb_constraints() "
        "where constraint_type = 'CHECK' and table_name = $table",
        {"table": table},
    ).fetchall()
    return [text for (text,) in found if column in text]
