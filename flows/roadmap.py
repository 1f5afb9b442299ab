"""The roadmap of one organization: what it answered and what was seen of it, put together."""

from __future__ import annotations

from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from classifiers.assessing.altimeter_scores import CODE as ALTIMETER
from classifiers.assessing.altimeter_scores import AltimeterScores, altimeter_scores
from classifiers.assessing.esm3_scores import CODE as ESM3
from classifiers.assessing.esm3_scores import Esm3Scores, esm3_scores
from classifiers.assessing.instrument import read_instrument
from classifiers.assessing.internal_profile import (
    internal_percentiles,
    internal_profile,
    scores_over_time,
)
from classifiers.assessing.respondents import assessment_rounds, combined
from classifiers.improving.free_fixes import ChannelLook, free_fixes
from classifiers.improving.roadmap import (
    Observation,
    Roadmap,
    roadmap_of_answers,
    roadmap_of_signals,
)
from classifiers.signals import signal_named
from flows.assessments import kept_assessments
from flows.course import course
from flows.earlywarnings import warnings_of
from flows.errors import InputError
from warehouse.build import last_clock
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from classifiers.assessing.answers import Answers
    from warehouse.db import Connection

_HOURS = "response_hours_median"
_OBSERVED = (
    *("stage_code", "stage_label", "is_abstained", "abstention_text"),
    *("set80_low", "set80_high", "set90_low", "set90_high"),
)


def roadmap(
    connection: Connection, name: str, answers: Mapping[str, Sequence[Answers]]
) -> dict[str, Any]:
    """What leads an organization to its next stage, as a record for machines and for the report.

    Args:
        connection: the warehouse; reading is enough.
        name: the organization's identifier.
        answers: by organization, see `answers_by_organization`; those of others are only compared
            with, inside (ESM3).

    Raises:
        InputError: no such organization is listed.
        NotBuiltError: nothing has been built yet.
    """
    week = last_clock(connection).as_of_week
    organization = listed_organization(connection, name)
    estimate = latest_estimate(connection, name)
    observations = _observations(connection, name, estimate["as_of_week"] if estimate else week)
    own = answers.get(name, ())
    return {
        "organization": organization,
        "as_of_week": estimate["as_of_week"] if estimate else week,
        "observed": {key: estimate[key] for key in _OBSERVED} if estimate else None,
        "claimed": _claimed(latest_answers(own, ALTIMETER)),
        "roadmap": _roadmap_record(_outside(own, observations, estimate)),
        "fixes": [asdict(fix) for fix in _fixes(connection, name, week)],
        "course": course(connection, name),
        "early_warnings": warnings_of(connection, name),
        "inside": _inside(own, _groups(connection, organization, answers)),
    }


def listed_organization(connection: Connection, name: str) -> dict[str, Any]:
    """An organization on the list: its name, industry and size class.

    Raises:
        InputError: it is not on the list; the message names those that are alike.
    """
    listed = _attributes(connection)
    if name in listed:
        return listed[name]
    alike = get_close_matches(name, listed, n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(alike)}? " if alike else ""
    problem = f"no organization {name!r} on the list; {meant}organizations.toml lists their ids"
    raise InputError(problem)


def latest_estimate(connection: Connection, name: str) -> dict[str, Any] | None:
    """The latest estimate of an organization that names probabilities; None without one."""
    found = rows(connection, "explained_estimate", {"organization_id": name, "week": None})
    return found[0] if found and found[0]["probability_1"] is not None else None


def answers_by_organization(connection: Connection) -> dict[str, list[Answers]]:
    """What organizations answered, each round of respondents put together, oldest first."""
    found: dict[str, list[Answers]] = {}
    for each in assessment_rounds(kept_assessments(connection)):
        one = combined(each)
        found.setdefault(one.organization_id, []).append(one)
    return found


def latest_answers(answers: Sequence[Answers], instrument: str) -> Answers | None:
    """The last of an organization's answers to one instrument; None without any."""
    found = [one for one in answers if one.instrument == instrument]
    return found[-1] if found else None


def open_gate_codes(answers: Sequence[Answers]) -> frozenset[str] | None:
    """Statements whose closing leads to the next stage; None without a self-assessment."""
    own = latest_answers(answers, ALTIMETER)
    if own is None or not own.given:
        return None
    gates = altimeter_scores(own).open_gates
    return frozenset(gate.item_code for gate in gates if gate.value is not None)


def _attributes(connection: Connection) -> dict[str, dict[str, Any]]:
    return {row["organization_id"]: row for row in rows(connection, "roadmap_organizations")}


