"""What one respondent answered to an instrument, about one organization.

An item may be given a value, may be one that the respondent cannot say, or may have no answer at
all. These three are kept apart; neither of the last two is a zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from classifiers.assessing.instrument import read_instrument
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from classifiers.assessing.instrument import Instrument

#: What is written for an item that a respondent has looked at and cannot tell.
CANNOT_SAY = "cannot say"

LONGEST_ROLE = 60
LONGEST_NOTE = 2000
_RESPONDENT = re.compile(r"[^\s@]{1,20}")
_ADDRESS = re.compile(r"https?://[^\s@/]+(/\S*)?", re.IGNORECASE)
_LONGEST_ADDRESS = 2000


class AnswersIdentity(NamedTuple):
    """What answers are known by: later ones with the same identity correct the former."""

    organization_id: str
    instrument: str
    instrument_version: str
    respondent: str
    answered_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers of one respondent; they are private unless the organization says otherwise.

    Raises:
        ValueError: a code, value, stage, respondent or link is none that may be given.
    """

    organization_id: str
    instrument: str  #: one of `INSTRUMENT_CODES`
    instrument_version: str
    respondent: str  #: a short code such as `1` or `press`, never the name of a person
    respondent_role: str = ""  #: a function, never a name: "marketing", "board" …
    answered_on: date | None = None  #: None: not stated
    given: Mapping[str, int] = field(default_factory=dict)  #: values by item code
    cannot_say: frozenset[str] = frozenset()  #: items that the respondent cannot tell
    evidence: Mapping[str, str] = field(default_factory=dict)  #: web addresses by item code
    direct_stage_code: int | None = None  #: 1 to 6, where the respondent places the organization
    ambition_stage_code: int | None = None  #: 1 to 6, where it wants to be
    is_public: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise ValueError(problem)

    @property
    def identity(self) -> AnswersIdentity:
        """Who answered which questions about whom, and when."""
        return AnswersIdentity(
            self.organization_id,
            self.instrument,
            self.instrument_version,
            self.respondent,
            self.answered_on,
        )

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Items that have neither a value nor a "cannot say", in the order of the instrument."""
        items = read_instrument(self.instrument).items
        said = self.given.keys() | self.cannot_say
        return tuple(item.code for item in items if item.code not in said)

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all was answered."""
        placed = (self.direct_stage_code, self.ambition_stage_code)
        return not self.given and not self.cannot_say and placed == (None, None)


def respondent_problem(respondent: str) -> str:
    """What is wrong with a respondent's code; "" where nothing is."""
    if not respondent:
        return "no respondent"
    return "" if _RESPONDENT.fullmatch(respondent) else f"{respondent!r} is no short code"


def role_problem(role: str) -> str:
    """What is wrong with a respondent's role; "" where nothing is."""
    if "@" in role:
        return "an address of a person is no role"
    return f"a role of {len(role)} characters is no role" if len(role) > LONGEST_ROLE else ""


def evidence_problem(address: str) -> str:
    """What is wrong with a link to evidence; "" where nothing is."""
    is_address = _ADDRESS.fullmatch(address) and len(address) <= _LONGEST_ADDRESS
    return "" if is_address else f"{address[:80]!r} is no web address"


def _problems(answers: Answers) -> Iterator[str]:
    instrument = read_instrument(answers.instrument)
    if not answers.organization_id:
        yield "no organization"
    for problem in (respondent_problem(answers.respondent), role_problem(answers.respondent_role)):
        if problem:
            yield problem
    yield from _item_problems(answers, instrument)
    yield from _stage_problems(answers)


def _item_problems(answers: Answers, instrument: Instrument) -> Iterator[str]:
    for code, value in answers.given.items():
        instrument.item(code).choice(value)
    for code in (*answers.cannot_say, *answers.evidence):
        instrument.item(code)
    for code in answers.given.keys() & answers.cannot_say:
        yield f"{code} has a value and a {CANNOT_SAY!r}"
    for code, address in answers.evidence.items():
        if problem := evidence_problem(address):
            yield f"{code}: {problem}"


def _stage_problems(answers: Answers) -> Iterator[str]:
    for code in (answers.direct_stage_code, answers.ambition_stage_code):
        if code is not None and code not in set(Stage):
            yield f"{code} is no stage; there are 1 to {len(Stage)}"
