"""Claimed stages: what organizations say of themselves, read from CSV files.

A claim is never used to train the estimator that it is compared with.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.stages import stage_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

DEFAULT_INSTRUMENT = "altimeter_direct"
#: How a stage came about; the first of the rules that score answers is the headline.
INSTRUMENTS = {
    DEFAULT_INSTRUMENT: "the organization names its own stage of the six",
    "altimeter_cumulative": "the highest stage that all dimensions but one reach",
    "altimeter_weakest": "the level of the lowest dimension",
    "altimeter_median": "the lower median of the levels of the dimensions",
}
REQUIRED_COLUMNS = ("organization", "stage")
OPTIONAL_COLUMNS = ("claimed_on", "instrument", "respondent_role", "note", "public")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The stage that one organization claims for itself, on one date."""

    organization_id: str
    stage_code: int  #: 1 to 6, see `Stage`
    instrument: str = DEFAULT_INSTRUMENT
    claimed_on: date | None = None  #: None: not stated
    respondent_role: str = ""  #: a function, never a name: "marketing", "board" …
    note: str = ""
    is_public: bool = True  #: may be shown to others by the name of the organization


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimProblem:
    """One fault of a file of claims: where it is, what it is, and what to do."""

    path: Path
    line: int  #: counted from 1; 0 when the fault is the whole file's
    column: str  #: "" when the fault is a whole line's
    message: str
    remedy: str

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.path}{line}{column}: {self.message}; {self.remedy}"


class ClaimsError(Exception):
    """A file of claims that was not imported, with all of its problems, in their order."""

    def __init__(self, problems: Iterable[ClaimProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_claims(path: Path) -> list[Claim]:
    """Claims in the order of the file, or none of them.

    The file is CSV in UTF-8 (with or without byte order mark), separated by commas or
    semicolons, with the columns organization and stage and, if wanted, claimed_on (YYYY-MM-DD),
    instrument, respondent_role, note and public (yes, the default, or no: shown to nobody by
    name). A stage is a name or a number from 1 to 6.

    Raises:
        ClaimsError: anything in it cannot be understood; holds every problem found.
    """
    readings = [_read_row(row, path) for row in _rows(_read_text(path), path)]
    problems = [problem for reading in readings for problem in reading.problems]
    problems += _repetitions(readings, path)
    if problems:
        raise ClaimsError(sorted(problems, key=lambda problem: problem.line))
    return [reading.claim for reading in readings if reading.claim]


class _Row(NamedTuple):
    line: int
    cells: dict[str, str]
    has_extra_cells: bool


class _Reading(NamedTuple):
    line: int
    claim: Claim | None
    problems: list[ClaimProblem]


class _CellError(ValueError):
    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be opened ({error.strerror})"
        raise _fault(path, 0, message, "check the name and the permissions") from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = f"byte {raw[error.start]:#04x} is not UTF-8"
        raise _fault(path, line, message, "save the file as CSV UTF-8") from error


def _rows(text: str, path: Path) -> Iterator[_Row]:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        _check_header(header, path)
        line = reader.line_num + 1  # where a row starts; a quoted cell may span several lines
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                named = dict(zip(header, stripped, strict=False))
                yield _Row(line, named, len(cells) > len(header))
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = "close every quotation mark and write one claim a line"
        raise _fault(path, reader.line_num, f"not readable as CSV ({error})", remedy) from error


def _check_header(header: list[str], path: Path) -> None:
    known = REQUIRED_COLUMNS + OPTIONAL_COLUMNS
    faults = [(name, "is missing") for name in REQUIRED_COLUMNS if name not in header]
    faults += [(name, "is not known") for name in header if name not in known]
    faults += [(name, "stands twice") for name in known if header.count(name) > 1]
    remedy = (
        f"name the columns in the first line: {', '.join(REQUIRED_COLUMNS)} and, "
        f"if wanted, {', '.join(OPTIONAL_COLUMNS)}"
    )
    problems = [_problem(path, 1, name, f"the column {what}", remedy) for name, what in faults]
    if problems:
        raise ClaimsError(problems)


def _read_row(row: _Row, path: Path) -> _Reading:
    values: dict[str, Any] = {}
    problems: list[ClaimProblem] = []
    for column, field, read in _CELLS:
        try:
            values[field] = read(row.cells.get(column, ""))
        except _CellError as error:
            problems.append(_problem(path, row.line, column, error.message, error.remedy))
    if row.has_extra_cells:
        remedy = "put text that holds the separator in quotation marks"
        problems.append(_problem(path, row.line, "", "more cells than columns", remedy))
    return _Reading(row.line, None if problems else Claim(**values), problems)


def _read_organization(cell: str) -> str:
    if not cell:
        message = "no organization"
        raise _CellError(message, "give its id as in the list of organizations")
    return cell


def _read_stage(cell: str) -> int:
    try:
        return int(stage_from(cell))
    except ValueError as error:
        message = str(error) if cell else "no stage"
        raise _CellError(message, "give a number from 1 to 6 or the name of a stage") from error


def _read_date(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError as error:
        message = f"{cell!r} is not a date"
        raise _CellError(message, "write it as YYYY-MM-DD, or leave it empty") from error


def _read_instrument(cell: str) -> str:
    if cell and cell not in INSTRUMENTS:
        message = f"{cell!r} is not an instrument"
        raise _CellError(message, f"give one of {', '.join(INSTRUMENTS)}, or leave it empty")
    return cell or DEFAULT_INSTRUMENT


def _read_public(cell: str) -> bool:
    word = cell.casefold() or "yes"
    if word not in _YES_OR_NO:
        message = f"{cell!r} is neither yes nor no"
        raise _CellError(message, "write yes or no, or leave it empty for yes")
    return _YES_OR_NO[word]


_YES_OR_NO = {"yes": True, "no": False}
_CELLS = (
    ("organization", "organization_id", _read_organization),
    ("stage", "stage_code", _read_stage),
    ("claimed_on", "claimed_on", _read_date),
    ("instrument", "instrument", _read_instrument),
    ("respondent_role", "respondent_role", str),
    ("note", "note", str),
    ("public", "is_public", _read_public),
)


def _repetitions(readings: list[_Reading], path: Path) -> list[ClaimProblem]:
    first_lines: dict[tuple[Any, ...], int] = {}
    problems = []
    for line, claim, _ in readings:
        if claim is None:
            continue
        key = (claim.organization_id, claim.instrument, claim.claimed_on, claim.respondent_role)
        first_line = first_lines.setdefault(key, line)
        if first_line != line:
            message = f"claims again for {claim.organization_id!r} what line {first_line} claims"
            remedy = "keep one of them, or tell them apart by date or respondent_role"
            problems.append(_problem(path, line, "", message, remedy))
    return problems


def _problem(path: Path, line: int, column: str, message: str, remedy: str) -> ClaimProblem:
    return ClaimProblem(path=path, line=line, column=column, message=message, remedy=remedy)


def _fault(path: Path, line: int, message: str, remedy: str) -> ClaimsError:
    return ClaimsError([_problem(path, line, "", message, remedy)])
