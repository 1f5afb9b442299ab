"""Estimating: from measured signals to observed stages, each with its sets or its abstention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from classifiers.abstention import (
    AbstentionReason,
    abstain_for_evidence,
    abstain_for_inbound,
    abstain_for_width,
    abstain_outside,
)
from classifiers.contributions import contributions_to
from classifiers.decisions import median_positions
from classifiers.estimates import StageEstimate
from classifiers.features import feature_matrix_of
from classifiers.stages import Stage, point_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.abstention import Abstention
    from classifiers.estimates import Contribution, SignalRow
    from classifiers.model import StageModel
    from classifiers.world_sets import StageSets

    FloatArray = npt.NDArray[np.float64]


def estimate_stages(model: StageModel, rows: Sequence[SignalRow]) -> list[StageEstimate]:
    """Observed stages in the order of `rows`, each with its sets or its abstention."""
    if not rows:
        return []
    matrix = feature_matrix_of(rows, model.signal_codes)
    probabilities = _probabilities(model, rows, matrix)
    sets = [model.calibration.predict_set(probabilities, level) for level in (0.8, 0.9)]
    medians = median_positions(probabilities) + 1
    unusualness = model.evidence.unusualness(matrix, len(model.signal_codes))
    parts = contributions_to(model, matrix, probabilities)
    return [
        _estimate(
            model,
            row,
            _Drawn(
                probabilities[at],
                int(medians[at]),
                _at(sets[0], at),
                _at(sets[1], at),
                bool(unusualness[at] > model.unusual_limit),
                parts[at],
            ),
        )
        for at, row in enumerate(rows)
    ]


def _probabilities(model: StageModel, rows: Sequence[SignalRow], matrix: FloatArray) -> FloatArray:
    """Of an organization with a label from the model that has not seen it."""
    probabilities: FloatArray = model.classifier.predict_proba(matrix)
    folds = np.array([model.fold_of.get(row.organization_id, -1) for row in rows])
    for fold, classifier in enumerate(model.fold_classifiers):
        own = folds == fold
        if own.any():
            probabilities[own] = classifier.predict_proba(matrix[own])
    return probabilities


class _Bounds(NamedTuple):
    low: int
    high: int


class _Drawn(NamedTuple):
    """What the model says of one organization before anyone asks whether to believe it."""

    probabilities: npt.NDArray[Any]
    median: int
    set80: _Bounds
    set90: _Bounds
    is_unusual: bool
    contributions: tuple[Contribution, ...]


def _at(sets: StageSets, place: int) -> _Bounds:
    return _Bounds(int(sets.low[place]), int(sets.high[place]))


def _estimate(model: StageModel, row: SignalRow, drawn: _Drawn) -> StageEstimate:
    abstention = _abstention(model, row, drawn)
    if abstention.reason == AbstentionReason.NOT_OBSERVABLE:
        return _not_observable(model, row, abstention)
    return StageEstimate(
        organization_id=row.organization_id,
        probabilities=tuple(float(share) for share in drawn.probabilities),
        stage_code=drawn.median,
        stage_label=point_label(drawn.median, model.label_counts),
        set80_low=drawn.set80.low,
        set80_high=drawn.set80.high,
        set90_low=drawn.set90.low,
        set90_high=drawn.set90.high,
        is_abstained=bool(abstention.reason),
        abstention_reason=abstention.reason,
        abstention_text=abstention.text,
        contributions=drawn.contributions,
        model_version=model.model_version,
        is_out_of_fold=row.organization_id in model.fold_of,
        saw_claim=row.organization_id in model.claiming,
    )


def _abstention(model: StageModel, row: SignalRow, drawn: _Drawn) -> Abstention:
    reasons = (
        abstain_for_evidence(row, model.signal_codes),
        abstain_outside(is_outside=drawn.is_unusual),
        abstain_for_inbound(row, *drawn.set90),
        abstain_for_width(*drawn.set90, model.label_counts),
    )
    return next((each for each in reasons if each.reason), reasons[-1])


def _not_observable(model: StageModel, row: SignalRow, abstention: Abstention) -> StageEstimate:
    stage_count = len(Stage)
    return StageEstimate(
        organization_id=row.organization_id,
        probabilities=(1 / stage_count,) * stage_count,
        stage_code=None,
        stage_label="",
        set80_low=1,
        set80_high=stage_count,
        set90_low=1,
        set90_high=stage_count,
        is_abstained=True,
        abstention_reason=abstention.reason,
        abstention_text=abstention.text,
        contributions=(),
        model_version=model.model_version,
    )
