"""Organizations with a claim, each beside its estimate: what a comparison is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.agreement import Position, is_circular, position_of
from classifiers.comparing.discoveries import discoveries
from classifiers.comparing.judged_claims import JudgedClaims, judged_claims
from classifiers.comparing.posterior_gaps import posterior_gaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classifiers.claims import Claim
    from classifiers.estimates import StageEstimate

UNKNOWN = "not stated"
_STAGE_CODES = range(1, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """What the list says of an organization."""

    organization_id: str
    industry: str = ""
    size_class: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One organization with a claim; `estimate` is None where there is none to compare with.

    An estimate that the claim itself taught is none to compare with.
    """

    organization: Organization
    claim: Claim
    estimate: StageEstimate | None
    position: Position

    @property
    def is_judged(self) -> bool:
        """Whether the prediction set stands, so that the claim can be judged."""
        return self.position is not Position.NOT_JUDGED

    @property
    def has_point(self) -> bool:
        """Whether the estimator names a single stage."""
        return self.is_judged and self.estimate is not None and not self.estimate.is_abstained


def compared_organizations(
    claims: Iterable[Claim],
    estimates: Iterable[StageEstimate],
    organizations: Iterable[Organization],
) -> list[Compared]:
    """Claims beside estimates, in the order of the claims; one claim an organization."""
    estimated = {estimate.organization_id: estimate for estimate in estimates}
    listed = {each.organization_id: each for each in organizations}
    return [_compared(claim, estimated.get(claim.organization_id), listed) for claim in claims]


def judged_of(compared: Sequence[Compared]) -> JudgedClaims:
    """The arrays of some organizations, all of them judged, in their order."""
    estimates = [each.estimate for each in compared if each.estimate is not None]
    return judged_claims(
        [each.claim.stage_code for each in compared],
        np.reshape([estimate.probabilities for estimate in estimates], (-1, len(_STAGE_CODES))),
        np.array([estimate.stage_code for estimate in estimates], dtype=np.float64),
    )


def compared_rows(compared: Sequence[Compared]) -> list[dict[str, Any]]:
    """One row an organization, with all that the numbers of a report are computed from."""
    judged = [each for each in compared if each.is_judged]
    found = _judged_columns(judged) if judged else {}
    return [_row(each) | found.get(each.organization.organization_id, {}) for each in compared]


def _compared(
    claim: Claim, estimate: StageEstimate | None, listed: dict[str, Organization]
) -> Compared:
    unlisted = Organization(organization_id=claim.organization_id)
    found = None if estimate is None or is_circular(estimate) else estimate
    return Compared(
        organization=listed.get(claim.organization_id, unlisted),
        claim=claim,
        estimate=found,
        position=Position.NOT_JUDGED if found is None else position_of(claim.stage_code, found),
    )


def _row(each: Compared) -> dict[str, Any]:
    organization, claim, estimate = each.organization, each.claim, each.estimate
    row = {
        "organization_id": organization.organization_id,
        "industry": organization.industry,
        "size_class": organization.size_class,
        "claimed_stage_code": claim.stage_code,
        "instrument": claim.instrument,
        "claimed_on": claim.claimed_on,
        "is_judged": each.is_judged,
        "has_point": each.has_point,
        "claim_position": each.position.value,
        "stage_code": estimate.stage_code if estimate else None,
        "abstention_reason": str(estimate.abstention_reason) if estimate else "no estimate",
    }
    for place, code in enumerate(_STAGE_CODES):
        row[f"probability_{code}"] = estimate.probabilities[place] if estimate else None
    for name in ("set80_low", "set80_high", "set90_low", "set90_high", "model_version"):
        row[name] = getattr(estimate, name) if estimate else None
    return row | dict.fromkeys(_JUDGED_COLUMNS)


_JUDGED_COLUMNS = (
    "gap_stages",
    "above_probability",
    "match_probability",
    "below_probability",
    "p_value",
    "adjusted_p_value",
    "is_contradicted",
)


def _judged_columns(judged: Sequence[Compared]) -> dict[str, dict[str, Any]]:
    arrays = judged_of(judged)
    gaps, found = posterior_gaps(arrays), discoveries(arrays)
    columns = (
        gaps.gaps,
        gaps.above_probabilities,
        gaps.match_probabilities,
        gaps.below_probabilities,
        found.p_values,
        found.adjusted_p_values,
        found.is_contradicted,
    )
    values = zip(*(column.tolist() for column in columns), strict=True)
    return {
        each.organization.organization_id: dict(zip(_JUDGED_COLUMNS, row, strict=True))
        for each, row in zip(judged, values, strict=True)
    }
