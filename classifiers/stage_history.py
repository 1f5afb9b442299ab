"""The observed stage of one organization over time: what is held, for how long, and what moved.

Estimates of neighbouring weeks rest on windows of 13 weeks that overlap by 12, so they are not
news every week. Two readings are made of them:

- `held_stages`, the public rule: a stage is held once its probability was 0.8 or more in two
  consecutive quarters. Strategic and Converged count as one stage unless told apart. Weeks whose
  estimate abstains are gaps and never a change.
- `smooth`, for curves: a hidden Markov model in which the stage moves to a neighbour now and then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from classifiers.claims import Claim

    FloatArray = npt.NDArray[np.float64]

WINDOW_WEEKS = 13  #: of activity behind each estimate: a quarter
HELD_PROBABILITY = 0.8
#: Guesses: a stage lasts two years before the next, four before a step back; nothing published
#: tells, so look at results under others too.
RISE_WEEKS, FALL_WEEKS = 104, 208

_WEEK = timedelta(days=7)
_SMALLEST = 1e-6  # a probability of 0 would rule a stage out for ever
_STAGE_COUNT = len(Stage)


class WeeklyEstimate(NamedTuple):
    """The estimate of the week that begins on a Monday; an abstention is a gap."""

    week: date
    probabilities: tuple[float, ...]  #: of stages 1 to 6
    is_abstained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldStage:
    """A stage that the public rule holds an organization to have shown.

    Attributes:
        stage_code: 1 to 6; 5 also stands for 6 where the two are not told apart.
        began_on: Monday of the first week of the run that led to it.
        held_on: Monday of the week in which the rule was met.
        ended_on: Monday on which the run towards the next held stage began; None: still held.
        dwell_week_count: from `began_on` to `ended_on`, or to the last estimate; at least so
            many where it is still held.
    """

    stage_code: int
    began_on: date
    held_on: date
    ended_on: date | None
    dwell_week_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmoothedWeek:
    """The stage in one week, given the estimates of all weeks.

    `rise_probability` and `fall_probability` are those of a move since the week before, so that
    their sums over weeks are the expected numbers of moves.
    """

    week: date
    probabilities: tuple[float, ...]
    rise_probability: float
    fall_probability: float
    is_gap: bool  #: no estimate that week


class ClaimBeside(NamedTuple):
    """A dated claim, and how likely the stage of that time was below, at or above it."""

    claim: Claim
    week: date | None  #: whose smoothed stage is used; None: nothing within a quarter, or no date
    below: float | None
    same: float | None
    above: float | None


def held_stages(
    estimates: Iterable[WeeklyEstimate],
    *,
    least_probability: float = HELD_PROBABILITY,
    are_highest_told_apart: bool = False,
) -> tuple[HeldStage, ...]:
    """The stages that were held one after the other, by the public rule.

    Two consecutive quarters are two windows of 13 weeks that do not overlap and are not further
    apart: a run of estimates that all give a stage 0.8 or more, from its first week to one 13
    weeks later, without a gap of more than 13 weeks.

    Args:
        estimates: of one organization, each week once, in any order.
        least_probability: what a stage needs in every week of the run; more than 0.5.
        are_highest_told_apart: whether 5 and 6 are two stages.

    Raises:
        ValueError: two stages could meet the rule at once.
    """
    if least_probability <= 0.5:  # noqa: PLR2004 - a half
        message = f"least_probability {least_probability} must be more than 0.5"
        raise ValueError(message)
    seen = sorted(one for one in estimates if not one.is_abstained)
    found: list[tuple[int, date, date]] = []
    run: list[date] = []
    former = 0
    for one in seen:
        code = _likely_stage(
            one.probabilities,
            least_probability,
            are_highest_told_apart=are_highest_told_apart,
        )
        is_same = code == former and run and one.week - run[-1] <= WINDOW_WEEKS * _WEEK
        run = [*run, one.week] if is_same else [one.week]
        former = code
        is_held = code and one.week - run[0] >= WINDOW_WEEKS * _WEEK
        if is_held and (not found or found[-1][0] != code):
            found.append((code, run[0], one.week))
    return _dwelling(found, seen[-1].week) if found else ()


def _likely_stage(
    probabilities: Sequence[float], least: float, *, are_highest_told_apart: bool
) -> int:
    """The stage that reaches the least probability; 0 where none does."""
    shares = list(probabilities)
    if not are_highest_told_apart:
        shares[-2:] = [sum(shares[-2:])]
    likely = [code for code, share in enumerate(shares, start=1) if share >= least]
    return likely[0] if likely else 0


def _dwelling(found: Sequence[tuple[int, date, date]], last_week: date) -> tuple[HeldStage, ...]:
    ends = [began for _, began, _ in found[1:]]
    return tuple(
        HeldStage(
            stage_code=code,
            began_on=began,
            held_on=held,
            ended_on=end,
            dwell_week_count=((end or last_week) - began).days // 7,
        )
        for (code, began, held), end in zip(found, [*ends, None], strict=True)
    )


def transition_matrix(rise_weeks: float = RISE_WEEKS, fall_weeks: float = FALL_WEEKS) -> FloatArray:
    """Weekly chances of moving from a stage (row) to itself or a neighbour (column)."""
    up, down = 1 / rise_weeks, 1 / fall_weeks
    moves = np.diag([up] * (_STAGE_COUNT - 1), 1) + np.diag([down] * (_STAGE_COUNT - 1), -1)
    matrix: FloatArray = moves + np.diag(1 - moves.sum(axis=1))
    return matrix


def window_weights(weeks: Sequence[date]) -> dict[date, float]:
    """How much each estimate counts, so that no week of activity counts more than once.

    A week of activity lies in up to 13 windows. It is shared out equally among those that were
    estimated, and an estimate's weight is what its 13 weeks give it: 1 for an estimate that
    stands alone, 1/13 amid others, and in sum the number of weeks seen over 13.

    >>> weights = window_weights([date(2026, 1, 5), date(2026, 1, 12)])
    >>> [round(weight * 13, 6) for weight in weights.values()]
    [7.0, 7.0]
    """
    reach = {week: [week - back * _WEEK for back in range(WINDOW_WEEKS)] for week in weeks}
    counts: dict[date, int] = {}
    for inside in reach.values():
        for week in inside:
            counts[week] = counts.get(week, 0) + 1
    return {
        week: sum(1 / counts[one] for one in inside) / WINDOW_WEEKS
        for week, inside in reach.items()
    }


def smooth(
    estimates: Iterable[WeeklyEstimate],
    *,
    prior: Sequence[float] | None = None,
    transitions: FloatArray | None = None,
) -> tuple[SmoothedWeek, ...]:
    """The stage in every week from the first to the last estimate, gaps included.

    Forward-backward smoothing (Rabiner 1989, A tutorial on hidden Markov models, Proceedings of
    the IEEE 77) over six hidden stages. What an estimate says of its week is its probability over
    the prior that the classifier began with, to the power of its weight (`window_weights`):
    without that, 13 overlapping windows would count the same posts 13 times and make any small
    lean a certainty. An estimate that stands alone comes out as it went in. A move shows in
    windows for 13 weeks, so its date is uncertain by a quarter.

    Args:
        estimates: of one organization, each week once, in any order.
        prior: of stages 1 to 6 in the classifier; None: equal.
        transitions: weekly, see `transition_matrix`.
    """
    seen = {one.week: one for one in estimates if not one.is_abstained}
    if not seen:
        return ()
    start = np.full(_STAGE_COUNT, 1 / _STAGE_COUNT) if prior is None else np.asarray(prior)
    moves = transition_matrix() if transitions is None else transitions
    weeks = _all_weeks(seen)
    likelihoods = _likelihoods(weeks, seen, start)
    forward, backward = _messages(likelihoods, start, moves)
    return _smoothed_weeks(
        weeks, seen, forward * backward, _moved(forward, backward, likelihoods, moves)
    )


def _all_weeks(seen: Mapping[date, WeeklyEstimate]) -> list[date]:
    first, last = min(seen), max(seen)
    return [first + number * _WEEK for number in range((last - first).days // 7 + 1)]


def _likelihoods(
    weeks: Sequence[date], seen: Mapping[date, WeeklyEstimate], start: FloatArray
) -> FloatArray:
    """Of shape (weeks, 6); ones where there is no estimate."""
    weights = window_weights(list(seen))
    found = np.ones((len(weeks), _STAGE_COUNT))
    for row, week in enumerate(weeks):
        if week in seen:
            shares = np.maximum(seen[week].probabilities, _SMALLEST)
            found[row] = (shares / start) ** weights[week]
    return found


def _messages(
    likelihoods: FloatArray, start: FloatArray, moves: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Forward and backward messages, each row summing to 1."""
    forward, backward = np.empty_like(likelihoods), np.empty_like(likelihoods)
    ahead = start
    for row, likelihood in enumerate(likelihoods):
        product = (ahead @ moves if row else ahead) * likelihood
        forward[row] = ahead = product / product.sum()
    behind = np.full(_STAGE_COUNT, 1 / _STAGE_COUNT)
    for row in range(len(likelihoods) - 1, -1, -1):
        backward[row] = behind
        product = moves @ (likelihoods[row] * behind)
        behind = product / product.sum()
    return forward, backward


