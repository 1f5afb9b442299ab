"""From staged parts to the archive and the warehouse, each part whole or not at all.

The rows of a part are kept in the archive first, then the record of where they came from, then
they are loaded; a crash in between is mended by the next run, like that of a collection. The
user's file itself is not kept: it may hold texts and names of people. What is known already
stays as it is, so that importing a file twice, or two that overlap, doubles nothing. The span
that a file covers is told with its last part, when everything in it is in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.contract import Outcome
from flows.retention import keep_rows
from warehouse.archive import PAGE_SCHEMA, rewrite_pages
from warehouse.landing import SCHEMAS, land_again
from warehouse.load import load_landed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from connectors.contract import Channel
    from flows.importing.gathering import SeenChannel
    from flows.importing.staging import Part
    from flows.project import Project
    from flows.runs import Run
    from warehouse.db import Connection

#: What the attempt of an import was for; it says nothing of what a platform answers.
PURPOSE = "import"
#: A batch without responses is loaded from its kept rows (see `warehouse.retention`).
_WITHOUT_RESPONSES = "barograph.bodies_removed_at"
_OWN_ACTS = """
    create or replace temp table import_own_acts as
    select activity_id
    from read_parquet($parts)
    where direction = 'by_organization'
    union
    select activity_id
    from raw.activities
    where direction = 'by_organization'
"""
#: Of each row that is the first of its identity: is it news, and to whom does it speak? An
#: outsider's reply speaks to whom it answers.
_ACTIVITIES = """
    create or replace temp table imported as
    with staged as (
        select
            activity_id,
            channel_id,
            parent_id,
            asks_parent,
            direction,
            file_row_number,
        from read_parquet($part, file_row_number = true)
    ),

    firsts as (
        select min(file_row_number) as file_row_number
        from staged
        group by activity_id
    )

    select
        staged.file_row_number,
        staged.channel_id,
        case
            when staged.asks_parent and own.activity_id is null then 'among_others'
            else staged.direction
        end as direction,
        known.activity_id is not null as is_known,
        known.activity_id is null and gone.activity_id is not null as is_gone,
    from staged
    semi join firsts on staged.file_row_number = firsts.file_row_number
    left join import_own_acts as own on staged.parent_id = own.activity_id
    left join raw.activities as known on staged.activity_id = known.activity_id
    left join (select distinct activity_id from raw.deletions) as gone
        on staged.activity_id = gone.activity_id
"""
_PRESENCES = """
    create or replace temp table imported as
    with staged as (
        select
            channel_id,
            observed_at,
            file_row_number,
        from read_parquet($part, file_row_number = true)
        where observed_at is not null
    ),

    firsts as (
        select min(file_row_number) as file_row_number
        from staged
        group by channel_id, observed_at
    )

    select
        staged.file_row_number,
        staged.channel_id,
        known.channel_id is not null as is_known,
        false as is_gone,
    from staged
    semi join firsts on staged.file_row_number = firsts.file_row_number
    left join (select distinct channel_id, observed_at from raw.presences) as known
        on staged.channel_id = known.channel_id and staged.observed_at = known.observed_at
