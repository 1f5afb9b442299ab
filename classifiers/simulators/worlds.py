"""What every simulator yields: invented organizations with known stages, grouped in worlds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.estimates import SIZE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["SIZE_CLASSES", "SimulatedWorlds", "join_simulated", "join_worlds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedWorlds:
    """Organizations as a monitor sees them, one row each, worlds one after another.

    Attributes:
        values: signals in the order of `FEATURE_CODES`, NaN when missing.
        reasons: why a value is missing (see `MissingReason`), "" when it is not.
        stage_codes: the true stage of each organization, 1 to 6.
        world_codes: the world it belongs to, from 0.
        size_codes: position in `SIZE_CLASSES`; -1 where the list does not tell.
        industry_codes: one of the world's industries, from 0.
        coverage_share: share of the channel-days of the last 13 weeks that was seen.
    """

    values: npt.NDArray[np.float64]
    reasons: npt.NDArray[np.str_]
    stage_codes: npt.NDArray[np.intp]
    world_codes: npt.NDArray[np.intp]
    size_codes: npt.NDArray[np.intp]
    industry_codes: npt.NDArray[np.intp]
    coverage_share: npt.NDArray[np.float64]

    def where(self, is_kept: npt.NDArray[np.bool_]) -> SimulatedWorlds:
        """The organizations for which `is_kept` holds; worlds keep their codes."""
        return SimulatedWorlds(**{name: getattr(self, name)[is_kept] for name in self.__slots__})


def join_worlds(worlds: Sequence[SimulatedWorlds]) -> SimulatedWorlds:
    """All worlds as one, in the given order, each with its position as world code."""
    columns = {
        name: np.concatenate([getattr(world, name) for world in worlds])
        for name in SimulatedWorlds.__slots__
    }
    lengths = [len(world.stage_codes) for world in worlds]
    return SimulatedWorlds(**{**columns, "world_codes": np.repeat(np.arange(len(worlds)), lengths)})


def join_simulated(parts: Sequence[SimulatedWorlds]) -> SimulatedWorlds:
    """The worlds of several simulations as one, with world codes that go on counting."""
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in SimulatedWorlds.__slots__
    }
    counts = [int(part.world_codes.max(initial=-1)) + 1 for part in parts]
    firsts = np.cumsum([0, *counts[:-1]])
    codes = [part.world_codes + first for part, first in zip(parts, firsts, strict=True)]
    return SimulatedWorlds(**{**columns, "world_codes": np.concatenate(codes)})
