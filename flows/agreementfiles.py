"""The files of a comparison: its numbers, the rows that they follow from, and pages to read."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_STATISTIC_COLUMNS = (
    "code",
    "group",
    "label",
    "value",
    "low",
    "high",
    "n",
    "expected",
    "p_value",
    "unit",
    "sample",
    "reason",
    "definition",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_comparison(folder: Path, record: Mapping[str, Any]) -> list[Path]:
    """Write `organizations.csv`, `statistics.csv`, `report.json`, `.md` and `.html`.

    Args:
        folder: made if need be; files of an earlier report are replaced.
        record: as `flows.agreement.report_record` gives it.
    """
    from dashboards.agreementreport import html_report, markdown_report

    texts = {
        "organizations.csv": _csv(record["organizations"]),
        "statistics.csv": _csv(record["statistics"], _STATISTIC_COLUMNS),
        "report.json": json.dumps(record, default=_json, ensure_ascii=False, indent=1),
        "report.md": markdown_report(record),
        "report.html": html_report(record),
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    return [folder / name for name in texts]


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> str:
    """Rows as CSV; numbers with all their digits, nothing that a spreadsheet would compute."""
    names = columns or (list(rows[0]) if rows else ())
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return stream.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


def _json(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    message = f"{type(value).__name__} has no JSON"
    raise TypeError(message)
