"""What self-assessments teach a model that experts' codes and a model of their shift go with.

    python benchmarks/self_assessments.py FOLDER --worlds 20 [--write]

A model that learned from one simulator meets worlds of the other, both ways. Of 500
organizations of the new world all claim a stage and some have an expert's code; codes carry
experts' errors (24 % lie one stage off), and what is judged is the true stage of 800 others. One
line of JSON a world and case goes to FOLDER/self_assessments.jsonl, so that a run can be stopped
and taken up again. --write puts means with 95 % intervals over worlds into
docs/self-assessments.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from coded_worlds import coded_table, coded_with_errors, world_with_enough  # beside this script

from classifiers.correcting import correct
from classifiers.correcting_with_claims import correct_with_claims
from classifiers.decisions import median_positions
from classifiers.estimates import SIZE_CLASSES
from classifiers.self_assessments import SelfAssessments
from classifiers.simulators import SIMULATORS
from classifiers.stages import Stage
from classifiers.training import matrix_of, train_cold_start

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.model import StageModel
    from classifiers.simulators.worlds import SimulatedWorlds

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

CLAIM_COUNT, TEST_COUNT = 500, 800
STEPS = (-1, 0, 1, 2, 3)
SHARES = (0.08, 0.42, 0.36, 0.12, 0.02)  # of claims so many steps above the truth
HONEST_SHARES = (0.12, 0.76, 0.12, 0.0, 0.0)
BOASTING_SHARES = (0.0, 0.15, 0.45, 0.3, 0.1)
LARGE = SIZE_CLASSES.index("250-999")
DAY = np.datetime64("2026-01-01")


class Case(NamedTuple):
    """How many of the claiming organizations have a code, and what their claims' shift is."""

    anchor_count: int
    shift: str  # "constant", "falling" with the stage, or by "size"
    source: str  # "auto", or the one kind of model that is fitted, which takes half as long
    world_share: float  # of the worlds


CASES = (
    Case(50, "constant", "auto", 1.0),
    Case(10, "constant", "offset", 0.25),
    Case(30, "constant", "offset", 0.25),
    Case(50, "falling", "offset", 0.25),
    Case(50, "size", "offset", 0.25),
)


