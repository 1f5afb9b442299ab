"""What every simulator yields: invented organizations with known stages, grouped in worlds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

SIZE_CLASSES = ("10-249", "250-999", "1000+")  #: employees; `size_code` counts from 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedWorlds:
    """Organizations as seen from feeds, one row each, worlds one after another.

    Attributes:
        values: signals in the order of `FEATURE_CODES`, NaN when missing.
        reasons: why a value is missing (see `MissingReason`), "" when it is not.
        stage_codes: the true stage of each organization, 1 to 6.
        world_codes: the world it belongs to, from 0.
        size_codes: position in `SIZE_CLASSES`.
        coverage_share: share of the last 13 weeks that was observed.
    """

    values: npt.NDArray[np.float64]
    reasons: npt.NDArray[np.str_]
    stage_codes: npt.NDArray[np.intp]
    world_codes: npt.NDArray[np.intp]
    size_codes: npt.NDArray[np.intp]
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
