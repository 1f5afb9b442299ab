"""Measuring: the signals of one week, and what became of those measured before.

A number that a later build finds different is replaced, never lost: it moves to
`signals.former_measurements` with the moment until which it was the best that was known. How much
was seen of each organization (`signals.evidence`) stays with the moment since which it is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.db import Connection

#: What can be said only when all is measured: what is drawn towards peers, and why not seen.
_COMPLETE = (
    """
    update measured
    set value = pooled.value, lower = pooled.lower, upper = pooled.upper
    from pooled
    where
        measured.organization_id = pooled.organization_id
        and measured.signal_code = pooled.signal_code
    """,
    """
    update measured
    set is_pooled = false, missing_reason = 'undefined'
    where is_pooled and value is null
    """,
    """
    update measured
    set unseen_reason = unseen.unseen_reason
    from rollups.unseen
    where
        measured.organization_id = unseen.organization_id
        and measured.missing_reason = 'unobserved'
    """,
)
#: Organizations of which acts in the window have been purged (rule R7): what was measured before
#: stays, and nothing smaller is put in its place.
_PURGED = """
    create or replace temp table unmeasurable as
    select distinct organization_id
    from raw.purged_weeks
    where
        not is_limited
        and week > getvariable('as_of_week') - 26 * 7
        and week <= getvariable('as_of_week')
"""
_LEAVE_PURGED = """
    delete from {table}
    where organization_id in (select organization_id from unmeasurable)
"""
_KEEP = (
    """
    create or replace temp table known as
    from signals.measurements
    where
        as_of_week = getvariable('as_of_week')
        and organization_id not in (select organization_id from unmeasurable)
    """,
    """
    create or replace temp table stale as
    with
        known as (select * exclude (known_at) from known),
        measured as (select * exclude (known_at) from measured)

    select
        known.organization_id,
        known.signal_code,
        known.as_of_week,
    from known
    left join measured
        on known.organization_id = measured.organization_id
        and known.signal_code = measured.signal_code
    where known is distinct from measured
    """,
    """
    create or replace temp table fresh as
    with
        known as (select * exclude (known_at) from known),
        measured as (select * exclude (known_at) from measured)

    select measured.*
    from measured
    left join known
        on measured.organization_id = known.organization_id
        and measured.signal_code = known.signal_code
    where measured is distinct from known
    """,
    """
    insert into signals.former_measurements by name
    select
        known.*,
        getvariable('known_at') as known_until,
    from known
    semi join stale
        on known.organization_id = stale.organization_id
        and known.signal_code = stale.signal_code
    """,
    """
    delete from signals.measurements
    using stale
    where
        measurements.as_of_week = stale.as_of_week
        and measurements.organization_id = stale.organization_id
        and measurements.signal_code = stale.signal_code
    """,
    """
    insert into signals.measurements by name
    select
        *,
        getvariable('known_at') as known_at,
    from fresh
    """,
)


_KEEP_EVIDENCE = (
    """
    create or replace temp table fresh_evidence as
    from seen_evidence
    except
    select * exclude (known_at)
    from (
        from signals.evidence
        where as_of_week = getvariable('as_of_week') and known_at <= getvariable('known_at')
        qualify row_number() over (partition by organization_id order by known_at desc) = 1
    )
    """,
    """
    insert into signals.evidence by name
    select
        *,
        getvariable('known_at') as known_at,
    from fresh_evidence
    """,
)


def measure(connection: Connection, models: Iterable[str]) -> None:
    """Put the measurements of the week that is being built into the temporary table `measured`.

    Each depends on its organization alone; `complete` draws some towards peers. Organizations of
    which acts in the window have been purged are left out.

    Args:
        connection: with the variables of a build set.
        models: SELECTs, one a family, with the columns of `signals.measurements` but for the
            week and `known_at`. A rate that has too few observations to stand alone says so in
            `is_pooled`, and has no value yet.
    """
    connection.execute("create or replace temp table measured as from signals.measurements limit 0")
    for model in models:
        connection.execute(
            "insert into measured by name select *, '' as unseen_reason, "  # noqa: S608 - our own files
            "getvariable('as_of_week') as as_of_week, getvariable('known_at') as known_at "
            f"from ({model})"
        )
    note_unmeasurable(connection)
    connection.execute(_LEAVE_PURGED.format(table="measured"))


def note_unmeasurable(connection: Connection) -> None:
    """Put organizations of which acts have been purged into the temporary table `unmeasurable`."""
    connection.execute(_PURGED)


def complete(connection: Connection, pooling: str) -> None:
    """Say of `measured` what can be said only when every organization is in it.

    Args:
        connection: with the variables of a build set.
        pooling: the SELECT that gives values to rates that are drawn towards their peers'.
    """
    connection.execute(f"create or replace temp table pooled as {pooling}")
    for statement in _COMPLETE:
        connection.execute(statement)


def gather_evidence(connection: Connection, query: str) -> None:
    """Put how much was seen of each organization into the temporary table `seen_evidence`.

    Args:
        connection: with the variables of a build set, and its rollups built.
        query: the SELECT with the columns of `signals.evidence` but for the week and `known_at`.
    """
    connection.execute(
        "create or replace temp table seen_evidence as "  # noqa: S608 - our own file
        "select organization_id, getvariable('as_of_week') as as_of_week, "
        f"observed_week_count, readable_channel_count from ({query})"
    )
    connection.execute(_LEAVE_PURGED.format(table="seen_evidence"))


def keep_measured(connection: Connection) -> None:
    """Make the measurements of the week equal to `measured`, and keep what they were.

    A measurement that comes out as it was stays as it is, with the moment since which it is
    known; so does how much was seen of an organization.
    """
    for statement in (*_KEEP, *_KEEP_EVIDENCE):
        connection.execute(statement)
