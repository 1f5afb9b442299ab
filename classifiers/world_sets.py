"""Prediction sets with a stated coverage before anyone has coded a stage.

The thresholds are calibrated so that sets hold the true stage at the stated rate in nearly
every one of many simulated worlds, not just on average over them, since reality is one world
we have not seen. The scores and the sets themselves are those of `nonconformity`; with coded
stages at hand, `conformal` calibrates on these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.decisions import median_positions
from classifiers.nonconformity import score_threshold, scores_by, sets_within

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

LEVELS = (0.8, 0.9)
WORLD_SHARE = 0.9  #: share of the worlds in which a level is to be reached


class StageSets(NamedTuple):
    """Lowest and highest stage code of each set, both included."""

    low: IntArray
    high: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCalibration:
    """Thresholds of the score by level; a higher level never has a lower one: sets are nested.

    Examples:
        >>> calibration = SetCalibration(thresholds={0.9: 0.5})
        >>> sets = calibration.predict_set(np.array([[0.1, 0.2, 0.4, 0.3]]), 0.9)
        >>> sets.low.tolist(), sets.high.tolist()
        ([3], [4])
    """

    thresholds: Mapping[float, float]
    score: str = "greedy"  #: name of the score, see `nonconformity.SCORES`

    def predict_set(self, probabilities: FloatArray, level: float) -> StageSets:
        """The set of each row of `probabilities` (n_rows, n_stages), codes counting from 1.

        Raises:
            KeyError: the level was not calibrated.
        """
        threshold = self.thresholds[level]
        scores = scores_by(self.score, probabilities)
        is_in_set = sets_within(scores, threshold, median_positions(probabilities))
        low = is_in_set.argmax(axis=1) + 1
        high = probabilities.shape[1] - is_in_set[:, ::-1].argmax(axis=1)
        return StageSets(low, high)


def calibrate_sets(  # noqa: PLR0913 - each is one choice that a reader of sets must know
    probabilities: FloatArray,
    stage_codes: IntArray,
    world_codes: IntArray,
    *,
    group_codes: IntArray | None = None,
    score: str = "greedy",
    world_share: float = WORLD_SHARE,
    kept_share: float = 0.0,
) -> SetCalibration:
    """Thresholds from organizations of known stage that the model was not trained on.

    For each world the smallest threshold that reaches the level there (with the finite-sample
    correction of split conformal prediction), then the `world_share` quantile of these.

    Args:
        probabilities: of each stage, shape (n_rows, n_stages).
        stage_codes: true stage of each row, from 1.
        world_codes: world of each row.
        group_codes: group of each row within its world, such as how much of it was hidden; the
            level is then to be reached in each group, so the largest threshold of its groups
            is the world's. Fewer rows than level / (1 - level) in a group take in every stage.
        score: "greedy" or "rps", see `nonconformity`.
        world_share: share of the worlds in which the level is to be reached.
        kept_share: share of what the level allows to be missed that is kept for a world unlike
            all of these; with 0.5 and level 0.9 the worlds are held to 0.95.

    Raises:
        ValueError: no score has this name.
    """
    rows = np.arange(len(stage_codes))
    scores = scores_by(score, probabilities)[rows, stage_codes - 1]
    groups = np.zeros(len(scores), dtype=np.intp) if group_codes is None else group_codes
    worlds = _by_world(scores, world_codes, groups)
    thresholds = {
        level: _robust_threshold(worlds, level + kept_share * (1 - level), world_share)
        for level in LEVELS
    }
    return SetCalibration(thresholds=thresholds, score=score)


def _by_world(
    scores: FloatArray, world_codes: IntArray, group_codes: IntArray
) -> list[list[FloatArray]]:
    """The scores of each group of each world."""
    worlds = [world_codes == world for world in np.unique(world_codes)]
    return [
        [
            scores[is_in_world & (group_codes == group)]
            for group in np.unique(group_codes[is_in_world])
        ]
        for is_in_world in worlds
    ]


def _robust_threshold(worlds: list[list[FloatArray]], level: float, world_share: float) -> float:
    thresholds = [max(score_threshold(each, level) for each in world) for world in worlds]
    return float(np.quantile(thresholds, world_share, method="higher"))
