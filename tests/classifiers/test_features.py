"""From measured signals to the matrix of features."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers.estimates import SignalRow
from classifiers.features import (
    SignalScaler,
    feature_matrix_of,
    feature_names,
    feature_signs,
    logged_columns,
    share_columns,
)

CODES = ("posts_per_week", "burstiness", "dormant_share")


@parametrize_with_checks([SignalScaler()])
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


def test_every_column_has_a_name_and_a_sign():
    names = ["absent_cadence", "absent_presence", "size_class"]
    assert feature_names(CODES) == [*CODES, *names]
    assert feature_signs(CODES) == [1, -1, 0, 0, 0, 0]


def test_values_come_in_the_order_of_the_codes_and_missing_ones_are_nan():
    row = measured({"dormant_share": 0.5, "posts_per_week": 3.0, "burstiness": None})
    matrix = feature_matrix_of([row], CODES)
    np.testing.assert_array_equal(matrix, [[3.0, np.nan, 0.5, 0, 0, np.nan]])


def test_only_absence_is_told_as_the_share_of_its_family():
    reasons = {"posts_per_week": "unobserved", "burstiness": "absent", "dormant_share": "undefined"}
    matrix = feature_matrix_of([measured({}, reasons)], CODES)
    np.testing.assert_array_equal(matrix, [[np.nan, np.nan, np.nan, 0.5, 0, np.nan]])


@pytest.mark.parametrize(("size_class", "code"), [("1-9", 0), ("1000+", 4), ("", np.nan)])
def test_the_size_class_is_a_number_in_order(size_class, code):
    matrix = feature_matrix_of([measured({}, size_class=size_class)], CODES)
    np.testing.assert_array_equal(matrix[0, -1], code)


def test_counts_and_durations_are_logged_and_shares_are_not():
    codes = ("posts_per_week", "weekend_share", "days_since_last_post", "response_hours_median")
    assert logged_columns(codes) == [0, 2, 3]
    assert share_columns(codes) == [1]


def test_a_share_scatters_alike_near_its_ends_and_in_the_middle():
    scaler = SignalScaler(share_columns=[0]).fit([[0.0], [0.25], [0.5], [0.75], [1.0]])
    low, middle = (
        np.diff(scaler.transform(pair)[:, 0])[0] for pair in ([[0.01], [0.05]], [[0.4], [0.44]])
    )
    assert low > 2 * middle


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


def measured(values, reasons=None, size_class=""):
    return SignalRow(
        organization_id="council",
        values=values,
        missing_reasons=reasons or {},
        readable_channel_count=1,
        observed_week_count=13,
        coverage_share=1.0,
        size_class=size_class,
    )
