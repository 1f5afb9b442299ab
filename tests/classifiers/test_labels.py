"""Reading expert codes from the raters' sheets, and what raters say together."""

import json
from datetime import date, timedelta
from itertools import permutations

import pytest

from classifiers.consensus import coding_rounds, training_label
from classifiers.labels import Confidence, ExpertCode, Saw, read_expert_codes
from classifiers.sheet import SheetError

HEADER = "organization,stage,rater,saw,coded_on"
KNOWN = ("council", "museum", "example-school")
TODAY = date(2026, 11, 20)
DAY = date(2026, 11, 2)


def test_five_columns_make_a_code_about_the_day_of_coding(tmp_path):
    text = f"{HEADER}\ncouncil,Presence,r1,documents,2026-11-02\nmuseum,4,r1,public,2026-11-03\n"
    assert codes_of(written(tmp_path, text)) == (
        code("council", 2),
        code("museum", 4, saw=Saw.PUBLIC, coded_on=date(2026, 11, 3), about=date(2026, 11, 3)),
    )


def test_all_columns_are_read_in_any_order_and_case(tmp_path):
    text = (
        "Note,codebook,About,Name,confidence,coded_on,SAW,rater,stage,organization_id\n"
        '"first, and last",2026-1,2026-09-30,The Council,High,2026-11-02,Both,R-1,3,council\n'
    )
    assert codes_of(written(tmp_path, text)) == (
        code(
            "council",
            3,
            rater="R-1",
            saw=Saw.BOTH,
            about=date(2026, 9, 30),
            codebook="2026-1",
            confidence=Confidence.HIGH,
            note="first, and last",
        ),
    )


@pytest.mark.parametrize("text", ["cannot say", "Cannot Say", "cannot-say", "cannot_say"])
def test_who_cannot_say_gives_a_code_without_a_stage(tmp_path, text):
    path = written(tmp_path, f"{HEADER}\ncouncil,{text},r1,documents,2026-11-02\n")
    assert codes_of(path) == (code("council", None),)


def test_json_gives_the_same_codes_as_csv(tmp_path):
    entry = {"organization": "council", "rater": "r1", "saw": "documents", "note": None}
    entries = [{**entry, "stage": 2, "coded_on": "2026-11-02"}]
    path = written(tmp_path, json.dumps(entries), "codes.json")
    assert codes_of(path) == (code("council", 2),)


def test_rows_that_nobody_has_coded_yet_are_only_counted(tmp_path):
    text = f"{HEADER},about\ncouncil,,r1,documents,,2026-09-30\nmuseum,2,r1,both,2026-11-02,\n"
    found = read_expert_codes([written(tmp_path, text)], KNOWN, TODAY)
    assert [one.organization_id for one in found.codes] == ["museum"]
    assert found.blank_row_count == 1


def test_the_same_row_in_two_sheets_is_one_code(tmp_path):
    text = f"{HEADER}\ncouncil,2,r1,documents,2026-11-02\n"
    paths = [written(tmp_path, text, name) for name in ("a.csv", "b.csv")]
    assert read_expert_codes(paths, KNOWN, TODAY).codes == (code("council", 2),)


def test_two_sheets_that_contradict_each_other_are_told_with_both_places(tmp_path):
    texts = {"a.csv": "2", "b.csv": "3"}
    paths = [
        written(tmp_path, f"{HEADER}\ncouncil,{stage},r1,documents,2026-11-02\n", name)
        for name, stage in texts.items()
    ]
    [problem] = problems_of(*paths)
    assert (problem.path.name, problem.place) == ("b.csv", "line 2")
    assert problem.message == "r1 codes 'council' otherwise than in line 2 of a.csv"
    assert "keep one of them" in problem.remedy


