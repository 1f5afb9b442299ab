"""Estimating: the observed stage of every listed organization, for the week last built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.estimates import SignalRow
from flows.clock import naive, now
from warehouse.build import last_clock
from warehouse.reading import rows
from warehouse.register import replace_week

if TYPE_CHECKING:
    from pathlib import Path

    from classifiers.coldstart import ColdStartModel
    from classifiers.estimates import StageEstimate
    from flows.project import Project
    from warehouse.db import Connection

_MODEL_FILE = "cold-start.skops"


def estimate(project: Project, connection: Connection) -> list[StageEstimate]:
    """Estimate observed stages and keep them; trains the cold-start model when there is none."""
    week = last_clock(connection).as_of_week
    from classifiers.coldstart import estimate_stages  # takes seconds: not for nothing

    measured = [_signal_row(row) for row in rows(connection, "signal_rows", {"as_of_week": week})]
    estimates = estimate_stages(the_model(project.models), measured)
    replace_week(connection, "stages", week, [_stage_row(e) for e in estimates])
    return estimates


def the_model(folder: Path) -> ColdStartModel:
    """The project's model; made from its seed when it is missing or of other library versions.

    Training the cold-start model needs nothing but the seed, so that making it again gives
    the same model.
    """
    from classifiers.coldstart import train_cold_start
    from classifiers.persistence import ModelFileError, load_model, save_model

    path = folder / _MODEL_FILE
    if path.exists():
        try:
            return load_model(path)
        except ModelFileError:
            pass  # another version's file: the same seed makes ours
    folder.mkdir(parents=True, exist_ok=True)
    model = train_cold_start()
    save_model(model, path, trained_on=now().date())
    return model


def _signal_row(row: dict[str, Any]) -> SignalRow:
    return SignalRow(
        organization_id=row["organization_id"],
        values=row["values"],
        missing_reasons=row["missing_reasons"],
        readable_channel_count=row["readable_channel_count"],
        observed_week_count=row["observed_week_count"],
        coverage_share=row["coverage_share"],
    )


def _stage_row(estimate: StageEstimate) -> dict[str, Any]:
    probabilities = {
        f"probability_{code}": share for code, share in enumerate(estimate.probabilities, start=1)
    }
    return probabilities | {
        "organization_id": estimate.organization_id,
        "stage_code": estimate.stage_code,
        "set80_low": estimate.set80_low,
        "set80_high": estimate.set80_high,
        "set90_low": estimate.set90_low,
        "set90_high": estimate.set90_high,
        "is_abstained": estimate.is_abstained,
        "abstention_reason": estimate.abstention_reason,
        "abstention_text": estimate.abstention_text,
        "model_version": estimate.model_version,
        "estimated_at": naive(now()),
    }
