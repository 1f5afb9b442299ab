"""Proving the record: what was measured then, measured again from what was known then.

A build leaves its moments in `signals.builds`. With them its measurements can be made again from
the tables, without a look at what it stored, and set beside what it stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from warehouse.build import Clock, as_known

if TYPE_CHECKING:
    from warehouse.db import Connection

_STORED = """
    create or replace temp table stored as
    select * exclude (known_at, known_until)
    from (
        select
            *,
            null::timestamp as known_until,
        from signals.measurements
        union all by name
        from signals.former_measurements
    )
    where
        as_of_week = $as_of_week
        and known_at <= $known_at
        and (known_until is null or known_until > $known_at)
"""
#: What cannot be measured again, for acts that it rests on have been purged (rule R7).
_PURGED = (
    """
    create or replace temp table purged as
    from stored
    where organization_id in (
        select organization_id
        from raw.purged_weeks
        where not is_limited and week > $as_of_week::date - 26 * 7 and week <= $as_of_week::date
        union
        select organization_id
        from raw.erased_weeks
        where
            erased_at > $known_at
            and week > $as_of_week::date - 26 * 7
            and week <= $as_of_week::date
    )
    -- peers: what was erased since was among them
    or (is_pooled and exists (from raw.erasures where erased_at > $known_at))
    """,
    """
    delete from stored
    where (organization_id, signal_code) in (select (organization_id, signal_code) from purged)
    """,
)
_NOT_AGAIN = """
    delete from again
    where (organization_id, signal_code) in (select (organization_id, signal_code) from purged)
"""
#: How much was seen of an organization does not rest on anybody's acts, but on its channels.
_EVIDENCE_OF_STORED = """
    delete from evidence_again
    where organization_id not in (select organization_id from stored_evidence)
        and exists (from purged)
"""
#: How much was seen of an organization is set beside it like a signal, one count at a time.
_STORED_EVIDENCE = """
    create or replace temp table stored_evidence as
    unpivot (
        select * exclude (known_at)
        from signals.evidence
        semi join stored on evidence.organization_id = stored.organization_id
        where as_of_week = $as_of_week and known_at <= $known_at
        qualify row_number() over (partition by organization_id order by known_at desc) = 1
    )
    on observed_week_count, readable_channel_count into name signal_code value n
"""
_AGAIN = """
    create or replace temp table again as
    select * exclude (known_at) from signals.measurements
"""
#: An earlier version kept none; then there is nothing to set beside it.
_EVIDENCE_AGAIN = """
    create or replace temp table evidence_again as
    unpivot (from seen_evidence where exists (from stored_evidence))
    on observed_week_count, readable_channel_count into name signal_code value n
"""
_DIFFERENCES = """
    (select 'stored' as side, * from (from stored except from again))
    union all
    (select 'measured again' as side, * from (from again except from stored))
    union all by name
    (
        select *, 'stored' as side, n::double as value
        from (from stored_evidence except from evidence_again)
    )
    union all by name
    (
        select *, 'measured again' as side, n::double as value
        from (from evidence_again except from stored_evidence)
    )
    order by organization_id, signal_code, side desc
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """One build, made again: how many measurements there were, and those that differ.

    `purged_count` measurements cannot be made again: acts that they rest on have been removed
    under the retention rule.
    """

    clock: Clock
    measurement_count: int
    differences: list[dict[str, Any]]
    purged_count: int = 0


def recorded_clocks(
    connection: Connection, week: date | None = None, *, every: bool = False
) -> list[Clock]:
    """The clocks of builds, oldest first.

    Args:
        connection: the warehouse.
        week: only builds of the week that begins on this Monday; None for all.
        every: every build, not only the last of each week.
    """
    found = connection.execute(
        """
        select as_of, known_at
        from signals.builds
        where $week is null or as_of_week = $week
        qualify $every or row_number() over (partition by as_of_week order by known_at desc) = 1
        order by known_at
        """,
        {"week": week, "every": every},
    ).fetchall()
    return [Clock(as_of=_aware(as_of), known_at=_aware(known_at)) for as_of, known_at in found]


def verify(connection: Connection, clock: Clock) -> Verified:
    """Make the build of `clock` again from what was known then, and compare to the last bit.

    Nothing that is stored changes.
    """
    values = clock.variables()
    given = {name: values[name] for name in ("as_of_week", "known_at")}
    for statement in (_STORED, *_PURGED, _STORED_EVIDENCE):
        asked = {name: value for name, value in given.items() if f"${name}" in statement}
        connection.execute(statement, asked or None)
    with as_known(connection, clock):
        for statement in (_AGAIN, _EVIDENCE_AGAIN, _NOT_AGAIN, _EVIDENCE_OF_STORED):
            connection.execute(statement)
    count, purged_count = connection.execute(
        "select (select count(*) from stored), (select count(*) from purged)"
    ).fetchone() or (0, 0)
    result = connection.execute(_DIFFERENCES)
    names = [column[0] for column in result.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return Verified(clock, int(count), rows, int(purged_count))


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
