"""What a column of a table of answers holds: known by its name, its code or its question."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.assessing.instrument import Instrument, Item

#: Columns about the respondent and the organization as a whole, in the order of a template.
FIELDS = (
    "organization",
    "instrument",
    "version",
    "answered_on",
    "respondent_role",
    "respondent",
    "public",
    "stage",
    "ambition",
    "note",
)
_NAMES = {
    "organization_id": "organization",
    "organisation": "organization",
    "instrument_version": "version",
    "role": "respondent_role",
    "your role": "respondent_role",
    "your function": "respondent_role",
    "may this be public": "public",
    "remark": "note",
}
_EVIDENCE = "_evidence"
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


@lru_cache(maxsize=4096)  # a file repeats few answers very often
def plain(text: str) -> str:
    """Letters and digits of a text in lower case: how names and answers are compared.

    >>> plain(" Respondent_Role:")
    'respondentrole'
    """
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def evidence_field(item: Item) -> str:
    """The column of links to evidence of an item, such as `ST1_evidence`."""
    return item.code + _EVIDENCE


def step_fields(item: Item) -> tuple[str, str]:
    """The columns of the two steps of an item, such as `BUS3a` and `BUS3b`."""
    return f"{item.code}a", f"{item.code}b"


def answer_fields(item: Item) -> tuple[str, ...]:
    """The columns that may hold the answer to an item."""
    return (item.code, *step_fields(item)) if item.steps else (item.code,)


def known_names(instrument: Instrument) -> dict[str, str]:
    """What the columns of an instrument may be called, in plain text, and which field each is."""
    pairs = [*((name, name) for name in FIELDS), *_NAMES.items(), *_item_names(instrument)]
    if instrument.placement:
        pairs.append((instrument.placement.question, "stage"))
    if instrument.ambition:
        pairs.append((instrument.ambition.question, "ambition"))
    return {plain(name): field for name, field in pairs}


def header_parts(header: str) -> list[str]:
    """What a header of a survey tool may mean, the likeliest first.

    Tools write a code, a text, or both: `ALT[ST1]`, `ALT_ST1`, `ALT[ST1]. Strategy [We studied
    …]`, `Strategy [We studied …]`.

    >>> header_parts("ALT[ST1]. Strategy [We studied it]")
    ['ALT[ST1]. Strategy [We studied it]', 'ALT[ST1]', 'ST1', 'We studied it']
    """
    head, separator, _ = header.partition(". ")
    parts = [header, *([head] if separator else []), *_BRACKETS.findall(header)]
    if "_" in head:
        parts.append(head.rpartition("_")[2])
    return list(dict.fromkeys(parts))


def looks_like_item(header: str, instrument: Instrument) -> bool:
    """Whether a header is written like the code of an item, without being one."""
    beginnings = {item.code.rstrip("0123456789") for item in instrument.items}
    codes = {item.code for item in instrument.items}
    pattern = re.compile(rf"({'|'.join(sorted(beginnings))})\d+")
    return any(pattern.fullmatch(part) and part not in codes for part in header_parts(header))


def _item_names(instrument: Instrument) -> Iterator[tuple[str, str]]:
    for item in instrument.items:
        yield item.code, item.code
        yield item.text, item.code
        if item.label:
            yield item.label, item.code
        yield evidence_field(item), evidence_field(item)
        yield f"Evidence: {item.text}", evidence_field(item)
        if item.steps:
            yield from zip(step_fields(item), step_fields(item), strict=True)
            yield from zip((item.steps.first, item.steps.second), step_fields(item), strict=True)
