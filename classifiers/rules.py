"""The published rule: the stage by the published criteria alone, as a baseline to be beaten.

The criteria say which signals tell two neighbouring stages apart, and which way they point; they
give no amounts. So the only yardstick here is the cohort itself: a criterion is met where an
organization stands in the better half of it. Nothing is learned from a label, and nothing is
shared with the simulators.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from classifiers.signals import Direction, signal_named
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

_SIGNS = {Direction.RISES: 1, Direction.FALLS: -1}
_HALF = 0.5


def published_rule_stages(
    reference_X: npt.ArrayLike, X: npt.ArrayLike, codes: Sequence[str]
) -> IntArray:
    """Stage code of each row of `X`: 1 plus the number of steps whose criteria it meets.

    A step between two stages is met where the mean rank of its signals among the reference rows,
    each taken in its published direction, is above one half. A step of which nothing was seen
    is not met; no signal speaks for the last step, so nobody reaches the last stage. Steps are
    counted, not climbed in order: many organizations jump over one.

    Args:
        reference_X: features of the cohort, signals first; NaN where missing.
        X: the rows to judge, same columns.
        codes: the signals, in the order of the first columns.

    Examples:
        >>> cohort = [[1.0, 0.1], [2.0, 0.2], [3.0, 0.3]]
        >>> codes = ["posts_per_week", "conversation_share"]
        >>> published_rule_stages(cohort, [[0.0, 0.0], [9.0, 0.0], [9.0, 0.9]], codes).tolist()
        [1, 2, 3]
    """
    reference, rows = (np.asarray(each, dtype=np.float64) for each in (reference_X, X))
    ranks = [_ranks(reference[:, at], rows[:, at], code) for at, code in enumerate(codes)]
    steps = range(1, len(Stage))
    is_met = [_is_met([ranks[at] for at in _signals_of(step, codes)], len(rows)) for step in steps]
    return np.asarray(1 + np.sum(is_met, axis=0), dtype=np.intp)


def steps_of(code: str) -> range:
    """The steps that a signal tells apart: 2 is the one from stage 2 to stage 3.

    Empty for a signal without a step, or without a direction.

    >>> list(steps_of("verified_share"))
    [2, 3]
    """
    signal = signal_named(code)
    bounds = [int(found) for found in re.findall(r"\d", signal.separates)]
    if not bounds or signal.direction not in _SIGNS:
        return range(0)
    return range(min(bounds), max(bounds))


def _signals_of(step: int, codes: Sequence[str]) -> list[int]:
    return [at for at, code in enumerate(codes) if step in steps_of(code)]


def _ranks(reference: FloatArray, values: FloatArray, code: str) -> FloatArray:
    """Share of the seen reference rows that a value is better than, ties by half."""
    sign = _SIGNS.get(signal_named(code).direction, 1)
    seen = np.sort(sign * reference[~np.isnan(reference)])
    if not len(seen):
        return np.full(len(values), np.nan)
    below = np.searchsorted(seen, sign * values, side="left")
    ranks = (below + np.searchsorted(seen, sign * values, side="right")) / (2 * len(seen))
    return np.where(np.isnan(values), np.nan, ranks)


def _is_met(ranks: list[FloatArray], row_count: int) -> npt.NDArray[np.bool_]:
    if not ranks:
        return np.zeros(row_count, dtype=bool)
    stacked = np.array(ranks)
    seen_count = (~np.isnan(stacked)).sum(axis=0)
    mean = np.nansum(stacked, axis=0) / np.maximum(seen_count, 1)
    is_met: npt.NDArray[np.bool_] = mean > _HALF
    return is_met
