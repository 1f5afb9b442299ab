"""How much a disagreement of so many categories still counts as agreement, from 1 to 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

Weighting = Literal["quadratic", "linear", "unweighted"]

_EXPONENTS = {"quadratic": 2.0, "linear": 1.0, "unweighted": 0.0}


def agreement_weights(category_count: int, weighting: Weighting) -> FloatArray:
    """1 on the diagonal, 0 in the farthest corners; `unweighted` is 0 off the diagonal.

    1 - (|i - j| / (k - 1))^2 for `quadratic`, without the square for `linear` (Cohen 1968).

    Raises:
        ValueError: the weighting is none of the three, or there are fewer than two categories.

    Examples:
        >>> agreement_weights(3, "quadratic").tolist()
        [[1.0, 0.75, 0.0], [0.75, 1.0, 0.75], [0.0, 0.75, 1.0]]
    """
    if weighting not in _EXPONENTS:
        message = f"weights {weighting!r} are not known; give one of {', '.join(_EXPONENTS)}"
        raise ValueError(message)
    if category_count < 2:  # noqa: PLR2004 - one category leaves nothing to disagree about
        message = "agreement needs at least two categories; give the full list of them"
        raise ValueError(message)
    places = np.arange(category_count)
    distances = np.abs(np.subtract.outer(places, places)) / (category_count - 1)
    far: FloatArray = np.where(distances > 0, distances ** _EXPONENTS[weighting], 0.0)
    return 1 - far
