"""Workbooks (XLSX): the text of their cells, and workbooks to fill in.

openpyxl reads and writes them. It is imported only when a workbook is met.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from datetime import date, datetime, time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from classifiers.assessing.answer_table import Column, column_letter, fault, number_text
from classifiers.sheet import SheetError, SheetProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

#: The sheet that is read where a workbook has one of this name; else the first.
ANSWERS_SHEET = "answers"
_REMEDY = "save it again as XLSX, or as CSV UTF-8"
_LARGEST_UNPACKED_BYTES = 100_000_000
_HEAD_BYTES = 1024
_FORMULA, _ERROR = "f", "e"
_NEEDED = "workbooks need the package openpyxl, which is not installed"


def workbook_cells(raw: bytes, path: Path) -> list[list[str]]:
    """The text of all cells of a workbook's sheet of answers, the header first.

    Dates become YYYY-MM-DD, with the time where it is not midnight; whole numbers their digits;
    true and false `yes` and `no`.

    Args:
        raw: the bytes of the file.
        path: what to call it in problems.

    Raises:
        SheetError: it is no workbook that can be read, is too large unpacked, or has a formula
            or an error value; holds every such cell.
    """
    _check_package(raw, path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and rules that nobody reads
        try:
            lines = _lines(raw)
        except ModuleNotFoundError as error:
            raise fault(path, _NEEDED, "install it, or save the file as CSV UTF-8") from error
        except Exception as error:
            # openpyxl lets through whatever a damaged part makes its parsers raise.
            raise fault(path, f"not readable as a workbook ({error})", _REMEDY) from error
    header = [_text(cell.value) for cell in lines[0]] if lines else []
    problems = [problem for line in lines for problem in _line_problems(line, header, path)]
    if problems:
        raise SheetError(problems)
    return [[_text(cell.value) for cell in line] for line in lines]


def workbook_bytes(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """A workbook with these sheets, in this order; every cell is text, and none a formula.

    Raises:
        ModuleNotFoundError: openpyxl is not installed.
    """
    workbook = import_module("openpyxl").Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append([_text_cell(sheet, text) for text in row])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _check_package(raw: bytes, path: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            size = sum(part.file_size for part in package.infolist())
            if size > _LARGEST_UNPACKED_BYTES:
                message = f"has {size} bytes unpacked, more than {_LARGEST_UNPACKED_BYTES}"
                raise fault(path, message, "split it, or save it as CSV UTF-8")
            has_entities = any(_declares_a_type(package, name) for name in package.namelist())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        # What zipfile raises of damaged, oddly packed, encrypted and truncated packages.
        raise fault(path, f"not readable as a workbook ({error})", _REMEDY) from error
    if has_entities:  # no program writes one; entities in it could grow without end
        raise fault(path, "holds a document type, which no workbook has", _REMEDY)


def _declares_a_type(package: zipfile.ZipFile, name: str) -> bool:
    with package.open(name) as part:
        return b"<!doctype" in part.read(_HEAD_BYTES).replace(b"\0", b"").lower()


def _lines(raw: bytes) -> list[tuple[Any, ...]]:
    workbook = import_module("openpyxl").load_workbook(io.BytesIO(raw), read_only=True)
    titles = {sheet.title.casefold(): sheet for sheet in reversed(workbook.worksheets)}
    sheet = titles.get(ANSWERS_SHEET, workbook.worksheets[0])
    sheet.reset_dimensions()  # what a file says of its own size may be wrong
    return list(sheet.rows)


def _line_problems(line: tuple[Any, ...], header: list[str], path: Path) -> Iterable[SheetProblem]:
    for place, cell in enumerate(line):
        if cell.data_type in (_FORMULA, _ERROR) and cell.value is not None:
            is_formula = cell.data_type == _FORMULA
            name = header[place] if place < len(header) else ""
            yield SheetProblem(
                path=path,
                place=f"row {cell.row}",
                column=str(Column(column_letter(place), name)),
                message="is a formula" if is_formula else f"is an error ({cell.value})",
                remedy="put its value in its place (paste as values)",
            )


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a workbook holds
    if value is None:
        return ""
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _text_cell(sheet: Any, text: str) -> Any:  # noqa: ANN401 - openpyxl publishes no types
    cell = import_module("openpyxl.cell").WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # a text that begins with = is no formula
    return cell
