"""Reading single cells of a table of answers; what cannot be read says what to write instead."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from classifiers.assessing.answer_columns import plain
from classifiers.assessing.answers import (
    CANNOT_SAY,
    LONGEST_NOTE,
    evidence_problem,
    respondent_problem,
    role_problem,
)
from classifiers.sheet import CellError
from classifiers.stages import stage_from

if TYPE_CHECKING:
    from collections.abc import Collection

    from classifiers.assessing.instrument import Instrument, Item, Question


class Said(NamedTuple):
    """An answer to one item: a value, or none with or without a word."""

    value: int | None
    is_cannot_say: bool = False


UNANSWERED = Said(None)
CANNOT_BE_SAID = Said(None, is_cannot_say=True)
NEVER, STILL = Said(0), Said(1)  # no and yes to a step

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_YES = {"yes", "y", "true", "1"}
_NO = {"no", "n", "false", "0"}
_LINE_ENDS = "\n\r\t"


def read_organization(cell: str, known: Collection[str] | None) -> str:
    """An organization's id; upper and lower case are the same where a list is given."""
    if not cell:
        message = "no organization"
        raise CellError(message, "give its id as in the list of organizations")
    if known is None or cell in known:
        return cell
    same = [name for name in known if name.casefold() == cell.casefold()]
    if len(same) == 1:
        return same[0]
    alike = get_close_matches(cell, known, n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(alike)}? " if alike else ""
    message = f"{cell!r} is not on the list of organizations"
    raise CellError(message, f"{meant}correct the id, or add the organization to the list")


def read_value(cell: str, item: Item) -> Said:
    """What was answered to an item: its number, its label, or the label with its meaning."""
    said = plain(cell)
    if not said or said == plain(CANNOT_SAY):
        return CANNOT_BE_SAID if said else UNANSWERED
    for choice in item.choices:
        if said in (str(choice.value), plain(choice.label), plain(choice.text)):
            return Said(choice.value)
    numbers = ", ".join(f"{choice.value} {choice.label}" for choice in item.choices)
    message = f"{cell[:80]!r} is no answer"
    raise CellError(message, f"give one of {numbers}, or {CANNOT_SAY!r}, or leave it empty")


def read_steps(first: str, second: str) -> Said:
    """The level that two steps come to.

    No to the first is level 1; yes to the first and yes or no to the second are 2 and 3.
    """
    has_had, needs = _read_step(first), _read_step(second)
    if has_had == NEVER and needs == STILL:
        message = "rules that never were are said to be needed"
        raise CellError(message, "correct one of the two steps")
    if has_had == NEVER:
        return Said(1)
    if CANNOT_BE_SAID in (has_had, needs):
        return CANNOT_BE_SAID
    if UNANSWERED in (has_had, needs):
        return UNANSWERED
    return Said(2) if needs == STILL else Said(3)


def read_stage(cell: str, question: Question) -> int | None:
    """A stage: its number, its name or its description; None where none is given."""
    if not cell or plain(cell) == plain(CANNOT_SAY):
        return None
    for choice in question.choices:
        if plain(cell) == plain(choice.label):
            return choice.value
    try:
        return int(stage_from(cell))
    except ValueError as error:
        remedy = "give a number from 1 to 6, a name of a stage, or leave it empty"
        raise CellError(str(error), remedy) from error


def read_version(cell: str, instrument: Instrument) -> str:
    """The version that was asked, which must be the present one; empty means that."""
    if cell and cell != instrument.version:
        message = f"version {cell!r} of {instrument.code} is not known here"
        raise CellError(message, f"give {instrument.version}, if those were its questions")
    return instrument.version


def read_iso_day(cell: str) -> date | None:
    """A day as YYYY-MM-DD, with or without a time after it; None where it is empty."""
    if not cell:
        return None
    try:
        if _ISO_DAY.fullmatch(cell):
            return date.fromisoformat(cell)
        if _ISO_DAY.match(cell):
            return datetime.fromisoformat(cell).date()
    except ValueError:
        pass
    message = f"{cell[:40]!r} is not a date"
    raise CellError(message, "write it as YYYY-MM-DD, or leave it empty")


def not_after(day: date | None, latest_day: date | None) -> date | None:
    """The same day, which must not be still to come."""
    if day and latest_day and day > latest_day:
        message = f"{day} is still to come"
        raise CellError(message, "correct the day, or the clock of this machine")
    return day


def read_public(cell: str) -> bool:
    """Whether the organization lets the claim be public; empty means that it does not."""
    remedy = "give yes or no, or leave it empty: claims are private then"
    return bool(cell) and _is_yes(cell, remedy)


def read_respondent(cell: str) -> str:
    """A respondent's code; "" where none is given."""
    problem = respondent_problem(cell) if cell else ""
    if problem:
        remedy = "give a code such as 1: at most 20 characters, no blanks, no name of a person"
        raise CellError(problem, remedy)
    return cell


def read_role(cell: str) -> str:
    """A respondent's function."""
    if problem := role_problem(_printable(cell)):
        raise CellError(problem, "give a function such as marketing, and no name")
    return cell


def read_note(cell: str) -> str:
    """A remark."""
    if len(_printable(cell)) > LONGEST_NOTE:
        message = f"a note of {len(cell)} characters is too long"
        raise CellError(message, f"shorten it to {LONGEST_NOTE}")
    return cell


def read_evidence(cell: str) -> str:
    """A web address."""
    if problem := evidence_problem(cell):
        remedy = "give an address that begins with https:// and names no person, or leave it empty"
        raise CellError(problem, remedy)
    return cell


def _read_step(cell: str) -> Said:
    if not cell or plain(cell) == plain(CANNOT_SAY):
        return CANNOT_BE_SAID if cell else UNANSWERED
    return STILL if _is_yes(cell, f"give yes, no or {CANNOT_SAY!r}") else NEVER


def _is_yes(cell: str, remedy: str) -> bool:
    said = plain(cell)
    if said not in _YES | _NO:
        message = f"{cell[:40]!r} is neither yes nor no"
        raise CellError(message, remedy)
    return said in _YES


def _printable(cell: str) -> str:
    odd = [sign for sign in cell if unicodedata.category(sign) == "Cc" and sign not in _LINE_ENDS]
    if odd:
        message = f"holds a control character ({odd[0]!r})"
        raise CellError(message, "delete it")
    return cell
