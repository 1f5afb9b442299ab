"""The penalized likelihood of a cumulative link model, with its gradient.

McCullagh 1980, Regression models for ordinal data (Journal of the Royal Statistical Society B
42): P(class <= k | x) = F(threshold_k - slopes . x), thresholds in increasing order. The order
is kept by fitting the first threshold and the logarithms of the gaps between neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import expit, log_expit, log_ndtr, logit, ndtr, ndtri

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

LOG_GAP_BOUNDS = (-12.0, 20.0)  # an empty class keeps a gap that floating point can still see


@dataclass(frozen=True)
class Link:
    """A symmetric distribution F of the latent error: logistic or normal."""

    cdf: Callable[[Any], Any]
    log_cdf: Callable[[Any], Any]
    log_density: Callable[[Any], Any]
    quantile: Callable[[Any], Any]


LINKS = {
    "logit": Link(expit, log_expit, lambda x: log_expit(x) + log_expit(-x), logit),
    "probit": Link(ndtr, log_ndtr, lambda x: -0.5 * (x * x + np.log(2 * np.pi)), ndtri),
}


def thresholds_from(parameters: FloatArray) -> FloatArray:
    """Increasing thresholds from a first threshold and the logarithms of the gaps."""
    return np.cumsum(np.concatenate([parameters[:1], np.exp(parameters[1:])]))


def threshold_parameters_from(thresholds: FloatArray) -> FloatArray:
    """First threshold and logarithms of the gaps; gaps outside the bounds are moved to them."""
    gaps = np.maximum(np.diff(thresholds), np.exp(LOG_GAP_BOUNDS[0]))
    return np.concatenate([thresholds[:1], np.minimum(np.log(gaps), LOG_GAP_BOUNDS[1])])


def log_cell_probabilities(link: Link, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Logarithm of F(upper) - F(lower), precise also far out in either tail."""
    is_right = lower > 0  # by symmetry: mirrored to the left, where F keeps its digits
    left = np.where(is_right, -upper, lower)
    right = np.where(is_right, -lower, upper)
    log_right = link.log_cdf(right)
    difference = np.minimum(link.log_cdf(left) - log_right, -1e-16)
    cell: FloatArray = log_right + np.log(-np.expm1(difference))
    return cell


class Slope(NamedTuple):
    """Derivatives of the log-likelihood by the upper and lower bound of each row's cell."""

    upper: FloatArray
    lower: FloatArray


@dataclass(frozen=True, kw_only=True)
class PenalizedLikelihood:
    """Negative log-likelihood plus quadratic penalties around prior means.

    Attributes:
        rows: features, shape (n_rows, n_features).
        codes: class of each row, 0 to `class_count` - 1.
        weights: weight of each row.
        scales: spread of each row's latent error; 1 where the row is known completely.
        alpha: precision of the slopes around `coef_prior`, one number or one per feature.
        alpha_threshold: precision of the thresholds around `threshold_prior`.
    """

    link: Link
    rows: FloatArray
    codes: IntArray
    weights: FloatArray
    scales: FloatArray | float = 1.0
    class_count: int
    alpha: FloatArray | float
    coef_prior: FloatArray
    alpha_threshold: float
    threshold_prior: FloatArray

    def __call__(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        """Value and gradient; parameters are the slopes, then those of the thresholds."""
        feature_count = self.rows.shape[1]
        coef, raw = parameters[:feature_count], parameters[feature_count:]
        thresholds = thresholds_from(raw)
        log_cells, slope = self._rows_at(coef, thresholds)
        off_coef, off_thresholds = coef - self.coef_prior, thresholds - self.threshold_prior
        penalty = (self.alpha * off_coef) @ off_coef
        penalty += self.alpha_threshold * off_thresholds @ off_thresholds
        by_coef = self.rows.T @ (slope.upper + slope.lower) + self.alpha * off_coef
        by_threshold = self._by_threshold(slope) + self.alpha_threshold * off_thresholds
        value = float(-self.weights @ log_cells + 0.5 * penalty)
        return value, np.concatenate([by_coef, _by_gap(by_threshold, raw)])

    def _rows_at(self, coef: FloatArray, thresholds: FloatArray) -> tuple[FloatArray, Slope]:
        latent = self.rows @ coef
        edges = np.concatenate([[-np.inf], thresholds, [np.inf]])
        lower = (edges[self.codes] - latent) / self.scales
        upper = (edges[self.codes + 1] - latent) / self.scales
        log_cells = log_cell_probabilities(self.link, lower, upper)
        density_ratio_upper = np.exp(self.link.log_density(upper) - log_cells)
        density_ratio_lower = np.exp(self.link.log_density(lower) - log_cells)
        weights = self.weights / self.scales
        slope = Slope(weights * density_ratio_upper, -weights * density_ratio_lower)
        return log_cells, slope

    def _by_threshold(self, slope: Slope) -> FloatArray:
        by_upper = np.bincount(self.codes, slope.upper, self.class_count)[:-1]
        by_lower = np.bincount(self.codes, slope.lower, self.class_count)[1:]
        gradient: FloatArray = np.negative(by_upper + by_lower, dtype=np.float64)
        return gradient


def _by_gap(by_threshold: FloatArray, raw: FloatArray) -> FloatArray:
    """Chain rule: a gap moves every threshold above it."""
    from_here_up = np.cumsum(by_threshold[::-1])[::-1]
    by_gap: FloatArray = from_here_up * np.concatenate([[1.0], np.exp(raw[1:])])
    return by_gap
