"""Estimating from partial evidence."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers.hotdeck import HotDeckClassifier
from classifiers.ordinal import CumulativeLinkClassifier

# The check asks that `predict` returns the most probable class; the median is another decision.
EXPECTED = {"check_classifiers_train": "predicts the median, not the mode"}


@parametrize_with_checks(
    [HotDeckClassifier(CumulativeLinkClassifier())], expected_failed_checks=lambda _: EXPECTED
)
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def deck():
    features, codes = correlated_rows()
    return HotDeckClassifier(CumulativeLinkClassifier()).fit(features, codes)


def test_a_complete_row_is_predicted_as_by_the_classifier_alone(deck):
    rows, _ = correlated_rows(seed=1)
    np.testing.assert_array_equal(deck.predict_proba(rows), deck.estimator_.predict_proba(rows))


def test_a_gap_is_filled_from_rows_that_resemble_the_observed_part(deck):
    high = deck.predict_proba([[2.0, np.nan, 0.0]])[0]
    low = deck.predict_proba([[-2.0, np.nan, 0.0]])[0]
    as_measured_high = deck.predict_proba([[2.0, 2.0, 0.0]])[0]
    assert stage_mean(low) < 2.0 < stage_mean(high)
    assert stage_mean(high) == pytest.approx(stage_mean(as_measured_high), abs=0.15)


def test_hiding_features_makes_estimates_less_certain_as_far_as_they_are_wrong(deck):
    rows, codes = correlated_rows(seed=2)
    spreads, errors = zip(*[spread_and_error(deck, rows, codes, n) for n in range(3)], strict=True)
    assert list(spreads) == sorted(spreads)
    assert spreads[2] / spreads[0] == pytest.approx(errors[2] / errors[0], rel=0.1)


def test_a_row_without_any_feature_gets_about_the_shares_of_the_training_set(deck):
    _, codes = correlated_rows()
    nothing = deck.set_params(n_neighbors=1500).predict_proba(np.full((1, 3), np.nan))[0]
    np.testing.assert_allclose(nothing, np.bincount(codes)[1:] / len(codes), atol=0.03)


def test_a_feature_that_is_never_observed_does_no_harm():
    features, codes = correlated_rows()
    features[:, 2] = np.nan
    deck = HotDeckClassifier(CumulativeLinkClassifier()).fit(features, codes)
    assert np.isfinite(deck.predict_proba(features[:50])).all()
    assert deck.medians_[2] == 0.0


def spread_and_error(deck, rows, codes, hidden_count):
    hidden = rows.copy()
    hidden[:, :hidden_count] = np.nan
    probabilities = deck.predict_proba(hidden)
    stages = np.arange(1, 4)
    means = probabilities @ stages
    variances = probabilities @ stages**2 - means**2
    return np.sqrt(variances.mean()), np.sqrt(((means - codes) ** 2).mean())


def stage_mean(probabilities):
    return probabilities @ np.arange(1, len(probabilities) + 1)


def correlated_rows(seed=0, count=1200):
    generator = np.random.default_rng(seed)
    trait = generator.normal(size=(count, 1))
    features = trait + 0.4 * generator.normal(size=(count, 3))
    features[:, 2] = generator.normal(size=count)
    latent = 2 * features[:, 0] + features[:, 1] + generator.logistic(size=count)
    return features, 1 + np.searchsorted([-1.5, 1.5], latent)
