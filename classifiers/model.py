"""A trained model: a classifier, its calibrated sets, and all that names it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.features import feature_names
from classifiers.signals import signal_named
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from classifiers.partial_evidence import PartialEvidenceClassifier
    from classifiers.world_sets import SetCalibration

    FloatArray = npt.NDArray[np.float64]

_PROBE_ROW_COUNT = 64
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class StageModel:
    """All that is needed to estimate observed stages.

    Attributes:
        classifier: gives the probabilities; reads the matrix of `features` for `signal_codes`.
        evidence: the linear part, trained on simulated worlds; explains by family of signals
            and knows how unusual a row is.
        calibration: thresholds of the prediction sets.
        unusual_limit: rows more unusual than this lie outside the training population.
        signal_codes: the signals, in the order of the columns.
        source: one of `coldstart.SOURCES`: what labels were allowed to say.
        label_counts: labels trained on, by stage 1 to 6.
        seed: of the simulated worlds.
        model_version: kind and eight hex digits of what it says.
        fold_classifiers: the same, each trained without one fold of the labelled
            organizations; empty without labels.
        fold_of: which of these has not seen a labelled organization.
        claiming: organizations whose self-assessment it was trained on.
    """

    classifier: Any
    evidence: PartialEvidenceClassifier
    calibration: SetCalibration
    unusual_limit: float
    signal_codes: tuple[str, ...]
    source: str
    label_counts: tuple[int, ...] = (0,) * len(Stage)
    seed: int
    model_version: str
    fold_classifiers: tuple[Any, ...] = ()
    fold_of: Mapping[str, int] = field(default_factory=dict)
    claiming: frozenset[str] = frozenset()


def version_of(
    kind: str,
    classifier: Any,  # noqa: ANN401 - scikit-learn publishes no types
    calibration: SetCalibration,
    codes: tuple[str, ...],
) -> str:
    """Name of a trained model, from what it says of invented rows (six digits each)."""
    probabilities = classifier.predict_proba(_probe(codes))
    thresholds = {str(level): mass for level, mass in sorted(calibration.thresholds.items())}
    content = [
        list(codes),
        np.round(probabilities, _DIGITS).tolist(),
        {level: round(mass, _DIGITS) for level, mass in thresholds.items()},
        calibration.score,
    ]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return f"{kind}+{digest[:8]}"


@cache
def _probe(codes: tuple[str, ...]) -> FloatArray:
    """Rows that reach every feature, with gaps."""
    generator = np.random.default_rng(0)
    rows = generator.random((_PROBE_ROW_COUNT, len(feature_names(codes))))
    counted = [at for at, code in enumerate(codes) if signal_named(code).unit != "share"]
    rows[:, counted] = np.exp(4 * rows[:, counted]) - 1
    rows[generator.random(rows.shape) < 0.3] = np.nan  # noqa: PLR2004 - enough gaps of each kind
    return rows
