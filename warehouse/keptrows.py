"""Rows that are kept in the archive in place of responses: what of them goes after its time.

They are rewritten by the database, a file in one step, so that batches of any size are thinned
alike.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq

from warehouse.archive import ABSENCES_NAME
from warehouse.durable import write_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from warehouse.db import Connection

#: Files whose rows are about single acts, but for the acts themselves.
_ABOUT_ACTS = ("threads.parquet", "deletions.parquet", "extents.parquet", ABSENCES_NAME)
_CLOSED = """
    create or replace temp table closed_weeks as
    select distinct
        channel_id,
        week,
    from raw.purged_weeks
    where person_act_count > 0
"""
#: Shells of what was deleted at its source have no kind; they go with their batch.
_IS_CLOSED = """
    author_role <> 'organization'
    and kind <> ''
    and (channel_id, date_trunc('week', coalesce(occurred_at, first_seen_at))::date) in (
        select (channel_id, week) from closed_weeks
    )
"""
_HOLDING = f"""
    select distinct filename
    from read_parquet($files, filename = true, union_by_name = true)
    where {_IS_CLOSED}
    order by filename
"""  # noqa: S608 - our own words
_ALIVE = """
    create or replace temp table alive as
    select
        activity_id,
        first_seen_at,
    from raw.activities
    where activity_id in (
        select activity_id from read_parquet($files, union_by_name = true)
    )
"""
#: Of an act that came back after it had been deleted, what was seen before is over.
_STAYS = """
    exists (
        from alive
        where alive.activity_id = rows.activity_id and rows.first_seen_at >= alive.first_seen_at
    )
"""
_CURSORS = """
    select * exclude (filename)
    from read_parquet($files, filename = true, union_by_name = true)
    qualify row_number() over (
        partition by channel_id order by parse_path(filename)[-2] desc
    ) = 1
"""


class Scope(NamedTuple):
    """Which rows of a batch have been kept for their time: those of some channels, or all."""

    channel_ids: Collection[str] | None = None

    def holds(self, channel_id: str) -> bool:
        """Whether rows of a channel are among them."""
        return self.channel_ids is None or channel_id in self.channel_ids

    @property
    def query(self) -> str:
        """A condition on the column `channel_id`."""
        if self.channel_ids is None:
            return "true"
        return f"channel_id in ({', '.join(map(_quoted, sorted(self.channel_ids)))})"


def thin_closed_weeks(connection: Connection, files: Sequence[Path]) -> int:
    """Remove what persons did in purged weeks from files of kept acts; returns how many changed."""
    if not files:
        return 0
    connection.execute(_CLOSED)
    found = connection.execute(_HOLDING, {"files": list(map(str, files))}).fetchall()
    for (name,) in found:
        path = next(file for file in files if str(file) == name)
        rewrite(connection, path, f"not coalesce({_IS_CLOSED}, false)")
    return len(found)


def thin_batches(connection: Connection, folders: Iterable[Path], scope: Scope) -> None:
    """Leave of batches that have been kept for their time nothing about single acts.

    An act that the warehouse still has stays, for its source has shown it since.
    """
    kept = list(folders)
    files = [path for folder in kept if (path := folder / "activities.parquet").exists()]
    if files:
        connection.execute(_ALIVE, {"files": list(map(str, files))})
    for path in files:
        rewrite(connection, path, f"not ({scope.query}) or {_STAYS}")
    for folder in kept:
        _thin_others(connection, folder, scope)


def _thin_others(connection: Connection, folder: Path, scope: Scope) -> None:
    _blank_details(connection, folder / "attempts.parquet", scope)
    names = _ABOUT_ACTS if scope.channel_ids is None else (*_ABOUT_ACTS, "presences.parquet")
    for path in (folder / name for name in names):
        if path.exists() and scope.channel_ids is None:
            path.unlink()
        elif path.exists():
            rewrite(connection, path, f"not ({scope.query})")


def _blank_details(connection: Connection, path: Path, scope: Scope) -> None:
    """Leave of where conversations were read that they were: an address of one names an act."""
    if not path.exists() or "purpose" not in pq.read_schema(path).names:
        return
    is_old = f"purpose = 'detail' and requested_url <> '' and ({scope.query})"
    source = f"from read_parquet({_quoted(str(path))})"
    if connection.execute(f"{source} where {is_old} limit 1").fetchone():
        blank = ", ".join(
            f"case when {is_old} then {nothing} else {name} end as {name}"
            for name, nothing in (
                ("url", "''"),
                ("redirects", "cast([] as varchar[])"),
                ("requested_url", "''"),
            )
        )
        write_file(path, partial(_copy, connection, f"select * replace ({blank}) {source}"))


def rewrite(connection: Connection, path: Path, stays: str) -> None:
    """Leave in a Parquet file the rows for which a condition on `rows` holds."""
    source = _quoted(str(path))
    query = f"from read_parquet({source}) as rows where {stays}"
    all_stay = (
        f"select bool_and(stays) from (select {stays} as stays from read_parquet({source}) as rows)"  # noqa: S608 - our own words
    )
    if connection.execute(all_stay).fetchone() not in {(True,), (None,)}:
        write_file(path, partial(_copy, connection, query))


def _copy(connection: Connection, query: str, path: Path) -> None:
    connection.execute(f"copy ({query}) to {_quoted(str(path))} (format parquet, compression zstd)")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def cursors_before(connection: Connection, files: Sequence[Path]) -> list[dict[str, Any]]:
    """The cursors of all channels after the last of some batches; files are named in their order.

    Times are without zone.
    """
    if not files:
        return []
    result = connection.execute(_CURSORS, {"files": list(map(str, files))})
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