@pytest.mark.parametrize(
    ("row", "column", "message", "remedy"),
    [
        (",2,r1,both,2026-11-02", "organization", "no organization", "give its id"),
        ("counsil,2,r1,both,2026-11-02", "organization", "'counsil' is not", "mean council?"),
        ("zzz,2,r1,both,2026-11-02", "organization", "'zzz' is not", "correct the id"),
        ("council,7,r1,both,2026-11-02", "stage", "'7' is not a stage", "'cannot say'"),
        ("council,,r1,both,2026-11-02", "stage", "no stage", "from 1 to 6"),
        ("council,2,,both,2026-11-02", "rater", "no rater", "a code such as r1"),
        ("council,2,Jo Doe,both,2026-11-02", "rater", "no short code", "no name of a person"),
        ("council,2,jo@example.org,both,2026-11-02", "rater", "no short code", "no name"),
        ("council,2,r1,,2026-11-02", "saw", "not told what was seen", "documents, public, both"),
        ("council,2,r1,posts,2026-11-02", "saw", "'posts' is none of", "documents, public, both"),
        ("council,2,r1,both,2.11.2026", "coded_on", "'2.11.2026' is not a date", "YYYY-MM-DD"),
        ("council,2,r1,both,", "coded_on", "no day of coding", "YYYY-MM-DD"),
        ("council,2,r1,both,2027-01-01", "coded_on", "2027-01-01 is still to come", "clock"),
        ("council,2,r1,both,2026-11-02,May", "about", "'May' is not a date", "YYYY-MM-DD"),
        ("council,2,r1,both,2026-11-02,2026-11-03", "about", "later than the day", "last day"),
        ("council,2,r1,both,2026-11-02,,sure", "confidence", "no confidence", "low, medium, high"),
        ("council,2,r1,both,2026-11-02,,,more", "", "more cells than columns", "quotation marks"),
    ],
)
def test_a_fault_is_told_with_file_line_column_and_remedy(tmp_path, row, column, message, remedy):
    path = written(tmp_path, f"{HEADER},about,confidence\n{row}\n")
    [problem] = problems_of(path)
    assert (problem.place, problem.column) == ("line 2", column)
    assert message in problem.message
    assert remedy in problem.remedy
    assert str(problem).startswith(f"{path}, line 2")


@pytest.mark.parametrize(
    ("text", "name", "place", "message"),
    [
        ("", "codes.csv", "", "the column is missing"),
        (f"{HEADER},level\n", "codes.csv", "", "the column is not known"),
        (f"{HEADER},stage\n", "codes.csv", "", "the column stands twice"),
        (f'{HEADER}\n"a,1\n', "codes.csv", "line 2", "not readable as CSV"),
        ("PK\x03\x04", "codes.csv", "", "is a workbook, and no text"),
        ("{", "codes.json", "", "not readable as JSON"),
        ("{}", "codes.json", "", "is JSON, but no list"),
        ("[1]", "codes.json", "entry 1", "is no object"),
        ('[{"stage": 2}, {"stage": [2]}]', "codes.json", "entry 2", "is neither text nor a number"),
    ],
)
def test_a_file_that_is_no_sheet_is_told_so(tmp_path, text, name, place, message):
    problem = problems_of(written(tmp_path, text, name))[0]
    assert (problem.place, problem.message.partition(" (")[0]) == (place, message)


def test_a_file_that_is_not_utf_8_or_not_there_is_told_so(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_bytes(f"{HEADER}\ncouncil,2,r1,both,2026-11-02\ncafé".encode("latin-1"))
    problems = problems_of(path, tmp_path / "missing.csv")
    assert [problem.place for problem in problems] == ["line 3", ""]
    assert "No such file" in problems[1].message


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\ncouncil,2,r1,documents,2026-11-02\nmuseum,2,r1,Self-assessment,2026-11-02\n",
        f"{HEADER}\ncouncil,2,self,documents,2026-11-02\n",
        f"{HEADER}\ncouncil,2,Self-assessment,documents,2026-11-02\n",
        f"{HEADER}\ncouncil,2,council,documents,2026-11-02\n",
        f"{HEADER},claimed_by\ncouncil,2,r1,documents,2026-11-02,board\n",
        "organization,stage,claimed_on\ncouncil,2,2026-11-02\n",
    ],
)
def test_self_assessments_are_refused_and_sent_to_the_claims(tmp_path, text):
    [problem] = problems_of(written(tmp_path, text))
    assert problem.message == "holds self-assessments, which are no expert codes"
    assert "claims.csv (docs/claims.md)" in problem.remedy


@pytest.mark.parametrize("rater", ["selfridge", "self2", "museum", "r1"])
def test_a_rater_whose_code_only_resembles_that_may_code(tmp_path, rater):
    path = written(tmp_path, f"{HEADER}\ncouncil,2,{rater},documents,2026-11-02\n")
    [code] = read_expert_codes([path], KNOWN, TODAY).codes
    assert code.rater == rater


