"""Files of answers in our own layout: what is read, and what is refused, whole."""

import doctest
import json
from datetime import date

import pytest
from answer_builders import ALTIMETER, ESM3
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.assessing import answer_columns, answer_table
from classifiers.assessing.answer_files import read_answers
from classifiers.assessing.answer_rows import Expected
from classifiers.assessing.answer_table import read_table
from classifiers.assessing.answer_templates import (
    csv_text,
    google_form_text,
    limesurvey_text,
    question_rows,
    questions_text,
    template_rows,
    template_text,
)
from classifiers.assessing.answers import Answers
from classifiers.sheet import SheetError

INSTRUMENTS = pytest.mark.parametrize("instrument", [ALTIMETER, ESM3], ids=["altimeter", "esm3"])
DAY = date(2026, 11, 2)


@pytest.mark.parametrize("module", [answer_columns, answer_table])
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


@INSTRUMENTS
def test_an_empty_template_is_read_as_rows_that_nobody_filled_in(tmp_path, instrument):
    path = written(tmp_path, template_text(instrument, ["council", "museum"]))
    assert read_answers(path) == ((), "barograph", 2, (), ())


@INSTRUMENTS
@settings(max_examples=20)
@given(data=st.data())
def test_a_filled_template_is_read_as_it_was_filled(tmp_path_factory, instrument, data):
    answers = data.draw(filled(instrument))
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    path.write_text(csv_text(rows_of(instrument, answers)), encoding="utf-8", newline="")
    assert read_answers(path).answers == (answers,)


@INSTRUMENTS
def test_every_column_of_a_template_is_explained(instrument):
    [header] = template_rows(instrument)
    assert sorted(row[0] for row in question_rows(instrument)[1:]) == sorted(header)
    assert questions_text(instrument).startswith("column,question,answers,help\r\n")


@INSTRUMENTS
def test_printed_questionnaires_hold_every_question(instrument):
    for text in (google_form_text(instrument), limesurvey_text(instrument)):
        for item in instrument.items:
            asked = (item.steps.first, item.steps.second) if item.steps else (item.text,)
            offered = () if item.steps else item.choices
            assert all(words in text for words in (*asked, *(each.text for each in offered)))
    assert "ST1" not in google_form_text(instrument)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_spreadsheets_of_all_kinds_give_the_same_answers(tmp_path, mark, newline, separator):
    lines = ["organization,stage,ST1,OR1", "café,Engagement,2,Cannot say", "", " museum ,2,,"]
    path = tmp_path / "answers.csv"
    path.write_bytes(mark + newline.join(lines).replace(",", separator).encode())
    first, second = read_answers(path).answers
    assert (first.organization_id, first.given, first.cannot_say) == ("café", {"ST1": 2}, {"OR1"})
    assert (second.organization_id, second.direct_stage_code) == ("museum", 2)


@pytest.mark.parametrize(
    "text",
    [
        "3",
        "in place and reviewed in the last 12 months",
        "IN PLACE and reviewed in the last 12 months",
    ],
)
def test_a_value_may_be_a_number_or_its_words(tmp_path, text):
    path = written(tmp_path, f"organization,ST1\ncouncil,{text}\n")
    assert read_answers(path).answers[0].given == {"ST1": 3}


@pytest.mark.parametrize("text", ["5", "strategic", "Several functions use social media for"])
def test_a_placement_may_be_a_number_a_name_or_the_description(tmp_path, text):
    label = next(c.label for c in ALTIMETER.placement.choices if c.value == 5)
    cell = label if label.startswith(text) else text
    path = written(tmp_path, f'organization,ST1,stage,ambition\ncouncil,1,"{cell}",6\n')
    [answers] = read_answers(path).answers
    assert (answers.direct_stage_code, answers.ambition_stage_code) == (5, 6)


@pytest.mark.parametrize(
    ("steps", "level"),
    [("no,", 1), ("no,no", 1), ("yes,yes", 2), ("yes,no", 3), ("yes,", None), (",no", None)],
)
def test_governance_comes_from_two_steps(tmp_path, steps, level):
    path = written(tmp_path, f"organization,EMP1,BUS3a,BUS3b\ncouncil,1,{steps}\n")
    [answers] = read_answers(path).answers
    assert answers.given.get("BUS3") == level
    assert not answers.cannot_say


