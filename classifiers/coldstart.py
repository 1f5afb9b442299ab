"""The first estimator: trained on simulated worlds alone, before anyone has coded a stage.

It knows the signs and the order that the simulator assumes, and no organization. Its sets are
wide on purpose: they hold in nine of ten simulated worlds. It says what feeds can tell, which
separates Planning from the rest and little else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.pipeline import make_pipeline

from classifiers.abstention import (
    MINIMUM_COVERAGE_SHARE,
    AbstentionReason,
    abstain_for_evidence,
    abstain_for_width,
)
from classifiers.conformal import SetCalibration, StageSets, calibrate_sets
from classifiers.estimates import StageEstimate
from classifiers.features import (
    SignalScaler,
    feature_matrix,
    feature_matrix_of,
    feature_signs,
    logged_columns,
)
from classifiers.hotdeck import HotDeckClassifier
from classifiers.ordinal import CumulativeLinkClassifier, median_positions
from classifiers.signals import FEATURE_CODES
from classifiers.simulators.graded_response import simulate_organizations
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from sklearn.pipeline import Pipeline

    from classifiers.abstention import Abstention
    from classifiers.estimates import SignalRow
    from classifiers.simulators.worlds import SimulatedWorlds

    FloatArray = npt.NDArray[np.float64]

TRAINING_WORLD_COUNT = 80
CALIBRATION_WORLD_COUNT = 60
ORGANIZATIONS_PER_WORLD = 100

_KIND = "cold-start-1"
_DROPPED_SHARES = (0.0, 0.6)  # signals hidden per calibration world, from none to most


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStartModel:
    """A trained classifier with its calibrated sets and all that names it."""

    classifier: Pipeline  #: reads the matrix of `features` for `signal_codes`
    calibration: SetCalibration
    signal_codes: tuple[str, ...]
    seed: int
    model_version: str  #: kind and eight hex digits of the fitted numbers


def train_cold_start(seed: int = 0) -> ColdStartModel:
    """Train on simulated worlds and calibrate on others; the same seed gives the same model."""
    training_seed, calibration_seed, dropping_seed = np.random.SeedSequence(seed).spawn(3)
    training = _simulate(TRAINING_WORLD_COUNT, training_seed)
    classifier = build_classifier(FEATURE_CODES)
    classifier.fit(feature_matrix(training.values, training.reasons), training.stage_codes)
    calibrating = _simulate(CALIBRATION_WORLD_COUNT, calibration_seed)
    calibration = _calibrate(classifier, calibrating, np.random.default_rng(dropping_seed))
    return ColdStartModel(
        classifier=classifier,
        calibration=calibration,
        signal_codes=FEATURE_CODES,
        seed=seed,
        model_version=version_of(classifier, calibration, FEATURE_CODES),
    )


def build_classifier(codes: Sequence[str]) -> Pipeline:
    """An unfitted pipeline for these signals: scaling, hot deck, cumulative link model."""
    ordinal = CumulativeLinkClassifier(
        alpha=1.0,
        alpha_threshold=0.01,
        monotonic_cst=feature_signs(codes),
        classes=[int(stage) for stage in Stage],
    )
    return make_pipeline(
        SignalScaler(log_columns=logged_columns(codes)), HotDeckClassifier(ordinal)
    )


def estimate_stages(model: ColdStartModel, rows: Sequence[SignalRow]) -> list[StageEstimate]:
    """Observed stages in the order of `rows`, each with its sets or its abstention."""
    if not rows:
        return []
    matrix = feature_matrix_of(rows, model.signal_codes)
    probabilities = model.classifier.predict_proba(matrix)
    set80 = model.calibration.predict_set(probabilities, 0.8)
    set90 = model.calibration.predict_set(probabilities, 0.9)
    medians = median_positions(probabilities) + 1
    return [
        _estimate(model, row, _Drawn(shares, int(median), _at(set80, place), _at(set90, place)))
        for place, (row, shares, median) in enumerate(
            zip(rows, probabilities, medians, strict=True)
        )
    ]


def version_of(classifier: Pipeline, calibration: SetCalibration, codes: Sequence[str]) -> str:
    """Name of a trained model, from the numbers that decide its estimates (six digits each)."""
    scaler, deck = (step for _, step in classifier.steps)
    numbers = (
        scaler.scaler_.center_,
        scaler.scaler_.scale_,
        deck.donors_,
        deck.estimator_.coef_,
        deck.estimator_.thresholds_,
        [calibration.thresholds[level] for level in sorted(calibration.thresholds)],
    )
    content = [list(codes), *[np.round(each, 6).tolist() for each in numbers]]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return f"{_KIND}+{digest[:8]}"


def _simulate(world_count: int, seed: np.random.SeedSequence) -> SimulatedWorlds:
    worlds = simulate_organizations(
        world_count, ORGANIZATIONS_PER_WORLD, np.random.default_rng(seed)
    )
    return worlds.where(worlds.coverage_share >= MINIMUM_COVERAGE_SHARE)


def _calibrate(
    classifier: Pipeline, worlds: SimulatedWorlds, generator: np.random.Generator
) -> SetCalibration:
    matrix = feature_matrix(worlds.values, worlds.reasons)
    shares = generator.uniform(*_DROPPED_SHARES, CALIBRATION_WORLD_COUNT)[worlds.world_codes]
    is_dropped = generator.random(worlds.values.shape) < shares[:, np.newaxis]
    matrix[:, : worlds.values.shape[1]][is_dropped] = np.nan
    probabilities = classifier.predict_proba(matrix)
    return calibrate_sets(probabilities, worlds.stage_codes, worlds.world_codes)


class _Bounds(NamedTuple):
    low: int
    high: int


class _Drawn(NamedTuple):
    """What the model says of one organization before anyone asks whether to believe it."""

    probabilities: npt.NDArray[Any]
    median: int
    set80: _Bounds
    set90: _Bounds


def _at(sets: StageSets, place: int) -> _Bounds:
    return _Bounds(int(sets.low[place]), int(sets.high[place]))


def _estimate(model: ColdStartModel, row: SignalRow, drawn: _Drawn) -> StageEstimate:
    abstention = abstain_for_evidence(row, model.signal_codes)
    if abstention.reason == AbstentionReason.NOT_OBSERVABLE:
        return _not_observable(model, row, abstention)
    if not abstention.reason:
        abstention = abstain_for_width(*drawn.set90)
    return StageEstimate(
        organization_id=row.organization_id,
        probabilities=tuple(float(share) for share in drawn.probabilities),
        stage_code=drawn.median,
        set80_low=drawn.set80.low,
        set80_high=drawn.set80.high,
        set90_low=drawn.set90.low,
        set90_high=drawn.set90.high,
        is_abstained=bool(abstention.reason),
        abstention_reason=abstention.reason,
        abstention_text=abstention.text,
        model_version=model.model_version,
    )


def _not_observable(model: ColdStartModel, row: SignalRow, abstention: Abstention) -> StageEstimate:
    stage_count = len(Stage)
    return StageEstimate(
        organization_id=row.organization_id,
        probabilities=(1 / stage_count,) * stage_count,
        stage_code=None,
        set80_low=1,
        set80_high=stage_count,
        set90_low=1,
        set90_high=stage_count,
        is_abstained=True,
        abstention_reason=abstention.reason,
        abstention_text=abstention.text,
        model_version=model.model_version,
    )
