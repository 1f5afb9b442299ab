"""Reading the records of the terms register: one TOML file a source, in this folder.

A record says what a source is collected for, why that is lawful and fair, which terms were read
and when somebody has to read them again. A source without a record, switched off, or past its
review is not asked.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import connectors

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The longest that a review holds (rule R17).
LONGEST_REVIEW_DAYS = 180
#: What an operator may decide otherwise, saying who looked and why.
DECISIONS = (
    *("enabled", "may_derive", "reviewed_on", "reviewed_by", "next_review", "reason"),
    "is_amended",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One source's record. `next_review` is the last day on which it may be asked."""

    source: str
    name: str
    terms_url: str
    terms_dated: date
    reviewed_on: date
    reviewed_by: str
    next_review: date
    enabled: bool
    may_derive: bool
    purpose: str
    interest: str
    balancing: str
    reason: str = ""
    kept_days: int | None = None  #: the longest that its data may be kept without a new look
    is_amended: bool = False  #: the operator has accepted an amendment that lifts `kept_days`

    @property
    def limit_days(self) -> int | None:
        """Days that its data may be kept without a new look; None: as long as any other."""
        return None if self.is_amended else self.kept_days

    def refusal(self, day: date) -> str:
        """Why the source may not be asked on a day, as a sentence with a remedy; "" if it may."""
        how = f"terms.toml in the project folder can decide otherwise: [{self.source}]"
        if not self.enabled:
            because = f" ({self.reason})" if self.reason else ""
            return f"not asked: {self.name} is switched off{because}; {how} enabled = true"
        if day > self.next_review:
            return (
                f"not asked: the terms of {self.name} were to be read again by {self.next_review}; "
                f"read {self.terms_url} and record it; {how} reviewed_on and next_review"
            )
        return ""

    def decided(self, decision: Mapping[str, Any]) -> Terms:
        """The record as an operator decided otherwise.

        Raises:
            ValueError: the decision is not complete or not allowed; the message says how.
        """
        unknown = sorted(set(decision) - set(DECISIONS))
        if unknown:
            message = f"unknown key {unknown[0]!r}; known: {', '.join(DECISIONS)}"
            raise ValueError(message)
        if not str(decision.get("reason", "")).strip():
            message = 'say why: reason = "…"'
            raise ValueError(message)
        made = replace(self, **decision)
        _check(made)
        return made


@cache
def shipped() -> Mapping[str, Terms]:
    """The records that come with the connectors, by source: beside them, in the folder `terms`."""
    files = sorted(
        file for place in connectors.__path__ for file in Path(place).glob("terms/*.toml")
    )
    records = (_read(file.stem, file.read_text("utf-8")) for file in files)
    return {record.source: record for record in records}


def _read(source: str, text: str) -> Terms:
    table = {key: value for key, value in tomllib.loads(text).items() if key != "questions"}
    made = Terms(source=source, **table)
    _check(made)
    return made


def _check(terms: Terms) -> None:
    for name in ("terms_dated", "reviewed_on", "next_review"):
        if type(getattr(terms, name)) is not date:
            message = f"{name} must be a date such as 2026-11-22, without quotation marks"
            raise ValueError(message)
    for name in ("enabled", "may_derive", "is_amended"):
        if type(getattr(terms, name)) is not bool:
            message = f"{name} must be true or false"
            raise ValueError(message)
    if (terms.next_review - terms.reviewed_on).days > LONGEST_REVIEW_DAYS:
        message = f"next_review must be within {LONGEST_REVIEW_DAYS} days of reviewed_on"
        raise ValueError(message)