"""
_KNOWN_PERIODS = "select channel_id, from_at, until_at, is_dialogue_whole from raw.periods"


@dataclass(slots=True)
class Landed:
    """What loading an import did, so far."""

    added_count: int = 0
    known_count: int = 0
    gone_count: int = 0
    repeated_count: int = 0


@dataclass(slots=True)
class Harbour:
    """Brings the staged parts of one import home."""

    project: Project
    connection: Connection
    run: Run
    channels: Mapping[str, Channel]
    sizes: Mapping[str, int] = field(default_factory=dict)  #: bytes of each file, by name
    landed: Landed = field(default_factory=Landed)

    def prepare(self, parts: Sequence[Part], *, asks_parents: bool) -> None:
        """Learn which acts are the organizations' own, where replies depend on it."""
        self.connection.execute(
            "create or replace temp table import_own_acts (activity_id varchar)"
        )
        paths = [str(part.path) for part in parts if part.table == "activities"]
        if asks_parents and paths:
            self.connection.execute(_OWN_ACTS, {"parts": paths})

    def look(self, part: Part) -> list[str]:
        """Compare a part with what is known, and count; returns the channels in it."""
        query = _ACTIVITIES if part.table == "activities" else _PRESENCES
        self.connection.execute(query, {"part": str(part.path)})
        counted = self.connection.execute(
            "select count(*), count(*) filter (is_known), count(*) filter (is_gone) from imported"
        ).fetchone()
        count, known, gone = counted or (0, 0, 0)
        self.landed.added_count += count - known - gone
        self.landed.known_count += known
        self.landed.gone_count += gone
        self.landed.repeated_count += part.row_count - count
        found = self.connection.execute("select distinct channel_id from imported order by 1")
        return [name for (name,) in found.fetchall()]

    def bring(self, part: Part, number: int, seen: Sequence[SeenChannel], staging: Path) -> None:
        """Archive and load one part; `seen` tells, with the last one, which spans are covered."""
        batch = f"{self.run.run_id}-{number:05d}-0"
        spoken = (one.tally.channel.channel_id for one in seen if one.period)
        names = sorted({*self.look(part), *spoken})
        attempts = [self._attempt(name, batch, part) for name in names]
        folder = staging / batch
        folder.mkdir()
        self._write(folder, "attempts", attempts)
        self._write_rows(folder, part, batch)
        self._write(folder, "periods", self._periods(seen, batch))
        self.project.archive.keep_rows(folder)
        self._write_pages(batch, attempts)
        again = land_again(self.project.landing, self.project.archive.rows_path(batch))
        load_landed(self.connection, again, self.run.run_id)
        keep_rows(self.project, self.connection, again)

    def _write_rows(self, folder: Path, part: Part, batch: str) -> None:
        """What is new of the part that was last looked at."""
        fresh = "from imported where not is_known and not is_gone"
        found = self.connection.execute(f"select count(*) {fresh}").fetchone()
        if not found or not found[0]:
            return
        names = ", ".join(_expression(name, batch) for name in SCHEMAS[part.table].names)
        source, target = _literal(part.path), _literal(folder / f"{part.table}.parquet")
        self.connection.execute(
            f"copy (select {names} from read_parquet({source}, file_row_number = true) as staged "  # noqa: S608 - our own columns
            f"join (select * {fresh}) as news using (file_row_number)) "
            f"to {target} (format parquet)"
        )

    def _write(self, folder: Path, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            made = pa.Table.from_pylist([dict(row) for row in rows], SCHEMAS[table])
            pq.write_table(made, folder / f"{table}.parquet", compression="lz4")

    def _write_pages(self, batch: str, attempts: Sequence[Mapping[str, Any]]) -> None:
        """That there was an import: from here on a crash loses nothing of the part."""
        path = self.project.archive.pages_path(batch, self.run.started_at)
        known = set(PAGE_SCHEMA.names)
        rows = [{k: v for k, v in row.items() if k in known} for row in attempts]
        full = [
            {**row, "status": 0, "headers": [], "body_sha256": "", "context": ""} for row in rows
        ]
        made = pa.Table.from_pylist(full, PAGE_SCHEMA)
        mark = {_WITHOUT_RESPONSES: self.run.started_at.isoformat()}
        rewrite_pages(path, made.replace_schema_metadata(mark))

    def _attempt(self, name: str, batch: str, part: Part) -> dict[str, Any]:
        path = self.project.archive.pages_path(batch, self.run.started_at)
        return {
            "page_id": page_id(batch, name),
            "run_id": self.run.run_id,
            "channel_id": name,
            "organization_id": self.channels[name].organization_id,
            "requested_url": part.origin,
            "url": part.origin,
            "redirects": [],
            "status_code": 0,
            "outcome": Outcome.OK.value,
            "error": "",
            "is_conditional": False,
            "fetched_at": self._moment,
            "elapsed_ms": 0,
            "byte_count": self.sizes.get(part.origin, 0),
            "archive_file": self.project.archive.relative(path),
            "purpose": PURPOSE,
        }

    @property
    def _moment(self) -> Any:  # noqa: ANN401 - UTC without zone, as stored
        return self.run.row()["started_at"]

    def _periods(self, seen: Sequence[SeenChannel], batch: str) -> list[dict[str, Any]]:
        """The spans that no earlier import has told."""
        known = set(self.connection.execute(_KNOWN_PERIODS).fetchall())
        found = {(one.tally.channel.channel_id, one.period) for one in seen}
        told = [(name, period) for name, period in found if period is not None]
        return [
            {
                "channel_id": name,
                "from_at": one.from_at,
                "until_at": one.until_at,
                "observed_at": self._moment,
                "is_dialogue_whole": one.is_dialogue_whole,
                "page_id": page_id(batch, name),
            }
            for name, one in sorted(told, key=lambda pair: (pair[0], pair[1].from_at))
            if (name, one.from_at, one.until_at, one.is_dialogue_whole) not in known
        ]


def _expression(name: str, batch: str) -> str:
    """What a column of the landed table is made of."""
    if name == "page_id":
        return f"md5('{batch}' || staged.channel_id) as page_id"
    return "news.direction" if name == "direction" else f"staged.{name}"


def _literal(path: Path) -> str:
    escaped = str(path).replace("'", "''")
    return f"'{escaped}'"


def page_id(batch: str, channel_id: str) -> str:
    """What a part of a file is called among the pages: one for each channel in it."""
    return hashlib.md5(f"{batch}{channel_id}".encode(), usedforsecurity=False).hexdigest()
