"""Exporting: the tables that researchers take away, with a dictionary and a manifest.

The same warehouse gives the same bytes: rows stand in a total order (`exports/tables.toml`), no
clock is read, and `checksums.txt` is written last, so that what is unfinished never verifies.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from warehouse.checksums import CHECKSUMS, sha256, write_checksums
from warehouse.conversations import gather_conversations
from warehouse.datapackage import data_package, dictionary
from warehouse.durable import write_file, write_text
from warehouse.exporttables import (
    EVERYTHING,
    Excerpt,
    ExportTable,
    declared_tables,
    query,
    tables_of,
)
from warehouse.statetables import FOLDER as STATE
from warehouse.statetables import write_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from warehouse.db import Connection

__all__ = ["MANIFEST", "MODELS", "TABLES", "export_tables", "published_as_of", "query", "seal"]

MANIFEST = "manifest.json"
#: Folder of an export with the files of trained models.
MODELS = "models"
#: Tables of an export that nothing is kept out of.
TABLES = tuple(table.name for table in tables_of(EVERYTHING))
_SUFFIXES = ("parquet", "csv")
_PARQUET = "format parquet, compression zstd"
#: Times are UTC in ISO 8601, to the microsecond, in CSV and (as TIMESTAMP) in Parquet.
_CSV = "format csv, header, timestampformat '%Y-%m-%dT%H:%M:%S.%fZ', dateformat '%Y-%m-%d'"


def export_tables(
    connection: Connection,
    folder: Path,
    about: Mapping[str, Any],
    excerpt: Excerpt = EVERYTHING,
) -> dict[str, int]:
    """Write every table as `.parquet` and `.csv`, and what explains them.

    That is `dictionary.csv`, `datapackage.json` and `manifest.json`; where nothing is kept out, the
    state of the warehouse, too (`state/`), for an import. `seal` is to be called at the end.

    Args:
        connection: an open warehouse.
        folder: made when it is not there; an earlier export in it is removed.
        about: what the manifest says of the export as a whole.
        excerpt: which rows are taken.

    Returns:
        Number of rows by table.
    """
    _remove_former(folder)
    folder.mkdir(parents=True, exist_ok=True)
    gather_conversations(connection)
    excerpt.bind(connection)
    tables = tables_of(excerpt)
    counts = {table.name: _export(connection, table, folder, excerpt) for table in tables}
    described = [(table, _columns(connection, folder, table.name)) for table in tables]
    write_text(folder / "dictionary.csv", dictionary(described))
    write_text(folder / "datapackage.json", data_package(folder, described, about))
    state = write_state(connection, folder) if excerpt.is_whole else {}
    files = {f"{name}.{kind}": count for name, count in counts.items() for kind in _SUFFIXES}
    manifest = {**about, "files": _told(folder, files), "state": _told(folder, state)}
    write_text(folder / MANIFEST, f"{json.dumps(manifest, ensure_ascii=False, indent=1)}\n")
    return counts


def seal(folder: Path) -> None:
    """Write the checksums of all files of an export: with them it is whole."""
    write_checksums(folder, (path.relative_to(folder).as_posix() for path in _ours(folder)))


def published_as_of(connection: Connection) -> datetime | None:
    """The moment that the published marts are about (UTC, no zone); None before the first."""
    has_marts = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'marts' and table_name = 'snapshot'"
    ).fetchone()
    found = connection.execute("select as_of from marts.snapshot").fetchone() if has_marts else None
    return cast("datetime | None", found[0]) if found else None


def _remove_former(folder: Path) -> None:
    """Of an earlier export nothing may stay: the new one may have to keep it out."""
    (folder / CHECKSUMS).unlink(missing_ok=True)
    for path in list(_ours(folder)):
        path.unlink()


def _ours(folder: Path) -> Iterator[Path]:
    """The files of an export that are there; of other files in its folder we know nothing."""
    tables = [f"{name}.{suffix}" for name in declared_tables() for suffix in _SUFFIXES]
    papers = ("dictionary.csv", "datapackage.json", MANIFEST, "README.md", "CITATION.cff")
    yield from (path for name in (*tables, *papers) if (path := folder / name).is_file())
    for name in (STATE, MODELS):
        yield from (path for path in sorted((folder / name).glob("[!.]*")) if path.is_file())


def _export(connection: Connection, table: ExportTable, folder: Path, excerpt: Excerpt) -> int:
    counts: list[int] = []
    sql = table.select(connection, excerpt)
    parquet, sheet = (folder / f"{table.name}.{suffix}" for suffix in _SUFFIXES)
    write_file(parquet, lambda file: counts.append(_copy(connection, sql, file, _PARQUET)))
    same = _as_text(connection, parquet)
    write_file(sheet, lambda file: counts.append(_copy(connection, same, file, _CSV)))
    return counts[0]


def _copy(connection: Connection, sql: str, path: Path, options: str) -> int:
    copied = connection.execute(f"copy ({sql}) to {_quoted(path)} ({options})").fetchone()
    return int(copied[0]) if copied else 0


def _as_text(connection: Connection, parquet: Path) -> str:
    """The rows of a file in their order, with lists as JSON."""
    columns = _columns(connection, parquet.parent, parquet.stem)
    lists = [f"to_json({name}) as {name}" for name, kind in columns if kind.endswith("[]")]
    taken = f"* replace ({', '.join(lists)})" if lists else "*"
    return f"select {taken} from read_parquet({_quoted(parquet)})"  # noqa: S608 - our own words


def _columns(connection: Connection, folder: Path, table: str) -> list[tuple[str, str]]:
    """Names and types of the columns of an exported table, as its file has them."""
    path = _quoted(folder / f"{table}.parquet")
    found = connection.execute(f"describe from read_parquet({path})").fetchall()
    return [(name, kind) for name, kind, *_ in found]


def _quoted(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"


def _told(folder: Path, counts: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    return {
        name: {"rows": count, "sha256": sha256(folder / name)} for name, count in counts.items()
    }
