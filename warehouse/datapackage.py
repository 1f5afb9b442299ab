"""What the columns of an export mean: for people as CSV, for programs as a Frictionless package.

`datapackage.json` follows the Data Package standard, version 1 (tabular data resources), so that
readers of many languages know types, units and missing values of each CSV file.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from warehouse.checksums import sha256
from warehouse.fields import fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from warehouse.exporttables import ExportTable

#: A table and its columns: names with types of DuckDB.
Described = tuple["ExportTable", list[tuple[str, str]]]
#: Types of the standard, by the beginning of DuckDB's; anything else is text.
_TYPES = {
    "BOOLEAN": {"type": "boolean"},
    "DOUBLE": {"type": "number"},
    "DATE": {"type": "date"},
    "TIMESTAMP": {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S.%fZ"},
}
_INTEGER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")


def dictionary(described: Sequence[Described]) -> str:
    """Every column of every table with type, unit and meaning, as CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["table", "column", "type", "unit", "meaning"])
    for table, columns in described:
        for name, kind in columns:
            known = fields()[name]
            rows.writerow([table.name, name, kind, known.unit, known.meaning])
    return text.getvalue()


def data_package(folder: Path, described: Sequence[Described], about: Mapping[str, Any]) -> str:
    """The package that the CSV files of a folder make up, as JSON.

    Args:
        folder: where they are.
        described: the tables with their columns.
        about: what a manifest says of the export as a whole.
    """
    package = {
        "profile": "tabular-data-package",
        "name": "barograph-export",
        "title": about.get("title", "Barograph export"),
        "version": about.get("as_of_week", ""),
        **({"licenses": [{"name": about["licence"]}]} if about.get("licence") else {}),
        "resources": [_resource(folder, table, columns) for table, columns in described],
    }
    return f"{json.dumps(package, ensure_ascii=False, indent=1)}\n"


def _resource(folder: Path, table: ExportTable, columns: list[tuple[str, str]]) -> dict[str, Any]:
    path = folder / f"{table.name}.csv"
    schema: dict[str, Any] = {"fields": [_field(*column) for column in columns]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": path.name,
        "description": table.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256(path)}",
        "schema": {**schema, "missingValues": [""]},
    }


def _field(name: str, kind: str) -> dict[str, Any]:
    known = fields()[name]
    field = {"name": name, **_type(kind), "description": known.meaning}
    return field | {"unit": known.unit} if known.unit else field


def _type(kind: str) -> dict[str, str]:
    if kind.endswith("[]"):
        return {"type": "array"}
    if _INTEGER.fullmatch(kind):
        return {"type": "integer"}
    return _TYPES.get(kind, {"type": "string"})
