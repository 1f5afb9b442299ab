"""What one invented world assumes: a draw of every row of `capability.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from classifiers.signals import FEATURE_CODES
from classifiers.simulators.priors import read_priors

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from classifiers.simulators.priors import Prior

    FloatArray = npt.NDArray[np.float64]

#: What an organization learns to do, in the order in which most learn it.
CAPABILITIES = (
    "listening",
    "publishing",
    "answering",
    "care",
    "coordination",
    "governance",
    "involvement",
)
#: The capabilities that move each signal, the main one first; each world weighs them anew. The
#: days since the last post have none of their own: they follow from the posts.
DRIVERS = {
    "active_platforms": ("publishing", "listening"),
    "official_channels": ("publishing", "involvement"),
    "functional_channel_share": ("coordination", "involvement", "answering"),
    "profile_complete_share": ("publishing", "governance"),
    "verified_share": ("governance", "publishing"),
    "dormant_share": ("governance", "coordination"),
    "posts_per_week": ("publishing", "coordination"),
    "active_weeks_share": ("publishing", "coordination"),
    "burstiness": ("coordination", "publishing", "governance"),
    "reply_clock_entropy": ("answering", "coordination", "governance"),
    "reply_rate_72h": ("answering", "care", "listening"),
    "question_reply_rate_72h": ("answering", "listening"),
    "reply_rate_1h": ("answering", "coordination", "governance"),
    "response_hours_median": ("answering", "coordination"),
    "conversation_share": ("answering", "care"),
    "deep_thread_share": ("care", "answering"),
    "proactive_reply_share": ("listening", "care", "involvement"),
    "participants_per_1000_followers": ("care", "answering", "listening"),
    "peer_answer_share": ("care", "involvement"),
    "returning_participant_share": ("care", "answering"),
    "campaign_sync_share": ("coordination", "governance"),
    "verbatim_duplicate_share": ("coordination", "publishing"),
    "functional_reply_share": ("coordination", "governance"),
    "reply_rate_sd": ("governance", "coordination"),
    "functions_in_dialogue": ("involvement", "coordination"),
}
#: What differs by industry.
INDUSTRY_EFFECTS = ("posts", "messages", "answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What holds for all organizations of one world.

    Attributes:
        numbers: single assumptions by the name of their row.
        shares: assumptions that are shares of a whole, by the name of their row.
        weights: of each capability (rows) for each signal (columns); columns add up to 1.
        halves: strength at which a signal has travelled half of its way.
        steepnesses: exponent of Hill's curve, one a signal.
        is_off: whether a signal says nothing about capabilities in this world.
        industries: effects by the names of `INDUSTRY_EFFECTS`, one for each industry, around 0.
    """

    numbers: Mapping[str, float]
    shares: Mapping[str, FloatArray]
    weights: FloatArray
    halves: FloatArray
    steepnesses: FloatArray
    is_off: npt.NDArray[np.bool_]
    industries: Mapping[str, FloatArray]

    def __getitem__(self, name: str) -> float:
        return self.numbers[name]

    def concentration(self) -> float:
        """How closely the true shares of like organizations lie together."""
        return self.numbers["noise.concentration"] / self.numbers["noise.scale"] ** 2


def draw_assumptions(generator: np.random.Generator) -> Assumptions:
    """The assumptions of one world."""
    priors = _priors()
    drawn = {name: prior.draw(generator) for name, prior in priors.items()}
    shares = {name: value for name, value in drawn.items() if isinstance(value, np.ndarray)}
    numbers = {name: float(value) for name, value in drawn.items() if name not in shares}
    industry_count = len(shares["organization.industry"])
    return Assumptions(
        numbers=numbers,
        shares=shares,
        weights=_weights(generator, numbers["signal.importance"]),
        halves=_one_a_signal(priors["hill.half"], generator),
        steepnesses=_one_a_signal(priors["hill.steepness"], generator),
        is_off=generator.random(len(FEATURE_CODES)) < numbers["signal.off_share"],
        industries={
            effect: generator.normal(0.0, numbers[f"industry.{effect}"], industry_count)
            for effect in INDUSTRY_EFFECTS
        },
    )


@cache
def _priors() -> Mapping[str, Prior]:
    with resources.as_file(resources.files(__package__) / "capability.toml") as path:
        return read_priors(Path(path))


def _weights(generator: np.random.Generator, importance: float) -> FloatArray:
    weights = np.zeros((len(CAPABILITIES), len(FEATURE_CODES)))
    for code, names in DRIVERS.items():
        rows = [CAPABILITIES.index(name) for name in names]
        pulls = [importance, *[1.0] * (len(rows) - 1)]
        weights[rows, FEATURE_CODES.index(code)] = generator.dirichlet(pulls)
    return weights


def _one_a_signal(prior: Prior, generator: np.random.Generator) -> FloatArray:
    return np.array([prior.draw(generator) for _ in FEATURE_CODES])
