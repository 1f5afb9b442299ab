"""Several respondents of one organization, and the claims that follow from what they say."""

from datetime import date, timedelta

import pytest
from answer_builders import ALTIMETER, ESM3, answered, climbed
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.agreement import latest_claims
from classifiers.assessing.altimeter_scores import Bounds, altimeter_scores
from classifiers.assessing.answered_claims import OpenAnswers, claims_from, undecided_rules
from classifiers.assessing.answers import Answers
from classifiers.assessing.respondents import assessment_rounds, combined, respondent_agreement
from classifiers.claims import INSTRUMENTS
from classifiers.reliability import krippendorff_alpha

CODES = [item.code for item in ALTIMETER.items]
DAY = date(2026, 11, 2)
COMPLETE = st.fixed_dictionaries(dict.fromkeys(CODES, st.integers(0, 3)))


def test_of_two_who_differ_the_lower_value_counts():
    both = combined([answered({"ST1": 3, "ST2": 1}), answered({"ST1": 1, "ST2": 2})])
    assert both.given == {"ST1": 1, "ST2": 1}
    assert both.respondent == "together"


def test_of_three_who_differ_the_middle_value_counts():
    three = [answered({"ST1": value}) for value in (0, 2, 3)]
    assert combined(three).given == {"ST1": 2}


def test_an_item_that_one_can_tell_is_told():
    one = answered({"ST1": 2}, cannot_say=frozenset({"ST2", "ST3"}))
    other = answered({"ST2": 3}, cannot_say=frozenset({"ST3"}))
    both = combined([one, other])
    assert both.given == {"ST1": 2, "ST2": 3}
    assert both.cannot_say == {"ST3"}
    assert "ST4" in both.unanswered


def test_what_is_said_beside_the_items_is_put_together():
    press = answered(
        {"ST1": 2},
        respondent_role="press",
        direct_stage_code=2,
        ambition_stage_code=4,
        evidence={"ST1": "https://example.org/a"},
        is_public=True,
    )
    board = answered(
        {"ST1": 3},
        respondent_role="board",
        direct_stage_code=5,
        evidence={"ST1": "https://example.org/b", "ST2": "https://example.org/c"},
        answered_on=DAY + timedelta(days=3),
    )
    both = combined([press, board])
    assert (both.direct_stage_code, both.ambition_stage_code) == (2, 4)
    assert both.evidence == {"ST1": "https://example.org/a", "ST2": "https://example.org/c"}
    assert both.respondent_role == "press, board"
    assert both.answered_on == DAY + timedelta(days=3)
    assert both.is_public is False


def test_one_respondent_is_taken_as_is():
    alone = answered(climbed(*[3] * 6), note="first")
    assert combined([alone]) is alone
    assert respondent_agreement([alone]).why_no_alpha == "only one respondent"


def test_alpha_is_that_of_the_items():
    rows = [climbed(3, 3, 3, 3, 3, 3), climbed(3, 2, 3, 4, 3, 1)]
    found = respondent_agreement([answered(row) for row in rows])
    expected = krippendorff_alpha([[row[code] for code in CODES] for row in rows])
    assert found.alpha == expected
    assert 0 < found.alpha < 1


def test_alpha_is_left_out_with_its_reason():
    apart = respondent_agreement([answered({"ST1": 1}), answered({"ST2": 1})])
    assert (apart.alpha, apart.why_no_alpha) == (None, "no item was answered by two respondents")
    alike = respondent_agreement([answered(dict.fromkeys(CODES, 2))] * 2)
    assert alike.alpha is None
    assert alike.why_no_alpha.startswith("all values are the same")


@pytest.mark.parametrize(("levels", "needs"), [((3, 3), False), ((3, 4), False), ((2, 4), True)])
def test_headlines_two_stages_apart_need_a_consensus(levels, needs):
    found = respondent_agreement([answered(climbed(*[level] * 6)) for level in levels])
    assert found.needs_consensus is needs
    assert found.headline_spread.exact == levels[1] - levels[0]


def test_placements_two_stages_apart_need_a_consensus_too():
    same = climbed(*[3] * 6)
    found = respondent_agreement([answered(same, direct_stage_code=code) for code in (3, 5)])
    assert (found.direct_spread, found.needs_consensus) == (2, True)


def test_open_answers_may_leave_a_consensus_open():
    found = respondent_agreement([answered(climbed(*[3] * 6)), answered({"ST1": 2})])
    assert found.headline_spread == Bounds(0, 3)
    assert found.needs_consensus is None


def test_roles_are_counted_where_they_are_stated():
    roles = ["press", "board", "press", ""]
    assert respondent_agreement([answered(respondent_role=r) for r in roles]).role_count == 2


def test_esm3_has_no_headline_but_an_alpha():
    codes = [item.code for item in ESM3.items]
    rows = [dict.fromkeys(codes, 2) | {codes[0]: value} for value in (1, 1)]
    found = respondent_agreement([answered(row, instrument="esm3") for row in rows])
    assert (found.headline_spread, found.alpha, found.needs_consensus) == (None, 1, False)


