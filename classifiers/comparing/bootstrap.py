"""Bias-corrected and accelerated bootstrap bounds (BCa; Efron 1987, JASA 82)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from classifiers.comparing.figure import BOUNDS

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

RESAMPLE_COUNT = 2000


def bca_bounds(
    value: float, resampled: FloatArray, jackknifed: FloatArray, counts: FloatArray
) -> tuple[float, float]:
    """95 % bounds of a statistic.

    Args:
        value: the statistic of all organizations.
        resampled: the statistic of each resample; those where it is undefined left out.
        jackknifed: the statistic without one organization, for each kind of organization.
        counts: organizations of each kind.

    Examples:
        >>> values = np.arange(100.0)
        >>> low, high = bca_bounds(49.5, values, np.array([49.0, 50.0]), np.array([1.0, 1.0]))
        >>> round(low, 3), round(high, 3)
        (2.475, 96.525)
    """
    quantiles = ndtri(BOUNDS)
    bias = _bias(value, resampled)
    pull = bias + quantiles
    levels = ndtr(bias + pull / (1 - _acceleration(jackknifed, counts) * pull))
    low, high = np.quantile(resampled, levels)
    return float(low), float(high)


def _bias(value: float, resampled: FloatArray) -> float:
    half_tied = ((resampled < value).mean() + (resampled <= value).mean()) / 2
    least = 0.5 / len(resampled)
    return float(ndtri(np.clip(half_tied, least, 1 - least)))


def _acceleration(jackknifed: FloatArray, counts: FloatArray) -> float:
    off = np.average(jackknifed, weights=counts) - jackknifed
    spread = float(counts @ off**2)
    return float(counts @ off**3) / (6 * spread**1.5) if spread > 0 else 0.0
