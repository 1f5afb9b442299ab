"""Tables of answers: cells by row and column, from CSV, JSON or a workbook, told by place.

A place is what a spreadsheet shows: rows are counted from 1, the header included, and columns have
letters. No cell is ever evaluated.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.sheet import SheetError, SheetProblem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_WORKBOOK = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_DELIMITERS = (",", ";", "\t")
_LETTERS = 26
_WORDS = {True: "yes", False: "no"}
_LARGEST_BYTES = 20_000_000
LARGEST_ROW_COUNT = 20_000


class Column(NamedTuple):
    """One column: its letter in a spreadsheet ("" in JSON) and its header."""

    letter: str
    header: str

    def __str__(self) -> str:
        short = self.header if len(self.header) <= _SHORT else f"{self.header[: _SHORT - 1]}…"
        return f"{self.letter} ({short})" if self.letter else short


_SHORT = 40


class Row(NamedTuple):
    """One row that is not empty: its place, and the text of its cells by column."""

    place: str  #: "row 3" of CSV and workbooks, "entry 2" of JSON
    cells: dict[Column, str]


class AnswerTable(NamedTuple):
    """Columns in the order of the file, and the rows below the header that are not empty."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> AnswerTable:
    """Read a table: a workbook by its first bytes, JSON by its name, else CSV.

    CSV is UTF-8 (with or without byte order mark), separated by commas, semicolons or tabs. JSON
    is a list of objects, or an object whose `responses` is one. Of a workbook (XLSX) the sheet
    `answers` is read, or the first one.

    Raises:
        SheetError: it cannot be read whole; a formula, an error value or a cell outside the
            columns is in it.
    """
    raw = _read_bytes(path)
    if raw.startswith(_WORKBOOK):
        from classifiers.assessing.workbook import workbook_cells

        return table_of(workbook_cells(raw, path), path)
    text = _decoded(raw, path)
    if path.suffix.casefold() == ".json":
        return _json_table(text, path)
    return table_of(_csv_cells(text, path), path)


def table_of(lines: Iterable[list[str]], path: Path) -> AnswerTable:
    """A table from all lines of a spreadsheet, the header first.

    Raises:
        SheetError: a header is missing or stands twice, or a cell is outside the columns or
            would be evaluated by a spreadsheet.
    """
    stripped = [[cell.strip() for cell in cells] for cells in lines]
    columns = _columns(stripped[0] if stripped else [], path)
    filled = [(number, cells) for number, cells in enumerate(stripped[1:], start=2) if any(cells)]
    if len(filled) > LARGEST_ROW_COUNT:
        message = f"has {len(filled)} rows, more than {LARGEST_ROW_COUNT}"
        raise fault(path, message, "split it")
    problems = [p for number, cells in filled for p in _row_problems(number, cells, columns, path)]
    if problems:
        raise SheetError(problems)
    rows = (Row(f"row {at}", dict(zip(columns, cells, strict=False))) for at, cells in filled)
    return AnswerTable(columns, tuple(rows))


