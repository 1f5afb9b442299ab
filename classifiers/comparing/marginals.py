"""Whether claims are, as a whole, distributed as the observed stages are, and in which direction.

The tests look at organizations that disagree. A category about which nobody disagrees, be it
empty or agreed upon by everybody, says nothing and would make the matrices singular: it is
dropped, and the result names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr, chdtrc

from classifiers.comparing.square_table import SquareTable, checked_counts

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

#: Fewer who disagree than this: read the exact p-value of the direction.
FEW_DISAGREEING = 25

_NOBODY = "no organization's claim differs from its observed stage"
_ONE_WAY = "all organizations disagree, and so alike that the differences do not vary"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalTest:
    """A chi-squared test on a table of claimed and observed stages.

    `degrees` are those of the categories that were kept (for Bowker: of the pairs of categories
    about which somebody disagrees).
    """

    statistic: float | None
    degrees: int
    p_value: float | None
    dropped_labels: tuple[str, ...] = ()  #: categories about which nobody disagrees
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionTest:
    """McNemar's test: whether as many claims lie above the observed stage as below it."""

    above_count: int
    below_count: int
    statistic: float | None  #: chi-squared with one degree of freedom, uncorrected
    p_value: float | None
    exact_p_value: float | None  #: binomial, two-sided; the one to read with few who disagree
    reason: str = ""


def stuart_maxwell(table: SquareTable | npt.ArrayLike) -> MarginalTest:
    """Test that both margins are equal (Stuart 1955, Biometrika 42; Maxwell 1970).

    Examples:
        >>> found = stuart_maxwell([[20, 10, 5], [3, 30, 15], [0, 5, 40]])
        >>> round(found.statistic, 3), found.degrees, round(found.p_value, 5)
        (13.765, 2, 0.00103)
    """
    counts, dropped = _informative(table)
    statistic, degrees = _homogeneity(counts)
    return _tested(statistic, degrees, dropped)


def bhapkar(table: SquareTable | npt.ArrayLike) -> MarginalTest:
    """Test that both margins are equal, more powerful than Stuart-Maxwell (Bhapkar 1966, JASA 61).

    W / (1 - W / n) of the Stuart-Maxwell statistic W (Keefe 1982), n the organizations in the
    categories that were kept.
    """
    counts, dropped = _informative(table)
    statistic, degrees = _homogeneity(counts)
    total = float(counts.sum())
    if degrees and statistic > total * (1 - 1e-9):
        return MarginalTest(
            statistic=None, degrees=degrees, p_value=None, dropped_labels=dropped, reason=_ONE_WAY
        )
    return _tested(statistic / (1 - statistic / total) if degrees else 0.0, degrees, dropped)


def bowker(table: SquareTable | npt.ArrayLike) -> MarginalTest:
    """Test that claim i, observed j is as frequent as claim j, observed i (Bowker 1948, JASA 43).

    Pairs of categories about which nobody disagrees have no degree of freedom, and nothing is
    added to empty cells.
    """
    counts, dropped = _informative(table)
    upper = np.triu_indices(len(counts), k=1)
    one, other = counts[upper], counts.T[upper]
    both = one + other
    parts = (one - other)[both > 0] ** 2 / both[both > 0]
    return _tested(float(parts.sum()), int((both > 0).sum()), dropped)


def direction(above_count: int, below_count: int) -> DirectionTest:
    """McNemar's test of over- against under-claims (McNemar 1947, Psychometrika 12).

    Args:
        above_count: organizations whose claim is above the observed stage.
        below_count: organizations whose claim is below it.

    Examples:
        >>> round(direction(1010, 1171).statistic, 3)
        11.885
    """
    both = above_count + below_count
    statistic = (above_count - below_count) ** 2 / both if both else None
    return DirectionTest(
        above_count=above_count,
        below_count=below_count,
        statistic=statistic,
        p_value=None if statistic is None else float(chdtrc(1, statistic)),
        exact_p_value=_exact_p_value(above_count, below_count) if both else None,
        reason="" if both else _NOBODY,
    )


def _exact_p_value(above_count: int, below_count: int) -> float:
    one_sided = float(bdtr(min(above_count, below_count), above_count + below_count, 0.5))
    return min(2 * one_sided, 1.0)


def _informative(table: SquareTable | npt.ArrayLike) -> tuple[FloatArray, tuple[str, ...]]:
    counts = checked_counts(table)
    numbers = tuple(str(place + 1) for place in range(len(counts)))
    labels = table.labels if isinstance(table, SquareTable) else numbers
    off = counts - np.diag(np.diag(counts))
    is_kept = (off.sum(axis=0) + off.sum(axis=1)) > 0
    dropped = tuple(label for label, kept in zip(labels, is_kept, strict=True) if not kept)
    return counts[np.ix_(is_kept, is_kept)], dropped


def _homogeneity(counts: FloatArray) -> tuple[float, int]:
    """The Stuart-Maxwell statistic and its degrees of freedom.

    With two groups of categories between which nobody disagrees each loses a degree of freedom;
    the rank says so, and the pseudo-inverse is exact as the differences lie in its range.
    """
    if not len(counts):
        return 0.0, 0
    differences = counts.sum(axis=1) - counts.sum(axis=0)
    both = counts + counts.T
    spread = np.diag(both.sum(axis=1)) - both
    degrees = int(np.linalg.matrix_rank(spread, hermitian=True))
    statistic = differences @ np.linalg.pinv(spread, rcond=1e-12, hermitian=True) @ differences
    return float(statistic), degrees


def _tested(statistic: float, degrees: int, dropped: tuple[str, ...]) -> MarginalTest:
    return MarginalTest(
        statistic=statistic if degrees else None,
        degrees=degrees,
        p_value=float(chdtrc(degrees, statistic)) if degrees else None,
        dropped_labels=dropped,
        reason="" if degrees else _NOBODY,
    )