def test_respondents_of_several_organizations_are_not_compared():
    with pytest.raises(ValueError, match="answers of one organization"):
        combined([answered(), answered(organization_id="museum")])
    with pytest.raises(ValueError, match="answers of one organization"):
        respondent_agreement([])


def test_rounds_end_after_eight_weeks_or_where_a_respondent_comes_back():
    days = [("1", 0), ("2", 56), ("3", 57), ("3", 60)]
    sample = [answered(respondent=r, answered_on=DAY + timedelta(days=d)) for r, d in days]
    rounds = assessment_rounds([*reversed(sample), answered(organization_id="a-museum")])
    assert [[each.respondent for each in found] for found in rounds] == [
        ["1"],
        ["1", "2"],
        ["3"],
        ["3"],
    ]


def test_answers_without_a_day_are_a_round_of_their_own():
    sample = [answered(respondent=r, answered_on=day) for r, day in [("1", DAY), ("2", None)]]
    assert [found[0].respondent for found in assessment_rounds(sample)] == ["2", "1"]


@settings(max_examples=30)
@given(COMPLETE, COMPLETE)
def test_two_together_claim_no_more_than_either(one, other):
    stages = [altimeter_scores(answered(values)).cumulative.low for values in (one, other)]
    both = combined([answered(one), answered(other)])
    assert altimeter_scores(both).cumulative.low <= min(stages)


def test_each_rule_makes_a_claim_and_the_headline_comes_last():
    claims = claims_from(answered(climbed(1, 2, 4, 4, 5, 5), direct_stage_code=6, note="draft"))
    assert {claim.instrument: claim.stage_code for claim in claims} == {
        "altimeter_direct": 6,
        "altimeter_weakest": 1,
        "altimeter_median": 4,
        "altimeter_cumulative": 2,
    }
    assert {claim.instrument for claim in claims} == set(INSTRUMENTS)
    assert {(claim.claimed_on, claim.note) for claim in claims} == {(DAY, "draft")}
    assert [each.instrument for each in latest_claims(claims)] == ["altimeter_cumulative"]


def test_a_claim_below_the_ladder_counts_as_the_first_stage_and_says_so():
    claims = claims_from(answered(climbed(0, 0, 3, 3, 3, 3), note="draft"))
    headline = claims[-1]
    assert (headline.stage_code, headline.note) == (1, "below the first stage; draft")


def test_a_stage_that_open_answers_leave_open_is_claimed_only_on_request():
    values = climbed(1, 3, 3, 3, 3, 3)
    del values["OR3"]
    answers = answered(values)
    assert undecided_rules(answers) == {"altimeter_cumulative": Bounds(2, 3)}
    assert "altimeter_cumulative" not in {claim.instrument for claim in claims_from(answers)}
    lowest, highest = (
        claims_from(answers, choice)[-1].stage_code
        for choice in (OpenAnswers.LOWEST, OpenAnswers.HIGHEST)
    )
    assert (lowest, highest) == (2, 3)


def test_placement_alone_is_one_claim_and_esm3_is_none():
    assert [claim.instrument for claim in claims_from(answered(direct_stage_code=3))] == [
        "altimeter_direct"
    ]
    assert claims_from(answered({"EMP1": 3}, instrument="esm3")) == []
    assert undecided_rules(answered({"EMP1": 3}, instrument="esm3")) == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"organization_id": ""}, "no organization"),
        ({"respondent": "Jo Doe"}, "'Jo Doe' is no short code"),
        ({"respondent": ""}, "no respondent"),
        ({"respondent_role": "jo@example.org"}, "an address of a person is no role"),
        ({"respondent_role": "x" * 61}, "a role of 61 characters"),
        ({"instrument": "cmmi"}, "'cmmi' is not an instrument"),
        ({"given": {"ST9": 1}}, "altimeter has no item 'ST9'"),
        ({"given": {"ST1": 4}}, "ST1 has no answer 4"),
        ({"given": {"ST1": 2}, "cannot_say": frozenset({"ST1"})}, "ST1 has a value and"),
        ({"evidence": {"ST1": "mailto:jo@example.org"}}, "is no web address"),
        ({"evidence": {"ST1": "https://jo@example.org/"}}, "is no web address"),
        ({"evidence": {"ST9": "https://example.org/"}}, "altimeter has no item 'ST9'"),
        ({"direct_stage_code": 0}, "0 is no stage"),
        ({"ambition_stage_code": 7}, "7 is no stage"),
    ],
)
def test_answers_that_cannot_be_are_refused(changes, message):
    values = {"organization_id": "council", "instrument": "altimeter", "respondent": "1"}
    with pytest.raises(ValueError, match=message):
        Answers(**{**values, "instrument_version": "1", **changes})


def test_answers_are_private_unless_said_otherwise():
    assert answered().is_public is False
    assert answered().is_blank
    assert not answered(ambition_stage_code=3).is_blank
