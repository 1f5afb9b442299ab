"""What an organization says of itself in public: its answers to the two questionnaires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from classifiers.assessing.esm3_scores import CODE, perspective_score
from classifiers.assessing.instrument import Dimension, Instrument, Item, read_instrument
from classifiers.signals import signal_named
from classifiers.stages import Stage
from dashboards.charts.esm3 import level_squares
from dashboards.figures import Column, Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from dashboards.reading.evidence import PublicAnswer

NOT_ANSWERED = "not answered"
_TITLES = {
    "esm3": "ESM3 by perspective",
    "altimeter": "Answers on the six stages by dimension",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredItem:
    """One item of a questionnaire with what was answered; `squares` is "" without a level."""

    item: Item
    answer: int | None
    words: str
    squares: Markup | str
    evidence: str  #: a web address, "" without one
    signals: str  #: public signals that speak of it, or "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredDimension:
    """A perspective or dimension with its items.

    Attributes:
        mean: level of its answered criteria, of an ESM3 perspective; None where none was answered.
    """

    label: str
    question: str
    items: list[AnsweredItem]
    mean: float | None = None

    @property
    def level_count(self) -> int:
        """Items answered with a level."""
        return sum(entry.answer is not None for entry in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A public self-assessment; without answers, what would be asked.

    Attributes:
        other_version: of the questionnaire that was answered, where it is not the present one.
    """

    instrument: Instrument
    dimensions: list[AnsweredDimension]
    answered_on: str
    answer_count: int
    other_version: str

    @property
    def item_count(self) -> int:
        """Items of the questionnaire."""
        return len(self.instrument.items)


def answered(code: str, answers: Sequence[PublicAnswer]) -> Answered:
    """The answers to one questionnaire beside its items."""
    instrument = read_instrument(code)
    own = {row.item_code: row for row in answers if row.instrument == code}
    first = next(iter(own.values()), None)
    version = first.instrument_version if first else instrument.version
    is_present = version == instrument.version
    return Answered(
        instrument=instrument,
        dimensions=[
            _dimension(instrument, dimension, own, is_present=is_present)
            for dimension in instrument.dimensions
        ],
        answered_on=f"{first.answered_on}" if first and first.answered_on else "",
        answer_count=sum(item.code in own for item in instrument.items),
        other_version="" if is_present else version,
    )


def answers_figure(found: Answered) -> Figure:
    """One row an item, answered or not."""
    code = found.instrument.code
    on = f"answered on {found.answered_on}" if found.answered_on else "day not given"
    return Figure(
        name=code,
        title=_TITLES[code],
        definition=(
            f"The organization's own public answers to {found.instrument.title}. They are what "
            "it says of itself, not what was observed; the last column tells which public "
            "signals, if any, speak of the same."
        ),
        anchor="esm3" if code == "esm3" else "questionnaires",
        n=found.answer_count,
        unit=f"of {found.item_count} items answered",
        window=on if found.answer_count else "no public self-assessment",
        columns=(
            Column(name="dimension", label="Perspective" if code == "esm3" else "Dimension"),
            Column(name="item_code", label="Code"),
            Column(name="item", label="Criterion" if code == "esm3" else "Statement"),
            Column(name="stage", label="Gate of", write=_blank),
            Column(name="answer", label="Level", write=_blank, is_number=True),
            Column(name="answer_words", label="Answer"),
            Column(name="public_signals", label="Public signal"),
            Column(
                name="dimension_mean",
                label="Mean",
                meaning="Mean level of the answered criteria of an ESM3 perspective, 1 to 3.",
                write=_mean,
                is_number=True,
            ),
        ),
        rows=[
            (
                dimension.label,
                entry.item.code,
                entry.item.label or entry.item.text,
                Stage(entry.item.stage_code).label if entry.item.stage_code else None,
                entry.answer,
                entry.words,
                entry.signals,
                dimension.mean,
            )
            for dimension in found.dimensions
            for entry in dimension.items
        ],
    )


def web_address(text: str) -> str:
    """The text where it is the address of a web page, else ""."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""


def _dimension(
    instrument: Instrument,
    dimension: Dimension,
    own: Mapping[str, PublicAnswer],
    *,
    is_present: bool,
) -> AnsweredDimension:
    given = {code: row.answer for code, row in own.items() if row.answer is not None}
    has_mean = instrument.code == CODE and is_present
    return AnsweredDimension(
        label=dimension.label,
        question=dimension.question,
        items=[
            _item(instrument, item, own.get(item.code), is_present=is_present)
            for item in dimension.items
        ],
        mean=perspective_score(dimension, given).score.value if has_mean else None,
    )


def _item(
    instrument: Instrument, item: Item, row: PublicAnswer | None, *, is_present: bool
) -> AnsweredItem:
    labels = [signal_named(code).label for code in item.signal_codes]
    answer = row.answer if row else None
    words = _words(instrument, item, row, is_present=is_present)
    return AnsweredItem(
        item=item,
        answer=answer,
        words=words,
        squares="" if answer is None else _squares(item, answer, words),
        evidence=web_address(row.evidence_url) if row else "",
        signals=", ".join(labels) or "none",
    )


def _words(
    instrument: Instrument, item: Item, row: PublicAnswer | None, *, is_present: bool
) -> str:
    if row is None:
        return NOT_ANSWERED
    if row.answer is None:
        return instrument.cannot_say.lower()
    if not is_present or row.answer not in item.values:
        return f"level {row.answer}"
    return item.choice(row.answer).label


def _squares(item: Item, answer: int, words: str) -> Markup:
    highest = max(item.values)
    return level_squares(answer, highest, f"Level {answer} of {highest}: {words}")


def _mean(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else ""


def _blank(value: object) -> str:
    return "" if value is None else str(value)
