"""Ordered classes by binary questions: is the class above this threshold?

Frank and Hall 2001, A simple approach to ordinal classification (ECML). Any binary classifier
answers one question per threshold; the answers are made to agree with one another and their
differences are the probabilities of the classes.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from classifiers.decisions import OrderedDecisionMixin
from classifiers.members import takes_missing, with_half_a_row
from classifiers.monotone import ascending
from classifiers.one_thread import one_thread
from classifiers.out_of_fold import fit_weighted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]


def gentle_boosting() -> HistGradientBoostingClassifier:
    """Boosted trees for a few hundred rows: small trees, slow steps, no early stopping.

    The usual settings are over-confident on so few rows, and early stopping would put aside
    a tenth of them.
    """
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=100,
        max_leaf_nodes=4,
        min_samples_leaf=10,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )


class FrankHallClassifier(OrderedDecisionMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Reduce ordered classes to one binary classifier per threshold, P(y > class).

    The curves are fitted one by one and may cross: then `monotonize` corrects them. A threshold
    that training does not cross (a class of `classes` without rows) gets the constant share of
    rows above it, half a row added to each class. Half a row is spread over all classes in the
    end, so that none is impossible. NaN is accepted when the binary classifier accepts it.

    Args:
        estimator: binary classifier with `predict_proba`; None for boosted trees, see
            `gentle_boosting`.
        monotonize: "envelope" takes the mean of the smallest rising curve above and the
            largest rising curve below the cumulative probabilities; "isotonic" the rising
            curve nearest by squares.
        monotonic_cst: for each feature 1 (a higher value never lowers the class), -1 or 0
            (free), handed to the binary classifier, which must have this parameter.
        classes: all classes in ascending order, so that one without rows keeps its column;
            None takes those found in y.
        decision: "median", "mode" or "prior_adjusted", see `decisions.decided_positions`.

    Attributes:
        classes_: classes in ascending order.
        class_prior_: frequency of each class in training, by weight, half a row added to each.
        estimators_: fitted binary classifiers, one per threshold; None where all rows lie on
            one side of it.

    Examples:
        >>> import numpy as np
        >>> from sklearn.linear_model import LogisticRegression
        >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
        >>> model = FrankHallClassifier(LogisticRegression(C=10)).fit(X, [1, 1, 2, 2, 3, 3])
        >>> model.predict([[-1.0], [2.5], [6.0]])
        array([1, 2, 3])
    """

    def __init__(
        self,
        estimator: Any = None,  # noqa: ANN401 - scikit-learn publishes no types
        *,
        monotonize: str = "envelope",
        monotonic_cst: Sequence[int] | None = None,
        classes: Sequence[Any] | None = None,
        decision: str = "median",
    ) -> None:
        self.estimator = estimator
        self.monotonize = monotonize
        self.monotonic_cst = monotonic_cst
        self.classes = classes
        self.decision = decision

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> Self:
        """Fit one binary classifier per threshold to rows `X` with ordered classes `y`.

        Raises:
            ValueError: an unknown decision or way to monotonize, a class in y that `classes`
                lacks, fewer than two classes, or a binary classifier that cannot take the
                weights or `monotonic_cst`.
        """
        rows, labels = self._validated(X, y)
        weights = _check_sample_weight(
            sample_weight, rows, dtype=np.float64, ensure_non_negative=True
        )
        if self.monotonize not in MONOTONE:
            message = f"monotonize={self.monotonize!r} is not one of {tuple(MONOTONE)}"
            raise ValueError(message)
        codes = self._take_labels(labels, weights)
        self._row_mass = float(weights.sum())
        is_used = weights > 0
        self._is_unobserved = np.isnan(rows[is_used]).all(axis=0)
        kept = None if sample_weight is None else weights[is_used]
        with one_thread():
            self._fit_thresholds(self._observed(rows[is_used]), codes[is_used], kept)
        return self

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes), in the order of `classes_`."""
        check_is_fitted(self)
        rows: FloatArray = self._validated(X, reset=False)
        below = MONOTONE[self.monotonize](1.0 - self._above(self._observed(rows)))
        padded = np.pad(below, ((0, 0), (1, 1)), constant_values=(0.0, 1.0))
        return with_half_a_row(np.diff(padded, axis=1), self._row_mass)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = takes_missing(self._binary())
        tags.classifier_tags.poor_score = True  # the checks' labels follow no order
        return tags

    def _validated(self, X: npt.ArrayLike, *y: npt.ArrayLike, reset: bool = True) -> Any:  # noqa: ANN401
        finite = "allow-nan" if takes_missing(self._binary()) else True
        return validate_data(self, X, *y, reset=reset, dtype=np.float64, ensure_all_finite=finite)

    def _observed(self, rows: FloatArray) -> FloatArray:
        # A column that training never saw says nothing, and boosting fails on it.
        return np.where(self._is_unobserved, 0.0, rows) if self._is_unobserved.any() else rows

    def _binary(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        return gentle_boosting() if self.estimator is None else self.estimator

    def _constrained_binary(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        binary = clone(self._binary())
        if self.monotonic_cst is None:
            return binary
        if "monotonic_cst" not in binary.get_params():
            message = f"{type(binary).__name__} has no monotonic_cst; leave it out"
            raise ValueError(message)
        return binary.set_params(monotonic_cst=list(self.monotonic_cst))

    def _fit_thresholds(
        self, rows: FloatArray, codes: IntArray, weights: FloatArray | None
    ) -> None:
        binary = self._constrained_binary()
        fitted: dict[int, Any] = {
            0: None,
            len(codes): None,
        }  # equal counts above are equal questions
        self.estimators_: list[Any] = []
        for code in range(len(self.classes_) - 1):
            is_above = codes > code
            count = int(is_above.sum())
            if count not in fitted:
                fitted[count] = fit_weighted(binary, rows, is_above.astype(np.intp), weights)
            self.estimators_.append(fitted[count])

    def _above(self, rows: FloatArray) -> FloatArray:
        constants = 1.0 - np.cumsum(self.class_prior_)[:-1]
        with one_thread():
            columns: list[FloatArray] = [
                np.full(len(rows), constant) if each is None else each.predict_proba(rows)[:, 1]
                for each, constant in zip(self.estimators_, constants, strict=True)
            ]
        above: FloatArray = np.column_stack(columns)
        return above


def _isotonic(curves: FloatArray) -> FloatArray:
    sums = np.pad(np.cumsum(curves, axis=1), ((0, 0), (1, 0)))
    count = curves.shape[1]

    def smallest_mean(start: int, place: int) -> FloatArray:
        ends = np.arange(place, count) + 1
        means = (sums[:, ends] - sums[:, [start]]) / (ends - start)
        return np.asarray(means.min(axis=1))

    # Of all runs of neighbours around a place, the max-min of their means.
    columns = [
        np.max([smallest_mean(start, place) for start in range(place + 1)], axis=0)
        for place in range(count)
    ]
    return np.column_stack(columns)


#: Ways to make cumulative curves, (n_rows, n_thresholds), rise from left to right.
MONOTONE = {"envelope": ascending, "isotonic": _isotonic}
