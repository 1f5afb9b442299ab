"""The whole way from labels to stages and sets, as it is trained anew inside each fold."""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from classifiers.coldstart import FEWEST_ROWS, ColdStartOrdinalClassifier
from classifiers.conformal import OrdinalConformalClassifier
from classifiers.metrics import ranked_probability_score
from classifiers.one_thread import one_thread
from classifiers.out_of_fold import out_of_fold_probabilities, stratified_folds
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.evaluating.labelled_table import FloatArray, LabelledTable
    from classifiers.out_of_fold import Fold
    from classifiers.world_sets import SetCalibration

    BoolArray = npt.NDArray[np.bool_]

CLASSES = [stage.value for stage in Stage]
LEVELS = (0.8, 0.9)  #: of the sets
FEWEST_FOR_OWN_SETS = 50  #: labels; with fewer, sets stay those of the simulated worlds
#: The sources of `coldstart` that "auto" tries here. The ensemble takes minutes a fold, so it is
#: evaluated when it is asked for by name.
QUICK_SOURCES = ("simulator", "recalibrated", "offset")

_CHOOSING_FOLD_COUNT = 5


class Drawn(NamedTuple):
    """What is said of held-out rows."""

    probabilities: FloatArray  #: shape (n_rows, n_stages)
    sets: dict[float, BoolArray]  #: by level, same shape; empty where there are none
    source: str  #: which of `coldstart.SOURCES` said it; "" for a baseline


class Pipeline(Protocol):
    """Trains on one table, and speaks of rows that it has not seen."""

    def __call__(self, training: LabelledTable, X: FloatArray) -> Drawn:
        """What a model trained on `training` says of the rows `X`."""


@dataclass(frozen=True, slots=True)
class ColdStartPipeline:
    """The cold start, corrected by labels, with its sets.

    Args:
        simulator: classifier that was fitted to simulated worlds.
        calibration: sets of the simulated worlds, for fewer than `FEWEST_FOR_OWN_SETS` labels.
        source: one of `coldstart.SOURCES`, or "auto": the best of `QUICK_SOURCES` by
            cross-validation inside the training rows.
        with_sets: False leaves them out, which is five times as fast.
    """

    simulator: Any
    calibration: SetCalibration | None = None
    source: str = "auto"
    with_sets: bool = field(default=True, kw_only=True)

    def __call__(self, training: LabelledTable, X: FloatArray) -> Drawn:
        """What a model trained on `training` says of the rows `X`."""
        with one_thread():
            source = self._chosen_source(training)
            own = ColdStartOrdinalClassifier(self.simulator, source=source, classes=CLASSES)
            given = (training.X, training.stage_codes, training.weights)
            if not self.with_sets or len(training) < FEWEST_FOR_OWN_SETS:
                probabilities = own.fit(*given).predict_proba(X)
                return Drawn(probabilities, self._world_sets(probabilities), source)
            wrapped = OrdinalConformalClassifier(own).fit(*given, groups=training.groups)
            sets = {level: wrapped.predict_set(X, alpha=1 - level) for level in LEVELS}
            return Drawn(wrapped.predict_proba(X), sets, source)

    def fixed(self, source: str) -> ColdStartPipeline:
        """The same with one source and without sets: what many repetitions can afford."""
        return ColdStartPipeline(self.simulator, None, source, with_sets=False)

    def _chosen_source(self, training: LabelledTable) -> str:
        if self.source != "auto":
            return self.source
        tried = [name for name in QUICK_SOURCES if len(training) >= FEWEST_ROWS[name]]
        if len(tried) == 1 or len(set(training.groups.tolist())) < _CHOOSING_FOLD_COUNT:
            return tried[0]
        codes = training.stage_codes - 1
        folds = stratified_folds(codes, _CHOOSING_FOLD_COUNT, training.groups)
        return min(tried, key=lambda name: self._score_of(name, training, folds))

    def _score_of(self, source: str, training: LabelledTable, folds: Sequence[Fold]) -> float:
        own = ColdStartOrdinalClassifier(self.simulator, source=source, classes=CLASSES)
        drawn = out_of_fold_probabilities(
            own,
            training.X,
            training.stage_codes,
            training.weights,
            classes=np.array(CLASSES),
            folds=folds,
        )
        return ranked_probability_score(
            training.stage_codes, drawn, classes=CLASSES, sample_weight=training.weights
        )

    def _world_sets(self, probabilities: FloatArray) -> dict[float, BoolArray]:
        if self.calibration is None or not self.with_sets:
            return {}
        places = np.array(CLASSES)
        found = {level: self.calibration.predict_set(probabilities, level) for level in LEVELS}
        return {
            level: (places >= sets.low[:, np.newaxis]) & (places <= sets.high[:, np.newaxis])
            for level, sets in found.items()
        }


def out_of_fold(pipeline: Pipeline, table: LabelledTable, folds: Sequence[Fold]) -> Drawn:
    """What is said of each row by the model that has not seen its group."""
    probabilities = np.zeros((len(table), len(CLASSES)))
    sets: dict[float, BoolArray] = {}
    sources = set()
    for training, held_out in folds:
        drawn = pipeline(table.rows(training), table.X[held_out])
        probabilities[held_out] = drawn.probabilities
        sources.add(drawn.source)
        for level, is_in_set in drawn.sets.items():
            whole = sets.setdefault(level, np.ones((len(table), len(CLASSES)), dtype=bool))
            whole[held_out] = is_in_set
    return Drawn(probabilities, sets, ", ".join(sorted(sources)))
