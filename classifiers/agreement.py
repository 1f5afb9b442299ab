"""Claimed stages against observed ones, with the uncertainty of the observation.

An estimate errs, so a claim that differs from its median contradicts nothing yet. A claim is
called above or below only when the 90 % set does not hold it; among organizations that claim
their true stage that happens to about one in ten, as far as the coverage of the sets holds. No
wording here says why a claim differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from classifiers.abstention import AbstentionReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifiers.claims import Claim
    from classifiers.estimates import StageEstimate


#: Abstentions from a point whose set still stands.
_STANDING = (AbstentionReason.NONE, AbstentionReason.WIDE_SET, AbstentionReason.LOW_INBOUND)


class Position(StrEnum):
    """Where a claim lies relative to the 90 % set."""

    ABOVE = "above"  #: claims more than the set allows
    WITHIN = "within"  #: the set holds the claim
    BELOW = "below"  #: claims less than the set allows
    NOT_JUDGED = ""  #: no estimate, or too little evidence for a set to stand on


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Claim minus observed stage of one organization that claims one, in stages.

    `gap` is taken from the median and is None when the estimate abstains; `gap_low` and
    `gap_high` are taken from the upper and lower bound of the 90 % set, and are None when the
    position is not judged. An estimate that abstains only because its set is wide still has a
    set that can exclude a claim.
    """

    organization_id: str
    claimed_code: int
    stage_code: int | None
    gap: int | None
    gap_low: int | None
    gap_high: int | None
    position: Position
    has_estimate: bool
    is_abstained: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All organizations that have a claim, and the totals of those that have an estimate too.

    `above_count`, `within_count`, `below_count` and `not_judged_count` add up to
    `both_count`, of which `out_of_fold_count` are judged by a part of the model that has not seen
    the claim, though others taught it. `circular_count` claims taught what would have to judge
    them, so that they count as claims only.
    `exact_count`, `within_one_count` and `mean_gap` are about the `point_count` organizations
    whose estimate did not abstain; `mean_gap` is None without any.
    """

    gaps: tuple[Gap, ...]  #: in the order of their first claims
    both_count: int
    claim_only_count: int
    estimate_only_count: int
    out_of_fold_count: int
    circular_count: int
    above_count: int
    within_count: int
    below_count: int
    not_judged_count: int
    abstained_count: int
    point_count: int
    exact_count: int
    within_one_count: int
    mean_gap: float | None


def compare(claims: Iterable[Claim], estimates: Iterable[StageEstimate]) -> Comparison:
    """Compare the latest claim of each organization with its estimate.

    Of several claims the one with the latest date counts, one without a date before all
    others; of equal dates the last in order.
    """
    claimed = latest_claims(claims)
    estimated = {estimate.organization_id: estimate for estimate in estimates}
    gaps = tuple(_gap(claim, estimated.get(claim.organization_id)) for claim in claimed)
    claiming = {gap.organization_id for gap in gaps}
    taught_by = [e for name, e in estimated.items() if name in claiming and e.saw_claim]
    circular_count = sum(map(is_circular, taught_by))
    return _summarize(
        gaps,
        estimate_only_count=len(estimated.keys() - claiming),
        out_of_fold_count=len(taught_by) - circular_count,
        circular_count=circular_count,
    )


def latest_claims(claims: Iterable[Claim]) -> list[Claim]:
    """The claim of each organization that counts, in the order of their first claims."""
    latest: dict[str, Claim] = {}
    for claim in claims:
        known = latest.setdefault(claim.organization_id, claim)
        if _date_of(claim) >= _date_of(known):
            latest[claim.organization_id] = claim
    return list(latest.values())


def _date_of(claim: Claim) -> date:
    return claim.claimed_on or date.min


def _gap(claim: Claim, estimate: StageEstimate | None) -> Gap:
    if estimate is None or is_circular(estimate):
        return _gap_without_estimate(claim)
    position = position_of(claim.stage_code, estimate)
    is_judged = position is not Position.NOT_JUDGED
    return Gap(
        organization_id=claim.organization_id,
        claimed_code=claim.stage_code,
        stage_code=estimate.stage_code,
        gap=_point_gap(claim, estimate),
        gap_low=claim.stage_code - estimate.set90_high if is_judged else None,
        gap_high=claim.stage_code - estimate.set90_low if is_judged else None,
        position=position,
        has_estimate=True,
        is_abstained=estimate.is_abstained,
    )


def is_circular(estimate: StageEstimate) -> bool:
    """Whether the claim itself taught the model that is now to judge it."""
    return estimate.saw_claim and not estimate.is_out_of_fold


def _gap_without_estimate(claim: Claim) -> Gap:
    return Gap(
        organization_id=claim.organization_id,
        claimed_code=claim.stage_code,
        stage_code=None,
        gap=None,
        gap_low=None,
        gap_high=None,
        position=Position.NOT_JUDGED,
        has_estimate=False,
        is_abstained=False,
    )


def _point_gap(claim: Claim, estimate: StageEstimate) -> int | None:
    if estimate.stage_code is None or estimate.is_abstained:
        return None
    return claim.stage_code - estimate.stage_code


def position_of(claimed_code: int, estimate: StageEstimate) -> Position:
    """Where a claim lies relative to the 90 % set, if enough was seen for that to stand."""
    if estimate.abstention_reason not in _STANDING:
        return Position.NOT_JUDGED
    if claimed_code > estimate.set90_high:
        return Position.ABOVE
    return Position.BELOW if claimed_code < estimate.set90_low else Position.WITHIN


def _summarize(
    gaps: tuple[Gap, ...],
    *,
    estimate_only_count: int,
    out_of_fold_count: int,
    circular_count: int,
) -> Comparison:
    points = [gap.gap for gap in gaps if gap.gap is not None]
    positions = [gap.position for gap in gaps if gap.has_estimate]
    return Comparison(
        gaps=gaps,
        both_count=len(positions),
        claim_only_count=len(gaps) - len(positions),
        estimate_only_count=estimate_only_count,
        out_of_fold_count=out_of_fold_count,
        circular_count=circular_count,
        above_count=positions.count(Position.ABOVE),
        within_count=positions.count(Position.WITHIN),
        below_count=positions.count(Position.BELOW),
        not_judged_count=positions.count(Position.NOT_JUDGED),
        abstained_count=sum(gap.is_abstained for gap in gaps),
        point_count=len(points),
        exact_count=points.count(0),
        within_one_count=sum(abs(point) <= 1 for point in points),
        mean_gap=sum(points) / len(points) if points else None,
    )
