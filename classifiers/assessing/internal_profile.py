"""Where an organization stands inside, by ESM3, and what would lift it; never from public data.

ESM3, the Enterprise Social Media Maturity Model (MAXX//online 2009), has four perspectives of three
criteria, each at level 1 (pioneering), 2 (facilitating) or 3 (strategic); `esm3_scores` scores it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from classifiers.assessing.esm3_scores import CODE, Esm3Scores, esm3_scores
from classifiers.assessing.instrument import read_instrument
from classifiers.improving.percentile import Peers, Percentile, percentile_among

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from classifiers.assessing.answers import Answers
    from classifiers.assessing.instrument import Item

HIGHEST_LEVEL = 3


class NextLevel(NamedTuple):
    """A criterion, the level it is at, and what the next one is called and stands for."""

    item_code: str
    label: str
    perspective_code: str
    level: int
    level_text: str
    next_text: str


class DatedScore(NamedTuple):
    """What one assessment comes to, 1 to 3 by two rules; the day is None where it was not told."""

    answered_on: date | None
    weakest: float | None
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalProfile:
    """Where an organization stands, and which criteria would lift it.

    Attributes:
        scores: of each perspective and overall.
        quick_wins: criteria at the organization's lowest level that lie in a perspective whose
            score is the lowest: one level more lifts what holds the whole back.
        improvement_areas: all other criteria below the highest level, the lowest first.
        unanswered: codes of criteria without a level.
    """

    scores: Esm3Scores
    quick_wins: tuple[NextLevel, ...]
    improvement_areas: tuple[NextLevel, ...]
    unanswered: tuple[str, ...]


def internal_profile(answers: Answers) -> InternalProfile:
    """The profile of one organization from the answers of one respondent, or of several together.

    Raises:
        ValueError: they are answers to another instrument.
    """
    scores = esm3_scores(answers)
    below = [
        item
        for item in read_instrument(CODE).items
        if answers.given.get(item.code, HIGHEST_LEVEL) < HIGHEST_LEVEL
    ]
    quick_wins = _quick_wins(below, answers.given, _weakest_codes(scores))
    others = sorted(
        (item for item in below if item not in quick_wins),
        key=lambda item: answers.given[item.code],
    )
    return InternalProfile(
        scores=scores,
        quick_wins=tuple(_next_level(item, answers.given) for item in quick_wins),
        improvement_areas=tuple(_next_level(item, answers.given) for item in others),
        unanswered=tuple(
            item.code for item in read_instrument(CODE).items if item.code not in answers.given
        ),
    )


def _weakest_codes(scores: Esm3Scores) -> frozenset[str]:
    known = {
        one.code: one.score.value for one in scores.perspectives if one.score.value is not None
    }
    lowest = min(known.values(), default=None)
    return frozenset(code for code, value in known.items() if value == lowest)


def _quick_wins(
    below: Sequence[Item], levels: Mapping[str, int], weakest_codes: frozenset[str]
) -> list[Item]:
    lowest = min((levels[item.code] for item in below), default=None)
    return [
        item
        for item in below
        if levels[item.code] == lowest and item.dimension_code in weakest_codes
    ]


def _next_level(item: Item, levels: Mapping[str, int]) -> NextLevel:
    level = levels[item.code]
    return NextLevel(
        item_code=item.code,
        label=item.label,
        perspective_code=item.dimension_code,
        level=level,
        level_text=item.choice(level).text,
        next_text=item.choice(level + 1).text,
    )


def internal_percentiles(
    scores: Esm3Scores, groups: Sequence[tuple[str, Sequence[Esm3Scores]]]
) -> dict[str, Percentile | None]:
    """The percentile of each perspective, and of the `mean` of all, among other organizations.

    None where the organization itself has no score. Others without one are left out.

    Args:
        scores: one's own.
        groups: others by the name of their group, from the narrowest to the widest.
    """
    named = [(name, list(map(score_values, others))) for name, others in groups]
    return {
        key: None if own is None else percentile_among(own, list(_peers(key, named)))
        for key, own in score_values(scores).items()
    }


def score_values(scores: Esm3Scores) -> dict[str, float | None]:
    """Scores by perspective, and the `mean` of all; None where too little was answered."""
    values = {one.code: one.score.value for one in scores.perspectives}
    return {**values, "mean": scores.overall.mean.value}


def _peers(
    key: str, groups: Iterable[tuple[str, list[dict[str, float | None]]]]
) -> Iterable[Peers]:
    for name, others in groups:
        yield Peers(name, tuple(value for one in others if (value := one[key]) is not None))


def scores_over_time(assessments: Iterable[Answers]) -> tuple[DatedScore, ...]:
    """What each assessment of an organization came to, oldest first; undated ones before all.

    What differs between two may be their respondents, or the criteria that they answered.
    """
    ordered = sorted(
        assessments, key=lambda one: one.answered_on.toordinal() if one.answered_on else 0
    )
    overall = [(one.answered_on, esm3_scores(one).overall) for one in ordered]
    return tuple(DatedScore(day, one.weakest.value, one.mean.value) for day, one in overall)
