"""What missing features may be, given those that were seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.normal import JointNormal, complete, distance_from, joint_normal_of

JOINT = JointNormal(np.array([0.0, 1.0]), np.array([[1.0, 0.8], [0.8, 4.0]]))
WEIGHTS = np.array([[1.0], [2.0]])


def test_a_gap_is_filled_by_its_regression_on_what_was_seen():
    completed = complete(JOINT, np.array([[2.0, np.nan]]), WEIGHTS)
    assert completed.rows.tolist() == [[2.0, pytest.approx(1.0 + 0.8 * 2.0)]]
    assert completed.sum_variance[0, 0] == pytest.approx(2.0**2 * (4.0 - 0.8**2))


def test_of_a_row_of_which_nothing_was_seen_the_average_and_all_variance_is_left():
    completed = complete(JOINT, np.full((1, 2), np.nan), WEIGHTS)
    assert completed.rows.tolist() == [[0.0, 1.0]]
    assert completed.sum_variance[0, 0] == pytest.approx(1.0 + 2 * 2 * 0.8 + 4 * 4.0)


def test_a_complete_row_stays_as_it_is_and_leaves_no_doubt():
    rows = np.array([[3.0, -2.0]])
    completed = complete(JOINT, rows, WEIGHTS)
    assert completed.rows.tolist() == rows.tolist()
    assert completed.sum_variance.tolist() == [[0.0]]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_seeing_more_never_leaves_more_doubt(seed):
    generator = np.random.default_rng(seed)
    factor = generator.normal(size=(6, 6))
    joint = JointNormal(np.zeros(6), factor @ factor.T + 0.1 * np.eye(6))
    row, weights = generator.normal(size=(1, 6)), generator.normal(size=(6, 2))
    hidden = generator.permutation(6)
    doubts = []
    for count in range(7):
        partial = row.copy()
        partial[0, hidden[:count]] = np.nan
        doubts.append(complete(joint, partial, weights).sum_variance[0])
    assert (np.diff(doubts, axis=0) >= -1e-9).all()


def test_it_agrees_with_conditioning_many_draws():
    generator = np.random.default_rng(0)
    drawn = generator.multivariate_normal(JOINT.mean, JOINT.covariance, 400_000)
    near = drawn[np.abs(drawn[:, 0] - 1.0) < 0.02]
    completed = complete(JOINT, np.array([[1.0, np.nan]]), np.array([[0.0], [1.0]]))
    assert near[:, 1].mean() == pytest.approx(completed.rows[0, 1], abs=0.06)
    assert near[:, 1].var() == pytest.approx(completed.sum_variance[0, 0], rel=0.05)


def test_the_joint_distribution_comes_out_of_rows_with_gaps():
    generator = np.random.default_rng(1)
    rows = generator.multivariate_normal(JOINT.mean, JOINT.covariance, 20_000)
    rows[generator.random(rows.shape) < 0.3] = np.nan
    found = joint_normal_of(rows)
    np.testing.assert_allclose(found.mean, JOINT.mean, atol=0.06)
    np.testing.assert_allclose(found.covariance, JOINT.covariance, atol=0.12)


def test_a_feature_never_seen_or_constant_breaks_nothing():
    rows = np.column_stack([np.arange(10.0), np.full(10, np.nan), np.full(10, 7.0)])
    joint = joint_normal_of(rows)
    assert (np.linalg.eigvalsh(joint.covariance) > 0).all()
    assert np.isfinite(complete(joint, rows, np.ones((3, 1))).rows).all()


def test_pairs_that_contradict_one_another_still_give_a_distribution():
    generator = np.random.default_rng(2)
    rows = np.full((90, 3), np.nan)
    for start, (left, right, sign) in zip(
        (0, 30, 60), ((0, 1, 1), (1, 2, 1), (0, 2, -1)), strict=True
    ):
        drawn = generator.normal(size=30)
        rows[start : start + 30, left], rows[start : start + 30, right] = drawn, sign * drawn
    assert np.linalg.eigvalsh(joint_normal_of(rows).covariance)[0] > 0


def test_usual_rows_are_near_and_a_row_of_contradictions_is_far():
    generator = np.random.default_rng(3)
    joint = JointNormal(np.zeros(2), np.array([[1.0, 0.95], [0.95, 1.0]]))
    usual = generator.multivariate_normal(joint.mean, joint.covariance, 5000)
    assert np.quantile(distance_from(joint, usual), 0.99) < 3
    assert distance_from(joint, np.array([[3.0, -3.0]]))[0] > 10
    assert distance_from(joint, np.array([[3.0, np.nan], [np.nan, np.nan]])).tolist() == [
        pytest.approx(np.sqrt(18) - 1),
        0.0,
    ]
