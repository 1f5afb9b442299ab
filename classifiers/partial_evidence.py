"""Estimating from partial evidence: what was not seen widens the estimate by what it could be.

Filling a gap with one typical value pretends to know it: the estimate then looks as certain as
a complete one. Here a gap is a normal variable given what was seen (`normal`); the latent
position of a row is then normal too, and the cumulative link model is averaged over it. With a
logistic error that is nearly a logistic one with a wider scale, sqrt(1 + pi v / 8) for variance
v of the position (MacKay 1992, The evidence framework applied to classification networks,
Neural Computation 4). A row of which nothing was seen gets the prevalences of the training set.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from classifiers.decisions import OrderedDecisionMixin
from classifiers.members import with_half_a_row
from classifiers.monotone import ascending
from classifiers.normal import Completed, JointNormal, complete, distance_from, joint_normal_of
from classifiers.ordinal import CumulativeLinkClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

_ROUND_COUNT = 2  # slopes, and the widths that follow from them


class Position(NamedTuple):
    """Where rows lie on the latent scale of each threshold, as far as they were seen."""

    mean: FloatArray  #: shape (n_rows, n_thresholds)
    variance: FloatArray  #: what is missing could move them by, same shape
    completed: FloatArray  #: the rows with their gaps filled by what they are expected to hold


class PartialEvidenceClassifier(OrderedDecisionMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Ordered classes from rows with missing features (NaN); what is missing widens.

    First a cumulative link model with slopes common to all thresholds; then, unless
    `alpha_deviation` is infinite, slopes of each threshold that are drawn towards the common
    ones (Peterson and Harrell 1990, Partial proportional odds models, Applied Statistics 39),
    for a signal that tells Presence from Engagement need not tell Formalized from Strategic.
    Where the cumulative probabilities of two thresholds cross, both give way.

    Args:
        scaler: transformer that the rows pass first and that keeps NaN, such as
            `features.SignalScaler`; None leaves them as they are.
        alpha: precision of the common slopes around 0.
        alpha_deviation: precision of the slopes of one threshold around the common ones.
        alpha_threshold: precision of the thresholds around those of the class frequencies.
        gap_doubt: factor of the variance that gaps add. Above 1 says that features may hang
            together less, where the model is used, than in the training rows.
        monotonic_cst: for each feature 1, -1 or 0, see `CumulativeLinkClassifier`.
        classes: all classes in ascending order; None takes those found in y.
        decision: "median", "mode" or "prior_adjusted".

    Attributes:
        classes_: classes in ascending order.
        coef_: slopes, shape (n_classes - 1, n_features).
        thresholds_: shape (n_classes - 1,).
        mean_, covariance_: of the features; what gaps are filled by.
        scaler_: the fitted scaler, or None.
        row_mass_: weight of all training rows; half a row more is spread over the classes, so
            that none is ever ruled out.

    Examples:
        >>> import numpy as np
        >>> X = np.array([[0.0, 0.1], [1.0, 0.8], [2.0, 2.2], [3.0, 3.1], [4.0, 3.9], [5.0, 5.2]])
        >>> model = PartialEvidenceClassifier(alpha=0.1).fit(X, [1, 1, 2, 2, 3, 3])
        >>> complete, partial = model.predict_proba([[5.0, 5.0], [5.0, np.nan]])
        >>> bool(complete[2] > partial[2])
        True
    """

    def __init__(  # noqa: PLR0913 - each is one assumption of the model
        self,
        scaler: Any = None,  # noqa: ANN401 - scikit-learn publishes no types
        *,
        alpha: float = 1.0,
        alpha_deviation: float = 30.0,
        alpha_threshold: float = 0.01,
        gap_doubt: float = 1.0,
        monotonic_cst: Sequence[int] | None = None,
        classes: Sequence[Any] | None = None,
        decision: str = "median",
    ) -> None:
        self.scaler = scaler
        self.alpha = alpha
        self.alpha_deviation = alpha_deviation
        self.alpha_threshold = alpha_threshold
        self.gap_doubt = gap_doubt
        self.monotonic_cst = monotonic_cst
        self.classes = classes
        self.decision = decision

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> Self:
        """Fit to rows `X` (n_rows, n_features; NaN where missing) with ordered classes `y`."""
        rows, labels = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        weights = _check_sample_weight(sample_weight, rows, dtype=np.float64)
        self._take_labels(labels, weights)
        self.row_mass_ = float(weights.sum())
        self.scaler_ = None if self.scaler is None else clone(self.scaler).fit(rows)
        rows = self._scaled(rows)
        self.mean_, self.covariance_ = joint_normal_of(rows)
        common = self._fit_common(rows, labels, weights)
        self.thresholds_ = common.thresholds_
        self.coef_ = np.tile(common.coef_, (len(self.thresholds_), 1))
        if np.isfinite(self.alpha_deviation) and len(self.thresholds_) > 1:
            self._fit_by_threshold(rows, labels, weights)
        return self

    def predict_position(self, X: npt.ArrayLike) -> Position:
        """Where the rows lie on the scale of each threshold."""
        completed = self._completed(self._checked(X), self.coef_.T)
        return Position(completed.rows @ self.coef_.T, completed.sum_variance, completed.rows)

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes), in the order of `classes_`."""
        position = self.predict_position(X)
        below = expit((self.thresholds_ - position.mean) / _widths(position.variance))
        shares = np.diff(np.pad(ascending(below), ((0, 0), (1, 1)), constant_values=(0.0, 1.0)))
        return with_half_a_row(shares, self.row_mass_)

    def complete(self, X: npt.ArrayLike) -> FloatArray:
        """The rows with their gaps filled by what they are expected to hold.

        Scaled, and divided by the scatter of the training rows, so that one prior suits all.
        """
        rows = self._checked(X)
        scatter = np.sqrt(np.diag(self.covariance_))
        filled = self._completed(rows, np.zeros((rows.shape[1], 1))).rows
        return np.asarray(filled / np.where(scatter > 0, scatter, 1.0))

    def unusualness(self, X: npt.ArrayLike, feature_count: int | None = None) -> FloatArray:
        """How unusual each row is among the training rows, see `normal.distance_from`.

        Only the first `feature_count` features are looked at; None for all.
        """
        rows = self._checked(X)[:, :feature_count]
        own = slice(feature_count)
        return distance_from(JointNormal(self.mean_[own], self.covariance_[own, own]), rows)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.poor_score = True  # one direction for all classes, see ordinal
        return tags

    def _checked(self, X: npt.ArrayLike) -> FloatArray:
        check_is_fitted(self)
        rows: FloatArray = validate_data(
            self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan"
        )
        return self._scaled(rows)

    def _scaled(self, rows: FloatArray) -> FloatArray:
        if self.scaler_ is None:
            return rows
        scaled: FloatArray = self.scaler_.transform(rows)
        return scaled

    def _joint(self) -> JointNormal:
        return JointNormal(self.mean_, self.covariance_)

    def _completed(self, rows: FloatArray, weights: FloatArray) -> Completed:
        own = complete(self._joint(), rows, weights)
        return own._replace(sum_variance=self.gap_doubt * own.sum_variance)

    def _fit_common(
        self, rows: FloatArray, labels: npt.NDArray[Any], weights: FloatArray
    ) -> CumulativeLinkClassifier:
        scales: FloatArray = np.ones(len(rows))
        filled = self._completed(rows, np.zeros((rows.shape[1], 1))).rows
        for _ in range(_ROUND_COUNT if np.isnan(rows).any() else 1):
            model = CumulativeLinkClassifier(
                alpha=self.alpha,
                alpha_threshold=self.alpha_threshold,
                monotonic_cst=self.monotonic_cst,
                classes=self.classes,
            ).fit(filled, labels, weights, scales=scales)
            variance = self._completed(rows, model.coef_[:, np.newaxis]).sum_variance
            scales = _widths(variance[:, 0])
        return model

    def _fit_by_threshold(
        self, rows: FloatArray, labels: npt.NDArray[Any], weights: FloatArray
    ) -> None:
        completed = self._completed(rows, self.coef_[:1].T)
        scales = _widths(completed.sum_variance[:, 0])
        for place, top in enumerate(self.classes_[:-1]):
            model = CumulativeLinkClassifier(
                alpha=self.alpha_deviation,
                coef_prior=self.coef_[place],
                threshold_prior=[float(self.thresholds_[place])],
                alpha_threshold=self.alpha_threshold,
                monotonic_cst=self.monotonic_cst,
                classes=(False, True),
            ).fit(completed.rows, labels > top, weights, scales=scales)
            self.coef_[place], self.thresholds_[place] = model.coef_, model.thresholds_[0]


def _widths(variance: FloatArray) -> FloatArray:
    # Of a logistic error that is widened by a normal one of this variance (MacKay 1992).
    widths: FloatArray = np.sqrt(1 + np.pi * variance / 8)
    return widths