def test_a_step_that_cannot_be_said_is_an_item_that_cannot_be_said(tmp_path):
    path = written(tmp_path, "organization,BUS3a,BUS3b\ncouncil,yes,cannot say\n")
    assert read_answers(path).answers[0].cannot_say == {"BUS3"}


def test_governance_may_be_given_as_a_level_too(tmp_path):
    path = written(tmp_path, "organization,BUS3\ncouncil,no-formal\nmuseum,3\n")
    assert [each.given["BUS3"] for each in read_answers(path).answers] == [1, 3]


def test_a_file_may_hold_both_instruments(tmp_path):
    path = written(tmp_path, "organization,ST1,EMP1\ncouncil,1,2\nmuseum,,3\n")
    found = read_answers(path)
    assert [(each.organization_id, each.instrument) for each in found.answers] == [
        ("council", "altimeter"),
        ("council", "esm3"),
        ("museum", "esm3"),
    ]
    assert found.blank_row_count == 0


def test_respondents_without_a_code_are_numbered_by_organization(tmp_path):
    text = "organization,respondent,ST1\ncouncil,,1\nmuseum,,1\ncouncil,2,1\ncouncil,,1\n"
    found = read_answers(written(tmp_path, text)).answers
    assert [each.respondent for each in found] == ["1", "1", "2", "3"]


def test_json_gives_the_same_answers_as_csv(tmp_path):
    entry = {"organization": "council", "ST1": 2, "OR1": "cannot say", "public": True}
    path = written(tmp_path, json.dumps([{**entry, "note": None}]), "answers.json")
    [answers] = read_answers(path).answers
    assert (answers.given, answers.cannot_say) == ({"ST1": 2}, {"OR1"})
    assert answers.is_public


def test_a_file_about_one_organization_needs_no_column_for_it(tmp_path):
    path = written(tmp_path, "ST1\n2\n")
    found = read_answers(path, Expected(organization_id="council"))
    assert found.answers[0].organization_id == "council"
    [problem] = problems_of(path)
    assert (problem.column, problem.message) == ("organization", "the column is missing")


@pytest.mark.parametrize(
    ("row", "column", "message", "remedy"),
    [
        (",1", "A (organization)", "no organization", "give its id"),
        ("counsil,1", "A (organization)", "'counsil' is not on the list", "mean council?"),
        ("zzz,1", "A (organization)", "'zzz' is not on the list", "correct the id"),
        ("council,9", "B (ST1)", "'9' is no answer", "0 not in place, 1 partly"),
        ("council,yes", "B (ST1)", "'yes' is no answer", "'cannot say'"),
        ("council,=1+1", "B (ST1)", "is a formula", "write its value"),
        ("council,1,7", "C (stage)", "'7' is not a stage", "from 1 to 6"),
        ("council,1,,2.11.2026", "D (answered_on)", "'2.11.2026' is not a date", "YYYY-MM-DD"),
        ("council,1,,2026-02-30", "D (answered_on)", "is not a date", "YYYY-MM-DD"),
        ("council,1,,2026-11-03", "D (answered_on)", "2026-11-03 is still to come", "clock"),
        ("council,1,,,Jo Doe", "E (respondent)", "'Jo Doe' is no short code", "no name"),
        ("council,1,,,jo@example.org", "E (respondent)", "is no short code", "no name"),
        ("council,1,,,,jo@example.org", "F (respondent_role)", "an address of", "no name"),
        ("council,1,,,,,maybe", "G (public)", "'maybe' is neither yes nor no", "private"),
        ("council,1,,,,,,note\x00", "H (note)", "a control character", "delete it"),
        ("council,1,,,,,,,ftp://a.org", "I (ST1_evidence)", "is no web address", "https://"),
        ("council,1,,,,,,,,esm3", "J (instrument)", "says 'esm3', but", "write altimeter"),
        ("council,1,,,,,,,,,2", "K (version)", "version '2' of altimeter", "give 1"),
        ("council,1,,,,,,,,,,x", "", "more cells than columns", "quotation marks"),
    ],
)
def test_a_fault_is_told_with_row_column_and_remedy(tmp_path, row, column, message, remedy):
    header = "organization,ST1,stage,answered_on,respondent,respondent_role,public,note"
    columns = f"{header},ST1_evidence,instrument,version"
    path = written(tmp_path, f"{columns}\ncouncil,1\n\n{row}\n")
    [problem] = problems_of(path)
    assert (problem.place, problem.column) == ("row 4", column)
    assert message in problem.message
    assert remedy in problem.remedy
    assert str(problem).startswith(f"{path}, row 4")


