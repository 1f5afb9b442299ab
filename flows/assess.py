"""Answering a questionnaire in the terminal: kept after every answer, taken in when complete."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import click

from classifiers.assessing.answers import respondent_problem, role_problem
from classifiers.assessing.instrument import read_instrument
from flows.assessments import keep_assessments
from flows.claims import renew_claims
from flows.claimsoverview import profile_sentences
from flows.clock import now
from flows.drafts import Draft, DraftName, read_draft, write_draft
from flows.errors import InputError
from flows.interview import HELP, Manner, StoppedError, interview
from warehouse.reading import rows

if TYPE_CHECKING:
    from pathlib import Path

    from classifiers.assessing.answers import Answers
    from flows.project import Project
    from flows.settings import Settings
    from warehouse.db import Connection


class Asked(NamedTuple):
    """Who is to answer which questionnaire about whom."""

    organization_id: str
    instrument: str
    respondent: str
    role: str
    asks_for_evidence: bool
    is_public: bool

    @property
    def name(self) -> DraftName:
        """What the draft is called."""
        return DraftName(self.organization_id, self.instrument, self.respondent)


def assess_organization(
    project: Project, connection: Connection, settings: Settings, asked: Asked
) -> list[str]:
    """Ask what is open of a questionnaire, and take the answers in once it is complete.

    Returns:
        What to tell at the end: what was claimed, or how to go on.

    Raises:
        InputError: the organization is not listed, or a code is none.
    """
    _check(connection, asked)
    folder = project.data / "drafts"
    draft = _draft(folder, asked)
    _greet(draft)
    try:
        done = interview(draft, Manner(asked.asks_for_evidence, lambda d: write_draft(folder, d)))
    except (StoppedError, click.Abort):
        return ["", "Kept. The same command goes on from here."]
    answers = done.answers(now().date())
    keep_assessments(project, connection, [answers])
    renew_claims(settings, connection)
    done.name.path(folder).unlink()
    return ["", *_ending(answers)]


def _check(connection: Connection, asked: Asked) -> None:
    listed = [row["organization_id"] for row in rows(connection, "listed_organizations")]
    problems = []
    if asked.organization_id not in listed:
        problems.append(f"{asked.organization_id!r}: not on the list of organizations")
    if problem := respondent_problem(asked.respondent):
        problems.append(f"--respondent: {problem}; give a code such as 1 or press")
    if problem := role_problem(asked.role):
        problems.append(f"--role: {problem}; give a function such as marketing")
    if problems:
        raise InputError(*problems)


def _draft(folder: Path, asked: Asked) -> Draft:
    found = read_draft(folder, asked.name)
    if found:
        return replace(
            found,
            respondent_role=asked.role or found.respondent_role,
            is_public=asked.is_public or found.is_public,
        )
    return Draft(
        name=asked.name,
        version=read_instrument(asked.instrument).version,
        respondent_role=asked.role,
        is_public=asked.is_public,
        begun_on=now().date(),
    )


def _greet(draft: Draft) -> None:
    instrument = read_instrument(draft.name.instrument)
    open_count = len(draft.open_items)
    click.echo(f"{instrument.title}, about {draft.name.organization_id}")
    if open_count < len(draft.items):
        click.echo(f"Begun on {draft.begun_on}; {open_count} of {len(draft.items)} still to ask.")
    else:
        click.echo(instrument.scope)
        for caution in instrument.cautions:
            click.echo(f"- {caution}")
    click.echo(HELP)


def _ending(answers: Answers) -> list[str]:
    if answers.is_blank:
        return ["Nothing was answered, so nothing is claimed."]
    shown = "public" if answers.is_public else "private: shown to nobody by name"
    return [
        *profile_sentences(answers),
        f"This claim is {shown}. `barograph compare` sets it beside what can be observed.",
    ]
