"""Simulators of organizations with known stages; none knows another."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from classifiers.simulators.worlds import SimulatedWorlds

__all__ = ["SIMULATORS", "simulate_organizations"]

#: Modules by the name of their model.
_MODULES = {"graded_response": "graded_response", "capability": "capability"}


def simulate_organizations(
    model: str, n_worlds: int, n_per_world: int, random_state: int | np.random.Generator
) -> SimulatedWorlds:
    """Draw `n_worlds` worlds of `n_per_world` organizations; the same seed gives the same.

    Args:
        model: "graded_response" or "capability".
        n_worlds: worlds, each with assumptions of its own.
        n_per_world: organizations in each.
        random_state: seed or generator.

    Raises:
        KeyError: no simulator has this name.
    """
    module = import_module(f"classifiers.simulators.{_MODULES[model]}")
    worlds: SimulatedWorlds = module.simulate_organizations(n_worlds, n_per_world, random_state)
    return worlds


#: Names of the models.
SIMULATORS = tuple(_MODULES)
