"""How the error falls with the number of labels: whether more of them are worth their price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.evaluating.pipeline import out_of_fold
from classifiers.evaluating.scores import row_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.evaluating.labelled_table import IntArray, LabelledTable
    from classifiers.evaluating.pipeline import ColdStartPipeline
    from classifiers.evaluating.scores import Resampler
    from classifiers.out_of_fold import Fold

SIZES = (20, 50, 100, 200, 400, 800, 1600)
_FEWEST_FOR_FEATURES = 50


def learning_curve(
    table: LabelledTable,
    pipeline: ColdStartPipeline,
    folds: Sequence[Fold],
    resampler: Resampler,
) -> list[dict[str, float | int | str | None]]:
    """Error on the held-out rows after training on some of the others, and last on all of them.

    Below 50 labels the source is "recalibrated", from there on "offset"; the same folds and
    resamples at every size. Smaller trainings are parts of larger ones.
    """
    fewest = min(len(training) for training, _ in folds)
    sizes = [size for size in SIZES if size < fewest]
    points = []
    for size in [*sizes, fewest]:
        source = "offset" if size >= _FEWEST_FOR_FEATURES else "recalibrated"
        reduced = [(_some(training, size), held_out) for training, held_out in folds]
        drawn = out_of_fold(pipeline.fixed(source), table, reduced)
        losses = row_parts([drawn], table.stage_codes).losses
        error = resampler.mean(losses["distance"])
        score = float(losses["ranked_probability_score"].mean())
        points.append(
            {
                "training_count": size,
                "source": source,
                "ranked_probability_score": score,
                **error._asdict(),
            }
        )
    return points


def _some(training: IntArray, size: int) -> IntArray:
    mixed = np.random.default_rng(len(training)).permutation(training)
    return np.sort(mixed[:size])
