"""Sets that hold in nearly every simulated world."""

import doctest

import numpy as np
import pytest

from classifiers import world_sets
from classifiers.world_sets import LEVELS, SetCalibration, calibrate_sets

WORLD_COUNT = 40


def test_the_examples_in_the_documentation_run():
    assert doctest.testmod(world_sets).failed == 0


def test_the_threshold_decides_how_far_a_set_reaches():
    probabilities = np.array([[0.05, 0.15, 0.4, 0.3, 0.08, 0.02]])
    narrow = SetCalibration(thresholds={0.9: 0.5}).predict_set(probabilities, 0.9)
    wide = SetCalibration(thresholds={0.9: 0.9}).predict_set(probabilities, 0.9)
    assert (narrow.low[0], narrow.high[0]) == (3, 4)
    assert (wide.low[0], wide.high[0]) == (2, 5)


@pytest.mark.parametrize("score", ["greedy", "rps"])
def test_the_80_percent_set_lies_within_the_90_percent_set(score):
    probabilities, stages, worlds = rows_of_worlds(seed=0)
    calibration = calibrate_sets(probabilities, stages, worlds, score=score)
    inner, outer = (calibration.predict_set(probabilities, level) for level in LEVELS)
    assert (outer.low <= inner.low).all()
    assert (inner.high <= outer.high).all()
    assert ((outer.high - outer.low) > (inner.high - inner.low)).any()


@pytest.mark.parametrize("score", ["greedy", "rps"])
def test_every_set_holds_the_median(score):
    probabilities, stages, worlds = rows_of_worlds(seed=1)
    medians = 1 + (probabilities.cumsum(axis=1) < 0.5).sum(axis=1)
    calibration = calibrate_sets(probabilities, stages, worlds, score=score)
    sets = calibration.predict_set(probabilities, 0.8)
    assert ((sets.low <= medians) & (medians <= sets.high)).all()


@pytest.mark.parametrize("score", ["greedy", "rps"])
def test_the_level_is_reached_in_nine_of_ten_worlds_that_differ(score):
    probabilities, stages, worlds = rows_of_worlds(seed=2)
    calibration = calibrate_sets(probabilities, stages, worlds, score=score)
    by_world = coverage_by(worlds, held(calibration, probabilities, stages))
    assert np.mean(by_world >= 0.9) >= 0.9


def test_a_smaller_share_of_worlds_gives_smaller_sets():
    probabilities, stages, worlds = rows_of_worlds(seed=2)
    half = calibrate_sets(probabilities, stages, worlds, world_share=0.5)
    most = calibrate_sets(probabilities, stages, worlds)
    assert half.thresholds[0.9] < most.thresholds[0.9]
    by_world = coverage_by(worlds, held(half, probabilities, stages))
    assert 0.5 <= np.mean(by_world >= 0.9) < 0.8


def test_with_groups_the_level_is_reached_in_the_worst_group_of_a_world():
    probabilities, stages, worlds = rows_of_worlds(seed=3)
    groups = np.tile([0, 0, 0, 1], len(worlds) // 4)
    stages = np.where(groups == 1, np.random.default_rng(0).integers(1, 7, len(stages)), stages)
    pooled = calibrate_sets(probabilities, stages, worlds)
    by_group = calibrate_sets(probabilities, stages, worlds, group_codes=groups)
    cells = 2 * worlds + groups
    is_held_pooled = coverage_by(cells, held(pooled, probabilities, stages))[1::2]
    is_held_by_group = coverage_by(cells, held(by_group, probabilities, stages))[1::2]
    assert np.mean(is_held_pooled >= 0.9) < 0.9
    assert np.mean(is_held_by_group >= 0.9) >= 0.9


def test_a_world_with_too_few_organizations_cannot_promise_a_level():
    probabilities = np.full((3, 6), 1 / 6)
    calibration = calibrate_sets(probabilities, np.array([1, 2, 3]), np.zeros(3))
    assert calibration.thresholds == {0.8: 1.0, 0.9: 1.0}


def test_a_level_that_was_not_calibrated_is_refused():
    probabilities, stages, worlds = rows_of_worlds(seed=0)
    with pytest.raises(KeyError):
        calibrate_sets(probabilities, stages, worlds).predict_set(probabilities, 0.95)


def rows_of_worlds(seed):
    """Rows whose probabilities are over-confident in some worlds and too careful in others."""
    generator = np.random.default_rng(seed)
    worlds = np.repeat(np.arange(WORLD_COUNT), 100)
    sharpness = generator.uniform(0.5, 3, WORLD_COUNT)[worlds]
    probabilities = generator.dirichlet(np.ones(6), len(worlds))
    truth = probabilities ** sharpness[:, np.newaxis]
    truth /= truth.sum(axis=1, keepdims=True)
    draws = generator.random((len(worlds), 1))
    stages = 1 + (draws > truth.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return probabilities, stages, worlds


def held(calibration, probabilities, stages):
    sets = calibration.predict_set(probabilities, 0.9)
    return (sets.low <= stages) & (stages <= sets.high)


def coverage_by(codes, is_held):
    return np.bincount(codes, is_held) / np.bincount(codes)
