"""Probabilities for rows that the model giving them has not seen, by cross-validation.

The folds are made for few rows and rare stages: stages with fewer rows than folds are spread
together with their neighbours, and a fold without some stage gives it no probability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]
    Fold = tuple[IntArray, IntArray]

_FEWEST_FOLDS = 2
_SEED = 0  # of the order in which rows are dealt to folds


def fit_weighted(
    estimator: Any,  # noqa: ANN401 - scikit-learn publishes no types
    rows: FloatArray,
    labels: npt.NDArray[Any],
    weights: FloatArray | None,
) -> Any:  # noqa: ANN401 - the same type as `estimator`
    """A fitted clone of `estimator`; the last step of a pipeline gets the weights.

    Raises:
        ValueError: weights are given and the estimator takes none.

    Examples:
        >>> from sklearn.linear_model import LogisticRegression
        >>> from sklearn.pipeline import make_pipeline
        >>> rows, labels = np.array([[0.0], [1.0]]), np.array([1, 2])
        >>> pipeline = make_pipeline(LogisticRegression())
        >>> fit_weighted(pipeline, rows, labels, np.array([1.0, 2.0])).classes_.tolist()
        [1, 2]
    """
    if weights is None:
        return clone(estimator).fit(rows, labels)
    prefix, last = "", estimator
    while isinstance(last, Pipeline):
        name, last = last.steps[-1]
        prefix += f"{name}__"
    if not has_fit_parameter(last, "sample_weight"):
        message = f"{type(last).__name__} takes no sample_weight; fit without weights"
        raise ValueError(message)
    return clone(estimator).fit(rows, labels, **{f"{prefix}sample_weight": weights})


def stratified_folds(codes: IntArray, fold_count: int, groups: npt.ArrayLike | None) -> list[Fold]:
    """Positions of training and held-out rows of each fold; no group is on both sides.

    There are at most as many folds as rows or groups. Rows are dealt in a fixed mixed order.

    Args:
        codes: class of each row, from 0, in order of the ladder.
        fold_count: folds asked for, at least 2.
        groups: group of each row, such as its parent company; None where each is its own.

    Raises:
        ValueError: fewer than two folds, or all rows belong to one group.
    """
    unit_count = len(codes) if groups is None else len(np.unique(np.asarray(groups)))
    count = min(fold_count, unit_count)
    if count < _FEWEST_FOLDS:
        message = f"needs two folds, but cv={fold_count} and rows are of {unit_count} group(s)"
        raise ValueError(message)
    splitter = StratifiedKFold if groups is None else StratifiedGroupKFold
    dealt = splitter(count, shuffle=True, random_state=_SEED).split(
        codes, _strata(codes, count), groups
    )
    return [(training, held_out) for training, held_out in dealt if len(held_out)]


def folds_by(
    cv: Any,  # noqa: ANN401 - a number, a splitter or folds
    codes: IntArray,
    groups: npt.ArrayLike | None,
) -> list[Fold]:
    """Folds from a number (`stratified_folds`), a splitter of scikit-learn, or given folds.

    Raises:
        ValueError: some row is not held out exactly once.
    """
    if isinstance(cv, int | np.integer):
        return stratified_folds(codes, int(cv), groups)
    folds = list(check_cv(cv, codes, classifier=True).split(codes, codes, groups))
    held_out = np.concatenate([held_out for _, held_out in folds])
    if not np.array_equal(np.sort(held_out), np.arange(len(codes))):
        message = f"cv={cv!r} must hold out each row exactly once"
        raise ValueError(message)
    return folds


def out_of_fold_probabilities(
    estimator: Any,  # noqa: ANN401 - scikit-learn publishes no types
    rows: FloatArray,
    labels: npt.NDArray[Any],
    weights: FloatArray | None,
    *,
    classes: npt.NDArray[Any],
    folds: Sequence[Fold],
) -> FloatArray:
    """Probability of each of `classes` for each row, from the fold that held it out."""
    probabilities = np.zeros((len(rows), len(classes)))
    for training, held_out in folds:
        fold_weights = None if weights is None else weights[training]
        found, drawn = _probabilities_after(
            estimator, (rows[training], labels[training], fold_weights), rows[held_out]
        )
        probabilities[np.ix_(held_out, np.searchsorted(classes, found))] = drawn
    return probabilities


def _probabilities_after(
    estimator: Any,  # noqa: ANN401 - scikit-learn publishes no types
    training: tuple[FloatArray, npt.NDArray[Any], FloatArray | None],
    held_out_rows: FloatArray,
) -> tuple[npt.NDArray[Any], FloatArray]:
    found = np.unique(training[1])
    if len(found) == 1:  # all that such a fold can say
        return found, np.ones((len(held_out_rows), 1))
    fitted = fit_weighted(estimator, *training)
    return fitted.classes_, fitted.predict_proba(held_out_rows)


def _strata(codes: IntArray, fold_count: int) -> IntArray:
    """Neighbouring classes joined until each stratum has a row for every fold."""
    counts = np.bincount(codes)
    strata = np.zeros(len(counts), dtype=np.intp)
    stratum = row_count = 0
    for code, count in enumerate(counts):
        strata[code] = stratum
        row_count += count
        rest = counts[code + 1 :].sum()
        if row_count >= fold_count and rest >= fold_count:
            stratum, row_count = stratum + 1, 0
    return strata[codes]
