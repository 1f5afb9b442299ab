"""What the warehouse knows of organizations, channels, runs and cursors."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from warehouse.db import Connection, WarehouseBusyError, transaction
from warehouse.writers import is_at_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

_ORGANIZATION = (
    "organization_id",
    "name",
    "industry",
    "size_class",
    "country",
    "timezone",
    "homepage",
    "groups",
)
#: Of columns that are no text, type and the value of what is not given.
_TYPES, _BLANK = {"groups": pa.list_(pa.string())}, {"groups": ()}
#: Before its end a run may be marked as what it is about to end as, for those who read of it.
_UNFINISHED = "ended_at is null and state <> 'interrupted'"
_CHANNEL = (
    "channel_id",
    "organization_id",
    "source",
    "address",
    "role",
    "function",
    "region",
    "evidence",
)


def register_organizations(
    connection: Connection,
    records: Sequence[Mapping[str, Any]],
    listed_at: datetime,
    listed_by: str = "list",
) -> None:
    """Bring the tables of organizations and channels up to a list, as of `listed_at` (UTC).

    What is no longer on the list keeps its rows with an older `last_listed_at`. What an import
    brought (`listed_by` "import") stays listed, and an import takes nothing off the list. What a
    row was before it changed is kept.
    """
    channels = [channel for record in records for channel in record["channels"]]
    with transaction(connection):
        moment = _reading(connection, listed_at)
        for table, key, columns, rows in (
            ("organizations", "organization_id", _ORGANIZATION, records),
            ("channels", "channel_id", _CHANNEL, channels),
        ):
            _register(connection, _Register(table, key, columns, listed_by), rows, moment)
        connection.execute(
            "insert into raw.list_readings select $listed_at "
            "where $listed_at not in (select listed_at from raw.list_readings)",
            {"listed_at": moment},
        )


def _reading(connection: Connection, listed_at: datetime) -> datetime:
    """The moment of a reading: never before the last one, should the clock have gone back."""
    (last,) = connection.execute("select max(listed_at) from raw.list_readings").fetchone() or ()
    moment = listed_at.astimezone(UTC).replace(tzinfo=None)
    return max(moment, last) if last else moment


class _Register(NamedTuple):
    table: str
    key: str
    columns: tuple[str, ...]
    listed_by: str

    def statements(self) -> Iterator[str]:
        """Keep what changes, mark what is to be built again, then bring the rows up to date."""
        was = ", ".join(f"known.{name}" for name in self.columns)
        given = ", ".join(f"listed.{name}" for name in self.columns)
        updates = [f"{name} = listed.{name}" for name in self.columns if name != self.key]
        words = {
            "table": self.table,
            "key": self.key,
            "columns": ", ".join(self.columns),
            "given": given,
            "updates": ", ".join(updates),
            "listed_by": self.listed_by,
            "is_changed": f"(({was}) is distinct from ({given}) or {_IS_ABSENT})",
            # an import knows less of what a list names
            "is_newer": "" if self.listed_by == "list" else f"and {_IS_IMPORTED}",
            "stays": "listed_by = 'import'" if self.listed_by == "list" else _IS_LISTED,
        }
        return (template.format(**words) for template in _REGISTERING)


_IS_ABSENT = "known.last_listed_at < (select max(listed_at) from raw.list_readings)"
_IS_LISTED = "known.last_listed_at = (select max(listed_at) from raw.list_readings)"
_IS_IMPORTED = f"(known.listed_by = 'import' or {_IS_ABSENT})"
_REGISTERING = (
    """
    insert into raw.former_{table} by name
    select known.*, $listed_at as known_until
    from raw.{table} as known
    join listed on known.{key} = listed.{key}
    where {is_changed}
    """,
    """
    insert into raw.touched_weeks
    select distinct listed.organization_id, null::date
    from listed
    left join raw.{table} as known on known.{key} = listed.{key}
    where known.{key} is null or {is_changed}
    """,
    """
    merge into raw.{table} as known
    using listed
    on known.{key} = listed.{key}
    when matched {is_newer} then update set
        {updates}, listed_by = '{listed_by}', last_listed_at = $listed_at
    when not matched then
        insert ({columns}, listed_by, first_listed_at, last_listed_at)
        values ({given}, '{listed_by}', $listed_at, $listed_at)
    """,
    "update raw.{table} as known set last_listed_at = $listed_at where {stays}",
    # what this list no longer names
    f"""
    insert into raw.touched_weeks
    select distinct known.organization_id, null::date
    from raw.{{table}} as known
    where known.last_listed_at < $listed_at and {_IS_LISTED}
    """,  # noqa: S608 - our own words
)


def _register(
    connection: Connection,
    register: _Register,
    records: Sequence[Mapping[str, Any]],
    listed_at: datetime,
) -> None:
    # older archives do not know every field
    values_of = {
        name: [r.get(name) or _BLANK.get(name, "") for r in records] for name in register.columns
    }
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in register.columns])
    listed = pa.table(values_of, schema=schema)
    connection.register("listed", listed)
    given = {"listed_at": listed_at}
    for statement in register.statements():
        connection.execute(statement, given if "$listed_at" in statement else None)
    connection.unregister("listed")


def cursor_rows(connection: Connection) -> list[dict[str, Any]]:
    """The cursors of all channels, times without zone."""
    result = connection.execute("select * from raw.cursors")
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def record_run(connection: Connection, record: Mapping[str, Any]) -> None:
    """Insert a run, or bring its row up to date; `record` has columns of `raw.runs`."""
    names = ", ".join(record)
    marks = ", ".join(f"${name}" for name in record)
    with transaction(connection):
        connection.execute("delete from raw.runs where run_id = ?", [record["run_id"]])
        connection.execute(
            f"insert into raw.runs ({names}) values ({marks})",  # noqa: S608 - our own columns
            dict(record),
        )


def run_ends(connection: Connection) -> dict[str, bool]:
    """Whether each known run came to an end or is known to have been killed, by its identifier."""
    found = connection.execute(f"select run_id, not ({_UNFINISHED}) from raw.runs").fetchall()  # noqa: S608 - our own words
    return dict(found)


def mark_interrupted(connection: Connection) -> int:
    """Say of runs that were killed that they were; returns how many there were.

    They have no end, whatever they were about to end as, and no process is at work on them.
    """
    killed = [run_id for run_id in _unfinished(connection) if not is_at_work(connection, run_id)]
    if killed:
        with transaction(connection):
            connection.execute(
                "update raw.runs set state = 'interrupted' "
                "where run_id in (select unnest($killed))",
                {"killed": killed},
            )
    return len(killed)


def refuse_while_others_work(connection: Connection) -> None:
    """Refuse what must not happen between the asking and the loading of another's run.

    Raises:
        WarehouseBusyError: another process is at work on a run, which only a lake allows.
    """
    for run_id in _unfinished(connection):
        if is_at_work(connection, run_id):
            message = f"the run {run_id} is at work on this lake; wait until it has ended"
            raise WarehouseBusyError(message)


def _unfinished(connection: Connection) -> list[str]:
    return [run_id for run_id, is_over in run_ends(connection).items() if not is_over]


def replace_claims(
    connection: Connection, rows: Sequence[Mapping[str, Any]], imported_at: datetime
) -> None:
    """Make the table of claims equal to `rows`; `imported_at` in UTC."""
    with transaction(connection):
        connection.execute("delete from raw.claims")
        _insert(connection, "raw.claims", [{**row, "imported_at": imported_at} for row in rows])


def register_sources(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put records of the terms register into the table of sources, or renew those there.

    Where it changes what may be derived of a source, its organizations are built again.
    """
    with transaction(connection):
        former = _uses(connection)
        for row in rows:
            connection.execute("delete from raw.sources where source = ?", [row["source"]])
        _insert(connection, "raw.sources", rows)
        changed = sorted({str(source) for source, *_ in former ^ _uses(connection)})
        connection.execute(
            "insert into raw.touched_weeks select distinct organization_id, null::date "
            "from raw.channels where source in (select unnest($changed))",
            {"changed": changed},
        )


