"""Reports of organizations about their own stage, some with the true stage beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.report_shift import ReportShift

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

NOT_CODED = -1

_SMALLEST_CHANCE = 1e-9  # of a report, so that rounding never rules out every class


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfReports:
    """What is known of each row besides its features; rows with a true class are anchors.

    Attributes:
        reported_codes: reported class, from 0.
        anchor_codes: true class, from 0; `NOT_CODED` where nobody knows it.
        rater_codes: rater group, from 0.
        weights: of the rows.
        class_count: classes of the ladder.
    """

    reported_codes: IntArray
    anchor_codes: IntArray
    rater_codes: IntArray
    weights: FloatArray
    class_count: int

    @property
    def is_anchor(self) -> BoolArray:
        """Whether the true class of a row is known."""
        is_anchor: BoolArray = self.anchor_codes != NOT_CODED
        return is_anchor

    def anchor_shares(self) -> FloatArray:
        """Share of each class among the anchors, one row added to each."""
        is_anchor = self.is_anchor
        masses = 1.0 + np.bincount(
            self.anchor_codes[is_anchor], self.weights[is_anchor], self.class_count
        )
        shares: FloatArray = masses / masses.sum()
        return shares

    def anchor_indicators(self) -> FloatArray:
        """1 at the true class of each anchor, else 0; shape (n_rows, n_classes)."""
        indicators: FloatArray = np.eye(self.class_count)[np.maximum(self.anchor_codes, 0)]
        indicators[~self.is_anchor] = 0.0
        return indicators

    def posterior(self, shares: FloatArray, shift: ReportShift) -> FloatArray:
        """Probability of each true class given the report; certain for anchors.

        Args:
            shares: probabilities before the report, shape (n_rows, n_classes) or (n_classes,).
            shift: chances of a report for each true class.
        """
        chances = shift.report_probabilities()[self.rater_codes, :, self.reported_codes]
        products = shares * np.maximum(chances, _SMALLEST_CHANCE)
        posterior = products / products.sum(axis=1, keepdims=True)
        return np.where(self.is_anchor[:, np.newaxis], self.anchor_indicators(), posterior)

    def step_counts(self, probabilities: FloatArray, steps: IntArray) -> FloatArray:
        """Weight of the rows by rater group, true class and steps of the report above it.

        Args:
            probabilities: of each true class; an anchor that is further off than `steps`
                counts at the end of them, other rows leave out what is further off.
            steps: ascending and without gaps.

        Returns:
            Shape (n_groups, n_classes, n_steps).
        """
        off = self.reported_codes[:, np.newaxis] - np.arange(self.class_count)
        is_anchor = self.is_anchor
        off[is_anchor] = np.clip(off[is_anchor], steps[0], steps[-1])
        rows, classes = np.nonzero((off >= steps[0]) & (off <= steps[-1]))
        counts = np.zeros((self.rater_codes.max() + 1, self.class_count, len(steps)))
        masses = probabilities[rows, classes] * self.weights[rows]
        np.add.at(counts, (self.rater_codes[rows], classes, off[rows, classes] - steps[0]), masses)
        return counts
