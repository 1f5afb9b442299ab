"""Cumulative probabilities that ascend, where separate fits let neighbours cross."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]


def ascending(curves: FloatArray) -> FloatArray:
    """The middle between the lowest rising curve above each row and the highest one below.

    Args:
        curves: shape (n_rows, n_thresholds); rows that rise stay as they are.

    Examples:
        >>> ascending(np.array([[0.2, 0.6, 0.4]])).tolist()
        [[0.2, 0.5, 0.5]]
    """
    from_left = np.maximum.accumulate(curves, axis=1)
    from_right = np.minimum.accumulate(curves[:, ::-1], axis=1)[:, ::-1]
    middle: FloatArray = (from_left + from_right) / 2
    return middle
