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


def check_asked(connection: Connection, asked: Asked) -> None:
    """See to it that somebody who may be asked is asked about somebody who is listed.

    Raises:
        InputError: the organization is not listed, or a code is none.
    """
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


def ask(project: Project, asked: Asked) -> Draft | None:
    """Ask what is open of a questionnaire; None where the respondent goes on later.

    The warehouse is not held meanwhile: answering may take an hour, and runs go on.
    """
    folder = _drafts(project)
    draft = _draft(folder, asked)
    _greet(draft)
    try:
        return interview(draft, Manner(asked.asks_for_evidence, lambda d: write_draft(folder, d)))
    except (StoppedError, click.Abort):
        return None


def take_in(project: Project, connection: Connection, settings: Settings, done: Draft) -> list[str]:
    """Take the answers of a complete draft in; returns what they claim, in words."""
    answers = done.answers(now().date())
    keep_assessments(project, connection, [answers])
    renew_claims(settings, connection)
    done.name.path(_drafts(project)).unlink(missing_ok=True)
    return _ending(answers)


def _drafts(project: Project) -> Path:
    return project.data / "drafts"


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
