"""The stage that answers claim: four rules on worked profiles, and what holds of all of them."""

import doctest

import pytest
from answer_builders import ALTIMETER, ESM3, answered, climbed
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.assessing import altimeter_scores as module
from classifiers.assessing.altimeter_scores import Bounds, altimeter_scores, level_spread

CODES = [item.code for item in ALTIMETER.items]
COMPLETE = st.fixed_dictionaries(dict.fromkeys(CODES, st.integers(0, 3)))
PARTIAL = st.fixed_dictionaries({}, optional=dict.fromkeys(CODES, st.integers(0, 3)))
#: Levels of the six dimensions, and the stage by each rule, worked by hand.
PROFILES = [
    # levels               cumulative, weakest, median
    ((3, 3, 3, 3, 3, 3), (3, 3, 3)),
    ((1, 3, 3, 3, 3, 3), (3, 1, 3)),  # one dimension may stay behind, but not for the weakest
    ((1, 1, 3, 3, 3, 3), (1, 1, 3)),  # two may not; the median does not mind
    ((1, 2, 4, 4, 5, 5), (2, 1, 4)),  # all three differ
    ((0, 5, 5, 5, 5, 5), (5, 0, 5)),
    ((0, 0, 0, 6, 6, 6), (0, 0, 0)),  # the lower of the two middle levels
    ((6, 6, 6, 6, 6, 6), (6, 6, 6)),
]


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(("levels", "stages"), PROFILES)
def test_the_rules_give_the_stages_worked_by_hand(levels, stages):
    scores = altimeter_scores(answered(climbed(*levels)))
    assert tuple(scores.levels.values()) == tuple(Bounds(level, level) for level in levels)
    found = (scores.cumulative.exact, scores.weakest.exact, scores.median.exact)
    assert found == stages


def test_the_order_of_dimensions_does_not_matter():
    one, other = (
        altimeter_scores(answered(climbed(*levels)))
        for levels in ((1, 2, 4, 4, 5, 5), (5, 4, 1, 5, 2, 4))
    )
    assert (one.cumulative, one.weakest, one.median) == (
        other.cumulative,
        other.weakest,
        other.median,
    )


def test_direct_placement_is_kept_apart_from_what_the_statements_say():
    scores = altimeter_scores(answered(climbed(2, 2, 2, 2, 2, 2), direct_stage_code=5))
    assert (scores.direct, scores.cumulative.exact) == (5, 2)
    assert altimeter_scores(answered(climbed(2, 2, 2, 2, 2, 2))).direct is None


def test_a_gate_above_a_closed_one_lifts_nothing():
    values = {**climbed(1, 1, 1, 1, 1, 1), "ST3": 3, "ST4": 3}
    assert altimeter_scores(answered(values)).levels["strategy"].exact == 1


@pytest.mark.parametrize(("value", "level"), [(0, 0), (1, 0), (2, 1), (3, 1)])
def test_partly_in_place_does_not_pass_a_gate(value, level):
    values = {**climbed(0, 0, 0, 0, 0, 0), "ST1": value}
    assert altimeter_scores(answered(values)).levels["strategy"].exact == level


def test_an_open_answer_at_the_edge_leaves_the_level_open():
    values = climbed(3, 3, 3, 3, 3, 3)
    del values["ST4"]
    scores = altimeter_scores(answered(values, cannot_say=frozenset({"ST4"})))
    assert scores.levels["strategy"] == Bounds(3, 4)
    assert scores.levels["strategy"].exact is None
    assert str(scores.levels["strategy"]) == "3 to 4"
    assert (scores.cannot_say_count, scores.unanswered_count) == (1, 0)


def test_an_open_answer_away_from_the_edge_leaves_nothing_open():
    values = climbed(3, 3, 3, 3, 3, 3)
    del values["ST6"]
    scores = altimeter_scores(answered(values))
    assert scores.levels["strategy"].exact == 3
    assert (scores.cannot_say_count, scores.unanswered_count) == (0, 1)


def test_the_slack_of_the_headline_covers_one_open_dimension():
    values = climbed(3, 3, 3, 3, 3, 3)
    del values["ST1"]
    scores = altimeter_scores(answered(values))
    assert scores.weakest == Bounds(0, 3)
    assert scores.cumulative == Bounds(3, 3)


