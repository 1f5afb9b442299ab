"""Estimating: observed stages of every listed organization, for the week last built or for many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.estimates import SignalRow
from flows.build import week_of
from flows.clock import naive, now
from flows.errors import NothingDoneError
from flows.terminal import progress
from warehouse.build import last_clock
from warehouse.reading import rows
from warehouse.register import replace_week

if TYPE_CHECKING:
    from datetime import date, datetime

    from classifiers.estimates import StageEstimate
    from classifiers.model import StageModel
    from flows.project import Project
    from warehouse.db import Connection


class PastWeeks(NamedTuple):
    """Mondays of measured weeks other than the one last built, oldest first."""

    estimated: list[date]  #: now
    up_to_date: list[date]  #: by the current model since they were last measured
    without_evidence: list[date]  #: measured by a version that did not keep what is needed


def estimate(project: Project, connection: Connection) -> list[StageEstimate]:
    """Estimate observed stages and keep them; trains the cold-start model when there is none.

    Raises:
        NotBuiltError: nothing has been measured.
        NothingDoneError: an earlier version measured the week last built.
    """
    week = last_clock(connection).as_of_week
    from flows.train import the_model

    return _estimate_week(connection, the_model(project, connection), week)


def estimate_past(
    project: Project,
    connection: Connection,
    since: datetime,
) -> PastWeeks:
    """Estimate measured weeks before (or after) the one last built, where that is still to do.

    A week is to do when the current model has not estimated it since it was last measured.
    Organizations are those listed now, with the size that the list tells now.

    Args:
        project: whose model estimates.
        connection: the warehouse.
        since: weeks from the one that holds this moment; the end of a day belongs to that day.

    Raises:
        NotBuiltError: nothing has been measured.
    """
    from flows.train import the_model

    model = the_model(project, connection)
    past = past_weeks(connection, since, model.model_version)
    count = len(past.estimated)
    with progress("estimating weeks", count, quiet=count == 1) as advance:
        for week in past.estimated:
            _estimate_week(connection, model, week)
            advance(1)
    return past


def past_weeks(connection: Connection, since: datetime, model_version: str) -> PastWeeks:
    """What `estimate_past` would do with a model; see there."""
    last = last_clock(connection).as_of_week
    given = {"since": week_of(since), "model_version": model_version}
    found = [row for row in rows(connection, "measured_weeks", given) if row["as_of_week"] != last]
    to_do = [row for row in found if not row["is_estimated"]]
    return PastWeeks(
        estimated=[row["as_of_week"] for row in to_do if row["has_evidence"]],
        up_to_date=[row["as_of_week"] for row in found if row["is_estimated"]],
        without_evidence=[row["as_of_week"] for row in to_do if not row["has_evidence"]],
    )


def _estimate_week(connection: Connection, model: StageModel, week: date) -> list[StageEstimate]:
    from classifiers.estimating import estimate_stages  # takes seconds: not for nothing

    estimates = estimate_stages(model, signal_rows(connection, week))
    parts = [row for made in estimates for row in _contribution_rows(made)]
    replace_week(connection, "contributions", week, parts)
    # last: with them the week counts as estimated
    replace_week(connection, "stages", week, [_stage_row(e) for e in estimates])
    return estimates


def signal_rows(connection: Connection, week: date | None = None) -> list[SignalRow]:
    """What was measured of each listed organization in a week.

    Args:
        connection: the warehouse.
        week: its Monday; None for the week last built.

    Raises:
        NotBuiltError: nothing has been measured.
        NothingDoneError: an earlier version measured this week, and did not keep how many
            channels and weeks were seen.
    """
    week = week or last_clock(connection).as_of_week
    found = rows(connection, "signal_rows", {"as_of_week": week})
    if any(row["readable_channel_count"] is None for row in found):
        raise NothingDoneError(without_evidence([week]))
    return [_signal_row(row) for row in found]


def without_evidence(weeks: list[date]) -> str:
    """One sentence on weeks that cannot be estimated yet, and what to run."""
    how_many = "1 week was" if len(weeks) == 1 else f"{len(weeks)} weeks were"
    return (
        f"{how_many} measured by an earlier version, which did not keep all that an estimate "
        f"needs; measure again with `barograph build --since {weeks[0]}`"
    )


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
