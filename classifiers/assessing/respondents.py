"""Several respondents of one organization: how far they agree, and what they say together.

Respondents know different parts of an organization, so they are put together item by item, before
anything is scored. The value of an item is the lower median of the values given to it: of two who
differ, the lower counts, so that a gate is passed only where half or more of those who could tell
say so, and both of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from statistics import median_low
from typing import TYPE_CHECKING

import numpy as np

from classifiers.assessing import altimeter_scores
from classifiers.assessing.altimeter_scores import Bounds, is_at_least, level_spread
from classifiers.assessing.answers import LONGEST_ROLE, Answers
from classifiers.assessing.instrument import read_instrument
from classifiers.consensus import ROUND_DAYS
from classifiers.reliability import krippendorff_alpha

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

#: Respondent of answers that were put together.
TOGETHER = "together"
#: Stages between two respondents from which they should talk before anything is compared.
CONSENSUS_FROM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondentAgreement:
    """How far the respondents of one organization agree on one instrument.

    Attributes:
        role_count: different roles among them, where they state one; two or more are asked for.
        alpha: Krippendorff's, ordinal, over the items; None with the reason in `why_no_alpha`.
        headline_spread: highest minus lowest cumulative stage of a respondent; None for ESM3.
        direct_spread: highest minus lowest direct placement; None where fewer than two gave one.
        needs_consensus: whether either spread is two stages or more; None where open answers
            leave that open.
    """

    organization_id: str
    instrument: str
    respondent_count: int
    role_count: int
    alpha: float | None
    why_no_alpha: str
    headline_spread: Bounds | None
    direct_spread: int | None
    needs_consensus: bool | None


def assessment_rounds(answers: Iterable[Answers]) -> list[list[Answers]]:
    """Group answers by organization, instrument, version and time, in this order.

    A round ends before a respondent who is in it already, and before a day more than 56 days
    after its first. Answers without a day form a round of their own, before the others.
    """
    ordered = sorted(answers, key=lambda each: (*_subject(each), *_when(each), each.respondent))
    return [found for _, each in groupby(ordered, _subject) for found in _rounds(each)]


def respondent_agreement(answers: Sequence[Answers]) -> RespondentAgreement:
    """Compare the respondents of one round.

    Raises:
        ValueError: the answers are about several organizations or instruments, or there are none.
    """
    first = _one_subject(answers)
    alpha, why = _alpha(answers)
    headline, direct = _headline_spread(answers), _direct_spread(answers)
    return RespondentAgreement(
        organization_id=first.organization_id,
        instrument=first.instrument,
        respondent_count=len(answers),
        role_count=len({each.respondent_role for each in answers if each.respondent_role}),
        alpha=alpha,
        why_no_alpha=why,
        headline_spread=headline,
        direct_spread=direct,
        needs_consensus=_needs_consensus(headline, direct),
    )


def combined(answers: Sequence[Answers]) -> Answers:
    """What the respondents of one round say together, as the answers of one.

    Values, placement and ambition are lower medians of those that were given. An item is one
    that cannot be said where somebody says so and nobody gives a value. Links to evidence are
    those of the first respondent who gives one. The day is the last one; together they are
    public only where each of them is.

    Raises:
        ValueError: the answers are about several organizations or instruments, or there are none.
    """
    first = _one_subject(answers)
    if len(answers) == 1:
        return first
    given = _medians(answers)
    return Answers(
        organization_id=first.organization_id,
        instrument=first.instrument,
        instrument_version=first.instrument_version,
        respondent=TOGETHER,
        respondent_role=_roles(answers),
        answered_on=max((day for each in answers if (day := each.answered_on)), default=None),
        given=given,
        cannot_say=frozenset().union(*(each.cannot_say for each in answers)) - given.keys(),
        evidence={
            code: address for each in reversed(answers) for code, address in each.evidence.items()
        },
        direct_stage_code=_lower_median(answers, lambda each: each.direct_stage_code),
        ambition_stage_code=_lower_median(answers, lambda each: each.ambition_stage_code),
        is_public=all(each.is_public for each in answers),
    )


def _subject(answers: Answers) -> tuple[str, str, str]:
    return answers.organization_id, answers.instrument, answers.instrument_version


def _when(answers: Answers) -> tuple[bool, int]:
    day = answers.answered_on
    return day is not None, day.toordinal() if day else 0


def _rounds(ordered: Iterable[Answers]) -> list[list[Answers]]:
    rounds: list[list[Answers]] = []
    for answers in ordered:
        if rounds and _belongs(answers, rounds[-1]):
            rounds[-1].append(answers)
        else:
            rounds.append([answers])
    return rounds


def _belongs(answers: Answers, found: list[Answers]) -> bool:
    (is_dated, day), (first_is_dated, first_day) = _when(answers), _when(found[0])
    is_near = is_dated == first_is_dated and day - first_day <= ROUND_DAYS
    return is_near and answers.respondent not in {each.respondent for each in found}


def _one_subject(answers: Sequence[Answers]) -> Answers:
    subjects = {_subject(each) for each in answers}
    if len(subjects) != 1:
        message = f"answers of one organization to one instrument are needed, not {len(subjects)}"
        raise ValueError(message)
    return answers[0]


def _alpha(answers: Sequence[Answers]) -> tuple[float | None, str]:
    if len(answers) == 1:
        return None, "only one respondent"
    ratings = _ratings(answers)
    is_comparable = (~np.isnan(ratings)).sum(axis=0) > 1
    if not is_comparable.any():
        return None, "no item was answered by two respondents"
    alpha = krippendorff_alpha(ratings)
    if np.isnan(alpha):
        return None, "all values are the same, so that chance could not disagree"
    return alpha, ""


def _ratings(answers: Sequence[Answers]) -> FloatArray:
    codes = [item.code for item in read_instrument(answers[0].instrument).items]
    rows = [[each.given.get(code, np.nan) for code in codes] for each in answers]
    return np.asarray(rows, dtype=np.float64)


def _headline_spread(answers: Sequence[Answers]) -> Bounds | None:
    if answers[0].instrument != altimeter_scores.CODE:
        return None
    answered = [each.given for each in answers if each.given]
    levels = [tuple(altimeter_scores.dimension_levels(given).values()) for given in answered]
    return level_spread([altimeter_scores.cumulative_stage(each) for each in levels])


def _direct_spread(answers: Sequence[Answers]) -> int | None:
    stages = [code for each in answers if (code := each.direct_stage_code) is not None]
    return max(stages) - min(stages) if len(stages) > 1 else None


def _needs_consensus(headline: Bounds | None, direct: int | None) -> bool | None:
    if direct is not None and direct >= CONSENSUS_FROM:
        return True
    return is_at_least(headline, CONSENSUS_FROM) if headline else False


def _medians(answers: Sequence[Answers]) -> dict[str, int]:
    codes = [item.code for item in read_instrument(answers[0].instrument).items]
    values = {code: [each.given[code] for each in answers if code in each.given] for code in codes}
    return {code: median_low(found) for code, found in values.items() if found}


def _lower_median(answers: Sequence[Answers], read: Callable[[Answers], int | None]) -> int | None:
    found = [value for each in answers if (value := read(each)) is not None]
    return median_low(found) if found else None


def _roles(answers: Sequence[Answers]) -> str:
    roles = dict.fromkeys(each.respondent_role for each in answers if each.respondent_role)
    joined = ", ".join(roles)
    return joined if len(joined) <= LONGEST_ROLE else f"{len(roles)} roles"
