"""A smooth model of ordered classes: a kernel score, then a cumulative link on that score.

The score is the mean of a Gaussian process on the positions of the classes, a cheap stand-in
for Gaussian-process ordinal regression (Chu and Ghahramani 2005, Journal of Machine Learning
Research 6). Each row's score for the second step comes from all other rows, in closed form
(Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, section 5.4.2), so the
step sees scores as wide of the mark as those of new rows.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from scipy.linalg import cholesky, eigh, solve_triangular
from scipy.spatial.distance import pdist
from sklearn.base import BaseEstimator
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from classifiers.decisions import OrderedDecisionMixin
from classifiers.one_thread import one_thread
from classifiers.ordinal import CumulativeLinkClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

_GAMMA_FACTORS = (0.01, 0.05, 0.25, 1.0, 4.0)  # from nearly linear to local
_ALPHAS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_JITTER = 1e-6  # far below the smallest noise, so the fit does not see it
_SLOPE_PRECISION = 0.01  # keeps the slope finite when the scores separate the classes


class KernelOrdinalClassifier(OrderedDecisionMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Gaussian-process score of ordered classes with a cumulative link model on top.

    The kernel is exp(-gamma |a - b|^2), so features should be on one scale; missing values
    (NaN) are refused. Width and noise are those with the smallest squared error of leaving one
    row out. A row of weight w has the noise of the mean of w rows.

    Args:
        gammas: widths to choose from, in units of 1 / squared distance; "median" for multiples,
            0.01 to 4, of 1 / (2 median squared distance of two rows).
        alphas: noise variances to choose from, relative to the variance of the score.
        max_rows: above so many rows the score is spanned by a random subset of that size (the
            Nystroem method); all rows still count in the fit. Time grows with its cube.
        random_state: seed of that subset.
        link: "logit" or "probit", of the cumulative link model.
        classes: all classes in ascending order, so that one without rows keeps its column;
            None takes those found in y.
        decision: "median", "mode" or "prior_adjusted", see `decisions.decided_positions`.

    Attributes:
        classes_: classes in ascending order.
        class_prior_: frequency of each class in training, by weight, half a row added to each.
        gamma_, alpha_: the width and the noise chosen.
        landmarks_: rows that span the score, shape (at most max_rows, n_features).
        dual_coef_: what each landmark adds to the score of a row beside it.
        link_: the cumulative link model of the score.

    Examples:
        >>> import numpy as np
        >>> X = np.linspace(-3, 3, 40)[:, np.newaxis]
        >>> y = 1 + np.digitize(np.abs(X[:, 0]), [1.0, 2.0])
        >>> KernelOrdinalClassifier().fit(X, y).predict([[-2.5], [0.0], [1.5]])
        array([3, 1, 2])
    """

    def __init__(  # noqa: PLR0913 - each is one setting of the model
        self,
        gammas: str | Sequence[float] = "median",
        *,
        alphas: Sequence[float] = _ALPHAS,
        max_rows: int = 1000,
        random_state: int | None = 0,
        link: str = "logit",
        classes: Sequence[Any] | None = None,
        decision: str = "median",
    ) -> None:
        self.gammas = gammas
        self.alphas = alphas
        self.max_rows = max_rows
        self.random_state = random_state
        self.link = link
        self.classes = classes
        self.decision = decision

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> Self:
        """Fit to rows `X` (n_rows, n_features) with ordered classes `y`.

        Raises:
            ValueError: gammas, alphas or max_rows that are not above 0, an unknown link or
                decision, a class in y that `classes` lacks, or fewer than two classes.
        """
        rows, labels = validate_data(self, X, y, dtype=np.float64)
        weights = _check_sample_weight(
            sample_weight, rows, dtype=np.float64, ensure_non_negative=True
        )
        codes = self._take_labels(labels, weights)
        is_used = weights > 0
        with one_thread():
            self._fit_score(rows[is_used], codes[is_used], weights[is_used])
        return self

    def predict_score(self, X: npt.ArrayLike) -> FloatArray:
        """Expected position of each row's class, counted from 0; not held within the classes."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=np.float64)
        nearness = rbf_kernel(rows, self.landmarks_, gamma=self.gamma_)
        score: FloatArray = self.center_ + nearness @ self.dual_coef_
        return score

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes), in the order of `classes_`."""
        score = self.predict_score(X)[:, np.newaxis]
        probabilities: FloatArray = self.link_.predict_proba(score)
        return probabilities

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # the checks' labels follow no order
        return tags

    def _fit_score(self, rows: FloatArray, codes: IntArray, weights: FloatArray) -> None:
        self.center_ = float(np.average(codes, weights=weights))
        self.landmarks_ = self._landmarks(rows)
        target = (codes - self.center_).astype(np.float64)
        choices = [
            _best_noise(_Basis.of(rows, self.landmarks_, gamma, weights), target, self._noises())
            for gamma in self._widths()
        ]
        best = min(range(len(choices)), key=lambda place: choices[place].error)
        chosen = choices[best]
        self.gamma_, self.alpha_ = self._widths()[best], chosen.alpha
        self.dual_coef_ = chosen.dual_coef
        self.link_ = self._fit_link(self.center_ + chosen.left_out, codes, weights)

    def _fit_link(
        self, scores: FloatArray, codes: IntArray, weights: FloatArray
    ) -> CumulativeLinkClassifier:
        # Left-out scores of pure noise lie against the classes; a negative slope is never meant.
        model = CumulativeLinkClassifier(
            self.link,
            alpha=_SLOPE_PRECISION,
            monotonic_cst=[1],
            classes=list(range(len(self.classes_))),
        )
        return model.fit(scores[:, np.newaxis], codes, sample_weight=weights)

    def _landmarks(self, rows: FloatArray) -> FloatArray:
        if self.max_rows < 1:
            message = f"max_rows={self.max_rows} must be at least 1"
            raise ValueError(message)
        if len(rows) <= self.max_rows:
            return rows
        generator = check_random_state(self.random_state)
        chosen = np.sort(generator.choice(len(rows), self.max_rows, replace=False))
        return np.asarray(rows[chosen])

    def _widths(self) -> list[float]:
        if isinstance(self.gammas, str) and self.gammas == "median":
            typical = _median_square_distance(self.landmarks_)
            return [factor / (2 * typical) for factor in _GAMMA_FACTORS]
        return _above_zero("gammas", self.gammas)

    def _noises(self) -> list[float]:
        return _above_zero("alphas", self.alphas)