def main() -> None:
    """Measure what is not measured yet, then write the tables if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    log = given.folder / "self_assessments.jsonl"
    for learned in SIMULATORS:
        _run_direction(learned, given.worlds, log)
    if given.write:
        from self_assessments_report import write_report  # beside this script

        write_report(_rows(log))


def _run_direction(learned: str, world_count: int, log: Path) -> None:
    other = next(name for name in SIMULATORS if name != learned)
    done = {(r["learned"], r["world"], r["anchor_count"], r["shift"]) for r in _rows(log)}
    cold = train_cold_start(simulators=(learned,))
    for number in range(world_count):
        world = None
        for case in CASES:
            is_asked = number < case.world_share * world_count
            if not is_asked or (learned, number, case.anchor_count, case.shift) in done:
                continue
            world = world or world_with_enough(other, number, CLAIM_COUNT + TEST_COUNT)
            row = _judge(cold, world, case, number) | {"learned": learned, "world": number}
            with log.open("a") as out:
                out.write(json.dumps(row) + "\n")
            print(learned, number, *case[:2], f"bias {row['with']['bias']:+.3f}", flush=True)


def _judge(cold: StageModel, world: SimulatedWorlds, case: Case, number: int) -> dict[str, Any]:
    claimed = claims_of_world(world, case.shift, number)
    table = _coded(world, case.anchor_count, number)
    taught = correct_with_claims(cold, table, claimed, case.source)
    row: dict[str, Any] = {
        "anchor_count": case.anchor_count,
        "shift": case.shift,
        "source": taught.model.source,
        "with": _figures(taught.model, world),
        "anchors alone": _figures(taught.without, world),
        "no label": _figures(cold, world),
        "mean_shift": taught.summary.mean,
        "true_mean_shift": float(np.mean(claimed.stage_codes - world.stage_codes[:CLAIM_COUNT])),
        "suspects": [check.name for check in taught.summary.suspects],
        "gap_bias": _gap_bias(taught.model, world),
    }
    if case.source == "auto":
        everyone = _coded(world, CLAIM_COUNT, number)
        naive = everyone.changed(stage_codes=claimed.stage_codes)
        row["claims as codes"] = _figures(correct(cold, naive, "offset"), world)
        row["500 codes"] = _figures(correct(cold, everyone, "offset"), world)
    return row


def claims_of_world(world: SimulatedWorlds, shift: str, number: int) -> SelfAssessments:
    """What the first 500 organizations of a world of this number say of themselves."""
    rows = slice(CLAIM_COUNT)
    sizes = world.size_codes[rows].astype(int)
    return SelfAssessments(
        X=matrix_of(world)[rows],
        is_measured=np.ones(CLAIM_COUNT, dtype=np.bool_),
        stage_codes=_claimed(
            world.stage_codes[rows], sizes, shift, np.random.default_rng([1, number])
        ),
        organization_ids=_names(CLAIM_COUNT),
        days=np.full(CLAIM_COUNT, DAY),
        industries=np.full(CLAIM_COUNT, ""),
        size_classes=_size_classes(world, CLAIM_COUNT),
    )


def _claimed(
    truth: IntArray, sizes: IntArray, shift: str, generator: np.random.Generator
) -> IntArray:
    steps = generator.choice(STEPS, len(truth), p=SHARES)
    if shift == "falling":
        overstates = generator.random(len(truth)) < np.linspace(1.0, 0.2, len(Stage))[truth - 1]
        steps = np.where(overstates, steps, 0)
    if shift == "size":
        boasts = generator.choice(STEPS, len(truth), p=BOASTING_SHARES)
        honest = generator.choice(STEPS, len(truth), p=HONEST_SHARES)
        steps = np.where(sizes >= LARGE, boasts, honest)
    return np.clip(truth + steps, 1, len(Stage))


def _coded(world: SimulatedWorlds, count: int, number: int) -> LabelledTable:
    coded = world.where(np.arange(len(world.stage_codes)) < count)
    said = coded_with_errors(coded.stage_codes, np.random.default_rng([2, number]))
    table = coded_table(coded, said, _names(count), DAY)
    return table.changed(size_classes=_size_classes(world, count))


def _size_classes(world: SimulatedWorlds, count: int) -> npt.NDArray[np.str_]:
    codes = world.size_codes[:count].astype(int).tolist()
    return np.array([SIZE_CLASSES[code] if code >= 0 else "" for code in codes])


def _names(count: int) -> npt.NDArray[np.str_]:
    return np.array([f"organization-{at}" for at in range(count)])


def _figures(model: StageModel, world: SimulatedWorlds) -> dict[str, float]:
    rows = slice(CLAIM_COUNT, CLAIM_COUNT + TEST_COUNT)
    truth = world.stage_codes[rows]
    probabilities = model.classifier.predict_proba(matrix_of(world)[rows])
    points = 1 + median_positions(probabilities)
    sets = model.calibration.predict_set(probabilities, 0.9)
    return {
        "mae": float(np.mean(np.abs(points - truth))),
        "bias": float(np.mean(points - truth)),
        "coverage": float(np.mean((sets.low <= truth) & (truth <= sets.high))),
        "set_size": float(np.mean(sets.high - sets.low + 1)),
    }


def _gap_bias(model: StageModel, world: SimulatedWorlds) -> float:
    """Mean of estimate minus truth over those who claim, each by a part that has not seen them."""
    matrix = matrix_of(world)[:CLAIM_COUNT]
    folds = np.array([model.fold_of[name] for name in _names(CLAIM_COUNT).tolist()])
    points = np.zeros(CLAIM_COUNT)
    for fold, classifier in enumerate(model.fold_classifiers):
        own = folds == fold
        points[own] = 1 + median_positions(classifier.predict_proba(matrix[own]))
    return float(np.mean(points - world.stage_codes[:CLAIM_COUNT]))


def _rows(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


if __name__ == "__main__":
    main()
