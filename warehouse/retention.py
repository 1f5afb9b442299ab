"""What leaves the archive: responses of places where people speak, and all that was deleted.

The rows that a response gave hold keyed hashes instead of people, and no words (rules R3 and
R5); they stay, and stand in for the response. A batch that has lost a response says so in its
file, and is loaded from its rows from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.archive import ABSENCES_NAME, rewrite_pages
from warehouse.durable import write_file
from warehouse.landing import SCHEMAS, blank

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime
    from pathlib import Path

    from warehouse.db import Connection

_MARK = b"barograph.bodies_removed_at"
#: Response headers that stay: how the exchange went. No cookies, and nothing that we do not know.
_KEPT_HEADERS = {
    *("age", "cache-control", "content-encoding", "content-length", "content-type", "date"),
    *("etag", "expires", "last-modified", "link", "retry-after", "server", "vary"),
    *("x-wp-total", "x-wp-totalpages"),
}
_KEPT_PREFIXES = ("ratelimit", "x-ratelimit")
#: What stays of a deleted activity: that it was there, so that a replay counts as the run did.
_IDENTITY = {"activity_id", "channel_id", "organization_id", "page_id", "first_seen_at"}
_WITHDRAWN = """
    select
        deletions.activity_id,
        deletions.channel_id,
        deletions.observed_at,
        deletions.reason,
        deletions.page_id,
        parse_filename(attempts.archive_file, true) as batch,
    from raw.deletions
    join raw.attempts using (page_id)
    join raw.landed_files on landed_files.file_id = parse_filename(attempts.archive_file, true)
    where
        ($since is null or landed_files.loaded_at >= $since)
        and deletions.activity_id not in (select activity_id from raw.activities)
    order by deletions.observed_at
"""
_HOLDERS = """
    select distinct filename, activity_id, channel_id
    from read_parquet($files, filename = true, union_by_name = true)
    where activity_id in (select unnest($wanted)) and kind <> ''