def column_letter(place: int) -> str:
    """Letters of a column, counted from 0.

    >>> [column_letter(place) for place in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters = ""
    while place >= 0:
        place, letter = divmod(place, _LETTERS)
        letters = chr(ord("A") + letter) + letters
        place -= 1
    return letters


def number_text(value: float) -> str:
    """A number as a person would type it; true and false are yes and no.

    >>> number_text(2.0), number_text(True)
    ('2', 'yes')
    """
    return _WORDS[value] if isinstance(value, bool) else f"{value:.15g}"


def fault(path: Path, message: str, remedy: str, place: str = "") -> SheetError:
    """The error of a whole file, or of one place in it."""
    return SheetError([SheetProblem(path=path, place=place, message=message, remedy=remedy)])


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= _LARGEST_BYTES else b""
    except OSError as error:
        message = f"cannot be opened ({error.strerror})"
        raise fault(path, message, "check the name and the permissions") from error
    if size > _LARGEST_BYTES:
        message = f"has {size} bytes, more than {_LARGEST_BYTES}"
        raise fault(path, message, "split it, or leave out what are no answers")
    if raw.startswith(_OLD_WORKBOOK):
        raise fault(path, "is an old or a protected workbook", "save it as XLSX or as CSV UTF-8")
    return raw


def _decoded(raw: bytes, path: Path) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = f"byte {raw[error.start]:#04x} is not UTF-8"
        raise fault(path, message, "save the file as CSV UTF-8", f"line {line}") from error


def _csv_cells(text: str, path: Path) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        message = f"not readable as CSV ({error})"
        remedy = "close every quotation mark and write one row a line"
        raise fault(path, message, remedy, f"line {reader.line_num}") from error


def _delimiter(text: str) -> str:
    """The separator that makes most columns of the header, which may hold others in its text."""

    def column_count(delimiter: str) -> int:
        try:
            return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=column_count)


def _columns(header: list[str], path: Path) -> tuple[Column, ...]:
    while header and not header[-1]:
        header = header[:-1]
    columns = tuple(Column(column_letter(at), name) for at, name in enumerate(header))
    if not columns:
        raise fault(path, "has no header", "name the columns in the first row")
    problems = [
        SheetProblem(path=path, place="row 1", column=str(column), message=what, remedy=remedy)
        for at, column in enumerate(columns)
        for what, remedy in _header_faults(column.header, header[:at])
    ]
    if problems:
        raise SheetError(problems)
    return columns


def _header_faults(name: str, before: list[str]) -> list[tuple[str, str]]:
    if not name:
        return [("the column has no name", "name it, or delete it")]
    if name.casefold() in (other.casefold() for other in before):
        return [("the column stands twice", "delete one of them")]
    return []


def _row_problems(
    number: int, cells: list[str], columns: tuple[Column, ...], path: Path
) -> Iterable[SheetProblem]:
    place = f"row {number}"
    for column, cell in zip(columns, cells, strict=False):
        if cell.startswith("="):
            message, remedy = "is a formula", "write its value instead"
            yield SheetProblem(
                path=path, place=place, column=str(column), message=message, remedy=remedy
            )
    if any(cells[len(columns) :]):
        message = "more cells than columns"
        remedy = "put text that holds the separator in quotation marks"
        yield SheetProblem(path=path, place=place, message=message, remedy=remedy)


def _json_table(text: str, path: Path) -> AnswerTable:
    remedy = "write one list of objects, each with one text or number a name"
    try:
        entries = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        message = f"not readable as JSON ({error})"
        raise fault(path, message, remedy) from error
    if isinstance(entries, dict):
        entries = entries.get("responses")
    if not isinstance(entries, list):
        raise fault(path, "is JSON, but no list", remedy)
    places = [f"entry {number}" for number in range(1, len(entries) + 1)]
    named = [_entry(entry, at, path) for at, entry in zip(places, entries, strict=True)]
    rows = [Row(at, cells) for at, cells in zip(places, named, strict=True) if any(cells.values())]
    return AnswerTable(
        tuple(dict.fromkeys(column for cells in named for column in cells)), (*rows,)
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        message = f"a name stands twice among {', '.join(names[:5])}"
        raise ValueError(message)
    return named


def _entry(entry: object, place: str, path: Path) -> dict[Column, str]:
    if not isinstance(entry, dict):
        raise fault(path, "is no object", "write one object a respondent", place)
    cells = {Column("", name.strip()): _json_cell(value) for name, value in entry.items()}
    problems = [
        SheetProblem(path=path, place=place, column=str(column), message=what, remedy=remedy)
        for column, cell in cells.items()
        for what, remedy in _json_faults(cell)
    ]
    if problems:
        raise SheetError(problems)
    return {column: cell or "" for column, cell in cells.items()}


def _json_cell(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    if value is None:
        return ""
    if isinstance(value, int | float):
        return number_text(value)
    return value.strip() if isinstance(value, str) else None


def _json_faults(cell: str | None) -> list[tuple[str, str]]:
    if cell is None:
        return [("is neither text nor a number", "write a text, a number, true, false or null")]
    return [("is a formula", "write its value instead")] if cell.startswith("=") else []
