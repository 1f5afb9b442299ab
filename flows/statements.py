"""What organizations say of what is said of them: corrections and replies (rule R20).

Both are files of the project, `corrections.csv` and `replies.csv`, that whoever runs Barograph
keeps; each run reads them anew. An applied correction changes the list of organizations.
"""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.contract import AddressError
from flows.clock import naive, now
from flows.errors import InputError
from flows.organizations.model import SIZE_CLASSES, channel_problems, make_channel
from warehouse.register import replace_statements

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from flows.organizations import Organization
    from flows.settings import Settings
    from warehouse.db import Connection

CORRECTIONS_NAME, REPLIES_NAME = "corrections.csv", "replies.csv"
#: The longest reply, in characters.
MOST_CHARACTERS = 2000
_CORRECTION_COLUMNS = ("organization", "field", "channel", "value", "text", "date", "status")
_REPLY_COLUMNS = ("organization", "date", "text", "signed_by")
_OF_CHANNELS = ("channel_added", "channel_removed", "wrong_owner")
#: What of an organization a correction may change, and its attribute.
_ATTRIBUTES = {
    **{name: name for name in ("name", "industry", "country", "homepage")},
    "size": "size_class",
}
_FIELDS = (*_OF_CHANNELS, *_ATTRIBUTES, "other")
_STATES = ("received", "applied", "declined")

Statement = TypeVar("Statement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One thing that an organization had put right, or asked for.

    `corrected_value` is what takes the place of what was wrong; of a channel that is added, its
    source.
    """

    organization_id: str
    corrected_field: str
    channel_address: str
    corrected_value: str
    explanation: str
    corrected_on: date
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an organization says to its result; signed by a role, never a name."""

    organization_id: str
    replied_on: date
    reply: str
    signed_by: str


def read_corrections(folder: Path) -> list[Correction]:
    """The corrections of a project; none without a file.

    Raises:
        InputError: every problem of the file, with its line.
    """
    return _read(folder / CORRECTIONS_NAME, _CORRECTION_COLUMNS, _correction)


def read_replies(folder: Path) -> list[Reply]:
    """The replies of a project; none without a file.

    Raises:
        InputError: every problem of the file, with its line.
    """
    return _read(folder / REPLIES_NAME, _REPLY_COLUMNS, _reply)


def take_in_statements(settings: Settings, connection: Connection) -> None:
    """Make the warehouse's corrections and replies equal to those of the project's files.

    Raises:
        InputError: a file has problems.
    """
    corrections, replies = read_corrections(settings.folder), read_replies(settings.folder)
    moment = naive(now())
    for table, found in (("corrections", corrections), ("replies", replies)):
        replace_statements(connection, table, [asdict(each) for each in found], moment)


def corrected(
    listed: Iterable[Organization], corrections: Collection[Correction]
) -> list[Organization]:
    """A list of organizations with what was put right of it."""
    made = []
    for organization in listed:
        for each in corrections:
            if each.status == "applied" and each.organization_id == organization.organization_id:
                organization = _applied(organization, each)  # noqa: PLW2901 - one after another
        made.append(organization)
    return made


def _applied(organization: Organization, correction: Correction) -> Organization:
    field, address = correction.corrected_field, correction.channel_address
    if field in _ATTRIBUTES:
        change: dict[str, Any] = {_ATTRIBUTES[field]: correction.corrected_value}
        return replace(organization, **change)
    channels = tuple(c for c in organization.channels if c.address != address)
    if field == "channel_added":
        given = {"source": correction.corrected_value, "address": address}
        given["evidence"] = "named by the organization"
        added = make_channel(organization.organization_id, given)
        channels = (*channels, replace(added, homepage=organization.homepage))
    return replace(organization, channels=channels) if field in _OF_CHANNELS else organization


def _correction(cells: Mapping[str, str]) -> Correction:
    field, address, value = cells["field"], cells["channel"], cells["value"]
    _check(field in _FIELDS, f"field {field!r} is none of {', '.join(_FIELDS)}")
    status = cells["status"] or "received"
    _check(status in _STATES, f"status {status!r} is none of {', '.join(_STATES)}")
    _check(bool(address) or field not in _OF_CHANNELS, "channel is empty; give its address")
    _check(field != "size" or value in SIZE_CLASSES, f"size is none of {', '.join(SIZE_CLASSES)}")
    if field == "channel_added":
        problems = channel_problems({"source": value, "address": address})
        _check(not problems, "; ".join(text for _, text in problems))
    return Correction(
        organization_id=_owner(cells),
        corrected_field=field,
        channel_address=address,
        corrected_value=value,
        explanation=cells["text"],
        corrected_on=_day(cells),
        status=status,
    )


def _reply(cells: Mapping[str, str]) -> Reply:
    text, signed_by = cells["text"], cells["signed_by"]
    _check(bool(text), "text is empty; give the reply, or leave out the row")
    length = f"text has {len(text)} characters; {MOST_CHARACTERS} are the most"
    _check(len(text) <= MOST_CHARACTERS, length)
    _check(bool(signed_by), "signed_by is empty; give a role, such as press office, and no name")
    return Reply(
        organization_id=_owner(cells), replied_on=_day(cells), reply=text, signed_by=signed_by
    )


def _owner(cells: Mapping[str, str]) -> str:
    _check(bool(cells["organization"]), "organization is empty; give its id")
    return cells["organization"]


def _day(cells: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(cells["date"])
    except ValueError:
        message = f"date {cells['date']!r} is no day such as 2026-11-21"
        raise ValueError(message) from None


def _check(is_well: bool, problem: str) -> None:  # noqa: FBT001 - what is checked
    if not is_well:
        raise ValueError(problem)


def _read(
    path: Path, columns: tuple[str, ...], make: Callable[[Mapping[str, str]], Statement]
) -> list[Statement]:
    if not path.exists():
        return []
    try:
        rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""), strict=True)
        head = [name.strip().casefold() for name in rows.fieldnames or ()]
        if missing := sorted(set(columns) - set(head)):
            problem = f"{path}: columns missing: {', '.join(missing)}"
            raise InputError(problem)
        rows.fieldnames = head
        return _made(path, rows, columns, make)
    except (csv.Error, UnicodeDecodeError) as error:
        problem = f"{path}: not valid CSV in UTF-8: {error}"
        raise InputError(problem) from error


def _made(
    path: Path,
    rows: csv.DictReader[str],
    columns: tuple[str, ...],
    make: Callable[[Mapping[str, str]], Statement],
) -> list[Statement]:
    found, problems = [], []
    for row in rows:
        try:
            found.append(make({name: (row[name] or "").strip() for name in columns}))
        except (ValueError, AddressError) as error:
            problems.append(f"{path}, line {rows.line_num}: {error}")
    if problems:
        raise InputError(*problems)
    return found
