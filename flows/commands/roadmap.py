"""The command that tells which steps lead an organization to its next stage."""

from __future__ import annotations

from typing import Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    JSON,
    guarded,
    options,
    print_json,
    project_warehouse,
)


@click.command()
@click.argument("organization", metavar="ORG")
@options(DATA, JSON)
@guarded
def roadmap(organization: str, *, as_json: bool, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Tell which steps lead an organization to its next stage, first things first.

    From its self-assessment: the statements that are not in place, each with the signal that
    would show it and the median of its peers. Without one: only what can be seen from outside.
    Then what needs no budget, its course over time with early warnings, and where it stands inside
    (ESM3). docs/roadmap.md explains every word.
    """
    from flows.assessments import learn_assessments
    from flows.roadmap import answers_by_organization
    from flows.roadmap import roadmap as roadmap_of

    with project_warehouse(given) as (project, connection):
        learn_assessments(project, connection)
        record = roadmap_of(connection, organization, answers_by_organization(connection))
    if as_json:
        print_json(record)
    else:
        _show(record)
    return ALL_WELL


def _show(record: dict[str, Any]) -> None:
    from flows.explanationreport import show
    from flows.roadmapreport import sections
    from flows.terminal import console

    show(sections(record), console())
