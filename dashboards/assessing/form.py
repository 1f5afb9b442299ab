"""A questionnaire as somebody has filled it in so far, and as the import will read it.

A form is checked by the very reader that imports files of answers, so that what is accepted here
never waits in the inbox with a problem.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from classifiers.assessing.answer_cells import UNANSWERED, read_steps
from classifiers.assessing.answer_columns import answer_fields, evidence_field, step_fields
from classifiers.assessing.answer_layout import BAROGRAPH
from classifiers.assessing.answer_rows import AnswerForm, Expected, read_row
from classifiers.assessing.answer_table import Column, Row
from classifiers.assessing.answer_templates import template_rows
from classifiers.assessing.answers import Answers
from classifiers.assessing.instrument import Instrument, Item, ordered_items
from classifiers.sheet import CellError
from dashboards.assessing.tokens import seed_of, short_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLACED = ("stage", "ambition")  #: columns of the questions about the whole organization
TYPED = ("respondent_role", "answered_on", "respondent", "note")
_NAMED = ("respondent_role", "respondent")
_AHEAD = timedelta(days=1)  # somewhere it is tomorrow already
_PATH = Path("form")


class FieldError(NamedTuple):
    """What is wrong with one field, and what to do."""

    field: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One respondent's form.

    Attributes:
        instrument: what it asks.
        token: of this form; it orders the questions and names its draft.
        fields: what was filled in, by the columns of a sheet of answers.
    """

    instrument: Instrument
    token: str
    fields: Mapping[str, str]

    @property
    def organization_id(self) -> str:
        """Whom it is about."""
        return self.fields.get("organization", "")

    @property
    def items(self) -> tuple[Item, ...]:
        """Items in the order in which this form asks them."""
        return ordered_items(self.instrument, seed_of(self.token))

    @property
    def placements(self) -> tuple[str, ...]:
        """Columns of the questions after all items."""
        return PLACED if self.instrument.placement else ()

    @property
    def question_count(self) -> int:
        """Questions that it asks."""
        return len(self.instrument.items) + len(self.placements)

    @property
    def answered_count(self) -> int:
        """Questions that have an answer, "cannot say" among them."""
        return self.question_count - len(self.unanswered)

    @property
    def unanswered(self) -> list[str]:
        """Columns of the questions without an answer, in the order of the form."""
        items = [open_field for item in self.items if (open_field := self._open_field(item))]
        return [*items, *(name for name in self.placements if not self.fields.get(name))]

    def record(self) -> dict[str, str]:
        """The form as a row of a sheet of answers; what was not filled in is left out."""
        known = {
            "instrument": self.instrument.code,
            "version": self.instrument.version,
            "respondent": f"web-{short_code(self.token)}",
            "public": "no",
        }
        filled = {name: text for name, text in self.fields.items() if text}
        row = {**known, **filled}
        return {name: row[name] for name in columns(self.instrument) if name in row}

    def _open_field(self, item: Item) -> str:
        if not item.steps:
            return "" if self.fields.get(item.code) else item.code
        first, second = step_fields(item)
        given = self.fields.get(first, ""), self.fields.get(second, "")
        try:
            is_open = read_steps(*given) == UNANSWERED
        except CellError:
            is_open = False
        return (second if given[0] else first) if is_open else ""


def columns(instrument: Instrument) -> list[str]:
    """Columns of a sheet of answers, in the order of the template."""
    return template_rows(instrument)[0]


def filled_form(instrument: Instrument, token: str, given: Mapping[str, str]) -> Form:
    """A form from fields as a browser sends them; fields that are none of its own are dropped."""
    own = {name for item in instrument.items for name in answer_fields(item)}
    own |= {evidence_field(item) for item in instrument.items}
    own |= {"organization", "public", *TYPED, *(PLACED if instrument.placement else ())}
    texts = {name: _text(given[name]) for name in columns(instrument) if name in own & given.keys()}
    return Form(instrument=instrument, token=token, fields=texts)


def read_form(form: Form, organization_ids: frozenset[str] | None) -> Answers | list[FieldError]:
    """What a form says, or every problem in the order of the form.

    Args:
        form: as it was filled in.
        organization_ids: those that it may be about; None: any.
    """
    record = form.record()
    row, sheet = _as_row(form.instrument, record)
    latest = None if organization_ids is None else (datetime.now(UTC) + _AHEAD).date()
    expected = Expected(organization_ids=organization_ids, latest_day=latest)
    reading = read_row(row, sheet, expected)
    problems = {
        each.column: f"{_sentence(each.message)} {_sentence(each.remedy)}"
        for each in reversed(reading.problems)
    }
    problems |= dict(_own_problems(form))
    if problems or reading.is_blank:
        return [FieldError(name, problems[name]) for name in _in_order(form, problems)]
    return Answers(**reading.values)


def _own_problems(form: Form) -> Iterator[tuple[str, str]]:
    """Problems that the import would not have, or would tell of another row."""
    for name in form.unanswered:
        yield name, f"Choose an answer, or “{form.instrument.cannot_say}”."
    if not form.fields.get("answered_on"):
        yield "answered_on", "Give the day."
    for name, text in form.fields.items():
        if name in _NAMED and text and not text[0].isalnum():
            yield name, "Begin with a letter or a digit."
        elif text.startswith("="):
            yield name, "Spreadsheets take text with = at its beginning for a formula. Change it."
        elif any(unicodedata.category(sign) == "Cc" and sign != "\n" for sign in text):
            yield name, "It holds a control character. Delete it."


def _in_order(form: Form, problems: Mapping[str, str]) -> list[str]:
    items = [name for item in form.items for name in (*answer_fields(item), evidence_field(item))]
    order = ["organization", *TYPED[:-1], *items, *PLACED, "note", "public"]
    return [name for name in order if name in problems]


def _as_row(instrument: Instrument, record: Mapping[str, str]) -> tuple[Row, AnswerForm]:
    found = {Column("", name): text for name, text in record.items()}
    fields = BAROGRAPH.fields(tuple(found), instrument)
    sheet = AnswerForm(
        path=_PATH,
        layout=BAROGRAPH,
        instrument=instrument,
        fields=fields,
        columns={field: column for column, field in fields.items()},
        read_day=BAROGRAPH.days([]),
    )
    return Row(str(_PATH), found), sheet


def _text(given: str) -> str:
    return given.replace("\r\n", "\n").strip()


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
