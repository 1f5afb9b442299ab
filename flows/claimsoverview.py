"""What organizations claim, told by every scoring rule, and how far their respondents agree."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from classifiers.assessing import altimeter_scores, esm3_scores
from classifiers.assessing.answered_claims import BELOW_LADDER
from classifiers.assessing.instrument import read_instrument
from classifiers.assessing.respondents import assessment_rounds, combined, respondent_agreement
from classifiers.stages import Stage
from flows.assessments import kept_assessments
from flows.claims import all_claims, counting_claims

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifiers.assessing.altimeter_scores import AltimeterScores, Bounds
    from classifiers.assessing.answers import Answers
    from classifiers.assessing.esm3_scores import Esm3Scores, Score
    from classifiers.assessing.respondents import RespondentAgreement
    from classifiers.claims import Claim
    from warehouse.db import Connection

_NO_CLAIMS = (
    "No claims yet: write stages into claims.csv, answer with `barograph assess ORG`, or "
    "`barograph claims template FILE` writes a questionnaire to fill in."
)


def claims_overview(connection: Connection) -> dict[str, Any]:
    """Claims that count, claims by every rule, profiles, and agreement of respondents."""
    rounds = assessment_rounds(kept_assessments(connection))
    return {
        "counting": [_record(claim) for claim in counting_claims(connection)],
        "by_rule": [_record(claim) for claim in all_claims(connection)],
        "profiles": [_profile(combined(each)) for each in rounds],
        "respondents": [_agreement(respondent_agreement(each)) for each in rounds],
        "ladder": _ladder(rounds),
    }


def overview_sentences(found: Mapping[str, Any]) -> list[str]:
    """The same in words."""
    if not found["counting"] and not found["profiles"]:
        return [_NO_CLAIMS]
    lines = [f"{len(found['counting'])} organizations claim a stage:"]
    lines += [_claim_line(claim) for claim in found["counting"]]
    for profile, agreement in zip(found["profiles"], found["respondents"], strict=True):
        day = profile["answered_on"] or "no day given"
        lines += ["", f"{profile['organization_id']}, {profile['instrument']}, {day}:"]
        lines += [f"  {sentence}" for sentence in profile["sentences"]]
        lines += [f"  {sentence}" for sentence in agreement["sentences"]]
    return [*lines, *(["", *found["ladder"]["sentences"]] if found["ladder"] else [])]


def profile_sentences(answers: Answers) -> list[str]:
    """What one set of answers claims, in words: every rule, for they may disagree."""
    if answers.instrument == altimeter_scores.CODE:
        return _altimeter_sentences(answers, altimeter_scores.altimeter_scores(answers))
    return _esm3_sentences(esm3_scores.esm3_scores(answers))


def _record(claim: Claim) -> dict[str, Any]:
    return asdict(claim) | {"stage_label": Stage(claim.stage_code).label}


def _claim_line(claim: Mapping[str, Any]) -> str:
    day = f" on {claim['claimed_on']}" if claim["claimed_on"] else ""
    return f"  {claim['organization_id']}: {claim['stage_label']} ({claim['instrument']}{day})"


def _profile(answers: Answers) -> dict[str, Any]:
    scores = (
        altimeter_scores.altimeter_scores(answers)
        if answers.instrument == altimeter_scores.CODE
        else esm3_scores.esm3_scores(answers)
    )
    return {
        "organization_id": answers.organization_id,
        "instrument": answers.instrument,
        "answered_on": answers.answered_on,
        "ambition_stage_code": answers.ambition_stage_code,
        "scores": asdict(scores),
        "sentences": profile_sentences(answers),
    }


def _altimeter_sentences(answers: Answers, scores: AltimeterScores) -> list[str]:
    instrument = read_instrument(altimeter_scores.CODE)
    levels = ", ".join(
        f"{dimension.label} {scores.levels[dimension.code]}" for dimension in instrument.dimensions
    )
    rules = (
        ("all dimensions but one reach", scores.cumulative),
        ("the weakest dimension reaches", scores.weakest),
        ("half of the dimensions reach", scores.median),
    )
    sentences = [f"{words} {_stage(bounds)}" for words, bounds in rules]
    if scores.direct is not None:
        sentences.append(f"placed by hand at {Stage(scores.direct).label}")
    told = [f"Levels (0 to 6): {levels}.", f"Claimed stage: {'; '.join(sentences)}."]
    if scores.shows_profile_only:
        told.append(
            f"The dimensions lie {scores.spread} levels apart: read the profile, not a stage."
        )
    if answers.ambition_stage_code:
        told.append(f"Wants to be at {Stage(answers.ambition_stage_code).label}.")
    return [*told, _open_sentence(scores)]


def _open_sentence(scores: AltimeterScores | Esm3Scores) -> str:
    sentence = f"{scores.unanswered_count} items open, {scores.cannot_say_count} cannot be said"
    if isinstance(scores, altimeter_scores.AltimeterScores) and scores.passed_count:
        share = f"{scores.evidenced_count} of {scores.passed_count}"
        return f"{sentence}; {share} gates passed come with evidence."
    return f"{sentence}."


def _stage(bounds: Bounds) -> str:
    if bounds.is_below_ladder:
        return f"nothing yet ({BELOW_LADDER})"
    if bounds.exact is not None:
        return Stage(bounds.exact).label
    low = Stage(bounds.low).label if bounds.low else BELOW_LADDER
    return f"{low} to {Stage(bounds.high).label} (open answers decide)"


def _esm3_sentences(scores: Esm3Scores) -> list[str]:
    labels = {each.code: each.label for each in read_instrument(esm3_scores.CODE).dimensions}
    profile = ", ".join(
        f"{labels[each.code]} {_number(each.score)} ({each.answered_count} of "
        f"{each.criterion_count} criteria)"
        for each in scores.perspectives
    )
    overall, others = scores.overall, scores.without_technology
    whole = (
        f"Weakest perspective {_number(overall.weakest)}, mean {_number(overall.mean)}; without "
        f"technology {_number(others.weakest)} and {_number(others.mean)}."
    )
    inside = f"Inside the organization, 1 pioneering to 3 strategic: {profile}."
    return [inside, whole, _open_sentence(scores)]


def _number(score: Score) -> str:
    if score.value is None:
        return "not answered"
    return f"{score.value:.1f}"


def _agreement(found: RespondentAgreement) -> dict[str, Any]:
    sentences = []
    if found.respondent_count > 1:
        alpha = found.why_no_alpha if found.alpha is None else f"alpha {found.alpha:.2f}"
        sentences.append(f"{found.respondent_count} respondents: {alpha}.")
    else:
        sentences.append("One respondent; two of different functions are asked for.")
    if found.needs_consensus:
        sentences.append("Respondents lie two stages or more apart: let them talk first.")
    return asdict(found) | {"sentences": sentences}


def _ladder(rounds: Sequence[Sequence[Answers]]) -> dict[str, Any] | None:
    """Whether the stages are a ladder among all respondents; None without any."""
    from classifiers.assessing.guttman import ALL, ladder_checks

    sample = [one for each in rounds for one in each if one.instrument == altimeter_scores.CODE]
    if not sample:
        return None
    checks = ladder_checks(sample)
    whole = next(check for check in checks if check.scale == ALL)
    return {"checks": [asdict(check) for check in checks], "sentences": [str(whole)]}
