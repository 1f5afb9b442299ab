"""The register of initiatives: one row for each initiative and scorer, read from CSV or JSON."""

from __future__ import annotations

import csv
import io
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.improving.criteria import CRITERION_CODES, HIGHEST_SCORE, read_criteria
from classifiers.improving.initiatives import GATE, Initiative, Scoring
from classifiers.sheet import CellError, SheetError, SheetProblem, SheetRow, read_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

REQUIRED_COLUMNS = ("organization", "initiative", *CRITERION_CODES)
OPTIONAL_COLUMNS = ("name", "scorer", "gate", "note")
TEMPLATE_COLUMNS = (
    *("organization", "initiative", "name", *CRITERION_CODES),
    *("scorer", "gate", "note"),
)
#: How the first cell of a row begins that explains and is not read.
EXPLAINS = "#"

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SCORER = re.compile(r"[^\s@]{0,20}")
#: Told of the initiative, so that all of its rows must tell the same, or nothing.
_OF_INITIATIVE = ("name", "gate")


class Register(NamedTuple):
    """Initiatives in the order of the file, and how many rows nobody has scored yet."""

    initiatives: tuple[Initiative, ...]
    unscored_row_count: int


def read_register(path: Path, organization_ids: Collection[str]) -> Register:
    """Initiatives of a register, each with the scores of all its scorers, or none of them.

    A row without any of the four scores has not been scored yet, and is only counted. Rows that
    begin with # explain the sheet.

    Args:
        path: CSV or JSON, see `classifiers.sheet.read_sheet`.
        organization_ids: the organizations that may have initiatives.

    Raises:
        SheetError: anything cannot be understood, or two rows contradict each other; holds
            every problem found.
    """
    sheet = read_sheet(path)
    _check_columns(sheet.columns, path)
    found = [_read_row(row, path, organization_ids) for row in sheet.rows if not _explains(row)]
    scored = [reading for reading in found if not reading.is_unscored]
    problems = [problem for reading in scored for problem in reading.problems]
    problems += _contradictions(scored, path)
    if problems:
        raise SheetError(problems)
    return Register(tuple(_initiatives(scored)), len(found) - len(scored))


def register_template(organization_ids: Iterable[str]) -> str:
    """A register to fill in, as CSV: what each score means, then a row for each organization."""
    text = io.StringIO()
    writer = csv.DictWriter(text, TEMPLATE_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_explanations())
    writer.writerows({"organization": name} for name in organization_ids)
    return text.getvalue()


def _explanations() -> Iterator[dict[str, str]]:
    criteria = read_criteria().criteria
    yield {
        "organization": f"{EXPLAINS} lines such as this are not read",
        "initiative": "short code, as answer-rota",
        "name": "what it is",
        **{one.code: one.question for one in criteria},
        "scorer": "short code or role, no name; one row for each scorer",
        "gate": "statement that it makes true, as EN3; may be empty",
    }
    for score in range(HIGHEST_SCORE + 1):
        anchors = {one.code: f"{score} = {one.anchors[score]}" for one in criteria}
        yield {"organization": f"{EXPLAINS} score {score}", **anchors}


class _Reading(NamedTuple):
    place: str
    values: dict[str, Any]
    problems: tuple[SheetProblem, ...]
    is_unscored: bool


def _explains(row: SheetRow) -> bool:
    return row.cells.get("organization", "").startswith(EXPLAINS)


def _check_columns(columns: tuple[str, ...], path: Path) -> None:
    known = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
    faults = [(name, "is missing") for name in REQUIRED_COLUMNS if name not in columns]
    faults += [(name, "is not known") for name in columns if name not in known]
    faults += [(name, "stands twice") for name in known if columns.count(name) > 1]
    remedy = (
        f"name the columns {', '.join(REQUIRED_COLUMNS)} and, if wanted, "
        f"{', '.join(OPTIONAL_COLUMNS)}; `barograph initiatives --template FILE` writes them"
    )
    problems = [_problem(path, "", name, f"the column {what}", remedy) for name, what in faults]
    if problems:
        raise SheetError(problems)


def _read_row(row: SheetRow, path: Path, organization_ids: Collection[str]) -> _Reading:
    if not any(row.cells.get(name) for name in CRITERION_CODES):
        return _Reading(row.place, {}, (), is_unscored=True)
    values: dict[str, Any] = {}
    problems: list[SheetProblem] = []
    for column, read in _CELLS:
        try:
            values[column] = read(row.cells.get(column, ""), organization_ids)
        except CellError as error:
            problems.append(_problem(path, row.place, column, error.message, error.remedy))
    return _Reading(row.place, values, tuple(problems), is_unscored=False)