def _uses(connection: Connection) -> set[tuple[object, ...]]:
    """What the facts depend on."""
    found = connection.execute("select source, may_derive, publishes from raw.sources")
    return set(found.fetchall())


def replace_notice(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Make the public notice equal to `rows`, in their order."""
    numbered = [{**row, "position": number} for number, row in enumerate(rows, start=1)]
    with transaction(connection):
        connection.execute("delete from raw.notice")
        _insert(connection, "raw.notice", numbered)


def replace_statements(
    connection: Connection, table: str, rows: Sequence[Mapping[str, Any]], imported_at: datetime
) -> None:
    """Make the table of corrections or of replies equal to `rows`; `imported_at` in UTC."""
    with transaction(connection):
        connection.execute(f"delete from raw.{table}")  # noqa: S608 - our own tables
        _insert(connection, f"raw.{table}", [{**row, "imported_at": imported_at} for row in rows])


def register_key_periods(connection: Connection, periods: Iterable[tuple[str, datetime]]) -> None:
    """Make known since when (UTC) which source has which key for its people."""
    rows = [
        {"source": source, "used_since": since.astimezone(UTC).replace(tzinfo=None)}
        for source, since in periods
    ]
    with transaction(connection):
        connection.execute("delete from raw.key_periods")
        _insert(connection, "raw.key_periods", rows)


def known_sources(connection: Connection) -> set[str]:
    """Sources of all channels that were ever listed."""
    found = connection.execute("select distinct source from raw.channels").fetchall()
    return {source for (source,) in found}


def unknown_sources(connection: Connection) -> set[str]:
    """Sources of listed channels that the table of sources does not have."""
    found = connection.execute(
        "select distinct source from raw.channels "
        "where source not in (select source from raw.sources)"
    ).fetchall()
    return {source for (source,) in found}


def replace_week(
    connection: Connection, table: str, as_of_week: date, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Replace the rows of one week in a table of schema `estimates`."""
    with transaction(connection):
        connection.execute(
            f"delete from estimates.{table} where as_of_week = ?",  # noqa: S608 - our own table
            [as_of_week],
        )
        _insert(connection, f"estimates.{table}", [{**r, "as_of_week": as_of_week} for r in rows])


def _insert(connection: Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    connection.register("given", pa.Table.from_pylist([dict(row) for row in rows]))
    connection.execute(f"insert into {table} by name from given")
    connection.unregister("given")
