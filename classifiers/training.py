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

KIND = "cold-start-3"
TRAINING_WORLDS = (200, 40)  #: of each simulator, and organizations in each: worlds teach most
CALIBRATION_WORLDS = (60, 150)  #: the same; a rate in each world needs many organizations
WORLD_SHARE = 0.95  #: share of the calibration worlds in which the sets are to hold
FEWEST_FOR_A_RATE = 60  #: organizations of a calibration world that are seen well enough
UNUSUAL_SHARE = 0.001  #: share of the simulated organizations that count as unusual

# Chosen with an eye on how a model of one simulator does in worlds of the other, docs/shift.md.
_PRECISION = 300.0  # of slopes: rows of one world are no independent witnesses
_LIMIT = 1.0  # of a signal, in quartile ranges from the median: none decides alone
_GAP_DOUBT = 4.0  # signals hang together less in a world of another kind


def train_cold_start(seed: int = 0, simulators: Sequence[str] = SIMULATORS) -> StageModel:
    """Train on simulated worlds and calibrate on others; the same seed gives the same model.

    Args:
        seed: of all that chance decides.
        simulators: names of `simulators.SIMULATORS`; with one of them alone, the other can
            tell how the model does in worlds of a kind that it does not know.
    """
    seeds = np.random.SeedSequence(seed).spawn(2 * len(SIMULATORS))
    at = {name: place for place, name in enumerate(SIMULATORS)}
    training = [_simulate(name, TRAINING_WORLDS, seeds[2 * at[name]]) for name in simulators]
    unseen = [_simulate(name, CALIBRATION_WORLDS, seeds[2 * at[name] + 1]) for name in simulators]
    classifier = fit_evidence(join_simulated(training))
    calibration = _calibration_of(classifier, join_simulated(unseen), len(simulators))
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
    scaler = SignalScaler(logged_columns(FEATURE_CODES), share_columns(FEATURE_CODES), _LIMIT)
    return PartialEvidenceClassifier(
        scaler,
        alpha=_PRECISION,
        alpha_deviation=_PRECISION,
        gap_doubt=_GAP_DOUBT,
        monotonic_cst=feature_signs(FEATURE_CODES),
        classes=[int(stage) for stage in Stage],
    )


def fit_evidence(worlds: SimulatedWorlds) -> PartialEvidenceClassifier:
    """The classifier, fitted to simulated organizations."""
    return build_evidence().fit(matrix_of(worlds), worlds.stage_codes)


def matrix_of(worlds: SimulatedWorlds) -> FloatArray:
    """The matrix of features of simulated organizations."""
    return feature_matrix(worlds.values, worlds.reasons, worlds.size_codes, FEATURE_CODES)


def _simulate(name: str, counts: tuple[int, int], seed: np.random.SeedSequence) -> SimulatedWorlds:
    worlds = simulate_organizations(name, *counts, np.random.default_rng(seed))
    return worlds.where(worlds.coverage_share >= MINIMUM_COVERAGE_SHARE)


def _calibration_of(
    classifier: PartialEvidenceClassifier, worlds: SimulatedWorlds, kind_count: int
) -> SetCalibration:
    telling = worlds.where(np.bincount(worlds.world_codes)[worlds.world_codes] >= FEWEST_FOR_A_RATE)
    return calibrate_sets(
        classifier.predict_proba(matrix_of(telling)),
        telling.stage_codes,
        telling.world_codes,
        world_share=WORLD_SHARE,
        kept_share=1 / (kind_count + 1),  # one kind more than those: reality
    )


def _unusual_limit(classifier: PartialEvidenceClassifier, worlds: SimulatedWorlds) -> float:
    unusualness = classifier.unusualness(matrix_of(worlds), len(FEATURE_CODES))
    return float(np.quantile(unusualness, 1 - UNUSUAL_SHARE))
