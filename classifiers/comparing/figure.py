"""A number of a report with its 95 % interval, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtrit

if TYPE_CHECKING:
    import numpy.typing as npt

LEVEL = 0.95  #: of every interval of a comparison
NORMAL_QUANTILE = float(ndtri((1 + LEVEL) / 2))
BOUNDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
NOBODY = "no organization has both a claim and an observed stage"
ONLY_ONE = "one organization alone says nothing of how much organizations vary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, its standard error and its 95 % interval.

    What cannot be said is None, and `reason` says why; a value may be there without an interval.
    """

    value: float | None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    organization_count: int
    reason: str = ""


def figure_by_normal(value: float, standard_error: float, organization_count: int) -> Figure:
    """A value with the interval of the normal distribution.

    Examples:
        >>> found = figure_by_normal(0.5, 0.1, 40)
        >>> round(found.low, 3), round(found.high, 3)
        (0.304, 0.696)
    """
    return _figure(value, standard_error, NORMAL_QUANTILE, organization_count)


def figure_by_t(value: float, standard_error: float, organization_count: int) -> Figure:
    """A value with the interval of the t distribution, organizations - 1 degrees of freedom."""
    return _figure(value, standard_error, t_quantile(organization_count), organization_count)


def mean_figure(values: npt.ArrayLike) -> Figure:
    """Mean of one value an organization, with its t interval.

    Examples:
        >>> found = mean_figure([1, 2, 3, 4])
        >>> found.value, round(found.low, 2), round(found.high, 2)
        (2.5, 0.45, 4.55)
    """
    given = np.asarray(values, dtype=np.float64)
    count = len(given)
    if not count:
        return Figure(value=None, organization_count=0, reason=NOBODY)
    mean = float(given.mean())
    if count == 1:
        return Figure(value=mean, organization_count=1, reason=ONLY_ONE)
    return figure_by_t(mean, float(given.std(ddof=1) / np.sqrt(count)), count)


def t_quantile(organization_count: int) -> float:
    """Quantile of the t distribution for a 95 % interval of a mean; at least two organizations."""
    return float(stdtrit(organization_count - 1, BOUNDS[1]))


def _figure(value: float, standard_error: float, quantile: float, count: int) -> Figure:
    reach = quantile * standard_error
    return Figure(
        value=value,
        standard_error=standard_error,
        low=value - reach,
        high=value + reach,
        organization_count=count,
    )
