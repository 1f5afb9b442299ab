"""The archive: every response as it came, before anything is made of it.

The archive is the source of truth; the warehouse can be rebuilt from it with the network
shut. It holds one Parquet file (zstd) per batch of responses, one JSON file per run and one
per list of organizations, so that a replay needs nothing else. Where people speak, it also
holds the parsed rows of each batch: they stand in for the responses once those are removed
(`warehouse.retention`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.durable import UNFINISHED_SUFFIX, sync, write_file, write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

# The system's allocator gives memory back between batches; Arrow's own keeps the peak.
pa.set_memory_pool(pa.system_memory_pool())

_TIME = pa.timestamp("us")
_HEADER = pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))
#: One row per exchange. `body` is null where there was none to keep, or the same as before.
PAGE_SCHEMA = pa.schema(
    [
        ("page_id", pa.string()),
        ("channel_id", pa.string()),
        ("requested_url", pa.string()),
        ("url", pa.string()),
        ("redirects", pa.list_(pa.string())),
        ("status", pa.int32()),
        ("headers", _HEADER),
        ("body", pa.binary()),
        ("body_sha256", pa.string()),
        ("fetched_at", _TIME),
        ("elapsed_ms", pa.int64()),
        ("byte_count", pa.int64()),
        ("outcome", pa.string()),
        ("error", pa.string()),
        ("is_conditional", pa.bool_()),
        ("purpose", pa.string()),
        ("context", pa.string()),
    ]
)
_ZSTD_LEVEL = 1
_POISONED_NAME = "poisoned.txt"
#: What a batch saw no longer where it had been, known only when it was loaded.
ABSENCES_NAME = "absences.parquet"


@dataclass(frozen=True, slots=True)
class Archive:
    """The folder of stored responses; names sort in the order in which things happened."""

    folder: Path

    def pages_path(self, name: str, started_at: datetime) -> Path:
        """Where a batch of exchanges is stored: by the day of its run."""
        return self.folder / "pages" / f"{started_at:%Y/%m/%d}" / f"{name}.parquet"

    def write_pages(self, path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
        """Store a batch of exchanges; columns as in `PAGE_SCHEMA`."""
        table = pa.table(dict(columns), schema=PAGE_SCHEMA)
        write_file(path, lambda file: _write_parquet(table, file))

    def page_files(self) -> list[Path]:
        """All batches, oldest first."""
        return sorted((self.folder / "pages").rglob("[!.]*.parquet"), key=lambda path: path.name)

    def pages_folder(self, day: date) -> Path:
        """Where the batches of a day's runs are."""
        return self.folder / "pages" / f"{day:%Y/%m/%d}"

    def days(self) -> list[date]:
        """The days that have batches, oldest first."""
        folders = (self.folder / "pages").glob("[0-9]*/[0-9]*/[0-9]*")
        return sorted(date(*map(int, folder.parts[-3:])) for folder in folders)

    def pages_of(self, days: Iterable[date]) -> Iterator[Path]:
        """The batches of all runs of some days."""
        for day in days:
            yield from sorted(self.pages_folder(day).glob("[!.]*.parquet"))

    def rows_path(self, name: str) -> Path:
        """Where the parsed rows of a batch are kept; its name begins with the day of its run."""
        return self.folder / "rows" / name[:4] / name[4:6] / name[6:8] / name

    def rows_files(self, table: str) -> list[Path]:
        """The rows of one table in all batches that are kept parsed, oldest first."""
        files = (self.folder / "rows").glob(f"*/*/*/[!.]*/{table}.parquet")
        return sorted(files, key=lambda path: path.parent.name)

    def has_rows(self, name: str) -> bool:
        """Whether a batch could be loaded without its responses: every batch has attempts."""
        return (self.rows_path(name) / "attempts.parquet").exists()

    def keep_rows(self, folder: Path) -> None:
        """Take over the rows of a loaded batch from the landing folder.

        They replace the rows that an earlier parse of the batch gave. Until they are in
        place they stay in the landing folder, so that a crash loses nothing.
        """
        target = self.rows_path(folder.name)
        carry_absences(target, folder)
        for file in folder.iterdir():
            sync(file)
        former = target.with_name(f".{target.name}{UNFINISHED_SUFFIX}")
        shutil.rmtree(former, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.rename(former)
        folder.rename(target)
        sync(target.parent)
        shutil.rmtree(former, ignore_errors=True)

    def relative(self, path: Path) -> str:
        """The name by which a batch is known in the warehouse."""
        return path.relative_to(self.folder).as_posix()

    def poison(self, page_ids: Sequence[str]) -> None:
        """Remember pages that kill a parser, so that neither a run nor a replay tries again."""
        known = sorted({*self.poisoned(), *page_ids})
        write_text(self.folder / _POISONED_NAME, "".join(f"{page_id}\n" for page_id in known))

    def poisoned(self) -> frozenset[str]:
        """Identifiers of pages that kill a parser."""
        path = self.folder / _POISONED_NAME
        return frozenset(path.read_text("utf-8").split()) if path.exists() else frozenset()

    def write_organizations(self, record: Sequence[Mapping[str, Any]]) -> str:
        """Store a list of organizations and channels once; its name is the hash of its content."""
        text = json.dumps(list(record), sort_keys=True, ensure_ascii=False, indent=1)
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        path = self.folder / "organizations" / f"{name}.json"
        if not path.exists():
            write_text(path, text)
        return name

    def read_organizations(self, name: str) -> list[dict[str, Any]]:
        """A stored list of organizations."""
        text = (self.folder / "organizations" / f"{name}.json").read_text("utf-8")
        return cast("list[dict[str, Any]]", json.loads(text))

    def build_path(self, known_at: datetime) -> Path:
        """Where the record of a build is stored; names sort by what was known."""
        return self.folder / "builds" / f"{known_at:%Y%m%dT%H%M%S%fZ}.parquet"

    def build_files(self, after: datetime | None = None) -> list[Path]:
        """The records of all builds, or those that know more than one (UTC), oldest first."""
        known = self.build_path(after).name if after else ""
        files = sorted((self.folder / "builds").glob("[!.]*.parquet"))
        return [path for path in files if path.name > known]

    @property
    def purged(self) -> Path:
        """What is left of acts that have been kept for their time: sums, and what is done."""
        return self.folder / "purged"

    @property
    def withdrawn(self) -> Path:
        """What is left of activities that were deleted at their source."""
        return self.folder / "withdrawn.parquet"

    def write_run(self, record: Mapping[str, Any]) -> None:
        """Store what a run was asked to do, and at its end how it ended."""
        path = self.folder / "runs" / f"{record['run_id']}.json"
        write_text(path, json.dumps(record, sort_keys=True, ensure_ascii=False, indent=1))

    def read_run(self, run_id: str) -> dict[str, Any]:
        """The record of one stored run."""
        text = (self.folder / "runs" / f"{run_id}.json").read_text("utf-8")
        return cast("dict[str, Any]", json.loads(text))

    def runs(self, *, newest_first: bool = False) -> Iterator[dict[str, Any]]:
        """The stored runs, oldest first unless said otherwise."""
        for path in sorted((self.folder / "runs").glob("*.json"), reverse=newest_first):
            yield json.loads(path.read_text("utf-8"))


def read_pages(path: Path) -> list[dict[str, Any]]:
    """The exchanges of one batch, in the order in which they were made; times without zone."""
    with pq.ParquetFile(path) as file:  # a third of the memory of `read_table`
        rows = file.read(use_threads=False).to_pylist()
    return cast("list[dict[str, Any]]", rows)


def rewrite_pages(path: Path, table: pa.Table) -> None:
    """Put a changed batch of exchanges in the place of what was there, in one step."""
    write_file(path, lambda file: _write_parquet(table, file))


def carry_absences(kept: Path, folder: Path) -> None:
    """Give a batch that was parsed again what only loading it the first time could tell."""
    known = kept / ABSENCES_NAME
    if known.exists() and not (folder / ABSENCES_NAME).exists():
        write_file(folder / ABSENCES_NAME, partial(_copy, known))


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def _write_parquet(table: pa.Table, path: Path) -> None:
    """Bodies are all different: no dictionary and no statistics for them."""
    columns = [name for name in table.column_names if name != "body"]
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=_ZSTD_LEVEL,
        use_dictionary=columns,
        write_statistics=columns,
    )