class _Choice(NamedTuple):
    error: float
    alpha: float
    left_out: FloatArray
    dual_coef: FloatArray


class _Basis(NamedTuple):
    """Weighted kernel features of all rows as left vectors, values and right vectors."""

    roots: FloatArray
    left: FloatArray
    values: FloatArray
    to_dual: FloatArray

    @classmethod
    def of(
        cls, rows: FloatArray, landmarks: FloatArray, gamma: float, weights: FloatArray
    ) -> _Basis:
        inner = rbf_kernel(landmarks, gamma=gamma)
        inner.flat[:: len(inner) + 1] += _JITTER
        lower = cholesky(inner, lower=True)
        roots = np.sqrt(weights)
        crossed = rbf_kernel(landmarks, rows, gamma=gamma) * roots
        features = solve_triangular(lower, crossed, lower=True)
        squares, right = eigh(features @ features.T)
        is_kept = squares > 1e-10 * squares[-1]
        values, right = np.sqrt(squares[is_kept]), right[:, is_kept]
        left = features.T @ (right / values)
        return cls(roots, left, values, solve_triangular(lower, right, lower=True, trans="T"))


def _best_noise(basis: _Basis, target: FloatArray, alphas: Sequence[float]) -> _Choice:
    projected = basis.left.T @ (basis.roots * target)
    squares = basis.values**2
    shrinkages = squares[:, np.newaxis] / (squares[:, np.newaxis] + np.asarray(alphas))
    fitted = basis.left @ (shrinkages * projected[:, np.newaxis])
    room = np.maximum(1.0 - basis.left**2 @ shrinkages, 1e-8)
    residuals = ((basis.roots * target)[:, np.newaxis] - fitted) / room
    errors = (residuals**2).sum(axis=0)  # in units of weight, as the roots are inside
    place = int(errors.argmin())
    left_out = target - residuals[:, place] / basis.roots
    dual_coef = basis.to_dual @ (shrinkages[:, place] / basis.values * projected)
    return _Choice(float(errors[place]), float(alphas[place]), left_out, dual_coef)


def _median_square_distance(rows: FloatArray) -> float:
    squares = pdist(rows, "sqeuclidean")
    squares = squares[squares > 0]
    return float(np.median(squares)) if squares.size else 1.0


def _above_zero(name: str, numbers: str | Sequence[float]) -> list[float]:
    given = [] if isinstance(numbers, str) else [float(number) for number in numbers]
    if not given or min(given) <= 0:
        message = f"{name}={numbers!r} must hold numbers above 0"
        raise ValueError(message)
    return given
