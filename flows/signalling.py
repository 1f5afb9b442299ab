"""Signals as a person asks for them: what there is, and what was measured of whom."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from classifiers.signals import SIGNAL_CODES, SIGNALS, UNOBTAINABLE, Signal, Unobtainable
from flows.errors import InputError
from warehouse.reading import rows

if TYPE_CHECKING:
    from warehouse.db import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for: one signal or all (""), one organization or all, a week or the latest."""

    code: str = ""
    organization_id: str = ""
    week: date | None = None  #: its Monday

    @property
    def needs_measurements(self) -> bool:
        """Whether the catalogue alone cannot answer it."""
        return bool(self.organization_id or self.week)


def entry_named(code: str) -> Signal | Unobtainable:
    """The catalogue's entry with this code, obtainable or not.

    Raises:
        InputError: there is none; the message names those that are alike.
    """
    both: tuple[Signal | Unobtainable, ...] = (*SIGNALS, *UNOBTAINABLE)
    entries = {entry.code: entry for entry in both}
    if code in entries:
        return entries[code]
    alike = get_close_matches(code, entries, n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(alike)}? " if alike else ""
    problem = f"no signal {code!r}; {meant}`barograph signals` lists all"
    raise InputError(problem)


def monday_of(text: str | None) -> date | None:
    """Monday of the week that holds a day, as measurements name it; None without one.

    Raises:
        InputError: it is no date.
    """
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        problem = f"--week {text!r} is no date such as 2026-11-16"
        raise InputError(problem) from error
    return day - timedelta(days=day.weekday())


def read_measurements(connection: Connection, question: Question) -> list[dict[str, Any]]:
    """Measurements by organization, each in the order of the catalogue.

    Raises:
        InputError: there are none of the week or the organization that was asked for.
    """
    asked = {"signal_code": question.code, "organization_id": question.organization_id}
    found = rows(connection, "latest_measurements", {**asked, "week": question.week})
    if not found and question.needs_measurements:
        raise InputError(_nothing_of(question))
    places = {code: place for place, code in enumerate(SIGNAL_CODES)}
    return sorted(
        found, key=lambda row: (row["organization_id"], places.get(row["signal_code"], len(places)))
    )


def _nothing_of(question: Question) -> str:
    of_week = f" for the week of Monday {question.week}" if question.week else ""
    if question.organization_id:
        return (
            f"--organization {question.organization_id!r}: nothing was measured of it{of_week}; "
            "`barograph status` tells what was collected, and its id stands in the list"
        )
    return f"--week: nothing was measured{of_week}; `barograph build --as-of DATE` measures it"


def entry_record(entry: Signal | Unobtainable) -> dict[str, Any]:
    """An entry of the catalogue for machines."""
    if isinstance(entry, Unobtainable):
        return asdict(entry) | {"is_obtainable": False}
    return asdict(entry) | {"is_feature": entry.is_feature, "is_obtainable": True}


def catalogue_record() -> dict[str, Any]:
    """The whole catalogue for machines."""
    return {
        "signals": [entry_record(signal) for signal in SIGNALS],
        "unobtainable": [entry_record(one) for one in UNOBTAINABLE],
    }
