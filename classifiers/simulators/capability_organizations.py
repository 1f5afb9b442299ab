"""Who the invented organizations are: size, industry, archetype, capabilities, and their stage.

Capabilities come first and the stage follows from them. With every step of effort an organization
acquires one more capability, in an order of its own around the usual one, and what it has grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.signals import FEATURE_CODES
from classifiers.simulators.capability_assumptions import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from classifiers.simulators.capability_assumptions import Assumptions

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

#: Kinds of organizations; all but the first break the link between stage and signals.
ARCHETYPES = (
    "ordinary",
    "outsourced",  #: an agency posts for it: often, the same everywhere, and answers nobody
    "quiet",  #: mature, with little to see in public
    "dormant",  #: its accounts have fallen silent
    "self_helping",  #: its users answer one another while it is away
    "broadcaster",  #: media, sports: very much is published for very many
    "tiny",  #: up to nine people, one account
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organizations:
    """Organizations of one world, one position each.

    Attributes:
        size_codes: position in `SIZE_CLASSES`.
        industry_codes: from 0.
        archetype_codes: position in `ARCHETYPES`.
        strengths: of each of `CAPABILITIES`, 0 to 1, shape (n, 7).
        stage_codes: 1 to 6.
        drives: what the capabilities make of each of `FEATURE_CODES`, 0 to 1, shape (n, 26).
    """

    size_codes: IntArray
    industry_codes: IntArray
    archetype_codes: IntArray
    strengths: FloatArray
    stage_codes: IntArray
    drives: FloatArray

    def __len__(self) -> int:
        return len(self.stage_codes)

    def drive(self, code: str) -> FloatArray:
        """What the capabilities make of the signal `code`, 0 to 1."""
        return self.drives[:, FEATURE_CODES.index(code)]

    def strength(self, capability: str) -> FloatArray:
        """Strength of one capability, 0 to 1."""
        return self.strengths[:, CAPABILITIES.index(capability)]

    def is_of(self, archetype: str) -> npt.NDArray[np.bool_]:
        """Whether each organization is of this archetype."""
        is_of: npt.NDArray[np.bool_] = self.archetype_codes == ARCHETYPES.index(archetype)
        return is_of

    def by_archetype(self, values: Mapping[str, float], otherwise: float) -> FloatArray:
        """One number for each organization: that of its archetype, or `otherwise`."""
        return np.array([values.get(name, otherwise) for name in ARCHETYPES])[self.archetype_codes]


def draw_organizations(
    generator: np.random.Generator, assumed: Assumptions, count: int
) -> Organizations:
    """Organizations of one world."""
    archetypes = _codes(generator, assumed.shares["organization.archetype"], count)
    sizes = _codes(generator, assumed.shares["organization.size"], count)
    sizes[archetypes == ARCHETYPES.index("tiny")] = 0
    strengths = _strengths(generator, assumed, _efforts(generator, assumed, archetypes, sizes))
    return Organizations(
        size_codes=sizes,
        industry_codes=_codes(generator, assumed.shares["organization.industry"], count),
        archetype_codes=archetypes,
        strengths=strengths,
        stage_codes=stages_of(strengths, assumed, generator),
        drives=_drives(generator, assumed, strengths),
    )


def stages_of(
    strengths: FloatArray, assumed: Assumptions, generator: np.random.Generator
) -> IntArray:
    """The stage that capabilities amount to, 1 to 6, for rows of strengths.

    Presence asks for publishing; Engagement for answering and community care; Formalized for
    coordination and governance; Strategic for the involvement of leaders and functions;
    Converged for all of it, and stronger. Worlds differ in how strictly they ask, and in what
    they make of a skipped stage.
    """
    reached = _reached(strengths, assumed)
    noise = generator.normal(0.0, assumed["stage.bar_noise"], len(strengths))
    bars = np.full(reached.shape[1], assumed["stage.bar"])
    bars[-1] += assumed["stage.converged_gap"]
    is_in_place = reached >= bars + noise[:, np.newaxis]
    unbroken_count = np.cumprod(is_in_place, axis=1).sum(axis=1)
    weight = assumed["stage.ladder_weight"]
    rungs = weight * unbroken_count + (1.0 - weight) * is_in_place.sum(axis=1)
    stages: IntArray = 1 + np.floor(rungs + 0.5).astype(np.int64)
    return stages


def hill_curve(strengths: FloatArray, halves: FloatArray, steepnesses: FloatArray) -> FloatArray:
    """Hill's saturating curve, scaled to run from 0 at strength 0 to 1 at strength 1."""
    powers, turning = strengths**steepnesses, halves**steepnesses
    curve: FloatArray = (1.0 + turning) * powers / (powers + turning)
    return curve


def _reached(strengths: FloatArray, assumed: Assumptions) -> FloatArray:
    _, publishing, answering, care, coordination, governance, involvement = strengths.T
    lowest, mean = strengths.min(axis=1), strengths.mean(axis=1)
    converged = lowest + assumed["stage.converged_leniency"] * (mean - lowest)
    return np.column_stack(
        [
            publishing,
            _both(answering, care, assumed["stage.engaged_leniency"]),
            _both(coordination, governance, assumed["stage.formalized_leniency"]),
            involvement,
            converged,
        ]
    )


def _both(one: FloatArray, other: FloatArray, leniency: float) -> FloatArray:
    return leniency * np.maximum(one, other) + (1.0 - leniency) * np.minimum(one, other)


def _efforts(
    generator: np.random.Generator, assumed: Assumptions, archetypes: IntArray, sizes: IntArray
) -> FloatArray:
    steps = _codes(generator, assumed.shares["organization.effort"], len(sizes))
    efforts = (
        steps + generator.random(len(sizes)) + assumed["organization.size_effort"] * (sizes - 2)
    )
    efforts[archetypes == ARCHETYPES.index("quiet")] += assumed["quiet.head_start"]
    for name in ("dormant", "tiny"):
        efforts[archetypes == ARCHETYPES.index(name)] *= assumed[f"{name}.effort"]
    return np.maximum(efforts, 0.0)


def _strengths(
    generator: np.random.Generator, assumed: Assumptions, efforts: FloatArray
) -> FloatArray:
    shape = (len(efforts), len(CAPABILITIES))
    usual = np.arange(shape[1]) + assumed["order.drift"] * generator.normal(size=shape[1])
    noise = assumed["order.noise"] * generator.gumbel(size=shape)
    ranks = (usual + noise).argsort(axis=1).argsort(axis=1)
    ages = np.maximum(efforts[:, np.newaxis] - ranks, 0.0)
    quality = generator.beta(assumed["growth.quality"], 1.5, shape)
    grown = quality * -np.expm1(-assumed["growth.speed"] * ages)
    trace = generator.exponential(assumed["growth.trace"], shape)
    return np.clip(np.maximum(grown, np.minimum(trace, assumed["stage.bar"] / 2)), 0.0, 1.0)


def _drives(
    generator: np.random.Generator, assumed: Assumptions, strengths: FloatArray
) -> FloatArray:
    mixed = strengths @ assumed.weights
    for column in np.flatnonzero(assumed.is_off):
        mixed[:, column] = generator.permutation(mixed[:, column])
    return hill_curve(mixed, assumed.halves, assumed.steepnesses)


def _codes(generator: np.random.Generator, shares: FloatArray, count: int) -> IntArray:
    return np.minimum(
        np.searchsorted(np.cumsum(shares), generator.random(count)), len(shares) - 1
    ).astype(np.int64)
