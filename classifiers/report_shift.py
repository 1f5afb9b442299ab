"""How far organizations report from their true stage, and by what it depends.

P(reported - true = d | true stage k, rater group g) is proportional to
exp(weight_d + d (slope (k - middle) + tilt_g)) for the steps d that stay on the ladder. The
weights give the common shape. The slope lets low stages report further off than high ones, the
tilts let groups of raters differ; normal priors hold both near 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax
from scipy.stats import t as student_t

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

_HALVING = np.log(2)  # before any row is seen, each step further off is half as likely
_WEIGHT_SPREAD = 10.0  # wide: the weights are known up to a constant only


class ShiftPriors(NamedTuple):
    """What is held of the shift before rows are seen."""

    pseudo_count: float = 1.0  #: rows' worth of the belief that a step further is half as likely
    slope_spread: float = 0.3  #: standard deviation of the slope around 0; 0 for none
    rater_spread: float = 0.5  #: standard deviation of the tilts around 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShift:
    """Chances of reporting so many steps above the true stage (or below, if negative)."""

    steps: IntArray  #: steps that occur, ascending, 0 among them
    log_weights: FloatArray  #: one per step
    slope: float  #: above 0: high stages overstate more than low ones
    tilts: FloatArray  #: one per rater group; above 0: it overstates more than others
    class_count: int

    def step_probabilities(self) -> FloatArray:
        """Chance of each step, shape (n_groups, n_classes, n_steps); 0 off the ladder."""
        parameters = np.concatenate([self.log_weights, [self.slope], self.tilts])
        return np.exp(_log_probabilities(parameters, self.steps, self.class_count))

    def report_probabilities(self) -> FloatArray:
        """Chance of each report, shape (n_groups, true classes, reported classes)."""
        chances = self.step_probabilities()
        reports = np.zeros((*chances.shape[:2], self.class_count))
        for position, step in enumerate(self.steps):
            true = np.flatnonzero(_on_ladder(self.steps, self.class_count)[:, position])
            reports[:, true, true + step] = chances[:, true, position]
        return reports

    def mean_steps(self) -> FloatArray:
        """Expected steps above the true class, shape (n_groups, n_classes)."""
        means: FloatArray = self.step_probabilities() @ self.steps
        return means


def fit_report_shift(counts: FloatArray, steps: IntArray, priors: ShiftPriors) -> ReportShift:
    """The most probable shift for rows of known, or partly known, true class.

    Args:
        counts: weight of the rows by rater group, true class and step, shape
            (n_groups, n_classes, n_steps).
        steps: steps that may occur, ascending.
        priors: what is held before.

    Examples:
        >>> steps = np.array([0, 1])
        >>> counts = np.zeros((1, 3, 2))
        >>> counts[0, 1] = [60, 40]
        >>> shift = fit_report_shift(counts, steps, ShiftPriors(slope_spread=0.0))
        >>> shift.step_probabilities()[0].round(1).tolist()
        [[0.6, 0.4], [0.6, 0.4], [1.0, 0.0]]
    """
    group_count, class_count, step_count = counts.shape
    tilt_spread = priors.rater_spread if group_count > 1 else 0.0
    spreads = np.repeat(
        [_WEIGHT_SPREAD, priors.slope_spread, tilt_spread], [step_count, 1, group_count]
    )
    objective = _Objective(
        counts=counts,
        steps=steps,
        pseudo_counts=_pseudo_counts(steps, priors.pseudo_count),
        precisions=np.where(spreads > 0, spreads, 1.0) ** -2.0,
    )
    bounds = [(None, None) if spread > 0 else (0.0, 0.0) for spread in spreads]
    found = minimize(objective, np.zeros(len(spreads)), jac=True, method="L-BFGS-B", bounds=bounds)
    log_weights, slope, tilts = np.split(found.x, [step_count, step_count + 1])
    return ReportShift(
        steps=steps,
        log_weights=log_weights,
        slope=float(slope[0]),
        tilts=tilts,
        class_count=class_count,
    )


@dataclass(frozen=True, kw_only=True)
class _Objective:
    counts: FloatArray
    steps: IntArray
    pseudo_counts: FloatArray
    precisions: FloatArray

    def __call__(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        step_count, class_count = len(self.steps), self.counts.shape[1]
        logs = _log_probabilities(parameters, self.steps, class_count)
        shape = log_softmax(parameters[:step_count])
        fitted = np.exp(logs)
        surplus = self.counts - fitted * self.counts.sum(axis=2, keepdims=True)
        by_weight = surplus.sum(axis=(0, 1)) + self.pseudo_counts
        by_weight -= np.exp(shape) * self.pseudo_counts.sum()
        by_step = surplus @ self.steps
        gradient = np.concatenate(
            [by_weight, [(by_step @ _from_middle(class_count)).sum()], by_step.sum(axis=1)]
        )
        finite = np.where(self.counts > 0, logs, 0.0)
        value = (self.counts * finite).sum() + self.pseudo_counts @ shape
        value -= 0.5 * self.precisions @ parameters**2
        return -float(value), self.precisions * parameters - gradient


def _log_probabilities(parameters: FloatArray, steps: IntArray, class_count: int) -> FloatArray:
    weights, slope, tilts = np.split(parameters, [len(steps), len(steps) + 1])
    pull = slope * _from_middle(class_count) + tilts[:, np.newaxis]
    logs = np.where(
        _on_ladder(steps, class_count), weights + pull[:, :, np.newaxis] * steps, -np.inf
    )
    normalized: FloatArray = log_softmax(logs, axis=2)
    return normalized


def _from_middle(class_count: int) -> FloatArray:
    middle = (class_count - 1) / 2
    return np.arange(class_count, dtype=np.float64) - middle


def _on_ladder(steps: IntArray, class_count: int) -> BoolArray:
    reported = np.arange(class_count)[:, np.newaxis] + steps
    is_on_ladder: BoolArray = (reported >= 0) & (reported < class_count)
    return is_on_ladder


def _pseudo_counts(steps: IntArray, total: float) -> FloatArray:
    shares: FloatArray = np.exp(-_HALVING * np.abs(steps))
    counts: FloatArray = total * shares / shares.sum()
    return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftTest:
    """Whether the shift of rows of known stage goes with anything; small p-values say it does.

    Slopes are steps of shift per unit of the regressor. A large p-value of few rows does not
    say that the shift is constant.
    """

    names: tuple[str, ...]  #: regressors, without the constant
    slopes: tuple[float, ...]
    standard_errors: tuple[float, ...]
    p_values: tuple[float, ...]
    row_count: int


def regress_shift(surplus: FloatArray, regressors: Mapping[str, FloatArray]) -> ShiftTest | None:
    """Linear regression of a shift on `regressors` and a constant, robust to unequal scatter.

    Standard errors are those of MacKinnon and White 1985 (HC3), p-values two-sided by the
    t distribution with n_rows - n_regressors - 1 degrees of freedom.

    Args:
        surplus: steps of shift of each row beyond those expected of it.
        regressors: a column of numbers for each name.

    Returns:
        None where fewer rows are there than two more than parameters, or a regressor is
        constant or follows from others, so that nothing can be said.

    Examples:
        >>> test = regress_shift(np.array([0.0, 1.1, 1.9, 3.0]), {"size": np.arange(4.0)})
        >>> round(test.slopes[0], 2), test.p_values[0] < 0.01
        (0.98, True)
    """
    names = tuple(regressors)
    design = np.column_stack([np.ones(len(surplus)), *regressors.values()])
    degrees = len(surplus) - design.shape[1]
    if degrees < 2 or np.linalg.matrix_rank(design) < design.shape[1]:  # noqa: PLR2004
        return None
    inverse = np.linalg.pinv(design)
    slopes = inverse @ surplus
    leverage = np.einsum("ij,ji->i", design, inverse)
    off = (surplus - design @ slopes) / np.maximum(1 - leverage, 1e-12)
    errors = np.sqrt(np.einsum("ij,j,ij->i", inverse, off**2, inverse))
    p_values = 2 * student_t.sf(np.abs(slopes) / np.maximum(errors, 1e-300), degrees)
    return ShiftTest(
        names=names,
        slopes=tuple(slopes[1:].tolist()),
        standard_errors=tuple(errors[1:].tolist()),
        p_values=tuple(p_values[1:].tolist()),
        row_count=len(surplus),
    )
