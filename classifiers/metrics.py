"""How far estimates are from the truth when classes have an order.

Point errors are counted in stages. Probabilities have shape (n_rows, n_classes), their columns
in the order of `classes`, which ascend; so a class that no row has keeps its column and its
place in the order. Every figure is a mean over rows, by weight where weights are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

BIN_COUNT = 10

_SMALLEST_PROBABILITY = 1e-15


def mean_absolute_stage_error(
    y: npt.ArrayLike, predicted: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    """Mean distance in stages; `y` and `predicted` are stage codes, consecutive integers.

    Examples:
        >>> mean_absolute_stage_error([1, 3, 6], [1, 4, 4])
        1.0
    """
    return _mean(np.abs(_gaps(y, predicted)), sample_weight)


def macro_averaged_mean_absolute_error(
    y: npt.ArrayLike, predicted: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    """Mean over the stages in `y` of the mean distance of the rows of that stage.

    A rare stage counts like a common one (Baccianella, Esuli and Sebastiani 2009, Evaluation
    measures for ordinal regression). Stages without rows are left out.

    Examples:
        >>> macro_averaged_mean_absolute_error([1, 1, 1, 6], [1, 1, 1, 4])
        1.0
    """
    codes, gaps = np.asarray(y), np.abs(_gaps(y, predicted))
    weights = _weights(sample_weight, len(codes))
    found = np.unique(codes[weights > 0])
    return float(np.mean([np.average(gaps, weights=weights * (codes == code)) for code in found]))


def bias(
    y: npt.ArrayLike, predicted: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    """Mean of predicted minus true stage; above 0 when estimates are too high.

    Examples:
        >>> bias([1, 3, 6], [2, 4, 5])
        0.3333333333333333
    """
    return _mean(_gaps(y, predicted), sample_weight)


def off_by_two_rate(
    y: npt.ArrayLike, predicted: npt.ArrayLike, *, sample_weight: npt.ArrayLike | None = None
) -> float:
    """Share of rows whose estimate is two or more stages away.

    Examples:
        >>> off_by_two_rate([1, 3, 6, 2], [1, 4, 4, 2])
        0.25
    """
    is_far = np.abs(_gaps(y, predicted)) > 1
    return _mean(is_far.astype(np.float64), sample_weight)


def quadratic_weighted_kappa(
    y: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    classes: Sequence[Any],
    sample_weight: npt.ArrayLike | None = None,
) -> float:
    """Agreement beyond chance, a disagreement counting by its squared distance.

    1 - sum(d^2 p_ij) / sum(d^2 p_i p_j), d the distance of the positions in `classes` (Cohen
    1968, Weighted kappa). NaN when both sides have one and the same class only.

    Examples:
        >>> quadratic_weighted_kappa([1, 2, 3, 3], [1, 2, 3, 2], classes=[1, 2, 3])
        0.8
    """
    count = len(classes)
    table = np.zeros((count, count))
    places = _positions(y, classes), _positions(predicted, classes)
    np.add.at(table, places, _weights(sample_weight, len(places[0])))
    table /= table.sum()
    squares = np.subtract.outer(np.arange(count), np.arange(count)) ** 2
    expected = (squares * np.outer(table.sum(axis=1), table.sum(axis=0))).sum()
    return float(1 - (squares * table).sum() / expected) if expected > 0 else float("nan")


def ranked_probability_score(
    y: npt.ArrayLike,
    probabilities: FloatArray,
    *,
    classes: Sequence[Any],
    sample_weight: npt.ArrayLike | None = None,
) -> float:
    """Mean squared error of the cumulative probabilities, over rows and thresholds.

    Divided by the number of thresholds, so 0 is best and 1 worst whatever the number of
    classes (Epstein 1969, A scoring system for probability forecasts of ranked categories).

    Examples:
        >>> ranked_probability_score([1], np.array([[0.5, 0.5, 0.0]]), classes=[1, 2, 3])
        0.125
    """
    errors = _cumulative(probabilities, y, classes) - _is_below(y, classes)
    return _mean((errors**2).mean(axis=1), sample_weight)


def log_loss(
    y: npt.ArrayLike,
    probabilities: FloatArray,
    *,
    classes: Sequence[Any],
    sample_weight: npt.ArrayLike | None = None,
) -> float:
    """Mean of minus the natural logarithm of the true class's probability (at least 1e-15).

    Examples:
        >>> round(log_loss([1, 2], np.array([[0.5, 0.5], [0.0, 1.0]]), classes=[1, 2]), 4)
        0.3466
    """
    places = _positions(y, classes)
    of_class = _checked(probabilities, len(places), classes)[np.arange(len(places)), places]
    return _mean(-np.log(np.maximum(of_class, _SMALLEST_PROBABILITY)), sample_weight)


def threshold_calibration_error(
    y: npt.ArrayLike,
    probabilities: FloatArray,
    *,
    classes: Sequence[Any],
    bin_count: int = BIN_COUNT,
    sample_weight: npt.ArrayLike | None = None,
) -> float:
    """How far stated cumulative probabilities are from the shares that come true.

    At each threshold the rows are cut at the deciles of P(y <= class) into bins of about equal
    size (rows with one probability stay together). The error of a bin is the distance of mean
    probability and share; bins count by their rows, thresholds equally. Small samples look
    worse than they are: with 100 rows a perfect model shows about 0.1.

    Examples:
        >>> shares = np.tile([0.5, 0.5], (4, 1))
        >>> threshold_calibration_error([1, 1, 1, 2], shares, classes=[1, 2])
        0.25
    """
    weights = _weights(sample_weight, len(np.asarray(y)))
    curves = zip(_cumulative(probabilities, y, classes).T, _is_below(y, classes).T, strict=True)
    errors = [_binned_error(*curve, weights, bin_count) for curve in curves]
    return float(np.mean(errors))


def set_coverage(
    y: npt.ArrayLike,
    sets: npt.NDArray[np.bool_],
    *,
    classes: Sequence[Any],
    by: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
) -> float | dict[Any, float]:
    """Share of rows whose prediction set holds the true class.

    Args:
        y: true classes.
        sets: whether each class is in each row's set, shape (n_rows, n_classes).
        classes: classes of the columns, ascending.
        by: a label of each row, such as its true stage or its industry; then the answer is a
            coverage for each label. The smallest of them is what a stage can rely on.
        sample_weight: weight of each row.

    Examples:
        >>> sets = np.array([[True, True, False], [False, True, True], [False, True, True]])
        >>> set_coverage([1, 2, 1], sets, classes=[1, 2, 3], by=[1, 2, 1])
        {1: 0.5, 2: 1.0}
    """
    places = _positions(y, classes)
    is_covered = _checked(sets, len(places), classes)[np.arange(len(places)), places]
    return _by_label(is_covered.astype(np.float64), by, sample_weight)


def set_size(
    sets: npt.NDArray[np.bool_],
    *,
    by: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
) -> float | dict[Any, float]:
    """Mean number of classes in a set; for each label of `by` when that is given.

    Examples:
        >>> set_size(np.array([[True, True, False], [False, True, False]]))
        1.5
    """
    return _by_label(np.asarray(sets).sum(axis=1).astype(np.float64), by, sample_weight)


def _by_label(
    values: FloatArray, by: npt.ArrayLike | None, sample_weight: npt.ArrayLike | None
) -> float | dict[Any, float]:
    if by is None:
        return _mean(values, sample_weight)
    labels, weights = np.asarray(by), _weights(sample_weight, len(values))
    return {
        label.item(): _mean(values[labels == label], weights[labels == label])
        for label in np.unique(labels)
    }


def _binned_error(
    stated: FloatArray, is_true: FloatArray, weights: FloatArray, bin_count: int
) -> float:
    edges = np.quantile(stated, np.linspace(0, 1, bin_count + 1)[1:-1])
    bins = np.searchsorted(edges, stated, side="left")
    offsets = np.bincount(bins, weights * (stated - is_true))
    return float(np.abs(offsets).sum() / weights.sum())


def _cumulative(probabilities: FloatArray, y: npt.ArrayLike, classes: Sequence[Any]) -> FloatArray:
    given = _checked(probabilities, len(np.asarray(y)), classes)
    cumulative: FloatArray = np.cumsum(given, axis=1)[:, :-1]
    return cumulative


def _is_below(y: npt.ArrayLike, classes: Sequence[Any]) -> FloatArray:
    places = _positions(y, classes)[:, np.newaxis]
    return (places <= np.arange(len(classes) - 1)).astype(np.float64)


def _gaps(y: npt.ArrayLike, predicted: npt.ArrayLike) -> FloatArray:
    true, estimated = np.asarray(y, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if true.shape != estimated.shape:
        message = f"y has {len(true)} rows and predicted {len(estimated)}: one each is needed"
        raise ValueError(message)
    gaps: FloatArray = estimated - true
    return gaps


def _checked(values: npt.ArrayLike, row_count: int, classes: Sequence[Any]) -> npt.NDArray[Any]:
    given = np.asarray(values)
    if given.shape != (row_count, len(classes)):
        message = f"shape {given.shape} must be {row_count} rows by {len(classes)} classes"
        raise ValueError(message)
    return given


def _positions(y: npt.ArrayLike, classes: Sequence[Any]) -> IntArray:
    labels, ordered = np.asarray(y), np.asarray(classes)
    if not np.array_equal(np.unique(ordered), ordered) or not np.isin(labels, ordered).all():
        message = f"classes={ordered} must ascend and hold every class in y, {np.unique(labels)}"
        raise ValueError(message)
    positions: IntArray = np.searchsorted(ordered, labels)
    return positions


def _weights(sample_weight: npt.ArrayLike | None, count: int) -> FloatArray:
    given = np.ones(count) if sample_weight is None else sample_weight
    return np.asarray(given, dtype=np.float64)


def _mean(values: FloatArray, sample_weight: npt.ArrayLike | None) -> float:
    return float(np.average(values, weights=_weights(sample_weight, len(values))))
