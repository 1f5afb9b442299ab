"""One row of a table of answers, read as what one respondent said, with every problem in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.assessing.answer_cells import (
    CANNOT_BE_SAID,
    UNANSWERED,
    Said,
    not_after,
    read_evidence,
    read_note,
    read_organization,
    read_public,
    read_respondent,
    read_role,
    read_stage,
    read_steps,
    read_value,
    read_version,
)
from classifiers.assessing.answer_columns import answer_fields, evidence_field, step_fields
from classifiers.sheet import CellError, SheetProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from classifiers.assessing.answer_layout import AnswerLayout, DayReader
    from classifiers.assessing.answer_table import Column, Row
    from classifiers.assessing.instrument import Instrument, Item, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a file of answers may speak of.

    Attributes:
        organization_ids: organizations that may be answered for; None: any.
        organization_id: the one that is meant where a row names none; "" where each must.
        latest_day: no answer may be later; None: no limit.
    """

    organization_ids: Collection[str] | None = None
    organization_id: str = ""
    latest_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """The columns of one instrument in one file, and how their cells are written."""

    path: Path
    layout: AnswerLayout
    instrument: Instrument
    fields: Mapping[Column, str]  #: of those columns that are ours
    columns: Mapping[str, Column]  #: by field
    read_day: DayReader

    def cells(self, row: Row) -> dict[str, str]:
        """The text of a row by field, as our own layout would write it."""
        return {
            field: self.layout.clean(field, row.cells.get(column, ""))
            for field, column in self.columns.items()
        }

    def problem(self, row: Row, field: str, error: CellError) -> SheetProblem:
        """The problem of one cell, told by its place."""
        return SheetProblem(
            path=self.path,
            place=row.place,
            column=str(self.columns.get(field, field)),
            message=error.message,
            remedy=error.remedy,
        )


class RowReading(NamedTuple):
    """What a row came to: named values of `Answers`, or problems, or nothing.

    `is_blank` tells that nobody has filled it in, `is_draft` that it was never sent off.
    """

    row: Row
    form: AnswerForm
    values: dict[str, Any]
    problems: tuple[SheetProblem, ...] = ()
    is_blank: bool = False
    is_draft: bool = False


def read_row(row: Row, form: AnswerForm, expected: Expected) -> RowReading:
    """Read one row for one instrument."""
    cells = form.cells(row)
    if form.layout.has_drafts and not cells.get("answered_on"):
        return RowReading(row, form, {}, is_draft=True)
    if not any(cells.get(field) for field in _said_fields(form.instrument)):
        return RowReading(row, form, {}, is_blank=True)
    values: dict[str, Any] = {}
    problems = []
    for field, name, read in _readers(form, expected):
        try:
            values[name] = read(cells.get(field, ""))
        except CellError as error:
            problems.append(form.problem(row, field, error))
    said = _Items(cells)
    problems += [form.problem(row, field, error) for field, error in said.read(form.instrument)]
    return RowReading(row, form, {**values, **said.values()}, tuple(problems))


def _said_fields(instrument: Instrument) -> list[str]:
    items = [field for item in instrument.items for field in answer_fields(item)]
    return [*items, *(["stage", "ambition"] if instrument.placement else [])]


def _readers(
    form: AnswerForm, expected: Expected
) -> Iterator[tuple[str, str, Callable[[str], Any]]]:
    """Field of the file, name in `Answers`, and how its cell is read."""
    instrument = form.instrument
    yield (
        "organization",
        "organization_id",
        lambda cell: read_organization(cell or expected.organization_id, expected.organization_ids),
    )
    yield "instrument", "instrument", lambda cell: _read_instrument(cell, instrument)
    yield "version", "instrument_version", lambda cell: read_version(cell, instrument)
    yield (
        "answered_on",
        "answered_on",
        lambda cell: not_after(form.read_day(cell), expected.latest_day),
    )
    yield "respondent_role", "respondent_role", read_role
    yield "respondent", "respondent", read_respondent
    yield "public", "is_public", read_public
    yield "note", "note", read_note
    if instrument.placement and instrument.ambition:
        yield "stage", "direct_stage_code", _stage_reader(instrument.placement)
        yield "ambition", "ambition_stage_code", _stage_reader(instrument.ambition)


def _stage_reader(question: Question) -> Callable[[str], int | None]:
    return lambda cell: read_stage(cell, question)


def _read_instrument(cell: str, instrument: Instrument) -> str:
    if cell and cell.casefold() != instrument.code:
        message = f"says {cell[:40]!r}, but the answers are to {instrument.code}"
        raise CellError(message, f"write {instrument.code}, or move the answers")
    return instrument.code


class _Items:
    """The answers to the items of one row, and their evidence."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells
        self.said: dict[str, Said] = {}
        self.evidence: dict[str, str] = {}

    def read(self, instrument: Instrument) -> Iterator[tuple[str, CellError]]:
        for item in instrument.items:
            try:
                self.said[item.code] = _read_item(item, self.cells)
            except CellError as error:
                yield next(f for f in answer_fields(item) if self.cells.get(f)), error
            field = evidence_field(item)
            if cell := self.cells.get(field, ""):
                try:
                    self.evidence[item.code] = read_evidence(cell)
                except CellError as error:
                    yield field, error

    def values(self) -> dict[str, Any]:
        pairs = self.said.items()
        return {
            "given": {code: said.value for code, said in pairs if said.value is not None},
            "cannot_say": frozenset(code for code, said in pairs if said == CANNOT_BE_SAID),
            "evidence": self.evidence,
        }


def _read_item(item: Item, cells: Mapping[str, str]) -> Said:
    said = read_value(cells.get(item.code, ""), item)
    if not item.steps:
        return said
    stepped = read_steps(*(cells.get(field, "") for field in step_fields(item)))
    if UNANSWERED not in (said, stepped) and said != stepped:
        message = "the two steps say otherwise"
        raise CellError(message, f"leave {item.code} empty, or correct the steps")
    return stepped if said == UNANSWERED else said
