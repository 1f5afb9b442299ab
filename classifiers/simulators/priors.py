"""Tables of priors: what a simulator assumes, each row with its source or the word "guess"."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

DISTRIBUTIONS = ("uniform", "normal", "lognormal", "beta", "dirichlet")  #: as NumPy names them


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """One assumption; `parameters` are in NumPy's order, `lognormal` takes those of the log."""

    name: str
    distribution: str
    parameters: tuple[float, ...]
    source: str

    def draw(self, generator: np.random.Generator) -> float | np.ndarray:
        """One value, or one vector of shares for `dirichlet`."""
        if self.distribution == "dirichlet":
            return generator.dirichlet(self.parameters)
        value: float = getattr(generator, self.distribution)(*self.parameters)
        return value


def read_priors(path: Path) -> Mapping[str, Prior]:
    """The table of priors in a TOML file, by name.

    Raises:
        ValueError: a name stands twice, a distribution is unknown or a source is missing.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))["prior"]
    rows = [Prior(**{**row, "parameters": tuple(row["parameters"])}) for row in table]
    by_name = {row.name: row for row in rows}
    faulty = [row.name for row in rows if row.distribution not in DISTRIBUTIONS or not row.source]
    if faulty or len(by_name) < len(rows):
        message = f"{path.name}: unknown distribution, missing source or repeated name: {faulty}"
        raise ValueError(message)
    return by_name
