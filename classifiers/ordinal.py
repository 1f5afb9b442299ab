"""The ordinal classifier: a cumulative link model with priors, in scikit-learn's conventions."""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.optimize import minimize
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from classifiers.decisions import OrderedDecisionMixin
from classifiers.likelihood import (
    LINKS,
    LOG_GAP_BOUNDS,
    PenalizedLikelihood,
    threshold_parameters_from,
    thresholds_from,
)
from classifiers.one_thread import one_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

_MAX_ITERATION_COUNT = 2000
_BOUNDS_BY_SIGN = {-1: (None, 0.0), 0: (None, None), 1: (0.0, None)}


class CumulativeLinkClassifier(OrderedDecisionMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Proportional-odds model of ordered classes with priors on slopes and thresholds.

    P(y <= k | x) = F(threshold_k - coef . x). Minimizes the weighted negative log-likelihood
    (a sum, not a mean) plus alpha / 2 |coef - coef_prior|^2 plus
    alpha_threshold / 2 |thresholds - threshold_prior|^2, by L-BFGS-B with analytic gradient:
    `alpha` is thus the precision of a normal prior. See McCullagh 1980 and `likelihood`.

    Args:
        link: "logit" (logistic error) or "probit" (normal error).
        alpha: precision of the slopes around their prior mean, a number or one per feature;
            0 for maximum likelihood.
        coef_prior: prior mean of the slopes, a number or one per feature; None for 0.
        threshold_prior: prior mean of the thresholds, increasing, one fewer than classes;
            None for those of the class frequencies, half a row added to each class.
        alpha_threshold: precision of the thresholds around their prior mean.
        monotonic_cst: for each feature 1 (a higher value never lowers the class), -1 or 0
            (free); None leaves all free.
        classes: all classes in ascending order, so that one without rows keeps its column;
            None takes those found in y. An empty class gets a probability near 0 unless a
            threshold prior holds its place with a precision like that of the rows around it.
        decision: "median" predicts the first class that reaches half of the cumulative
            probability, which minimizes the expected absolute error; "mode" the most probable;
            "prior_adjusted" the median after division by `class_prior_`, for when a rare class
            matters as much as a common one.

    Attributes:
        classes_: classes in ascending order.
        class_prior_: frequency of each class in training, by weight, half a row added to each.
        coef_: slopes, shape (n_features,).
        thresholds_: increasing, shape (n_classes - 1,).
        n_iter_: iterations of the optimizer.

    Examples:
        >>> import numpy as np
        >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
        >>> model = CumulativeLinkClassifier(alpha=0.1).fit(X, [1, 1, 2, 2, 3, 3])
        >>> model.predict([[-1.0], [2.5], [6.0]])
        array([1, 2, 3])
    """

    def __init__(  # noqa: PLR0913 - each is one assumption of the model
        self,
        link: str = "logit",
        *,
        alpha: float | Sequence[float] = 1.0,
        coef_prior: float | Sequence[float] | None = None,
        threshold_prior: Sequence[float] | None = None,
        alpha_threshold: float = 0.0,
        monotonic_cst: Sequence[int] | None = None,
        classes: Sequence[Any] | None = None,
        decision: str = "median",
    ) -> None:
        self.link = link
        self.alpha = alpha
        self.coef_prior = coef_prior
        self.threshold_prior = threshold_prior
        self.alpha_threshold = alpha_threshold
        self.monotonic_cst = monotonic_cst
        self.classes = classes
        self.decision = decision

    def fit(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        *,
        scales: FloatArray | float = 1.0,
    ) -> Self:
        """Fit to rows `X` (n_rows, n_features) with ordered classes `y`.

        `scales` widens the latent error of rows of which something is not known.

        Raises:
            ValueError: an unknown link or decision, priors of the wrong length or order,
                a negative precision, a class in y that `classes` lacks, or fewer than two
                classes.
        """
        rows, labels = validate_data(self, X, y, dtype=np.float64)
        weights = _check_sample_weight(sample_weight, rows, dtype=np.float64)
        self._check_link()
        codes = self._take_labels(labels, weights)
        objective = replace(self._objective(rows, codes, weights), scales=scales)
        self._minimize(objective)
        return self

    def predict_latent(self, X: npt.ArrayLike) -> FloatArray:
        """Position of each row on the latent scale on which the thresholds lie."""
        check_is_fitted(self)
        latent: FloatArray = self._checked(X) @ self.coef_
        return latent

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes), in the order of `classes_`."""
        latent = self.predict_latent(X)
        distance = self.thresholds_ - latent[:, np.newaxis]
        below = LINKS[self.link].cdf(distance)
        padded = np.pad(below, ((0, 0), (1, 1)), constant_values=(0.0, 1.0))
        return np.diff(padded, axis=1)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        # One slope for all classes cannot reach the accuracy that scikit-learn's checks ask for
        # on three blobs whose labels follow no order.
        tags.classifier_tags.poor_score = True
        return tags

    def _checked(self, X: npt.ArrayLike) -> FloatArray:
        rows: FloatArray = validate_data(self, X, reset=False, dtype=np.float64)
        return rows

    def _check_link(self) -> None:
        if self.link not in LINKS:
            message = f"link={self.link!r} is not one of {tuple(LINKS)}"
            raise ValueError(message)

    def _precisions(self, feature_count: int) -> FloatArray:
        alpha = np.asarray(self.alpha, dtype=np.float64)
        if alpha.shape not in ((), (feature_count,)) or not (alpha >= 0).all():
            message = f"alpha={self.alpha} must be one number >= 0 or {feature_count} of them"
            raise ValueError(message)
        return np.broadcast_to(alpha, feature_count)

    def _objective(
        self, rows: FloatArray, codes: npt.NDArray[np.intp], weights: FloatArray
    ) -> PenalizedLikelihood:
        prior = 0.0 if self.coef_prior is None else self.coef_prior
        return PenalizedLikelihood(
            link=LINKS[self.link],
            rows=rows,
            codes=codes,
            weights=weights,
            class_count=len(self.classes_),
            alpha=self._precisions(rows.shape[1]),
            coef_prior=np.broadcast_to(np.asarray(prior, dtype=np.float64), rows.shape[1:]),
            alpha_threshold=self.alpha_threshold,
            threshold_prior=self._threshold_prior(codes, weights),
        )

    def _threshold_prior(self, codes: npt.NDArray[np.intp], weights: FloatArray) -> FloatArray:
        class_count = len(self.classes_)
        if self.threshold_prior is None:
            mass = np.cumsum(np.bincount(codes, weights, class_count) + 0.5)
            return np.asarray(LINKS[self.link].quantile(mass[:-1] / mass[-1]))
        prior = np.asarray(self.threshold_prior, dtype=np.float64)
        if prior.shape != (class_count - 1,) or (np.diff(prior) <= 0).any():
            message = f"threshold_prior={prior} must hold {class_count - 1} increasing numbers"
            raise ValueError(message)
        return prior

    def _minimize(self, objective: PenalizedLikelihood) -> None:
        raw = threshold_parameters_from(objective.threshold_prior)
        slope_bounds = self._slope_bounds(objective.rows.shape[1])
        with one_thread():
            result = minimize(
                objective,
                np.concatenate([_within(objective.coef_prior, slope_bounds), raw]),
                jac=True,
                method="L-BFGS-B",
                bounds=[*slope_bounds, (None, None), *[LOG_GAP_BOUNDS] * (len(raw) - 1)],
                options={"maxiter": _MAX_ITERATION_COUNT, "maxfun": 2 * _MAX_ITERATION_COUNT},
            )
        if result.status == 1:
            message = f"stopped after {result.nit} iterations; scale the features or raise alpha"
            warnings.warn(message, ConvergenceWarning, stacklevel=3)
        self.coef_, parameters = np.split(result.x, [objective.rows.shape[1]])
        self.thresholds_ = thresholds_from(parameters)
        self.n_iter_ = int(result.nit)

    def _slope_bounds(self, feature_count: int) -> list[tuple[float | None, float | None]]:
        signs = [0] * feature_count if self.monotonic_cst is None else list(self.monotonic_cst)
        if len(signs) != feature_count or not set(signs) <= set(_BOUNDS_BY_SIGN):
            message = f"monotonic_cst must hold -1, 0 or 1 for each of {feature_count} features"
            raise ValueError(message)
        return [_BOUNDS_BY_SIGN[sign] for sign in signs]


def _within(values: FloatArray, bounds: list[tuple[float | None, float | None]]) -> FloatArray:
    lows = [-np.inf if low is None else low for low, _ in bounds]
    highs = [np.inf if high is None else high for _, high in bounds]
    return np.clip(values, lows, highs)
