"""One number of a comparison, with its interval, its n, and where its definition stands."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifiers.comparing.excess import Excess
    from classifiers.comparing.figure import Figure
    from classifiers.comparing.marginals import MarginalTest
    from classifiers.comparing.proportions import Rate, RateBounds


class Definition(NamedTuple):
    """What a number means and how to recompute it."""

    label: str
    unit: str  #: share, stages, coefficient, chi-squared, organizations
    sample: str  #: which organizations it is about: claims, judged, points …
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """A number of the report.

    Attributes:
        code: a key of `definitions()`.
        group: what it is about, if not the whole sample: a stage, an industry, a variant.
        value: None where it cannot be said; `reason` tells why.
        low: lower 95 % bound; None without an interval.
        high: upper bound.
        n: organizations that it rests on.
        expected: what honest claims would show, where that is known.
        p_value: of a test.
        reason: why there is no value or no interval; or what to be careful about.
    """

    code: str
    group: str = ""
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int
    expected: float | None = None
    p_value: float | None = None
    reason: str = ""

    @property
    def definition(self) -> Definition:
        """What it means."""
        return definitions()[self.code]

    def about(self, group: str) -> Statistic:
        """The same number, about one group."""
        return replace(self, group=group)


@cache
def definitions() -> Mapping[str, Definition]:
    """All numbers of a comparison by their code, in the order of a report."""
    text = (resources.files(__package__) / "definitions.toml").read_text("utf-8")
    return {code: Definition(**entry) for code, entry in tomllib.loads(text).items()}


def counted(code: str, count: int, n: int) -> Statistic:
    """A count of organizations."""
    return Statistic(code=code, value=float(count), n=n)


def from_figure(code: str, figure: Figure) -> Statistic:
    """A number with its interval."""
    return Statistic(
        code=code,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        n=figure.organization_count,
        reason=figure.reason,
    )


def from_rate(code: str, rate: Rate) -> Statistic:
    """A share with its interval."""
    return Statistic(
        code=code,
        value=rate.share,
        low=rate.low,
        high=rate.high,
        n=rate.organization_count,
        reason=rate.reason,
    )


def from_bounds(code: str, bounds: RateBounds) -> Statistic:
    """What a share could be at worst: no value, only an interval."""
    return Statistic(
        code=code,
        value=None,
        low=bounds.low,
        high=bounds.high,
        n=bounds.least.organization_count,
        reason=f"{bounds.left_out_count} abstentions counted both ways",
    )


def from_excess(code: str, excess: Excess) -> Statistic:
    """What was found beyond what honest claims show; `expected` is the latter."""
    return Statistic(
        code=code,
        value=excess.excess,
        low=excess.low,
        high=excess.high,
        n=excess.organization_count,
        expected=excess.expected,
        reason=excess.reason,
    )


def from_test(code: str, test: MarginalTest, n: int) -> Statistic:
    """A chi-squared statistic with its p-value."""
    dropped = ", ".join(test.dropped_labels)
    left_out = f"without stages {dropped}, about which nobody disagrees" if dropped else ""
    degrees = f"{test.degrees} degrees of freedom"
    return Statistic(
        code=code,
        value=test.statistic,
        p_value=test.p_value,
        n=n,
        reason=test.reason or "; ".join(filter(None, (degrees, left_out))),
    )
