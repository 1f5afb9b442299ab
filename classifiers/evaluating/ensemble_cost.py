"""What it costs to try the ensemble in every fold of an evaluation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.coldstart import FEWEST_ROWS, ColdStartOrdinalClassifier
from classifiers.evaluating.pipeline import CHOOSING_FOLD_COUNT, CLASSES
from classifiers.one_thread import one_thread

if TYPE_CHECKING:
    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.evaluating.pipeline import ColdStartPipeline

MOST_SECONDS = 900.0  #: that the ensemble may take; with more it is left out of "auto"

_FOLD_COUNT = 5


class EnsembleCost(NamedTuple):
    """What trying the ensemble would take on this machine."""

    seconds_a_repeat: float  #: in every fold of one repeat; 0 where folds have too few labels
    repeat_count: int

    @property
    def seconds(self) -> float:
        """For all repeats."""
        return self.seconds_a_repeat * self.repeat_count

    @property
    def is_affordable(self) -> bool:
        """Whether it is tried."""
        return 0 < self.seconds <= MOST_SECONDS

    @property
    def affordable_repeat_count(self) -> int:
        """With how many repeats it would be tried; 0 where one is too many already."""
        return int(MOST_SECONDS // self.seconds_a_repeat) if self.seconds_a_repeat else 0


def ensemble_cost(
    pipeline: ColdStartPipeline, table: LabelledTable, repeat_count: int
) -> EnsembleCost:
    """Fit the ensemble once, to as many labels as in a trial, and count how often that is done.

    In each fold: once for each fold of the choice, and once more when it is chosen.
    """
    training_count = len(table) * (_FOLD_COUNT - 1) // _FOLD_COUNT
    if training_count < FEWEST_ROWS["stack"]:
        return EnsembleCost(0.0, repeat_count)
    trial_count = training_count * (CHOOSING_FOLD_COUNT - 1) // CHOOSING_FOLD_COUNT
    seconds = _seconds_of_a_fit(pipeline, table, trial_count)
    return EnsembleCost(seconds * _FOLD_COUNT * (CHOOSING_FOLD_COUNT + 1), repeat_count)


def _seconds_of_a_fit(pipeline: ColdStartPipeline, table: LabelledTable, count: int) -> float:
    mixed = np.random.default_rng(0).permutation(len(table))
    part = table.rows(mixed[:count])
    own = ColdStartOrdinalClassifier(pipeline.simulator, source="stack", classes=CLASSES)
    start = time.perf_counter()
    with one_thread():
        own.fit(part.X, part.stage_codes, part.weights)
    return time.perf_counter() - start
