"""What missing features may be, given those that were seen: a joint normal distribution.

The distribution is taken from rows with gaps, pair by pair, and drawn towards independence
until it is one (Ledoit and Wolf 2004, A well-conditioned estimator for large-dimensional
covariance matrices, Journal of Multivariate Analysis 88, draw the same way). For a row with
gaps it gives what each gap is expected to hold, and how uncertain a weighted sum of them is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.one_thread import one_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

_CHUNK_ROW_COUNT = 1000  # bounds memory: rows x features x features
_SMALLEST_PAIR_COUNT = 20.0  # observed pairs at which half of a covariance is believed
_SMALLEST_EIGENVALUE = 1e-2


class JointNormal(NamedTuple):
    """Means and covariances of features."""

    mean: FloatArray
    covariance: FloatArray


class Completed(NamedTuple):
    """Rows whose gaps are filled with what they are expected to hold.

    `sum_variance` (n_rows, n_sums) is the variance of `row . weights` that the gaps leave, 0 for
    a row without.
    """

    rows: FloatArray
    sum_variance: FloatArray


def joint_normal_of(rows: FloatArray) -> JointNormal:
    """The joint distribution of features from `rows` (n_rows, n_features) with gaps (NaN).

    A feature that is never seen has mean 0, variance 1 and no relation to the others.
    """
    is_seen = ~np.isnan(rows)
    counts = is_seen.sum(axis=0)
    mean = np.where(is_seen, rows, 0.0).sum(axis=0) / np.maximum(counts, 1)
    centred = np.where(is_seen, rows - mean, 0.0)
    seen = is_seen.astype(np.float64)
    pair_counts = seen.T @ seen
    covariance = centred.T @ centred / np.maximum(pair_counts, 1.0)
    variance = np.where(counts > 1, np.diag(covariance), 1.0)
    belief = pair_counts / (pair_counts + _SMALLEST_PAIR_COUNT)
    np.fill_diagonal(belief, 1.0)
    covariance *= belief
    np.fill_diagonal(covariance, np.maximum(variance, _SMALLEST_EIGENVALUE))
    return JointNormal(mean, _made_positive(covariance))


def complete(joint: JointNormal, rows: FloatArray, weights: FloatArray) -> Completed:
    """Fill the gaps of `rows`; `weights` (n_features, n_sums) are of the sums asked about."""
    filled, variance = np.array(rows), np.zeros((len(rows), weights.shape[1]))
    with_gaps = np.flatnonzero(np.isnan(rows).any(axis=1))
    with one_thread():
        for chunk in _chunks(with_gaps):
            filled[chunk], variance[chunk] = _complete_chunk(joint, rows[chunk], weights)
    return Completed(filled, variance)


def distance_from(joint: JointNormal, rows: FloatArray) -> FloatArray:
    """How unusual the seen part of each row is: near standard normal for usual rows.

    Fisher's root of the squared Mahalanobis distance, sqrt(2 d2) - sqrt(2 k - 1) with k
    features seen; 0 for a row of which nothing was seen.
    """
    distance = np.zeros(len(rows))
    with one_thread():
        for chunk in _chunks(np.arange(len(rows))):
            distance[chunk] = _distance_chunk(joint, rows[chunk])
    return distance


def _distance_chunk(joint: JointNormal, rows: FloatArray) -> FloatArray:
    is_seen = ~np.isnan(rows)
    offsets = np.where(is_seen, rows - joint.mean, 0.0)
    solved = _solve(joint, is_seen, offsets[:, :, np.newaxis])[:, :, 0]
    squared = np.maximum((solved * offsets).sum(axis=1), 0.0)
    seen_count = is_seen.sum(axis=1)
    root = np.sqrt(2 * squared) - np.sqrt(np.maximum(2 * seen_count - 1, 0))
    return np.where(seen_count > 0, root, 0.0)


def _complete_chunk(
    joint: JointNormal, rows: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    is_seen = ~np.isnan(rows)[:, :, np.newaxis]
    offsets = np.where(is_seen[:, :, 0], rows - joint.mean, 0.0)[:, :, np.newaxis]
    unseen_weights = np.where(is_seen, 0.0, weights)
    spread = joint.covariance @ unseen_weights
    shared = np.where(is_seen, spread, 0.0)
    solved = _solve(joint, is_seen[:, :, 0], np.concatenate([offsets, shared], axis=2))
    expected = joint.mean + solved[:, :, 0] @ joint.covariance
    variance = (spread * unseen_weights).sum(axis=1) - (shared * solved[:, :, 1:]).sum(axis=1)
    return np.where(is_seen[:, :, 0], rows, expected), np.maximum(variance, 0.0)


def _solve(joint: JointNormal, is_seen: npt.NDArray[np.bool_], right: FloatArray) -> FloatArray:
    # The covariance of what was seen, with ones for the rest: all rows keep one shape.
    both_seen = is_seen[:, :, np.newaxis] & is_seen[:, np.newaxis, :]
    blocks = np.where(both_seen, joint.covariance, np.eye(len(joint.mean)))
    return np.asarray(np.linalg.solve(blocks, right), dtype=np.float64)


def _made_positive(covariance: FloatArray) -> FloatArray:
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    smallest = np.linalg.eigvalsh(correlation)[0]
    drawn = max(0.0, (_SMALLEST_EIGENVALUE - smallest) / (1 - smallest))
    correlation = (1 - drawn) * correlation + drawn * np.eye(len(scale))
    positive: FloatArray = correlation * np.outer(scale, scale)
    return positive


def _chunks(positions: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    for start in range(0, len(positions), _CHUNK_ROW_COUNT):
        yield positions[start : start + _CHUNK_ROW_COUNT]
