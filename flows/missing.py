"""What was not seen of an organization, why, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.signals import SIGNALS, Signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.influence import Influence

_COLLECT = "`barograph status` names the channels and why; `barograph import` takes the"
_UNSEEN = {
    "blocked": (
        "we were not let in (a login, robots.txt, or a refusal)",
        f"{_COLLECT} organization's own export",
    ),
    "failed": (
        "its channels could not be read",
        "`barograph status` names them and why; mend their addresses and run `barograph run`",
    ),
    "out_of_window": (
        "what its channels show does not reach back far enough",
        "go on running `barograph run`, or `barograph import` its history",
    ),
    "mixed": (
        "it could not be seen, for several reasons",
        f"{_COLLECT} organization's own export",
    ),
    "": (
        "the platforms that we read do not show it",
        "list a channel that does, or `barograph import` the organization's own export",
    ),
}
_DRAWN = "; the value that is shown is drawn towards its peers, and models do not read it"
_DIALOGUE = ("dialogue", "community")


def missing_evidence(
    measurements: Sequence[Mapping[str, Any]], influence: Influence | None
) -> list[dict[str, Any]]:
    """The signals that models read and nobody saw, each with its reason and a remedy.

    Args:
        measurements: what was measured, with the range among peers.
        influence: what seeing a signal within that range could change; None: not known.
    """
    measured = {row["signal_code"]: row for row in measurements}
    return [
        _missing(signal, measured[signal.code], influence)
        for signal in SIGNALS
        if signal.is_feature and signal.code in measured and _is_missing(measured[signal.code])
    ]


def _is_missing(row: Mapping[str, Any]) -> bool:
    return row["value"] is None or row["is_pooled"]


def _missing(signal: Signal, row: Mapping[str, Any], influence: Influence | None) -> dict[str, Any]:
    why, remedy = _why(signal, row)
    moves = influence.moves.get(signal.code) if influence else None
    return {
        "signal_code": signal.code,
        "label": signal.label,
        "family": signal.family,
        "missing_reason": "undefined" if row["is_pooled"] else row["missing_reason"],
        "unseen_reason": row["unseen_reason"],
        "why": why,
        "remedy": remedy,
        "peer_group": row["peer_group"],
        "peer_count": row["peer_count"],
        "peer_low": row["peer_low"],
        "peer_high": row["peer_high"],
        "low_log_odds": moves[0] if moves else None,
        "high_log_odds": moves[1] if moves else None,
    }


def _why(signal: Signal, row: Mapping[str, Any]) -> tuple[str, str]:
    if row["is_pooled"] or row["missing_reason"] == "undefined":
        return _too_little(signal, row)
    if row["missing_reason"] == "absent":
        return (
            "it has no channel that could show it, which counts as seen",
            "if it has one, `barograph discover` looks for it; put it on the list",
        )
    why, remedy = _UNSEEN[row["unseen_reason"]]
    is_dialogue = signal.family in _DIALOGUE and row["unseen_reason"]
    return f"its conversations cannot be read: {why}" if is_dialogue else why, remedy


def _too_little(signal: Signal, row: Mapping[str, Any]) -> tuple[str, str]:
    wait = "go on running `barograph run`; channels that are not listed yet may show more"
    if row["n"] < signal.minimum_count and signal.minimum_count > 1:
        counted = f"too few: {row['n']} of {signal.minimum_count}"
        return counted + (_DRAWN if row["is_pooled"] else ""), wait
    if signal.code == "response_hours_median":
        return "over half of the questions are still open, so that there is no median", wait
    return "it was looked for, and there is nothing to compute it from", wait
