"""Simulated worlds in which enough is seen, and their organizations as experts would code them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from classifiers.abstention import MINIMUM_COVERAGE_SHARE
from classifiers.evaluating.labelled_table import LabelledTable
from classifiers.signals import FEATURE_CODES
from classifiers.simulators import simulate_organizations
from classifiers.stages import Stage
from classifiers.training import matrix_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.simulators.worlds import SimulatedWorlds

    IntArray = npt.NDArray[np.intp]

ADJACENT_ERROR_SHARE = 0.24  #: of a rater's codes, which lie one stage off


def world_with_enough(simulator: str, number: int, count: int) -> SimulatedWorlds:
    """The first world of this number in which so many are seen enough to estimate at all.

    Raises:
        RuntimeError: there is none among a hundred worlds.
    """
    for seed in np.random.SeedSequence(number).generate_state(100):
        drawn = simulate_organizations(simulator, 1, 2 * count, int(seed))
        seen = drawn.where(drawn.coverage_share >= MINIMUM_COVERAGE_SHARE)
        if len(seen.stage_codes) >= count:
            return seen
    message = f"no world {number} of {simulator} in which enough is seen"
    raise RuntimeError(message)


def coded_with_errors(truth: IntArray, generator: np.random.Generator) -> IntArray:
    """What an expert says of true stages; who errs beyond an end of the ladder stays at it."""
    is_off = generator.random(len(truth)) < ADJACENT_ERROR_SHARE
    steps = generator.choice([-1, 1], len(truth))
    return np.clip(truth + is_off * steps, 1, len(Stage))


def coded_table(
    world: SimulatedWorlds,
    stage_codes: IntArray,
    organization_ids: npt.NDArray[np.str_],
    day: np.datetime64,
) -> LabelledTable:
    """The organizations of a world with these codes, all about one day; nothing else is known."""
    unknown, days = np.full(len(stage_codes), ""), np.full(len(stage_codes), day)
    return LabelledTable(
        X=matrix_of(world),
        reasons=world.reasons,
        signal_codes=FEATURE_CODES,
        stage_codes=stage_codes,
        weights=np.ones(len(stage_codes)),
        organization_ids=organization_ids,
        groups=organization_ids,
        industries=unknown,
        size_classes=unknown,
        countries=unknown,
        source_mixes=unknown,
        saw=np.full(len(stage_codes), "documents"),
        first_seen_days=days,
        about_days=days,
        window_ends=days,
    )


def coded_by_stratum(world: SimulatedWorlds, stage_codes: IntArray) -> LabelledTable:
    """The same with industry and size, known for 200 days and measured until two days before."""
    names = np.array([f"organization-{at:04d}" for at in range(len(stage_codes))])
    table = coded_table(world, stage_codes, names, np.datetime64("2026-09-30"))
    return table.changed(
        industries=world.industry_codes.astype(str),
        size_classes=world.size_codes.astype(str),
        first_seen_days=table.about_days - 200,
        window_ends=table.about_days - 2,
    )
