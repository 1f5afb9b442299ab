"""The questions of a form as its page asks them: numbered, with what was chosen and is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from classifiers.assessing.answer_columns import evidence_field, step_fields
from classifiers.assessing.answers import CANNOT_SAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifiers.assessing.instrument import Choice, Dimension, Instrument, Item
    from dashboards.assessing.form import FieldError, Form

_STEP_ANSWERS = (("yes", "Yes"), ("no", "No"))


class Option(NamedTuple):
    """One answer that may be chosen; `place` numbers it within its question."""

    place: int
    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question with radio buttons; its anchor does not tell its code, which has an order."""

    number: str
    field: str
    text: str
    remarks: tuple[str, ...] = ()
    options: tuple[Option, ...]
    error: str = ""

    @property
    def anchor(self) -> str:
        """Identifier on the page; that of its first radio button ends in `-1`."""
        return f"question-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A field for a link to evidence."""

    number: str
    field: str
    value: str
    error: str

    @property
    def anchor(self) -> str:
        """Identifier of the field."""
        return f"evidence-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A dimension, or a perspective, with its questions."""

    label: str
    question: str
    entries: tuple[tuple[tuple[Asked, ...], Evidence | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A line of the summary of errors, and where it leads."""

    anchor: str
    name: str
    text: str


def groups(form: Form, errors: Sequence[FieldError]) -> tuple[Group, ...]:
    """All items of a form, in its order; criteria, which have labels, ask for evidence too."""
    wrong = dict(errors)
    numbers = {item.code: str(place) for place, item in enumerate(form.items, 1)}
    return tuple(_group(each, form, numbers, wrong) for each in form.instrument.dimensions)


def placements(form: Form, errors: Sequence[FieldError]) -> tuple[Asked, ...]:
    """The questions after all items."""
    wrong, first = dict(errors), len(form.items) + 1
    asked = (("stage", form.instrument.placement), ("ambition", form.instrument.ambition))
    return tuple(
        Asked(
            number=str(number),
            field=name,
            text=question.question,
            options=_options(_values(question.choices), form, name),
            error=wrong.get(name, ""),
        )
        for number, (name, question) in enumerate(asked, first)
        if question
    )


def problems(
    shown: Sequence[Group], placed: Sequence[Asked], errors: Sequence[FieldError]
) -> list[Problem]:
    """The summary of errors: each with its name on the page, and a link to its field."""
    found = {
        **_TYPED,
        **{one.field: (f"{one.anchor}-1", f"Question {one.number}") for one in placed},
    }
    for group in shown:
        for parts, evidence in group.entries:
            found |= {one.field: (f"{one.anchor}-1", f"Question {one.number}") for one in parts}
            if evidence:
                found[evidence.field] = (evidence.anchor, f"Evidence of question {evidence.number}")
    return [
        Problem(anchor=found[e.field][0], name=found[e.field][1], text=e.text)
        for e in errors
        if e.field in found
    ]


_TYPED = {
    "organization": ("organization", "Organization"),
    "respondent_role": ("respondent_role", "Your function"),
    "answered_on": ("answered_on", "Day"),
    "respondent": ("respondent", "Code"),
    "note": ("note", "Note"),
    "public": ("public-no", "Who may see it"),
}


def _group(
    dimension: Dimension, form: Form, numbers: Mapping[str, str], wrong: Mapping[str, str]
) -> Group:
    items = [item for item in form.items if item.dimension_code == dimension.code]
    return Group(
        label=dimension.label,
        question=dimension.question,
        entries=tuple(
            (_asked(item, form, numbers[item.code], wrong), _evidence(item, form, numbers, wrong))
            for item in items
        ),
    )


def _asked(item: Item, form: Form, number: str, wrong: Mapping[str, str]) -> tuple[Asked, ...]:
    if item.steps:
        return _steps(item, form, number, wrong)
    return (
        Asked(
            number=number,
            field=item.code,
            text=item.text,
            remarks=_remarks(item),
            options=_options(_values(item.choices), form, item.code),
            error=wrong.get(item.code, ""),
        ),
    )


def _steps(item: Item, form: Form, number: str, wrong: Mapping[str, str]) -> tuple[Asked, ...]:
    """Two questions with yes or no; the second only matters after a yes."""
    assert item.steps
    texts = (item.steps.first, f"If yes: {item.steps.second[0].lower()}{item.steps.second[1:]}")
    return tuple(
        Asked(
            number=f"{number}{letter}",
            field=name,
            text=text,
            remarks=_remarks(item) if letter == "a" else (),
            options=_options(_STEP_ANSWERS, form, name),
            error=wrong.get(name, ""),
        )
        for letter, name, text in zip("ab", step_fields(item), texts, strict=True)
    )


def _remarks(item: Item) -> tuple[str, ...]:
    evidence = item.evidence and f"Counts as evidence: {item.evidence}"
    return tuple(remark for remark in (item.help, item.warning, evidence) if remark)


def _values(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    return [(str(choice.value), _sentence(choice.text)) for choice in choices]


def _options(values: Sequence[tuple[str, str]], form: Form, name: str) -> tuple[Option, ...]:
    given = form.fields.get(name, "")
    offered = [*values, (CANNOT_SAY, form.instrument.cannot_say)]
    return tuple(
        Option(place, value, text, value == given) for place, (value, text) in enumerate(offered, 1)
    )


def _evidence(
    item: Item, form: Form, numbers: Mapping[str, str], wrong: Mapping[str, str]
) -> Evidence | None:
    if not asks_for_evidence(form.instrument):
        return None
    name = evidence_field(item)
    return Evidence(
        number=numbers[item.code],
        field=name,
        value=form.fields.get(name, ""),
        error=wrong.get(name, ""),
    )


def asks_for_evidence(instrument: Instrument) -> bool:
    """Whether its form has fields for links: its criteria are few, and hardly seen from outside."""
    return bool(instrument.levels)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
