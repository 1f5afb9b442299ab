"""Who somebody is at a source: from an account as people write it to what its connector keys by.

For those who object or ask to be forgotten. An identity is what a connector gives as an author
(`connectors.apis.acts.Author`): a name where a platform gives none twice, else its number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_AT_SERVER = re.compile(r"(?:acct:)?@?([^@/\s]+)@([^@/\s]+)")
_PROFILE = re.compile(
    r"https?://([^/\s]+)/(?:@|users/|u/|profile/|user/)([^/?#\s]+).*", re.IGNORECASE
)
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+")
_STACK_EXCHANGE = re.compile(r"https?://stackexchange\.com/users/(\d+).*")
_HACKER_NEWS = re.compile(r"https?://news\.ycombinator\.com/user\?id=([\w-]+)")
#: Under which names platforms show an account, and its number, in what they answer.
_NAMES = ("acct", "username", "handle", "login", "display_name", "name", "user_name")
#: Sources that know people by a number, and where a person finds it.
NUMBERED = {
    "bluesky": "the account's DID (did:plc:…), which any resolver of handles shows",
    "discourse": "HOST|NUMBER, the forum and the user's number (/u/NAME.json shows it as id)",
    "github": "github.com/NUMBER (https://api.github.com/users/NAME shows it as id)",
    "stackexchange": "account NUMBER, from the address stackexchange.com/users/NUMBER",
    "wordpress": "SITE#user:NUMBER, the site and the number of the user's account there",
}


def identities(source: str, account: str) -> tuple[str, ...]:
    """What an account may be keyed by at a source, the likeliest first; as written at least."""
    written = account.strip()
    bare = written.removeprefix("@")
    found = [*_named(source, written), written, bare, bare.lower()]
    return tuple(dict.fromkeys(name for name in found if name))


def words(account: str) -> tuple[str, ...]:
    """What an account is called in texts and addresses: with its server, and as written."""
    written = account.strip().removeprefix("acct:")
    found = [written.removeprefix("@")]
    if match := _AT_SERVER.fullmatch(written):
        name, server = match.groups()
        found += [f"{server}/@{name}", f"{server}/users/{name}", f"{server}/u/{name}"]
    elif match := _PROFILE.fullmatch(written):
        server, name = match.groups()
        name = name.removeprefix("@")
        found += [*words(name if "@" in name or ":" in name else f"{name}@{server}")]
    return tuple(dict.fromkeys(word.lower() for word in found if word))


def shown_identities(source: str, account: str, place: str, answer: object) -> Iterator[str]:
    """Identities that a decoded answer of a platform shows beside the name of an account.

    Args:
        source: the platform.
        account: the name, with or without its server.
        place: where its numbers count (`place_of_answer`).
        answer: as decoded from JSON.
    """
    make = _NUMBERS.get(source)
    names = {word.partition("@")[0] for word in words(account)} | set(words(account))
    if make is not None:
        for shown in _objects(answer):
            if names & {str(shown.get(key, "")).lower() for key in _NAMES}:
                yield from make(place, shown)


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for part in value.values():
            yield from _objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part)


def _named(source: str, account: str) -> Iterator[str]:
    if source in {"mastodon", "lemmy"}:
        yield from _at_server(account)
    elif source == "bluesky" and (did := _DID.search(account)):
        yield did[0]
    elif source == "stackexchange" and (match := _STACK_EXCHANGE.fullmatch(account)):
        yield f"account {match[1]}"
    elif source == "hackernews" and (match := _HACKER_NEWS.fullmatch(account)):
        yield match[1]
    elif source == "reddit":
        yield account.rstrip("/").rpartition("/")[2].lower()


def _at_server(account: str) -> Iterator[str]:
    if match := _AT_SERVER.fullmatch(account):
        yield f"{match[1]}@{match[2]}".lower()
    elif match := _PROFILE.fullmatch(account):
        server, name = match[1], match[2].removeprefix("@")
        yield (name if "@" in name else f"{name}@{server}").lower()


def _by_did(_: str, shown: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(did := shown.get("did"), str):
        yield did


def _by_number(place: str, shown: Mapping[str, Any], pattern: str, *keys: str) -> Iterator[str]:
    for key in keys:
        if isinstance(number := shown.get(key), int):
            yield pattern.format(place=place, number=number)


def _at_forum(place: str, shown: Mapping[str, Any]) -> Iterator[str]:
    yield from _by_number(place, shown, "{place}|{number}", "user_id", "id")


def _at_forge(place: str, shown: Mapping[str, Any]) -> Iterator[str]:
    yield from _by_number(place, shown, "{place}/{number}", "id")


def _in_network(place: str, shown: Mapping[str, Any]) -> Iterator[str]:
    yield from _by_number(place, shown, "account {number}", "account_id")
    yield from _by_number(place, shown, "{place} user {number}", "user_id")


_NUMBERS: dict[str, Callable[[str, Mapping[str, Any]], Iterator[str]]] = {
    "bluesky": _by_did,
    "discourse": _at_forum,
    "github": _at_forge,
    "stackexchange": _in_network,
}


def place_of_answer(source: str, url: str, address: str) -> str:
    """Where the numbers of people in an answer count: a forum, a forge, a site."""
    if source == "discourse":
        return address.rstrip("/").partition("://")[2].lower()
    try:
        host = urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
    return "github.com" if host == "api.github.com" else host
