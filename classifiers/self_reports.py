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
NOT_REPORTED = -1

_SMALLEST_CHANCE = 1e-9  # of a report, so that rounding never rules out every class


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfReports:
    """What is known of each row besides its features; rows with report and true class are anchors.

    Attributes:
        reported_codes: reported class, from 0; `NOT_REPORTED` where only the true class is known.
        true_codes: true class, from 0; `NOT_CODED` where nobody knows it.
        rater_codes: rater group, from 0.
        weights: of the rows.
        class_count: classes of the ladder.
    """

    reported_codes: IntArray
    true_codes: IntArray
    rater_codes: IntArray
    weights: FloatArray
    class_count: int

    @property
    def is_coded(self) -> BoolArray:
        """Whether the true class of a row is known."""
        is_coded: BoolArray = self.true_codes != NOT_CODED
        return is_coded

    @property
    def is_reported(self) -> BoolArray:
        """Whether a row has a report."""
        is_reported: BoolArray = self.reported_codes != NOT_REPORTED
        return is_reported

    @property
    def is_anchor(self) -> BoolArray:
        """Whether a row has a report and its true class is known as well."""
        return self.is_coded & self.is_reported

    def known_codes(self) -> IntArray:
        """The report of each row; the true class where there is none."""
        return np.where(self.is_reported, self.reported_codes, self.true_codes)

    def as_reported(self) -> FloatArray:
        """1 at the report of each row (`known_codes`), else 0; shape (n_rows, n_classes)."""
        indicators: FloatArray = np.eye(self.class_count)[self.known_codes()]
        return indicators

    def coded_shares(self) -> FloatArray:
        """Share of each class among rows of known class, one row added to each."""
        is_coded = self.is_coded
        masses = 1.0 + np.bincount(
            self.true_codes[is_coded], self.weights[is_coded], self.class_count
        )
        shares: FloatArray = masses / masses.sum()
        return shares

    def coded_indicators(self) -> FloatArray:
        """1 at the true class of each row where it is known, else 0; shape (n_rows, n_classes)."""
        indicators: FloatArray = np.eye(self.class_count)[np.maximum(self.true_codes, 0)]
        indicators[~self.is_coded] = 0.0
        return indicators

    def posterior(self, shares: FloatArray, shift: ReportShift) -> FloatArray:
        """Probability of each true class given the report; certain where it is known.

        Args:
            shares: probabilities before the report, shape (n_rows, n_classes) or (n_classes,).
            shift: chances of a report for each true class.
        """
        chances = shift.report_probabilities()[self.rater_codes, :, self.reported_codes]
        products = shares * np.maximum(chances, _SMALLEST_CHANCE)
        posterior = products / products.sum(axis=1, keepdims=True)
        return np.where(self.is_coded[:, np.newaxis], self.coded_indicators(), posterior)

    def step_counts(self, probabilities: FloatArray, steps: IntArray) -> FloatArray:
        """Weight of the reports by rater group, true class and steps of the report above it.

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
        is_within = (off >= steps[0]) & (off <= steps[-1]) & self.is_reported[:, np.newaxis]
        rows, classes = np.nonzero(is_within)
        counts = np.zeros((self.rater_codes.max() + 1, self.class_count, len(steps)))
        masses = probabilities[rows, classes] * self.weights[rows]
        np.add.at(counts, (self.rater_codes[rows], classes, off[rows, classes] - steps[0]), masses)
        return counts
