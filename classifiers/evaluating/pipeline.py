"""The whole way from labels to stages and sets, as it is trained anew inside each fold."""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from classifiers.coldstart import (
    FEWEST_ROWS,
    SOURCES,
    ColdStartOrdinalClassifier,
    try_sources,
)
from classifiers.correcting import calibrated_by
from classifiers.one_thread import one_thread
from classifiers.out_of_fold import stratified_folds
from classifiers.stages import Stage
from classifiers.world_sets import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.coldstart import HeldOut
    from classifiers.evaluating.labelled_table import FloatArray, LabelledTable
    from classifiers.out_of_fold import Fold
    from classifiers.world_sets import SetCalibration

    BoolArray = npt.NDArray[np.bool_]

CLASSES = [stage.value for stage in Stage]
FEWEST_FOR_OWN_SETS = 50  #: labels; with fewer, sets stay those of the simulated worlds
CHOOSING_FOLD_COUNT = 5  #: folds inside the training rows, by which sources are chosen


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

    It is what `correcting.correct` does: sources are tried by cross-validation inside the
    training rows, and what the best of them said there of rows that it had not seen calibrates
    the sets.

    Args:
        simulator: classifier that was fitted to simulated worlds.
        calibration: sets of the simulated worlds, for fewer than `FEWEST_FOR_OWN_SETS` labels.
        source: one of `coldstart.SOURCES`, or "auto": the best by cross-validation inside the
            training rows.
        tried_sources: what "auto" tries, where there are rows enough.
        with_sets: False leaves them out, which is six times as fast where the source is given.
    """

    simulator: Any
    calibration: SetCalibration | None = None
    source: str = "auto"
    tried_sources: tuple[str, ...] = field(default=SOURCES, kw_only=True)
    with_sets: bool = field(default=True, kw_only=True)

    def __call__(self, training: LabelledTable, X: FloatArray) -> Drawn:
        """What a model trained on `training` says of the rows `X`."""
        with one_thread():
            tried = self._tried(training)
            chosen = next((held for held in reversed(tried) if held.trial.is_chosen), None)
            source = chosen.trial.source if chosen else self._source_without_trial()
            own = self._template(source)
            own.fit(training.X, training.stage_codes, training.weights)
            probabilities = own.predict_proba(X)
        return Drawn(probabilities, self._sets(training, chosen, probabilities), source)

    def fixed(self, source: str) -> ColdStartPipeline:
        """The same with one source and without sets: what many repetitions can afford."""
        return ColdStartPipeline(self.simulator, None, source, with_sets=False)

    def without(self, source: str) -> ColdStartPipeline:
        """The same, but "auto" does not try this source."""
        return replace(
            self, tried_sources=tuple(name for name in self.tried_sources if name != source)
        )

    def _template(self, source: str) -> ColdStartOrdinalClassifier:
        return ColdStartOrdinalClassifier(self.simulator, source=source, classes=CLASSES)

    def _tried(self, training: LabelledTable) -> list[HeldOut]:
        names = self._names(training)
        if not names or len(set(training.groups.tolist())) < FEWEST_ROWS["recalibrated"]:
            return []
        codes = training.stage_codes - 1
        folds = stratified_folds(codes, CHOOSING_FOLD_COUNT, training.groups)
        template = self._template(self.source)
        given = (training.X, training.stage_codes, training.weights)
        return try_sources(template, *given, folds, names)

    def _names(self, training: LabelledTable) -> list[str]:
        if self.source == "auto":
            return [name for name in self.tried_sources if len(training) >= FEWEST_ROWS[name]]
        return [self.source] if self._has_own_sets(training) else []

    def _source_without_trial(self) -> str:
        return "simulator" if self.source == "auto" else self.source

    def _has_own_sets(self, training: LabelledTable) -> bool:
        return self.with_sets and len(training) >= FEWEST_FOR_OWN_SETS

    def _sets(
        self, training: LabelledTable, chosen: HeldOut | None, probabilities: FloatArray
    ) -> dict[float, BoolArray]:
        if self.calibration is None or not self.with_sets:
            return {}
        calibration = self.calibration
        if chosen is not None and self._has_own_sets(training):
            calibration = calibrated_by(training, chosen.probabilities, calibration.score)
        return {level: held_in(calibration, probabilities, level) for level in LEVELS}


def held_in(calibration: SetCalibration, probabilities: FloatArray, level: float) -> BoolArray:
    """Which stages are in the set of each row, shape (n_rows, n_stages)."""
    found = calibration.predict_set(probabilities, level)
    places = np.array(CLASSES)
    return (places >= found.low[:, np.newaxis]) & (places <= found.high[:, np.newaxis])


def out_of_fold(pipeline: Pipeline, table: LabelledTable, folds: Sequence[Fold]) -> Drawn:
    """What is said of each row by the model that has not seen its group."""
    return out_of_fold_views(pipeline, table, folds, [table.X])[0]


def out_of_fold_views(
    pipeline: Pipeline, table: LabelledTable, folds: Sequence[Fold], views: Sequence[FloatArray]
) -> list[Drawn]:
    """The same for several views of the rows, each shaped as `table.X`, by the same models.

    Models are always trained on the rows of `table` as they are.
    """
    shape = (len(views), len(table), len(CLASSES))
    probabilities = np.zeros(shape)
    sets: dict[float, BoolArray] = {}
    sources = set()
    for training, held_out in folds:
        asked = np.vstack([view[held_out] for view in views])
        drawn = pipeline(table.rows(training), asked)
        probabilities[:, held_out] = drawn.probabilities.reshape(len(views), -1, len(CLASSES))
        sources.add(drawn.source)
        for level, is_in_set in drawn.sets.items():
            whole = sets.setdefault(level, np.ones(shape, dtype=bool))
            whole[:, held_out] = is_in_set.reshape(len(views), -1, len(CLASSES))
    source = ", ".join(sorted(sources))
    by_view = [{level: whole[at] for level, whole in sets.items()} for at in range(len(views))]
    return [Drawn(probabilities[at], by_view[at], source) for at in range(len(views))]
