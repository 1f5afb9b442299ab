"""Pooling the probabilities of several models: weights of a mixture, and its temperature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar, nnls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]
    Pool = Callable[[FloatArray, IntArray, FloatArray], FloatArray]

_LOG_TEMPERATURE_BOUND = 1.5  # far beyond what a model that is fitted with care needs
_ROUND_COUNT = 200
_SUM_STRICTNESS = 1e4  # how much dearer a sum that is not 1 is than a badly fitting mixture


def pool_by_ranked_probability(
    stacked: FloatArray, codes: IntArray, weights: FloatArray
) -> FloatArray:
    """Mixture weights with the smallest ranked probability score; at least 0, of sum 1.

    The score is a quadratic form of the weights. Equal weights are added as one more row's
    worth of preference, which also settles what equal models get.

    Args:
        stacked: probabilities, shape (n_models, n_rows, n_classes).
        codes: position of each row's class.
        weights: weight of each row.
    """
    classes = np.arange(stacked.shape[2] - 1)
    offsets = np.cumsum(stacked, axis=2)[:, :, :-1] - (codes[:, np.newaxis] <= classes)
    flat = (offsets * np.sqrt(weights)[:, np.newaxis]).reshape(len(stacked), -1)
    form = flat @ flat.T
    form += np.eye(len(form)) * max(float(form.trace()) / form.size, 1e-12) * _one_row(weights)
    root = np.linalg.cholesky(form).T
    strict = _SUM_STRICTNESS * np.sqrt(form.trace())
    solution, _ = nnls(np.vstack([root, np.full(len(form), strict)]), [0.0] * len(form) + [strict])
    return np.asarray(solution / solution.sum())


def pool_by_log_loss(stacked: FloatArray, codes: IntArray, weights: FloatArray) -> FloatArray:
    """Mixture weights with the smallest log loss, by expectation and maximization.

    Arguments as in `pool_by_ranked_probability`; the preference for equal weights is a row
    that every model shares.
    """
    of_class = np.maximum(stacked[:, np.arange(len(codes)), codes], 1e-15)
    pool = np.full(len(stacked), 1 / len(stacked))
    for _ in range(_ROUND_COUNT):
        mixed = of_class * pool[:, np.newaxis]
        mass = (mixed / mixed.sum(axis=0)) @ weights + 1 / len(pool)
        pool = mass / mass.sum()
    return pool


def tempered(probabilities: FloatArray, temperature: float) -> FloatArray:
    """Probabilities to the power of 1 / temperature, normalized by row; above 1 flattens."""
    powers: FloatArray = np.power(probabilities, 1.0 / temperature)
    normalized: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return normalized


def fitted_temperature(probabilities: FloatArray, codes: IntArray, weights: FloatArray) -> float:
    """The temperature with the smallest log loss, or 1 when none is better than that.

    `probabilities`, shape (n_rows, n_classes), are above 0. See Guo et al. 2017, On calibration
    of modern neural networks (ICML).
    """

    def loss(log_temperature: float) -> float:
        shares = tempered(probabilities, float(np.exp(log_temperature)))
        return float(-weights @ np.log(shares[np.arange(len(codes)), codes]))

    bounds = (-_LOG_TEMPERATURE_BOUND, _LOG_TEMPERATURE_BOUND)
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-3})
    return float(np.exp(best.x)) if best.fun < loss(0.0) else 1.0


def _one_row(weights: FloatArray) -> float:
    return 1.0 / max(float(weights.sum()), 1.0)


POOLS: Mapping[str, Pool] = {
    "rps": pool_by_ranked_probability,
    "log_loss": pool_by_log_loss,
}