def _observations(connection: Connection, name: str, week: object) -> list[Observation]:
    asked = {"organization_id": name, "as_of_week": week}
    return [_observation(row) for row in rows(connection, "explained_measurements", asked)]


def _observation(row: Mapping[str, Any]) -> Observation:
    code = row["signal_code"]
    is_open = code == _HOURS and row["missing_reason"] == "undefined"
    return Observation(
        signal_code=code,
        value=row["value"],
        lower=row["lower"],
        upper=row["upper"],
        n=row["n"],
        is_pooled=row["is_pooled"],
        is_never_reached=is_open and row["n"] >= signal_named(_HOURS).minimum_count,
        peer_median=row["peer_median"],
        peer_count=row["peer_count"],
        peer_group=row["peer_group"],
    )


def _outside(
    answers: Sequence[Answers],
    observations: Sequence[Observation],
    estimate: Mapping[str, Any] | None,
) -> Roadmap | None:
    own = latest_answers(answers, ALTIMETER)
    if own is not None and own.given:
        return roadmap_of_answers(own, observations)
    if estimate is None or estimate["stage_code"] is None:
        return None
    return roadmap_of_signals(observations, estimate["stage_code"], estimate["set90_low"])


def _roadmap_record(found: Roadmap | None) -> dict[str, Any] | None:
    if found is None:
        return None
    record = asdict(found)
    steps = [step | {"own_evidence": _own_evidence(step["item_code"])} for step in record["steps"]]
    return record | {"steps": steps}


def _own_evidence(item_code: str) -> str:
    """What would show that a statement is in place; "" of a step that comes from a signal."""
    return read_instrument(ALTIMETER).item(item_code).evidence if item_code else ""


def _claimed(answers: Answers | None) -> dict[str, Any] | None:
    if answers is None:
        return None
    scores: AltimeterScores = altimeter_scores(answers)
    return {
        "answered_on": answers.answered_on,
        "respondent_role": answers.respondent_role,
        "ambition_stage_code": answers.ambition_stage_code,
        "levels": {code: bounds._asdict() for code, bounds in scores.levels.items()},
        "cumulative": scores.cumulative._asdict(),
        "weakest": scores.weakest._asdict(),
        "median": scores.median._asdict(),
        "direct": scores.direct,
        "shows_profile_only": scores.shows_profile_only,
        "unanswered_count": scores.unanswered_count + scores.cannot_say_count,
    }


def _fixes(connection: Connection, name: str, week: object) -> Iterator[Any]:
    asked = {"organization_id": name, "as_of_week": week}
    looks = [ChannelLook(**row) for row in rows(connection, "roadmap_channels", asked)]
    yield from free_fixes(looks)


def _inside(
    answers: Sequence[Answers], groups: Sequence[tuple[str, Sequence[Esm3Scores]]]
) -> dict[str, Any] | None:
    own = latest_answers(answers, ESM3)
    if own is None or not own.given:
        return None
    profile = internal_profile(own)
    percentiles = internal_percentiles(profile.scores, groups)
    history = scores_over_time(one for one in answers if one.instrument == ESM3 and one.given)
    return {
        "answered_on": own.answered_on,
        "scores": asdict(profile.scores),
        "percentiles": {key: asdict(one) if one else None for key, one in percentiles.items()},
        "quick_wins": [one._asdict() for one in profile.quick_wins],
        "improvement_areas": [one._asdict() for one in profile.improvement_areas],
        "unanswered": profile.unanswered,
        "history": [one._asdict() for one in history],
    }


def _groups(
    connection: Connection,
    organization: Mapping[str, Any],
    answers: Mapping[str, Sequence[Answers]],
) -> list[tuple[str, list[Esm3Scores]]]:
    """Others of the same industry and size, of the same industry, and all, as far as listed."""
    found = []
    for title, keys in _GROUPS.items():
        if all(organization[key] for key in keys):
            alike = [
                row["organization_id"]
                for row in _attributes(connection).values()
                if row != organization and all(row[key] == organization[key] for key in keys)
            ]
            found.append((title, list(_latest_scores(answers, alike))))
    return found


def _latest_scores(
    answers: Mapping[str, Sequence[Answers]], names: Iterable[str]
) -> Iterator[Esm3Scores]:
    for name in names:
        latest = latest_answers(answers.get(name, ()), ESM3)
        if latest is not None and latest.given:
            yield esm3_scores(latest)


_GROUPS: dict[str, tuple[str, ...]] = {
    "same industry and size": ("industry", "size_class"),
    "same industry": ("industry",),
    "all organizations": (),
}
