"""Responses exported from Google Forms, as CSV from the form or as CSV or XLSX from its sheet.

The first column is the time of the response; the others are headed by the question. How a time is
written follows the language of the sheet: month and day can be told apart only where some day is
above 12, so a sheet that leaves it open is refused rather than guessed.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from classifiers.assessing.answer_cells import read_iso_day
from classifiers.assessing.answer_columns import plain
from classifiers.assessing.answer_layout import AnswerLayout
from classifiers.sheet import CellError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.assessing.answer_layout import DayReader

#: "Timestamp" in English, German, Dutch, French, Spanish, Portuguese and Italian.
_TIMES = {
    "timestamp",
    "zeitstempel",
    "tijdstempel",
    "horodateur",
    "marcatemporal",
    "carimbodedatahora",
    "informazionicronologiche",
}
_YEAR_FIRST = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})\b.*")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4})\b.*")
_MONTHS = 12
_REMEDY = "format the column as YYYY-MM-DD in the sheet, and export it again"


class _Parts(NamedTuple):
    first: int
    second: int
    year: int
    has_dots: bool  # then the day comes first everywhere


def _recognizes(headers: Sequence[str]) -> bool:
    return bool(headers) and plain(headers[0]) in _TIMES


def _days(cells: Sequence[str]) -> DayReader:
    """A reader for a column whose cells may show whether the day or the month comes first."""
    parts = [found for cell in cells if (found := _parts(cell))]
    is_day_first = any(each.first > _MONTHS for each in parts)
    is_month_first = any(each.second > _MONTHS for each in parts)

    def read(cell: str) -> date | None:
        found = _parts(cell)
        if found is None:
            return read_iso_day(_iso(cell))
        if found.has_dots or found.first == found.second:
            return _date(found.year, found.second, found.first, cell)
        if is_day_first == is_month_first:
            message = f"{cell!r} may begin with the day or with the month"
            raise CellError(message, _REMEDY)
        month, day = (found.second, found.first) if is_day_first else (found.first, found.second)
        return _date(found.year, month, day, cell)

    return read


def _parts(cell: str) -> _Parts | None:
    found = _YEAR_LAST.fullmatch(cell)
    if not found:
        return None
    return _Parts(int(found[1]), int(found[3]), int(found[4]), has_dots=found[2] == ".")


def _iso(cell: str) -> str:
    """The day of a time that begins with the year, as the form itself exports it."""
    found = _YEAR_FIRST.fullmatch(cell)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else cell


def _date(year: int, month: int, day: int, cell: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        message = f"{cell!r} is not a date"
        raise CellError(message, _REMEDY) from error


GOOGLE_FORMS = AnswerLayout(
    code="googleforms",
    recognizes=_recognizes,
    names=dict.fromkeys(_TIMES, "answered_on"),
    days=_days,
)
