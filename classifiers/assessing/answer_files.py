"""Reading files of answers: whole, or not at all.

Every problem of a file is told with its row, its column and a remedy, and then nothing of the
file is taken. Columns about persons, such as the addresses and machines that survey tools keep,
are never read.
"""

from __future__ import annotations

from difflib import get_close_matches
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.assessing.answer_columns import FIELDS, answer_fields, looks_like_item
from classifiers.assessing.answer_layout import BAROGRAPH
from classifiers.assessing.answer_rows import AnswerForm, Expected, RowReading, read_row
from classifiers.assessing.answer_table import fault, read_table
from classifiers.assessing.answers import Answers, AnswersIdentity
from classifiers.assessing.googleforms import GOOGLE_FORMS
from classifiers.assessing.instrument import INSTRUMENT_CODES, read_instrument
from classifiers.assessing.limesurvey import LIMESURVEY
from classifiers.sheet import SheetError, SheetProblem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from classifiers.assessing.answer_layout import AnswerLayout
    from classifiers.assessing.answer_table import AnswerTable, Column

#: In the order in which they are tried; the last takes whatever the others do not know.
LAYOUTS = {layout.code: layout for layout in (LIMESURVEY, GOOGLE_FORMS, BAROGRAPH)}
_TEMPLATE = "`barograph claims template` writes the columns"
_ANY = Expected()


class AnswerFile(NamedTuple):
    """What a file held.

    Attributes:
        answers: in the order of the rows.
        layout: a key of `LAYOUTS`.
        blank_row_count: rows that nobody has filled in.
        draft_places: rows that were never sent off, and so were left out.
        left_out_columns: headers that are none of ours, and were not read.
    """

    answers: tuple[Answers, ...]
    layout: str
    blank_row_count: int
    draft_places: tuple[str, ...]
    left_out_columns: tuple[str, ...]


def read_answers(path: Path, expected: Expected = _ANY, layout_code: str = "") -> AnswerFile:
    """Answers of all respondents of a file, or none of them.

    `docs/claims.md` describes the columns. A row may answer several instruments, if the file has
    the columns of several. Respondents without a code are numbered from 1 for each organization
    and instrument, in the order of the file.

    Args:
        path: CSV, XLSX or JSON, see `classifiers.assessing.answer_table.read_table`.
        expected: organizations and days that it may speak of.
        layout_code: a key of `LAYOUTS`; "" to know it by the headers.

    Raises:
        SheetError: anything cannot be understood; holds every problem of the file.
        ValueError: there is no such layout.
    """
    table = read_table(path)
    layout = _layout(table, layout_code)
    forms = _forms(table, layout, path)
    _check_columns(table, forms, expected)
    readings = [read_row(row, form, expected) for row in table.rows for form in forms]
    _number_respondents([reading for reading in readings if reading.values])
    problems = [problem for reading in readings for problem in reading.problems]
    problems += _repetitions(reading for reading in readings if reading.values)
    if problems:
        raise SheetError(dict.fromkeys(problems))
    return _file(table, forms, readings)


def _layout(table: AnswerTable, code: str) -> AnswerLayout:
    if code and code not in LAYOUTS:
        message = f"{code!r} is not a layout; there are {', '.join(LAYOUTS)}"
        raise ValueError(message)
    headers = [column.header for column in table.columns]
    return LAYOUTS.get(code) or next(each for each in LAYOUTS.values() if each.recognizes(headers))


def _forms(table: AnswerTable, layout: AnswerLayout, path: Path) -> list[AnswerForm]:
    forms = [_form(table, layout, path, code) for code in INSTRUMENT_CODES]
    answering = [form for form in forms if _has_items(form)]
    if not answering:
        message = f"no column is a question of {' or '.join(INSTRUMENT_CODES)}"
        raise fault(path, message, _TEMPLATE, "row 1")
    return answering


