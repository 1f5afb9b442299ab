"""Comparing: what organizations claim, beside what can be observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.agreement import Comparison, Gap, compare
from classifiers.estimates import StageEstimate
from flows.claims import counting_claims
from warehouse.build import last_clock
from warehouse.reading import rows
from warehouse.register import replace_week

if TYPE_CHECKING:
    from datetime import date

    from warehouse.db import Connection

_PROBABILITIES = tuple(f"probability_{code}" for code in range(1, 7))


def compare_stages(connection: Connection) -> Comparison:
    """Compare the claims that count with the estimates of the week last built; keep the gaps."""
    week = last_clock(connection).as_of_week
    comparison = compare(counting_claims(connection), estimates_of(connection, week))
    replace_week(connection, "gaps", week, [_gap_row(gap) for gap in comparison.gaps])
    return comparison


def estimates_of(connection: Connection, week: date) -> list[StageEstimate]:
    """The estimates that are kept for one week."""
    return [_estimate(row) for row in rows(connection, "estimates", {"as_of_week": week})]


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
