"""The ways of asking that are compared: fixed intervals, steps, and the one that we use."""

# ruff: noqa: INP001 - a script beside its document, no package

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from looks import adaptively, at_intervals

from connectors.fetching.rhythm import CEILING_SECONDS, FLOOR_SECONDS, Answer, Rhythm, adapt

if TYPE_CHECKING:
    from collections.abc import Callable

    from invented_feeds import InventedFeed
    from looks import Adapt, Looks

OURS = "adaptive"
_HALVED_FROM_SHARE = 1 / 3


def designs() -> dict[str, Callable[[InventedFeed], Looks]]:
    """By name: how a feed is watched for a year."""
    return {
        "hourly": lambda feed: at_intervals(feed, 1),
        "daily": lambda feed: at_intervals(feed, 24),
        "steps of 1.5": lambda feed: adaptively(feed, by_steps(1.5)),
        "steps of 1.05": lambda feed: adaptively(feed, by_steps(1.05)),
        OURS: lambda feed: adaptively(feed, adapt),
    }


def by_steps(growth: float) -> Adapt:
    """Multiplicative increase and decrease, which looks at the last answer alone.

    The interval grows by `growth` when nothing is new, stays when something is, halves when
    over a third of the window is new and is quartered when all of it is.
    """

    def step(rhythm: Rhythm, answer: Answer) -> Rhythm:
        remembered = adapt(rhythm, answer)
        if answer.elapsed_seconds is None:
            return replace(remembered, interval_seconds=FLOOR_SECONDS)
        wanted = rhythm.interval_seconds * _factor(remembered, answer, growth)
        interval = min(max(wanted, FLOOR_SECONDS), CEILING_SECONDS)
        return replace(remembered, interval_seconds=round(interval))

    return step


def _factor(rhythm: Rhythm, answer: Answer, growth: float) -> float:
    if not answer.new_count:
        return growth
    if answer.new_count >= answer.entry_count:
        return 1 / 4
    return 1 / 2 if answer.new_count > rhythm.window_count * _HALVED_FROM_SHARE else 1
