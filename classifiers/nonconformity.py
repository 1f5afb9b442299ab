"""How badly a stage fits a prediction, and the sets of neighbouring stages that follow.

A nonconformity score gives every stage of every row a number; the set of a row holds the stages
whose score does not pass a threshold. Both scores here grow outward along the ladder, so that
such sets never have a hole. Scores lie between 0 and 1, and a threshold of 1 takes in all stages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]

EVERY_STAGE = 1.0  #: threshold that no score passes

_ROUNDING = 1e-9  # so that 0.9 of 10 rows is 9 rows


def greedy_scores(probabilities: FloatArray) -> FloatArray:
    """Mass that a growing set holds just before it takes in each stage; 0 for the first.

    The set starts at the most probable stage and grows to the more probable neighbour (Lu,
    Angelopoulos and Pomerantz 2022, Improving trustworthiness of AI disease severity rating in
    medical imaging with ordinal conformal prediction sets).

    Args:
        probabilities: of each stage, shape (n_rows, n_stages).

    Returns:
        Scores of the same shape, between 0 and 1.

    Examples:
        >>> greedy_scores(np.array([[0.1, 0.2, 0.4, 0.3]])).round(1).tolist()
        [[0.9, 0.7, 0.0, 0.4]]
    """
    row_count, stage_count = probabilities.shape
    rows = np.arange(row_count)
    padded = np.pad(probabilities, ((0, 0), (1, 1)), constant_values=-1.0)
    low = high = probabilities.argmax(axis=1) + 1
    masses = np.zeros((row_count, stage_count + 2))
    mass = padded[rows, low]
    for _ in range(stage_count - 1):
        is_downward = padded[rows, low - 1] >= padded[rows, high + 1]
        low, high = low - is_downward, high + ~is_downward
        taken = np.where(is_downward, low, high)
        masses[rows, taken] = mass
        mass = mass + padded[rows, taken]
    return np.minimum(masses[:, 1:-1], EVERY_STAGE)


def rps_scores(probabilities: FloatArray) -> FloatArray:
    """Ranked probability score of each stage, if it were the true one; least at the median.

    The mean over the thresholds between stages of the squared distance between the predicted
    cumulative probability and that of certainty (Haas, Killmaier, Javanmardi and Huellermeier
    2026, arXiv 2606.24959).

    Args:
        probabilities: of each stage, shape (n_rows, n_stages).

    Returns:
        Scores of the same shape, between 0 and 1.

    Examples:
        >>> rps_scores(np.array([[0.0, 0.5, 0.5]])).tolist()
        [[0.625, 0.125, 0.125]]
    """
    stage_count = probabilities.shape[1]
    cumulative = np.minimum(np.cumsum(probabilities, axis=1)[:, :-1], 1.0)
    is_at_or_above = np.tri(stage_count, stage_count - 1, -1) == 0  # stage, threshold
    distances = cumulative[:, np.newaxis, :] - is_at_or_above
    scores: FloatArray = np.mean(distances**2, axis=2)
    return scores


#: scores of all stages from probabilities, by name
SCORES: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "greedy": greedy_scores,
    "rps": rps_scores,
}


def scores_by(name: str, probabilities: FloatArray) -> FloatArray:
    """Scores of the kind `name`, shape (n_rows, n_stages).

    Raises:
        ValueError: no score has this name.
    """
    if name not in SCORES:
        message = f"score {name!r} is not one of {tuple(SCORES)}"
        raise ValueError(message)
    return SCORES[name](probabilities)


def sets_within(
    scores: FloatArray, thresholds: FloatArray | float, medians: npt.ArrayLike
) -> BoolArray:
    """Sets of neighbouring stages with scores up to a threshold, never without the median.

    Thresholds may differ by stage; what lies between two stages of a set then belongs to it.

    Args:
        scores: of every stage, shape (n_rows, n_stages).
        thresholds: one number, one per stage, or shape (n_rows, 1) for one per row.
        medians: position of the median stage of each row, from 0.

    Returns:
        Whether a stage is in the set of a row, shape (n_rows, n_stages).

    Examples:
        >>> sets_within(np.array([[0.9, 0.7, 0.0, 0.4]]), 0.5, [2]).tolist()
        [[False, False, True, True]]
    """
    is_within = scores <= thresholds
    is_within[np.arange(len(scores)), np.asarray(medians)] = True
    from_below = np.logical_or.accumulate(is_within, axis=1)
    from_above = np.logical_or.accumulate(is_within[:, ::-1], axis=1)[:, ::-1]
    hull: BoolArray = from_below & from_above
    return hull


def score_threshold(scores: FloatArray, level: float, weights: FloatArray | None = None) -> float:
    """The smallest threshold that holds a new row's true stage at the rate `level`.

    The quantile of split conformal prediction: of n rows the ceil((n + 1) level)-th smallest
    score. With weights the new row counts as much as a row drawn in proportion to them, the sum
    of squares over the sum; equal weights change nothing, rows of weight 0 do not count.

    Args:
        scores: score of the true stage of each calibration row.
        level: share of new rows whose set is to hold the true stage.
        weights: of the rows; None for equal ones.

    Returns:
        The threshold; `EVERY_STAGE` where too few rows are there to promise the level.

    Examples:
        >>> score_threshold(np.array([0.4, 0.1, 0.3, 0.2]), 0.5)
        0.3
        >>> score_threshold(np.array([0.4, 0.1, 0.3, 0.2]), 0.9)
        1.0
    """
    weights = np.ones(len(scores)) if weights is None else weights
    total = weights.sum()
    if total == 0.0:
        return EVERY_STAGE
    needed = level * (total + weights @ weights / total)
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(weights[order]) >= needed - _ROUNDING * total
    return float(scores[order][reached.argmax()]) if reached.any() else EVERY_STAGE
