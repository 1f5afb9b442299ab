"""What speaks for and against each threshold, family by family of signals.

The log-odds of being above a threshold are a sum: what holds for an average organization, what
each family of signals that was seen adds or takes, what is inferred about signals that were not
seen, the size of the organization, and how far the doubt about what was not seen draws all this
towards even odds. What labels changed, where the model has seen any, is the last part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit

from classifiers.estimates import Contribution
from classifiers.features import families_of, feature_names
from classifiers.signals import signal_named

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.model import StageModel

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]

AVERAGE = "average"  #: an organization of which nothing is known
SIZE = "size"
NOT_SEEN = "not_seen"  #: what is inferred about signals that were not seen
DOUBT = "doubt"  #: what is not known about them draws towards even odds
LABELS = "labels"  #: what expert codes changed

_NEARLY_CERTAIN = 1e-9


def contributions_to(
    model: StageModel, matrix: FloatArray, probabilities: FloatArray
) -> list[tuple[Contribution, ...]]:
    """Parts of the log-odds of being above each threshold, for each row of `matrix`.

    The parts of a row add up to the log-odds that its `probabilities` say, up to where these
    are certain beyond nine digits.
    """
    parts = _parts(model, matrix, probabilities)
    shares = _seen_shares(model, matrix)
    names = list(parts)
    stacked = np.stack([parts[name] for name in names])
    return [
        tuple(
            Contribution(name, tuple(stacked[place, row].tolist()), shares[name][row])
            for place, name in enumerate(names)
        )
        for row in range(len(matrix))
    ]


def _parts(
    model: StageModel, matrix: FloatArray, probabilities: FloatArray
) -> dict[str, FloatArray]:
    evidence, position = model.evidence, model.evidence.predict_position(matrix)
    offsets = position.completed - evidence.mean_
    is_seen = ~np.isnan(matrix)
    average = evidence.coef_ @ evidence.mean_ - evidence.thresholds_
    parts = {AVERAGE: np.tile(average, (len(matrix), 1))}
    for name, columns in _columns(model).items():
        parts[name] = np.where(is_seen, offsets, 0.0)[:, columns] @ evidence.coef_[:, columns].T
    parts[NOT_SEEN] = np.where(is_seen, 0.0, offsets) @ evidence.coef_.T
    simulated = _log_odds_above(evidence.predict_proba(matrix))
    parts[DOUBT] = simulated - sum(parts.values())
    if model.classifier is not evidence:
        parts[LABELS] = _log_odds_above(probabilities) - simulated
    return parts


def _columns(model: StageModel) -> dict[str, BoolArray]:
    owners = np.array(_owners(model))
    return {name: owners == name for name in dict.fromkeys(owners.tolist())}


def _owners(model: StageModel) -> list[str]:
    codes = model.signal_codes
    names = feature_names(codes)[len(codes) :]
    return [signal_named(code).family for code in codes] + [
        name.removeprefix("absent_") if name.startswith("absent_") else SIZE for name in names
    ]


def _seen_shares(model: StageModel, matrix: FloatArray) -> dict[str, list[float | None]]:
    is_seen = ~np.isnan(matrix[:, : len(model.signal_codes)])
    families = np.array([signal_named(code).family for code in model.signal_codes])
    shares: dict[str, list[float | None]] = {
        name: is_seen[:, families == name].mean(axis=1).tolist()
        for name in families_of(model.signal_codes)
    }
    shares[SIZE] = (~np.isnan(matrix[:, -1])).astype(np.float64).tolist()
    nothing: list[float | None] = [None] * len(matrix)
    return {AVERAGE: nothing, NOT_SEEN: nothing, DOUBT: nothing, LABELS: nothing} | shares


def _log_odds_above(probabilities: FloatArray) -> FloatArray:
    below = np.cumsum(probabilities, axis=1)[:, :-1]
    log_odds: FloatArray = -logit(np.clip(below, _NEARLY_CERTAIN, 1 - _NEARLY_CERTAIN))
    return log_odds
