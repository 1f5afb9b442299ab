"""The same as a figure or a page, for spreadsheets, programs and documents: CSV, JSON and SVG."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dashboards.figures import Figure
    from dashboards.reading.header import SnapshotHeader

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_DRAWING_WIDTH = 760  #: pixels; on a page a drawing is as wide as its place
STYLES = Path(__file__).parent / "static" / "chart.css"
LICENSE = "not stated; ask whoever published this snapshot"


def as_csv(figure: Figure) -> str:
    """The table of a figure as RFC 4180 CSV with a header row.

    Unknown values are empty cells, dates ISO 8601, answers true or false, several values in a
    cell separated by semicolons. Text that a spreadsheet would take for a formula gets a leading
    apostrophe.
    """
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([column.name for column in figure.columns])
    writer.writerows([csv_cell(value) for value in row] for row in figure.rows)
    return target.getvalue()


def as_json(about: dict[str, object], figures: Iterable[Figure]) -> str:
    """Figures as JSON, with all that it takes to read them.

    Args:
        about: what the whole page rests on, see `page_metadata`.
        figures: in the order of the page.
    """
    document = {
        "metadata": about,
        "figures": {
            figure.name: {"metadata": figure_metadata(figure), "rows": figure.records()}
            for figure in figures
        },
    }
    return _json(document)


def figure_as_json(about: dict[str, object], figure: Figure) -> str:
    """One figure as JSON: `metadata` and `rows`."""
    return _json({"metadata": about | figure_metadata(figure), "rows": figure.records()})


def as_svg(figure: Figure) -> str:
    """The drawing of a figure as a document of its own, with its styles inside."""
    drawing = str(figure.drawing)
    head, _, rest = drawing.partition(">")
    head = head.replace('width="100%"', f'width="{_DRAWING_WIDTH}"', 1)
    styles = Markup("<style>{}</style>").format(_drawing_styles())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}>{styles}{rest}\n'


def page_metadata(
    header: SnapshotHeader, snapshot_name: str, filters: dict[str, object]
) -> dict[str, object]:
    """What every number of a page rests on."""
    about = asdict(header)
    return {
        "snapshot": snapshot_name,
        **about,
        "filters": filters,
        "stages": {stage.value: stage.label for stage in Stage},
        "license": LICENSE,
    }


def figure_metadata(figure: Figure) -> dict[str, object]:
    """What a figure shows, and what its columns mean."""
    return {
        "title": figure.title,
        "definition": figure.definition,
        "n": figure.n,
        "n_unit": figure.unit,
        "window": figure.window,
        "note": figure.note,
        "columns": dict(figure.meanings()),
    }


@cache
def _drawing_styles() -> str:
    return STYLES.read_text(encoding="utf-8")


def _json(document: object) -> str:
    return json.dumps(document, default=_iso, ensure_ascii=False, indent=1, allow_nan=False)


def csv_cell(value: object) -> object:
    """A value as a cell of CSV; text that a spreadsheet would take for a formula is guarded."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return csv_cell("; ".join(map(str, value)))
    return _iso(value) if isinstance(value, date) else value


def _iso(value: object) -> str:
    assert isinstance(value, date), f"{value!r} has no form in JSON"
    return value.isoformat()


def rows_of(records: Sequence[object], names: Sequence[str]) -> list[tuple[object, ...]]:
    """The values of typed rows in the order of some columns."""
    return [tuple(getattr(record, name) for name in names) for record in records]