def _form(table: AnswerTable, layout: AnswerLayout, path: Path, code: str) -> AnswerForm:
    instrument = read_instrument(code)
    fields = layout.fields(table.columns, instrument)
    columns = {field: column for column, field in reversed(fields.items())}  # the first of twins
    dated = columns.get("answered_on")
    days = [row.cells.get(dated, "") for row in table.rows] if dated else []
    return AnswerForm(
        path=path,
        layout=layout,
        instrument=instrument,
        fields=fields,
        columns=columns,
        read_day=layout.days(days),
    )


def _has_items(form: AnswerForm) -> bool:
    return any(
        field in form.columns for item in form.instrument.items for field in answer_fields(item)
    )


def _check_columns(table: AnswerTable, forms: list[AnswerForm], expected: Expected) -> None:
    form = forms[0]
    problems = [problem for column in table.columns for problem in _column_problems(column, forms)]
    if "organization" not in form.columns and not expected.organization_id:
        remedy = "add it with an id in each row, or say which organization the file is about"
        problems.append(_problem(form, "organization", "the column is missing", remedy))
    if problems:
        raise SheetError(problems)


def _column_problems(column: Column, forms: list[AnswerForm]) -> Iterator[SheetProblem]:
    layout = forms[0].layout
    found = [(form, form.fields[column]) for form in forms if column in form.fields]
    for form, field in found:
        if form.columns[field] != column:
            message = f"is {field} as well as column {form.columns[field]}"
            yield _problem(form, str(column), message, "delete or rename one of them")
            return
    if found:
        return
    if layout.is_strict or any(looks_like_item(column.header, form.instrument) for form in forms):
        remedy = f"{_meant(column, forms)}{_TEMPLATE}"
        yield _problem(forms[0], str(column), "the column is not known", remedy)


def _meant(column: Column, forms: list[AnswerForm]) -> str:
    known = [*FIELDS, *(item.code for form in forms for item in form.instrument.items)]
    alike = get_close_matches(column.header, known, n=2)
    return f"did you mean {' or '.join(alike)}? " if alike else ""


def _problem(form: AnswerForm, column: str, message: str, remedy: str) -> SheetProblem:
    return SheetProblem(
        path=form.path, place="row 1", column=column, message=message, remedy=remedy
    )


def _number_respondents(readings: Sequence[RowReading]) -> None:
    taken: dict[Any, set[str]] = {}
    for reading in readings:
        taken.setdefault(_whom(reading), set()).add(reading.values.get("respondent", ""))
    numbers = {whom: _free_numbers(codes) for whom, codes in taken.items()}
    for reading in readings:
        if reading.values.get("respondent") == "":
            reading.values["respondent"] = next(numbers[_whom(reading)])


def _free_numbers(taken: Collection[str]) -> Iterator[str]:
    return (str(number) for number in count(1) if str(number) not in taken)


def _whom(reading: RowReading) -> tuple[Any, str]:
    return reading.values.get("organization_id"), reading.form.instrument.code


def _repetitions(readings: Iterable[RowReading]) -> Iterator[SheetProblem]:
    first_places: dict[AnswersIdentity, str] = {}
    for reading in readings:
        if reading.problems:
            continue
        identity = Answers(**reading.values).identity
        first_place = first_places.setdefault(identity, reading.row.place)
        if first_place != reading.row.place:
            yield SheetProblem(
                path=reading.form.path,
                place=reading.row.place,
                message=f"answers again for {identity.organization_id!r} as {first_place} does",
                remedy="keep one of them, or tell them apart by respondent or answered_on",
            )


def _file(table: AnswerTable, forms: list[AnswerForm], readings: list[RowReading]) -> AnswerFile:
    said = {reading.row.place for reading in readings if reading.values}
    drafts = dict.fromkeys(reading.row.place for reading in readings if reading.is_draft)
    read = {column for form in forms for column in form.columns.values()}
    return AnswerFile(
        answers=tuple(Answers(**reading.values) for reading in readings if reading.values),
        layout=forms[0].layout.code,
        blank_row_count=len(table.rows) - len(said) - len(drafts),
        draft_places=tuple(drafts),
        left_out_columns=tuple(c.header for c in table.columns if c not in read),
    )