@pytest.mark.parametrize(
    ("header", "column", "message", "remedy"),
    [
        ("", "", "has no header", "first row"),
        ("organization,stage", "", "no column is a question of altimeter or esm3", "template"),
        ("organization,ST1,ST7", "C (ST7)", "the column is not known", "mean ST6 or ST5?"),
        ("organization,ST1,stge", "C (stge)", "the column is not known", "mean stage?"),
        ("organization,ST1,ST1", "C (ST1)", "the column stands twice", "delete one"),
        ("organization,ST1,st 1", "C (st 1)", "is ST1 as well as column B (ST1)", "rename"),
        ("organization,,ST1", "B ()", "the column has no name", "name it"),
        ("ST1,stage", "organization", "the column is missing", "add it"),
    ],
)
def test_a_fault_of_the_header_is_told(tmp_path, header, column, message, remedy):
    problem = problems_of(written(tmp_path, f"{header}\n"))[0]
    assert problem.column == column
    assert message in problem.message
    assert remedy in problem.remedy


def test_all_faults_are_told_at_once_and_nothing_is_taken(tmp_path):
    text = "organization,ST1,OR1,stage\ncouncil,1,1,1\n,7,1,\ncouncil,1,x,9\n"
    assert [(each.place, each.column) for each in problems_of(written(tmp_path, text))] == [
        ("row 3", "A (organization)"),
        ("row 3", "B (ST1)"),
        ("row 4", "D (stage)"),
        ("row 4", "C (OR1)"),
    ]


def test_the_same_respondent_twice_on_a_day_is_told_with_the_first_place(tmp_path):
    line = "council,press,2026-11-02,1\n"
    path = written(tmp_path, f"organization,respondent,answered_on,ST1\n{line}{line}")
    [problem] = problems_of(path)
    assert (problem.place, problem.message) == (
        "row 3",
        "answers again for 'council' as row 2 does",
    )


def test_steps_that_contradict_the_level_are_told(tmp_path):
    text = "organization,BUS3,BUS3a,BUS3b\ncouncil,3,yes,yes\nmuseum,,no,yes\n"
    problems = problems_of(written(tmp_path, text))
    assert ["otherwise" in problems[0].message, "never were" in problems[1].message] == [True] * 2


