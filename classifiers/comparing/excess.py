"""What claims show beyond what honest claims would show beside the same estimates.

Given what was observed, an honest claim is a draw from the organization's own stage
probabilities, if these are calibrated. So each organization brings its own expectation, and the
excess is what was found minus the mean of these.

Intervals of shares are the exact ones of the raw share (Clopper and Pearson), moved by the
expected share, which is a constant once the estimates are there. Organizations have different
chances, which makes the count vary less than a binomial one (Hoeffding 1956), so the interval
holds the truth at least as often as it says, for five organizations as for five thousand. An
interval of the single differences does not: where often nobody is above, nothing seems to vary.
In simulated worlds of five honest organizations a bootstrap interval missed 0 in up to 65 % and a
t interval in up to 23 %.

Intervals of the mean gap take the greater of two errors: that of the t distribution from how the
gaps vary, and that of the normal one from how they vary under honesty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.comparing.figure import NOBODY, NORMAL_QUANTILE, t_quantile
from classifiers.comparing.proportions import exact_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from classifiers.comparing.judged_claims import JudgedClaims

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]

#: Groups with fewer organizations are marked, as their intervals are wide.
SMALL_GROUP = 10
#: The variant in which nothing was changed.
AS_ESTIMATED = "as estimated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """Found, expected under honesty, and the difference with its 95 % interval.

    Shares of organizations, or stages for a mean gap. None without organizations.
    """

    raw: float | None
    expected: float | None
    excess: float | None
    low: float | None
    high: float | None
    organization_count: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessOverHonesty:
    """Claims above and below the observed stage, and the mean gap, each beside honesty."""

    above: Excess
    below: Excess
    gap: Excess


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupExcess:
    """The excess of one group, such as an industry."""

    group: str
    is_small: bool  #: fewer than `SMALL_GROUP` organizations
    found: ExcessOverHonesty


def excess_over_honesty(judged: JudgedClaims, margin: int = 1) -> ExcessOverHonesty:
    """Over-claims, under-claims and mean gap beyond what honest claims would show.

    Args:
        judged: claims with calibrated probabilities and points.
        margin: how many stages a claim must lie above or below the point to count.

    Examples:
        >>> from classifiers.comparing.judged_claims import judged_claims
        >>> found = excess_over_honesty(judged_claims([2, 3], [[0.2, 0.5, 0.3]] * 2))
        >>> round(found.above.raw, 2), round(found.above.expected, 2), round(found.above.excess, 2)
        (0.5, 0.3, 0.2)
    """
    top = judged.stage_count
    return ExcessOverHonesty(
        above=_share(judged.point_gaps >= margin, judged.mass(judged.points + margin, top)),
        below=_share(judged.point_gaps <= -margin, judged.mass(1, judged.points - margin)),
        gap=_gap(judged),
    )


def excess_at_least(judged: JudgedClaims, stage_code: int) -> Excess:
    """Share that claims a stage or more, beside the share expected at or above it."""
    return _share(judged.claims >= stage_code, judged.mass(stage_code, judged.stage_count))


def excess_by_group(
    judged: JudgedClaims, groups: Sequence[str], margin: int = 1
) -> tuple[GroupExcess, ...]:
    """The excess of each group, in the order of their names; small groups are marked.

    Args:
        judged: claims with calibrated probabilities and points.
        groups: the group of each organization.
        margin: as for `excess_over_honesty`.
    """
    return tuple(
        GroupExcess(
            group=name,
            is_small=part.organization_count < SMALL_GROUP,
            found=excess_over_honesty(part, margin),
        )
        for name, part in judged.by_group(groups).items()
    )


def excess_sensitivity(
    judged: JudgedClaims,
    *,
    temperatures: Sequence[float] = (),
    used_prior: npt.ArrayLike = (),
    other_priors: Mapping[str, npt.ArrayLike] | None = None,
    margin: int = 1,
) -> dict[str, ExcessOverHonesty]:
    """How the excess changes if the estimates were less sure, or rested on another prior.

    Args:
        judged: claims with calibrated probabilities and points.
        temperatures: above 1 for estimates that are surer than they should be.
        used_prior: shares of the stages that the probabilities rest on; for `other_priors`.
        other_priors: shares of the stages to take in their place, by a name for the report.
        margin: as for `excess_over_honesty`.

    Returns:
        By what was changed; `as estimated` first.
    """
    variants = {AS_ESTIMATED: judged}
    variants |= {f"temperature {one:g}": judged.tempered(one) for one in temperatures}
    priors = other_priors or {}
    variants |= {name: judged.with_prior(used_prior, prior) for name, prior in priors.items()}
    return {name: excess_over_honesty(variant, margin) for name, variant in variants.items()}


def _share(is_counted: BoolArray, chances: FloatArray) -> Excess:
    count = len(is_counted)
    if not count:
        return _nobody()
    expected = float(chances.mean())
    low, high = exact_bounds(int(is_counted.sum()), count)
    raw = float(is_counted.mean())
    return Excess(
        raw=raw,
        expected=expected,
        excess=raw - expected,
        low=low - expected,
        high=high - expected,
        organization_count=count,
    )


def _gap(judged: JudgedClaims) -> Excess:
    count = judged.organization_count
    if not count:
        return _nobody()
    excess = float(judged.weighted_gaps.mean())
    reach = NORMAL_QUANTILE * float(np.sqrt(judged.variances.mean() / count))
    if count > 1:
        scatter = float(judged.weighted_gaps.std(ddof=1) / np.sqrt(count))
        reach = max(reach, t_quantile(count) * scatter)
    return Excess(
        raw=float(judged.point_gaps.mean()),
        expected=float((judged.expected_stages - judged.points).mean()),
        excess=excess,
        low=excess - reach,
        high=excess + reach,
        organization_count=count,
    )


def _nobody() -> Excess:
    return Excess(
        raw=None,
        expected=None,
        excess=None,
        low=None,
        high=None,
        organization_count=0,
        reason=NOBODY,
    )
