"""The course of one organization over time: its estimated weeks, and its claims beside them.

Weeks without a stage (abstained, not estimated, not measured, or estimated by another model than
the last) are gaps, and never a change.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from classifiers.assessing.answered_claims import HEADLINE
from classifiers.claims import DEFAULT_INSTRUMENT
from classifiers.simulators.graded_prior import stage_prior
from classifiers.stage_history import WeeklyEstimate, claims_beside, held_stages, smooth
from classifiers.stages import Stage, point_label
from flows.claims import all_claims
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifiers.claims import Claim
    from classifiers.stage_history import ClaimBeside, HeldStage
    from warehouse.db import Connection

_RULES = (DEFAULT_INSTRUMENT, HEADLINE)
_KEPT = ("stage_code", "stage_label", "set90_low", "set90_high", "abstention_reason")
_NOT_TOLD_APART = (0,) * len(Stage)
_WEEK = timedelta(days=7)


def course(connection: Connection, name: str) -> dict[str, Any]:
    """What was estimated of an organization week by week, and what it claimed meanwhile.

    Args:
        connection: the warehouse; reading is enough.
        name: the organization's identifier.

    Returns:
        A record: weeks, each with its `gap` ("" where a stage is named); the same run together as
        spans; held stages; the smoothed stage of the last week with one; expected numbers of
        moves; claims.
    """
    weeks = _all_weeks(rows(connection, "course_estimates", {"organization_id": name}))
    named = [week for week in weeks if not week["gap"]]
    estimates = [_estimate(week) for week in named]
    is_told_apart = _are_highest_told_apart(named)
    smoothed = smooth(estimates, prior=stage_prior())
    held = held_stages(estimates, are_highest_told_apart=is_told_apart)
    claims = claims_beside(_claims(connection, name), smoothed)
    return {
        "weeks": weeks,
        "spans": _spans(weeks),
        "held_stages": [_held(one, is_told_apart=is_told_apart) for one in held],
        "smoothed": asdict(smoothed[-1]) if smoothed else None,
        "expected_rise_count": sum(one.rise_probability for one in smoothed),
        "expected_fall_count": sum(one.fall_probability for one in smoothed),
        "claims": [_claim_record(one) for one in claims],
    }


def _all_weeks(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every week from the first to the last, those that were never measured as well."""
    known = {row["as_of_week"]: _week(row) for row in found}
    if not known:
        return []
    first, last = min(known), max(known)
    weeks = [first + number * _WEEK for number in range((last - first) // _WEEK + 1)]
    return [known.get(week) or _unmeasured_week(week) for week in weeks]


def _week(row: Mapping[str, Any]) -> dict[str, Any]:
    shares = [row[f"probability_{stage.value}"] for stage in Stage]
    return {
        "as_of_week": row["as_of_week"],
        "gap": row["gap"],
        "probabilities": None if None in shares else shares,
        **{name: row[name] for name in _KEPT},
    }


def _unmeasured_week(week: object) -> dict[str, Any]:
    empty = dict.fromkeys(("probabilities", *_KEPT))
    return {"as_of_week": week, "gap": "not measured", **empty}


def _estimate(week: Mapping[str, Any]) -> WeeklyEstimate:
    return WeeklyEstimate(week["as_of_week"], tuple(week["probabilities"]))


def _are_highest_told_apart(named: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the model named one of the two highest stages by itself."""
    highest = [week for week in named if week["stage_code"] >= Stage.STRATEGIC]
    return any(week["stage_label"] == Stage(week["stage_code"]).label for week in highest)


def _spans(weeks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Weeks that follow each other with the same stage, or with the same kind of gap."""
    runs = groupby(weeks, key=lambda week: (week["gap"], week["gap"] or week["stage_label"]))
    return [_span(list(run)) for _, run in runs]


def _span(run: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = run[0]
    is_named = not first["gap"]
    return {
        "since": first["as_of_week"],
        "until": run[-1]["as_of_week"],
        "week_count": len(run),
        "gap": first["gap"],
        "stage_label": first["stage_label"] if is_named else None,
        "set90_low": min(week["set90_low"] for week in run) if is_named else None,
        "set90_high": max(week["set90_high"] for week in run) if is_named else None,
    }


def _held(held: HeldStage, *, is_told_apart: bool) -> dict[str, Any]:
    is_one_word = held.stage_code >= Stage.STRATEGIC and not is_told_apart
    label = point_label(held.stage_code, _NOT_TOLD_APART) if is_one_word else None
    return asdict(held) | {"stage_label": label or Stage(held.stage_code).label}


def _claims(connection: Connection, name: str) -> list[Claim]:
    """Claims that may be the one that counts; other rules read the same answers otherwise."""
    claims = all_claims(connection)
    return [one for one in claims if one.organization_id == name and one.instrument in _RULES]


def _claim_record(beside: ClaimBeside) -> dict[str, Any]:
    claim = beside.claim
    return {
        "claimed_on": claim.claimed_on,
        "stage_code": claim.stage_code,
        "instrument": claim.instrument,
        **{key: value for key, value in beside._asdict().items() if key != "claim"},
    }
