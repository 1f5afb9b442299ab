"""Conditions that rest on an organization's course: a stage that changed, signals that got worse.

What is held and what is warned of is decided elsewhere (`classifiers.stage_history`,
`classifiers.early_warnings`); here it is only told apart what is news.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flows.alerting.judgement import Judgement, State, Subject
from warehouse.alerting import judged_rows
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from classifiers.early_warnings import Measured
    from warehouse.db import Connection

_STAGE, _SIGNALS = "stage_changed", "signals_worse"
_QUIET_WEEKS = 2  #: judged weeks without a warning, after which it is over


def judge_stages(connection: Connection, given: Mapping[str, Any]) -> list[Judgement]:
    """Organizations that have come to hold another stage, and those of which it was told."""
    candidates = judged_rows(connection, _STAGE, given)
    fresh = timedelta(weeks=int(given["fresh_weeks"]))
    return [_stage(connection, row, fresh) for row in candidates]


def _stage(connection: Connection, row: Mapping[str, Any], fresh: timedelta) -> Judgement:
    from flows.course import course  # brings numpy and scipy, which few looks need

    found = course(connection, row["organization_id"])
    held = found["held_stages"]
    state, parts = State.BETWEEN, dict[str, Any]()
    if held:
        is_fresh = len(held) > 1 and row["as_of_week"] - held[-1]["held_on"] < fresh
        state = State.RAISED if is_fresh else State.CLEAR
    if state is State.RAISED:
        parts = _change(held, found["weeks"])
    return _judgement(_STAGE, row, state, parts)


def _change(
    held: Sequence[Mapping[str, Any]], weeks: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The stage that is held now and the one before, each with the set of a week that names it."""
    by_week = {week["as_of_week"]: week for week in weeks}
    now = {**by_week[held[-1]["held_on"]], "stage_label": held[-1]["stage_label"]}
    before = {**by_week[held[-2]["held_on"]], "stage_label": held[-2]["stage_label"]}
    return {"now": now, "before": before, "began_on": held[-1]["began_on"]}


def judge_signals(connection: Connection, given: Mapping[str, Any]) -> list[Judgement]:
    """Organizations whose watched signals got worse, and those of which it was told."""
    from classifiers.early_warnings import WATCHED, Measured  # brings numpy and scipy

    signs = {
        "falling": [code for code, sign in WATCHED.items() if sign < 0],
        "rising": [code for code, sign in WATCHED.items() if sign > 0],
    }
    candidates = judged_rows(connection, _SIGNALS, {**given, **signs})
    asked = {"organization_ids": [row["organization_id"] for row in candidates]}
    if not candidates:
        return []
    measured = _by_organization(
        rows(connection, "alert_signals", {**asked, "signal_codes": list(WATCHED)})
    )
    outages = _by_organization(rows(connection, "alert_outages", asked))
    return [
        _signals(
            row,
            [Measured(**one) for one in measured.get(row["organization_id"], ())],
            [one["week"] for one in outages.get(row["organization_id"], ())],
        )
        for row in candidates
    ]


def _by_organization(found: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        grouped.setdefault(row.pop("organization_id"), []).append(row)
    return grouped


def _signals(
    row: Mapping[str, Any], measured: Sequence[Measured], outages: Sequence[date]
) -> Judgement:
    from flows.earlywarnings import warnings_among

    found = warnings_among(measured, outages)
    last = found["warnings"][-1] if found["warnings"] else None
    until = last["until"] if last else None
    state = _signals_state(found["judged_weeks"], found["last_measured_week"], until)
    parts = {"since": last["since"], "warned_signals": last["signals"]} if last else {}
    return _judgement(_SIGNALS, row, state, parts)


def _signals_state(judged: Sequence[date], measured: date | None, until: date | None) -> State:
    """Raised in the very week that was measured last; over after weeks that warn no more."""
    if not judged:
        return State.BETWEEN
    if until == measured:
        return State.RAISED
    quiet = [week for week in judged if until is None or week > until]
    return State.CLEAR if len(quiet) >= _QUIET_WEEKS else State.BETWEEN


def _judgement(
    code: str, row: Mapping[str, Any], state: State, parts: Mapping[str, Any]
) -> Judgement:
    return Judgement(
        code=code,
        subject=Subject("organization", row["organization_id"]),
        organization_id=row["organization_id"],
        state=state,
        parts={"name": row["name"], **parts},
    )