"""


class Withdrawal(NamedTuple):
    """An activity that its source has deleted; `batch` is where that was seen."""

    activity_id: str
    channel_id: str
    observed_at: datetime  #: UTC without zone, as stored
    reason: str
    page_id: str
    batch: str


class Holder(NamedTuple):
    """A file of kept rows with an activity in it, and the channel that it is under there."""

    file: str
    activity_id: str
    channel_id: str


def is_purged(path: Path) -> bool:
    """Whether a batch of exchanges has lost responses, and is to be loaded from its rows."""
    return _MARK in (pq.read_schema(path).metadata or {})


def doomed_exchanges(path: Path, is_doomed: Callable[[str, datetime], bool]) -> list[bool]:
    """Which exchanges of a batch are to lose their responses, in their order.

    `is_doomed` tells by the channel and the moment of the exchange (UTC, without zone).
    """
    with pq.ParquetFile(path) as file:
        keys = file.read(["channel_id", "fetched_at"], use_threads=False).to_pydict()
    return list(map(is_doomed, keys["channel_id"], keys["fetched_at"]))


def count_bodies(path: Path, is_doomed: Callable[[str], bool]) -> int:
    """How many exchanges of some channels in a batch have their responses still."""
    import pyarrow.compute as pc  # not at every start of a command: it takes 70 ms

    with pq.ParquetFile(path) as file:
        table = file.read(["channel_id", "body"], use_threads=False)
    there = pc.is_valid(table["body"]).to_pylist()
    names = table["channel_id"].to_pylist()
    return sum(map(is_doomed, (n for n, has_body in zip(names, there, strict=True) if has_body)))


def remove_responses(path: Path, doomed: Sequence[bool], moment: datetime) -> None:
    """Remove bodies, and headers that are not known to be harmless, from a batch of exchanges.

    Args:
        path: the batch; its rows must be kept already.
        doomed: which of its exchanges, in their order.
        moment: now, for the mark.
    """
    if not any(doomed):
        return
    with pq.ParquetFile(path) as file:
        table = file.read(use_threads=False)
    mask = pa.array(doomed)
    metadata = table.schema.metadata or {}
    if _MARK not in metadata or _has_bodies(table, mask):
        table = _without_responses(table, doomed)
        rewrite_pages(path, table.replace_schema_metadata({**metadata, _MARK: moment.isoformat()}))


def blank_details(path: Path, is_due: Callable[[str], bool]) -> None:
    """Leave of where conversations were read that they were: an address of one names an act.

    `is_due` tells by the channel.
    """
    with pq.ParquetFile(path) as file:
        table = file.read(use_threads=False)
    if "purpose" not in table.column_names:  # of before there were details
        return
    keys = table.select(["channel_id", "purpose", "requested_url"]).to_pylist()
    doomed = [
        row["purpose"] == "detail" and bool(row["requested_url"]) and is_due(row["channel_id"])
        for row in keys
    ]
    if any(doomed):
        for name, nothing in (("requested_url", ""), ("url", ""), ("redirects", [])):
            values = zip(table[name].to_pylist(), doomed, strict=True)
            kept = [nothing if is_doomed else value for value, is_doomed in values]
            field = table.schema.field(name)
            place = table.schema.get_field_index(name)
            table = table.set_column(place, field, pa.array(kept, field.type))
        rewrite_pages(path, table)


def _has_bodies(table: pa.Table, mask: pa.Array) -> bool:
    import pyarrow.compute as pc  # not at every start of a command: it takes 70 ms

    return bool(pc.any(pc.and_(mask, pc.is_valid(table["body"]))).as_py())


def _without_responses(table: pa.Table, doomed: Sequence[bool]) -> pa.Table:
    kept_bodies = table["body"].to_pylist()
    bodies = pa.array(
        [None if is_doomed else body for body, is_doomed in zip(kept_bodies, doomed, strict=True)],
        pa.binary(),
    )
    pairs = zip(table["headers"].to_pylist(), doomed, strict=True)
    headers = [_harmless(kept) if is_doomed else kept for kept, is_doomed in pairs]
    changed = {"body": bodies, "headers": pa.array(headers, table.schema.field("headers").type)}
    for name, column in changed.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), column)
    return table


def _harmless(headers: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [header for header in headers if _is_harmless(header["name"])]


def _is_harmless(name: str) -> bool:
    return name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIXES)


def last_loaded(connection: Connection) -> datetime | None:
    """When a batch was last loaded; None when there is none."""
    found = connection.execute("select max(loaded_at) from raw.landed_files").fetchone()
    return cast("datetime | None", found[0]) if found else None


def withdrawals(connection: Connection, since: datetime | None) -> list[Withdrawal]:
    """What batches loaded since then (None: ever) saw deleted, and has not come back."""
    found = connection.execute(_WITHDRAWN, {"since": since}).fetchall()
    return [Withdrawal(*row) for row in found]


def holders(
    connection: Connection, files: Sequence[Path], activity_ids: Collection[str]
) -> list[Holder]:
    """The files of kept rows that hold more than the identity of any of these activities."""
    if not files or not activity_ids:
        return []
    given = {"files": list(map(str, files)), "wanted": sorted(activity_ids)}
    return [Holder(*row) for row in connection.execute(_HOLDERS, given).fetchall()]


def write_absences(folder: Path, seen: Sequence[Withdrawal]) -> None:
    """Write down among a batch's rows what it saw no longer where it had been.

    To see that again, a replay would need the times and threads of what has been deleted.
    """
    path = folder / ABSENCES_NAME
    rows = pq.read_table(path).to_pylist() if path.exists() else []
    known = {row["activity_id"] for row in rows}
    schema = SCHEMAS["deletions"]
    fresh = [one._asdict() for one in seen if one.activity_id not in known]
    rows += [{name: row[name] for name in schema.names} for row in fresh]
    if fresh:
        table = pa.Table.from_pylist(rows, schema)
        write_file(path, lambda file: pq.write_table(table, file))


def withdraw(path: Path, activity_ids: Collection[str]) -> None:
    """Leave of some activities nothing but their identity in a file of kept rows."""
    with pq.ParquetFile(path) as file:
        table = file.read(use_threads=False)
    rows: list[dict[str, Any]] = table.to_pylist()
    empty = {f.name: blank(f.type) for f in table.schema if f.name not in _IDENTITY}
    emptied = [row | empty if row["activity_id"] in activity_ids else row for row in rows]
    changed = pa.Table.from_pylist(emptied, table.schema)
    write_file(path, lambda file: pq.write_table(changed, file, compression="lz4"))


def quiet_channels(connection: Connection) -> tuple[set[str], bool]:
    """The channels where nobody but the organization speaks, and whether there are no others."""
    found = connection.execute(
        "select channel_id, coalesce(shows_dialogue, true) "
        "from raw.channels left join raw.sources using (source)"
    ).fetchall()
    quiet = {channel_id for channel_id, is_loud in found if not is_loud}
    return quiet, len(quiet) == len(found)
