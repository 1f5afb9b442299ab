"""Reading claimed stages from CSV."""

from datetime import date

import pytest

from classifiers.claims import INSTRUMENTS, Claim, ClaimsError, read_claims


def test_two_columns_make_a_claim(tmp_path):
    claims = read_claims(written(tmp_path, "organization,stage\ncouncil,Presence\nmuseum,4\n"))
    assert claims == [
        Claim(organization_id="council", stage_code=2),
        Claim(organization_id="museum", stage_code=4),
    ]
    assert claims[0].instrument == "altimeter_direct"
    assert claims[0].claimed_on is None


def test_all_columns_are_read_in_any_order_and_case(tmp_path):
    text = (
        "Stage,Organization,note,Respondent_Role,claimed_on,instrument\n"
        '3,council,"first, and last",marketing,2026-05-01,altimeter_direct\n'
    )
    assert read_claims(written(tmp_path, text)) == [
        Claim(
            organization_id="council",
            stage_code=3,
            claimed_on=date(2026, 5, 1),
            respondent_role="marketing",
            note="first, and last",
        )
    ]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_spreadsheets_of_all_kinds_give_the_same_claims(tmp_path, mark, newline, separator):
    lines = ["organization,stage", "café,Engagement", "", " museum , 2 "]
    text = newline.join(lines).replace(",", separator)
    path = tmp_path / "claims.csv"
    path.write_bytes(mark + text.encode())
    assert [(claim.organization_id, claim.stage_code) for claim in read_claims(path)] == [
        ("café", 3),
        ("museum", 2),
    ]


def test_a_claim_may_come_from_any_scoring_rule(tmp_path):
    rows = "".join(f"council,{stage},{name}\n" for stage, name in enumerate(INSTRUMENTS, start=1))
    claims = read_claims(written(tmp_path, f"organization,stage,instrument\n{rows}"))
    assert {claim.instrument: claim.stage_code for claim in claims} == {
        "altimeter_direct": 1,
        "altimeter_cumulative": 2,
        "altimeter_weakest": 3,
        "altimeter_median": 4,
    }


def test_respondents_of_one_organization_may_differ(tmp_path):
    text = "organization,stage,respondent_role\ncouncil,2,press\ncouncil,5,board\n"
    assert [claim.stage_code for claim in read_claims(written(tmp_path, text))] == [2, 5]


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "remedy"),
    [
        ("", 1, "organization", "the column is missing", "name the columns"),
        ("organization\ncouncil\n", 1, "stage", "the column is missing", "name the columns"),
        ("organization,stage,level\n", 1, "level", "the column is not known", "name the columns"),
        ("organization,stage,stage\n", 1, "stage", "the column stands twice", "name the columns"),
        ("organization,stage\n,2\n", 2, "organization", "no organization", "give its id"),
        ("organization,stage\na,\n", 2, "stage", "no stage", "from 1 to 6"),
        ("organization,stage\na\n", 2, "stage", "no stage", "from 1 to 6"),
        ("organization,stage\na,7\n", 2, "stage", "'7' is not a stage", "from 1 to 6"),
        ("organization,stage\na,1,2\n", 2, "", "more cells than columns", "quotation marks"),
        (
            "organization,stage,claimed_on\na,1,31.12.2026\n",
            2,
            "claimed_on",
            "'31.12.2026' is not a date",
            "YYYY-MM-DD",
        ),
        (
            "organization,stage,instrument\na,1,esm3\n",
            2,
            "instrument",
            "'esm3' is not an instrument",
            "altimeter_direct",
        ),
        (
            "organization,stage\na,1\nb,2\na,3\n",
            4,
            "",
            "claims again for 'a' what line 2 claims",
            "keep one",
        ),
        ('organization,stage\n"a,1\n', 2, "", "not readable as CSV", "close every quotation"),
        ('organization,stage,note\na,1,"x\ny"\nb,9,\n', 4, "stage", "'9' is not", "from 1 to 6"),
    ],
)
def test_a_fault_is_told_with_file_line_column_and_remedy(
    tmp_path, text, line, column, message, remedy
):
    problem = problems_of(written(tmp_path, text))[0]
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message
    assert remedy in problem.remedy
    assert str(problem).startswith(f"{tmp_path / 'claims.csv'}, line {line}")


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_bytes("organization,stage\na,1\ncafé,2\n".encode("latin-1"))
    [problem] = problems_of(path)
    assert (problem.line, problem.message) == (3, "byte 0xe9 is not UTF-8")
    assert "save the file as CSV UTF-8" in problem.remedy


def test_a_file_that_is_not_there_is_a_problem_without_a_line(tmp_path):
    [problem] = problems_of(tmp_path / "missing.csv")
    assert problem.line == 0
    assert "No such file" in problem.message


def test_all_faults_are_told_at_once_and_nothing_is_imported(tmp_path):
    text = "organization,stage,claimed_on\na,1,\n,9,soon\nb,2,\nc,x,\n"
    problems = problems_of(written(tmp_path, text))
    assert [(problem.line, problem.column) for problem in problems] == [
        (3, "organization"),
        (3, "stage"),
        (3, "claimed_on"),
        (5, "stage"),
    ]


def written(folder, text):
    path = folder / "claims.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def problems_of(path):
    with pytest.raises(ClaimsError) as caught:
        read_claims(path)
    assert str(caught.value).count("\n") == len(caught.value.problems) - 1
    return caught.value.problems
