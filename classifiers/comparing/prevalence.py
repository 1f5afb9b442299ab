"""The true share of organizations at or above a stage, given how often the observer errs.

Sensitivity is the chance that an organization at or above the stage is seen so, specificity the
chance that one below it is seen below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classifiers.comparing.figure import NORMAL_QUANTILE
from classifiers.comparing.proportions import exact_bounds

_USELESS = (
    "sensitivity and specificity add up to 1 or less: the observer tells no more than chance does"
)
_OUTSIDE = (
    "the share before clipping is {raw:.3f}: fewer or more are seen than the observer's errors "
    "alone would give, so the errors or the sample differ from what is assumed"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedShare:
    """A share corrected for the observer's errors, clipped to 0 to 1, and what it was before.

    `is_invalid` marks a share that had to be clipped: it is a sign that the errors do not fit
    the sample, and `warning` says so. The bounds are clipped too.
    """

    share: float | None
    raw_share: float | None
    low: float | None
    high: float | None
    is_invalid: bool
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many of so many, such as the true positives among known positives."""

    count: float
    total: int

    @property
    def share(self) -> float:
        """Count by total."""
        return self.count / self.total


def rogan_gladen(seen: Counted, sensitivity: float, specificity: float) -> AdjustedShare:
    """The true share where the observer's errors are known exactly.

    (seen share + specificity - 1) / (sensitivity + specificity - 1) (Rogan and Gladen 1978,
    American Journal of Epidemiology 107); its bounds are the exact ones of the seen share,
    corrected in the same way (Reiczigel, Foldi and Ozsvari 2010).

    Args:
        seen: organizations seen at or above the stage, whole, among all.
        sensitivity: from 0 to 1.
        specificity: from 0 to 1.

    Examples:
        >>> found = rogan_gladen(Counted(count=45, total=150), 0.96, 0.89)
        >>> round(found.share, 4), found.is_invalid
        (0.2235, False)
    """
    _check(seen.share, sensitivity, specificity)
    information = sensitivity + specificity - 1
    if information <= 0:
        return _useless()
    bounds = exact_bounds(round(seen.count), seen.total)
    low, high = ((bound + specificity - 1) / information for bound in bounds)
    return _clipped((seen.share + specificity - 1) / information, low, high)


def lang_reiczigel(seen: Counted, sensitivity: Counted, specificity: Counted) -> AdjustedShare:
    """The true share where the observer's errors were estimated from known organizations.

    Interval of Lang and Reiczigel 2014, Preventive Veterinary Medicine 113: shares with a few
    successes and failures added, a shift, and the variance of all three shares.

    Args:
        seen: organizations seen at or above the stage among all.
        sensitivity: seen at or above it among those known to be.
        specificity: seen below it among those known to be below.

    Examples:
        >>> tested = Counted(count=4060, total=11284)
        >>> known = Counted(count=178, total=179), Counted(count=358, total=359)
        >>> found = lang_reiczigel(tested, *known)
        >>> round(found.low, 3), round(found.high, 3)
        (0.349, 0.372)
    """
    shares = seen.share, sensitivity.share, specificity.share
    _check(*shares)
    square = NORMAL_QUANTILE**2
    share, share_variance = _adjusted(seen, square)
    true_share, true_variance = _adjusted(sensitivity, 2.0)
    false_share, false_variance = _adjusted(specificity, 2.0)
    information = true_share + false_share - 1
    if shares[1] + shares[2] <= 1 or information <= 0:
        return _useless()
    middle = (share + false_share - 1) / information
    shift = 2 * square * (middle * true_variance - (1 - middle) * false_variance)
    variance = share_variance + middle**2 * true_variance + (1 - middle) ** 2 * false_variance
    reach = NORMAL_QUANTILE * float(np.sqrt(variance)) / information
    raw = (shares[0] + shares[2] - 1) / (shares[1] + shares[2] - 1)
    return _clipped(raw, middle + shift - reach, middle + shift + reach)


def _adjusted(counted: Counted, added: float) -> tuple[float, float]:
    total = counted.total + added
    share = (counted.count + added / 2) / total
    return share, share * (1 - share) / total


def _clipped(raw: float, low: float, high: float) -> AdjustedShare:
    is_invalid = not 0 <= raw <= 1
    share, low, high = (min(max(number, 0.0), 1.0) for number in (raw, low, high))
    return AdjustedShare(
        share=share,
        raw_share=raw,
        low=low,
        high=high,
        is_invalid=is_invalid,
        warning=_OUTSIDE.format(raw=raw) if is_invalid else "",
    )


def _useless() -> AdjustedShare:
    return AdjustedShare(
        share=None, raw_share=None, low=None, high=None, is_invalid=True, warning=_USELESS
    )


def _check(*shares: float) -> None:
    wrong = [share for share in shares if not 0 <= share <= 1]
    if wrong:
        message = f"{wrong[0]} is no share; give numbers from 0 to 1"
        raise ValueError(message)
