"""Comparing: what organizations claim, beside what can be observed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from classifiers.agreement import Comparison, Gap, compare
from classifiers.claims import Claim, ClaimsError, read_claims
from classifiers.estimates import StageEstimate
from flows.clock import naive, now
from flows.errors import InputError
from warehouse.build import last_clock
from warehouse.reading import rows
from warehouse.register import replace_claims, replace_week

if TYPE_CHECKING:
    from pathlib import Path

    from flows.settings import Settings
    from warehouse.db import Connection

_DEFAULT_NAME = "claims.csv"
_PROBABILITIES = tuple(f"probability_{code}" for code in range(1, 7))


def find_claims(settings: Settings) -> Path | None:
    """The file of claims: the named one, or `claims.csv` when there is one.

    Raises:
        InputError: a file was named and is not there.
    """
    path = settings.folder / (settings.claims or _DEFAULT_NAME)
    if path.is_file():
        return path
    if settings.claims:
        problem = f"{path}: no such file; correct the name of the claims, or leave it out"
        raise InputError(problem)
    return None


def read_listed_claims(path: Path, listed: set[str]) -> list[Claim]:
    """The claims of a file, all of listed organizations.

    Raises:
        InputError: every problem of the file, each with its line and a remedy.
    """
    try:
        claims = read_claims(path)
    except ClaimsError as error:
        raise InputError(*str(error).splitlines()) from error
    strangers = sorted({claim.organization_id for claim in claims} - listed)
    if strangers:
        problem = (
            f"{path}: not on the list of organizations: {', '.join(strangers)}; "
            "correct the ids, or add these organizations"
        )
        raise InputError(problem)
    return claims


def keep_claims(connection: Connection, claims: list[Claim]) -> None:
    """Make the warehouse's claims equal to these."""
    replace_claims(connection, [asdict(claim) for claim in claims], naive(now()))


def claims_of_warehouse(connection: Connection) -> list[Claim]:
    """The claims that are kept."""
    return [Claim(**row) for row in rows(connection, "claims")]


def compare_stages(connection: Connection) -> Comparison:
    """Compare kept claims with the estimates of the week last built, and keep the gaps."""
    week = last_clock(connection).as_of_week
    claims = claims_of_warehouse(connection)
    stored = rows(connection, "estimates", {"as_of_week": week})
    comparison = compare(claims, [_estimate(row) for row in stored])
    replace_week(connection, "gaps", week, [_gap_row(gap) for gap in comparison.gaps])
    return comparison


def _estimate(row: dict[str, Any]) -> StageEstimate:
    probabilities = tuple(row[name] for name in _PROBABILITIES)
    others = {name: value for name, value in row.items() if name not in _PROBABILITIES}
    return StageEstimate(probabilities=probabilities, **others)


def _gap_row(gap: Gap) -> dict[str, Any]:
    return {
        "organization_id": gap.organization_id,
        "claimed_stage_code": gap.claimed_code,
        "stage_code": gap.stage_code,
        "gap_stages": gap.gap,
        "gap_low_stages": gap.gap_low,
        "gap_high_stages": gap.gap_high,
        "claim_position": gap.position.value,
    }
