"""Claimed minus observed stage: the mean, and how far single organizations lie from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.comparing.figure import (
    NOBODY,
    NORMAL_QUANTILE,
    ONLY_ONE,
    Figure,
    mean_figure,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsOfAgreement:
    """Bland and Altman's description of two measurements of the same things.

    With six stages differences are whole numbers, so the limits describe and test nothing. A
    high correlation is no agreement: a constant shift leaves it at 1.
    """

    bias: float | None  #: mean difference
    deviation: float | None  #: standard deviation of the differences
    low: float | None
    high: float | None
    correlation: float | None  #: of the two measurements
    organization_count: int
    reason: str = ""


def mean_gap(claimed: npt.ArrayLike, observed: npt.ArrayLike) -> Figure:
    """Mean of claimed minus observed stage, with its t interval, in stages.

    Examples:
        >>> mean_gap([4, 3, 5], [3, 3, 3]).value
        1.0
    """
    return mean_figure(_differences(claimed, observed))


def limits_of_agreement(
    first: npt.ArrayLike, second: npt.ArrayLike, multiplier: float = NORMAL_QUANTILE
) -> LimitsOfAgreement:
    """Mean difference and the limits between which most differences lie (Bland and Altman 1986).

    Args:
        first: one value an organization, such as the claimed stage.
        second: the other value of the same organizations.
        multiplier: standard deviations from the bias to a limit; about 1.96 for 95 %.

    Examples:
        >>> found = limits_of_agreement([4, 3, 5, 2], [3, 3, 4, 2])
        >>> found.bias, round(found.low, 2), round(found.high, 2)
        (0.5, -0.63, 1.63)
    """
    differences = _differences(first, second)
    count = len(differences)
    bias = float(differences.mean()) if count else None
    if bias is None or count == 1:
        return _without(bias, count)
    deviation = float(differences.std(ddof=1))
    return LimitsOfAgreement(
        bias=bias,
        deviation=deviation,
        low=bias - multiplier * deviation,
        high=bias + multiplier * deviation,
        correlation=_correlation(first, second),
        organization_count=count,
    )


def _differences(first: npt.ArrayLike, second: npt.ArrayLike) -> FloatArray:
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != other.shape or one.ndim != 1:
        message = f"{one.shape} and {other.shape} values; give one of each for an organization"
        raise ValueError(message)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        message = "a value is missing; leave out organizations that lack one of the two"
        raise ValueError(message)
    differences: FloatArray = one - other
    return differences


def _correlation(first: npt.ArrayLike, second: npt.ArrayLike) -> float | None:
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean()) / spread if spread else None


def _without(bias: float | None, count: int) -> LimitsOfAgreement:
    return LimitsOfAgreement(
        bias=bias,
        deviation=None,
        low=None,
        high=None,
        correlation=None,
        organization_count=count,
        reason=ONLY_ONE if count else NOBODY,
    )
