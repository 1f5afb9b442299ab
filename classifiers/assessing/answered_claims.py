"""Claims that follow from answers: the stage claimed by each scoring rule."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from classifiers.assessing.altimeter_scores import CODE, altimeter_scores
from classifiers.claims import DEFAULT_INSTRUMENT, Claim
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.assessing.altimeter_scores import AltimeterScores, Bounds
    from classifiers.assessing.answers import Answers

#: The rule that is shown first and compared with the estimate unless another is asked for.
HEADLINE = "altimeter_cumulative"
BELOW_LADDER = "below the first stage"


class OpenAnswers(StrEnum):
    """What to claim where open answers leave the stage between two bounds."""

    NO_CLAIM = "no claim"  #: what was not answered was not claimed
    LOWEST = "lowest"  #: as if all open gates were closed
    HIGHEST = "highest"  #: as if all open gates were passed


def claims_from(answers: Answers, open_answers: OpenAnswers = OpenAnswers.NO_CLAIM) -> list[Claim]:
    """One claim for each rule that gives a stage, the headline last.

    The direct placement is a claim where it was answered. The other rules need at least one
    value. A claim below the first stage counts as stage 1, the lowest that there is, and its
    note says so. ESM3 gives no stage, and no claim.

    Args:
        answers: of one respondent, or of several put together.
        open_answers: what to do where answers leave a rule's stage open; comparing `LOWEST` with
            `HIGHEST` shows how much hangs on them.
    """
    if answers.instrument != CODE:
        return []
    claims = []
    if answers.direct_stage_code is not None:
        claims.append(_claim(answers, DEFAULT_INSTRUMENT, answers.direct_stage_code))
    for instrument, bounds in _rules(answers):
        stage = _stage(bounds, open_answers)
        if stage is not None:
            claims.append(_claim(answers, instrument, stage))
    return claims


def undecided_rules(answers: Answers) -> dict[str, Bounds]:
    """Rules whose stage the answers leave open, each with the lowest and the highest it can be."""
    if answers.instrument != CODE:
        return {}
    return {name: bounds for name, bounds in _rules(answers) if bounds.exact is None}


def _rules(answers: Answers) -> Iterator[tuple[str, Bounds]]:
    if answers.given:
        scores: AltimeterScores = altimeter_scores(answers)
        yield "altimeter_weakest", scores.weakest
        yield "altimeter_median", scores.median
        yield HEADLINE, scores.cumulative


def _stage(bounds: Bounds, open_answers: OpenAnswers) -> int | None:
    if open_answers is OpenAnswers.NO_CLAIM:
        return bounds.exact
    return bounds.low if open_answers is OpenAnswers.LOWEST else bounds.high


def _claim(answers: Answers, instrument: str, stage: int) -> Claim:
    notes = [answers.note] if answers.note else []
    if stage < Stage.PLANNING:
        notes.insert(0, BELOW_LADDER)
    return Claim(
        organization_id=answers.organization_id,
        stage_code=max(stage, Stage.PLANNING.value),
        instrument=instrument,
        claimed_on=answers.answered_on,
        respondent_role=answers.respondent_role,
        note="; ".join(notes),
        is_public=answers.is_public,
    )
