"""What is said where self-assessments taught the model that judges them."""

import pytest

from classifiers.agreement import compare
from classifiers.claims import Claim
from classifiers.estimates import StageEstimate
from flows.explanationreport import sections
from flows.terminal import comparison_sentences, taught_sentences


def test_nothing_is_said_where_no_claim_taught_the_model():
    assert "taught" not in said_of(estimate("a"), estimate("b"))


def test_claims_judged_by_a_part_that_had_not_seen_them_are_counted():
    said = said_of(estimate("a", saw_claim=True, is_out_of_fold=True), estimate("b"))
    assert "Claims taught the model; 1 of these organizations are estimated by a part" in said
    assert "left out" not in said


def test_claims_that_taught_their_own_judge_are_left_out_and_counted():
    said = said_of(estimate("a", saw_claim=True), estimate("b"))
    assert "1 claims are left out: they taught the model" in said
    assert "part of it that had not seen" not in said


@pytest.mark.parametrize(
    ("is_out_of_fold", "saw_claim", "words"),
    [
        (False, False, "(a cold start)."),
        (True, False, "(a cold start). It had not seen the label of this organization."),
        (True, True, "(a cold start). It had seen neither its label nor its self-assessment."),
        (False, True, "(a cold start). It was trained on its self-assessment as well."),
    ],
)
def test_an_explanation_tells_what_the_model_had_seen(is_out_of_fold, saw_claim, words):
    made = estimate("a", is_out_of_fold=is_out_of_fold, saw_claim=saw_claim)
    assert summary_of(made).endswith(words)


def said_of(*estimates):
    claims = [Claim(organization_id=e.organization_id, stage_code=3) for e in estimates]
    comparison = compare(claims, estimates)
    return " ".join([*comparison_sentences(comparison), *taught_sentences(comparison)])


def summary_of(made):
    row = {name: getattr(made, name) for name in made.__dataclass_fields__}
    row |= {f"probability_{at}": share for at, share in enumerate(made.probabilities, start=1)}
    empty = ("thresholds", "families", "missing", "acts", "pages", "channels")
    record = dict.fromkeys(empty, ()) | {
        "organization": {"name": "A", "organization_id": "a"},
        "as_of_week": "2026-11-16",
        "estimate": row,
        "model": {"model_version": "m", "source": "simulator"},
        "weights_known": False,
    }
    return sections(record)[0].sentences[-1]


def estimate(name, **marks):
    return StageEstimate(
        organization_id=name,
        probabilities=(0.1, 0.2, 0.4, 0.1, 0.1, 0.1),
        stage_code=3,
        stage_label="Engagement",
        set80_low=2,
        set80_high=3,
        set90_low=2,
        set90_high=4,
        is_abstained=False,
        abstention_reason="",
        abstention_text="",
        model_version="m",
        **marks,
    )
