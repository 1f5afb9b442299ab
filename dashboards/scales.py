"""From a value to a place on a chart: positions in per cent of the chart's width.

Per cent instead of pixels lets a chart fill whatever width it gets while its text keeps its
size, on a telephone too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.sentences import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from classifiers.signals import Signal

LEFT_PERCENT = 3.0  #: room for half a tick label at either end
RIGHT_PERCENT = 95.0
TICK_GAP_PERCENT = 9.0  #: closer tick labels would run into each other on a telephone
COUNT_TICKS = (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis with its ticks.

    Attributes:
        low: value at the left end.
        high: value at the right end, above `low`.
        is_log: place by log(1 + value), for counts and durations that start at 0.
        ticks: values that get a label, ascending.
        write: how a value of this axis reads.
    """

    low: float
    high: float
    is_log: bool
    ticks: tuple[float, ...]
    write: Callable[[float | None], str]

    def at(self, value: float) -> float:
        """The place of `value` in per cent of the width, kept within the axis."""
        share = (self._bend(value) - self._bend(self.low)) / (
            self._bend(self.high) - self._bend(self.low)
        )
        return LEFT_PERCENT + (RIGHT_PERCENT - LEFT_PERCENT) * min(max(share, 0.0), 1.0)

    def _bend(self, value: float) -> float:
        return math.log1p(max(value, 0.0)) if self.is_log else value


def scale_of(signal: Signal, highest: float) -> Scale:
    """The axis that fits the unit of a signal.

    Args:
        signal: from the catalogue.
        highest: the largest value to be shown.
    """
    make = _BY_UNIT.get(signal.unit, count_scale)
    return make(highest)


def share_scale(_highest: float) -> Scale:
    """Shares from 0 to 1, written in per cent."""
    return Scale(low=0, high=1, is_log=False, ticks=(0, 0.25, 0.5, 0.75, 1), write=percent)


def balance_scale(_highest: float) -> Scale:
    """Coefficients from -1 to 1 with their neutral value in the middle."""
    return Scale(low=-1, high=1, is_log=False, ticks=(-1, -0.5, 0, 0.5, 1), write=number)


def count_scale(highest: float) -> Scale:
    """Counts, rates and durations from 0 to `highest` on a log(1 + value) axis."""
    high = max(highest, 1.0)
    scale = Scale(low=0, high=high, is_log=True, ticks=(), write=number)
    return Scale(low=0, high=high, is_log=True, ticks=_apart(scale), write=number)


def unit_scale(_highest: float) -> Scale:
    """Indices from 0 to 1."""
    return Scale(low=0, high=1, is_log=False, ticks=(0, 0.25, 0.5, 0.75, 1), write=number)


_BY_UNIT: dict[str, Callable[[float], Scale]] = {
    "share": share_scale,
    "index from -1 to 1": balance_scale,
    "index from 0 to 1": unit_scale,
}


def _apart(scale: Scale) -> tuple[float, ...]:
    kept: list[float] = []
    for tick in COUNT_TICKS:
        if tick <= scale.high and (
            not kept or scale.at(tick) - scale.at(kept[-1]) >= TICK_GAP_PERCENT
        ):
            kept.append(tick)
    return tuple(kept)
