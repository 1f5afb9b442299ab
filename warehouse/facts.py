"""Keeping the facts up to date: what signals read, made anew only where something changed.

Loading notes which weeks of which organization it touched; of those the tables of schema `facts`
are made anew, some weeks at a time so that memory stays bounded. They are kept since the first week
that any build has asked for; of what is older only the last posts of a week are.
From nothing, or from a little, the result is the same.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from warehouse.db import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from warehouse.db import Connection

#: Rows of activities that are read in one step.
STEP_ROWS = 16_000_000
_WEEK = timedelta(weeks=1)
#: Tables by organization and week, in the order in which they are made: what is known of all time,
#: and what only windows of 26 weeks read.
OF_ALL_TIME = ("post_weeks",)
RECENT = ("acts", "answers", "channel_weeks", "organization_weeks", "originals", "pairs")
#: The weeks of organizations that a step makes anew: those noted, or every one.
_TOUCHED = """
    select hash(organization_id), week
    from raw.touched_weeks
    where
        week >= getvariable('touched_from')::date
        and week < getvariable('touched_until')::date
    union
    select hash(organizations.organization_id), weeks.week
    from (select distinct organization_id from raw.touched_weeks where week is null)
        as organizations
    cross join weeks
"""
_EVERYTHING = """
    select hash(organizations.organization_id), weeks.week
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
_TOUCHED_ROWS = """
    {week} >= getvariable('touched_from')::date
    and {week} < getvariable('touched_until')::date
    and (organization_key, {week}) in (select organization_key, week from facts.touched)
"""
_IS_TOUCHED = _TOUCHED_ROWS.format(week="week")
#: Threads and parents of what a step removes, and of what it adds.
_CHANGED = f"""
    insert into facts.changed
    select
        thread_key,
        parent_key,
    from facts.acts
    where {_IS_TOUCHED}
"""  # noqa: S608 - our own words
#: What was said to organizations in other weeks than a step makes anew, and may now be answered by
#: another act.
_AFFECTED = f"""
    insert into facts.affected
    select act_key
    from facts.acts
    where
        direction = 'to_organization'
        and (
            thread_key in (select thread_key from facts.changed where thread_key is not null)
            or act_key in (select parent_key from facts.changed where parent_key is not null)
        )
        and not ({_IS_TOUCHED})
"""  # noqa: S608 - our own words
_ASKED_SINCE = "select date_trunc('week', getvariable('conversations_from'))::date"
_BUILT = "insert into facts.built select organization_key, week from facts.touched"
_WORKING = ("touched", "changed", "affected")
#: Rows that a step makes anew besides those of its weeks.
_STALE_TOO = {
    "answers": "act_key in (select act_key from facts.affected)",
    "pairs": _TOUCHED_ROWS.format(week="later_week"),
}


class Step(NamedTuple):
    """Weeks that are made at once: from the Monday `since` to before the Monday `until`."""

    since: date
    until: date


def renew_facts(connection: Connection) -> None:
    """Bring the facts up to date with what loading noted; the notes stay.

    Acts are there afterwards since the variable `conversations_from` (UTC), or longer. Each table
    is committed on its own, for the planner takes a table for empty whose rows are not; where the
    last time was interrupted between two tables, all are made from nothing.
    """
    if connection.execute("select 1 from facts.touched limit 1").fetchone():
        forget_facts(connection)
    connection.execute("delete from facts.built")
    touched, counts = _touched_weeks(connection)
    for step in _steps(touched, counts):
        _renew(connection, OF_ALL_TIME, step, _TOUCHED)
    kept_since = _kept_since(connection)
    for step in _steps([week for week in touched if week >= kept_since], counts):
        _renew(connection, RECENT, step, _TOUCHED)
    reach_back(connection)
    connection.execute("delete from facts.touched")


def reach_back(connection: Connection) -> None:
    """Make the weeks since `conversations_from` that no build has asked for before."""
    kept_since = _kept_since(connection)
    (asked_since,) = connection.execute(_ASKED_SINCE).fetchone() or (date.max,)
    missing = _counts(connection, asked_since, kept_since) if asked_since < kept_since else {}
    if missing:
        for step in _steps(sorted(missing), missing):
            _renew(connection, RECENT, step, _EVERYTHING)
        with transaction(connection):
            connection.execute("delete from facts.touched")
            connection.execute("delete from facts.kept")
            connection.execute("insert into facts.kept values ($since)", {"since": min(missing)})


def forget_notes(connection: Connection) -> None:
    """What was noted is built."""
    connection.execute("delete from raw.touched_weeks")


def forget_facts(connection: Connection) -> None:
    """Have everything built again from schema `raw`."""
    with transaction(connection):
        for table in (*OF_ALL_TIME, *RECENT, "kept"):
            connection.execute(f"delete from facts.{table}")  # noqa: S608 - our own tables
        connection.execute("delete from raw.touched_weeks")
        connection.execute(
            "insert into raw.touched_weeks select organization_id, null from raw.organizations"
        )


def _kept_since(connection: Connection) -> date:
    """The first week of which there are acts; the end of time where nobody has asked for any."""
    (week,) = connection.execute("select min(since) from facts.kept").fetchone() or (None,)
    return week or date.max


def _touched_weeks(connection: Connection) -> tuple[list[date], dict[date, int]]:
    """Weeks with something to build, and how many activities there are in each.

    All that have activities when a note is about all.
    """
    found = connection.execute("select distinct week from raw.touched_weeks").fetchall()
    noted = {week for (week,) in found if week is not None}
    if (None,) in found:
        counts = _counts(connection, date.min, date.max)
        return sorted(noted | set(counts)), counts
    if not noted:
        return [], {}
    return sorted(noted), _counts(connection, min(noted), max(noted) + _WEEK)


def _counts(connection: Connection, since: date, until: date) -> dict[date, int]:
    """Activities of each week from one day to before another; weeks without any are left out.

    Of a week whose posts have been purged there are none any more, but when they were.
    """
    found = connection.execute(
        """
        with weeks as (
            select
                date_trunc('week', occurred_at)::date as week,
                count(*) as act_count,
            from raw.activities
            where occurred_at >= $since::date and occurred_at < $until::date
            group by week
            union all
            select
                date_trunc('week', last_post_at)::date as week,
                0 as act_count,
            from raw.purged_weeks
        )

        select
            week,
            sum(act_count)::bigint,
        from weeks
        where week >= $since::date and week < $until::date
        group by week
        """,
        {"since": since, "until": until},
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
    with transaction(connection):
        for table in _WORKING:
            connection.execute(f"delete from facts.{table}")  # noqa: S608 - our own tables
        connection.execute(_MARK + touched)
        if "acts" in tables:
            connection.execute(_BUILT)
    for table in tables:
        with transaction(connection):
            _renew_table(connection, table)


def _renew_table(connection: Connection, table: str) -> None:
    found = connection.execute(f"select 1 from facts.{table} limit 1").fetchone()  # noqa: S608 - ours
    if found:
        if table == "acts":
            connection.execute(_CHANGED)
        stale = f"({_IS_TOUCHED}) or ({_STALE_TOO.get(table, 'false')})"
        connection.execute(f"delete from facts.{table} where {stale}")  # noqa: S608 - our own words
    connection.execute(f"insert into facts.{table} by name {_model(table)}")
    if table == "acts" and found:
        connection.execute(_CHANGED)
        connection.execute(_AFFECTED)


def _model(name: str) -> str:
    folder = resources.files("warehouse") / "models" / "facts"
    return (folder / f"{name}.sql").read_text("utf-8")
