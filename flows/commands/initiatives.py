"""The command that tells which of an organization's initiatives come first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    FILE,
    JSON,
    guarded,
    options,
    print_json,
    project_warehouse,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.initiatives import RankedRegister

_REGISTER = click.option(
    "--file", "register", type=FILE, metavar="FILE", help="The register (default: initiatives.csv)."
)
_STAGE = click.option(
    "--stage",
    type=click.IntRange(1, 6),
    help="Use the weights of this stage (default: averaged over the observed stage).",
)
_TEMPLATE = click.option(
    "--template", type=FILE, metavar="FILE", help="Write a register to fill in instead, as CSV."
)


@click.command()
@click.argument("organization", metavar="[ORG]", default="")
@options(_REGISTER, _STAGE, _TEMPLATE, DATA, JSON)
@guarded
def initiatives(
    organization: str,
    register: Path | None,
    stage: int | None,
    template: Path | None,
    *,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - options as given
) -> int:
    """Tell which initiatives come first, and how sure that is.

    Initiatives are scored 0 to 4 on value for the end user, impact on the organization,
    innovation and investment (reversed), in initiatives.csv. Weights depend on the stage; they,
    the stage and the scores are all uncertain, and all three are drawn many times.
    """
    if template:
        _write_template(template, given)
        return ALL_WELL
    ranked = _ranked(register, organization, stage, given)
    if as_json:
        print_json([_record(one) for one in ranked])
    else:
        _show(ranked)
    return ALL_WELL


def _write_template(path: Path, given: dict[str, Any]) -> None:
    from flows.initiatives import write_template

    with project_warehouse(given) as (_, connection):
        write_template(connection, path)
    click.echo(f"wrote {path}; `barograph initiatives --file {path}` ranks what was filled in")


def _ranked(
    register: Path | None, organization: str, stage: int | None, given: dict[str, Any]
) -> list[RankedRegister]:
    from flows.assessments import learn_assessments
    from flows.initiatives import REGISTER_NAME, ranked_registers
    from flows.roadmap import answers_by_organization

    with project_warehouse(given) as (project, connection):
        learn_assessments(project, connection)
        answers = answers_by_organization(connection)
        path = register or Path.cwd() / REGISTER_NAME
        return ranked_registers(connection, path, organization, stage_code=stage, answers=answers)


def _record(ranked: RankedRegister) -> dict[str, Any]:
    from dataclasses import asdict

    from classifiers.improving.criteria import CRITERION_CODES

    ranking = ranked.ranking
    return {
        "organization_id": ranked.organization_id,
        "name": ranked.name,
        "probabilities": ranking.probabilities,
        "probabilities_from": ranked.belief.source,
        "weights": dict(zip(CRITERION_CODES, ranking.weights, strict=True)),
        "open_gates": None if ranking.open_gates is None else sorted(ranking.open_gates),
        "gates": ranked.gates,
        "open_gates_without_initiative": ranked.open_without_initiative,
        "draw_count": ranking.draw_count,
        "initiatives": [
            asdict(one) | {"is_on_front": one.is_on_front, "is_quick_win": one.is_quick_win}
            for one in ranking.ranked
        ],
    }


def _show(ranked: Sequence[RankedRegister]) -> None:
    from flows.explanationreport import show
    from flows.initiativesreport import sections
    from flows.terminal import console

    show(sections(ranked), console())
