"""The four criteria by which initiatives are chosen: their anchors, and their weights by stage.

Value (for the end user), impact (on the organization), innovation and investment are those of the
Enterprise Social Media Maturity Model (MAXX//online 2009), which gives no weights. Anchors and
weights are our own proposal; they stand in `instruments/initiatives.toml`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

#: In the order of every tuple and column of scores.
CRITERION_CODES = ("value", "impact", "innovation", "investment")
HIGHEST_SCORE = 4


class Criterion(NamedTuple):
    """One criterion: its question, and what each score from 0 to 4 stands for."""

    code: str
    label: str
    question: str
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """All four criteria, and how much each weighs at each stage.

    Attributes:
        source: where they come from, in one text.
        weights: by stage code 1 to 6, in the order of `CRITERION_CODES`; each sums to 1.
        concentration: sum of the parameters of the Dirichlet distribution of weights.
    """

    version: str
    source: str
    criteria: tuple[Criterion, ...]
    weights: Mapping[int, tuple[float, ...]]
    concentration: float

    def weight_rows(self) -> FloatArray:
        """Weights of shape (6, 4): stages in order, criteria in the order of their codes."""
        return np.array([self.weights[stage.value] for stage in Stage])


@cache
def read_criteria() -> Criteria:
    """The criteria as they are shipped.

    >>> read_criteria().weights[1]
    (0.45, 0.15, 0.15, 0.25)
    """
    file = resources.files("classifiers") / "instruments" / "initiatives.toml"
    found = tomllib.loads(file.read_text("utf-8"))
    weights = {
        code: tuple(row[name] for name in CRITERION_CODES)
        for row in found["weights"]
        for code in row["stage_codes"]
    }
    criteria = tuple(
        Criterion(name, entry["label"], entry["question"], tuple(entry["anchors"]))
        for name, entry in ((name, found["criteria"][name]) for name in CRITERION_CODES)
    )
    return Criteria(
        version=found["version"],
        source=found["source"],
        criteria=criteria,
        weights=weights,
        concentration=found["weight_concentration"],
    )