def _moved(
    forward: FloatArray, backward: FloatArray, likelihoods: FloatArray, moves: FloatArray
) -> FloatArray:
    """Joint probabilities of neighbouring weeks, shape (weeks - 1, 6, 6): from row to column."""
    after = (likelihoods * backward)[1:]
    joint = forward[:-1, :, np.newaxis] * moves * after[:, np.newaxis, :]
    pairs: FloatArray = joint / joint.sum(axis=(1, 2), keepdims=True)
    return pairs


def _smoothed_weeks(
    weeks: Sequence[date],
    seen: Mapping[date, WeeklyEstimate],
    products: FloatArray,
    pairs: FloatArray,
) -> tuple[SmoothedWeek, ...]:
    shares = products / products.sum(axis=1, keepdims=True)
    rises = [0.0, *(float(np.triu(pair, 1).sum()) for pair in pairs)]
    falls = [0.0, *(float(np.tril(pair, -1).sum()) for pair in pairs)]
    return tuple(
        SmoothedWeek(
            week=week,
            probabilities=tuple(shares[row].tolist()),
            rise_probability=rises[row],
            fall_probability=falls[row],
            is_gap=week not in seen,
        )
        for row, week in enumerate(weeks)
    )


def claims_beside(
    claims: Iterable[Claim], smoothed: Sequence[SmoothedWeek]
) -> tuple[ClaimBeside, ...]:
    """Claims, oldest first, beside the stage of their time; those without a date come first."""
    ordered = sorted(claims, key=lambda claim: claim.claimed_on or date.min)
    return tuple(_beside(claim, smoothed) for claim in ordered)


def _beside(claim: Claim, smoothed: Sequence[SmoothedWeek]) -> ClaimBeside:
    day = claim.claimed_on
    near = min(smoothed, key=lambda one: abs((one.week - day).days), default=None) if day else None
    if day is None or near is None or abs((near.week - day).days) > WINDOW_WEEKS * 7:
        return ClaimBeside(claim, None, None, None, None)
    at = claim.stage_code - 1
    shares = near.probabilities
    return ClaimBeside(claim, near.week, sum(shares[:at]), shares[at], sum(shares[at + 1 :]))
