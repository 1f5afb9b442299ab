"""Organizations counted by claimed stage (rows) and observed stage (columns)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.stages import Stage

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

STAGE_COUNT = len(Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class SquareTable:
    """Counts over the full list of categories, those that nobody has among them.

    Distances are counted in categories: after merging, two merged stages are one step.
    """

    counts: tuple[tuple[int, ...], ...]  #: claimed in rows, observed in columns
    labels: tuple[str, ...]  #: such as `4`, or `5+` for 5 and 6 together

    @property
    def organization_count(self) -> int:
        """Organizations in the table."""
        return int(self.array().sum())

    @property
    def claimed_counts(self) -> tuple[int, ...]:
        """Organizations by claimed category."""
        return tuple(self.array().sum(axis=1).tolist())

    @property
    def observed_counts(self) -> tuple[int, ...]:
        """Organizations by observed category."""
        return tuple(self.array().sum(axis=0).tolist())

    def array(self) -> IntArray:
        """The counts as an array, shape (n_categories, n_categories)."""
        return np.asarray(self.counts, dtype=np.intp).reshape(len(self.labels), -1)

    def above_count(self, margin: int = 1) -> int:
        """Organizations that claim at least `margin` categories more than is observed."""
        return int(self.array()[self._steps() >= margin].sum())

    def below_count(self, margin: int = 1) -> int:
        """Organizations that claim at least `margin` categories less than is observed."""
        return int(self.array()[self._steps() <= -margin].sum())

    def within_count(self, margin: int = 0) -> int:
        """Organizations whose claim is at most `margin` categories off; 0: those that agree."""
        return int(self.array()[np.abs(self._steps()) <= margin].sum())

    def gaps(self) -> IntArray:
        """Claimed minus observed category, one for each organization, in no order."""
        return np.repeat(self._steps().ravel(), self.array().ravel())

    def merged(self, lower: int) -> SquareTable:
        """The table with two neighbouring categories made one.

        Args:
            lower: place of the lower of the two, from 1.

        Raises:
            ValueError: there is no such pair.

        Examples:
            >>> merged = tabulate([5, 6, 1], [6, 5, 2]).merged(5)
            >>> merged.labels, merged.within_count()
            (('1', '2', '3', '4', '5+'), 2)
        """
        count = len(self.labels)
        if not 1 <= lower < count:
            message = f"place {lower} has no higher neighbour; give 1 to {count - 1}"
            raise ValueError(message)
        starts = np.delete(np.arange(count), lower)
        rows = np.add.reduceat(self.array(), starts, axis=0)
        merged = np.add.reduceat(rows, starts, axis=1)
        ends = f"{self.labels[lower - 1]}-{self.labels[lower]}"
        label = f"{self.labels[lower - 1]}+" if lower == count - 1 else ends
        labels = (*self.labels[: lower - 1], label, *self.labels[lower + 1 :])
        return SquareTable(counts=_rows(merged), labels=labels)

    def _steps(self) -> IntArray:
        places = np.arange(len(self.labels))
        return np.subtract.outer(places, places)


def tabulate(
    claimed: npt.ArrayLike, observed: npt.ArrayLike, category_count: int = STAGE_COUNT
) -> SquareTable:
    """Count pairs of codes 1 to `category_count`, one pair an organization.

    Raises:
        ValueError: the two differ in length, or a code is not on the list.

    Examples:
        >>> tabulate([1, 2, 2], [1, 1, 2], category_count=2).counts
        ((1, 0), (1, 1))
    """
    rows = checked_codes(claimed, category_count, "claimed")
    columns = checked_codes(observed, category_count, "observed")
    if len(rows) != len(columns):
        message = f"{len(rows)} claimed and {len(columns)} observed codes; give one pair each"
        raise ValueError(message)
    counts = np.zeros((category_count, category_count), dtype=np.intp)
    np.add.at(counts, (rows - 1, columns - 1), 1)
    labels = tuple(str(code) for code in range(1, category_count + 1))
    return SquareTable(counts=_rows(counts), labels=labels)


def checked_codes(codes: npt.ArrayLike, category_count: int, name: str) -> IntArray:
    """Codes as whole numbers.

    Raises:
        ValueError: one of them is not 1 to `category_count`; the message names its place.
    """
    given = np.asarray(codes, dtype=np.float64).reshape(-1)
    is_wrong = ~np.isin(given, np.arange(1, category_count + 1))
    if is_wrong.any():
        place = int(np.flatnonzero(is_wrong)[0])
        message = (
            f"{name} code {given[place]:g} at place {place + 1} is none of 1 to {category_count}; "
            "leave out organizations without one"
        )
        raise ValueError(message)
    return given.astype(np.intp)


def checked_counts(table: SquareTable | npt.ArrayLike) -> FloatArray:
    """The counts of a table, or a square array of counts, as floats.

    Raises:
        ValueError: it is not square, or holds what is no count.
    """
    given = table.array() if isinstance(table, SquareTable) else table
    counts = np.asarray(given, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:  # noqa: PLR2004 - rows and columns
        message = f"a table of shape {counts.shape} is not square; give a row and column a category"
        raise ValueError(message)
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        message = "a table of counts holds a negative or missing number; count pairs again"
        raise ValueError(message)
    return counts


def _rows(counts: IntArray) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in counts.tolist())
