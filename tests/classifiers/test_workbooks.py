"""Workbooks of answers: what is read of a cell, and what is refused."""

import io
import zipfile
from datetime import date, datetime

import pytest
from answer_builders import ALTIMETER

from classifiers.assessing.answer_files import read_answers
from classifiers.assessing.answer_templates import template_workbook
from classifiers.assessing.workbook import workbook_bytes
from classifiers.sheet import SheetError

openpyxl = pytest.importorskip("openpyxl")

HEADER = ["organization", "answered_on", "ST1", "public", "note"]


def test_a_filled_template_is_read(tmp_path):
    path = tmp_path / "answers.xlsx"
    path.write_bytes(template_workbook(ALTIMETER, ["council", "museum"]))
    workbook = openpyxl.load_workbook(path)
    header = [cell.value for cell in workbook["answers"][1]]
    for name, value in {"ST1": 3, "OR1": "cannot say", "stage": "Presence"}.items():
        workbook["answers"].cell(2, header.index(name) + 1).value = value
    workbook.active = workbook["questions"]
    workbook.save(path)
    found = read_answers(path)
    [answers] = found.answers
    assert (answers.given, answers.cannot_say) == ({"ST1": 3}, {"OR1"})
    assert (answers.direct_stage_code, found.blank_row_count) == (2, 1)


@pytest.mark.parametrize(
    "day",
    [
        datetime.fromisoformat("2026-05-19 10:15:00"),
        datetime.fromisoformat("2026-05-19"),
        date(2026, 5, 19),
        "2026-05-19",
    ],
)
def test_days_are_read_as_dates_or_text(tmp_path, day):
    [answers] = read_answers(saved(tmp_path, [HEADER, ["council", day, 2.0, True, None]])).answers
    assert (answers.answered_on, answers.given) == (date(2026, 5, 19), {"ST1": 2})
    assert answers.is_public


def test_rows_are_told_as_the_spreadsheet_counts_them(tmp_path):
    rows = [HEADER, [], ["council", None, 2], [], [], ["museum", None, 9.5]]
    [problem] = problems_of(saved(tmp_path, rows))
    assert (problem.place, problem.column) == ("row 6", "C (ST1)")
    assert problem.message == "'9.5' is no answer"


def test_formulas_and_error_values_are_refused_all_at_once(tmp_path):
    rows = [HEADER, ["council", "=TODAY()", "=1+1"], ["museum", None, "#N/A"]]
    problems = problems_of(saved(tmp_path, rows))
    assert [(each.place, each.column, each.message) for each in problems] == [
        ("row 2", "B (answered_on)", "is a formula"),
        ("row 2", "C (ST1)", "is a formula"),
        ("row 3", "C (ST1)", "is an error (#N/A)"),
    ]


def test_a_text_that_looks_like_a_formula_is_written_as_text_and_refused_when_read(tmp_path):
    path = tmp_path / "answers.xlsx"
    path.write_bytes(workbook_bytes({"answers": [["organization", "ST1"], ["=cmd()", "1"]]}))
    cell = openpyxl.load_workbook(path)["answers"]["A2"]
    assert (cell.data_type, cell.value) == ("s", "=cmd()")
    assert "is a formula" in problems_of(path)[0].message


def test_the_first_sheet_is_read_where_none_is_called_answers(tmp_path):
    path = saved(tmp_path, [HEADER, ["council", None, 1]], title="Form Responses 1")
    assert len(read_answers(path).answers) == 1


def test_what_a_workbook_says_of_its_own_size_is_not_believed(tmp_path):
    path = saved(tmp_path, [HEADER, ["council", None, 1]])
    with zipfile.ZipFile(path) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    rewritten(path, {"xl/worksheets/sheet1.xml": sheet.replace(b'ref="A1:E2"', b'ref="A1:B1"')})
    assert b'ref="A1:E2"' in sheet
    assert len(read_answers(path).answers) == 1


def test_a_workbook_with_a_document_type_is_refused(tmp_path):
    path = saved(tmp_path, [HEADER, ["council", None, 1]])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    rewritten(path, {"xl/worksheets/sheet1.xml": bomb})
    assert "holds a document type" in problems_of(path)[0].message


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("content", [b"", b"<x", b"\x00\xff"])
def test_a_damaged_part_is_told_and_nothing_is_taken(tmp_path, part, content):
    path = saved(tmp_path, [HEADER, ["council", None, 1]])
    rewritten(path, {part: content})
    assert "not readable as a workbook" in problems_of(path)[0].message


def test_a_workbook_that_would_unpack_without_end_is_refused(tmp_path):
    path = saved(tmp_path, [HEADER])
    rewritten(path, {"xl/media/large.bin": bytes(101_000_000)})
    assert "bytes unpacked" in problems_of(path)[0].message


def test_a_row_at_the_end_of_the_sheet_is_not_lost(tmp_path):
    path = saved(tmp_path, [HEADER, ["council", None, 1]])
    workbook = openpyxl.load_workbook(path)
    workbook["answers"].cell(25_000, 1).value = "museum"
    workbook["answers"].cell(25_000, 3).value = 9
    workbook.save(path)
    assert problems_of(path)[0].place == "row 25000"


def saved(folder, rows, title="answers"):
    workbook = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    path = folder / "answers.xlsx"
    workbook.save(path)
    return path


def rewritten(path, parts):
    """The same package with some parts replaced or added."""
    with zipfile.ZipFile(path) as package:
        held = {name: package.read(name) for name in package.namelist()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in {**held, **parts}.items():
            package.writestr(name, content)
    path.write_bytes(stream.getvalue())


def problems_of(path):
    with pytest.raises(SheetError) as caught:
        read_answers(path)
    return caught.value.problems
