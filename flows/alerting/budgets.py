"""What servers said of their budgets in the last run, from the headers of archived answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.fetching.budgets import server_of
from connectors.fetching.ratelimit import declared, declares
from flows.clock import naive
from flows.rows import exchange_from_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime
    from pathlib import Path

    from warehouse.archive import Archive

_LONGEST_SECONDS = 31 * 86400.0  # as holds last at most
_MARK = "limit"  # stands in the name of every header that tells of a budget
#: Where the budget stands in the body, so that bodies must be read too.
BODY_SOURCES = frozenset({"stackexchange"})


class Told(NamedTuple):
    """A budget as a server told it last: requests left of most, until a moment (UTC, no zone)."""

    channel_id: str
    server: str
    remaining: float
    most: float
    resets_at: datetime | None


def told_budgets(
    archive: Archive, run_id: str, started_at: datetime, body_channels: Collection[str] = ()
) -> list[Told]:
    """The last word of each server on each of its budgets, in one run.

    Args:
        archive: where the run's answers are.
        run_id: the run.
        started_at: of the run, which names the folder.
        body_channels: channels whose answers tell it in the body.
    """
    last: dict[tuple[str, str], tuple[datetime, Told]] = {}
    for path in sorted(archive.pages_folder(started_at.date()).glob(f"{run_id}-*.parquet")):
        for row in _telling_rows(path, body_channels):
            for name, moment, told in _told(row):
                key = (told.server, name)
                if key not in last or last[key][0] <= moment:
                    last[key] = (moment, told)
    return [told for _, told in last.values()]


def _telling_rows(path: Path, body_channels: Collection[str]) -> Iterator[dict[str, Any]]:
    """Rows of a batch that may tell of a budget; most do not, and bodies are large."""
    with pq.ParquetFile(path) as file:
        names = [name for name in file.schema_arrow.names if name != "body"]
        table = file.read(names, use_threads=False)
        yield from ({**row, "body": None} for row in _with_limits(table).to_pylist())
        wanted = pc.is_in(table["channel_id"], pa.array(sorted(body_channels), pa.string()))
        if pc.any(wanted).as_py():
            bodies = file.read(use_threads=False).filter(wanted).to_pylist()
            yield from (row for row in bodies if declares((), row["body"] or b""))


def _with_limits(table: pa.Table) -> pa.Table:
    """The rows of which a header's name speaks of a limit."""
    headers = table["headers"].combine_chunks()
    names = pc.struct_field(pc.list_flatten(headers), "name")
    speaks = pc.match_substring(names, _MARK)
    rows = pc.filter(pc.list_parent_indices(headers), speaks)
    return table.take(pc.unique(rows))


def _told(row: dict[str, Any]) -> Iterator[tuple[str, datetime, Told]]:
    exchange = exchange_from_row(row)
    for one in declared(exchange):
        if one.limit:
            after = (
                None
                if one.seconds is None
                else timedelta(seconds=min(one.seconds, _LONGEST_SECONDS))
            )
            resets_at = None if after is None else naive(exchange.fetched_at + after)
            server = server_of(exchange.url)
            told = Told(exchange.channel_id, server, one.remaining, one.limit, resets_at)
            yield one.name, exchange.fetched_at, told
