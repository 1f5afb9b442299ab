"""Which of an organization's initiatives come first, and how sure that is.

An initiative is scored 0 to 4 on value, impact, innovation and investment, the last reversed: 4
fits existing means. Its priority is the weighted sum of its scores over 4, from 0 to 1. Weights
depend on the stage (`classifiers.improving.criteria`); where the stage is uncertain they are
averaged over it. Three things are unsure, and all three are drawn: the stage from its
probabilities, the weights from a Dirichlet distribution around those of that stage, and the
scores.

A score is one reading of what an initiative would do. Another scorer's reading is taken to differ
from the truth with a variance of 1/2, that of -1, 0, 0 and +1 with equal chances; this counts as
much as four differences of scorers. With m scorers of one criterion, whose scores lie SS away
from their mean in squares, the variance of one score is (4 / 2 + SS) / (4 + m - 1), and that of
their mean an m-th of it. So one scorer leaves about one step either way, scorers who agree leave
less, and scorers who disagree leave more. A mistake that all scorers share is not seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.improving.criteria import CRITERION_CODES, HIGHEST_SCORE, read_criteria
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

DRAW_COUNT = 4000
QUICK_WIN_PRIORITY = 0.6
QUICK_WIN_INVESTMENT = 3
GATE = re.compile(r"(ST|OR|EN|ME|GO|PE)[1-6]")  #: a statement of the Altimeter instrument
UNIFORM = (1 / 6,) * 6  #: probabilities of the stages where nothing is known of them

_SCORE_VARIANCE = 0.5
_PRIOR_COUNT = 4
_BOUNDS = (0.05, 0.95)  # of a 90 % interval
_FIRST, _TOP = 1, 3
_SLACK = 1e-9  # a priority of 0.6 must not fail by rounding


class Scoring(NamedTuple):
    """The four scores, 0 to 4, that one scorer gave to one initiative."""

    scorer: str  #: a short code or a role, never the name of a person; "" where not told
    value: float
    impact: float
    innovation: float
    investment: float  #: reversed: 4 fits existing means

    @property
    def scores(self) -> tuple[float, ...]:
        """In the order of `CRITERION_CODES`."""
        return (self.value, self.impact, self.innovation, self.investment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiative:
    """Something an organization could do, as its register has it."""

    organization_id: str
    code: str  #: short, unique within the organization
    name: str
    scorings: tuple[Scoring, ...]  #: at least one, each by another scorer
    gate: str = ""  #: the statement of the Altimeter instrument that it would make true, as EN3
    note: str = ""

    @property
    def scores(self) -> tuple[float, ...]:
        """Means over scorers, in the order of `CRITERION_CODES`."""
        return tuple(np.mean([one.scores for one in self.scorings], axis=0).tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedInitiative:
    """An initiative with its priority and its place among the organization's others.

    Attributes:
        priority: weighted sum of the mean scores, from 0 to 1, averaged over stages.
        priority_low: lower bound of a 90 % interval of the priority.
        expected_rank: mean place over all draws; 1 is first.
        first_share: of draws in which it comes first.
        top_three_share: of draws in which it is among the first three.
        dominated_by: codes of those that are at least as good on all four criteria, and better
            on one; none of these make up the Pareto front.
        quick_win_obstacles: why it is no quick win; empty where it is one.
    """

    initiative: Initiative
    priority: float
    priority_low: float
    priority_high: float
    expected_rank: float
    first_share: float
    top_three_share: float
    dominated_by: tuple[str, ...]
    quick_win_obstacles: tuple[str, ...]

    @property
    def is_on_front(self) -> bool:
        """Whether no other initiative is better all round."""
        return not self.dominated_by

    @property
    def is_quick_win(self) -> bool:
        """Whether priority and means are enough, and it closes an open gate."""
        return not self.quick_win_obstacles


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiativeRanking:
    """An organization's initiatives, best first, and what their order rests on.

    Attributes:
        probabilities: of stages 1 to 6, over which weights were averaged.
        weights: of value, impact, innovation and investment after that; they sum to 1.
        open_gates: statements whose closing leads to the next stage; None: not known.
    """

    probabilities: tuple[float, ...]
    weights: tuple[float, ...]
    open_gates: frozenset[str] | None
    ranked: tuple[RankedInitiative, ...]
    draw_count: int


def rank_initiatives(
    initiatives: Sequence[Initiative],
    probabilities: Sequence[float] = UNIFORM,
    open_gates: Collection[str] | None = None,
    *,
    draw_count: int = DRAW_COUNT,
    random_state: int = 0,
) -> InitiativeRanking:
    """Order the initiatives of one organization; their order in the register changes nothing.

    Args:
        initiatives: of one organization, each code once.
        probabilities: of stages 1 to 6.
        open_gates: codes of statements whose closing leads to the next stage; None: not known,
            for there is no self-assessment.
        draw_count: how many stages, weights and scores are drawn.
        random_state: the same seed gives the same shares.

    Raises:
        ValueError: two have the same code, one has no scores, or the probabilities are not six
            that sum to 1.

    >>> cheap = Scoring("", 3, 2, 1, 4)
    >>> dear = Scoring("", 2, 2, 1, 0)
    >>> given = [Initiative(organization_id="a", code=code, name=code, scorings=(one,))
    ...          for code, one in (("rota", cheap), ("platform", dear))]
    >>> [(one.initiative.code, round(one.priority, 4)) for one in
    ...  rank_initiatives(given, (1, 0, 0, 0, 0, 0)).ranked]
    [('rota', 0.7), ('platform', 0.3375)]
    """
    given = sorted(initiatives, key=lambda one: one.code)
    shares = _checked(given, probabilities)
    scores = np.array([one.scores for one in given]).reshape(-1, len(CRITERION_CODES))
    weights = shares @ read_criteria().weight_rows()
    draws = _drawn_priorities(given, shares, draw_count, random_state)
    gates = None if open_gates is None else frozenset(open_gates)
    found = _ranked(given, scores, scores @ weights / HIGHEST_SCORE, draws, gates)
    return InitiativeRanking(
        probabilities=tuple(shares.tolist()),
        weights=tuple(weights.tolist()),
        open_gates=gates,
        ranked=tuple(sorted(found, key=lambda one: -one.priority)),
        draw_count=draw_count,
    )


def _checked(initiatives: Sequence[Initiative], probabilities: Sequence[float]) -> FloatArray:
    shares = np.asarray(probabilities, dtype=np.float64)
    if shares.shape != (len(Stage),) or (shares < 0).any() or not np.isclose(shares.sum(), 1):
        message = f"probabilities {probabilities!r} are not six that sum to 1"
        raise ValueError(message)
    codes = [one.code for one in initiatives]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        message = f"codes stand twice: {', '.join(twice)}; give each initiative its own"
        raise ValueError(message)
    unscored = [one.code for one in initiatives if not one.scorings]
    if unscored:
        message = f"no scores of {', '.join(unscored)}; leave out what nobody has scored"
        raise ValueError(message)
    normalized: FloatArray = shares / shares.sum()
    return normalized


def _drawn_priorities(
    initiatives: Sequence[Initiative], shares: FloatArray, draw_count: int, random_state: int
) -> FloatArray:
    """Priorities of shape (draws, initiatives)."""
    generator = np.random.default_rng(random_state)
    stages = generator.choice(len(shares), size=draw_count, p=shares)
    weights = _drawn_weights(stages, generator)
    scores = _drawn_scores(initiatives, draw_count, generator)
    priorities: FloatArray = np.einsum("dc,dic->di", weights, scores) / HIGHEST_SCORE
    return priorities


def _drawn_weights(stages: npt.NDArray[np.intp], generator: np.random.Generator) -> FloatArray:
    criteria = read_criteria()
    parts = generator.gamma(criteria.concentration * criteria.weight_rows()[stages])
    weights: FloatArray = parts / parts.sum(axis=1, keepdims=True)  # gammas over their sum
    return weights


def _drawn_scores(
    initiatives: Sequence[Initiative], draw_count: int, generator: np.random.Generator
) -> FloatArray:
    """Scores of shape (draws, initiatives, criteria), within 0 and 4."""
    shape = (draw_count, len(initiatives), len(CRITERION_CODES))
    means = np.array([one.scores for one in initiatives]).reshape(shape[1:])
    errors = np.array([_standard_errors(one) for one in initiatives]).reshape(shape[1:])
    drawn = means + errors * generator.standard_normal(shape)
    return np.clip(drawn, 0, HIGHEST_SCORE)


def _standard_errors(initiative: Initiative) -> FloatArray:
    scores = np.array([one.scores for one in initiative.scorings])
    squares = ((scores - scores.mean(axis=0)) ** 2).sum(axis=0)
    variances = (_PRIOR_COUNT * _SCORE_VARIANCE + squares) / (_PRIOR_COUNT + len(scores) - 1)
    errors: FloatArray = np.sqrt(variances / len(scores))
    return errors


def _ranked(
    initiatives: Sequence[Initiative],
    scores: FloatArray,
    priorities: FloatArray,
    draws: FloatArray,
    open_gates: frozenset[str] | None,
) -> list[RankedInitiative]:
    ranks = _ranks(draws)
    low, high = np.quantile(draws, _BOUNDS, axis=0) if len(initiatives) else ((), ())
    return [
        RankedInitiative(
            initiative=one,
            priority=float(priorities[at]),
            priority_low=float(low[at]),
            priority_high=float(high[at]),
            expected_rank=float(ranks[:, at].mean()),
            first_share=float((ranks[:, at] == _FIRST).mean()),
            top_three_share=float((ranks[:, at] <= _TOP).mean()),
            dominated_by=tuple(initiatives[by].code for by in _dominating(scores, at)),
            quick_win_obstacles=_obstacles(one, float(priorities[at]), open_gates),
        )
        for at, one in enumerate(initiatives)
    ]


def _ranks(draws: FloatArray) -> npt.NDArray[np.intp]:
    """Places of shape (draws, initiatives), 1 being first; of equal ones the former is before."""
    order = np.argsort(-draws, axis=1, kind="stable")
    ranks: npt.NDArray[np.intp] = np.argsort(order, axis=1, kind="stable") + 1
    return ranks


def _dominating(scores: FloatArray, at: int) -> npt.NDArray[np.intp]:
    is_as_good = (scores >= scores[at]).all(axis=1)
    is_better = (scores > scores[at]).any(axis=1)
    return np.flatnonzero(is_as_good & is_better)


def _obstacles(
    initiative: Initiative, priority: float, open_gates: frozenset[str] | None
) -> tuple[str, ...]:
    investment = initiative.scores[CRITERION_CODES.index("investment")]
    found = []
    if priority < QUICK_WIN_PRIORITY - _SLACK:
        found.append(f"its priority {priority:.3f} is below {QUICK_WIN_PRIORITY}")
    if investment < QUICK_WIN_INVESTMENT:
        found.append(f"its investment {investment:.1f} is below {QUICK_WIN_INVESTMENT}")
    if obstacle := _gate_obstacle(initiative.gate, open_gates):
        found.append(obstacle)
    return tuple(found)


def _gate_obstacle(gate: str, open_gates: frozenset[str] | None) -> str:
    if not gate:
        return "it names no gate that it would close"
    if open_gates is None:
        return f"whether {gate} is open is not known without a self-assessment"
    return "" if gate in open_gates else f"{gate} is no open gate on the way to the next stage"
