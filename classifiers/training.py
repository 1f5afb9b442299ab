"""Training before anyone has coded a stage: from simulated worlds of two unlike kinds.

The classifier learns from worlds of both simulators, and its sets have to hold in nearly every
world of either kind that it has not seen: reality is one world, of a third kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.abstention import MINIMUM_COVERAGE_SHARE
from classifiers.features import (
    SignalScaler,
    feature_matrix,
    feature_signs,
    logged_columns,
    share_columns,
)
from classifiers.model import StageModel, version_of
from classifiers.partial_evidence import PartialEvidenceClassifier
from classifiers.signals import FEATURE_CODES
from classifiers.simulators import SIMULATORS, simulate_organizations
from classifiers.simulators.worlds import join_simulated
from classifiers.stages import Stage
from classifiers.world_sets import calibrate_sets

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.simulators.worlds import SimulatedWorlds
    from classifiers.world_sets import SetCalibration

    FloatArray = npt.NDArray[np.float64]

KIND = "cold-start-2"
TRAINING_WORLD_COUNT = 40  #: of each simulator
CALIBRATION_WORLD_COUNT = 40  #: of each simulator
ORGANIZATIONS_PER_WORLD = 100
WORLD_SHARE = 0.97  #: share of the calibration worlds in which the sets are to hold
UNUSUAL_SHARE = 0.001  #: share of the simulated organizations that count as unusual


def train_cold_start(seed: int = 0, simulators: Sequence[str] = SIMULATORS) -> StageModel:
    """Train on simulated worlds and calibrate on others; the same seed gives the same model.

    Args:
        seed: of all that chance decides.
        simulators: names of `simulators.SIMULATORS`; with one of them alone, the other can
            tell how the model does in worlds of a kind that it does not know.
    """
    seeds = np.random.SeedSequence(seed).spawn(2 * len(SIMULATORS))
    at = {name: place for place, name in enumerate(SIMULATORS)}
    training = [_simulate(name, TRAINING_WORLD_COUNT, seeds[2 * at[name]]) for name in simulators]
    unseen = [
        _simulate(name, CALIBRATION_WORLD_COUNT, seeds[2 * at[name] + 1]) for name in simulators
    ]
    classifier = fit_evidence(join_simulated(training))
    calibration = _calibration_of(classifier, join_simulated(unseen))
    return StageModel(
        classifier=classifier,
        evidence=classifier,
        calibration=calibration,
        unusual_limit=_unusual_limit(classifier, join_simulated(unseen)),
        signal_codes=FEATURE_CODES,
        source="simulator",
        seed=seed,
        model_version=version_of(KIND, classifier, calibration, FEATURE_CODES),
    )


def build_evidence() -> PartialEvidenceClassifier:
    """The unfitted classifier for the signals of `FEATURE_CODES`."""
    scaler = SignalScaler(logged_columns(FEATURE_CODES), share_columns(FEATURE_CODES))
    return PartialEvidenceClassifier(
        scaler,
        monotonic_cst=feature_signs(FEATURE_CODES),
        classes=[int(stage) for stage in Stage],
    )


def fit_evidence(worlds: SimulatedWorlds) -> PartialEvidenceClassifier:
    """The classifier, fitted to simulated organizations."""
    return build_evidence().fit(matrix_of(worlds), worlds.stage_codes)


def matrix_of(worlds: SimulatedWorlds) -> FloatArray:
    """The matrix of features of simulated organizations."""
    return feature_matrix(worlds.values, worlds.reasons, worlds.size_codes, FEATURE_CODES)


def _simulate(name: str, world_count: int, seed: np.random.SeedSequence) -> SimulatedWorlds:
    worlds = simulate_organizations(
        name, world_count, ORGANIZATIONS_PER_WORLD, np.random.default_rng(seed)
    )
    return worlds.where(worlds.coverage_share >= MINIMUM_COVERAGE_SHARE)


def _calibration_of(
    classifier: PartialEvidenceClassifier, worlds: SimulatedWorlds
) -> SetCalibration:
    return calibrate_sets(
        classifier.predict_proba(matrix_of(worlds)),
        worlds.stage_codes,
        worlds.world_codes,
        world_share=WORLD_SHARE,
    )


def _unusual_limit(classifier: PartialEvidenceClassifier, worlds: SimulatedWorlds) -> float:
    unusualness = classifier.unusualness(matrix_of(worlds), len(FEATURE_CODES))
    return float(np.quantile(unusualness, 1 - UNUSUAL_SHARE))
