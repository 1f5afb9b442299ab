"""Exports of survey tools as they come: LimeSurvey and Google Forms."""

import csv
import io
import json
from datetime import date

import pytest
from answer_builders import ALTIMETER, ESM3

from classifiers.assessing.answer_files import read_answers
from classifiers.assessing.answer_rows import Expected
from classifiers.sheet import SheetError

GOVERNANCE = next(item for item in ESM3.items if item.steps)
WORDS = {choice.value: choice.label for choice in ALTIMETER.items[0].choices}
STATEMENTS = {item.code: item.text for item in ALTIMETER.items}


@pytest.mark.parametrize(
    "headers",
    [
        ["id", "submitdate", "organization", "respondentrole", "ST1", "EN3", "stage"],
        ["id", "submitdate", "organization", "respondentrole", "ALT[ST1]", "ALT[EN3]", "stage"],
        ["id", "submitdate", "organization", "respondentrole", "ALT_ST1", "ALT_EN3", "stage"],
        [
            "id. Response ID",
            "submitdate. Date submitted",
            "organization. Organization",
            "respondentrole. Your function",
            f"ALT[ST1]. Strategy [{STATEMENTS['ST1']}]",
            f"ALT[EN3]. Engagement [{STATEMENTS['EN3']}]",
            f"stage. {ALTIMETER.placement.question}",
        ],
        [
            "Response ID",
            "Date submitted",
            "Organization",
            "Your function",
            f"Strategy [{STATEMENTS['ST1']}]",
            f"Engagement [{STATEMENTS['EN3']}]",
            ALTIMETER.placement.question,
        ],
    ],
    ids=["codes", "brackets", "expression codes", "codes and texts", "texts"],
)
@pytest.mark.parametrize(
    "answers",
    [
        ["A3", "CS", "A4"],
        [WORDS[3], "Cannot say", ALTIMETER.placement.choices[3].label],
        ["3", "Cannot say", "4"],
    ],
    ids=["answer codes", "answer texts", "numbers"],
)
def test_limesurvey_is_understood_however_it_was_exported(tmp_path, headers, answers):
    row = ["17", "2026-05-19 10:15:00", "council", "press", *answers]
    found = read_answers(exported(tmp_path, [headers, row]))
    [one] = found.answers
    assert found.layout == "limesurvey"
    assert (one.organization_id, one.respondent, one.respondent_role) == ("council", "17", "press")
    assert (one.given, one.cannot_say, one.direct_stage_code) == ({"ST1": 3}, {"EN3"}, 4)
    assert one.answered_on == date(2026, 5, 19)


def test_unfinished_responses_are_left_out_and_told(tmp_path):
    rows = [["id", "submitdate", "organization", "ST1"]]
    rows += [
        ["1", "", "council", "A1"],
        ["2", "N/A", "", "A7"],
        ["3", "2026-05-19", "museum", "A1"],
    ]
    found = read_answers(exported(tmp_path, rows))
    assert [each.organization_id for each in found.answers] == ["museum"]
    assert found.draft_places == ("row 2", "row 3")
    assert found.blank_row_count == 0


def test_an_anonymous_survey_has_no_day(tmp_path):
    rows = [["submitdate", "organization", "ST1"], ["1980-01-01 00:00:00", "council", "A1"]]
    assert read_answers(exported(tmp_path, rows)).answers[0].answered_on is None


def test_questions_that_were_not_shown_have_no_answer(tmp_path):
    rows = [["submitdate", "organization", "ST1", "ST2"], ["2026-05-19", "council", "A1", "N/A"]]
    assert read_answers(exported(tmp_path, rows)).answers[0].given == {"ST1": 1}


def test_what_tools_keep_of_persons_is_never_read(tmp_path):
    rows = [
        ["submitdate", "ipaddr", "refurl", "token", "organization", "ST1", "Any wishes?"],
        ["2026-05-19", "192.0.2.7", "https://a.example", "tok3n", "council", "A1", "Jo Doe"],
    ]
    found = read_answers(exported(tmp_path, rows))
    assert found.left_out_columns == ("ipaddr", "refurl", "token", "Any wishes?")
    for secret in ("192.0.2.7", "a.example", "tok3n", "Jo Doe"):
        assert secret not in repr(found.answers)


def test_a_masked_formula_of_limesurvey_stays_text(tmp_path):
    rows = [["submitdate", "organization", "ST1", "note"], ["2026-05-19", "council", "A1", "'=1"]]
    assert read_answers(exported(tmp_path, rows)).answers[0].note == "'=1"


