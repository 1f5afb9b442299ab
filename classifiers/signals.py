"""The catalogue of signals: what is measured of an organization, over which window, and why.

The codes are the names in the warehouse's long table of measurements, in the order of `SIGNALS`.
A signal that was not seen has no value and a reason instead. The entries stand in
`catalogue/<family>.toml`; what the model asks for and nobody can measure yet stands in
`catalogue/unobtainable.toml`, with the reason.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any


class Direction(StrEnum):
    """How a signal is expected to move when an organization climbs from stage to stage."""

    RISES = "rises"
    FALLS = "falls"
    PEAKS = "peaks"  #: highest at a middle stage
    FREE = "free"  #: no expectation; driven by industry or audience


class MissingReason(StrEnum):
    """Why a signal has no value; empty when it has one."""

    NONE = ""
    ABSENT = "absent"  #: the organization has no channel that could carry the signal
    UNOBSERVED = "unobserved"  #: it may exist, we did not see it: gap, refusal, short history
    UNDEFINED = "undefined"  #: seen, but there was too little to compute it from


#: Families in the order of the catalogue, each with the question that its signals answer.
FAMILIES = {
    "presence": "Where is it found, and how well does it keep its places?",
    "cadence": "How often, how steadily and when does it speak?",
    "dialogue": "Does it answer, how fast and how deeply?",
    "community": "Who takes part around it, and who helps whom?",
    "coordination": "Do its channels act as one?",
    "governance": "Is its presence in order, for everybody to see?",
    "people": "How many parts of it take part?",
    "adaptation": "Does it change with what it hears?",
}
#: The signals that models read, in the order of their columns. Another order is another model.
#: Left out are those that measure the audience, those without an expectation, and near copies.
FEATURE_CODES = (
    "active_platforms",
    "official_channels",
    "functional_channel_share",
    "profile_complete_share",
    "verified_share",
    "dormant_share",
    "days_since_last_post",
    "posts_per_week",
    "active_weeks_share",
    "burstiness",
    "reply_clock_entropy",
    "reply_rate_72h",
    "question_reply_rate_72h",
    "reply_rate_1h",
    "response_hours_median",
    "conversation_share",
    "deep_thread_share",
    "proactive_reply_share",
    "participants_per_1000_followers",
    "peer_answer_share",
    "returning_participant_share",
    "campaign_sync_share",
    "verbatim_duplicate_share",
    "functional_reply_share",
    "reply_rate_sd",
    "functions_in_dialogue",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One measured indicator of an organization over a window of full weeks.

    `separates` names the neighbouring stages that the signal mainly helps to tell apart
    ("1/2"; "" when none). `minimum_count` is the n below which the value is undefined or, when
    `is_pooled_when_small`, drawn towards the mean of peers of the same industry and size and
    flagged as such.
    """

    code: str
    metric: str  #: identifier in the list of metrics of the stage model, as P1; "" an addition
    label: str
    family: str  #: a key of `FAMILIES`
    unit: str
    window_weeks: int
    definition: str
    formula: str
    direction: Direction
    expectation: str  #: the direction in words, stage by stage
    separates: str
    source: str  #: where the formula comes from
    caution: str  #: what the signal cannot tell
    model: str  #: file of `warehouse/models/signals` that measures it; its family comes first
    minimum_count: int = 1
    is_pooled_when_small: bool = False
    #: Usual values by stage, judged by experts and overlapping on purpose; () when not judged,
    #: "" for a stage at which the signal has none.
    ranges: tuple[str, ...] = ()

    @property
    def is_feature(self) -> bool:
        """Whether models read it."""
        return self.code in FEATURE_CODES

    @property
    def method(self) -> str:
        """What its method versions begin with: the model without its family; a number follows."""
        return self.model.removesuffix(".sql").removeprefix(f"{self.family}_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unobtainable:
    """A metric of the stage model that public sources do not give yet."""

    code: str
    metric: str
    label: str
    family: str
    definition: str
    why: str
    needed: str  #: what would make it obtainable


def _entries(name: str) -> dict[str, dict[str, Any]]:
    file = resources.files("classifiers") / "catalogue" / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def _signal(code: str, family: str, entry: dict[str, Any]) -> Signal:
    typed = {
        "direction": Direction(entry["direction"]),
        "ranges": tuple(entry.get("ranges", ())),
    }
    return Signal(**{"code": code, "family": family, **entry, **typed})


SIGNALS = tuple(
    _signal(code, family, entry) for family in FAMILIES for code, entry in _entries(family).items()
)
SIGNAL_CODES = tuple(signal.code for signal in SIGNALS)
UNOBTAINABLE = tuple(
    Unobtainable(**{"code": code, **entry}) for code, entry in _entries("unobtainable").items()
)


def signal_named(code: str) -> Signal:
    """The signal with this code.

    Raises:
        KeyError: no signal has it; the message names those that exist.
    """
    for signal in SIGNALS:
        if signal.code == code:
            return signal
    message = f"no signal {code!r}; there are {', '.join(SIGNAL_CODES)}"
    raise KeyError(message)
