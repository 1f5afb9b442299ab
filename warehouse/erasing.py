"""Erasing: every row of a person or an organization leaves the warehouse.

Which tables hold rows of an organization follows from their columns, so that a table that is
added later is found, too. What deleted rows leave behind goes with `warehouse.compacting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.db import transaction
from warehouse.erasedfiles import FREE_TEXTS, alternatives

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from warehouse.db import Connection

_TABLES = """
    select
        schema_name,
        table_name,
        list(column_name),
        list(column_name) filter (data_type = 'VARCHAR'),
        list(column_name) filter (data_type = 'VARCHAR[]'),
    from duckdb_columns()
    where
        database_name = current_database()
        and not internal
        and (schema_name, table_name) in (
            select (schema_name, table_name)
            from duckdb_tables()
            where database_name = current_database()
        )
    group by all
    order by all
"""
#: By what columns a row is an organization's, with the condition; tables that only lead there by
#: another table come first.
_OWNED = {
    "organization_id": "organization_id = $organization_id",
    "channel_id": "channel_id in (select unnest($channel_ids))",
    "organization_key": "organization_key = hash($organization_id)",
    "channel_key": "channel_key in (select hash(unnest($channel_ids)))",
    "subject_id": "subject_id in (select unnest([$organization_id] || $channel_ids))",
}
_LED = {
    "assessment_id": (
        "assessment_id in (select assessment_id from raw.assessments "
        "where organization_id = $organization_id)"
    ),
    "alert_id": (
        "alert_id in (select alert_id from raw.alerts where organization_id = $organization_id "
        "or subject_id in (select unnest([$organization_id] || $channel_ids)))"
    ),
    "activity_id": (
        "activity_id in (select activity_id from raw.activities "
        "where organization_id = $organization_id union select activity_id "
        "from raw.former_activities where organization_id = $organization_id)"
    ),
}
#: Endings of columns that hold nothing but codes, and are many.
_CODES = ("_id", "_key", "_code", "_version", "_fingerprint", "_sketch")
#: Working tables of facts hold keys of acts for as long as a step lasts.
_WORKING = ("facts.changed", "facts.affected", "facts.touched", "facts.built")
_FIND_PERSON = (
    """
    create or replace temp table named_keys as
    select unnest($keys::varchar[]) as author_key
    union
    select privacy.blurred(unnest($keys::varchar[]))
    """,
    """
    create or replace temp table erased as
    select
        activity_id,
        organization_id,
        channel_id,
        date_trunc('week', coalesce(occurred_at, first_seen_at))::date as week,
        page_id,
    from raw.activities
    where author_key in (from named_keys)
    union
    select
        activity_id,
        organization_id,
        channel_id,
        date_trunc('week', coalesce(occurred_at, first_seen_at))::date as week,
        page_id,
    from raw.former_activities
    where author_key in (from named_keys)
    """,
)
_ERASE_PERSON = (
    "insert into raw.erasures values ($moment::timestamp, 'person')",
    """
    insert into raw.erased_weeks
    select distinct organization_id, week, $moment::timestamp from erased
    """,
    """
    insert into raw.purged_pages
    select distinct page_id
    from erased
    where page_id <> '' and page_id not in (from raw.purged_pages)
    """,
    "insert into raw.touched_weeks select distinct organization_id, week from erased",
    """
    delete from facts.acts where act_key in (select hash(activity_id) from erased)
    """,
    """
    delete from facts.answers
    where
        act_key in (select hash(activity_id) from erased)
        or answer_key in (select hash(activity_id) from erased)
    """,
    *(f"delete from {table}" for table in _WORKING),  # noqa: S608 - our own tables
    "delete from raw.former_counts where activity_id in (select activity_id from erased)",
    "delete from raw.deletions where activity_id in (select activity_id from erased)",
    """
    delete from raw.former_activities
    where
        author_key in (from named_keys)
        or activity_id in (select activity_id from erased)
    """,
    "delete from raw.activities where activity_id in (select activity_id from erased)",
    """
    update raw.activities set parent_id = privacy.blurred(parent_id)
    where parent_id in (select activity_id from erased)
    """,
    """
    update raw.former_activities set parent_id = privacy.blurred(parent_id)
    where parent_id in (select activity_id from erased)
    """,
)


@dataclass(frozen=True, slots=True)
class FoundActs:
    """What a person did, as far as the warehouse knows."""

    activity_ids: dict[str, str]  #: with what stands for each where it was answered
    channel_ids: frozenset[str]  #: where


def acts_of(connection: Connection, keys: Iterable[str]) -> FoundActs:
    """Find what was done by whoever has one of these keys."""
    _find(connection, keys)
    rows = connection.execute(
        "select activity_id, privacy.blurred(activity_id), channel_id from erased"
    ).fetchall()
    return FoundActs({row[0]: row[1] for row in rows}, frozenset(row[2] for row in rows))


def erase_person(connection: Connection, keys: Iterable[str], moment: datetime) -> int:
    """Remove every row of whoever has one of these keys; returns how many acts there were.

    What was answered to them stays, and leads to nothing any more. The next build counts without.

    Args:
        connection: the warehouse, open for writing, with the secret for blurring bound.
        keys: of the person, in all periods.
        moment: now (UTC, without zone).
    """
    with transaction(connection):
        _find(connection, keys)
        (count,) = connection.execute("select count(*) from erased").fetchone() or (0,)
        if count:
            for statement in _ERASE_PERSON:
                given = {"moment": moment} if "$moment" in statement else None
                connection.execute(statement, given)
    return int(count)


def channels_of(connection: Connection, organization_id: str) -> dict[str, str]:
    """All channels that an organization ever had, with their addresses."""
    found = connection.execute(
        "select channel_id, address from raw.channels where organization_id = $id "
        "union select channel_id, address from raw.former_channels where organization_id = $id",
        {"id": organization_id},
    ).fetchall()
    return dict(found)


def erase_organization(
    connection: Connection, organization_id: str, channel_ids: Iterable[str], moment: datetime
) -> dict[str, int]:
    """Remove every row of an organization from every table; returns how many, by table."""
    given: dict[str, str | list[str]] = {
        "organization_id": organization_id,
        "channel_ids": sorted(channel_ids),
    }
    tables = list(_tables(connection))
    counts: dict[str, int] = {}
    with transaction(connection):
        for conditions in (_LED, _OWNED):
            for table in tables:
                condition = _condition(table, tables, conditions)
                if condition:
                    counts[table.name] = counts.get(table.name, 0) + _delete(
                        connection, table.name, condition, given
                    )
        if any(counts.values()):
            connection.execute("insert into raw.erasures values (?, 'organization')", [moment])
    return {name: count for name, count in counts.items() if count}


def redact(connection: Connection, words: Iterable[str], names: Iterable[str]) -> int:
    """Take words out of every text in the warehouse; returns how many values changed.

    Args:
        connection: the warehouse, open for writing.
        words: what names somebody and nobody else, wherever it stands.
        names: what names somebody in what people read, and may mean something else elsewhere.
    """
    given = tuple(words)
    anywhere, in_texts = alternatives(given), alternatives((*given, *names))
    return sum(
        _redact(connection, table.name, column, in_texts if column in FREE_TEXTS else anywhere)
        for table in _tables(connection)
        for column in table.texts
        if not column.endswith(_CODES)
    ) + sum(
        _redact_list(connection, table.name, column, anywhere)
        for table in _tables(connection)
        for column in table.lists
    )


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: frozenset[str]
    texts: tuple[str, ...]
    lists: tuple[str, ...]


def _find(connection: Connection, keys: Iterable[str]) -> None:
    for statement in _FIND_PERSON:
        given = {"keys": sorted(keys)} if "$keys" in statement else None
        connection.execute(statement, given)


def _tables(connection: Connection) -> Iterator[_Table]:
    for schema, table, columns, texts, lists in connection.execute(_TABLES).fetchall():
        yield _Table(
            f"{schema}.{table}", frozenset(columns), tuple(texts or ()), tuple(lists or ())
        )


def _condition(table: _Table, tables: list[_Table], conditions: dict[str, str]) -> str:
    """When a row of a table is an organization's; "" where no row can be."""
    own = [condition for column, condition in conditions.items() if column in table.columns]
    names = {each.name for each in tables}
    there = [c for c in own if "raw.alerts" not in c or "raw.alerts" in names]
    if conditions is _LED and table.columns & set(_OWNED):
        return ""
    return " or ".join(there)


