"""Who trains and who is held out: by chance, again and again, and by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.out_of_fold import stratified_folds

if TYPE_CHECKING:
    from classifiers.evaluating.labelled_table import DayArray, IntArray, LabelledTable
    from classifiers.out_of_fold import Fold

FEWEST_TRAINING = 30  #: labels, for a split by time to say anything
FEWEST_HELD_OUT = 20
_TRAINING_SHARE = 0.6  # of the labels, where no day is given


def repeated_folds(
    table: LabelledTable, fold_count: int, repeat_count: int, seed: int = 0
) -> list[list[Fold]]:
    """Stratified group folds, dealt anew in every repeat; no group is ever on both sides."""
    generator = np.random.default_rng(seed)
    _, codes = np.unique(table.groups, return_inverse=True)
    return [
        stratified_folds(
            table.stage_codes - 1, fold_count, generator.permutation(codes.max() + 1)[codes]
        )
        for _ in range(repeat_count)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporalSplit:
    """Labels before a day, and labels from it on: of organizations known later, and of the same.

    Attributes:
        cut: the day; labels that speak of an earlier one train.
        training: positions of the rows before it.
        newcomers: from it on, of organizations first seen from it on, and in no group before.
        returning: from it on, of organizations that trained.
        why_not: why the split is not possible; "" where it is.
    """

    cut: str
    training: IntArray
    newcomers: IntArray
    returning: IntArray
    why_not: str


def temporal_split(table: LabelledTable, cut: str = "") -> TemporalSplit:
    """Split labels by the day that they speak of.

    Args:
        table: the labels.
        cut: a day as YYYY-MM-DD; "" takes the first that has three fifths of the labels before
            it.
    """
    day = np.datetime64(cut, "D") if cut else _usual_cut(table.about_days)
    is_before = table.about_days < day
    is_known = np.isin(table.groups, table.groups[is_before])
    is_new = ~is_before & ~is_known & (table.first_seen_days >= day)
    is_same = ~is_before & np.isin(table.organization_ids, table.organization_ids[is_before])
    split = [np.flatnonzero(each) for each in (is_before, is_new, is_same)]
    return TemporalSplit(
        cut=str(day),
        training=split[0],
        newcomers=split[1],
        returning=split[2],
        why_not=_why_not(len(split[0]), str(day)),
    )


def why_not_tested(held_out_count: int) -> str:
    """Why so few held-out labels say nothing; "" where they are enough."""
    if held_out_count >= FEWEST_HELD_OUT:
        return ""
    return f"{held_out_count} labels could be held out; {FEWEST_HELD_OUT} are needed"


def _usual_cut(days: DayArray) -> np.datetime64:
    ordered = np.sort(days)
    reached = ordered[min(int(_TRAINING_SHARE * len(ordered)), len(ordered) - 1)]
    if reached > ordered[0]:
        return np.datetime64(reached, "D")
    later = ordered[ordered > reached]
    return np.datetime64(later[0] if len(later) else reached, "D")


def _why_not(training_count: int, day: str) -> str:
    if training_count >= FEWEST_TRAINING:
        return ""
    return (
        f"{training_count} labels speak of a day before {day}; {FEWEST_TRAINING} are needed to "
        "train on"
    )
