"""Finding a person: from an account as people write it to its keys in all periods."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import connectors
from connectors.apis.identities import (
    NUMBERED,
    identities,
    place_of_answer,
    shown_identities,
    words,
)
from flows.errors import InputError
from flows.forgetting.subject import Subject, telling
from flows.keyring import read_keyring
from flows.opening import open_project
from flows.organizations.model import organization_from_record
from warehouse.archive import read_pages
from warehouse.erasing import acts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from flows.keyring import Keyring
    from flows.project import Project

_KEY = re.compile(r"[0-9a-f]{32}")
#: Imported acts of before a key's period are keyed by their calendar year, since this one.
_FIRST_YEAR = 1991


def person_of_account(project: Project, source: str, account: str, year: int) -> Subject:
    """Whom an account at a source is.

    Args:
        project: whose keys are asked, and whose archive for the account's number.
        source: the platform.
        account: as people write it, or the platform's own identifier.
        year: the present one.

    Raises:
        InputError: no such source, or the platform knows people by a number that nothing here
            tells; the message says what to give instead.
    """
    if source not in connectors.names():
        problem = f"--source {source}: no such source; there are {', '.join(connectors.names())}"
        raise InputError(problem)
    shown = tuple(_shown(project, source, account))
    names = tuple(dict.fromkeys([*identities(source, account), *shown]))
    keys = tuple(dict.fromkeys(_keys(read_keyring(project.keyring), source, names, year)))
    is_number = bool(re.search(r"\d|did:", account))
    if source in NUMBERED and not (shown or is_number or _is_known(project, keys)):
        problem = (
            f"--account {account}: {source} knows people by an identifier of its own, and no "
            f"answer of the last days shows which this is; give {NUMBERED[source]}"
        )
        raise InputError(problem)
    told = [word for name in (account, *shown) for word in words(name)]
    return Subject(source=source, identities=names, keys=keys, words=telling(map(_named, told)))


def _is_known(project: Project, keys: Iterable[str]) -> bool:
    """Whether anything is kept under these keys: imports know people by what a file calls them."""
    if not project.lake and not project.warehouse.exists():
        return False
    with open_project(project) as connection:
        return bool(acts_of(connection, keys).activity_ids)


def person_of_key(key: str) -> Subject:
    """Whoever has a key; who that is need not be known.

    Raises:
        InputError: it is no key.
    """
    if not _KEY.fullmatch(key.lower()):
        problem = f"--key {key}: no key; it has 32 digits from 0 to f, as in an export"
        raise InputError(problem)
    return Subject(keys=(key.lower(),))


def _keys(ring: Keyring, source: str, names: Iterable[str], year: int) -> Iterator[str]:
    """By every key of the source: of what was collected, and of what was imported."""
    years = [str(number) for number in range(_FIRST_YEAR, year + 1)]
    for name in names:
        for told in (name, *(f"{name}\n{number}" for number in years)):
            for key in ring.keys.get(source, ()):
                yield ring.key_of(told, source, key.used_since)


def _named(word: str) -> str:
    return word.removeprefix("https://").removeprefix("http://")


def _shown(project: Project, source: str, account: str) -> Iterator[str]:
    """What the answers that are still there show beside the account's name."""
    if source not in NUMBERED:
        return
    addresses = _addresses(project, source)
    mark = words(account)[0].partition("@")[0].encode()
    for path in project.archive.page_files():
        for page in _readable(path):
            if page["channel_id"] in addresses and mark in (page["body"] or b"").lower():
                place = place_of_answer(source, page["url"], addresses[page["channel_id"]])
                yield from shown_identities(source, account, place, _decoded(page["body"]))


def _readable(path: Path) -> list[dict[str, Any]]:
    try:
        return read_pages(path)
    except (OSError, ValueError):  # damaged: a replay tells
        return []


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _addresses(project: Project, source: str) -> dict[str, str]:
    """Channels of a source that were ever listed, with their addresses."""
    lists = {record["organizations"] for record in project.archive.runs()}
    listed = (
        organization_from_record(record)
        for name in sorted(lists)
        for record in project.archive.read_organizations(name)
    )
    channels = (channel for organization in listed for channel in organization.channels)
    return {c.channel_id: c.address for c in channels if c.source == source}
