"""What answers to ESM3 say of social media inside an organization: four perspectives, 1 to 3.

A perspective is the mean of its three criteria. All of them together are shown twice, as the
weakest perspective and as the mean, because a mean hides a missing foundation and the weakest is
harsh where items are few. Every number comes with the lowest and the highest that it could be
if all criteria had been answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from classifiers.assessing.instrument import read_instrument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifiers.assessing.answers import Answers
    from classifiers.assessing.instrument import Dimension

CODE = "esm3"
#: The perspective whose words are dated; results are also given without it.
DATED = "technology"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A number from 1 to 3.

    `value` is taken from what was answered, and None where that is not enough. `low` and `high`
    hold it, whatever the open answers are.
    """

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PerspectiveScore:
    """One perspective: the mean of its answered criteria; None where none was answered."""

    code: str
    score: Score
    answered_count: int
    criterion_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OverallScore:
    """Several perspectives as one number, by two rules; None where one of them has no answer."""

    weakest: Score
    mean: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Esm3Scores:
    """The profile, what it comes to, and what it comes to without the dated perspective.

    Attributes:
        perspectives: in the order of the instrument.
        overall: of all four.
        without_technology: of the three others.
    """

    perspectives: tuple[PerspectiveScore, ...]
    overall: OverallScore
    without_technology: OverallScore
    unanswered_count: int
    cannot_say_count: int


def esm3_scores(answers: Answers) -> Esm3Scores:
    """Score the answers of one respondent, or of several put together.

    Raises:
        ValueError: they are answers to another instrument.
    """
    if answers.instrument != CODE:
        message = f"answers to {answers.instrument!r} have no ESM3 profile"
        raise ValueError(message)
    dimensions = read_instrument(CODE).dimensions
    perspectives = tuple(perspective_score(each, answers.given) for each in dimensions)
    return Esm3Scores(
        perspectives=perspectives,
        overall=overall_score([each.score for each in perspectives]),
        without_technology=overall_score(
            [each.score for each in perspectives if each.code != DATED]
        ),
        unanswered_count=len(answers.unanswered),
        cannot_say_count=len(answers.cannot_say),
    )


def perspective_score(dimension: Dimension, given: Mapping[str, int]) -> PerspectiveScore:
    """Mean level of the criteria of a perspective that were answered.

    >>> business = read_instrument("esm3").dimensions[1]
    >>> perspective_score(business, {"BUS1": 1, "BUS3": 2}).score
    Score(value=1.5, low=1.3333333333333333, high=2.0)
    """
    values = [given[item.code] for item in dimension.items if item.code in given]
    lows = [given.get(item.code, item.values[0]) for item in dimension.items]
    highs = [given.get(item.code, item.values[-1]) for item in dimension.items]
    return PerspectiveScore(
        code=dimension.code,
        score=Score(
            value=fmean(values) if values else None,
            low=fmean(lows),
            high=fmean(highs),
        ),
        answered_count=len(values),
        criterion_count=len(dimension.items),
    )


def overall_score(scores: Sequence[Score]) -> OverallScore:
    """The weakest and the mean of some perspectives, at least one."""
    known = [score.value for score in scores if score.value is not None]
    lows, highs = [score.low for score in scores], [score.high for score in scores]
    is_whole = len(known) == len(scores)
    return OverallScore(
        weakest=Score(value=min(known) if is_whole else None, low=min(lows), high=min(highs)),
        mean=Score(value=fmean(known) if is_whole else None, low=fmean(lows), high=fmean(highs)),
    )
