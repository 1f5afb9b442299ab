"""Training with labels: the cold start, corrected by what raters said.

Every labelled organization is estimated by a model that has not seen its label: the folds that
calibrate the sets are kept with the model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.base import clone

from classifiers.coldstart import FEWEST_ROWS, ColdStartOrdinalClassifier, try_sources
from classifiers.model import version_of
from classifiers.nonconformity import score_threshold, scores_by
from classifiers.one_thread import one_thread
from classifiers.out_of_fold import stratified_folds
from classifiers.stages import Stage
from classifiers.world_sets import LEVELS, SetCalibration

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.coldstart import HeldOut
    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.model import StageModel
    from classifiers.out_of_fold import Fold

    FloatArray = npt.NDArray[np.float64]

FEWEST_FOR_OWN_SETS = 50  #: labels; with fewer, sets stay those of the simulated worlds

_FOLD_COUNT = 5
_CLASSES = tuple(stage.value for stage in Stage)


class Corrected(NamedTuple):
    """A corrected model, and what it said of the labels that taught it."""

    model: StageModel
    probabilities: FloatArray | None  #: of the labelled rows, out of fold; None without folds


def correct(cold: StageModel, table: LabelledTable, source: str = "auto") -> StageModel:
    """The cold-start model, corrected by labels.

    Args:
        cold: a model of simulated worlds alone.
        table: labelled organizations, with the features measured by the day of each label.
        source: one of `coldstart.SOURCES`, or "auto" to decide by cross-validation.

    Returns:
        A model whose sets are calibrated on the labels when there are enough, and which knows
        which organizations it has seen. With few labels of one organization or two it equals
        the cold start.
    """
    return corrected(cold, table, source).model


def corrected(cold: StageModel, table: LabelledTable, source: str = "auto") -> Corrected:
    """The same (see `correct`), with the probabilities that it was chosen by."""
    template = ColdStartOrdinalClassifier(cold.evidence, source=source, classes=_CLASSES)
    with one_thread():
        folds = _folds(table)
        tried = _tried(template, table, folds, source)
        chosen = next((held for held in reversed(tried) if held.trial.is_chosen), None)
        name = chosen.trial.source if chosen else _source_without_trial(source)
        classifier = clone(template).set_params(source=name)
        classifier.fit(table.X, table.stage_codes, table.weights)
    classifier.trials_ = [held.trial for held in tried]
    probabilities = None if chosen is None else chosen.probabilities
    calibration = calibrated_on(cold, table, probabilities)
    is_seen = chosen is not None and name != "simulator"
    model = replace(
        cold,
        classifier=classifier,
        calibration=calibration,
        source=name,
        label_counts=table.stage_counts,
        model_version=version_of(
            f"{name}-{len(table)}", classifier, calibration, cold.signal_codes
        ),
        fold_classifiers=chosen.classifiers if chosen and is_seen else (),
        fold_of=_fold_of(table, folds) if is_seen else {},
    )
    return Corrected(model, probabilities)


def _folds(table: LabelledTable) -> list[Fold]:
    if len(set(table.groups.tolist())) < FEWEST_ROWS["recalibrated"]:
        return []
    return stratified_folds(table.stage_codes - 1, _FOLD_COUNT, table.groups)


def _tried(
    template: ColdStartOrdinalClassifier, table: LabelledTable, folds: list[Fold], source: str
) -> list[HeldOut]:
    if not folds:
        return []
    names = None if source == "auto" else [source]
    return try_sources(template, table.X, table.stage_codes, table.weights, folds, names)


def _source_without_trial(source: str) -> str:
    return "simulator" if source == "auto" else source


def _fold_of(table: LabelledTable, folds: list[Fold]) -> dict[str, int]:
    ids = table.organization_ids
    return {name: at for at, (_, held_out) in enumerate(folds) for name in ids[held_out].tolist()}


def calibrated_on(
    cold: StageModel, table: LabelledTable, probabilities: FloatArray | None
) -> SetCalibration:
    """Sets that hold the labels at their rate; those of the cold start while labels are few.

    Args:
        cold: whose sets hold across simulated worlds.
        table: labelled organizations.
        probabilities: of its rows, by models that have not seen their labels; None if none are.
    """
    if len(table) < FEWEST_FOR_OWN_SETS or probabilities is None:
        return cold.calibration
    return calibrated_by(table, probabilities, cold.calibration.score)


def calibrated_by(table: LabelledTable, probabilities: FloatArray, score: str) -> SetCalibration:
    """Sets that hold the labels of `table` at their rate, however few these are."""
    own = scores_by(score, probabilities)[np.arange(len(table)), table.stage_codes - 1]
    thresholds = {level: score_threshold(own, level, table.weights) for level in LEVELS}
    return SetCalibration(thresholds=thresholds, score=score)
