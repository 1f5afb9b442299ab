"""Simulator of the graded-response kind: one latent maturity shifts every signal.

Each world draws its own assumptions from the table of priors (domain randomisation): how far
the stages lie apart, how strongly each signal follows, how much it scatters, who is monitored
and how well. What a model learns from many such worlds rests on the signs and the order, not
on one set of effect sizes. Samejima 1969 names the response model; this is a count-and-share
version of it. The simulator knows feeds only; from them Engagement to Converged differ little.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from classifiers.simulators.feed_view import FeedView, Posting
from classifiers.simulators.priors import read_priors
from classifiers.simulators.worlds import SIZE_CLASSES, SimulatedWorlds, join_worlds

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from classifiers.simulators.priors import Prior

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

PRIORS_PATH = Path(__file__).with_suffix(".toml")

_DISTANCES = (
    "distance_planning_presence",
    "distance_presence_engagement",
    "distance_engagement_formalized",
    "distance_formalized_strategic",
    "distance_strategic_converged",
)
_PREVALENCES = ("prevalence_small", "prevalence_medium", "prevalence_large")
_INDUSTRY_COUNT = 8


def simulate_organizations(
    n_worlds: int, n_per_world: int, random_state: int | np.random.Generator
) -> SimulatedWorlds:
    """Draw `n_worlds` worlds of `n_per_world` organizations; the same seed gives the same."""
    generator = np.random.default_rng(random_state)
    return join_worlds([_simulate_world(n_per_world, generator) for _ in range(n_worlds)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cohort:
    """Who the organizations of one world are."""

    stage_codes: IntArray
    size_codes: IntArray
    industry_shift: FloatArray  #: of the logarithm of the rate of posts
    maturity: FloatArray  #: 0 at a typical organization of stage Presence


def _simulate_world(count: int, generator: np.random.Generator) -> SimulatedWorlds:
    assumed = _draw_assumptions(generator)
    cohort = _draw_cohort(count, assumed, generator)
    posting = _draw_posting(cohort, assumed, generator)
    view = FeedView(posting, assumed, generator).observe()
    return SimulatedWorlds(
        values=view.values,
        reasons=view.reasons,
        stage_codes=cohort.stage_codes,
        world_codes=np.zeros(count, dtype=np.intp),
        size_codes=cohort.size_codes,
        coverage_share=view.coverage_share,
    )


@cache
def _priors() -> Mapping[str, Prior]:
    return read_priors(PRIORS_PATH)


def _draw_assumptions(generator: np.random.Generator) -> dict[str, FloatArray]:
    drawn = {name: np.asarray(prior.draw(generator)) for name, prior in _priors().items()}
    is_on = {name: generator.random() >= drawn["switched_off_share"] for name in drawn}
    return {
        name: value * is_on[name] if name.endswith("_slope") else value
        for name, value in drawn.items()
    }


def _draw_cohort(
    count: int, assumed: Mapping[str, FloatArray], generator: np.random.Generator
) -> _Cohort:
    sizes = generator.choice(len(SIZE_CLASSES), count, p=assumed["size_mix"])
    cumulative = np.cumsum([assumed[name] for name in _PREVALENCES], axis=1)
    draws = generator.random(count)[:, np.newaxis]
    stages = 1 + (draws > cumulative[sizes, :-1]).sum(axis=1)
    shifts = generator.normal(0, assumed["industry_spread"], _INDUSTRY_COUNT)
    spread = generator.normal(0, assumed["spread_within_stage"], count)
    return _Cohort(
        stage_codes=stages,
        size_codes=sizes,
        industry_shift=shifts[generator.integers(_INDUSTRY_COUNT, size=count)],
        maturity=_stage_positions(assumed)[stages - 1] + spread,
    )


def _stage_positions(assumed: Mapping[str, FloatArray]) -> FloatArray:
    positions = np.cumsum([0.0, *[float(assumed[name]) for name in _DISTANCES]])
    centred: FloatArray = positions - positions[1]
    return centred


def _draw_posting(
    cohort: _Cohort, assumed: Mapping[str, FloatArray], generator: np.random.Generator
) -> Posting:
    respond = _Response(cohort, assumed, generator)
    by_size = assumed["log_rate_by_size"] * (cohort.size_codes - 1)
    further = assumed["further_channel_count"] * (1 + cohort.size_codes) / 2
    return Posting(
        weekly_rate=np.exp(respond.rising("log_rate") + by_size + cohort.industry_shift),
        regularity=np.exp(respond.rising("log_regularity")),
        silent_weeks=_draw_silence(cohort, assumed, generator),
        burstiness=respond.falling("burstiness"),
        weekend_log_odds=respond.rising("weekend"),
        office_hours_log_odds=respond.rising("office_hours"),
        further_channel_count=generator.poisson(further),
        neglect_log_odds=respond.falling_above_presence("neglect"),
    )


class _Response:
    """Graded responses: a base at Presence, a slope on maturity, and scatter of its own."""

    def __init__(
        self, cohort: _Cohort, assumed: Mapping[str, FloatArray], generator: np.random.Generator
    ) -> None:
        self._maturity = cohort.maturity
        self._assumed = assumed
        self._generator = generator

    def rising(self, name: str) -> FloatArray:
        return self._at(name, self._maturity)

    def falling(self, name: str) -> FloatArray:
        return self._at(name, -self._maturity)

    def falling_above_presence(self, name: str) -> FloatArray:
        return self._at(name, -np.maximum(self._maturity, 0.0))

    def _at(self, name: str, position: FloatArray) -> FloatArray:
        scatter = self._generator.normal(0, self._assumed[f"{name}_spread"], len(position))
        base, slope = self._assumed[f"{name}_at_presence"], self._assumed[f"{name}_slope"]
        response: FloatArray = base + slope * position + scatter
        return response


def _draw_silence(
    cohort: _Cohort, assumed: Mapping[str, FloatArray], generator: np.random.Generator
) -> FloatArray:
    count = len(cohort.maturity)
    log_odds = logit(assumed["silence_at_presence"]) - assumed["silence_slope"] * cohort.maturity
    weeks = generator.uniform(1, assumed["longest_silence_weeks"], count)
    return np.where(generator.random(count) < expit(log_odds), weeks, 0.0)
