"""Keeping the facts up to date: what signals read, made anew only where something changed.

Loading notes which weeks of which organization it touched; of those the tables of schema `facts`
are made anew, some weeks at a time so that memory stays bounded. Single acts, and what is made of
them, are kept since the first week that any build has asked for; what is older is in sums only.
From nothing, or from a little, the result is the same.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from warehouse.db import Connection

#: Rows of activities that are read in one step.
STEP_ROWS = 8_000_000
_WEEK = timedelta(weeks=1)
#: Tables by organization and week, in the order in which they are made: sums of all time, and what
#: only windows of 26 weeks read.
SUMS = ("channel_weeks",)
RECENT = ("acts", "organization_weeks")
#: The weeks of organizations that a step makes anew: those noted, or every one.
_TOUCHED = """
    select organization_id, week
    from raw.touched_weeks
    where
        week >= getvariable('touched_from')::date
        and week < getvariable('touched_until')::date
    union
    select organizations.organization_id, weeks.week
    from (select distinct organization_id from raw.touched_weeks where week is null)
        as organizations
    cross join weeks
"""
_EVERYTHING = """
    select organizations.organization_id, weeks.week
    from raw.organizations
    cross join weeks
"""
_MARK = """
    insert into facts.touched
    with weeks as (
        select unnest(generate_series(
            getvariable('touched_from')::date,
            getvariable('touched_until')::date - 7,
            interval 7 day
        ))::date as week
    )

"""


class Step(NamedTuple):
    """Weeks that are made at once: from the Monday `since` to before the Monday `until`."""

    since: date
    until: date


def renew_facts(connection: Connection) -> None:
    """Bring the facts up to date with what loading noted; the notes stay.

    Acts are there afterwards since the variable `conversations_from` (UTC), or longer.
    """
    connection.execute("delete from facts.built")
    touched = _touched_weeks(connection)
    counts = _counts(connection, touched)
    for step in _steps(touched, counts):
        _renew(connection, SUMS, step, _TOUCHED)
    kept_since = _kept_since(connection)
    for step in _steps([week for week in touched if week >= kept_since], counts):
        _renew(connection, RECENT, step, _TOUCHED)
    reach_back(connection, kept_since)


def reach_back(connection: Connection, kept_since: date | None = None) -> None:
    """Make the weeks since `conversations_from` that no build has asked for before.

    Args:
        connection: the warehouse, open for writing.
        kept_since: the Monday since which weeks are there or need no making; None for the first
            week that is there.
    """
    missing = _asked_weeks(connection, kept_since or _kept_since(connection))
    for step in _steps(missing, _counts(connection, missing)):
        _renew(connection, RECENT, step, _EVERYTHING)


def forget_notes(connection: Connection) -> None:
    """What was noted is built."""
    connection.execute("delete from raw.touched_weeks")


def forget_facts(connection: Connection) -> None:
    """Have everything built again from schema `raw`."""
    for table in (*SUMS, *RECENT):
        connection.execute(f"delete from facts.{table}")  # noqa: S608 - our own tables
    connection.execute("delete from raw.touched_weeks")
    connection.execute(
        "insert into raw.touched_weeks select organization_id, null from raw.organizations"
    )


def _kept_since(connection: Connection) -> date:
    """The first week with acts; the end of time where there are none."""
    (week,) = connection.execute("select min(week) from facts.acts").fetchone() or (None,)
    return week or date.max


def _touched_weeks(connection: Connection) -> list[date]:
    """Weeks with something to build; all that have activities when a note is about all."""
    return _weeks(
        connection,
        """
        select week
        from raw.touched_weeks
        where week is not null
        union
        select date_trunc('week', occurred_at)::date as week
        from raw.activities
        where
            occurred_at is not null
            and exists (from raw.touched_weeks where week is null)
        order by week
        """,
    )


def _asked_weeks(connection: Connection, until: date) -> list[date]:
    """Weeks with activities since `conversations_from` and before the Monday `until`."""
    return _weeks(
        connection,
        f"""
        select distinct date_trunc('week', occurred_at)::date as week
        from raw.activities
        where
            occurred_at >= date_trunc('week', getvariable('conversations_from'))
            and occurred_at < '{until}'::date
        order by week
        """,  # noqa: S608 - our own date
    )


def _weeks(connection: Connection, query: str) -> list[date]:
    return [week for (week,) in connection.execute(query).fetchall()]


def _counts(connection: Connection, weeks: list[date]) -> dict[date, int]:
    """Activities of each week between the first and the last of these."""
    if not weeks:
        return {}
    found = connection.execute(
        """
        select
            date_trunc('week', occurred_at)::date as week,
            count(*),
        from raw.activities
        where occurred_at >= $since and occurred_at < $until
        group by week
        """,
        {"since": weeks[0], "until": weeks[-1] + _WEEK},
    )
    return dict(found.fetchall())


def _steps(weeks: Iterable[date], counts: dict[date, int]) -> Iterator[Step]:
    """Weeks together as long as few rows lie between the first and the last of them."""
    step = None
    for week in weeks:
        wider = Step(step.since if step else week, week + _WEEK)
        if step and _rows(counts, wider) > STEP_ROWS:
            yield step
            wider = Step(week, week + _WEEK)
        step = wider
    if step:
        yield step


def _rows(counts: dict[date, int], step: Step) -> int:
    return sum(count for week, count in counts.items() if step.since <= week < step.until)


def _renew(connection: Connection, tables: Iterable[str], step: Step, touched: str) -> None:
    for name, day in (("touched_from", step.since), ("touched_until", step.until)):
        moment = datetime.combine(day, datetime.min.time())
        connection.execute(f"set variable {name} = $moment", {"moment": moment})
    connection.execute("delete from facts.touched")
    connection.execute(_MARK + touched)
    if tables is RECENT:
        connection.execute("insert into facts.built from facts.touched")
    for table in tables:
        _remove_touched(connection, table)
        connection.execute(f"insert into facts.{table} by name {_model(table)}")


def _remove_touched(connection: Connection, table: str) -> None:
    span = (
        "former.week >= getvariable('touched_from')::date "
        "and former.week < getvariable('touched_until')::date"
    )
    is_there = f"select 1 from facts.{table} as former where {span} limit 1"  # noqa: S608 - ours
    if connection.execute(is_there).fetchone():
        connection.execute(
            f"delete from facts.{table} as former using facts.touched "  # noqa: S608 - ours
            "where former.organization_id = touched.organization_id "
            f"and former.week = touched.week and {span}"
        )


def _model(name: str) -> str:
    folder = resources.files("warehouse") / "models" / "facts"
    return (folder / f"{name}.sql").read_text("utf-8")
