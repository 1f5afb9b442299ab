"""Registers of accounts: CSV of the U.S. Digital Registry, Govdirectory, others; Wikidata JSON.

A register has one row an account (a column with its address), or one row an organization with
a column for each platform. Rows of the same organization are put together.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from textwrap import shorten
from typing import TYPE_CHECKING

from connectors.discovering.account import Account, Clue, ClueKind, Found
from connectors.discovering.platforms import mastodon_account, recognized
from connectors.discovering.sitepage import absolute
from connectors.discovering.wikidata import ItemError, read_items
from flows.errors import InputError
from flows.organizations.proposal import (
    ProposedOrganization,
    free_identifier,
    propose_channel,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from connectors.discovering.wikidata import Item

#: What each meaning is called in the registers that are known; letters and digits only.
KNOWN_COLUMNS: dict[str, tuple[str, ...]] = {
    "organization": (
        "organization",
        "organisation",
        "agency",
        "agencies",
        "agencyname",
        "organizationname",
        "orglabel",
        "itemlabel",
        "institution",
        "name",
    ),
    "homepage": (
        "homepage",
        "website",
        "officialwebsite",
        "agencyurl",
        "organizationurl",
        "site",
        "infourl",
    ),
    "country": ("country", "countrycode", "isocode"),
    "platform": ("platform", "service", "servicekey", "network", "socialmedia", "accounttype"),
    "url": ("serviceurl", "url", "accounturl", "link", "profileurl", "profile"),
    "account": ("account", "handle", "username", "screenname", "accountname"),
    "status": ("status",),
}
#: Columns that name a platform and hold its accounts.
PLATFORM_COLUMNS = {
    "mastodon": "mastodon",
    "mastodonaddress": "mastodon",
    "p4033": "mastodon",
    "bluesky": "bluesky",
    "blueskyhandle": "bluesky",
    "p12361": "bluesky",
    "github": "github",
    "githubusername": "github",
    "p2037": "github",
    "youtube": "youtube",
    "youtubechannelid": "youtube",
    "p2397": "youtube",
    "subreddit": "reddit",
    "reddit": "reddit",
    "p3984": "reddit",
    "twitter": "x",
    "x": "x",
    "xusername": "x",
    "twitterusername": "x",
    "p2002": "x",
    "facebook": "facebook",
    "facebookusername": "facebook",
    "facebookid": "facebook",
    "p2013": "facebook",
    "instagram": "instagram",
    "instagramusername": "instagram",
    "p2003": "instagram",
    "linkedin": "linkedin",
    "linkedincompanyid": "linkedin",
    "p4264": "linkedin",
    "tiktok": "tiktok",
    "rss": "feeds",
    "feed": "feeds",
    "webfeed": "feeds",
    "webfeedurl": "feeds",
    "p1019": "feeds",
}
#: Where the profile of a handle is, by platform.
_PROFILES = {
    "bluesky": "https://bsky.app/profile/{}",
    "github": "https://github.com/{}",
    "reddit": "https://www.reddit.com/r/{}",
    "x": "https://x.com/{}",
    "facebook": "https://www.facebook.com/{}",
    "instagram": "https://www.instagram.com/{}",
    "linkedin": "https://www.linkedin.com/company/{}",
    "tiktok": "https://www.tiktok.com/@{}",
    "threads": "https://www.threads.net/@{}",
}
#: What registers call platforms that we call otherwise.
_PLATFORM_NAMES = {"twitter": "x", "subreddit": "reddit", "rss": "feeds", "feed": "feeds"}
_INACTIVE = {"archived", "inactive", "deleted", "closed", "retired", "draft"}
_SEVERAL = re.compile(r"[;|\n]|,(?=\s*https?://)")
_SHOWN_LENGTH = 60
_COUNTRY = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class AccountList:
    """What a register came to.

    `left_out` says of each row or cell that could not be read where it is, what is wrong with
    it, and what to do.
    """

    organizations: tuple[ProposedOrganization, ...]
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class _Entry:
    """One organization under way."""

    name: str
    homepage: str = ""
    country: str = ""
    found: dict[tuple[str, str], Found] = field(default_factory=dict)

    def add(self, account: Account, seen_at: str) -> None:
        clue = Clue(ClueKind.REGISTRY, seen_at)
        self.found.setdefault(account.key, Found(account, (clue,)))


def read_columns(text: str) -> dict[str, str]:
    """The meaning of columns as `--columns` gives it: `organization=Agency,url=Link`.

    Raises:
        InputError: a part is no pair, or its meaning is unknown.
    """
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    known = (*KNOWN_COLUMNS, *sorted(set(PLATFORM_COLUMNS.values())))
    named = {meaning.strip(): column.strip() for meaning, _, column in pairs}
    for meaning, column in named.items():
        if meaning not in known or not column:
            problem = (
                f"--columns {meaning}={column}: write MEANING=COLUMN; "
                f"meanings are {', '.join(known)}"
            )
            raise InputError(problem)
    return named


def read_account_list(path: Path, columns: Mapping[str, str]) -> AccountList:
    """The organizations of a register, in its order, with their accounts.

    Raises:
        InputError: the file is none that can be read, or nothing in it could be.
    """
    try:
        document = path.read_bytes()
    except OSError as error:
        problem = f"{path}: cannot be read: {error.strerror}"
        raise InputError(problem) from error
    start = document.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if path.suffix.lower() == ".json" or start in {b"{", b"["}:
        return AccountList(tuple(_from_wikidata(path, document)))
    reading = _Reading(path, columns)
    reading.rows(_text(path, document))
    organizations = reading.organizations()
    if not any(organization.channels for organization in organizations):
        nothing = f"{path}:1: lists no account; is it the right file?"
        raise InputError(*(reading.problems or [nothing]))
    return AccountList(tuple(organizations), tuple(reading.problems))


def _text(path: Path, document: bytes) -> str:
    try:
        return document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = document[: error.start].count(b"\n") + 1
        problem = f"{path}:{line}: not UTF-8 text; save it as UTF-8 (Excel calls it CSV UTF-8)"
        raise InputError(problem) from error


def _from_wikidata(path: Path, document: bytes) -> list[ProposedOrganization]:
    try:
        items = read_items(document)
    except ItemError as error:
        problem = f"{path}: {error}"
        raise InputError(problem) from error
    taken: set[str] = set()
    return [_from_item(item, taken) for item in items]


def _from_item(item: Item, taken: set[str]) -> ProposedOrganization:
    clue = (Clue(ClueKind.WIKIDATA, item.url),)
    return ProposedOrganization(
        organization_id=free_identifier(item.label, item.item_id, taken=taken),
        name=item.label,
        homepage=item.websites[0] if item.websites else "",
        channels=tuple(propose_channel(Found(account, clue)) for account in item.accounts),
        notes=(f"from {item.url}, which anybody can edit: check it",),
    )


class _Reading:
    """Collects rows by organization, and problems."""

    def __init__(self, path: Path, columns: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._path = path
        self._given = columns
        self._meanings: dict[str, str] = {}
        self._platforms: dict[str, str] = {}
        self._entries: dict[str, _Entry] = {}

    def rows(self, text: str) -> None:
        first_line = text.partition("\n")[0]
        delimiter = max(",;\t", key=first_line.count)
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="")
        try:
            if self._read_header([name or "" for name in rows.fieldnames or ()]):
                for row in rows:
                    self._row(rows.line_num, row)
        except csv.Error as error:
            self._report(rows.line_num + 1, f"not valid CSV: {error}; save it as CSV once more")

    def organizations(self) -> list[ProposedOrganization]:
        taken: set[str] = set()
        return [
            ProposedOrganization(
                organization_id=free_identifier(entry.name, taken=taken),
                name=entry.name,
                homepage=entry.homepage,
                country=entry.country,
                channels=tuple(map(propose_channel, entry.found.values())),
            )
            for entry in self._entries.values()
        ]

    def _read_header(self, header: list[str]) -> bool:
        """Which column is what: as given, else by the names that registers use."""
        for meaning, column in self._given.items():
            if column not in header:
                there = ", ".join(filter(None, header))
                self._report(1, f"no column {column!r}, which --columns names; there are {there}")
            elif meaning in KNOWN_COLUMNS:
                self._meanings[meaning] = column
            else:
                self._platforms[column] = meaning
        plain = {_plain(name): name for name in reversed(header)}
        for meaning, names in KNOWN_COLUMNS.items():
            known = next((plain[name] for name in names if name in plain), "")
            self._meanings.setdefault(meaning, known)
        taken = set(self._meanings.values())
        for name in header:
            if _plain(name) in PLATFORM_COLUMNS and name not in taken:
                self._platforms.setdefault(name, PLATFORM_COLUMNS[_plain(name)])
        self._check_header(header)
        return not self.problems

    def _check_header(self, header: list[str]) -> None:
        there = ", ".join(filter(None, header)) or "none"
        if not self._meanings["organization"]:
            remedy = "say which it is with --columns organization=COLUMN"
            self._report(1, f"no column that names the organization; {remedy}; there are {there}")
        if not (self._meanings["url"] or self._meanings["account"] or self._platforms):
            remedy = "say which it is with --columns url=COLUMN"
            self._report(1, f"no column with addresses of accounts; {remedy}; there are {there}")

    def _row(self, line: int, row: Mapping[str, str | list[str] | None]) -> None:
        cells = {key: value.strip() for key, value in row.items() if isinstance(value, str)}
        if not any(cells.values()):
            return
        names = self._cell(cells, "organization")
        if not names:
            column = self._meanings["organization"]
            self._report(line, f"column {column!r} is empty; name the organization")
            return
        if self._cell(cells, "status").lower() in _INACTIVE:
            return
        entry = self._entry(_SEVERAL.split(names)[0].strip(), cells)
        for column, account in self._accounts(line, cells):
            entry.add(account, f"{self._path.name}:{line} {column}")

    def _entry(self, name: str, cells: Mapping[str, str]) -> _Entry:
        entry = self._entries.setdefault(name.casefold(), _Entry(name))
        entry.homepage = entry.homepage or absolute("", self._cell(cells, "homepage"))
        country = self._cell(cells, "country")
        if _COUNTRY.fullmatch(country):
            entry.country = entry.country or country.upper()
        return entry

    def _accounts(self, line: int, cells: Mapping[str, str]) -> Iterator[tuple[str, Account]]:
        columns = dict(self._platforms)
        main = self._meanings["url"] if self._cell(cells, "url") else self._meanings["account"]
        if main:
            columns[main] = _platform_name(self._cell(cells, "platform"))
        for column, platform in columns.items():
            for value in filter(None, map(str.strip, _SEVERAL.split(cells.get(column, "")))):
                account = account_of(platform, value)
                if account is None:
                    self._report(line, f"column {column!r}: {_unreadable(platform, value)}")
                else:
                    yield column, account

    def _cell(self, cells: Mapping[str, str], meaning: str) -> str:
        return cells.get(self._meanings[meaning], "")

    def _report(self, line: int, sentence: str) -> None:
        self.problems.append(f"{self._path}:{line}: {sentence}")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _platform_name(text: str) -> str:
    name = re.sub(r"[^a-z0-9]", "", text.lower())
    return _PLATFORM_NAMES.get(name, name)


def account_of(platform: str, value: str) -> Account | None:
    """The account that a cell names, as an address or as a handle; None where nobody can tell."""
    value = value.strip()
    if value.startswith(("http://", "https://")):
        return _by_address(platform, value)
    if platform in {"mastodon", ""} and (match := re.fullmatch(r"@?(\w[\w.-]*)@([\w.:-]+)", value)):
        return mastodon_account(match[1], match[2].lower())
    if platform == "youtube" and re.fullmatch(r"UC[\w-]{22}", value):
        return recognized(f"https://www.youtube.com/channel/{value}")
    if platform == "youtube":
        return recognized(f"https://www.youtube.com/@{value.removeprefix('@')}")
    if platform in _PROFILES:
        name = value.removeprefix("@").removeprefix("r/")
        return recognized(_PROFILES[platform].format(name))
    return None


def _by_address(platform: str, value: str) -> Account | None:
    url = absolute("", value)
    account = recognized(url) if url else None
    if account is not None or not url:
        return account
    source = platform or "website"
    return Account(source=source, address=url, url=url)


def _unreadable(platform: str, value: str) -> str:
    shown = shorten(value, _SHOWN_LENGTH, placeholder=" …")
    what = f"no account at {platform}" if platform else "no address of an account"
    return f"{shown!r} is {what}; give the whole address, with https://"