def _delete(
    connection: Connection, table: str, condition: str, given: dict[str, str | list[str]]
) -> int:
    asked = {name: value for name, value in given.items() if f"${name}" in condition}
    found = connection.execute(
        f"delete from {table} where {condition}",  # noqa: S608 - our own words
        asked,
    ).fetchone()
    return int(found[0]) if found else 0


#: The database knows no look behind: what stands before a word is taken along and put back.
_CLEAN = "regexp_replace({value}, '(^|[^\\w-])(?:' || $words || ')($|[^\\w-])', '\\1…\\2', 'gi')"
_NAMED = "regexp_matches({value}, '(^|[^\\w-])(?:' || $words || ')($|[^\\w-])', 'i')"


def _redact(connection: Connection, table: str, column: str, words: str) -> int:
    if not words:
        return 0
    value = f'"{column}"'
    found = connection.execute(
        f"update {table} set {value} = {_CLEAN.format(value=value)} "  # noqa: S608 - our own tables
        f"where {_NAMED.format(value=value)}",
        {"words": words},
    ).fetchone()
    return int(found[0]) if found else 0


def _redact_list(connection: Connection, table: str, column: str, words: str) -> int:
    if not words:
        return 0
    clean, named = _CLEAN.format(value="part"), _NAMED.format(value="part")
    found = connection.execute(
        f'update {table} set "{column}" = list_transform("{column}", lambda part: {clean}) '  # noqa: S608
        f'where list_bool_or(list_transform("{column}", lambda part: {named}))',
        {"words": words},
    ).fetchone()
    return int(found[0]) if found else 0


def forget_models(connection: Connection, versions: Iterable[str]) -> None:
    """Take models off the register; where the current one goes, the cold start comes back."""
    connection.execute(
        "delete from estimates.models where model_version in (select unnest($versions::varchar[]))",
        {"versions": list(versions)},
    )
