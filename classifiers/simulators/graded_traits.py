"""How organizations of a graded-response world behave: every trait follows one latent maturity.

Belongs to the graded-response simulator. Samejima 1969 (Estimation of latent ability using a
response pattern of graded scores, Psychometrika Monograph 17) names the model: each trait takes
its own step at each threshold of the one scale that all share.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from classifiers.simulators.priors import read_priors

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from classifiers.simulators.priors import Prior

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

PRIORS_PATH = Path(__file__).with_name("graded_response.toml")
INDUSTRY_COUNT = 8

_MEDIUM_SIZE_CODE = 2
_PLACES = np.arange(8.0)  # one stage below the ladder and one above it, where maturity may lie


class Cohort(NamedTuple):
    """Who the organizations of one world are, one entry each."""

    stage_codes: IntArray
    maturity: FloatArray  #: on the scale of the stage codes
    size_codes: IntArray
    industry_codes: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """What is assumed of one trait; see the table for the meaning of the columns."""

    name: str
    measures: str
    at_presence: tuple[float, float]
    steps: tuple[float, ...]
    scatter: tuple[float, float]
    by_size: tuple[float, float]
    source: str


@cache
def world_priors() -> Mapping[str, Prior]:
    """Assumptions of a world, by name."""
    return read_priors(PRIORS_PATH)


@cache
def traits(path: Path = PRIORS_PATH) -> tuple[Trait, ...]:
    """The table of traits.

    Raises:
        ValueError: a trait has no source, or not five steps.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))["trait"]
    found = tuple(Trait(**{name: _frozen(value) for name, value in row.items()}) for row in table)
    faulty = [trait.name for trait in found if not trait.source or len(trait.steps) != 5]  # noqa: PLR2004
    if faulty:
        message = f"{path.name}: traits without a source or five steps: {faulty}"
        raise ValueError(message)
    return found


def draw_traits(
    cohort: Cohort, assumed: Mapping[str, FloatArray], generator: np.random.Generator
) -> dict[str, FloatArray]:
    """Every trait of every organization of one world, on the scale that the table names."""
    return {trait.name: _draw_trait(trait, cohort, assumed, generator) for trait in traits()}


def _draw_trait(
    trait: Trait,
    cohort: Cohort,
    assumed: Mapping[str, FloatArray],
    generator: np.random.Generator,
) -> FloatArray:
    scatter = generator.uniform(*trait.scatter) * assumed["scatter_scale"]
    industries = generator.normal(0, scatter * assumed["industry_spread"], INDUSTRY_COUNT)
    by_size = generator.uniform(*trait.by_size) * (cohort.size_codes - _MEDIUM_SIZE_CODE)
    levels = _levels(trait, assumed, generator)
    own = generator.normal(0, scatter, len(cohort.maturity))
    uneven = generator.normal(0, assumed["unevenness_of_profiles"], len(cohort.maturity))
    response: FloatArray = np.interp(cohort.maturity + uneven, _PLACES, levels)
    return response + by_size + industries[cohort.industry_codes] + own


def _levels(
    trait: Trait, assumed: Mapping[str, FloatArray], generator: np.random.Generator
) -> FloatArray:
    is_on = generator.random() >= assumed["switched_off_share"]
    strengths = generator.lognormal(0, assumed["strength_spread"], 1 + len(trait.steps))
    steps = np.array(trait.steps) * strengths[0] * strengths[1:] * is_on
    padded = np.concatenate([steps[:1] / 2, steps, steps[-1:] / 2])
    levels = np.concatenate([[0.0], np.cumsum(padded)])
    at_presence: FloatArray = levels - levels[2] + generator.normal(*trait.at_presence)
    return at_presence


def _frozen(value: Any) -> Any:  # noqa: ANN401 - as TOML has it
    return tuple(value) if isinstance(value, list) else value
