"""When an estimate withholds its point, and how it says so.

The thresholds (60 % coverage, 8 observed weeks, 40 % of the signals, sets of fewer than four
stages) are conventions of this project, fixed before any label existed and tuned on none. In
simulated worlds they do not make the remaining points much better; they keep a point from
standing where the evidence rules out almost nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from classifiers.signals import MissingReason
from classifiers.stages import Stage, distinct_stage_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.estimates import SignalRow

MINIMUM_COVERAGE_SHARE = 0.6
MINIMUM_OBSERVED_WEEK_COUNT = 8
MINIMUM_SEEN_SIGNAL_SHARE = 0.4
WIDE_SET_STAGE_COUNT = 4
MINIMUM_INBOUND_COUNT = 20


class AbstentionReason(StrEnum):
    """Why no point is given, in the order in which the reasons are tried."""

    NONE = ""
    NOT_OBSERVABLE = "not_observable"  #: no channel that we can read
    LOW_COVERAGE = "low_coverage"  #: too few of the channel-days were seen
    FEW_ACTIVE_WEEKS = "few_active_weeks"  #: too few weeks were observed at all
    FEW_SIGNALS = "few_signals"  #: too many signals were not seen
    OUTSIDE_TRAINING = "outside_training"  #: unlike all that the model was trained on
    LOW_INBOUND = "low_inbound"  #: too few messages to tell Presence from Engagement
    WIDE_SET = "wide_set"  #: the evidence is there, but it fits too many stages


class Abstention(NamedTuple):
    """A reason and its sentence; both empty when there is nothing to withhold."""

    reason: str
    text: str


def abstain_for_evidence(row: SignalRow, codes: Sequence[str]) -> Abstention:
    """Whether what was seen of an organization is too little to estimate from.

    Silence is not missing evidence: a week that was watched and held no post counts as
    observed, and a signal that was looked for and could not be computed (`undefined`) or has
    no channel to carry it (`absent`) counts as seen.
    """
    coverage_share = row.coverage_share or 0.0
    seen_count = sum(_is_seen(row, code) for code in codes)
    if row.readable_channel_count == 0:
        return _not_observable()
    if coverage_share < MINIMUM_COVERAGE_SHARE:
        return _low_coverage(coverage_share)
    if row.observed_week_count < MINIMUM_OBSERVED_WEEK_COUNT:
        return _few_weeks(row)
    if seen_count < MINIMUM_SEEN_SIGNAL_SHARE * len(codes):
        return _few_signals(seen_count, len(codes))
    return _NO_ABSTENTION


def abstain_outside(*, is_outside: bool) -> Abstention:
    """Whether the signals are unlike those of nearly all organizations in training.

    A hint and no guarantee: estimates can be wrong where nothing looks unusual.
    """
    if not is_outside:
        return _NO_ABSTENTION
    return Abstention(
        AbstentionReason.OUTSIDE_TRAINING,
        "Abstained: these signals together are unlike those of 999 in 1,000 organizations that "
        "the model was trained on; look for an error in the list or the collection.",
    )


def abstain_for_inbound(row: SignalRow, low: int, high: int) -> Abstention:
    """Whether a 90 % set holds Presence and Engagement, and too little was said to tell them.

    What separates these two is whether people get answers.
    """
    count = row.inbound_count
    is_between = low <= Stage.PRESENCE and high >= Stage.ENGAGEMENT
    if not is_between or (count is not None and count >= MINIMUM_INBOUND_COUNT):
        return _NO_ABSTENTION
    said = "no channel shows what was said" if count is None else f"{count} messages were seen"
    return Abstention(
        AbstentionReason.LOW_INBOUND,
        f"Abstained: {said} to this organization; telling {Stage.PRESENCE.label} from "
        f"{Stage.ENGAGEMENT.label} takes at least {MINIMUM_INBOUND_COUNT}.",
    )


def abstain_for_width(low: int, high: int, label_counts: Sequence[int]) -> Abstention:
    """Whether a 90 % set from stage `low` to `high` allows too much for a point.

    Strategic and Converged count as one while the model cannot tell them apart
    (`stages.distinct_stage_count`); they have one point, too.
    """
    stage_count = distinct_stage_count(low, high, label_counts)
    if stage_count < WIDE_SET_STAGE_COUNT:
        return _NO_ABSTENTION
    told_apart_count = distinct_stage_count(min(Stage), max(Stage), label_counts)
    return Abstention(
        AbstentionReason.WIDE_SET,
        f"Abstained: the evidence fits {stage_count} of the {told_apart_count} stages that the "
        f"model tells apart, {Stage(low).label} to {Stage(high).label}; a point needs fewer than "
        f"{WIDE_SET_STAGE_COUNT}.",
    )


_NO_ABSTENTION = Abstention(AbstentionReason.NONE, "")


def _is_seen(row: SignalRow, code: str) -> bool:
    reason = row.missing_reasons.get(code, MissingReason.UNOBSERVED)
    return row.values.get(code) is not None or reason in {
        MissingReason.ABSENT,
        MissingReason.UNDEFINED,
    }


def _not_observable() -> Abstention:
    return Abstention(
        AbstentionReason.NOT_OBSERVABLE,
        "Not observable: no channel of this organization could be read; at least 1 is needed.",
    )


def _low_coverage(coverage_share: float) -> Abstention:
    return Abstention(
        AbstentionReason.LOW_COVERAGE,
        # rounded down: what is not enough must not read as enough
        f"Abstained: {int(100 * coverage_share)} % of the channel days in the window were seen; "
        f"at least {100 * MINIMUM_COVERAGE_SHARE:.0f} % are needed.",
    )


def _few_weeks(row: SignalRow) -> Abstention:
    return Abstention(
        AbstentionReason.FEW_ACTIVE_WEEKS,
        f"Abstained: channels were seen in {row.observed_week_count} of {row.window_week_count} "
        f"weeks; at least {MINIMUM_OBSERVED_WEEK_COUNT} are needed.",
    )


def _few_signals(seen_count: int, signal_count: int) -> Abstention:
    return Abstention(
        AbstentionReason.FEW_SIGNALS,
        f"Abstained: {seen_count} of {signal_count} signals were seen; "
        f"at least {100 * MINIMUM_SEEN_SIGNAL_SHARE:.0f} % are needed.",
    )
