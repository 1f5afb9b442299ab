"""Simulator of the graded-response kind: one latent maturity shifts every trait.

Each world draws its own assumptions from the table of priors (domain randomisation): how
strongly each trait follows the stages, how much it scatters, who is monitored and how well.
What a model learns from many such worlds rests on the signs and the order, not on one set of
effect sizes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.simulators.graded_traits import (
    INDUSTRY_COUNT,
    Cohort,
    draw_traits,
    world_priors,
)
from classifiers.simulators.graded_view import observe
from classifiers.simulators.worlds import SIZE_CLASSES, SimulatedWorlds, join_worlds
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

#: Which prevalence holds for each size class.
_PREVALENCES = (*["prevalence_small"] * 3, "prevalence_medium", "prevalence_large")


def simulate_organizations(
    n_worlds: int, n_per_world: int, random_state: int | np.random.Generator
) -> SimulatedWorlds:
    """Draw `n_worlds` worlds of `n_per_world` organizations; the same seed gives the same."""
    generator = np.random.default_rng(random_state)
    return join_worlds([_simulate_world(n_per_world, generator) for _ in range(n_worlds)])


def _simulate_world(count: int, generator: np.random.Generator) -> SimulatedWorlds:
    assumed = {name: np.asarray(prior.draw(generator)) for name, prior in world_priors().items()}
    cohort = _draw_cohort(count, assumed, generator)
    view = observe(cohort, draw_traits(cohort, assumed, generator), assumed, generator)
    is_told = generator.random(count) >= assumed["unknown_size_share"]
    return SimulatedWorlds(
        values=view.values,
        reasons=view.reasons,
        stage_codes=cohort.stage_codes,
        world_codes=np.zeros(count, dtype=np.intp),
        size_codes=np.where(is_told, cohort.size_codes, -1),
        industry_codes=cohort.industry_codes,
        coverage_share=view.coverage_share,
    )


def _draw_cohort(
    count: int, assumed: Mapping[str, FloatArray], generator: np.random.Generator
) -> Cohort:
    sizes = generator.choice(len(SIZE_CLASSES), count, p=assumed["size_mix"])
    stages = _draw_stages(sizes, assumed, generator)
    spread = generator.normal(0, assumed["spread_within_stage"], count)
    return Cohort(
        stage_codes=stages,
        maturity=stages + spread + _strictness(assumed, generator)[stages - 1],
        size_codes=sizes,
        industry_codes=generator.integers(INDUSTRY_COUNT, size=count),
    )


def _strictness(assumed: Mapping[str, FloatArray], generator: np.random.Generator) -> FloatArray:
    """How much more it takes here to be counted at each stage, in stages."""
    by_stage = generator.normal(0, assumed["strictness_of_a_stage"], len(Stage))
    return by_stage + assumed["strictness"]


def _draw_stages(
    sizes: IntArray, assumed: Mapping[str, FloatArray], generator: np.random.Generator
) -> IntArray:
    cumulative = np.cumsum([assumed[name] for name in _PREVALENCES], axis=1)
    draws = generator.random(len(sizes))[:, np.newaxis]
    by_size = 1 + (draws > cumulative[sizes, :-1]).sum(axis=1)
    evenly = generator.integers(1, 1 + len(Stage), len(sizes))
    is_even = generator.random(len(sizes)) < assumed["prevalence_mixing"]
    return np.where(is_even, evenly, by_size).astype(np.intp)
