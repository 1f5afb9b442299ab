"""From measured signals to the matrix of features."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers.estimates import SignalRow
from classifiers.features import SignalScaler, feature_matrix_of, feature_signs, logged_columns

CODES = ("posts_per_week", "burstiness", "dormant_share")


@parametrize_with_checks([SignalScaler()])
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


def test_values_come_in_the_order_of_the_codes_and_missing_ones_are_nan():
    row = measured({"dormant_share": 0.5, "posts_per_week": 3.0, "burstiness": None})
    matrix = feature_matrix_of([row], CODES)
    np.testing.assert_array_equal(matrix, [[3.0, np.nan, 0.5, 0, 0, 0]])


def test_only_absence_raises_a_flag():
    reasons = {
        "posts_per_week": "unobserved",
        "burstiness": "undefined",
        "dormant_share": "absent",
    }
    matrix = feature_matrix_of([measured({}, reasons)], CODES)
    np.testing.assert_array_equal(matrix, [[np.nan, np.nan, np.nan, 0, 0, 1]])


def test_counts_and_durations_are_logged_and_shares_are_not():
    assert logged_columns(("posts_per_week", "weekend_share", "days_since_last_post")) == [0, 2]


def test_signs_follow_the_catalogue_and_flags_are_free():
    assert feature_signs(CODES) == [1, -1, 0, 0, 0, 0]


def test_scaling_centres_on_the_median_and_clips_outliers():
    rows = np.array([[0.0], [1.0], [2.0], [3.0], [1e9], [np.nan]])
    scaled = SignalScaler().fit_transform(rows)
    assert scaled[:, 0].tolist() == pytest.approx([-1, -0.5, 0, 0.5, 4, np.nan], nan_ok=True)


def test_logged_columns_are_scaled_on_the_logarithm():
    rows = np.expm1([[0.0], [1.0], [2.0], [3.0], [4.0]])
    scaled = SignalScaler(log_columns=[0]).fit_transform(rows)
    np.testing.assert_allclose(scaled[:, 0], [-1, -0.5, 0, 0.5, 1])


def test_scaling_leaves_the_rows_it_is_given_alone():
    rows = np.array([[1.0], [2.0]])
    SignalScaler(log_columns=[0]).fit_transform(rows)
    assert rows.tolist() == [[1.0], [2.0]]


def measured(values, reasons=None):
    return SignalRow(
        organization_id="council",
        values=values,
        missing_reasons=reasons or {},
        readable_channel_count=1,
        observed_week_count=13,
        coverage_share=1.0,
    )
