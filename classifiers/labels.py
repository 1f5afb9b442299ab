"""Expert codes: stages that trained raters gave to organizations, read from the raters' sheets.

A code says what the rater saw. Where that is the same public activity that the signals are made
of, agreement of model and rater may only show that both follow one rule, so codes made from
documents (blind codes) are told apart everywhere. What an organization says of itself is no
code: it is a claim, see `classifiers.claims`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.sheet import CellError, SheetError, SheetProblem, SheetRow, read_sheet
from classifiers.stages import stage_from

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from classifiers.sheet import Sheet

REQUIRED_COLUMNS = ("organization", "stage", "rater", "saw", "coded_on")
OPTIONAL_COLUMNS = ("about", "codebook", "confidence", "note")
#: What a rater writes who has looked and cannot tell; recorded, and never a stage.
CANNOT_SAY = "cannot say"

_NAME = "name"  # of the organization: stands in a template for its reader, and is not read
_ALIASES = {"organization_id": "organization"}
_OF_CLAIMS = {"claimed_by", "claimed_on", "instrument", "respondent_role"}
_TO_CLAIMS = "list what organizations say of themselves in claims.csv (docs/claims.md)"
#: Filled in only by somebody who has coded the row; the other columns may be prepared for them.
_CODED_CELLS = ("stage", "coded_on", "confidence", "note")
_RATER = re.compile(r"[^\s@]{1,20}")
_SELF = re.compile(r"self([-_]?(assess|claim|report)\w*)?|organi[sz]ation")


class Saw(StrEnum):
    """What a rater saw of an organization."""

    DOCUMENTS = "documents"  #: reports, policies, job adverts, interviews; nothing of the signals
    PUBLIC = "public"  #: the same public activity that the signals come from
    BOTH = "both"

    @property
    def is_blind(self) -> bool:
        """Whether the rater saw nothing of what the estimate is made from."""
        return self is Saw.DOCUMENTS


class Confidence(StrEnum):
    """How sure a rater was of a code."""

    NOT_GIVEN = ""
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class CodeIdentity(NamedTuple):
    """What a code is known by: a second one with the same identity corrects the first."""

    organization_id: str
    rater: str
    about: date
    codebook: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertCode:
    """The stage that one rater gave to one organization."""

    organization_id: str
    stage_code: int | None  #: 1 to 6, see `Stage`; None: the rater cannot say
    rater: str  #: a short code, never the name of a person
    saw: Saw
    coded_on: date
    about: date  #: the last day that the code speaks of
    codebook: str = ""  #: version of the rules that the rater followed
    confidence: Confidence = Confidence.NOT_GIVEN
    note: str = ""

    @property
    def identity(self) -> CodeIdentity:
        """Who coded whom, about which day, by which rules."""
        return CodeIdentity(self.organization_id, self.rater, self.about, self.codebook)


class ExpertCodes(NamedTuple):
    """Codes in the order of their files, each once, and how many rows nobody has coded yet."""

    codes: tuple[ExpertCode, ...]
    blank_row_count: int


def read_expert_codes(
    paths: Sequence[Path], organization_ids: Collection[str], latest_day: date
) -> ExpertCodes:
    """Codes of several sheets, or none of them. `docs/labels.md` describes the columns.

    A row whose stage, date, confidence and note are all empty has not been coded yet, and is
    only counted.

    Args:
        paths: CSV or JSON, see `classifiers.sheet.read_sheet`.
        organization_ids: the organizations that may be coded.
        latest_day: no code may have been made after it.

    Raises:
        SheetError: anything cannot be understood, two rows contradict each other, or a sheet
            holds self-assessments; holds every problem of every sheet.
    """
    problems: list[SheetProblem] = []
    readings: list[_Reading] = []
    for path in paths:
        try:
            readings += _read_rows(path, _Bounds(organization_ids, latest_day))
        except SheetError as error:
            problems += error.problems
    coded = [reading for reading in readings if not reading.is_blank]
    problems += [problem for reading in coded for problem in reading.problems]
    problems += _contradictions(coded)
    if problems:
        raise SheetError(problems)
    codes = dict.fromkeys(reading.code for reading in coded if reading.code)
    return ExpertCodes(tuple(codes), len(readings) - len(coded))


class _Bounds(NamedTuple):
    organization_ids: Collection[str]
    latest_day: date


class _Reading(NamedTuple):
    path: Path
    place: str
    code: ExpertCode | None
    problems: tuple[SheetProblem, ...]
    is_blank: bool


def _read_rows(path: Path, bounds: _Bounds) -> list[_Reading]:
    sheet = read_sheet(path)
    renamed = tuple(_ALIASES.get(name, name) for name in sheet.columns)
    _refuse_self_assessments(sheet, path)
    _check_columns(renamed, path)
    return [_read_row(row, path, bounds) for row in sheet.rows]


def _refuse_self_assessments(sheet: Sheet, path: Path) -> None:
    message = "holds self-assessments, which are no expert codes"
    foreign = sorted(_OF_CLAIMS.intersection(sheet.columns))
    if foreign:
        raise SheetError([_problem(path, "", foreign[0], message, _TO_CLAIMS)])
    for row in sheet.rows:
        if column := _self_assessed(row.cells):
            raise SheetError([_problem(path, row.place, column, message, _TO_CLAIMS)])


def _self_assessed(cells: Mapping[str, str]) -> str:
    """The column that tells that an organization speaks of itself; "" where none does."""
    if cells.get("saw", "").casefold().startswith("self"):
        return "saw"
    rater = cells.get("rater", "").casefold()
    own = {cells.get(name, "").casefold() for name in ("organization", *_ALIASES)} - {""}
    return "rater" if _SELF.fullmatch(rater) or rater in own else ""


def _check_columns(columns: tuple[str, ...], path: Path) -> None:
    known = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS, _NAME)
    faults = [(name, "is missing") for name in REQUIRED_COLUMNS if name not in columns]
    faults += [(name, "is not known") for name in columns if name not in known]
    faults += [(name, "stands twice") for name in known if columns.count(name) > 1]
    remedy = (
        f"name the columns {', '.join(REQUIRED_COLUMNS)} and, if wanted, "
        f"{', '.join(OPTIONAL_COLUMNS)}; `barograph labels template` writes them"
    )
    problems = [_problem(path, "", name, f"the column {what}", remedy) for name, what in faults]
    if problems:
        raise SheetError(problems)


def _read_row(row: SheetRow, path: Path, bounds: _Bounds) -> _Reading:
    cells = {_ALIASES.get(name, name): cell for name, cell in row.cells.items()}
    if not any(cells.get(name) for name in _CODED_CELLS):
        return _Reading(path, row.place, None, (), is_blank=True)
    values: dict[str, Any] = {}
    problems: list[SheetProblem] = []
    for column, field, read in _CELLS:
        try:
            values[field] = read(cells.get(column, ""), bounds)
        except CellError as error:
            problems.append(_problem(path, row.place, column, error.message, error.remedy))
    if not problems:
        values["about"] = values["about"] or values["coded_on"]
        problems += _day_problems(values, path, row.place)
    code = None if problems else ExpertCode(**values)
    return _Reading(path, row.place, code, tuple(problems), is_blank=False)


def _day_problems(values: dict[str, Any], path: Path, place: str) -> Iterator[SheetProblem]:
    if values["about"] > values["coded_on"]:
        message = f"{values['about']} is later than the day of coding, {values['coded_on']}"
        remedy = "give the last day that the rater could know of"
        yield _problem(path, place, "about", message, remedy)


def _read_organization(cell: str, bounds: _Bounds) -> str:
    if not cell:
        message = "no organization"
        raise CellError(message, "give its id as in the list of organizations")
    if cell not in bounds.organization_ids:
        alike = get_close_matches(cell, bounds.organization_ids, n=3, cutoff=0.5)
        meant = f"did you mean {' or '.join(alike)}? " if alike else ""
        message = f"{cell!r} is not on the list of organizations"
        raise CellError(message, f"{meant}correct the id, or add it to the list and collect")
    return cell


def _read_stage(cell: str, _: _Bounds) -> int | None:
    if re.sub(r"[\s_-]+", " ", cell).casefold() == CANNOT_SAY:
        return None
    try:
        return int(stage_from(cell))
    except ValueError as error:
        message = str(error) if cell else "no stage"
        remedy = f"give a number from 1 to 6, the name of a stage, or {CANNOT_SAY!r}"
        raise CellError(message, remedy) from error


def _read_rater(cell: str, _: _Bounds) -> str:
    if not _RATER.fullmatch(cell):
        message = f"{cell!r} is no short code" if cell else "no rater"
        remedy = "give a code such as r1: 1 to 20 characters, no blanks, no name of a person"
        raise CellError(message, remedy)
    return cell


def _read_saw(cell: str, _: _Bounds) -> Saw:
    try:
        return Saw(cell.casefold())
    except ValueError as error:
        message = f"{cell!r} is none of {', '.join(Saw)}" if cell else "not told what was seen"
        raise CellError(message, f"give one of {', '.join(Saw)}") from error


def _read_coded_on(cell: str, bounds: _Bounds) -> date:
    day = _day(cell)
    if day is None:
        message = "no day of coding"
        raise CellError(message, "write it as YYYY-MM-DD")
    if day > bounds.latest_day:
        message = f"{day} is still to come"
        raise CellError(message, "correct the day of coding, or the clock of this machine")
    return day


def _day(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError as error:
        message = f"{cell!r} is not a date"
        raise CellError(message, "write it as YYYY-MM-DD") from error


def _read_confidence(cell: str, _: _Bounds) -> Confidence:
    try:
        return Confidence(cell.casefold())
    except ValueError as error:
        message = f"{cell!r} is no confidence"
        raise CellError(message, "give one of low, medium, high, or leave it empty") from error


_CELLS: tuple[tuple[str, str, Callable[[str, _Bounds], Any]], ...] = (
    ("organization", "organization_id", _read_organization),
    ("stage", "stage_code", _read_stage),
    ("rater", "rater", _read_rater),
    ("saw", "saw", _read_saw),
    ("coded_on", "coded_on", _read_coded_on),
    ("about", "about", lambda cell, _: _day(cell)),
    ("codebook", "codebook", lambda cell, _: cell),
    ("confidence", "confidence", _read_confidence),
    ("note", "note", lambda cell, _: cell),
)


def _contradictions(readings: Iterable[_Reading]) -> Iterator[SheetProblem]:
    firsts: dict[CodeIdentity, _Reading] = {}
    for reading in readings:
        if reading.code is None:
            continue
        first = firsts.setdefault(reading.code.identity, reading)
        if first.code != reading.code:
            code = reading.code
            where = f"{first.place} of {first.path.name}"
            message = f"{code.rater} codes {code.organization_id!r} otherwise than in {where}"
            remedy = "keep one of them, or tell them apart by about or codebook"
            yield _problem(reading.path, reading.place, "", message, remedy)


def _problem(path: Path, place: str, column: str, message: str, remedy: str) -> SheetProblem:
    return SheetProblem(path=path, place=place, column=column, message=message, remedy=remedy)
