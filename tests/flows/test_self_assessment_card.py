"""What is said of self-assessments on a card and in warnings."""

from dataclasses import replace

import pytest

from classifiers.shift_checks import SIZE, STAGE, ShiftCheck
from classifiers.shift_summary import Interval, Judged, ShiftSummary, StepShare
from flows.selfassessmentcard import self_assessments, shift_sentences, shift_warnings

JUDGED = Judged(mean_absolute_error=Interval(0.6, 0.5, 0.7), bias=Interval(0.05, -0.1, 0.2))
GOOD = ShiftSummary(
    claim_count=450,
    label_count=50,
    anchor_count=50,
    steps=(
        StepShare(step=0, anchor_count=20, anchor_share=Interval(0.4, 0.28, 0.54), share=0.42),
        StepShare(step=1, anchor_count=30, anchor_share=Interval(0.6, 0.46, 0.72), share=0.58),
    ),
    anchor_mean=Interval(0.6, 0.46, 0.74),
    mean=0.58,
    checks=(),
    judged=JUDGED,
    judged_without=JUDGED,
    gain=Interval(0.01, 0.002, 0.018),
)


def check(name, p_value):
    return ShiftCheck(
        name=name, slope=0.4, standard_error=0.1, adjusted_p_value=p_value, anchor_count=48
    )


def test_without_self_assessments_the_card_says_that_there_were_none():
    assert self_assessments(None).startswith("None was used.")


def test_nothing_is_warned_of_without_reason():
    assert shift_warnings(GOOD) == []
    assert shift_warnings(replace(GOOD, checks=(check(SIZE, 0.06),))) == []
    assert shift_warnings(replace(GOOD, gain=None, judged_without=None)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"anchor_count": 29}, "only 29 organizations have an expert code"),
        ({"gain": Interval(-0.001, -0.01, 0.01)}, "no better on expert codes"),
        ({"steps": GOOD.steps[:1]}, "were self-assessments imported as expert codes?"),
        ({"checks": (check(SIZE, 0.04),)}, "errs where it is not"),
        ({"checks": (check(STAGE, 0.04),)}, "allows for that in part"),
    ],
)
def test_each_reason_has_a_warning(changes, words):
    [warning] = shift_warnings(replace(GOOD, **changes))
    assert words in warning


def test_every_figure_has_its_interval_and_count():
    text = " ".join(shift_sentences(GOOD))
    for words in ("+0.60 (+0.46 to +0.74)", "n = 50", "0.60 (0.50 to 0.70)", "+0.0100 (+0.0020"):
        assert words in text
    alone = shift_sentences(replace(GOOD, gain=None, judged_without=None))
    assert "without" not in " ".join(alone)
