"""How the observed stage does in worlds of a kind that it was not trained on.

    python benchmarks/shift.py FOLDER --worlds 20 [--counts 0,20,50,100,200,500] [--write]

A model learns from one simulator and is judged in worlds of the other, both ways; the shipped
model learns from both and is judged, without labels, in new worlds of each. Labels of the new
world carry errors as experts make them (24 % of them lie one stage off); what is judged is
the true stage. One line of JSON a world, direction and count goes to FOLDER/shift.jsonl, so that
a run can be stopped and taken up again. --write puts means with 95 % intervals over worlds into
docs/shift.md, and into the file that model cards read.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import lru_cache
from itertools import permutations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from coded_worlds import coded_table, coded_with_errors, world_with_enough  # beside this script

from classifiers.correcting import correct
from classifiers.decisions import median_positions
from classifiers.metrics import (
    macro_averaged_mean_absolute_error,
    mean_absolute_stage_error,
    off_by_two_rate,
    ranked_probability_score,
    threshold_calibration_error,
)
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.rules import published_rule_stages
from classifiers.signals import FEATURE_CODES, signal_named
from classifiers.simulators import SIMULATORS
from classifiers.stages import Stage
from classifiers.training import matrix_of, train_cold_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.model import StageModel
    from classifiers.simulators.worlds import SimulatedWorlds

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

CLASSES = [int(stage) for stage in Stage]
POOL_SIZE, TEST_SIZE = 900, 800
BOTH = "both"  #: simulators, as the shipped model
#: Views that a monitor loses at once, by the families whose signals go with them.
VIEWS = {
    "conversations": ("dialogue", "community", "people"),
    "posts": ("cadence",),
    "profiles": ("presence",),
}

_DAY = np.datetime64("2026-01-01")


def main() -> None:
    """Measure what is not measured yet, then write the tables if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--counts", default="0,20,50,100,200,500")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    log = given.folder / "shift.jsonl"
    counts = [int(count) for count in given.counts.split(",")]
    for learned, judged in permutations(SIMULATORS):
        _run_direction(learned, judged, counts, given.worlds, log)
    for judged in SIMULATORS:
        _run_direction(BOTH, judged, [0], given.worlds, log)
    if given.write:
        from shift_report import write_report  # beside this script

        write_report(_rows(log))


def _run_direction(
    learned: str, judged: str, counts: list[int], world_count: int, log: Path
) -> None:
    done = {_key(row) for row in _rows(log)}
    cold = train_cold_start(simulators=SIMULATORS if learned == BOTH else (learned,))
    for number, count in product(range(world_count), counts):
        row = {"learned": learned, "judged": judged, "world": number, "label_count": count}
        if _key(row) in done:
            continue
        row |= _judge(cold, _world(judged, number), count)
        with log.open("a") as out:
            out.write(json.dumps(row | {"model_version": cold.model_version}) + "\n")
        print(learned, judged, number, count, f"MAE {row['mae']:.3f}", flush=True)


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("learned", "judged", "world", "label_count"))


@lru_cache(maxsize=2)
def _world(simulator: str, number: int) -> SimulatedWorlds:
    return world_with_enough(simulator, number, POOL_SIZE + TEST_SIZE)