def test_without_any_answer_every_stage_is_possible_and_none_is_claimed():
    scores = altimeter_scores(answered())
    assert scores.cumulative == scores.weakest == scores.median == Bounds(0, 6)
    assert scores.shows_profile_only is None
    assert scores.evidence_rate is None


def test_below_the_first_stage_is_told_only_where_it_is_sure():
    assert altimeter_scores(answered(climbed(*[0] * 6))).cumulative.is_below_ladder
    assert not altimeter_scores(answered()).cumulative.is_below_ladder


@pytest.mark.parametrize(
    ("levels", "spread", "only_profile"),
    [((2, 3, 4, 4, 4, 4), 2, False), ((2, 3, 4, 4, 4, 5), 3, True)],
)
def test_dimensions_three_levels_apart_are_shown_as_a_profile(levels, spread, only_profile):
    scores = altimeter_scores(answered(climbed(*levels)))
    assert scores.spread.exact == spread
    assert scores.shows_profile_only is only_profile


def test_the_spread_of_one_dimension_with_itself_is_nothing():
    assert level_spread([Bounds(0, 6)]) == Bounds(0, 0)
    assert level_spread([Bounds(0, 6), Bounds(3, 3)]) == Bounds(0, 3)


def test_evidence_is_counted_where_gates_are_passed():
    link = "https://example.org/plan"
    values = {"ST1": 3, "ST2": 2, "ST3": 1}
    scores = altimeter_scores(answered(values, evidence={"ST1": link, "ST3": link}))
    assert (scores.passed_count, scores.evidenced_count) == (2, 1)
    assert scores.evidence_rate == 0.5


def test_open_gates_come_with_missing_foundations_first():
    values = climbed(2, 2, 2, 2, 1, 2)  # the headline is 2, and governance is behind
    values |= {"EN3": 1, "PE3": 1}
    del values["ST3"]
    gates = altimeter_scores(answered(values)).open_gates
    order = ["GO2", "EN3", "PE3", "OR3", "ME3", "GO3", "ST3"]
    assert [gate.item_code for gate in gates] == order
    assert [gate.is_foundation for gate in gates] == [True] + [False] * 6
    assert {gate.item_code: gate.waits_for for gate in gates if gate.waits_for} == {"GO3": "GO2"}
    assert [gate.value for gate in gates] == [0, 1, 1, 0, 0, 0, None]


def test_at_the_last_stage_only_what_stayed_behind_is_open():
    gates = altimeter_scores(answered(climbed(6, 6, 6, 6, 6, 4))).open_gates
    assert [gate.item_code for gate in gates] == ["PE5", "PE6"]


def test_answers_to_another_instrument_are_refused():
    with pytest.raises(ValueError, match="answers to 'esm3' have no Altimeter stage"):
        altimeter_scores(answered({ESM3.items[0].code: 1}, instrument="esm3"))


@settings(max_examples=30)
@given(PARTIAL)
def test_the_weakest_is_never_above_the_headline_nor_that_above_the_median(values):
    scores = altimeter_scores(answered(values))
    for side in (0, 1):
        assert scores.weakest[side] <= scores.cumulative[side] <= scores.median[side]


@settings(max_examples=30)
@given(COMPLETE, st.sampled_from(CODES))
def test_raising_an_answer_lowers_no_stage(values, code):
    before = altimeter_scores(answered(values))
    after = altimeter_scores(answered({**values, code: 3}))
    for rule in ("cumulative", "weakest", "median"):
        assert getattr(after, rule) >= getattr(before, rule)


@settings(max_examples=30)
@given(COMPLETE, st.sets(st.sampled_from(CODES)))
def test_bounds_hold_what_the_whole_answers_say(values, unanswered):
    whole = altimeter_scores(answered(values))
    kept = {code: value for code, value in values.items() if code not in unanswered}
    partial = altimeter_scores(answered(kept))
    for rule in ("cumulative", "weakest", "median", "spread"):
        low, high = getattr(partial, rule)
        assert low <= getattr(whole, rule).exact <= high
    assert partial.shows_profile_only in (None, whole.shows_profile_only)


@settings(max_examples=30)
@given(COMPLETE)
def test_closing_the_open_gates_reaches_the_next_stage(values):
    scores = altimeter_scores(answered(values))
    closed = {**values, **{gate.item_code: 2 for gate in scores.open_gates}}
    after = altimeter_scores(answered(closed))
    assert after.weakest.low >= min(6, scores.cumulative.low + 1)
