"""One invented world: its assumptions, its organizations and their channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.simulators.capability_assumptions import draw_assumptions
from classifiers.simulators.capability_channels import draw_channels
from classifiers.simulators.capability_noise import scattered_shares
from classifiers.simulators.capability_organizations import draw_organizations

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from classifiers.simulators.capability_assumptions import Assumptions
    from classifiers.simulators.capability_channels import Channels
    from classifiers.simulators.capability_organizations import Organizations

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that is settled before anything is published, said or measured."""

    generator: np.random.Generator
    assumed: Assumptions
    organizations: Organizations
    channels: Channels

    def __len__(self) -> int:
        return len(self.organizations)

    def rising(self, code: str) -> FloatArray:
        """A share that goes from its start part of the way to 1."""
        start, change = self.assumed[f"{code}.start"], self.assumed[f"{code}.change"]
        return start + change * (1.0 - start) * self.organizations.drive(code)

    def falling(self, code: str) -> FloatArray:
        """A level that goes from its start part of the way to 0."""
        start, change = self.assumed[f"{code}.start"], self.assumed[f"{code}.change"]
        return start * (1.0 - change * self.organizations.drive(code))

    def growing(self, code: str) -> FloatArray:
        """A rate that goes from its start up by its change."""
        start, change = self.assumed[f"{code}.start"], self.assumed[f"{code}.change"]
        return start + change * self.organizations.drive(code)

    def scattered(self, shares: FloatArray) -> FloatArray:
        """Shares of single organizations around what is usual for their like."""
        return scattered_shares(self.generator, shares, self.assumed.concentration())

    def drawn(self, counts: IntArray, shares: FloatArray) -> IntArray:
        """How many of `counts` cases show what is usual in `shares` of them."""
        return self.generator.binomial(counts, self.scattered(shares))

    def by_industry(self, effect: str) -> FloatArray:
        """The effect of each organization's industry, around 0."""
        return self.assumed.industries[effect][self.organizations.industry_codes]


def draw_world(generator: np.random.Generator, organization_count: int) -> World:
    """One world of organizations with their channels."""
    assumed = draw_assumptions(generator)
    organizations = draw_organizations(generator, assumed, organization_count)
    return World(
        generator=generator,
        assumed=assumed,
        organizations=organizations,
        channels=draw_channels(generator, assumed, organizations),
    )
