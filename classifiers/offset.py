"""The likelihood of ordered classes beside an earlier estimate, which labels may correct.

log-odds P(class <= k | row) = slope * c_k(row) + shift_k - coef . row, where c_k are the
log-odds that the earlier estimate gives. With slope 1 and all else 0 it is that estimate, and
normal priors hold it there until labels say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from classifiers.likelihood import LINKS, log_cell_probabilities
from classifiers.monotone import ascending
from classifiers.one_thread import one_thread

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

_LINK = LINKS["logit"]
_SLOPE_BOUNDS = (0.02, 5.0)
_SMALLEST_GAP = 0.05  # of log-odds, below which neighbours resist coming nearer
_SMALLEST_SHARE = 0.002  # no earlier estimate is so sure that labels could not correct it


class Correction(NamedTuple):
    """What labels say of an earlier estimate."""

    slope: float  #: below 1: it was too sure
    shifts: FloatArray  #: of each threshold, shape (n_classes - 1,)
    coef: FloatArray  #: of the features, shape (n_features,); empty without features


class Precisions(NamedTuple):
    """Of the normal priors around slope 1, shifts 0 and coefficients 0."""

    slope: float
    shifts: float
    coef: float


@dataclass(frozen=True, kw_only=True)
class _Objective:
    log_odds: FloatArray
    features: FloatArray
    codes: IntArray
    weights: FloatArray
    precisions: Precisions

    def __call__(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        given = _correction_from(parameters, self.log_odds.shape[1])
        upper, lower = self._edges(given)
        upper, share = _kept_apart(lower, upper)
        log_cells = log_cell_probabilities(_LINK, lower, upper)
        by_end = self.weights * np.exp(_LINK.log_density(upper) - log_cells)
        by_upper = by_end * share
        by_start = self.weights * np.exp(_LINK.log_density(lower) - log_cells)
        by_lower = by_end * (1 - share) - by_start
        penalty, by_penalty = self._penalty(given)
        value = float(-self.weights @ log_cells + penalty)
        return value, by_penalty - self._gradient(by_upper, by_lower)

    def _edges(self, given: Correction) -> tuple[FloatArray, FloatArray]:
        edges = corrected_log_odds(given, self.log_odds, self.features)
        padded = np.pad(edges, ((0, 0), (1, 1)))
        padded[:, 0], padded[:, -1] = -np.inf, np.inf
        rows = np.arange(len(self.codes))
        return padded[rows, self.codes + 1], padded[rows, self.codes]

    def _gradient(self, by_upper: FloatArray, by_lower: FloatArray) -> FloatArray:
        count = self.log_odds.shape[1]
        padded = np.pad(self.log_odds, ((0, 0), (1, 1)))
        rows = np.arange(len(self.codes))
        by_slope = by_upper @ padded[rows, self.codes + 1] + by_lower @ padded[rows, self.codes]
        by_shift = np.bincount(self.codes, by_upper, count + 1)[:-1]
        by_shift = by_shift + np.bincount(self.codes, by_lower, count + 1)[1:]
        by_coef = -self.features.T @ (by_upper + by_lower)
        return np.concatenate([[by_slope], by_shift, by_coef])

    def _penalty(self, given: Correction) -> tuple[float, FloatArray]:
        off = np.concatenate([[given.slope - 1.0], given.shifts, given.coef])
        precisions = np.repeat(self.precisions, [1, len(given.shifts), len(given.coef)])
        return float(0.5 * (precisions * off) @ off), precisions * off


def _kept_apart(lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Upper ends that never fall below the lower ones, and how far they follow their own."""
    is_inner = np.isfinite(lower) & np.isfinite(upper)
    gap = np.where(is_inner, np.where(is_inner, upper, 0.0) - np.where(is_inner, lower, 0.0), 0.0)
    kept = _SMALLEST_GAP * np.logaddexp(0.0, gap / _SMALLEST_GAP)
    apart = np.where(is_inner, np.where(is_inner, lower, 0.0) + kept, upper)
    return apart, np.where(is_inner, expit(gap / _SMALLEST_GAP), 1.0)


def fit_correction(
    log_odds: FloatArray,
    features: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    precisions: Precisions,
) -> Correction:
    """The most probable correction of an earlier estimate.

    Args:
        log_odds: the earlier estimate, see `cumulative_log_odds`.
        features: shape (n_rows, n_features), around 0 and on one scale; may have no column.
        codes: class of each row, from 0.
        weights: weight of each row.
        precisions: of the priors.
    """
    objective = _Objective(
        log_odds=log_odds, features=features, codes=codes, weights=weights, precisions=precisions
    )
    count = log_odds.shape[1] + features.shape[1]
    start = np.concatenate([[1.0], np.zeros(count)])
    bounds = [_SLOPE_BOUNDS, *[(None, None)] * count]
    with one_thread():
        result = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return _correction_from(result.x, log_odds.shape[1])


def cumulative_log_odds(probabilities: FloatArray) -> FloatArray:
    """Log-odds of being at or below each class but the last, ascending within each row."""
    class_count = probabilities.shape[1]
    softened = (probabilities + _SMALLEST_SHARE) / (1 + class_count * _SMALLEST_SHARE)
    log_odds: FloatArray = logit(np.cumsum(softened, axis=1)[:, :-1])
    return log_odds


def corrected_log_odds(given: Correction, log_odds: FloatArray, features: FloatArray) -> FloatArray:
    """The corrected estimate, in the same form; neighbours may cross where labels are few."""
    moved: FloatArray = (features @ given.coef)[:, np.newaxis]
    return given.slope * log_odds + given.shifts - moved


def probabilities_from(log_odds: FloatArray) -> FloatArray:
    """Probability of each class; where neighbours cross, both give way."""
    return np.diff(np.pad(ascending(expit(log_odds)), ((0, 0), (1, 1)), constant_values=(0.0, 1.0)))


def _correction_from(parameters: FloatArray, threshold_count: int) -> Correction:
    shifts, coef = np.split(parameters[1:], [threshold_count])
    return Correction(float(parameters[0]), shifts, coef)
