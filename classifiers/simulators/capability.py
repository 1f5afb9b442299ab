"""The simulator of capabilities: what an organization has learned to do decides its stage.

Seven capabilities are acquired in a noisy order. The stage follows from those that are in place;
signals saturate in their strength (Hill's curve), are counted from few or many cases, and are
missing as they are in the warehouse. Archetypes break the link. Everything that is assumed stands
in `capability.toml` and is drawn anew for each world. Nothing is shared with any other simulator,
so that one can train a model and another one test it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.simulators.capability_audience import draw_audience, measure_community
from classifiers.simulators.capability_coordination import (
    measure_announcements,
    measure_routing,
    measure_spread,
)
from classifiers.simulators.capability_dialogue import draw_dialogue, measure_dialogue
from classifiers.simulators.capability_posting import draw_posting, measure_cadence
from classifiers.simulators.capability_presence import measure_presence
from classifiers.simulators.capability_sheet import Sheet
from classifiers.simulators.capability_world import draw_world
from classifiers.simulators.worlds import SimulatedWorlds, join_worlds

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.simulators.capability_world import World


def simulate_organizations(n_worlds: int, n_per_world: int, random_state: int) -> SimulatedWorlds:
    """Worlds of organizations whose capabilities decide their stages.

    A world is the same however many others are asked for.

    Args:
        n_worlds: number of worlds, each with its own assumptions.
        n_per_world: organizations in each.
        random_state: the same number yields the same worlds.

    Raises:
        ValueError: no world, or a world without an organization, is asked for.

    Examples:
        >>> worlds = simulate_organizations(3, 50, random_state=0)
        >>> worlds.values.shape
        (150, 26)
        >>> sorted(set(worlds.world_codes.tolist()))
        [0, 1, 2]
    """
    if n_worlds < 1 or n_per_world < 1:
        message = f"ask for one world and one organization or more, not {n_worlds}, {n_per_world}"
        raise ValueError(message)
    generators = np.random.default_rng(random_state).spawn(n_worlds)
    return join_worlds([_simulate(draw_world(one, n_per_world)) for one in generators])


def _simulate(world: World) -> SimulatedWorlds:
    sheet = _measure(world)
    return SimulatedWorlds(
        values=sheet.values,
        reasons=sheet.reasons,
        stage_codes=world.organizations.stage_codes,
        world_codes=np.zeros(len(world), dtype=np.intp),
        size_codes=_told_sizes(world),
        industry_codes=world.organizations.industry_codes,
        coverage_share=world.channels.coverage_share,
    )


def _measure(world: World) -> Sheet:
    sheet = Sheet(len(world))
    posting = draw_posting(world)
    audience = draw_audience(world, posting)
    dialogue = draw_dialogue(world, audience)
    functional_counts = measure_presence(world, posting, sheet)
    measure_cadence(world, posting, sheet)
    measure_dialogue(world, audience, dialogue, posting, sheet)
    measure_community(world, audience, dialogue, sheet)
    measure_announcements(world, posting, sheet)
    measure_routing(world, dialogue, functional_counts, sheet)
    measure_spread(world, audience, dialogue, sheet)
    return sheet


def _told_sizes(world: World) -> npt.NDArray[np.intp]:
    is_unknown = (
        world.generator.random(len(world)) < world.assumed["organization.size_unknown_share"]
    )
    return np.where(is_unknown, -1, world.organizations.size_codes)
