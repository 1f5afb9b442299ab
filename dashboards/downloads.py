"""The data behind the benchmark page, for spreadsheets and programs.

Both forms hold every selected organization, whatever page of the table is shown.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, fields
from datetime import date
from typing import TYPE_CHECKING

from classifiers.signals import SIGNALS
from classifiers.stages import Stage
from dashboards import data

if TYPE_CHECKING:
    from dashboards.data import ReadableSnapshot
    from dashboards.filters import Filters

COLUMNS = tuple(field.name for field in fields(data.Organization))
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(snapshot: ReadableSnapshot, filters: Filters) -> str:
    """The selected organizations as RFC 4180 CSV with a header row.

    Unknown values are empty cells, dates ISO 8601, answers true or false. Text that a
    spreadsheet would take for a formula gets a leading apostrophe.
    """
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for row in data.organizations(snapshot, filters, is_paged=False):
        writer.writerow([_cell(value) for value in data.as_plain(row).values()])
    return target.getvalue()


def as_json(snapshot: ReadableSnapshot, filters: Filters) -> str:
    """The selected organizations as JSON, with all it takes to read them under `metadata`."""
    rows = data.organizations(snapshot, filters, is_paged=False)
    document = {
        "metadata": {**_metadata(snapshot, filters), "organization_count": len(rows)},
        "organizations": [data.as_plain(row) for row in rows],
    }
    return json.dumps(document, default=_iso, ensure_ascii=False, indent=1)


def _metadata(snapshot: ReadableSnapshot, filters: Filters) -> dict[str, object]:
    header = asdict(data.snapshot_header(snapshot))
    del header["organization_count"]  # of the whole snapshot; the document tells the selection's
    return {
        "snapshot": snapshot.name,
        **header,
        "filters": {name: getattr(filters, name) for name in ("industry", "size", "country")},
        "stages": {stage.value: stage.label for stage in Stage},
        "definitions": _definitions(snapshot),
    }


def _definitions(snapshot: ReadableSnapshot) -> dict[str, str]:
    """What each column means: the catalogue's words for signals, the snapshot's for the rest."""
    of_signals = {signal.code: signal.definition for signal in SIGNALS if signal.code in COLUMNS}
    return {**data.column_definitions(snapshot), **of_signals}


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _iso(value) if isinstance(value, date) else value


def _iso(value: object) -> str:
    assert isinstance(value, date), f"{value!r} has no form in JSON"
    return value.isoformat()
