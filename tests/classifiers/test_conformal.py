"""Sets of neighbouring stages."""

import numpy as np
import pytest

from classifiers.conformal import LEVELS, SetCalibration, calibrate_sets, masses_before


def test_a_set_grows_from_the_mode_to_the_more_probable_neighbour():
    masses = masses_before(np.array([[0.05, 0.15, 0.4, 0.3, 0.08, 0.02]]))
    np.testing.assert_allclose(masses, [[0.93, 0.7, 0.0, 0.4, 0.85, 0.98]])


def test_at_the_end_of_the_ladder_a_set_grows_the_other_way():
    masses = masses_before(np.array([[0.6, 0.2, 0.1, 0.05, 0.03, 0.02]]))
    np.testing.assert_allclose(masses, [[0.0, 0.6, 0.8, 0.9, 0.95, 0.98]])


def test_the_threshold_decides_how_far_a_set_reaches():
    probabilities = np.array([[0.05, 0.15, 0.4, 0.3, 0.08, 0.02]])
    narrow = SetCalibration(thresholds={0.9: 0.5}).predict_set(probabilities, 0.9)
    wide = SetCalibration(thresholds={0.9: 0.9}).predict_set(probabilities, 0.9)
    assert (narrow.low[0], narrow.high[0]) == (3, 4)
    assert (wide.low[0], wide.high[0]) == (2, 5)


def test_the_80_percent_set_lies_within_the_90_percent_set():
    calibration, probabilities, _, _ = calibrated(seed=0)
    inner, outer = (calibration.predict_set(probabilities, level) for level in LEVELS)
    assert (outer.low <= inner.low).all()
    assert (inner.high <= outer.high).all()
    assert ((outer.high - outer.low) > (inner.high - inner.low)).any()


def test_every_set_holds_the_median():
    calibration, probabilities, _, _ = calibrated(seed=1)
    medians = 1 + (probabilities.cumsum(axis=1) < 0.5).sum(axis=1)
    sets = calibration.predict_set(probabilities, 0.8)
    assert ((sets.low <= medians) & (medians <= sets.high)).all()


def test_the_level_is_reached_in_nine_of_ten_worlds_that_differ():
    calibration, probabilities, stages, worlds = calibrated(seed=2)
    sets = calibration.predict_set(probabilities, 0.9)
    is_held = (sets.low <= stages) & (stages <= sets.high)
    by_world = [is_held[worlds == world].mean() for world in range(40)]
    assert np.mean(np.array(by_world) >= 0.9) >= 0.9


def test_a_world_with_too_few_organizations_cannot_promise_a_level():
    probabilities = np.full((3, 6), 1 / 6)
    calibration = calibrate_sets(probabilities, np.array([1, 2, 3]), np.zeros(3))
    assert calibration.thresholds == {0.8: 1.0, 0.9: 1.0}


def test_a_level_that_was_not_calibrated_is_refused():
    calibration, probabilities, _, _ = calibrated(seed=0)
    with pytest.raises(KeyError):
        calibration.predict_set(probabilities, 0.95)


def calibrated(seed):
    generator = np.random.default_rng(seed)
    worlds = np.repeat(np.arange(40), 100)
    sharpness = generator.uniform(0.5, 3, 40)[worlds]
    probabilities = generator.dirichlet(np.ones(6), len(worlds))
    truth = probabilities ** sharpness[:, np.newaxis]
    truth /= truth.sum(axis=1, keepdims=True)
    draws = generator.random((len(worlds), 1))
    stages = 1 + (draws > truth.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return calibrate_sets(probabilities, stages, worlds), probabilities, stages, worlds
