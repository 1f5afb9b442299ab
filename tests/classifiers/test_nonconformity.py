"""Scores of stages and the sets that follow from them."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from classifiers import nonconformity
from classifiers.decisions import median_positions
from classifiers.nonconformity import (
    SCORES,
    greedy_scores,
    rps_scores,
    score_threshold,
    scores_by,
    sets_within,
)

# Whole numbers make ties and stages without any mass, where floating point is at its worst.
PROBABILITIES = arrays.arrays(
    np.int64,
    st.tuples(st.integers(1, 5), st.integers(2, 7)),
    elements=st.integers(0, 9),
).map(lambda counts: (counts + (counts.sum(1, keepdims=True) == 0)) / np.maximum(counts, 1).sum())
THRESHOLDS = st.floats(0, 1)
NAMES = st.sampled_from(sorted(SCORES))
FEW = settings(max_examples=50, deadline=None)


def test_the_examples_in_the_documentation_run():
    assert doctest.testmod(nonconformity).failed == 0


def test_a_set_grows_from_the_mode_to_the_more_probable_neighbour():
    scores = greedy_scores(np.array([[0.05, 0.15, 0.4, 0.3, 0.08, 0.02]]))
    np.testing.assert_allclose(scores, [[0.93, 0.7, 0.0, 0.4, 0.85, 0.98]])


def test_at_the_end_of_the_ladder_a_set_grows_the_other_way():
    scores = greedy_scores(np.array([[0.6, 0.2, 0.1, 0.05, 0.03, 0.02]]))
    np.testing.assert_allclose(scores, [[0.0, 0.6, 0.8, 0.9, 0.95, 0.98]])


def test_the_ranked_probability_score_is_the_mean_squared_distance_of_the_cumulatives():
    [scores] = rps_scores(np.array([[0.2, 0.5, 0.3]]))
    np.testing.assert_allclose(
        scores, [(0.8**2 + 0.3**2) / 2, (0.2**2 + 0.3**2) / 2, (0.2**2 + 0.7**2) / 2]
    )


@FEW
@given(PROBABILITIES, NAMES)
def test_scores_lie_between_0_and_1(probabilities, name):
    scores = scores_by(name, normalized(probabilities))
    assert scores.shape == probabilities.shape
    assert (scores >= 0).all()
    assert (scores <= 1).all()


@FEW
@given(PROBABILITIES, NAMES, THRESHOLDS)
def test_the_stages_within_a_threshold_have_no_hole(probabilities, name, threshold):
    is_within = scores_by(name, normalized(probabilities)) <= threshold
    assert has_no_hole(is_within)


@FEW
@given(PROBABILITIES, THRESHOLDS)
def test_stages_within_a_ranked_probability_score_hold_the_median(probabilities, threshold):
    probabilities = normalized(probabilities)
    is_within = rps_scores(probabilities) <= threshold
    rows = np.flatnonzero(is_within.any(axis=1))
    medians = median_positions(probabilities)
    nearest = rps_scores(probabilities)[np.arange(len(probabilities)), medians]
    assert is_within[rows, medians[rows]].all() or np.isclose(nearest, threshold).any()


@FEW
@given(PROBABILITIES, NAMES, THRESHOLDS)
def test_a_set_has_no_hole_and_always_holds_the_median(probabilities, name, threshold):
    is_in_set, medians = sets_of(probabilities, name, threshold)
    assert has_no_hole(is_in_set)
    assert is_in_set[np.arange(len(medians)), medians].all()


@FEW
@given(PROBABILITIES, NAMES, THRESHOLDS, THRESHOLDS)
def test_a_higher_threshold_never_gives_a_smaller_set(probabilities, name, one, other):
    inner, _ = sets_of(probabilities, name, min(one, other))
    outer, _ = sets_of(probabilities, name, max(one, other))
    assert (inner <= outer).all()


@FEW
@given(PROBABILITIES, NAMES, st.data())
def test_thresholds_that_differ_by_stage_leave_no_hole(probabilities, name, data):
    stage_count = probabilities.shape[1]
    thresholds = data.draw(st.lists(THRESHOLDS, min_size=stage_count, max_size=stage_count))
    is_in_set, medians = sets_of(probabilities, name, np.array(thresholds))
    assert has_no_hole(is_in_set)
    assert is_in_set[np.arange(len(medians)), medians].all()


@FEW
@given(PROBABILITIES, NAMES)
def test_a_threshold_of_1_takes_in_every_stage(probabilities, name):
    is_in_set, _ = sets_of(probabilities, name, 1.0)
    assert is_in_set.all()


@FEW
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_the_threshold_is_the_smallest_that_leaves_room_for_one_more_row(scores, level):
    scores = np.array(scores)
    threshold = score_threshold(scores, level)
    needed = level * (len(scores) + 1) - 1e-6
    is_promised = np.sum(scores <= threshold) >= needed
    assert is_promised or threshold == 1.0
    assert np.sum(scores < threshold) < needed + 1e-5 or threshold == 1.0


@pytest.mark.parametrize(("count", "level", "rank"), [(9, 0.9, 9), (19, 0.9, 18), (4, 0.8, 4)])
def test_the_threshold_has_the_rank_of_split_conformal_prediction(count, level, rank):
    scores = np.linspace(0.01, 0.5, count)
    assert score_threshold(scores, level) == scores[rank - 1]
    assert score_threshold(scores[:-1], level) == pytest.approx(1.0 if rank == count else 0.5, 0.2)


@FEW
@given(st.integers(1, 40), st.floats(0.1, 20), st.floats(0.05, 0.95))
def test_equal_weights_change_nothing(count, weight, level):
    scores = np.random.default_rng(count).random(count)
    weighted = score_threshold(scores, level, np.full(count, weight))
    assert weighted == score_threshold(scores, level)


def test_rows_of_weight_0_do_not_count():
    scores = np.random.default_rng(0).random(80)
    weights = np.tile([1.0, 0.0], 40)
    assert score_threshold(scores, 0.9, weights) == score_threshold(scores[::2], 0.9)
    assert score_threshold(scores, 0.9, np.zeros(80)) == 1.0


def test_heavy_rows_pull_the_threshold_to_their_scores():
    scores = np.linspace(0, 1, 101)
    weights = np.where(scores > 0.7, 5.0, 1.0)
    assert score_threshold(scores, 0.5, weights) > 0.7


def test_a_score_of_another_name_is_refused():
    with pytest.raises(ValueError, match="score 'aps' is not one of"):
        scores_by("aps", np.ones((1, 2)) / 2)


def normalized(probabilities):
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def sets_of(probabilities, name, threshold):
    probabilities = normalized(probabilities)
    medians = median_positions(probabilities)
    return sets_within(scores_by(name, probabilities), threshold, medians), medians


def has_no_hole(is_in_set):
    starts = np.diff(np.pad(is_in_set, ((0, 0), (1, 0))).astype(int), axis=1) == 1
    return (starts.sum(axis=1) <= 1).all()
