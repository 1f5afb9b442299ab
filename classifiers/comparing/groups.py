"""The mean gap of each industry or size class, with small groups drawn towards all the others.

A group of few organizations shows a large gap by chance more often than a large group does. Its
mean is therefore drawn towards the mean of all groups, the more the less it is known and the
less groups differ (random intercepts).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc

from classifiers.comparing.excess import SMALL_GROUP
from classifiers.comparing.figure import NORMAL_QUANTILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.comparing.judged_claims import JudgedClaims

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

#: Groups are not held to differ by more than this standard deviation, in stages.
WIDEST_SPREAD = 2.0

_GRID_COUNT = 400
_LEAST_VARIANCE = 1e-6  # of an estimate that is sure of its stage


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGap:
    """The gap of one group, in stages: claim minus expected stage, 0 under honesty.

    `mean` weights organizations by how well their stage is known, `raw_mean` weights all alike.
    `shrunken_mean` with `low` and `high` is what to read; `standard_error` is that of `mean`.
    """

    group: str
    organization_count: int
    is_small: bool  #: fewer than ten organizations
    raw_mean: float
    mean: float
    standard_error: float
    shrunken_mean: float
    shrunken_error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGaps:
    """All groups, how far they differ, and the mean of groups.

    Attributes:
        groups: in the order of their names.
        overall_mean: mean gap over groups, None without any.
        residual_variance: of the true gaps of organizations within a group, in squared stages,
            beyond what not knowing their stages gives.
        spread: standard deviation of the true means of groups, in stages (posterior median).
        difference_statistic: Cochran's Q, chi-squared if all groups have one mean.
        difference_p_value: None with a single group.
    """

    groups: tuple[GroupGap, ...]
    overall_mean: float | None
    residual_variance: float | None
    spread: float | None
    difference_statistic: float | None
    difference_degrees: int
    difference_p_value: float | None


class _Means(NamedTuple):
    raw_mean: float
    mean: float
    standard_error: float
    shrunken_mean: float
    shrunken_error: float


class Pooled(NamedTuple):
    """Means of groups after pooling, and what they were pooled by."""

    means: FloatArray
    errors: FloatArray
    overall_mean: float
    spread: float


def group_gaps(judged: JudgedClaims, groups: Sequence[str]) -> GroupGaps:
    """Compare groups by the gap of claim and expected stage.

    An organization weighs 1 / (variance of its probabilities + residual variance); the residual
    variance is that of Paule and Mandel 1982, within groups. Groups are pooled by `pool_means`.
    No cause is meant by a difference.

    Args:
        judged: claims with calibrated probabilities.
        groups: the group of each organization, such as its industry.

    Raises:
        ValueError: there are not as many groups as organizations.
    """
    parts = judged.by_group(groups)
    if not parts:
        return _no_groups()
    members = np.searchsorted(list(parts), np.asarray(groups, dtype=str))
    gaps, variances = judged.weighted_gaps, np.maximum(judged.variances, _LEAST_VARIANCE)
    residual = paule_mandel(gaps, variances, members)
    means, errors = _weighted_means(gaps, variances + residual, members)
    pooled = pool_means(means, errors)
    raw_means = np.array([part.weighted_gaps.mean() for part in parts.values()])
    statistic, degrees = _difference(means, errors), len(parts) - 1
    return GroupGaps(
        groups=tuple(
            _group(name, part.organization_count, _Means(*numbers))
            for (name, part), *numbers in zip(
                parts.items(), raw_means, means, errors, pooled.means, pooled.errors, strict=True
            )
        ),
        overall_mean=pooled.overall_mean,
        residual_variance=residual,
        spread=pooled.spread if degrees else None,
        difference_statistic=statistic if degrees else None,
        difference_degrees=degrees,
        difference_p_value=float(chdtrc(degrees, statistic)) if degrees else None,
    )


def pool_means(
    means: npt.ArrayLike, errors: npt.ArrayLike, widest_spread: float = WIDEST_SPREAD
) -> Pooled:
    """Draw means towards their common mean, averaging over how far groups may truly differ.

    Normal means with a normal distribution among groups; its standard deviation has the
    restricted likelihood as its weight (a flat prior from 0 to `widest_spread`; Rubin 1981,
    Journal of Educational Statistics 6; Gelman 2006). Unlike one estimate of that deviation,
    which is often 0 with few groups, this keeps a group that stands out apart.

    Args:
        means: of groups, at least one.
        errors: their standard errors, above 0.
        widest_spread: greatest standard deviation of true means, in the same unit.

    Examples:
        >>> pooled = pool_means([0.0, 0.0, 0.0, 0.6], [0.1, 0.1, 0.1, 0.1])
        >>> pooled.means.round(2).tolist()
        [0.01, 0.01, 0.01, 0.56]
    """
    found, variances = np.asarray(means, float), np.asarray(errors, float) ** 2
    if len(found) == 1:
        return Pooled(found, np.sqrt(variances), float(found[0]), 0.0)
    spreads = (np.arange(_GRID_COUNT) + 0.5) * widest_spread / _GRID_COUNT
    weights = 1 / (variances + spreads[:, np.newaxis] ** 2)
    overall_variances = 1 / weights.sum(axis=1)
    overall = (weights @ found) * overall_variances
    logs = np.log(weights).sum(axis=1) + np.log(overall_variances)
    logs -= (weights * (found - overall[:, np.newaxis]) ** 2).sum(axis=1)
    chances = np.exp((logs - logs.max()) / 2)
    chances /= chances.sum()
    pull = variances * weights
    drawn = found + pull * (overall[:, np.newaxis] - found)
    within = (1 - pull) * variances + pull**2 * overall_variances[:, np.newaxis]
    centre = chances @ drawn
    scatter = chances @ (within + (drawn - centre) ** 2)
    middle = float(spreads[np.searchsorted(np.cumsum(chances), 0.5)])
    return Pooled(centre, np.sqrt(scatter), float(chances @ overall), middle)


def paule_mandel(values: FloatArray, variances: FloatArray, members: IntArray) -> float:
    """Variance of values within groups beyond their own variances, at least 0.

    The variance at which the weighted squares about the group means sum to their expectation,
    values - groups (Paule and Mandel 1982, Journal of Research of the NBS 87).

    Args:
        values: one an organization.
        variances: how well each is known, above 0.
        members: place of each organization's group, from 0.
    """
    degrees = len(values) - len(np.unique(members))

    def surplus(extra: float) -> float:
        totals = variances + extra
        means, _ = _weighted_means(values, totals, members)
        return float(((values - means[members]) ** 2 / totals).sum()) - degrees

    if degrees == 0 or surplus(0.0) <= 0:
        return 0.0
    greatest = float(((values - values.mean()) ** 2).sum()) + 1.0
    return float(brentq(surplus, 0.0, greatest))


def _weighted_means(
    values: FloatArray, variances: FloatArray, members: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Mean of each group by inverse variances, and its standard error."""
    masses = np.bincount(members, 1 / variances)
    means = np.bincount(members, values / variances) / masses
    return means, np.sqrt(1 / masses)


def _difference(means: FloatArray, errors: FloatArray) -> float:
    """Cochran's Q."""
    centre = np.average(means, weights=errors**-2.0)
    return float((((means - centre) / errors) ** 2).sum())


def _group(name: str, count: int, found: _Means) -> GroupGap:
    reach = NORMAL_QUANTILE * found.shrunken_error
    numbers = {field: float(number) for field, number in found._asdict().items()}
    return GroupGap(
        group=name,
        organization_count=count,
        is_small=count < SMALL_GROUP,
        low=float(found.shrunken_mean - reach),
        high=float(found.shrunken_mean + reach),
        **numbers,
    )


def _no_groups() -> GroupGaps:
    return GroupGaps(
        groups=(),
        overall_mean=None,
        residual_variance=None,
        spread=None,
        difference_statistic=None,
        difference_degrees=0,
        difference_p_value=None,
    )