def _judge(cold: StageModel, world: SimulatedWorlds, count: int) -> dict[str, Any]:
    pool = min(POOL_SIZE, len(world.stage_codes) // 2)
    unseen = slice(pool, pool + TEST_SIZE)
    matrix, truth = matrix_of(world), world.stage_codes
    row: dict[str, Any] = {}
    model = cold
    if count:
        table = _table(world, min(count, pool))
        model = correct(cold, table)
        row["labels_alone_mae"] = _labels_alone(table, matrix[unseen], truth[unseen])
    else:
        rule = published_rule_stages(matrix[:pool], matrix[unseen], FEATURE_CODES)
        row["rule_mae"] = mean_absolute_stage_error(truth[unseen], rule)
        row["views"] = dict(_without_views(cold, matrix[unseen], truth[unseen]))
    row["source"] = model.source
    return row | _figures(model, matrix[unseen], truth[unseen])


def _table(world: SimulatedWorlds, count: int) -> LabelledTable:
    """The first organizations of a world, as experts would code them."""
    labelled = world.where(np.arange(len(world.stage_codes)) < count)
    said = coded_with_errors(labelled.stage_codes, np.random.default_rng(count))
    names = np.array([f"organization-{at}" for at in range(count)])
    return coded_table(labelled, said, names, _DAY)


def _labels_alone(table: LabelledTable, matrix: FloatArray, truth: IntArray) -> float:
    seen = np.where(np.isnan(table.X).all(axis=0), 0.0, table.X)
    middle = np.nanmedian(seen, axis=0)
    filled, unseen = (np.where(np.isnan(X), middle, X) for X in (table.X, matrix))
    scale = np.maximum(filled.std(axis=0), 1e-9)
    model = CumulativeLinkClassifier(alpha=5.0, classes=CLASSES)
    model.fit((filled - middle) / scale, table.stage_codes)
    return mean_absolute_stage_error(truth, model.predict((unseen - middle) / scale))


def _without_views(
    cold: StageModel, matrix: FloatArray, truth: IntArray
) -> Iterator[tuple[str, Any]]:
    yield "none", _spread_and_error(cold, matrix, truth)
    for view, families in VIEWS.items():
        hidden = np.array(matrix)
        for at, code in enumerate(FEATURE_CODES):
            if signal_named(code).family in families:
                hidden[:, at] = np.nan
        yield view, _spread_and_error(cold, hidden, truth)


def _spread_and_error(cold: StageModel, matrix: FloatArray, truth: IntArray) -> dict[str, float]:
    probabilities = cold.classifier.predict_proba(matrix)
    means = probabilities @ CLASSES
    spreads = np.sqrt(probabilities @ np.square(CLASSES) - means**2)
    return {
        "spread": float(spreads.mean()),
        "rmse": float(np.sqrt(np.mean((means - truth) ** 2))),
        "mae": mean_absolute_stage_error(truth, 1 + median_positions(probabilities)),
    }


def _figures(model: StageModel, matrix: FloatArray, truth: IntArray) -> dict[str, Any]:
    probabilities = model.classifier.predict_proba(matrix)
    points = 1 + median_positions(probabilities)
    sets = model.calibration.predict_set(probabilities, 0.9)
    is_held = (sets.low <= truth) & (truth <= sets.high)
    majority = int(np.median(truth))
    return {
        "mae": mean_absolute_stage_error(truth, points),
        "macro_mae": macro_averaged_mean_absolute_error(truth, points),
        "off_by_two": off_by_two_rate(truth, points),
        "rps": ranked_probability_score(truth, probabilities, classes=CLASSES),
        "tce": threshold_calibration_error(truth, probabilities, classes=CLASSES),
        "calibration": _calibration(probabilities, truth),
        "coverage": float(is_held.mean()),
        "set_size": float((sets.high - sets.low + 1).mean()),
        "held_by_stage": [int(is_held[truth == stage].sum()) for stage in CLASSES],
        "count_by_stage": [int((truth == stage).sum()) for stage in CLASSES],
        "bias": float(np.mean(points - truth)),
        "majority_mae": float(np.abs(truth - majority).mean()),
    }


def _calibration(probabilities: FloatArray, truth: IntArray) -> list[list[list[int]]]:
    """Of each threshold and percent: rows with this cumulative probability, those below it."""
    percents = np.minimum((100 * np.cumsum(probabilities, axis=1)[:, :-1]).astype(int), 99)
    return [
        [
            np.bincount(own, minlength=100).tolist(),
            np.bincount(own[is_below], minlength=100).tolist(),
        ]
        for own, is_below in zip(
            percents.T, [truth <= stage for stage in CLASSES[:-1]], strict=True
        )
    ]


def _rows(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


if __name__ == "__main__":
    main()
