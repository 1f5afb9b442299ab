"""Fitting a classifier to classes that are known by their probabilities only.

A row counts once for each of its classes, with the probability as weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from classifiers.out_of_fold import fit_weighted, out_of_fold_probabilities

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.out_of_fold import Fold

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

_SMALLEST_MASS = 1e-3  # of a class that is still worth a row
_SMALLEST_SHARE = 1e-4  # bounds the log-odds that are moved
_FARTHEST_MOVE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftLabels:
    """Rows with the probability of each class.

    Attributes:
        rows: features, shape (n_rows, n_features).
        classes: in ascending order.
        probabilities: of each class, shape (n_rows, n_classes).
        weights: of the rows.
    """

    rows: FloatArray
    classes: npt.NDArray[Any]
    probabilities: FloatArray
    weights: FloatArray

    def fit(self, estimator: Any) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        """A fitted clone of `estimator`."""
        origins, codes, weights = self._repeated()
        return fit_weighted(estimator, self.rows[origins], self.classes[codes], weights)

    def out_of_fold(
        self,
        estimator: Any,  # noqa: ANN401 - scikit-learn publishes no types
        folds: Sequence[Fold],
    ) -> FloatArray:
        """Probability of each class for each row, by models that have not seen the row."""
        origins, codes, weights = self._repeated()
        first = np.unique(origins, return_index=True)[1]
        repeated_folds = [
            (np.flatnonzero(np.isin(origins, training)), first[held_out])
            for training, held_out in folds
        ]
        return out_of_fold_probabilities(
            estimator,
            self.rows[origins],
            self.classes[codes],
            weights,
            classes=self.classes,
            folds=repeated_folds,
        )[first]

    def _repeated(self) -> tuple[IntArray, IntArray, FloatArray]:
        origins, codes = np.nonzero(self.probabilities > _SMALLEST_MASS)
        return origins, codes, self.probabilities[origins, codes] * self.weights[origins]


def moved(probabilities: FloatArray, move: float) -> FloatArray:
    """Probabilities with the log-odds of being above each class but the last raised by `move`.

    Examples:
        >>> moved(np.array([[0.5, 0.5]]), np.log(3)).round(2).tolist()
        [[0.25, 0.75]]
    """
    if move == 0.0:
        return probabilities
    below = np.cumsum(probabilities, axis=1)[:, :-1]
    log_odds = logit(np.clip(below, _SMALLEST_SHARE, 1 - _SMALLEST_SHARE)) - move
    return np.diff(np.pad(expit(log_odds), ((0, 0), (1, 1)), constant_values=(0.0, 1.0)))


def best_move(
    probabilities: FloatArray, codes: IntArray, weights: FloatArray, spread: float
) -> float:
    """The most probable move for rows of known class, under a normal prior around 0.

    Args:
        probabilities: of each class, by models that have not seen the rows.
        codes: true class of each row, from 0.
        weights: of the rows.
        spread: standard deviation of the prior; 0 for no move.
    """
    if spread == 0.0:
        return 0.0
    rows = np.arange(len(codes))

    def cost(move: float) -> float:
        true_shares = moved(probabilities, move)[rows, codes]
        likelihood = weights @ np.log(np.maximum(true_shares, _SMALLEST_SHARE))
        return float(0.5 * (move / spread) ** 2 - likelihood)

    found = minimize_scalar(cost, bounds=(-_FARTHEST_MOVE, _FARTHEST_MOVE), method="bounded")
    return float(found.x)
