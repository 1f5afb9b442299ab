"""Metrics of ordered classes: published vectors, oracles, and what must hold of each."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score
from sklearn.metrics import log_loss as log_loss_of_scikit_learn

import classifiers.metrics
from classifiers.metrics import (
    bias,
    log_loss,
    macro_averaged_mean_absolute_error,
    mean_absolute_stage_error,
    off_by_two_rate,
    quadratic_weighted_kappa,
    ranked_probability_score,
    set_coverage,
    set_size,
    threshold_calibration_error,
)

STAGES = [1, 2, 3, 4, 5, 6]

# Tables of two raters with the quadratic kappa that irrCAC's vignette and R's vcd state.
IRRCAC_VIGNETTE = ([[13, 0, 0], [0, 20, 7], [0, 4, 56]], 0.8921569)
SEXUAL_FUN = ([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]], 0.33205)

FEW_EXAMPLES = settings(max_examples=30, deadline=None)

stage_pairs = st.lists(
    st.tuples(st.sampled_from(STAGES), st.sampled_from(STAGES)), min_size=1, max_size=30
).map(lambda pairs: tuple(np.array(pairs).T))


def test_the_examples_hold():
    assert doctest.testmod(classifiers.metrics).failed == 0


@pytest.mark.parametrize(("table", "published"), [IRRCAC_VIGNETTE, SEXUAL_FUN])
def test_kappa_equals_published_figures(table, published):
    one, other = raters_of(np.array(table))
    kappa = quadratic_weighted_kappa(one, other, classes=range(len(table)))
    assert kappa == pytest.approx(published, abs=5e-6)


@FEW_EXAMPLES
@given(stage_pairs)
def test_kappa_equals_that_of_scikit_learn(pair):
    weights = np.linspace(0.5, 2.0, len(pair[0]))
    kappa = quadratic_weighted_kappa(*pair, classes=STAGES, sample_weight=weights)
    if np.isnan(kappa):
        assert len(np.unique(pair)) == 1
    else:
        expected = cohen_kappa_score(
            *pair, labels=STAGES, weights="quadratic", sample_weight=weights
        )
        assert kappa == pytest.approx(expected)


def test_a_class_nobody_has_changes_no_quadratic_kappa():
    one, other = raters_of(np.array(IRRCAC_VIGNETTE[0]))
    without = quadratic_weighted_kappa(one, other, classes=[0, 1, 2])
    assert quadratic_weighted_kappa(one, other, classes=[0, 1, 2, 3, 4]) == pytest.approx(without)


@FEW_EXAMPLES
@given(stage_pairs)
def test_point_errors_agree_with_one_another(pair):
    error = mean_absolute_stage_error(*pair)
    assert abs(bias(*pair)) <= error + 1e-12
    assert bias(*pair) == pytest.approx(-bias(*reversed(pair)))
    assert 2 * off_by_two_rate(*pair) <= error + 1e-12
    assert (macro_averaged_mean_absolute_error(*pair) == 0) == (error == 0)


def test_the_macro_average_counts_a_rare_stage_like_a_common_one():
    true = np.array([2] * 98 + [5] * 2)
    assert mean_absolute_stage_error(true, np.full(100, 2)) == pytest.approx(0.06)
    assert macro_averaged_mean_absolute_error(true, np.full(100, 2)) == pytest.approx(1.5)


def test_the_macro_average_leaves_out_a_stage_without_weight():
    weights = [1.0, 1.0, 0.0]
    error = macro_averaged_mean_absolute_error([1, 2, 6], [1, 3, 1], sample_weight=weights)
    assert error == pytest.approx(0.5)


@FEW_EXAMPLES
@given(stage_pairs)
def test_a_row_of_weight_three_counts_like_three_rows(pair):
    weights = 1 + np.arange(len(pair[0])) % 3
    repeated = [side.repeat(weights) for side in pair]
    for metric in (mean_absolute_stage_error, macro_averaged_mean_absolute_error, bias):
        assert metric(*pair, sample_weight=weights) == pytest.approx(metric(*repeated))
    shares = probabilities_for(pair[1])
    for metric in (ranked_probability_score, log_loss):
        weighted = metric(pair[0], shares, classes=STAGES, sample_weight=weights)
        by_rows = metric(repeated[0], shares.repeat(weights, axis=0), classes=STAGES)
        assert weighted == pytest.approx(by_rows)


@FEW_EXAMPLES
@given(arrays(np.float64, 6, elements=st.floats(0.01, 1.0)), st.sampled_from(STAGES))
def test_the_ranked_probability_score_is_a_proper_mean_of_brier_scores(raw, stage):
    shares = (raw / raw.sum())[np.newaxis]
    below = shares.cumsum(axis=1)[0, :5]
    expected = np.mean([(p - (stage <= k)) ** 2 for k, p in enumerate(below, start=1)])
    assert ranked_probability_score([stage], shares, classes=STAGES) == pytest.approx(expected)


def test_the_ranked_probability_score_runs_from_zero_to_one():
    certain = np.eye(6)
    assert ranked_probability_score(STAGES, certain, classes=STAGES) == 0.0
    assert ranked_probability_score([6], certain[:1], classes=STAGES) == 1.0


def test_being_wrong_by_more_stages_scores_worse():
    scores = [ranked_probability_score([1], row[np.newaxis], classes=STAGES) for row in np.eye(6)]
    assert scores == sorted(scores)


@FEW_EXAMPLES
@given(stage_pairs)
def test_log_loss_equals_that_of_scikit_learn(pair):
    shares = probabilities_for(pair[1])
    expected = log_loss_of_scikit_learn(pair[0], shares, labels=STAGES)
    assert log_loss(pair[0], shares, classes=STAGES) == pytest.approx(expected)


def test_log_loss_of_the_impossible_is_large_but_finite():
    assert 30 < log_loss([2], np.array([[1.0, 0.0]]), classes=[1, 2]) < 40


def test_true_probabilities_are_calibrated_and_overconfident_ones_are_not():
    generator = np.random.default_rng(0)
    shares = generator.dirichlet(np.ones(4), size=20_000)
    stages = 1 + (shares.cumsum(axis=1) < generator.random((20_000, 1))).sum(axis=1)
    sharper = shares**2 / (shares**2).sum(axis=1, keepdims=True)
    honest = threshold_calibration_error(stages, shares, classes=[1, 2, 3, 4])
    assert honest < 0.012
    assert threshold_calibration_error(stages, sharper, classes=[1, 2, 3, 4]) > 0.06


def test_rows_of_one_probability_share_one_bin():
    stages = np.tile([1, 1, 1, 2], 25)
    shares = np.tile([0.75, 0.25], (100, 1))
    assert threshold_calibration_error(stages, shares, classes=[1, 2]) == pytest.approx(0.0)


def test_calibration_counts_rows_by_their_weight():
    shares = np.tile([0.5, 0.5], (2, 1))
    weights = [3.0, 1.0]
    error = threshold_calibration_error([1, 2], shares, classes=[1, 2], sample_weight=weights)
    assert error == pytest.approx(0.25)


def test_coverage_by_stage_shows_what_the_mean_hides():
    stages = np.array([2] * 9 + [6])
    sets = np.tile([True, True, True, False, False, False], (10, 1))
    assert set_coverage(stages, sets, classes=STAGES) == pytest.approx(0.9)
    assert set_coverage(stages, sets, classes=STAGES, by=stages) == {2: 1.0, 6: 0.0}


def test_coverage_and_size_count_rows_by_their_weight():
    sets = np.array([[True, False], [True, True]])
    weights = [3.0, 1.0]
    assert set_coverage([2, 2], sets, classes=[1, 2], sample_weight=weights) == 0.25
    assert set_size(sets, sample_weight=weights) == 1.25
    assert set_size(sets, by=["a", "b"]) == {"a": 1.0, "b": 2.0}


@pytest.mark.parametrize("classes", [[1, 2], [3, 2, 1]])
def test_a_class_that_is_not_listed_in_order_is_refused(classes):
    with pytest.raises(ValueError, match="must ascend and hold every class in y"):
        log_loss([3], np.full((1, len(classes)), 0.5), classes=classes)


def test_probabilities_that_do_not_fit_the_classes_are_refused():
    with pytest.raises(ValueError, match="shape"):
        ranked_probability_score([1, 2], np.full((2, 3), 1 / 3), classes=[1, 2])


def test_point_estimates_of_another_length_are_refused():
    with pytest.raises(ValueError, match="3 rows and predicted 1"):
        mean_absolute_stage_error([1, 2, 3], [2])


def raters_of(table):
    one, other = np.indices(table.shape)
    return one.ravel().repeat(table.ravel()), other.ravel().repeat(table.ravel())


def probabilities_for(stages):
    raw = 1.0 / (1.0 + np.abs(np.subtract.outer(stages, STAGES)))
    return raw / raw.sum(axis=1, keepdims=True)
