"""Which organizations to code next: those from whose label the model would learn most.

A label tells something of the parameters by which labels correct the simulation (`offset`): how
much, in expectation, is its Fisher information. Organizations are chosen one after another, each
with the largest gain in the determinant of what would be known by then (D-optimal design; Fedorov
1972, Theory of Optimal Experiments). So the second of two that are alike is worth little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit

from classifiers.coldstart import ColdStartOrdinalClassifier
from classifiers.offset import Correction, corrected_log_odds, cumulative_log_odds
from classifiers.one_thread import one_thread

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.model import StageModel

    FloatArray = npt.NDArray[np.float64]

_SMALLEST_SHARE = 1e-9


class Proposal(NamedTuple):
    """One organization to code: its row, and what its label is expected to tell."""

    row: int
    gain_bits: float  #: of information about the parameters, given those proposed before it


def propose_labels(
    model: StageModel, candidates: FloatArray, labelled: FloatArray, count: int
) -> list[Proposal]:
    """The `count` most telling rows of `candidates`, the most telling first.

    Args:
        model: gives the earlier estimate, and the precisions of the priors.
        candidates: matrix of features of organizations without a label.
        labelled: the same of organizations with one; may have no row.
        count: how many to propose; fewer when there are fewer candidates.
    """
    if not len(candidates):
        return []
    with one_thread():
        known = np.diag(_prior_precisions(model)) + _information(model, labelled)
        pieces = _pieces(model, candidates)
        proposals: list[Proposal] = []
        is_open = np.ones(len(candidates), dtype=np.bool_)
        for _ in range(min(count, len(candidates))):
            gains = np.where(is_open, _gains(known, pieces), -np.inf)
            best = int(gains.argmax())
            proposals.append(Proposal(best, float(gains[best] / np.log(2))))
            known = known + pieces[best].T @ pieces[best]
            is_open[best] = False
    return proposals


def _information(model: StageModel, rows: FloatArray) -> FloatArray | float:
    if not len(rows):
        return 0.0
    pieces = _pieces(model, rows)
    information: FloatArray = np.einsum("rkp,rkq->pq", pieces, pieces)
    return information


def _gains(known: FloatArray, pieces: FloatArray) -> FloatArray:
    spread = pieces @ np.linalg.inv(known) @ pieces.transpose(0, 2, 1)
    gains: FloatArray = 0.5 * np.linalg.slogdet(np.eye(spread.shape[1]) + spread)[1]
    return gains


def _pieces(model: StageModel, rows: FloatArray) -> FloatArray:
    """Roots of the expected information of each row, shape (n_rows, n_stages, n_parameters)."""
    log_odds = cumulative_log_odds(model.evidence.predict_proba(rows))
    features = model.evidence.complete(rows)
    below = expit(corrected_log_odds(_correction(model, log_odds.shape[1]), log_odds, features))
    density = below * (1 - below)
    by_edge = _edge_gradients(log_odds, features) * density[:, :, np.newaxis]
    by_stage = np.diff(np.pad(by_edge, ((0, 0), (1, 1), (0, 0))), axis=1)
    shares = np.diff(np.pad(below, ((0, 0), (1, 1)), constant_values=(0.0, 1.0)))
    roots: FloatArray = by_stage / np.sqrt(np.maximum(shares, _SMALLEST_SHARE))[:, :, np.newaxis]
    return roots


def _edge_gradients(log_odds: FloatArray, features: FloatArray) -> FloatArray:
    row_count, edge_count = log_odds.shape
    by_slope = log_odds[:, :, np.newaxis]
    by_shift = np.tile(np.eye(edge_count), (row_count, 1, 1))
    by_coef = np.repeat(-features[:, np.newaxis, :], edge_count, axis=1)
    return np.concatenate([by_slope, by_shift, by_coef], axis=2)


def _correction(model: StageModel, edge_count: int) -> Correction:
    found: Correction | None = getattr(model.classifier, "correction_", None)
    nothing = np.zeros(len(model.evidence.mean_))
    if found is None:
        return Correction(1.0, np.zeros(edge_count), nothing)
    return found if len(found.coef) else found._replace(coef=nothing)


def _prior_precisions(model: StageModel) -> FloatArray:
    own = model.classifier
    given = own if isinstance(own, ColdStartOrdinalClassifier) else ColdStartOrdinalClassifier()
    edge_count = len(model.evidence.thresholds_)
    counts = [1, edge_count, len(model.evidence.mean_)]
    return np.repeat([given.alpha_score, given.alpha_threshold, given.alpha_features], counts)
