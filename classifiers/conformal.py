"""Prediction sets of neighbouring stages, calibrated on organizations of known stage.

Where nobody has coded a stage yet, `world_sets` calibrates on simulated worlds instead.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from classifiers.decisions import median_positions
from classifiers.nonconformity import SCORES, score_threshold, scores_by, sets_within
from classifiers.out_of_fold import fit_weighted, folds_by, out_of_fold_probabilities

if TYPE_CHECKING:
    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

CONDITIONALS = ("none", "class", "group")

_UNKNOWN = -1


class ClassIntervals(NamedTuple):
    """Lowest and highest class of each set, both included."""

    low: npt.NDArray[Any]
    high: npt.NDArray[Any]


class OrdinalConformalClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Wrap an ordinal classifier so that it also gives sets that hold the truth at a stated rate.

    Cross-conformal: every row gets its score from a model of the folds that it is not in, and
    the thresholds are quantiles of these scores (with the correction for n + 1 rows of split
    conformal prediction). Sets of new rows come from the model of all rows, so the rate holds
    nearly, not exactly; with `cv="prefit"` and calibration rows that the model has not seen it
    is exact for exchangeable rows (Vovk, Gammerman and Shafer 2005, Algorithmic Learning in a
    Random World). It holds on average over all rows: a rare stage may be missed far more often.
    `conditional` asks for the rate per class or per group (Mondrian sets), at the price of
    wider sets. Sets have no hole, always hold the median, and widen with the level.

    Args:
        estimator: classifier with `predict_proba` and ordered classes.
        method: "greedy" (grows from the mode to the more probable neighbour) or "rps" (ranked
            probability score, centred on the median); see `nonconformity`.
        cv: number of folds (stratified; never a group on both sides), a splitter of
            scikit-learn or folds that hold out each row once, or "prefit" for an estimator
            that is already fitted.
        groups: group of each row, for a `fit` that is not passed any.
        alpha: share of rows whose set may miss the truth, unless a prediction asks otherwise.
        conditional: "none", "class" for a threshold per class, or "group" for one per label
            of `conditions`.
        minimum_count: a class or group with fewer calibration rows than this takes the
            threshold of all rows.

    Attributes:
        estimator_: the classifier fitted to all rows.
        classes_: classes in ascending order.
        oof_proba_: probabilities of each row from the model that has not seen it, shape
            (n_rows, n_classes).
        oof_scores_: score of the true class of each row, shape (n_rows,).
        conditions_: classes or group labels that have a threshold of their own, or would.
        fallback_: those of them with too few rows, which take the threshold of all.

    Examples:
        >>> from classifiers.ordinal import CumulativeLinkClassifier
        >>> X = np.linspace(-3, 3, 60)[:, np.newaxis]
        >>> y = np.tile([1, 1, 2, 2, 3, 3, 1, 2, 3, 3, 2, 3], 5)
        >>> y[:20], y[45:] = 1, 3
        >>> model = OrdinalConformalClassifier(CumulativeLinkClassifier()).fit(X, y)
        >>> model.predict_set([[-3.0], [1.0]])
        array([[ True, False, False],
               [False,  True,  True]])
        >>> low, high = model.predict_interval([[-3.0], [0.0]], alpha=0.05)
        >>> low.tolist(), high.tolist()
        ([1, 1], [1, 3])
    """

    def __init__(  # noqa: PLR0913 - each is one choice of how sets are calibrated
        self,
        estimator: ClassifierMixin,
        method: str = "greedy",
        *,
        cv: Any = 5,  # noqa: ANN401 - a number, a splitter, folds or "prefit"
        groups: npt.ArrayLike | None = None,
        alpha: float = 0.1,
        conditional: str = "none",
        minimum_count: int = 20,
    ) -> None:
        self.estimator = estimator
        self.method = method
        self.cv = cv
        self.groups = groups
        self.alpha = alpha
        self.conditional = conditional
        self.minimum_count = minimum_count

    def fit(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        groups: npt.ArrayLike | None = None,
        conditions: npt.ArrayLike | None = None,
    ) -> Self:
        """Fit the classifier and calibrate its sets on rows `X` with ordered classes `y`.

        Args:
            X: features, shape (n_rows, n_features).
            y: classes.
            sample_weight: weight of each row, in fitting and in calibration.
            groups: group of each row; rows of one group are never in different folds.
            conditions: label of each row, for `conditional="group"`; None or NaN for unknown.

        Raises:
            ValueError: an unknown method or conditional, an alpha outside 0 to 1, conditions
                missing or of another length, weights for a classifier that takes none.
        """
        rows, labels = self._checked_training(X, y)
        self._check_settings()
        given = sample_weight is not None
        weights = _check_sample_weight(sample_weight, rows, dtype=np.float64)
        self.estimator_ = self._fitted(rows, labels, weights if given else None)
        self.classes_ = self.estimator_.classes_
        codes = self._codes_of(labels)
        groups = self.groups if groups is None else groups
        self.oof_proba_ = self._unseen(rows, labels, weights if given else None, groups)
        scores = scores_by(self.method, self.oof_proba_)
        self.oof_scores_ = scores[np.arange(len(rows)), codes]
        self._weights = weights
        self._assign_conditions(codes, conditions)
        return self

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes), as the classifier gives it."""
        check_is_fitted(self)
        probabilities: FloatArray = self.estimator_.predict_proba(self._checked(X))
        return probabilities

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """The class that the classifier predicts."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict(self._checked(X)))

    def predict_set(
        self,
        X: npt.ArrayLike,
        alpha: float | None = None,
        conditions: npt.ArrayLike | None = None,
    ) -> BoolArray:
        """Whether each class is in the set of each row, shape (n_rows, n_classes).

        Args:
            X: features, shape (n_rows, n_features).
            alpha: share of rows whose set may miss the truth; None for that of the settings.
                No new fit is needed for another one.
            conditions: label of each row, for `conditional="group"`; a label that was not
                there in `fit`, None or NaN takes the threshold of all rows.

        Raises:
            ValueError: an alpha outside 0 to 1, or conditions missing or of another length.
        """
        probabilities = self.predict_proba(X)
        scores = scores_by(self.method, probabilities)
        thresholds = self._thresholds(self.alpha if alpha is None else alpha)
        if self.conditional == "group":
            positions = self._positions_of(conditions, len(scores))
            thresholds = thresholds[positions][:, np.newaxis]
        elif self.conditional == "none":
            thresholds = thresholds[-1:]
        else:
            thresholds = thresholds[:-1]
        return sets_within(scores, thresholds, median_positions(probabilities))

    def predict_interval(
        self,
        X: npt.ArrayLike,
        alpha: float | None = None,
        conditions: npt.ArrayLike | None = None,
    ) -> ClassIntervals:
        """Lowest and highest class of each set; arguments as in `predict_set`."""
        is_in_set = self.predict_set(X, alpha, conditions)
        last = len(self.classes_) - 1
        low = self.classes_[is_in_set.argmax(axis=1)]
        return ClassIntervals(low, self.classes_[last - is_in_set[:, ::-1].argmax(axis=1)])

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        wrapped = get_tags(self.estimator)
        tags.input_tags.allow_nan = wrapped.input_tags.allow_nan
        if wrapped.classifier_tags is not None:
            tags.classifier_tags.poor_score = wrapped.classifier_tags.poor_score
        return tags

    def _checked_training(
        self, X: npt.ArrayLike, y: npt.ArrayLike
    ) -> tuple[FloatArray, npt.NDArray[Any]]:
        rows, labels = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(labels)
        return rows, labels

    def _checked(self, X: npt.ArrayLike) -> FloatArray:
        # A gap is for the wrapped classifier to take or to refuse.
        rows: FloatArray = validate_data(
            self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan"
        )
        return rows

    def _check_settings(self) -> None:
        known_by_name = {"method": tuple(SCORES), "conditional": CONDITIONALS}
        for name, known in known_by_name.items():
            if getattr(self, name) not in known:
                message = f"{name}={getattr(self, name)!r} is not one of {known}"
                raise ValueError(message)
        if not hasattr(self.estimator, "predict_proba"):
            message = f"{type(self.estimator).__name__} gives no probabilities to make sets from"
            raise ValueError(message)
        _check_alpha(self.alpha)

    def _fitted(
        self, rows: FloatArray, labels: npt.NDArray[Any], weights: FloatArray | None
    ) -> Any:  # noqa: ANN401 - the type of the wrapped classifier
        if isinstance(self.cv, str) and self.cv == "prefit":
            check_is_fitted(self.estimator)
            return self.estimator
        return fit_weighted(self.estimator, rows, labels, weights)

    def _unseen(
        self,
        rows: FloatArray,
        labels: npt.NDArray[Any],
        weights: FloatArray | None,
        groups: npt.ArrayLike | None,
    ) -> FloatArray:
        if self.estimator_ is self.estimator:
            seen_by_none: FloatArray = self.estimator_.predict_proba(rows)
            return seen_by_none
        check_consistent_length(rows, groups)
        folds = folds_by(self.cv, self._codes_of(labels), groups)
        return out_of_fold_probabilities(
            self.estimator, rows, labels, weights, classes=self.classes_, folds=folds
        )

    def _codes_of(self, labels: npt.NDArray[Any]) -> IntArray:
        unknown = np.setdiff1d(labels, self.classes_)
        if len(unknown):
            message = f"y holds {unknown}, but the fitted estimator knows {self.classes_}"
            raise ValueError(message)
        codes: IntArray = np.searchsorted(self.classes_, labels)
        return codes

    def _assign_conditions(self, codes: IntArray, conditions: npt.ArrayLike | None) -> None:
        if self.conditional == "class":
            self.conditions_ = self.classes_.tolist()
            self._condition_codes = codes
        elif self.conditional == "group":
            labels = _labels_of(conditions, len(codes))
            self.conditions_ = [each for each in dict.fromkeys(labels) if _is_known(each)]
            self._condition_codes = self._positions_of(conditions, len(codes))
        else:
            self.conditions_ = []
            self._condition_codes = np.full(len(codes), _UNKNOWN)
        self.fallback_ = [
            label
            for position, label in enumerate(self.conditions_)
            if self._is_calibrating(position).sum() < self.minimum_count
        ]

    def _positions_of(self, conditions: npt.ArrayLike | None, row_count: int) -> IntArray:
        positions = {label: position for position, label in enumerate(self.conditions_)}
        labels = _labels_of(conditions, row_count)
        return np.array([positions.get(label, _UNKNOWN) for label in labels], dtype=np.intp)

    def _is_calibrating(self, position: int) -> BoolArray:
        is_of_condition: BoolArray = (self._condition_codes == position) & (self._weights > 0)
        return is_of_condition

    def _thresholds(self, alpha: float) -> FloatArray:
        """Those of the conditions in their order, and last that of all rows."""
        _check_alpha(alpha)
        of_all = score_threshold(self.oof_scores_, 1 - alpha, self._weights)
        thresholds = np.full(len(self.conditions_) + 1, of_all)
        for position, label in enumerate(self.conditions_):
            if label not in self.fallback_:
                rows = self._is_calibrating(position)
                thresholds[position] = score_threshold(
                    self.oof_scores_[rows], 1 - alpha, self._weights[rows]
                )
        return thresholds


def _check_alpha(alpha: float) -> None:
    if not 0 < alpha < 1:
        message = f"alpha={alpha} must lie between 0 and 1"
        raise ValueError(message)


def _labels_of(conditions: npt.ArrayLike | None, row_count: int) -> list[Any]:
    if conditions is None:
        message = 'conditional="group" needs `conditions`, the label of each row'
        raise ValueError(message)
    labels: list[Any] = np.asarray(conditions, dtype=object).tolist()
    if len(labels) != row_count:
        message = f"conditions holds {len(labels)} labels for {row_count} rows"
        raise ValueError(message)
    return labels


def _is_known(label: Any) -> bool:  # noqa: ANN401 - any label
    is_nan = label != label  # noqa: PLR0124 - only NaN differs from itself
    return label is not None and not is_nan
