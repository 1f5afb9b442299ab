"""Estimating: the observed stage of every listed organization, for the week last built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.estimates import SignalRow
from flows.clock import naive, now
from warehouse.build import last_clock
from warehouse.reading import rows
from warehouse.register import replace_week

if TYPE_CHECKING:
    from classifiers.estimates import StageEstimate
    from flows.project import Project
    from warehouse.db import Connection


def estimate(project: Project, connection: Connection) -> list[StageEstimate]:
    """Estimate observed stages and keep them; trains the cold-start model when there is none."""
    week = last_clock(connection).as_of_week
    from classifiers.estimating import estimate_stages  # takes seconds: not for nothing
    from flows.train import the_model

    measured = signal_rows(connection)
    estimates = estimate_stages(the_model(project, connection), measured)
    replace_week(connection, "stages", week, [_stage_row(e) for e in estimates])
    parts = [row for made in estimates for row in _contribution_rows(made)]
    replace_week(connection, "contributions", week, parts)
    return estimates


def signal_rows(connection: Connection) -> list[SignalRow]:
    """What was measured of each listed organization in the week last built."""
    week = last_clock(connection).as_of_week
    return [_signal_row(row) for row in rows(connection, "signal_rows", {"as_of_week": week})]


def _signal_row(row: dict[str, Any]) -> SignalRow:
    return SignalRow(
        organization_id=row["organization_id"],
        values=row["values"],
        missing_reasons=row["missing_reasons"],
        readable_channel_count=row["readable_channel_count"],
        observed_week_count=row["observed_week_count"],
        coverage_share=row["coverage_share"],
        size_class=row["size_class"],
        inbound_count=row["inbound_count"],
    )


def _stage_row(estimate: StageEstimate) -> dict[str, Any]:
    probabilities = {
        f"probability_{code}": share for code, share in enumerate(estimate.probabilities, start=1)
    }
    return probabilities | {
        "organization_id": estimate.organization_id,
        "stage_code": estimate.stage_code,
        "stage_label": estimate.stage_label,
        "set80_low": estimate.set80_low,
        "set80_high": estimate.set80_high,
        "set90_low": estimate.set90_low,
        "set90_high": estimate.set90_high,
        "is_abstained": estimate.is_abstained,
        "abstention_reason": estimate.abstention_reason,
        "abstention_text": estimate.abstention_text,
        "model_version": estimate.model_version,
        "is_out_of_fold": estimate.is_out_of_fold,
        "saw_claim": estimate.saw_claim,
        "estimated_at": naive(now()),
    }


def _contribution_rows(estimate: StageEstimate) -> list[dict[str, Any]]:
    return [
        {
            "organization_id": estimate.organization_id,
            "part": part.part,
            "part_order": order,
            "seen_share": part.seen_share,
            **{f"above_{code}_log_odds": odds for code, odds in enumerate(part.log_odds, start=1)},
        }
        for order, part in enumerate(estimate.contributions, start=1)
    ]
