"""Layouts of tables of answers: what survey tools call their columns, and how they write a cell.

Our own layout is strict: a column that is not known is a problem, for it may be a misspelt one.
Exports of survey tools have columns of their own, which are left out and told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from classifiers.assessing.answer_cells import read_iso_day
from classifiers.assessing.answer_columns import header_parts, known_names, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from classifiers.assessing.answer_table import Column
    from classifiers.assessing.instrument import Instrument

    DayReader = Callable[[str], date | None]


def _same(_: str, cell: str) -> str:
    return cell


def _iso_days(_: Sequence[str]) -> DayReader:
    return read_iso_day


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLayout:
    """How one tool lays out answers.

    Attributes:
        code: `barograph`, `limesurvey`, `googleforms`.
        recognizes: whether these headers are its own.
        names: further fields by the plain text of a header.
        is_strict: whether every column must be known; a header is then taken whole.
        clean: a cell as our own layout would write it, from its field and its text.
        days: how to read the days of a column, from all its cells.
        has_drafts: whether a row without a day was not sent off, and is left out.
    """

    code: str
    recognizes: Callable[[Sequence[str]], bool]
    names: Mapping[str, str] = field(default_factory=dict)
    is_strict: bool = False
    clean: Callable[[str, str], str] = _same
    days: Callable[[Sequence[str]], DayReader] = _iso_days
    has_drafts: bool = False

    def fields(self, columns: Sequence[Column], instrument: Instrument) -> dict[Column, str]:
        """The fields of those columns that are ours, in their order."""
        names = {**known_names(instrument), **self.names}
        found = {column: self._field(column.header, names) for column in columns}
        return {column: field for column, field in found.items() if field}

    def _field(self, header: str, names: Mapping[str, str]) -> str:
        parts = [header] if self.is_strict else header_parts(header)
        return next((names[plain(part)] for part in parts if plain(part) in names), "")


#: Columns as `barograph claims template` writes them.
BAROGRAPH = AnswerLayout(code="barograph", recognizes=lambda _: True, is_strict=True)
