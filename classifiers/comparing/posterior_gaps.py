"""Over- and under-claims weighted by how probable each stage is, instead of counted by points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr

from classifiers.comparing.figure import (
    BOUNDS,
    NOBODY,
    Figure,
    figure_by_normal,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.comparing.judged_claims import JudgedClaims

    FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PosteriorGaps:
    """For each organization, how its claim lies to its probable stages; arrays of one order."""

    gaps: FloatArray  #: claim minus expected stage
    above_probabilities: FloatArray  #: that the claim is above the true stage
    match_probabilities: FloatArray  #: that it is the true stage
    below_probabilities: FloatArray  #: that it is below the true stage


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedRates:
    """Means of `PosteriorGaps` over organizations, with 95 % intervals."""

    above: Figure
    match: Figure
    below: Figure
    gap: Figure  #: in stages


def posterior_gaps(judged: JudgedClaims) -> PosteriorGaps:
    """Gap and probabilities of over-claim, match and under-claim of each organization.

    Examples:
        >>> from classifiers.comparing.judged_claims import judged_claims
        >>> found = posterior_gaps(judged_claims([5], [[0.05, 0.15, 0.35, 0.30, 0.10, 0.05]]))
        >>> round(float(found.gaps[0]), 2), round(float(found.above_probabilities[0]), 2)
        (1.6, 0.85)
    """
    claims, top = judged.claims, judged.stage_count
    return PosteriorGaps(
        gaps=judged.weighted_gaps,
        above_probabilities=judged.mass(1, claims - 1),
        match_probabilities=judged.mass(claims, claims),
        below_probabilities=judged.mass(claims + 1, top),
    )


def weighted_rates(judged: JudgedClaims) -> WeightedRates:
    """Probability-weighted rates with the interval of a two-level bootstrap.

    Drawing an organization and then a stage from its probabilities is drawing once with the mean
    probability, so the bootstrap distribution of a rate is a binomial one: its quantiles are
    taken instead of resamples. For the mean gap the variance of the same two draws is used: that
    between organizations and the mean of that within.

    These rates say how often a claim differs from the probable stages. Under honesty they are
    not 0: see `classifiers.comparing.excess`.
    """
    gaps = posterior_gaps(judged)
    return WeightedRates(
        above=_rate(gaps.above_probabilities),
        match=_rate(gaps.match_probabilities),
        below=_rate(gaps.below_probabilities),
        gap=_mean_gap(judged),
    )


def _rate(chances: FloatArray) -> Figure:
    count = len(chances)
    if not count:
        return Figure(value=None, organization_count=0, reason=NOBODY)
    share = min(float(chances.mean()), 1.0)
    drawn_at_most = bdtr(np.arange(count + 1), count, share)
    low, high = np.searchsorted(drawn_at_most, BOUNDS) / count
    return Figure(
        value=share,
        standard_error=float(np.sqrt(share * (1 - share) / count)),
        low=float(low),
        high=float(high),
        organization_count=count,
    )


def _mean_gap(judged: JudgedClaims) -> Figure:
    count = judged.organization_count
    if not count:
        return Figure(value=None, organization_count=0, reason=NOBODY)
    variance = float(judged.weighted_gaps.var() + judged.variances.mean())
    mean = float(judged.weighted_gaps.mean())
    return figure_by_normal(mean, float(np.sqrt(variance / count)), count)
