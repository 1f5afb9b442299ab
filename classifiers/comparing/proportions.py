"""Shares of organizations with the interval of a share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from classifiers.comparing.figure import BOUNDS, NORMAL_QUANTILE

_NO_TOTAL = "there is no organization to take a share of"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A count of organizations as a share of all that could be judged, with a 95 % interval."""

    count: int
    organization_count: int
    share: float | None
    low: float | None
    high: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateBounds:
    """What a rate could be if the organizations left out all went one way or all the other.

    `low` is the lower bound of the interval of the least share, `high` the upper bound of that
    of the greatest.
    """

    left_out_count: int
    least: Rate  #: none of those left out counts
    greatest: Rate  #: all of those left out count

    @property
    def low(self) -> float | None:
        """Lower end of the interval of the least share."""
        return self.least.low

    @property
    def high(self) -> float | None:
        """Upper end of the interval of the greatest share."""
        return self.greatest.high


def rate(count: int, organization_count: int) -> Rate:
    """A share with its score interval (Wilson 1927, JASA 22).

    Raises:
        ValueError: the count is below 0 or above the number of organizations.

    Examples:
        >>> found = rate(81, 263)
        >>> round(found.low, 4), round(found.high, 4)
        (0.2553, 0.3662)
    """
    _check(count, organization_count)
    if not organization_count:
        return Rate(
            count=0, organization_count=0, share=None, low=None, high=None, reason=_NO_TOTAL
        )
    share = count / organization_count
    square = NORMAL_QUANTILE**2 / organization_count
    middle = (share + square / 2) / (1 + square)
    reach = float(np.sqrt(square * (share * (1 - share) + square / 4))) / (1 + square)
    low, high = min(share, middle - reach), max(share, middle + reach)  # of 0 and 1 by rounding
    return Rate(
        count=count,
        organization_count=organization_count,
        share=share,
        low=max(low, 0.0),
        high=min(high, 1.0),
    )


def rate_bounds(count: int, judged_count: int, left_out_count: int) -> RateBounds:
    """Worst cases of a rate: organizations without a judgement counted against it, and for it.

    Args:
        count: judged organizations that count, such as those that claim more than is observed.
        judged_count: organizations that were judged.
        left_out_count: organizations with a claim whose estimate abstained.

    Examples:
        >>> found = rate_bounds(10, 40, 10)
        >>> found.least.share, found.greatest.share
        (0.2, 0.4)
    """
    total = judged_count + left_out_count
    return RateBounds(
        left_out_count=left_out_count,
        least=rate(count, total),
        greatest=rate(count + left_out_count, total),
    )


def exact_bounds(count: int, organization_count: int) -> tuple[float, float]:
    """Exact bounds of a share (Clopper and Pearson 1934, Biometrika 26).

    They also hold, a little wide, for the mean of chances that differ between organizations: the
    sum then varies less than a binomial one (Hoeffding 1956, Annals of Mathematical Statistics
    27).

    Raises:
        ValueError: there is no organization, or the count is not among them.

    Examples:
        >>> low, high = exact_bounds(3, 10)
        >>> round(low, 4), round(high, 4)
        (0.0667, 0.6525)
    """
    _check(count, organization_count)
    if not organization_count:
        raise ValueError(_NO_TOTAL)
    others = organization_count - count
    low = float(betaincinv(count, others + 1, BOUNDS[0])) if count else 0.0
    high = float(betaincinv(count + 1, others, BOUNDS[1])) if others else 1.0
    return low, high


def _check(count: int, organization_count: int) -> None:
    if not 0 <= count <= organization_count:
        message = f"{count} of {organization_count} is no share; give a count from 0 to the total"
        raise ValueError(message)
