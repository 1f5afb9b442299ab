"""The questionnaires that organizations assess themselves with, and how their items are asked.

Each stands in `instruments/<code>.toml` and carries a version, which answers name. Who changes a
word that respondents read must raise the version: answers to other words are other answers.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from typing import Any

#: Questionnaires that exist, the one about the six stages first.
INSTRUMENT_CODES = ("altimeter", "esm3")
_DIGEST_LENGTH = 12
#: Changes in these make no other questionnaire: they are for the readers of its results.
_NOT_ASKED = ("dimensions", "sources", "signal_codes", "visible_outside")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that may be chosen."""

    value: int
    label: str
    meaning: str = ""  #: what the label stands for, where it is a bare word

    @property
    def text(self) -> str:
        """The answer as respondents read it: the label and what it stands for."""
        return f"{self.label}: {self.meaning}" if self.meaning else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about the whole organization; `choices` are values of stages, without names."""

    question: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Two questions with yes or no in place of one with three levels.

    No to the first is level 1, yes to both is level 2, and yes only to the first is level 3.
    """

    first: str
    second: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One statement or criterion of an instrument.

    Attributes:
        code: `EN3`, `BUS1`.
        dimension_code: the dimension, or perspective, that it belongs to.
        stage_code: the stage that it is a gate of; None where the instrument has no gates.
        text: the statement, or the beginning of a sentence that a choice ends.
        label: name of the criterion; "" for statements.
        evidence: what would count as evidence of it.
        visible_outside: `no`, `partly` or `weak`: how much of it shows in public; "" not judged.
        signal_codes: signals of the catalogue that speak of it from outside.
        warning: what a respondent has to know of its words, such as that they are dated.
    """

    code: str
    dimension_code: str
    stage_code: int | None = None
    text: str
    label: str = ""
    choices: tuple[Choice, ...]
    help: str = ""
    warning: str = ""
    evidence: str = ""
    visible_outside: str = ""
    signal_codes: tuple[str, ...] = ()
    steps: Steps | None = None

    @property
    def values(self) -> tuple[int, ...]:
        """Values that may be answered, in ascending order."""
        return tuple(choice.value for choice in self.choices)

    def choice(self, value: int) -> Choice:
        """The choice with this value.

        Raises:
            ValueError: the item has no such value.
        """
        for choice in self.choices:
            if choice.value == value:
                return choice
        message = f"{self.code} has no answer {value}; there are {self.values}"
        raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A dimension of the ladder, or a perspective of ESM3, with its items in ascending order."""

    code: str
    label: str
    question: str
    items: tuple[Item, ...]

    @property
    def signal_codes(self) -> tuple[str, ...]:
        """Signals that speak of any of its items, each once."""
        return tuple(dict.fromkeys(code for item in self.items for code in item.signal_codes))


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A questionnaire in one version.

    Attributes:
        scope: whom it was made for, and what its result is not.
        cannot_say: the answer of who cannot tell; it is no level, and not the same as no answer.
        levels: names of the levels of its items; () where items are gates of stages.
        placement: the direct question for the stage, asked after all items; None without one.
        ambition: the question for the stage that is aimed at; None without one.
    """

    code: str
    version: str
    title: str
    scope: str
    sources: tuple[str, ...]
    cautions: tuple[str, ...]
    cannot_say: str
    levels: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    placement: Question | None
    ambition: Question | None

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items, by dimension, then in ascending order."""
        return tuple(item for dimension in self.dimensions for item in dimension.items)

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with what a respondent reads, or a score uses."""
        read = [_without(asdict(item), _NOT_ASKED) for item in self.items]
        text = json.dumps([_without(asdict(self), _NOT_ASKED), read], sort_keys=True)
        return sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]

    @cached_property
    def _by_code(self) -> dict[str, Item]:
        return {item.code: item for item in self.items}

    def item(self, code: str) -> Item:
        """The item with this code.

        Raises:
            ValueError: there is none; the message names those that exist.
        """
        if code not in self._by_code:
            message = f"{self.code} has no item {code!r}; there are {', '.join(self._by_code)}"
            raise ValueError(message)
        return self._by_code[code]


@cache
def read_instrument(code: str) -> Instrument:
    """The instrument with this code, in its present version.

    Raises:
        ValueError: there is none; the message names those that exist.

    >>> instrument = read_instrument("altimeter")
    >>> len(instrument.items), instrument.item("EN3").stage_code
    (36, 3)
    """
    if code not in INSTRUMENT_CODES:
        message = f"{code!r} is not an instrument; there are {', '.join(INSTRUMENT_CODES)}"
        raise ValueError(message)
    file = resources.files("classifiers") / "instruments" / f"{code}.toml"
    return _instrument(tomllib.loads(file.read_text("utf-8")))


def ordered_items(instrument: Instrument, seed: int) -> tuple[Item, ...]:
    """Items in the order in which to ask them: by dimension, shuffled within each.

    The same seed gives the same order on every machine; another seed gives another.

    >>> [item.code for item in ordered_items(read_instrument("altimeter"), 1)[:6]]
    ['ST3', 'ST6', 'ST2', 'ST4', 'ST1', 'ST5']
    """
    return tuple(
        item
        for dimension in instrument.dimensions
        for item in sorted(dimension.items, key=lambda item: _shuffle_key(seed, item))
    )


def _without(entry: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


def _shuffle_key(seed: int, item: Item) -> str:
    return sha256(f"{seed}/{item.code}".encode()).hexdigest()


def _instrument(entry: dict[str, Any]) -> Instrument:
    shared = _choices(entry.get("choices", ()))
    placement = _question(entry.get("placement"), ())
    return Instrument(
        **{name: entry[name] for name in ("code", "version", "title", "scope", "cannot_say")},
        sources=tuple(entry["sources"]),
        cautions=tuple(entry["cautions"]),
        levels=tuple(entry.get("levels", ())),
        dimensions=tuple(_dimension(each, shared) for each in entry["dimensions"]),
        placement=placement,
        ambition=_question(entry.get("ambition"), placement.choices if placement else ()),
    )


def _question(entry: dict[str, Any] | None, choices: tuple[Choice, ...]) -> Question | None:
    if entry is None:
        return None
    own = _choices(entry.get("choices", ()))
    return Question(question=entry["question"], choices=own or choices)


def _dimension(entry: dict[str, Any], choices: tuple[Choice, ...]) -> Dimension:
    items = tuple(_item(each, entry["code"], choices) for each in entry["items"])
    return Dimension(**{**entry, "items": items})


def _item(entry: dict[str, Any], dimension_code: str, choices: tuple[Choice, ...]) -> Item:
    typed = {
        "choices": _choices(entry.get("choices", ())) or choices,
        "signal_codes": tuple(entry["signal_codes"]),
        "steps": Steps(**entry["steps"]) if "steps" in entry else None,
    }
    return Item(**{"dimension_code": dimension_code, **entry, **typed})


def _choices(entries: list[dict[str, Any]] | tuple[()]) -> tuple[Choice, ...]:
    return tuple(Choice(**entry) for entry in entries)
