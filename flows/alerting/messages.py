"""Alerts in plain words: what happened, since when, how bad it is, and what to do."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from classifiers.stages import Stage
from flows.alerting.register import Ended, Ending
from flows.alerting.words import WORDS
from flows.terminal import stage_set

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flows.alerting.judgement import Judgement

_MOST_CHARACTERS = 200  # of a name or an address; whoever sends long ones must not fill a page
_NONE = {"claimed": "", "stages_now": "", "stage_now": ""}  # of who claims nothing
_NEVER = "Nothing has been published yet, and the first run began"
_ENDINGS = {
    Ending.UNWATCHED: "It is not on the list any more.",
    Ending.LAPSED: (
        "For long it was neither found to hold nor to be over; should it be found, it is told anew."
    ),
    Ending.SWITCHED_OFF: "The setting alert_except names this condition.",
}


class Message(NamedTuple):
    """A title of one line, and a text of several sentences."""

    title: str
    text: str


def opened_message(judgement: Judgement) -> Message:
    """What is told when a condition begins."""
    words, parts = WORDS[judgement.code], _parts(judgement)
    text = f"{words.text.format_map(parts)}\nWhat to do: {words.advice.format_map(parts)}"
    return Message(words.title.format_map(parts), text)


def ended_message(ended: Ended, moment: datetime) -> Message:
    """What is told when it is over; the moment is UTC."""
    alert = ended.alert
    span = f"It lasted from {alert.opened_at:%Y-%m-%d %H:%M} to {moment:%Y-%m-%d %H:%M} UTC."
    return Message(f"over: {alert.title}", f"{_how_it_ended(ended)} {span}")


def _how_it_ended(ended: Ended) -> str:
    if ended.ending is not Ending.RECOVERED or ended.judgement is None:
        return _ENDINGS.get(ended.ending, "It holds no more.")
    return WORDS[ended.alert.code].ended.format_map(_parts(ended.judgement))


def _parts(judgement: Judgement) -> dict[str, Any]:
    parts = {name: _plain(value) for name, value in judgement.parts.items()}
    parts |= {
        "subject_id": judgement.subject.subject_id,
        "value": judgement.value,
        "limit_value": judgement.limit_value,
    }
    derive = _DERIVED.get(judgement.code)
    return parts | derive(parts) if derive else parts


def _plain(value: object) -> object:
    """A text of one line, short, and without anything that a terminal or a mail would act upon."""
    if not isinstance(value, str):
        return value
    shown = "".join(" " if _is_control(character) else character for character in value)
    text = " ".join(shown.split())
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _run_failed(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"error_words": f", {parts['error_kind']}" if parts["error_kind"] else ""}


def _snapshot_stale(parts: Mapping[str, Any]) -> dict[str, Any]:
    at = parts["published_at"]
    told = f"What dashboards show was published at {at:%Y-%m-%d %H:%M} UTC," if at else _NEVER
    return {"published_words": told}


def _coverage_drop(parts: Mapping[str, Any]) -> dict[str, Any]:
    is_all = parts["subject_id"] == "project"
    return {"where": "all sources" if is_all else parts["subject_id"]}


def _budget_low(parts: Mapping[str, Any]) -> dict[str, Any]:
    at = parts["resets_at"]
    return {"reset_words": f", until {at:%Y-%m-%d %H:%M} UTC" if at else ""}


def _channel_silent(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"address": _address(parts["address"])}


def _address(text: str) -> str:
    """An address without what may be a secret: who logs in, and what is asked for."""
    if "://" not in text:
        return text
    try:
        place = urlsplit(text)
        port = f":{place.port}" if place.port else ""
    except ValueError:
        return "its address"
    return f"{place.scheme}://{place.hostname}{port}{place.path}"


def _stage_changed(parts: Mapping[str, Any]) -> dict[str, Any]:
    if "now" not in parts:
        return {}
    return {
        "stages_now": stages(parts["now"]),
        "stage_now": parts["now"]["stage_label"],
        "stages_before": stages(parts["before"]),
        "stage_before": parts["before"]["stage_label"],
        "before_on": parts["before"]["as_of_week"],
    }


def _signals_worse(parts: Mapping[str, Any]) -> dict[str, Any]:
    told = parts.get("warned_signals", ())
    return {"signal_count": len(told), "signals": "; ".join(map(_signal, told))}


def _signal(signal: Mapping[str, Any]) -> str:
    """One signal with its usual value and the last."""
    usual = "not known" if signal["usual"] is None else _number(signal["usual"], signal["unit"])
    value = _number(signal["value"], signal["unit"])
    return f"{signal['label']} {value} (n = {signal['n']}), usually {usual}"


def _number(value: float, unit: str) -> str:
    return f"{value:.0%}" if unit == "share" else f"{value:.1f} {unit}"


def _claim_outside(parts: Mapping[str, Any]) -> dict[str, Any]:
    if not parts["is_claiming"]:
        return {"claim_words": "There is no public claim any more.", "position_words": "", **_NONE}
    is_judged = parts["set90_low"] is not None
    found = stages(parts) if is_judged else ""
    claimed = Stage(parts["claimed_stage_code"]).label if is_judged else ""
    return {
        "claimed": claimed,
        "position_words": {"above": "more", "below": "less"}.get(parts["claim_position"], "other"),
        "stages_now": found,
        "stage_now": "abstained" if parts["is_abstained"] else parts["stage_label"],
        "claim_words": f"It claims {claimed}; the signals are consistent with {found} (90 % set).",
    }


def stages(row: Mapping[str, Any]) -> str:
    """A 90 % prediction set as stages with their numbers, such as `stages 3 to 4 (…)`."""
    low, high = row["set90_low"], row["set90_high"]
    if low == high:
        return f"stage {low} ({stage_set(row)})"
    return f"stages {low} to {high} ({stage_set(row)})"


_DERIVED = {
    "run_failed": _run_failed,
    "snapshot_stale": _snapshot_stale,
    "coverage_drop": _coverage_drop,
    "budget_low": _budget_low,
    "channel_silent": _channel_silent,
    "stage_changed": _stage_changed,
    "signals_worse": _signals_worse,
    "claim_outside": _claim_outside,
}
