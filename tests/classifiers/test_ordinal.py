"""The cumulative link model: conventions, oracle, priors and order."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import check_grad
from scipy.special import expit
from sklearn.utils.estimator_checks import parametrize_with_checks
from skordinal.datasets import load_dataset
from statsmodels.miscmodels.ordinal_model import OrderedModel

import classifiers.ordinal
from classifiers.decisions import decided_positions
from classifiers.likelihood import LINKS, PenalizedLikelihood, log_cell_probabilities
from classifiers.ordinal import CumulativeLinkClassifier

# The check asks that `predict` returns the most probable class; the median is another decision.
MEDIAN_IS_NOT_THE_MODE = {"check_classifiers_train": "predicts the median, not the mode"}


def expected_failures(estimator):
    return MEDIAN_IS_NOT_THE_MODE if estimator.decision == "median" else {}


@parametrize_with_checks(
    [
        CumulativeLinkClassifier(decision="mode"),
        CumulativeLinkClassifier(),
    ],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


@pytest.mark.parametrize(("link", "distribution"), [("logit", "logit"), ("probit", "probit")])
def test_without_penalty_it_equals_statsmodels(link, distribution):
    features, codes = ordered_rows(seed=3)
    oracle = OrderedModel(codes, features, distr=distribution).fit(disp=False, method="bfgs")
    model = CumulativeLinkClassifier(link, alpha=0.0).fit(features, codes)
    own = np.log(model.predict_proba(features)[np.arange(len(codes)), codes - 1]).sum()
    assert own == pytest.approx(oracle.llf, rel=1e-4)
    np.testing.assert_allclose(model.coef_, oracle.params[:3], atol=1e-2)


def test_the_example_holds():
    assert doctest.testmod(classifiers.ordinal).failed == 0


@pytest.mark.parametrize("name", ["esl", "swd", "balance_scale"])
def test_without_penalty_it_equals_statsmodels_on_public_data(name):
    features, codes = load_dataset(name, return_X_y=True)
    oracle = OrderedModel(codes, features, distr="logit").fit(disp=False, method="bfgs")
    model = CumulativeLinkClassifier(alpha=0.0).fit(features, codes)
    own = np.log(model.predict_proba(features)[np.arange(len(codes)), codes]).sum()
    assert own == pytest.approx(oracle.llf, rel=1e-4)


@pytest.mark.parametrize("name", ["esl", "swd", "lev", "era", "balance_scale"])
def test_it_fits_public_data_without_some_class_and_with_a_constant_column(name):
    features, codes = load_dataset(name, return_X_y=True)
    features = np.column_stack([features, np.full(len(codes), 3.0)])
    for absent in np.unique(codes):
        is_kept = codes != absent
        model = CumulativeLinkClassifier(alpha=0.0, classes=np.unique(codes))
        probabilities = model.fit(features[is_kept], codes[is_kept]).predict_proba(features)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_gradient_is_that_of_the_value(link):
    objective = likelihood(link)
    point = np.array([0.4, -0.2, 0.1, -1.0, 0.3, -0.5, 0.2])
    error = check_grad(lambda at: objective(at)[0], lambda at: objective(at)[1], point)
    assert error < 1e-4 * np.linalg.norm(objective(point)[1])


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_cells_far_out_in_either_tail_keep_their_probability(link):
    right = log_cell_probabilities(LINKS[link], np.array([30.0]), np.array([31.0]))
    left = log_cell_probabilities(LINKS[link], np.array([-31.0]), np.array([-30.0]))
    assert np.isfinite(right).all()
    np.testing.assert_allclose(right, left)
    assert right[0] == pytest.approx(LINKS[link].log_cdf(-30.0), rel=0.02)


def test_probabilities_are_ordered_in_the_latent_position():
    features, codes = ordered_rows(seed=1)
    model = CumulativeLinkClassifier().fit(features, codes)
    in_order = np.argsort(model.predict_latent(features))
    cumulative = model.predict_proba(features)[in_order].cumsum(axis=1)
    assert (np.diff(cumulative[:, :-1], axis=0) <= 1e-12).all()
    assert (np.diff(model.predict(features)[in_order]) >= 0).all()


def test_a_sign_constraint_holds_against_the_data():
    features, codes = ordered_rows(seed=2)
    free = CumulativeLinkClassifier().fit(features, codes)
    bound = CumulativeLinkClassifier(monotonic_cst=[-1, 0, 1]).fit(features, codes)
    assert free.coef_[0] > 0.5
    assert bound.coef_[0] == 0.0
    assert bound.coef_[2] >= 0.0


def test_a_class_without_rows_keeps_its_column_and_the_order():
    features, codes = ordered_rows(seed=4)
    is_kept = codes != 3
    model = CumulativeLinkClassifier(classes=[1, 2, 3, 4, 5]).fit(features[is_kept], codes[is_kept])
    assert model.predict_proba(features).shape == (len(features), 5)
    assert (np.diff(model.thresholds_) > 0).all()


def test_a_threshold_prior_holds_the_place_of_a_class_without_rows():
    features, codes = ordered_rows(seed=4)
    is_kept = codes != 3
    model = CumulativeLinkClassifier(
        classes=[1, 2, 3, 4, 5], threshold_prior=[-2.0, -0.5, 0.5, 2.0], alpha_threshold=500.0
    ).fit(features[is_kept], codes[is_kept])
    assert model.predict_proba(features)[:, 2].max() > 0.1


@pytest.mark.parametrize("absent", [1, 5])
def test_without_any_prior_an_absent_end_class_is_all_but_impossible(absent):
    features, codes = ordered_rows(seed=4)
    is_kept = codes != absent
    model = CumulativeLinkClassifier(classes=[1, 2, 3, 4, 5]).fit(features[is_kept], codes[is_kept])
    assert model.predict_proba(features)[:, absent - 1].max() < 0.01


def test_a_strong_prior_on_slopes_and_thresholds_prevails():
    features, codes = ordered_rows(seed=5)
    thresholds = [-3.0, -1.0, 1.0, 3.0]
    model = CumulativeLinkClassifier(
        alpha=1e6, coef_prior=[0.0, 2.0, 0.0], alpha_threshold=1e6, threshold_prior=thresholds
    ).fit(features, codes)
    np.testing.assert_allclose(model.coef_, [0.0, 2.0, 0.0], atol=0.01)
    np.testing.assert_allclose(model.thresholds_, thresholds, atol=0.01)


def test_each_feature_may_have_a_precision_of_its_own():
    features, codes = ordered_rows(seed=5)
    model = CumulativeLinkClassifier(alpha=[1e6, 1.0, 1.0]).fit(features, codes)
    alike = CumulativeLinkClassifier(alpha=[1.0, 1.0, 1.0]).fit(features, codes)
    assert model.coef_[0] == pytest.approx(0.0, abs=1e-3)
    assert model.coef_[1] < -0.4
    np.testing.assert_allclose(
        alike.coef_, CumulativeLinkClassifier(alpha=1.0).fit(features, codes).coef_, atol=1e-6
    )


def test_the_prior_is_the_weighted_frequency_with_half_a_row_for_each_class():
    model = CumulativeLinkClassifier(classes=[1, 2, 3])
    model.fit([[0.0], [1.0], [2.0]], [1, 1, 2], sample_weight=[1.0, 2.0, 0.5])
    np.testing.assert_allclose(model.class_prior_, [0.7, 0.2, 0.1])


def test_the_prior_adjusted_decision_finds_more_of_a_rare_class_in_the_same_probabilities():
    features, codes = ordered_rows(seed=7)
    median = CumulativeLinkClassifier().fit(features, codes)
    adjusted = CumulativeLinkClassifier(decision="prior_adjusted").fit(features, codes)
    np.testing.assert_array_equal(median.predict_proba(features), adjusted.predict_proba(features))
    is_end = np.isin(codes, [1, 5])
    found = [(each.predict(features) == codes)[is_end].mean() for each in (median, adjusted)]
    assert found[0] < found[1]


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, (5, 4), elements=st.floats(0.01, 1.0)))
def test_with_equal_frequencies_the_adjusted_decision_is_the_median(raw):
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    decided = [
        decided_positions(probabilities, decision, np.full(4, 0.25))
        for decision in ("median", "prior_adjusted")
    ]
    np.testing.assert_array_equal(*decided)


def test_a_row_of_weight_three_counts_like_three_rows():
    features, codes = ordered_rows(seed=6, count=60)
    weights = np.tile([1, 2, 3], 20)
    weighted = CumulativeLinkClassifier().fit(features, codes, sample_weight=weights)
    repeated = CumulativeLinkClassifier().fit(features.repeat(weights, 0), codes.repeat(weights))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-3)


def test_the_prediction_is_the_median_of_the_probabilities():
    features, codes = ordered_rows(seed=7)
    model = CumulativeLinkClassifier().fit(features, codes)
    cumulative = model.predict_proba(features).cumsum(axis=1)
    expected = 1 + (cumulative < 0.5).sum(axis=1)
    np.testing.assert_array_equal(model.predict(features), expected)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"link": "cauchit"}, "link='cauchit' is not one of"),
        ({"decision": "mean"}, "decision='mean' is not one of"),
        ({"alpha": -1.0}, "alpha=-1.0 must be one number >= 0 or 3 of them"),
        ({"alpha": [1.0, 2.0]}, "must be one number >= 0 or 3 of them"),
        ({"threshold_prior": [0.0, -1.0, 1.0, 2.0]}, "must hold 4 increasing numbers"),
        ({"threshold_prior": [0.0]}, "must hold 4 increasing numbers"),
        ({"monotonic_cst": [1]}, "for each of 3 features"),
        ({"monotonic_cst": [2, 0, 0]}, "must hold -1, 0 or 1"),
        ({"classes": [1, 2]}, "hold every class in y"),
        ({"classes": [5, 4, 3, 2, 1]}, "must ascend"),
    ],
)
def test_settings_that_make_no_model_are_refused(settings, message):
    features, codes = ordered_rows(seed=8)
    with pytest.raises(ValueError, match=message):
        CumulativeLinkClassifier(**settings).fit(features, codes)


def ordered_rows(seed, count=400):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(count, 3))
    latent = features @ [1.2, -0.7, 0.0] + generator.logistic(size=count)
    return features, 1 + np.searchsorted([-2.0, -0.5, 0.5, 2.0], latent)


def likelihood(link):
    features, codes = ordered_rows(seed=9, count=80)
    weights = expit(np.linspace(-1, 1, 80))
    return PenalizedLikelihood(
        link=LINKS[link],
        rows=features,
        codes=codes - 1,
        weights=weights,
        class_count=5,
        alpha=0.7,
        coef_prior=np.array([0.1, 0.2, 0.3]),
        alpha_threshold=0.4,
        threshold_prior=np.array([-1.0, 0.0, 0.5, 1.0]),
    )