def test_a_question_that_is_no_item_is_told_though_others_are_left_out(tmp_path):
    rows = [["submitdate", "organization", "ALT[ST1]", "ALT[ST7]"], ["2026-05-19", "a", "A1", ""]]
    [problem] = problems_of(exported(tmp_path, rows))
    assert (problem.column, problem.message) == ("D (ALT[ST7])", "the column is not known")


def test_limesurvey_json_is_understood(tmp_path):
    path = tmp_path / "results.json"
    response = {"id": 4, "submitdate": "2026-05-19 10:15:00", "organization": "council"}
    path.write_text(json.dumps({"responses": [{**response, "ALT[ST1]": "A2"}]}), encoding="utf-8")
    [answers] = read_answers(path).answers
    assert (answers.respondent, answers.given) == ("4", {"ST1": 2})


def test_google_forms_is_understood_by_its_questions(tmp_path):
    headers = [
        "Timestamp",
        "Email Address",
        "Organization",
        "Your function",
        STATEMENTS["ST1"],
        f"Engagement [{STATEMENTS['EN3']}]",
        ALTIMETER.placement.question,
        ALTIMETER.ambition.question,
        "May this be public?",
    ]
    description = ALTIMETER.placement.choices[1].text
    row = ["2026/05/19 10:15:00 AM GMT+2", "jo@example.org", "Council", "press", WORDS[2]]
    row += ["Cannot say", description, ALTIMETER.placement.choices[4].text, "yes"]
    found = read_answers(exported(tmp_path, [headers, row]), Expected(organization_ids=["council"]))
    [one] = found.answers
    assert found.layout == "googleforms"
    assert found.left_out_columns == ("Email Address",)
    assert (one.organization_id, one.respondent, one.respondent_role) == ("council", "1", "press")
    assert (one.given, one.cannot_say) == ({"ST1": 2}, {"EN3"})
    assert (one.direct_stage_code, one.ambition_stage_code, one.is_public) == (2, 5, True)
    assert one.answered_on == date(2026, 5, 19)
    assert "jo@" not in repr(one)


def test_google_forms_asks_governance_in_two_steps(tmp_path):
    steps = GOVERNANCE.steps
    headers = ["Timestamp", "Organization", ESM3.items[0].text, steps.first, steps.second]
    row = ["2026-05-19 10:15:00", "council", ESM3.items[0].choices[2].text, "yes", "no"]
    [answers] = read_answers(exported(tmp_path, [headers, row])).answers
    assert answers.given == {"EMP1": 3, "BUS3": 3}


@pytest.mark.parametrize(
    ("times", "days"),
    [
        (["5/19/2026 10:15:00", "5/6/2026 1:00:00"], [(5, 19), (5, 6)]),
        (["19/05/2026 10:15:00", "05/06/2026 1:00:00"], [(5, 19), (6, 5)]),
        (["19.05.2026 10:15:00", "05.06.2026 10:15"], [(5, 19), (6, 5)]),
        (["05.06.2026 10:15"], [(6, 5)]),
        (["5/5/2026 10:15:00"], [(5, 5)]),
        (["2026/05/06 10:15:00 PM GMT-8"], [(5, 6)]),
    ],
)
def test_times_are_read_where_day_and_month_can_be_told_apart(tmp_path, times, days):
    rows = [[time, "council", "1"] for time in times]
    path = exported(tmp_path, [["Timestamp", "Organization", "ST1"], *rows])
    found = [each.answered_on for each in read_answers(path).answers]
    assert found == [date(2026, month, day) for month, day in days]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (["5/6/2026 10:15:00"], "may begin with the day or with the month"),
        (["13/5/2026", "5/13/2026"], "may begin with the day or with the month"),
        (["31.02.2026 10:15:00"], "is not a date"),
        (["yesterday"], "is not a date"),
    ],
)
def test_times_that_cannot_be_told_are_refused_and_not_guessed(tmp_path, times, message):
    rows = [[time, "council", "1"] for time in times]
    path = exported(tmp_path, [["Timestamp", "Organization", "ST1"], *rows])
    assert all(message in problem.message for problem in problems_of(path))


def test_a_layout_may_be_named(tmp_path):
    path = exported(tmp_path, [["answered on", "Organization", "Any wishes?", "ST1"]])
    assert read_answers(path, layout_code="googleforms").left_out_columns == ("Any wishes?",)
    assert "not known" in problems_of(path)[0].message


def exported(folder, rows):
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
    path = folder / "results.csv"
    path.write_text(stream.getvalue(), encoding="utf-8-sig", newline="")
    return path


def problems_of(path):
    with pytest.raises(SheetError) as caught:
        read_answers(path)
    return caught.value.problems
