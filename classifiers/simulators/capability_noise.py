"""How what is measured scatters around what is true: shares, rates and heavy tails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

_EDGE = 1e-4
_TALLEST = 1e7


def scattered_shares(
    generator: np.random.Generator, shares: FloatArray, concentration: float
) -> FloatArray:
    """Shares of single organizations around what is usual: beta with the given concentration."""
    kept = np.clip(shares, _EDGE, 1.0 - _EDGE)
    return generator.beta(kept * concentration, (1.0 - kept) * concentration)


def tailed(
    generator: np.random.Generator, count: int, scale: float, degrees_of_freedom: float
) -> FloatArray:
    """Student's t times `scale`: mostly small, sometimes far off."""
    return scale * generator.standard_t(degrees_of_freedom, count)


def counted(generator: np.random.Generator, rates: npt.NDArray[np.floating[Any]]) -> IntArray:
    """Poisson counts of the given means; no mean is taken as higher than ten million."""
    return np.asarray(generator.poisson(np.minimum(rates, _TALLEST)))


def shifted(shares: FloatArray, logits: FloatArray) -> FloatArray:
    """Shares moved on the logistic scale; 0 and 1 move as if they lay just inside."""
    moved: FloatArray = expit(logit(np.clip(shares, _EDGE, 1.0 - _EDGE)) + logits)
    return moved
