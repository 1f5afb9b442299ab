"""Templates to fill in, and questionnaires to type into a survey tool.

A template has codes for headers; what they ask stands beside it, in a second sheet or file. Codes
tell the order of the stages, so a questionnaire for respondents is printed without them and in
random order.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from classifiers.assessing.answer_columns import FIELDS, evidence_field, step_fields
from classifiers.assessing.answers import CANNOT_SAY
from classifiers.assessing.instrument import ordered_items
from classifiers.assessing.limesurvey import CANNOT_SAY_CODE
from classifiers.assessing.workbook import ANSWERS_SHEET, workbook_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from classifiers.assessing.instrument import Choice, Instrument, Item

QUESTIONS_SHEET = "questions"
_PLACEMENT_FIELDS = ("stage", "ambition")
_YES_OR_NO = ("yes", "no")
_MEANINGS = {
    "organization": "its id, as in the list of organizations",
    "instrument": "leave as it is",
    "version": "leave as it is",
    "answered_on": "the day, as YYYY-MM-DD",
    "respondent_role": "a function such as marketing or board; no name",
    "respondent": "a short code such as 1, to tell respondents apart; no name; may be empty",
    "public": "yes, if the claim may be shown to others; empty means no",
    "note": "a remark; no names; may be empty",
}


def template_rows(instrument: Instrument, organization_ids: Sequence[str] = ()) -> list[list[str]]:
    """The header of a template, and a row with what is known for each organization."""
    header = [*_fields(instrument), *(f for item in instrument.items for f in _item_fields(item))]
    known = {"instrument": instrument.code, "version": instrument.version}
    rows = [{"organization": name, **known} for name in organization_ids]
    return [header, *([row.get(field, "") for field in header] for row in rows)]


def question_rows(instrument: Instrument) -> list[list[str]]:
    """What each column of a template asks, what may be answered, and what helps to answer."""
    return [["column", "question", "answers", "help"], *_question_rows(instrument)]


def template_text(instrument: Instrument, organization_ids: Sequence[str] = ()) -> str:
    """A template as CSV."""
    return csv_text(template_rows(instrument, organization_ids))


def questions_text(instrument: Instrument) -> str:
    """What goes with a template as CSV: see `question_rows`."""
    return csv_text(question_rows(instrument))


def template_workbook(instrument: Instrument, organization_ids: Sequence[str] = ()) -> bytes:
    """A template as a workbook (XLSX) with a sheet of answers and one of questions.

    Raises:
        ModuleNotFoundError: openpyxl is not installed.
    """
    return workbook_bytes(
        {
            ANSWERS_SHEET: template_rows(instrument, organization_ids),
            QUESTIONS_SHEET: question_rows(instrument),
        }
    )


def google_form_text(instrument: Instrument, seed: int = 0) -> str:
    """Questions to copy into Google Forms; its export is then understood as it comes."""
    head = [
        f"# {instrument.title}: questions for Google Forms",
        "Do not change a question or an answer: the export is known by these words.",
        "Do not collect e-mail addresses. No question is required.",
        "",
        "Organization (short answer: its id)",
        "Your function (short answer: marketing, board …; no name)",
    ]
    return _joined([*head, *_sections(instrument, seed), *_ending(instrument)])


def limesurvey_text(instrument: Instrument, seed: int = 0) -> str:
    """Questions, with codes, to set up in LimeSurvey; its export is then understood as it comes."""
    head = [
        f"# {instrument.title}: questions for LimeSurvey",
        "Question codes stand in brackets. Hide them from respondents: they tell the order.",
        f"Answer codes are A and the number, and {CANNOT_SAY_CODE} for {instrument.cannot_say!r}.",
        "Do not save IP addresses or referrers.",
        "",
        "[organization] Organization (short text: its id)",
        "[respondentrole] Your function (short text: marketing, board …; no name)",
    ]
    return _joined(
        [*head, *_sections(instrument, seed, has_codes=True), *_ending(instrument, has_codes=True)]
    )


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV with lines ended as spreadsheets on all systems understand."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def _fields(instrument: Instrument) -> list[str]:
    return [f for f in FIELDS if instrument.placement or f not in _PLACEMENT_FIELDS]


def _item_fields(item: Item) -> tuple[str, ...]:
    return (*(step_fields(item) if item.steps else (item.code,)), evidence_field(item))


def _question_rows(instrument: Instrument) -> Iterator[list[str]]:
    for field, meaning in _MEANINGS.items():
        yield [field, meaning, "", ""]
    for field, question in zip(
        _PLACEMENT_FIELDS, (instrument.placement, instrument.ambition), strict=True
    ):
        if question:
            yield [field, question.question, _numbered(question.choices), "answer this last"]
    for item in instrument.items:
        yield from _item_rows(item)


def _item_rows(item: Item) -> Iterator[list[str]]:
    help_text = " ".join(text for text in (item.evidence, item.help, item.warning) if text)
    if item.steps:
        answers = ", ".join((*_YES_OR_NO, CANNOT_SAY))
        for field, question in zip(
            step_fields(item), (item.steps.first, item.steps.second), strict=True
        ):
            yield [field, question, answers, help_text]
    else:
        yield [item.code, item.text, f"{_numbered(item.choices)}, {CANNOT_SAY}", help_text]
    yield [evidence_field(item), "a web address of evidence", "", "may be empty"]


def _numbered(choices: Sequence[Choice]) -> str:
    return ", ".join(f"{choice.value} = {choice.text}" for choice in choices)


def _sections(instrument: Instrument, seed: int, *, has_codes: bool = False) -> Iterator[str]:
    ordered = ordered_items(instrument, seed)
    for dimension in instrument.dimensions:
        yield from ("", f"## {dimension.label}: {dimension.question}")
        for item in (item for item in ordered if item.dimension_code == dimension.code):
            yield from _asked(item, instrument, has_codes=has_codes)


def _asked(item: Item, instrument: Instrument, *, has_codes: bool) -> Iterator[str]:
    codes = step_fields(item) if item.steps else (item.code,)
    texts = (item.steps.first, item.steps.second) if item.steps else (item.text,)
    for code, text in zip(codes, texts, strict=True):
        yield from ("", f"[{code}] {text}" if has_codes else text)
        if item.warning:
            yield f"  ({item.warning})"
        if item.steps:
            yield from (f"  - {word}" for word in (*_YES_OR_NO, instrument.cannot_say))
        else:
            yield from _options(item.choices, instrument.cannot_say, has_codes=has_codes)


def _options(choices: Sequence[Choice], cannot_say: str, *, has_codes: bool) -> Iterator[str]:
    for choice in choices:
        yield f"  - A{choice.value}: {choice.text}" if has_codes else f"  - {choice.text}"
    yield f"  - {CANNOT_SAY_CODE}: {cannot_say}" if has_codes else f"  - {cannot_say}"


def _ending(instrument: Instrument, *, has_codes: bool = False) -> Iterator[str]:
    for field, question in zip(
        _PLACEMENT_FIELDS, (instrument.placement, instrument.ambition), strict=True
    ):
        if question:
            yield from ("", f"[{field}] {question.question}" if has_codes else question.question)
            yield from _options(question.choices, instrument.cannot_say, has_codes=has_codes)
    public = "May this be public? (yes or no)"
    yield from ("", f"[public] {public}" if has_codes else public)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
