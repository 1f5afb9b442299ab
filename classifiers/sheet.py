"""Sheets that people fill in: rows of named cells, from CSV or JSON, with faults told by place."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: How files begin that are workbooks (xlsx, ods; xls) and no text.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetProblem:
    """One fault of a sheet: where it is, what it is, and what to do."""

    path: Path
    place: str = ""  #: "line 3" of CSV, "entry 2" of JSON; "" when the fault is the whole file's
    column: str = ""  #: "" when the fault is a whole row's
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f", {self.place}" if self.place else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.path}{place}{column}: {self.message}; {self.remedy}"


class SheetError(Exception):
    """A sheet that was not taken, with all of its problems, in their order."""

    def __init__(self, problems: Iterable[SheetProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CellError(ValueError):
    """A cell that cannot be read: what is wrong with it, and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class SheetRow(NamedTuple):
    """One row: its place in the file, and its cells by column, without blanks around them."""

    place: str
    cells: dict[str, str]


class Sheet(NamedTuple):
    """Columns in the order of the file, in lower case, and rows that are not wholly empty."""

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(path: Path) -> Sheet:
    """Read a sheet: JSON where the name ends in .json, else CSV.

    CSV is UTF-8 (with or without byte order mark), separated by commas or semicolons, with the
    names of the columns in its first line. JSON is one list of objects. Every cell is text; a
    number of JSON becomes its digits, null an empty cell.

    Raises:
        SheetError: it is neither, or its rows do not fit its columns.
    """
    text = _read_text(path)
    return _read_json(text, path) if path.suffix.casefold() == ".json" else _read_csv(text, path)


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = f"cannot be opened ({error.strerror})"
        raise _fault(path, "", message, "check the name and the permissions") from error
    if raw.startswith(_WORKBOOKS):
        raise _fault(path, "", "is a workbook, and no text", "save it as CSV UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = f"byte {raw[error.start]:#04x} is not UTF-8"
        raise _fault(path, f"line {line}", message, "save the file as CSV UTF-8") from error


def _read_csv(text: str, path: Path) -> Sheet:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        columns = tuple(name.strip().casefold() for name in next(reader, []))
        start = reader.line_num + 1  # where a row starts; a quoted cell may span several lines
        for cells in reader:
            lines.append((start, [cell.strip() for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        remedy = "close every quotation mark and write one row a line"
        message = f"not readable as CSV ({error})"
        raise _fault(path, f"line {reader.line_num}", message, remedy) from error
    filled = [(line, cells) for line, cells in lines if any(cells)]
    _check_widths(filled, len(columns), path)
    rows = (SheetRow(f"line {n}", dict(zip(columns, cells, strict=False))) for n, cells in filled)
    return Sheet(columns, tuple(rows))


def _check_widths(lines: list[tuple[int, list[str]]], column_count: int, path: Path) -> None:
    problems = [
        SheetProblem(
            path=path,
            place=f"line {line}",
            message="more cells than columns",
            remedy="put text that holds the separator in quotation marks",
        )
        for line, cells in lines
        if any(cells[column_count:])
    ]
    if problems:
        raise SheetError(problems)


def _read_json(text: str, path: Path) -> Sheet:
    try:
        entries = json.loads(text)
    except ValueError as error:
        message = f"not readable as JSON ({error})"
        raise _fault(path, "", message, "write one list of objects") from error
    if not isinstance(entries, list):
        raise _fault(path, "", "is JSON, but no list", "write one list of objects")
    rows = tuple(_json_row(entry, place, path) for place, entry in enumerate(entries, start=1))
    columns = tuple(dict.fromkeys(name for row in rows for name in row.cells))
    return Sheet(columns, tuple(row for row in rows if any(row.cells.values())))


def _json_row(entry: object, number: int, path: Path) -> SheetRow:
    place = f"entry {number}"
    if not isinstance(entry, dict):
        raise _fault(path, place, "is no object", "write one object a row, with named values")
    cells = {name.strip().casefold(): _json_cell(value) for name, value in entry.items()}
    odd = [name for name, cell in cells.items() if cell is None]
    if odd:
        problem = SheetProblem(
            path=path,
            place=place,
            column=odd[0],
            message="is neither text nor a number",
            remedy="write a text, a number or null",
        )
        raise SheetError([problem])
    return SheetRow(place, {name: cell or "" for name, cell in cells.items()})


def _json_cell(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.15g}" if is_number else None


def _fault(path: Path, place: str, message: str, remedy: str) -> SheetError:
    return SheetError([SheetProblem(path=path, place=place, message=message, remedy=remedy)])
