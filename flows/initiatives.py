"""Initiatives: the register of a project, ranked for each organization by what is known of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from classifiers.assessing.altimeter_scores import CODE as ALTIMETER
from classifiers.assessing.altimeter_scores import PASSED_FROM
from classifiers.improving.initiatives import UNIFORM, InitiativeRanking, rank_initiatives
from classifiers.improving.initiatives_file import Register, read_register, register_template
from classifiers.sheet import SheetError
from classifiers.stages import Stage
from flows.errors import InputError, NothingDoneError
from flows.roadmap import (
    latest_answers,
    latest_estimate,
    listed_organization,
    open_gate_codes,
)
from warehouse.durable import write_text
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from classifiers.assessing.answers import Answers
    from warehouse.db import Connection

REGISTER_NAME = "initiatives.csv"


class StageBelief(NamedTuple):
    """Probabilities of stages 1 to 6, and in words where they come from."""

    probabilities: tuple[float, ...]
    source: str


class GateState(StrEnum):
    """What an organization's self-assessment says of a statement that an initiative would close."""

    OPEN = "open"  #: on the way to the next stage
    IN_PLACE = "in place already"
    LATER = "of a later stage"
    NOT_ANSWERED = "not answered"


class RankedRegister(NamedTuple):
    """The initiatives of one organization in their order, and what is believed of its stage.

    `gates` are the statements that initiatives name; empty without a self-assessment.
    """

    organization_id: str
    name: str
    belief: StageBelief
    ranking: InitiativeRanking
    gates: Mapping[str, GateState]

    @property
    def open_without_initiative(self) -> tuple[str, ...]:
        """Open statements on the way to the next stage that no initiative would close."""
        return tuple(sorted((self.ranking.open_gates or frozenset()).difference(self.gates)))


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
    title = listed_organization(connection, name)["name"]
    named = [one.gate for one in own if one.gate]
    return RankedRegister(name, title, belief, ranking, gate_states(named, answers))


def gate_states(gates: Iterable[str], answers: Sequence[Answers]) -> dict[str, GateState]:
    """What the last self-assessment says of each of these statements; {} without one."""
    own, open_gates = latest_answers(answers, ALTIMETER), open_gate_codes(answers)
    if own is None or open_gates is None:
        return {}
    return {gate: _gate_state(own.given.get(gate), is_open=gate in open_gates) for gate in gates}


def _gate_state(value: int | None, *, is_open: bool) -> GateState:
    if value is None:
        return GateState.NOT_ANSWERED
    if value >= PASSED_FROM:
        return GateState.IN_PLACE
    return GateState.OPEN if is_open else GateState.LATER


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