def test_all_faults_of_all_sheets_are_told_at_once(tmp_path):
    first = written(tmp_path, f"{HEADER}\nnobody,9,r1,both,2026-11-02\nmuseum,2,r1,x,soon\n", "a")
    second = written(tmp_path, "stage\n", "b")
    told = [(problem.path.name, problem.column) for problem in problems_of(first, second)]
    in_rows = [("a", name) for name in ("organization", "stage", "saw", "coded_on")]
    assert {("b", "organization"), *in_rows} <= set(told)


def test_raters_of_the_same_weeks_make_one_round_and_later_ones_another():
    days = [DAY, DAY + timedelta(56), DAY + timedelta(57)]
    rounds = coding_rounds(
        code("council", 2, rater=f"r{place}", about=day, coded_on=day)
        for place, day in enumerate(days)
    )
    assert [[one.rater for one in coded.codes] for coded in rounds] == [["r0", "r1"], ["r2"]]


def test_a_rater_who_codes_again_begins_a_round():
    months = [DAY, DAY + timedelta(30)]
    codes = [
        code("council", stage, rater=rater, about=day, coded_on=day)
        for day, stage in zip(months, (2, 3), strict=True)
        for rater in ("r1", "r2")
    ]
    for ordered in permutations(codes):
        found = [training_label(coded) for coded in coding_rounds(ordered)]
        assert [(one.about, one.stage_code, one.rater_count) for one in found] == [
            (months[0], 2, 2),
            (months[1], 3, 2),
        ]


def test_codebooks_and_organizations_are_never_put_together():
    codes = [
        code("council", 2),
        code("council", 3, codebook="2", rater="r2"),
        code("museum", 3, rater="r2"),
    ]
    assert [len(coded.codes) for coded in coding_rounds(codes)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ((3,), (3, 1, 0, 0)),
        ((3, 4), (3, 2, 0, 1)),
        ((2, 6, 5), (5, 3, 0, 4)),
        ((4, None), (4, 1, 1, 0)),
        ((5, None, 2), (2, 2, 1, 3)),
    ],
)
def test_the_label_of_a_round_is_the_lower_median_of_its_stages(stages, expected):
    label = label_of(*stages)
    told = (label.stage_code, label.rater_count, label.undecided_count, label.spread)
    assert told == expected


def test_a_round_in_which_nobody_can_say_has_no_label():
    assert label_of(None, None) is None


def test_a_label_is_about_the_earliest_day_and_blind_only_if_all_its_raters_were():
    early = code("council", 2, about=date(2026, 10, 20))
    late = code("council", 2, rater="r2")
    seen = code("council", 2, rater="r3", saw=Saw.PUBLIC)
    undecided = code("council", None, rater="r0", saw=Saw.PUBLIC, about=date(2026, 10, 10))
    [blind], [mixed] = coding_rounds([early, late, undecided]), coding_rounds([early, late, seen])
    assert (training_label(blind).about, training_label(blind).saw) == (early.about, Saw.DOCUMENTS)
    assert training_label(mixed).saw is Saw.BOTH


def test_more_raters_weigh_more_but_never_as_much_as_their_number():
    weights = [label_of(*[3] * count).weight for count in (1, 2, 3, 50)]
    assert weights == sorted(weights)
    assert weights[:2] == [1, pytest.approx(2 / 1.8)]
    assert weights[-1] < 1.25


def label_of(*stages):
    codes = [code("council", stage, rater=f"r{place}") for place, stage in enumerate(stages)]
    [coded] = coding_rounds(codes)
    return training_label(coded)


def code(organization_id, stage_code, **others):
    given = {"rater": "r1", "saw": Saw.DOCUMENTS, "coded_on": DAY, "about": DAY, **others}
    return ExpertCode(organization_id=organization_id, stage_code=stage_code, **given)


def codes_of(path):
    return read_expert_codes([path], KNOWN, TODAY).codes


def written(folder, text, name="codes.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def problems_of(*paths):
    with pytest.raises(SheetError) as caught:
        read_expert_codes(paths, KNOWN, TODAY)
    assert str(caught.value).count("\n") == len(caught.value.problems) - 1
    return caught.value.problems
