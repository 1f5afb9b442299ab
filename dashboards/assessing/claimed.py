"""What answers claim, in words and rows: stages by every rule, or levels by perspective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.assessing import altimeter_scores, esm3_scores
from classifiers.assessing.answered_claims import BELOW_LADDER, HEADLINE, claims_from
from classifiers.assessing.instrument import read_instrument
from classifiers.claims import DEFAULT_INSTRUMENT, INSTRUMENTS
from classifiers.stages import Stage
from dashboards.charts.profilelevels import Level

if TYPE_CHECKING:
    from classifiers.assessing.altimeter_scores import Bounds
    from classifiers.assessing.answers import Answers

LADDER = (0, len(Stage))  #: levels of a dimension of the ladder, lowest and highest
PERSPECTIVE = (1, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStage:
    """The stage by one rule; None where the answers leave it open, or there is none."""

    rule: str
    meaning: str
    stage_code: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What one set of answers claims.

    Attributes:
        stage_code: of the claim that counts; None where there is none.
        instrument: of that claim.
        sentences: the same in words.
        levels: by dimension or perspective.
        bounds: the lowest and the highest level that there can be.
        rules: stages by every rule; () for a questionnaire that gives none.
    """

    stage_code: int | None
    instrument: str
    sentences: tuple[str, ...]
    levels: tuple[Level, ...]
    bounds: tuple[int, int]
    rules: tuple[RuleStage, ...]


def claimed(answers: Answers) -> Claimed:
    """What answers claim."""
    if answers.instrument == esm3_scores.CODE:
        return _profile(answers)
    return _stage_claim(answers)


def _stage_claim(answers: Answers) -> Claimed:
    scores = altimeter_scores.altimeter_scores(answers)
    claims = {claim.instrument: claim for claim in claims_from(answers)}
    counting = claims.get(HEADLINE) or claims.get(DEFAULT_INSTRUMENT)
    dimensions = read_instrument(answers.instrument).dimensions
    levels = [(each.label, scores.levels[each.code]) for each in dimensions]
    direct = scores.direct
    rules = (
        ("altimeter_cumulative", scores.cumulative),
        ("altimeter_weakest", scores.weakest),
        ("altimeter_median", scores.median),
        (DEFAULT_INSTRUMENT, None if direct is None else altimeter_scores.Bounds(direct, direct)),
    )
    return Claimed(
        stage_code=counting.stage_code if counting else None,
        instrument=counting.instrument if counting else "",
        sentences=tuple(_stage_sentences(answers, scores)),
        levels=tuple(Level(label, found.exact, found.low, found.high) for label, found in levels),
        bounds=LADDER,
        rules=tuple(_rule(name, found) for name, found in rules),
    )


def _rule(name: str, found: Bounds | None) -> RuleStage:
    return RuleStage(
        rule=name,
        meaning=INSTRUMENTS[name],
        stage_code=found.exact if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
    )


def _stage_sentences(answers: Answers, scores: altimeter_scores.AltimeterScores) -> list[str]:
    told = [_counting_sentence(scores)]
    if scores.direct is not None:
        told.append(f"Placed directly: {Stage(scores.direct).label}.")
    if answers.ambition_stage_code is not None:
        told.append(f"In three years: {Stage(answers.ambition_stage_code).label}.")
    if scores.shows_profile_only:
        told.append(
            f"The dimensions lie {scores.spread} levels apart: read the profile, not a stage."
        )
    if scores.cannot_say_count:
        told.append(f"{scores.cannot_say_count} statements cannot be said.")
    return told


def _counting_sentence(scores: altimeter_scores.AltimeterScores) -> str:
    found = scores.cumulative
    if found.is_below_ladder:
        return (
            "Not even the statements of the first stage are in place in all dimensions but one: "
            "the claim counts as Planning, the lowest stage."
        )
    if found.exact is not None:
        stage = Stage(found.exact).label
        return f"These answers claim {stage}: the highest stage that all dimensions but one reach."
    low = Stage(found.low).label if found.low else BELOW_LADDER
    open_rule = f"What cannot be said leaves the stage open: {low} to {Stage(found.high).label}"
    if scores.direct is None:
        return f"{open_rule}. No stage is claimed."
    return f"{open_rule}. The direct placement is the claim that counts."


_PROFILE = (
    "Levels by perspective, inside the organization: 1 pioneering, 2 facilitating, 3 strategic. "
    "The model defines no total, and the profile is no stage."
)


def _profile(answers: Answers) -> Claimed:
    scores = esm3_scores.esm3_scores(answers)
    labels = {each.code: each.label for each in read_instrument(answers.instrument).dimensions}
    sentences = [_PROFILE]
    if scores.cannot_say_count:
        sentences.append(f"{scores.cannot_say_count} of 12 criteria cannot be said.")
    return Claimed(
        stage_code=None,
        instrument="",
        sentences=tuple(sentences),
        levels=tuple(
            Level(labels[one.code], one.score.value, one.score.low, one.score.high)
            for one in scores.perspectives
        ),
        bounds=PERSPECTIVE,
        rules=(),
    )
