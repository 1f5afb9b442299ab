"""Initiatives: the register of a project, ranked for each organization by what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from classifiers.improving.initiatives import UNIFORM, InitiativeRanking, rank_initiatives
from classifiers.improving.initiatives_file import Register, read_register, register_template
from classifiers.sheet import SheetError
from classifiers.stages import Stage
from flows.errors import InputError, NothingDoneError
from flows.roadmap import latest_estimate, listed_organization, open_gate_codes
from warehouse.durable import write_text
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from classifiers.assessing.answers import Answers
    from warehouse.db import Connection

REGISTER_NAME = "initiatives.csv"


class StageBelief(NamedTuple):
    """Probabilities of stages 1 to 6, and in words where they come from."""

    probabilities: tuple[float, ...]
    source: str


class RankedRegister(NamedTuple):
    """The initiatives of one organization in their order, and what is believed of its stage."""

    organization_id: str
    name: str
    belief: StageBelief
    ranking: InitiativeRanking


def ranked_registers(
    connection: Connection,
    path: Path,
    name: str = "",
    *,
    stage_code: int | None = None,
    answers: Mapping[str, Sequence[Answers]],
) -> list[RankedRegister]:
    """The register of a project, each organization's initiatives ranked among themselves.

    Args:
        connection: the warehouse; reading is enough.
        path: the register, see `classifiers.improving.initiatives_file`.
        name: one organization; "" ranks those of all.
        stage_code: weights are those of this stage; None averages over the estimate.
        answers: of each organization that assessed itself, by its identifier, oldest first.

    Raises:
        InputError: the register cannot be read, or has nothing of the organization.
        NothingDoneError: nothing in it has been scored.
    """
    register = _read(connection, path)
    names = list(dict.fromkeys(one.organization_id for one in register.initiatives))
    if name:
        listed_organization(connection, name)
        names = [one for one in names if one == name]
    if not names:
        whose = f" of {name}" if name else ""
        problem = (
            f"{path}: no initiative{whose} has been scored yet "
            f"({register.unscored_row_count} rows wait for scores)"
        )
        raise NothingDoneError(problem)
    return [_ranked(connection, register, one, stage_code, answers.get(one, ())) for one in names]


def write_template(connection: Connection, path: Path) -> None:
    """Write a register to fill in, with a row for each listed organization.

    Raises:
        InputError: the file is there already.
    """
    if path.exists():
        problem = f"{path}: is there already; name another file, or move it away"
        raise InputError(problem)
    names = [row["organization_id"] for row in rows(connection, "roadmap_organizations")]
    write_text(path, register_template(names))


def _read(connection: Connection, path: Path) -> Register:
    if not path.is_file():
        problem = f"{path}: no such file; `barograph initiatives --template {path.name}` writes one"
        raise InputError(problem)
    listed = [row["organization_id"] for row in rows(connection, "roadmap_organizations")]
    try:
        return read_register(path, listed)
    except SheetError as error:
        raise InputError(*map(str, error.problems)) from error


def _ranked(
    connection: Connection,
    register: Register,
    name: str,
    stage_code: int | None,
    answers: Sequence[Answers],
) -> RankedRegister:
    belief = stage_belief(connection, name, stage_code)
    own = [one for one in register.initiatives if one.organization_id == name]
    ranking = rank_initiatives(own, belief.probabilities, open_gate_codes(answers))
    return RankedRegister(name, listed_organization(connection, name)["name"], belief, ranking)


def stage_belief(connection: Connection, name: str, stage_code: int | None) -> StageBelief:
    """What weights are averaged over: a given stage, the latest estimate, or all stages alike."""
    if stage_code is not None:
        shares = tuple(float(stage == stage_code) for stage in Stage)
        return StageBelief(shares, f"the stage that was given, {Stage(stage_code).label}")
    estimate = latest_estimate(connection, name)
    if estimate is None or estimate["stage_code"] is None:
        return StageBelief(UNIFORM, "all six stages alike, for it has no estimate")
    shares = tuple(estimate[f"probability_{stage.value}"] for stage in Stage)
    low, high = Stage(estimate["set90_low"]).label, Stage(estimate["set90_high"]).label
    words = low if low == high else f"{low} to {high}"
    return StageBelief(
        shares,
        f"its observed stage, whose 90 % set is {words} (week of Monday {estimate['as_of_week']})",
    )
