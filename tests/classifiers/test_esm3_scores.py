"""The ESM3 profile, its two totals, and how it stands to a claimed stage."""

import doctest

import pytest
from answer_builders import ESM3, answered
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.assessing import crosswalk, esm3_scores
from classifiers.assessing.crosswalk import CROSSWALK, bands_apart, bands_of_stage, level_shares
from classifiers.assessing.esm3_scores import Score

CODES = [item.code for item in ESM3.items]
COMPLETE = st.fixed_dictionaries(dict.fromkeys(CODES, st.integers(1, 3)))


@pytest.mark.parametrize("module", [esm3_scores, crosswalk])
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_a_profile_worked_by_hand():
    scores = scored(dict(zip(CODES, [1, 2, 3, 2, 2, 2, 1, 1, 2, 3, 3, 3], strict=True)))
    values = [each.score.value for each in scores.perspectives]
    assert values == pytest.approx([2, 2, 4 / 3, 3])
    assert scores.overall.weakest.value == pytest.approx(4 / 3)
    assert scores.overall.mean.value == pytest.approx(25 / 12)
    assert scores.without_technology.mean.value == pytest.approx(16 / 9)


def test_the_weakest_and_the_mean_disagree_about_a_missing_foundation():
    scores = scored({code: 1 if code.startswith("BUS") else 3 for code in CODES})
    assert (scores.overall.weakest.value, scores.overall.mean.value) == (1, 2.5)


def test_a_perspective_is_the_mean_of_what_was_answered_within_bounds():
    scores = scored({"EMP1": 3, "EMP2": 1})
    employee = scores.perspectives[0]
    assert employee.score == Score(value=2, low=5 / 3, high=7 / 3)
    assert (employee.answered_count, employee.criterion_count) == (2, 3)


def test_a_perspective_without_an_answer_has_no_score_and_no_total():
    scores = scored({code: 2 for code in CODES if not code.startswith("TEC")})
    assert scores.perspectives[3].score == Score(value=None, low=1, high=3)
    assert scores.overall.weakest == Score(value=None, low=1, high=2)
    assert scores.overall.mean == Score(value=None, low=1.75, high=2.25)
    assert scores.without_technology.mean == Score(value=2, low=2, high=2)


def test_cannot_say_is_counted_apart_from_no_answer():
    answers = answered({"EMP1": 2}, instrument="esm3", cannot_say=frozenset({"TEC1", "TEC2"}))
    scores = esm3_scores.esm3_scores(answers)
    assert (scores.cannot_say_count, scores.unanswered_count) == (2, 9)


def test_answers_to_another_instrument_are_refused():
    with pytest.raises(ValueError, match="answers to 'altimeter' have no ESM3 profile"):
        esm3_scores.esm3_scores(answered())


@settings(max_examples=30)
@given(COMPLETE, st.sets(st.sampled_from(CODES)), st.sampled_from(CODES))
def test_bounds_hold_the_whole_and_raising_an_answer_lowers_nothing(values, unanswered, raised):
    whole = scored(values)
    partial = scored({code: value for code, value in values.items() if code not in unanswered})
    higher = scored({**values, raised: 3})
    for rule in ("weakest", "mean"):
        value = getattr(whole.overall, rule).value
        score = getattr(partial.overall, rule)
        assert score.low - 1e-9 <= value <= score.high + 1e-9
        assert getattr(higher.overall, rule).value >= value
    assert whole.overall.weakest.value <= whole.overall.mean.value + 1e-9


def test_each_level_of_the_crosswalk_is_a_distribution():
    assert [sum(row) for row in CROSSWALK] == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(
    ("level", "stage", "is_far"),
    [
        *((1, 1, False), (1, 4, False), (1, 5, True), (1, 6, True), (3, 1, True)),
        *((3, 2, True), (3, 3, False), (2, 1, False), (2, 6, False)),
    ],
)
def test_claims_are_far_apart_only_from_one_end_to_the_other(level, stage, is_far):
    assert bands_apart(level_shares(level), stage).is_far is is_far


def test_a_soft_level_is_far_in_part():
    gap = bands_apart((0.6, 0.4, 0.0), 6)
    assert gap.far_share == pytest.approx(0.6)
    assert gap.mean_gap == pytest.approx(-1.6)


def test_every_stage_goes_with_some_level():
    for stage in range(1, 7):
        assert sum(bands_of_stage(stage)) == pytest.approx(1)


@pytest.mark.parametrize("shares", [(1.0,), (0.5, 0.5, 0.5), (1.5, -0.5, 0.0)])
def test_what_is_no_distribution_is_refused(shares):
    with pytest.raises(ValueError, match="are no shares of 3 levels"):
        bands_apart(shares, 3)


@pytest.mark.parametrize("score", [0.9, 3.1])
def test_what_is_no_score_is_refused(score):
    with pytest.raises(ValueError, match="lies between 1 and 3"):
        level_shares(score)


def scored(values):
    return esm3_scores.esm3_scores(answered(values, instrument="esm3"))
