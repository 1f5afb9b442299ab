"""Labels beside an earlier estimate."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from classifiers.offset import (
    Correction,
    Precisions,
    _Objective,
    corrected_log_odds,
    cumulative_log_odds,
    fit_correction,
    probabilities_from,
)

LOOSE = Precisions(slope=1e-6, shifts=1e-6, coef=1e-6)


@pytest.fixture(scope="module")
def earlier():
    generator = np.random.default_rng(0)
    latent = 2 * generator.normal(size=6000)
    log_odds = np.array([-2.0, 0.0, 2.0]) - latent[:, np.newaxis]
    return log_odds, generator


def test_the_gradient_is_that_of_the_value(earlier):
    log_odds, generator = earlier
    objective = _Objective(
        log_odds=log_odds[:50],
        features=generator.normal(size=(50, 2)),
        codes=generator.integers(0, 4, 50),
        weights=generator.random(50),
        precisions=Precisions(10.0, 5.0, 40.0),
    )
    at = np.array([1.2, 0.1, 0.0, -0.1, 0.3, -0.2])
    assert check_grad(lambda x: objective(x)[0], lambda x: objective(x)[1], at) < 1e-4


def test_what_was_planted_is_found(earlier):
    log_odds, generator = earlier
    features = generator.normal(size=(len(log_odds), 1))
    true = Correction(0.5, np.array([0.3, 0.0, -0.4]), np.array([0.7]))
    codes = drawn_from(corrected_log_odds(true, log_odds, features), generator)
    found = fit_correction(log_odds, features, codes, np.ones(len(codes)), LOOSE)
    assert found.slope == pytest.approx(true.slope, abs=0.03)
    np.testing.assert_allclose(found.shifts, true.shifts, atol=0.08)
    np.testing.assert_allclose(found.coef, true.coef, atol=0.06)


def test_without_rows_the_earlier_estimate_stands(earlier):
    log_odds, _ = earlier
    nothing = np.zeros((0, 1))
    found = fit_correction(
        log_odds[:0], nothing, np.zeros(0, dtype=int), np.zeros(0), Precisions(10, 5, 40)
    )
    assert found.slope == 1.0
    assert not found.shifts.any()
    assert not found.coef.any()


def test_log_odds_and_probabilities_are_two_words_for_one_thing():
    probabilities = np.random.default_rng(1).dirichlet(np.ones(6), 20)
    back = probabilities_from(cumulative_log_odds(probabilities))
    np.testing.assert_allclose(back, probabilities, atol=0.01)


def test_what_an_earlier_estimate_rules_out_labels_can_bring_back():
    sure = np.tile([1.0, 0.0, 0.0], (40, 1))
    log_odds = cumulative_log_odds(sure)
    assert np.isfinite(log_odds).all()
    codes = np.full(40, 2)
    found = fit_correction(log_odds, np.zeros((40, 0)), codes, np.ones(40), LOOSE)
    corrected = probabilities_from(corrected_log_odds(found, log_odds, np.zeros((40, 0))))
    # The shift of the lower threshold has no label of its own: the two meet half way.
    assert corrected[0, 2] > 0.4


def drawn_from(log_odds, generator):
    below = 1 / (1 + np.exp(-log_odds))
    return (generator.random(len(log_odds))[:, np.newaxis] > below).sum(axis=1)