def _read_organization(cell: str, organization_ids: Collection[str]) -> str:
    if not cell:
        message = "no organization"
        raise CellError(message, "give its id as in the list of organizations")
    if cell not in organization_ids:
        alike = get_close_matches(cell, organization_ids, n=3, cutoff=0.5)
        meant = f"did you mean {' or '.join(alike)}? " if alike else ""
        message = f"{cell!r} is not on the list of organizations"
        raise CellError(message, f"{meant}correct the id, or add it to the list and collect")
    return cell


def _read_code(cell: str, _: Collection[str]) -> str:
    if not _CODE.fullmatch(cell):
        message = f"{cell!r} is no code" if cell else "no initiative"
        remedy = "give a short code of small letters, digits and hyphens, as answer-rota"
        raise CellError(message, remedy)
    return cell


def _read_score(cell: str, _: Collection[str]) -> int:
    if cell not in _SCORES:
        message = f"{cell!r} is no score" if cell else "no score"
        remedy = (
            f"give a whole number from 0 to {HIGHEST_SCORE}, or leave all four scores empty "
            "until they are known"
        )
        raise CellError(message, remedy)
    return int(cell)


def _read_scorer(cell: str, _: Collection[str]) -> str:
    if not _SCORER.fullmatch(cell):
        message = f"{cell!r} is no short code"
        remedy = "give a code or a role of at most 20 characters, no blanks, no name of a person"
        raise CellError(message, remedy)
    return cell


def _read_gate(cell: str, _: Collection[str]) -> str:
    gate = cell.upper()
    if gate and not GATE.fullmatch(gate):
        message = f"{cell!r} is no statement of the Altimeter instrument"
        remedy = "give a code from ST1 to PE6, as EN3, or leave it empty"
        raise CellError(message, remedy)
    return gate


_SCORES = tuple(map(str, range(HIGHEST_SCORE + 1)))
_CELLS: tuple[tuple[str, Callable[[str, Collection[str]], Any]], ...] = (
    ("organization", _read_organization),
    ("initiative", _read_code),
    ("name", lambda cell, _: cell),
    *((name, _read_score) for name in CRITERION_CODES),
    ("scorer", _read_scorer),
    ("gate", _read_gate),
    ("note", lambda cell, _: cell),
)


def _contradictions(readings: Sequence[_Reading], path: Path) -> Iterator[SheetProblem]:
    for rows in _by_initiative(reading for reading in readings if not reading.problems):
        yield from _scored_twice(rows, path)
        for column in _OF_INITIATIVE:
            yield from _told_otherwise(rows, column, path)


def _by_initiative(readings: Iterable[_Reading]) -> list[list[_Reading]]:
    found: dict[tuple[str, str], list[_Reading]] = {}
    for reading in readings:
        key = (reading.values["organization"], reading.values["initiative"])
        found.setdefault(key, []).append(reading)
    return list(found.values())


def _scored_twice(rows: Sequence[_Reading], path: Path) -> Iterator[SheetProblem]:
    firsts: dict[str, _Reading] = {}
    for row in rows:
        scorer, code = row.values["scorer"], row.values["initiative"]
        first = firsts.setdefault(scorer, row)
        if first is not row:
            who = repr(scorer) if scorer else "a scorer without a code"
            message = f"{who} scores {code!r} again, as in {first.place}"
            remedy = "keep one of them, or give each scorer a code"
            yield _problem(path, row.place, "scorer", message, remedy)


def _told_otherwise(rows: Sequence[_Reading], column: str, path: Path) -> Iterator[SheetProblem]:
    telling = [row for row in rows if row.values[column]]
    for row in telling[1:]:
        if row.values[column] != telling[0].values[column]:
            code = row.values["initiative"]
            message = f"the {column} of {code!r} differs from that in {telling[0].place}"
            yield _problem(path, row.place, column, message, "write the same, or leave it empty")


def _initiatives(readings: Iterable[_Reading]) -> Iterator[Initiative]:
    for rows in _by_initiative(readings):
        first = rows[0].values
        yield Initiative(
            organization_id=first["organization"],
            code=first["initiative"],
            name=_told(rows, "name") or first["initiative"],
            scorings=tuple(map(_scoring, rows)),
            gate=_told(rows, "gate"),
            note=_told(rows, "note"),
        )


def _told(rows: Sequence[_Reading], column: str) -> str:
    return next((row.values[column] for row in rows if row.values[column]), "")


def _scoring(row: _Reading) -> Scoring:
    return Scoring(row.values["scorer"], *(row.values[name] for name in CRITERION_CODES))


def _problem(path: Path, place: str, column: str, message: str, remedy: str) -> SheetProblem:
    return SheetProblem(path=path, place=place, column=column, message=message, remedy=remedy)
