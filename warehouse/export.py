"""Exporting: the tables that researchers take away, with a dictionary and a manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from warehouse.conversations import gather_conversations
from warehouse.durable import write_file, write_text
from warehouse.fields import fields

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from warehouse.db import Connection

#: Exported tables, in the order of the path of the data; each is a file in `exports/`.
TABLES = (
    "organizations",
    "channels",
    "activities",
    "threads",
    "presences",
    "coverage",
    "periods",
    "attempts",
    "address_changes",
    "drifts",
    "signals",
    "signal_revisions",
    "estimates",
    "claims",
    "labels",
)
#: Times are UTC in ISO 8601, to the microsecond, in CSV and (as TIMESTAMP) in Parquet.
_CSV = "format csv, header, timestampformat '%Y-%m-%dT%H:%M:%S.%fZ', dateformat '%Y-%m-%d'"
_PARQUET = "format parquet, compression zstd"


def export_tables(connection: Connection, folder: Path, about: Mapping[str, Any]) -> dict[str, int]:
    """Write every table as `.parquet` and `.csv`, then `dictionary.csv` and `manifest.json`.

    Args:
        connection: an open warehouse.
        folder: made when it is not there; files of an earlier export are replaced.
        about: what the manifest says of the export as a whole.

    Returns:
        Number of rows by table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    gather_conversations(connection)
    counts = {table: _export(connection, table, folder) for table in TABLES}
    write_text(folder / "dictionary.csv", _dictionary(connection))
    write_text(folder / "manifest.json", json.dumps(_manifest(folder, counts, about), indent=1))
    return counts


def query(table: str) -> str:
    """The SELECT that an exported table comes from."""
    return (resources.files("warehouse") / "exports" / f"{table}.sql").read_text("utf-8")


def _export(connection: Connection, table: str, folder: Path) -> int:
    for suffix, options in (("parquet", _PARQUET), ("csv", _CSV)):
        path = folder / f"{table}.{suffix}"
        write_file(path, lambda file, o=options: _copy(connection, table, file, o))  # type: ignore[misc]
    found = connection.execute(f"select count(*) from ({query(table)})").fetchone()  # noqa: S608
    return int(found[0]) if found else 0


def _copy(connection: Connection, table: str, path: Path, options: str) -> None:
    target = str(path).replace("'", "''")
    connection.execute(f"copy ({query(table)}) to '{target}' ({options})")


def _dictionary(connection: Connection) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["table", "column", "type", "unit", "meaning"])
    for table in TABLES:
        described = connection.execute(f"describe {query(table)}").fetchall()
        for name, kind, *_ in described:
            known = fields()[name]
            rows.writerow([table, name, kind, known.unit, known.meaning])
    return text.getvalue()


def _manifest(folder: Path, counts: Mapping[str, int], about: Mapping[str, Any]) -> dict[str, Any]:
    files = {
        f"{table}.{suffix}": {"rows": counts[table], "sha256": _sha256(folder, table, suffix)}
        for table in TABLES
        for suffix in ("parquet", "csv")
    }
    return {**about, "files": files}


def _sha256(folder: Path, table: str, suffix: str) -> str:
    with (folder / f"{table}.{suffix}").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
