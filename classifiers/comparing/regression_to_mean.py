"""How far organizations chosen for a low or high first stage move back without any change.

A first assessment that is far out is so partly by error, and the next one is nearer to the mean.
A list of the most improved must show how much that alone would give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr

from classifiers.comparing.figure import NORMAL_QUANTILE

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

_FEWEST = 3  # organizations whose scatter may be estimated


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShrunkenChanges:
    """What changed between two assessments, for each organization; arrays of one order.

    All but `raw` are None where there are too few organizations, and `reason` says so.

    Attributes:
        raw: second minus first, in stages.
        expected: the change of an organization with this first assessment, by regression.
        shrunken: what is left of the raw change when the errors of both are taken out.
        low: lower 95 % bound of the true change.
        high: upper bound of it.
        has_changed: whether the bounds exclude 0; only then is it worth saying.
        correlation: of the two assessments, None where one does not vary.
    """

    raw: FloatArray
    expected: FloatArray | None = None
    shrunken: FloatArray | None = None
    low: FloatArray | None = None
    high: FloatArray | None = None
    has_changed: npt.NDArray[np.bool_] | None = None
    correlation: float | None = None
    reason: str = ""


def regression_to_mean(
    cut: float, mean: float, deviation: float, correlation: float, *, is_below: bool = True
) -> float:
    """Expected move towards the mean of those chosen because their first value passed a cut.

    deviation (1 - correlation) phi(z) / (1 - Phi(z)), z the distance of the cut from the mean in
    the direction of choice, in standard deviations (Barnett, van der Pols and Dobson 2005,
    International Journal of Epidemiology 34). 1 - correlation is the share of the variance that
    lies within organizations.

    Args:
        cut: values beyond it were chosen.
        mean: of all organizations.
        deviation: standard deviation of all organizations, above 0.
        correlation: of two assessments of one organization, without change.
        is_below: whether those below the cut were chosen, or those above it.

    Examples:
        >>> round(regression_to_mean(40, 60, 15, 0.5), 2)
        13.49
    """
    far = (mean - cut if is_below else cut - mean) / deviation
    return float(
        deviation * (1 - correlation) * np.exp(-(far**2) / 2 - log_ndtr(-far)) / np.sqrt(2 * np.pi)
    )


def expected_change(first: npt.ArrayLike, mean: float, correlation: float) -> FloatArray:
    """Expected change of organizations with these first values, though nothing changes.

    Examples:
        >>> expected_change([1, 3, 5], 3, 0.75).tolist()
        [0.5, 0.0, -0.5]
    """
    changes: FloatArray = (1 - correlation) * (mean - np.asarray(first, dtype=np.float64))
    return changes


def shrunken_changes(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    first_variances: npt.ArrayLike,
    second_variances: npt.ArrayLike,
) -> ShrunkenChanges:
    """True changes of organizations assessed twice, with the errors of both taken out.

    True first and second values are held to be normal together, their means and variances those
    that are left of the observed ones after subtracting the mean error (Kelley 1947, for two
    variables). What is expected given both observations is the shrunken change.

    Args:
        first: expected stage, or claim, of each organization at first.
        second: the same later.
        first_variances: error variance of each first value, such as `JudgedClaims.variances`.
        second_variances: error variance of each second value.

    Returns:
        All of it; with fewer than three organizations only the raw changes, and the reason.
    """
    pair = np.column_stack([first, second]).astype(np.float64)
    errors = np.column_stack([first_variances, second_variances]).astype(np.float64)
    raw: FloatArray = pair[:, 1] - pair[:, 0]
    if len(pair) < _FEWEST:
        reason = f"fewer than {_FEWEST} organizations were assessed twice"
        return ShrunkenChanges(raw=raw, reason=reason)
    values, variances = _true_changes(pair, errors)
    reach = NORMAL_QUANTILE * np.sqrt(variances + raw.var(ddof=1) / len(raw))
    slope, correlation = _regression(np.cov(pair.T))
    first_mean, second_mean = pair.mean(axis=0)
    return ShrunkenChanges(
        raw=raw,
        expected=second_mean + slope * (pair[:, 0] - first_mean) - pair[:, 0],
        shrunken=values,
        low=values - reach,
        high=values + reach,
        has_changed=np.abs(values) > reach,
        correlation=correlation,
    )


def _true_changes(pair: FloatArray, errors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Expected true change of each organization, and its variance."""
    true = _without_negative(np.cov(pair.T) - np.diag(errors.mean(axis=0)))
    totals = true + errors[:, :, np.newaxis] * np.eye(2)
    gain = true @ np.linalg.pinv(totals, hermitian=True)
    means = pair.mean(axis=0)
    values = means + np.einsum("nij,nj->ni", gain, pair - means)
    difference = np.array([-1.0, 1.0])
    variances = (true - gain @ true) @ difference @ difference
    return values @ difference, np.maximum(variances, 0.0)


def _regression(covariance: FloatArray) -> tuple[float, float | None]:
    """Slope of the second value on the first, and their correlation."""
    first, second, both = covariance[0, 0], covariance[1, 1], covariance[0, 1]
    spread = float(np.sqrt(first * second))
    return float(both / first) if first else 0.0, float(both) / spread if spread else None


def _without_negative(covariance: FloatArray) -> FloatArray:
    """The nearest covariance: variances that errors more than explain become 0."""
    variances, axes = np.linalg.eigh(covariance)
    nearest: FloatArray = axes * np.maximum(variances, 0.0) @ axes.T
    return nearest
