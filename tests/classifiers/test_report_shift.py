"""How far reports lie above the truth, and what that goes with."""

import doctest

import numpy as np
import pytest
import statsmodels.api as statsmodels
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from classifiers import report_shift
from classifiers.report_shift import (
    ReportShift,
    ShiftPriors,
    fit_report_shift,
    regress_shift,
)

STAGES = np.arange(1, 7)
STEPS = np.arange(-2, 4)


def test_the_examples_in_the_documentation_run():
    assert doctest.testmod(report_shift).failed == 0


@given(st.lists(st.floats(-3, 3), min_size=6, max_size=6), st.floats(-1, 1), st.floats(-2, 2))
@settings(deadline=None, max_examples=30)
def test_chances_of_reports_sum_to_1_and_stay_on_the_ladder(weights, slope, tilt):
    shift = ReportShift(
        steps=STEPS,
        log_weights=np.array(weights),
        slope=slope,
        tilts=np.array([0.0, tilt]),
        class_count=6,
    )
    reports = shift.report_probabilities()
    np.testing.assert_allclose(reports.sum(axis=2), 1.0)
    assert (reports >= 0).all()
    higher, lower = np.argsort([tilt, 0.0])
    assert (shift.mean_steps()[lower] <= shift.mean_steps()[higher] + 1e-9).all()


def test_the_gradient_of_the_shift_is_that_of_its_value():
    generator = np.random.default_rng(0)
    on_ladder = (STAGES[:, np.newaxis] + STEPS >= 1) & (STAGES[:, np.newaxis] + STEPS <= 6)
    objective = report_shift._Objective(
        counts=generator.integers(0, 9, (2, 6, 6)) * on_ladder,
        steps=STEPS,
        pseudo_counts=np.linspace(0.1, 1, 6),
        precisions=np.linspace(0.5, 2, 9),
    )
    point = generator.normal(0, 0.3, 9)
    error = check_grad(lambda at: objective(at)[0], lambda at: objective(at)[1], point)
    assert error < 1e-4 * np.linalg.norm(objective(point)[1])


def test_with_many_rows_the_shift_is_that_of_the_rows():
    true = ReportShift(
        steps=STEPS,
        log_weights=np.log([0.02, 0.1, 0.38, 0.35, 0.12, 0.03]),
        slope=-0.2,
        tilts=np.array([0.3, -0.3]),
        class_count=6,
    )
    counts = 1e5 * true.step_probabilities()
    found = fit_report_shift(counts, STEPS, ShiftPriors())
    np.testing.assert_allclose(found.step_probabilities(), true.step_probabilities(), atol=1e-3)
    assert found.slope == pytest.approx(-0.2, abs=0.01)


def test_without_rows_a_step_further_off_is_half_as_likely():
    shift = fit_report_shift(np.zeros((1, 6, 6)), STEPS, ShiftPriors(pseudo_count=3.0))
    chances = shift.step_probabilities()[0, 2]
    np.testing.assert_allclose(chances / chances[2], 0.5 ** np.abs(STEPS), rtol=0.1)


def test_a_rater_group_without_anchors_and_with_few_rows_gets_nearly_the_common_shift():
    counts = np.zeros((2, 6, 6))
    counts[0] = 20 * np.array([0.02, 0.1, 0.38, 0.35, 0.12, 0.03])
    counts[1, 2, 5] = 1.0
    shift = fit_report_shift(counts, STEPS, ShiftPriors(rater_spread=0.1))
    common, few = shift.mean_steps()[:, 2]
    assert common < few < common + 0.1


def test_the_regression_of_the_shift_equals_that_of_statsmodels():
    generator = np.random.default_rng(0)
    columns = {"stage": generator.normal(size=40), "size": generator.integers(0, 3, 40)}
    shift = 0.4 * columns["size"] + generator.normal(size=40) * (1 + columns["size"])
    test = regress_shift(shift, columns)
    design = statsmodels.add_constant(np.column_stack(list(columns.values())))
    oracle = statsmodels.OLS(shift, design).fit(cov_type="HC3", use_t=True)
    np.testing.assert_allclose(test.slopes, oracle.params[1:])
    np.testing.assert_allclose(test.standard_errors, oracle.bse[1:])
    np.testing.assert_allclose(test.p_values, oracle.pvalues[1:])


@pytest.mark.parametrize(
    ("count", "columns"),
    [(3, {"size": [1.0, 2.0, 4.0], "age": [1.0, 5.0, 2.0]}), (9, {"size": [1.0] * 9})],
)
def test_a_regression_that_says_nothing_is_none(count, columns):
    arrays = {name: np.array(column) for name, column in columns.items()}
    assert regress_shift(np.arange(float(count)), arrays) is None
