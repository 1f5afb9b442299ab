"""The six stages of social business, Altimeter's ladder of 2013, in our own words.

The model (Charlene Li and Brian Solis, "The Evolution of Social Business: Six Stages of
Social Media Transformation", Altimeter Group, March 2013) was made for large organizations
that intend to climb. For others a stage describes where they stand; it is no target.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Stage(IntEnum):
    """One rung of the ladder; the number is its code everywhere, in order."""

    PLANNING = 1
    PRESENCE = 2
    ENGAGEMENT = 3
    FORMALIZED = 4
    STRATEGIC = 5
    CONVERGED = 6

    @property
    def label(self) -> str:
        """Altimeter's name of the stage, for example `Presence`."""
        return self.name.capitalize()

    @property
    def definition(self) -> str:
        """What an organization at this stage does, in one sentence."""
        return _DEFINITIONS[self]


_DEFINITIONS = {
    Stage.PLANNING: (
        "Listens and learns how its audiences behave, tries pilots and checks its own readiness; "
        "there is no steady public presence yet."
    ),
    Stage.PRESENCE: (
        "Is formally visible with official channels that carry the news of existing functions, "
        "mostly marketing and press."
    ),
    Stage.ENGAGEMENT: (
        "Answers and converses, supports communities and lets trained staff take part, "
        "because dialogue is what makes the relationship."
    ),
    Stage.FORMALIZED: (
        "Has a core team with a sponsor that coordinates all units by policy, process and "
        "shared tools, so that activity can grow at a known risk."
    ),
    Stage.STRATEGIC: (
        "Uses social media in several functions for stated business goals, with executives who "
        "share in planning and take part."
    ),
    Stage.CONVERGED: (
        "Makes no difference any more between social and other business: one strategy, known to "
        "every employee and adapted all the time."
    ),
}


FEWEST_LABELS_TO_TELL_APART = 10  #: of each of the two highest stages
_HIGHEST = (Stage.STRATEGIC, Stage.CONVERGED)


def point_label(stage_code: int, label_counts: Sequence[int]) -> str:
    """What to call a median stage: the two highest are one word until labels tell them apart.

    Their differences are internal (vision, budget, integration), and nothing public is known
    that shows them.

    Args:
        stage_code: the median, 1 to 6.
        label_counts: labels that the model was trained on, by stage 1 to 6.
    """
    if stage_code in _HIGHEST and not tells_highest_apart(label_counts):
        return f"{_HIGHEST[0].label} or {_HIGHEST[1].label}"
    return Stage(stage_code).label


def distinct_stage_count(low: int, high: int, label_counts: Sequence[int]) -> int:
    """Stages from `low` to `high`; the two highest count as one until labels tell them apart."""
    is_one_word = low <= _HIGHEST[0] and high >= _HIGHEST[1]
    return high - low + 1 - (is_one_word and not tells_highest_apart(label_counts))


def tells_highest_apart(label_counts: Sequence[int]) -> bool:
    """Whether a model has seen enough labels of both of the highest stages, see `point_label`."""
    fewest = min(label_counts[stage - 1] for stage in _HIGHEST)
    return fewest >= FEWEST_LABELS_TO_TELL_APART


def stage_from(value: str | int) -> Stage:
    """Read a stage from its name in any case (`Presence`), or its code (`2`, `"2"`).

    Raises:
        ValueError: it is none of the six; the message names them.
    """
    stage = None if isinstance(value, bool) else _STAGES.get(str(value).strip().casefold())
    if stage is None:
        names = ", ".join(f"{stage.value} {stage.label}" for stage in Stage)
        message = f"{value!r} is not a stage; the six are {names}"
        raise ValueError(message)
    return stage


_STAGES = {stage.name.casefold(): stage for stage in Stage} | {
    str(stage.value): stage for stage in Stage
}