@pytest.mark.parametrize(
    ("raw", "name", "message"),
    [
        (b"\xd0\xcf\x11\xe0", "a.xls", "is an old or a protected workbook"),
        (b"organization,ST1\ncaf\xe9,1\n", "a.csv", "byte 0xe9 is not UTF-8"),
        (b'organization,ST1\n"a,1\n', "a.csv", "not readable as CSV"),
        (b"{", "a.json", "not readable as JSON"),
        (b"[" * 100_000, "a.json", "not readable as JSON"),
        (b'[{"ST1": 1, "ST1": 2}]', "a.json", "a name stands twice"),
        (b"3", "a.json", "is JSON, but no list"),
        (b"[3]", "a.json", "is no object"),
        (b'[{"ST1": [1]}]', "a.json", "is neither text nor a number"),
        (b'[{"ST1": "=1"}]', "a.json", "is a formula"),
        (b"PK\x03\x04", "a.xlsx", "not readable as a workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, raw, name, message):
    path = tmp_path / name
    path.write_bytes(raw)
    assert message in problems_of(path)[0].message


@settings(max_examples=50)
@given(
    raw=st.binary(max_size=200) | st.text(alphabet='a1,;"=\n[]{}:ST', max_size=60).map(str.encode)
)
@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.xlsx"])
def test_whatever_a_file_holds_is_answers_or_problems(tmp_path_factory, raw, name):
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(raw)
    assert problems_of(path)


def test_a_file_that_is_not_there_or_is_too_large_is_told(tmp_path):
    assert "No such file" in problems_of(tmp_path / "missing.csv")[0].message
    rows = written(tmp_path, "organization,ST1\n" + "a,1\n" * 20_001)
    assert "has 20001 rows" in problems_of(rows)[0].message
    (tmp_path / "large.csv").write_bytes(b" " * 20_000_001)
    assert "has 20000001 bytes" in problems_of(tmp_path / "large.csv")[0].message


def test_a_quoted_cell_of_several_lines_is_one_row(tmp_path):
    path = written(tmp_path, 'organization,note,ST1\ncouncil,"one\ntwo",1\nmuseum,,9\n')
    assert problems_of(path)[0].place == "row 3"
    assert read_table(path).rows[0].cells.popitem()[1] == "1"


def test_an_unknown_layout_is_refused(tmp_path):
    path = written(tmp_path, "organization,ST1\ncouncil,1\n")
    with pytest.raises(ValueError, match="'forms' is not a layout; there are limesurvey"):
        read_answers(path, layout_code="forms")


@st.composite
def filled(draw, instrument):
    """Answers of one respondent with anything given that may be."""
    said = {item.code: draw(st.sampled_from([None, -1, *item.values])) for item in instrument.items}
    stages = st.sampled_from([None, 1, 4, 6]) if instrument.placement else st.none()
    return Answers(
        organization_id="council",
        instrument=instrument.code,
        instrument_version="1",
        respondent="r-1",
        respondent_role=draw(st.sampled_from(["", "Head of Marketing", 'a;b, "c"'])),
        answered_on=draw(st.sampled_from([None, DAY])),
        given={
            **{code: v for code, v in said.items() if v is not None and v >= 0},
            last(instrument): 1,
        },
        cannot_say=frozenset(c for c, v in said.items() if v == -1) - {last(instrument)},
        evidence={"ST1": "https://example.org/?a=1&b=2"} if instrument is ALTIMETER else {},
        direct_stage_code=draw(stages),
        ambition_stage_code=draw(stages),
        is_public=draw(st.booleans()),
        note=draw(st.sampled_from(["", "two\nlines", "- a list", "+1 @council", "naïve; 中文"])),
    )


def last(instrument):
    return instrument.items[-1].code


def rows_of(instrument, answers):
    """The template with one respondent's answers filled in."""
    header, row = template_rows(instrument, [answers.organization_id])
    cells = dict(zip(header, row, strict=True)) | {
        "respondent": answers.respondent,
        "respondent_role": answers.respondent_role,
        "answered_on": str(answers.answered_on or ""),
        "public": "yes" if answers.is_public else "",
        "note": answers.note,
        **{code: str(value) for code, value in answers.given.items()},
        **dict.fromkeys(answers.cannot_say, "cannot say"),
        **{f"{code}_evidence": link for code, link in answers.evidence.items()},
    }
    if instrument.placement:
        cells["stage"] = str(answers.direct_stage_code or "")
        cells["ambition"] = str(answers.ambition_stage_code or "")
    if "BUS3" in cells:
        steps = {"1": ("no", ""), "2": ("yes", "yes"), "3": ("yes", "no")}
        cells["BUS3a"], cells["BUS3b"] = steps.get(cells["BUS3"], (cells["BUS3"], ""))
    return [header, [cells[name] for name in header]]


def written(folder, text, name="answers.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def problems_of(path):
    expected = Expected(organization_ids=("council", "museum", "a"), latest_day=DAY)
    with pytest.raises(SheetError) as caught:
        read_answers(path, expected)
    return caught.value.problems
