"""Estimating from partial evidence: missing features are borrowed from similar rows, many times.

Filling a gap with one typical value pretends to know it: the estimate then looks as certain as
a complete one. Here each gap is filled with the values of the rows that resemble the observed
part most (a hot deck), and the probabilities of all fillings are averaged, which is the sum
over what the missing features could have been. See Little and Rubin, Statistical Analysis with
Missing Data, on multiple and hot-deck imputation.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from classifiers.ordinal import median_positions

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

_CHUNK_ROW_COUNT = 64  # bounds memory: rows x donors


class HotDeckClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Wrap an ordinal classifier so that it takes rows with missing features (NaN).

    Training fills gaps with the column's median. Prediction finds, for a row with gaps, the
    `n_neighbors` donors nearest in the observed features, takes their values for the gaps and
    averages the probabilities. A row without gaps is predicted as it is. Features should be
    on one scale.

    Args:
        estimator: classifier with `predict_proba` and ordered classes.
        n_donors: training rows kept, evenly spaced over the training set, in mixed order.
        n_neighbors: donors per row.

    Attributes:
        estimator_: the fitted classifier.
        donors_: rows to borrow from, shape (at most n_donors, n_features).
        medians_: median of each feature; 0 for one that is never observed.
        classes_: classes in ascending order.
    """

    def __init__(
        self, estimator: ClassifierMixin, *, n_donors: int = 1500, n_neighbors: int = 60
    ) -> None:
        self.estimator = estimator
        self.n_donors = n_donors
        self.n_neighbors = n_neighbors

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> Self:
        """Fit the classifier to `X`, gaps filled with medians, and keep donors."""
        rows, labels = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        self.medians_ = _medians(rows)
        filled = np.where(np.isnan(rows), self.medians_, rows)
        self.estimator_ = clone(self.estimator).fit(filled, labels, sample_weight=sample_weight)
        positions = np.linspace(0, len(rows) - 1, min(self.n_donors, len(rows))).astype(np.intp)
        # Mixed, so that donors at the same distance come from all over the training set.
        self.donors_ = np.random.default_rng(0).permutation(filled[positions])
        self.classes_ = self.estimator_.classes_
        return self

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes), averaged over the fillings."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        probabilities = np.empty((len(rows), len(self.classes_)))
        is_partial = np.isnan(rows).any(axis=1)
        if not is_partial.all():
            probabilities[~is_partial] = self.estimator_.predict_proba(rows[~is_partial])
        partial = np.flatnonzero(is_partial)
        for start in range(0, len(partial), _CHUNK_ROW_COUNT):
            chunk = partial[start : start + _CHUNK_ROW_COUNT]
            probabilities[chunk] = self._averaged(rows[chunk])
        return probabilities

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """The median class of the averaged probabilities."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[median_positions(probabilities)])

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.poor_score = True  # that of the wrapped model, see there
        return tags

    def _averaged(self, rows: FloatArray) -> FloatArray:
        donors = self.donors_[self._nearest_donors(rows)]
        filled = np.where(np.isnan(rows)[:, np.newaxis], donors, rows[:, np.newaxis])
        drawn = self.estimator_.predict_proba(filled.reshape(-1, rows.shape[1]))
        averaged: FloatArray = drawn.reshape(len(rows), -1, len(self.classes_)).mean(axis=1)
        return averaged

    def _nearest_donors(self, rows: FloatArray) -> npt.NDArray[np.intp]:
        distances = np.zeros((len(rows), len(self.donors_)))
        for values, donated in zip(rows.T, self.donors_.T, strict=True):  # a column at a time
            offsets = np.subtract.outer(values, donated)
            offsets[np.isnan(values)] = 0.0  # says nothing of who resembles whom
            distances += offsets * offsets
        last = min(self.n_neighbors, len(self.donors_)) - 1
        nearest: npt.NDArray[np.intp] = np.argpartition(distances, last, axis=1)[:, : last + 1]
        return nearest


def _medians(rows: FloatArray) -> FloatArray:
    is_observed = ~np.isnan(rows).all(axis=0)
    medians = np.zeros(rows.shape[1])
    medians[is_observed] = np.nanmedian(rows[:, is_observed], axis=0)
    return medians
