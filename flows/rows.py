"""Exchanges and fetch states as rows of the archive and the warehouse, and back."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from connectors.contract import Outcome, Purpose
from connectors.fetching.adoption import Adoption
from connectors.fetching.exchange import Exchange
from connectors.fetching.rhythm import Rhythm
from connectors.fetching.state import FetchState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_CURSOR = tuple(f.name for f in fields(FetchState))
_TIMES = {
    name for name, kind in ((f.name, str(f.type)) for f in fields(FetchState)) if "datetime" in kind
}
#: Parts of a cursor that are stored as JSON.
_PARTS: dict[str, type[Any]] = {"rhythm": Rhythm, "adoption": Adoption}
_NOTHING_ADOPTED = Adoption()
_PART_FIELDS = {kind: tuple(f.name for f in fields(kind)) for kind in _PARTS.values()}


def exchange_columns(exchanges: Sequence[Exchange]) -> dict[str, list[Any]]:
    """Exchanges as the archive's columns."""
    columns = {f.name: [getattr(e, f.name) for e in exchanges] for f in fields(Exchange)}
    columns["redirects"] = [list(redirects) for redirects in columns["redirects"]]
    columns["headers"] = [
        [{"name": name, "value": value} for name, value in headers]
        for headers in columns["headers"]
    ]
    columns["outcome"] = [outcome.value for outcome in columns["outcome"]]
    columns["purpose"] = [purpose.value for purpose in columns["purpose"]]
    return columns


def exchange_from_row(row: Mapping[str, Any]) -> Exchange:
    """The exchange that an archived row came from."""
    headers = tuple((pair["name"], pair["value"]) for pair in row["headers"])
    return Exchange(
        **{
            **row,
            "headers": headers,
            "redirects": tuple(row["redirects"]),
            "fetched_at": row["fetched_at"].replace(tzinfo=UTC),
            "outcome": Outcome(row["outcome"]),
            # older archives have neither
            "purpose": Purpose(row.get("purpose") or Purpose.READ),
            "context": row.get("context") or "",
        }
    )


def state_from_row(row: Mapping[str, Any]) -> FetchState:
    """The fetch state that a row of `raw.cursors` came from."""
    times = {name: _aware(row[name]) for name in _TIMES}
    parts = {name: _part(kind, row[name]) for name, kind in _PARTS.items()}
    return FetchState(**{**row, **times, **parts})


def _part_text(part: Any) -> str:  # noqa: ANN401 - a dataclass of plain values
    """A part of a cursor as JSON; {} for an address that nothing has happened to."""
    if part == _NOTHING_ADOPTED:
        return "{}"
    return json.dumps({name: getattr(part, name) for name in _PART_FIELDS[type(part)]})


def _part(kind: type[Any], text: str) -> object:
    """A part of a cursor; what another version knew and this one does not is left out."""
    if text == "{}":
        return kind()
    known = _PART_FIELDS[kind]
    return kind(**{name: value for name, value in json.loads(text).items() if name in known})


def cursor_columns(states: Sequence[FetchState]) -> dict[str, list[Any]]:
    """Fetch states as the columns of `raw.cursors`."""
    columns = attribute_columns(states, _CURSOR)
    for name in _PARTS:
        columns[name] = [_part_text(part) for part in columns[name]]
    return columns


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def attribute_columns(rows: Sequence[Any], names: Iterable[str]) -> dict[str, list[Any]]:
    """Attributes of values as columns, by name."""
    return {name: list(map(attrgetter(name), rows)) for name in names}
