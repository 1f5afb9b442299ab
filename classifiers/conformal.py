"""Prediction sets of neighbouring stages with a stated coverage.

A set starts at the most probable stage and grows to the more probable neighbour until its mass
passes a threshold (Lu, Angelopoulos and Pomerantz 2022, Improving trustworthiness of AI disease
severity rating in medical imaging with ordinal conformal prediction sets). The thresholds are
calibrated so that sets hold the true stage at the stated rate in nearly every one of many
simulated worlds, not just on average over them, since reality is one world we have not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

LEVELS = (0.8, 0.9)
WORLD_SHARE = 0.9  #: share of the worlds in which a level is to be reached

# A run of neighbours with more than half of the mass always holds the median.
_SMALLEST_THRESHOLD = 0.5


class StageSets(NamedTuple):
    """Lowest and highest stage code of each set, both included."""

    low: IntArray
    high: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCalibration:
    """Thresholds of mass by level; a higher level never has a lower one, so sets are nested."""

    thresholds: Mapping[float, float]

    def predict_set(self, probabilities: FloatArray, level: float) -> StageSets:
        """The set of each row of `probabilities` (n_rows, n_stages), codes counting from 1.

        Raises:
            KeyError: the level was not calibrated.
        """
        is_in_set = masses_before(probabilities) <= self.thresholds[level]
        stage_count = probabilities.shape[1]
        low = is_in_set.argmax(axis=1) + 1
        high = stage_count - is_in_set[:, ::-1].argmax(axis=1)
        return StageSets(low, high)


def calibrate_sets(
    probabilities: FloatArray, stage_codes: IntArray, world_codes: IntArray
) -> SetCalibration:
    """Thresholds from organizations of known stage that the model was not trained on.

    For each world the smallest threshold that reaches the level there (with the finite-sample
    correction of split conformal prediction), then the 90th percentile of these over worlds.
    """
    rows = np.arange(len(stage_codes))
    masses = masses_before(probabilities)[rows, stage_codes - 1]
    by_world = [masses[world_codes == world] for world in np.unique(world_codes)]
    return SetCalibration(
        thresholds={level: _robust_threshold(by_world, level) for level in LEVELS}
    )


def masses_before(probabilities: FloatArray) -> FloatArray:
    """Mass that a growing set holds just before it takes in each stage; 0 for the first."""
    row_count, stage_count = probabilities.shape
    rows = np.arange(row_count)
    padded = np.pad(probabilities, ((0, 0), (1, 1)), constant_values=-1.0)
    low = high = probabilities.argmax(axis=1) + 1
    masses = np.zeros((row_count, stage_count + 2))
    mass = padded[rows, low]
    for _ in range(stage_count - 1):
        is_downward = padded[rows, low - 1] >= padded[rows, high + 1]
        low, high = low - is_downward, high + ~is_downward
        taken = np.where(is_downward, low, high)
        masses[rows, taken] = mass
        mass = mass + padded[rows, taken]
    return masses[:, 1:-1]


def _robust_threshold(masses_by_world: list[FloatArray], level: float) -> float:
    thresholds = [_threshold(masses, level) for masses in masses_by_world]
    robust = np.quantile(thresholds, WORLD_SHARE, method="higher")
    return max(float(robust), _SMALLEST_THRESHOLD)


def _threshold(masses: FloatArray, level: float) -> float:
    rank = int(np.ceil((len(masses) + 1) * level))
    return 1.0 if rank > len(masses) else float(np.sort(masses)[rank - 1])
