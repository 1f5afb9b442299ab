"""Binary questions about thresholds: conventions, agreement of the curves, folds that lack one."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn.isotonic import isotonic_regression
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import classifiers.frank_hall
from classifiers.frank_hall import MONOTONE, FrankHallClassifier, gentle_boosting

# The check asks that `predict` returns the most probable class; the median is another decision.
EXPECTED = {"check_classifiers_train": "predicts the median, not the mode"}

FEW_EXAMPLES = settings(max_examples=30, deadline=None)

curves = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
    elements=st.floats(0.0, 1.0, allow_subnormal=False),
)


@parametrize_with_checks(
    [
        FrankHallClassifier(LogisticRegression(), decision="mode"),
        FrankHallClassifier(GaussianNB(), monotonize="isotonic"),
    ],
    expected_failed_checks=lambda estimator: EXPECTED if estimator.decision == "median" else {},
)
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


def test_the_example_holds():
    assert doctest.testmod(classifiers.frank_hall).failed == 0


@pytest.mark.parametrize("way", MONOTONE)
@FEW_EXAMPLES
@given(curves)
def test_curves_rise_within_their_bounds_and_rising_ones_stay(way, below):
    risen = MONOTONE[way](below)
    assert (np.diff(risen, axis=1) >= -1e-12).all()
    assert (risen >= below.min(axis=1, keepdims=True) - 1e-12).all()
    assert (risen <= below.max(axis=1, keepdims=True) + 1e-12).all()
    np.testing.assert_allclose(MONOTONE[way](risen), risen, atol=1e-12)


@FEW_EXAMPLES
@given(curves)
def test_isotonic_curves_are_those_of_scikit_learn(below):
    expected = [isotonic_regression(row) for row in below]
    np.testing.assert_allclose(MONOTONE["isotonic"](below), expected, atol=1e-9)


def test_the_envelope_lies_in_the_middle_of_the_rising_curves_around():
    below = MONOTONE["envelope"](np.array([[0.6, 0.2, 0.9], [0.1, 0.5, 0.5]]))
    np.testing.assert_allclose(below, [[0.4, 0.4, 0.9], [0.1, 0.5, 0.5]])


@pytest.mark.parametrize("way", MONOTONE)
def test_curves_that_cross_make_no_negative_probability(way):
    features, codes = ordered_rows(count=60, noise=5.0)
    above = [
        GaussianNB().fit(features, codes > code).predict_proba(features)[:, 1] for code in (2, 3)
    ]
    assert (above[0] < above[1]).any()
    model = FrankHallClassifier(GaussianNB(), monotonize=way).fit(features, codes)
    assert model.predict_proba(features).min() > 0


def test_without_crossing_the_curves_are_those_of_the_binary_models():
    features, codes = ordered_rows()
    model = FrankHallClassifier(LogisticRegression()).fit(features, codes)
    below = model.predict_proba(features).cumsum(axis=1)[:, :-1]
    alone = np.column_stack(
        [
            LogisticRegression().fit(features, codes > code).predict_proba(features)[:, 0]
            for code in (1, 2, 3, 4)
        ]
    )
    is_rising = (np.diff(alone, axis=1) >= 0).all(axis=1)
    assert is_rising.mean() > 0.9
    np.testing.assert_allclose(below[is_rising], alone[is_rising], atol=0.005)


def test_boosting_takes_missing_values_and_an_estimator_that_does_not_refuses_them():
    features, codes = ordered_rows()
    features[::3, 0] = np.nan
    model = FrankHallClassifier().fit(features, codes)
    assert np.isfinite(model.predict_proba(features)).all()
    with pytest.raises(ValueError, match="contains NaN"):
        FrankHallClassifier(LogisticRegression()).fit(features, codes)


def test_a_column_that_is_never_observed_says_nothing_even_when_it_is_later():
    features, codes = ordered_rows()
    features[:, 2] = np.nan
    model = FrankHallClassifier().fit(features, codes)
    later = np.column_stack([features[:, :2], np.full(len(features), 9.0)])
    np.testing.assert_array_equal(model.predict_proba(later), model.predict_proba(features))


@pytest.mark.parametrize("absent", [1, 3, 5])
def test_a_class_without_rows_keeps_its_column_and_is_unlikely(absent):
    features, codes = ordered_rows()
    is_kept = codes != absent
    model = FrankHallClassifier(LogisticRegression(), classes=[1, 2, 3, 4, 5])
    probabilities = model.fit(features[is_kept], codes[is_kept]).predict_proba(features)
    assert probabilities.shape == (len(features), 5)
    assert probabilities[:, absent - 1].min() > 0
    assert probabilities[:, absent - 1].max() < 0.01


def test_a_threshold_that_no_row_crosses_has_no_model_and_a_double_one_shares_it():
    features, codes = ordered_rows()
    is_kept = ~np.isin(codes, [1, 4])
    model = FrankHallClassifier(LogisticRegression(), classes=[1, 2, 3, 4, 5])
    model.fit(features[is_kept], codes[is_kept])
    assert model.estimators_[0] is None
    assert model.estimators_[2] is model.estimators_[3]


def test_a_threshold_that_only_rows_of_weight_zero_cross_has_no_model():
    features, codes = ordered_rows()
    weights = (codes > 1).astype(float)
    model = FrankHallClassifier(LogisticRegression()).fit(features, codes, sample_weight=weights)
    assert model.estimators_[0] is None
    assert model.predict_proba(features)[:, 0].max() < 0.01


def test_no_class_is_impossible_even_for_a_binary_model_that_is_certain():
    features, codes = ordered_rows()
    model = FrankHallClassifier(KNeighborsClassifier(1)).fit(features, codes)
    probabilities = model.predict_proba(features)
    assert probabilities.min() == pytest.approx(0.1 / (len(codes) + 0.5))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


def test_a_row_of_weight_three_counts_like_three_rows_also_in_a_pipeline():
    features, codes = ordered_rows(count=60)
    weights = np.tile([0, 1, 2], 20)
    model = FrankHallClassifier(make_pipeline(StandardScaler(with_std=False), LogisticRegression()))
    weighted = model.fit(features, codes, sample_weight=weights).predict_proba(features)
    repeated = model.fit(features.repeat(weights, 0), codes.repeat(weights))
    np.testing.assert_allclose(weighted, repeated.predict_proba(features), atol=1e-3)


def test_a_monotone_feature_never_lowers_the_estimate():
    features, codes = ordered_rows(noise=4.0)
    model = FrankHallClassifier(monotonic_cst=[1, -1, 0]).fit(features, codes)
    path = np.column_stack([np.linspace(-3, 3, 50), np.zeros(50), np.zeros(50)])
    below = model.predict_proba(path).cumsum(axis=1)[:, :-1]
    assert (np.diff(below, axis=0) <= 1e-12).all()
    free = FrankHallClassifier().fit(features, codes).predict_proba(path).cumsum(axis=1)[:, :-1]
    assert (np.diff(free, axis=0) > 0.01).any()


def test_a_constant_column_changes_nothing():
    features, codes = ordered_rows()
    with_column = np.column_stack([features, np.ones(len(features))])
    model = FrankHallClassifier()
    alone = model.fit(features, codes).predict_proba(features)
    np.testing.assert_array_equal(model.fit(with_column, codes).predict_proba(with_column), alone)


def test_the_default_puts_no_rows_aside_and_is_the_same_every_time():
    features, codes = ordered_rows()
    one, other = (FrankHallClassifier().fit(features, codes) for _ in range(2))
    np.testing.assert_array_equal(one.predict_proba(features), other.predict_proba(features))
    assert not gentle_boosting().early_stopping


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"monotonize": "sorted"}, "monotonize='sorted' is not one of"),
        ({"decision": "mean"}, "decision='mean' is not one of"),
        ({"classes": [1, 2]}, "hold every class in y"),
        ({"monotonic_cst": [1, 0, 0]}, "LogisticRegression has no monotonic_cst"),
    ],
)
def test_settings_that_make_no_model_are_refused(settings, message):
    features, codes = ordered_rows()
    with pytest.raises(ValueError, match=message):
        FrankHallClassifier(LogisticRegression(), **settings).fit(features, codes)


def test_weights_for_a_binary_model_that_takes_none_are_refused():
    features, codes = ordered_rows()
    with pytest.raises(ValueError, match="KNeighborsClassifier takes no sample_weight"):
        FrankHallClassifier(KNeighborsClassifier()).fit(features, codes, np.ones(len(codes)))


def ordered_rows(count=200, noise=1.0):
    generator = np.random.default_rng(0)
    features = generator.normal(size=(count, 3))
    latent = features @ [1.2, -0.7, 0.0] + noise * generator.logistic(size=count)
    return features, 1 + np.searchsorted([-2.0, -0.5, 0.5, 2.0], latent)
