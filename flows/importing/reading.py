"""From the cells of a table to rows as they may be stored: people without their names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import compress
from typing import TYPE_CHECKING, Any

from connectors.apis.acts import act_id, thread_id
from connectors.contract import AuthorRole, Channel, Direction, Evidence, FoundThrough, ThreadShape
from connectors.feeddocument.text import language_tag
from flows.errors import InputError
from flows.importing.cells import Cells, count_of, text_of
from flows.importing.chunk import is_missing
from flows.importing.column import Unknown
from flows.importing.mapping import NEEDED, WHOSE, ImportMapping
from flows.importing.moments import Calendar
from flows.importing.tally import Tally, yes_or_no
from flows.importing.texts import features, questions, wordings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flows.importing.authors import Authors
    from flows.importing.chunk import Chunk
    from flows.importing.leftout import LeftOut
    from flows.importing.moments import Dated
    from flows.importing.roster import Roster

#: Goes with every imported activity, as a connector's version does with a collected one.
VERSION = "import/1"
#: The list that imported activities stand in; no page of a platform has it.
LISTED_IN = "import"
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: Fields of a closed vocabulary; a kind is any word.
_CHECKED: dict[str, set[str]] = {
    "kind": set(),
    "direction": {one.value for one in Direction},
    "author_role": {one.value for one in AuthorRole},
    "found_through": {one.value for one in FoundThrough},
    "thread_shape": {one.value for one in ThreadShape},
}
_ORGANIZATION, _STAFF = AuthorRole.ORGANIZATION.value, AuthorRole.STAFF.value
_OUTSIDER, _BY_ORGANIZATION = AuthorRole.OUTSIDER.value, Direction.BY_ORGANIZATION.value
_ACCOUNT, _LISTING = Evidence.CHANNEL_ACCOUNT.value, FoundThrough.LISTING.value
_OWN = {_ORGANIZATION, _STAFF}
#: Kinds that answer something, even where nothing says what.
_ANSWERING = {"reply", "comment", "review"}
_IMPORTED = "imported"  # the file says who belongs to the organization
_PRESENCE_COUNTS = (
    *("follower_count", "member_count", "active_member_count", "active_days"),
    *("contributor_count", "post_count"),
)
_PRESENCE_MARKS = (
    *("is_verified", "has_description", "has_site_link", "has_avatar", "has_contact"),
    *("has_rules", "is_linked_back"),
)

Columns = dict[str, list[Any]]


@dataclass(slots=True)
class Reader:
    """Reads the rows of one import, and counts what it sees.

    `imported_at` is the moment of the import (UTC): when we came to know all of it.
    """

    mapping: ImportMapping
    roster: Roster
    authors: Authors
    imported_at: datetime
    left_out: LeftOut
    tallies: dict[str, Tally] = field(default_factory=dict)
    row_count: int = 0
    skipped_count: int = 0
    _calendar: Calendar = field(init=False)
    _naive: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._calendar = Calendar(self.mapping.time_formats, self.mapping.zone, self.imported_at)
        self._naive = self.imported_at.astimezone(UTC).replace(tzinfo=None)

    def read(self, chunk: Chunk, table_name: str) -> Columns:
        """The usable rows of a chunk as columns of the landed table; the others are left out."""
        cells = self._cells(chunk)
        channels = self._channels(cells, len(chunk.numbers))
        reasons = self._reasons(cells, channels)
        meant = self._meant(chunk)
        for number, reason, is_meant in zip(chunk.numbers, reasons, meant, strict=True):
            if reason and is_meant:
                self.left_out.add(f"{table_name}:{number}", reason)
        self.row_count += len(meant)
        self.skipped_count += meant.count(False)
        usable = [is_meant and not why for is_meant, why in zip(meant, reasons, strict=True)]
        kept = {name: list(compress(column, usable)) for name, column in cells.items()}
        owners = [c for c in compress(channels, usable) if isinstance(c, Channel)]
        return self._presences(kept, owners) if self._is_presence else self._acts(kept, owners)

    @property
    def _is_presence(self) -> bool:
        return self.mapping.table == "presences"

    def _cells(self, chunk: Chunk) -> dict[str, Sequence[Any]]:
        return {name: column.of(chunk) for name, column in self.mapping.columns.items()}

    def _meant(self, chunk: Chunk) -> list[bool]:
        """Which rows the mapping wants: totals and private drafts are none."""
        meant = [True] * len(chunk.numbers)
        for values, is_wanted in ((self.mapping.skip, False), (self.mapping.keep, True)):
            for name, texts in values.items():
                for place, cell in enumerate(chunk.column(name) or ()):
                    meant[place] &= (text_of(cell) in texts) is is_wanted
        return meant

    def _channels(self, cells: dict[str, Sequence[Any]], count: int) -> list[Channel | str]:
        nothing = [""] * count
        columns = [cells.get(name, nothing) for name in WHOSE]
        known: dict[tuple[Any, ...], Channel | str] = {}
        found = []
        for whose in zip(*columns, strict=True):
            if whose not in known:
                unknown = next((cell for cell in whose if isinstance(cell, Unknown)), None)
                texts = dict(zip(WHOSE, map(text_of, whose), strict=True))
                known[whose] = unknown.reason if unknown else self.roster.channel(texts)
            found.append(known[whose])
        return found

    def _reasons(
        self, cells: dict[str, Sequence[Any]], channels: Sequence[Channel | str]
    ) -> list[str]:
        """Why each row cannot be used; "" for those that can."""
        reasons = ["" if isinstance(one, Channel) else one for one in channels]
        for name, column in cells.items():
            is_needed = name in NEEDED[self.mapping.table]
            if name in _CHECKED or self.mapping.columns[name].values or is_needed:
                _note(reasons, column, _wrong(name, column, is_needed=is_needed))
        if self._is_presence:
            self._note_undated(reasons, cells["observed_at"])
        else:
            self._note_refused(reasons, cells, channels)
        return reasons

    def _note_refused(
        self,
        reasons: list[str],
        cells: Mapping[str, Sequence[Any]],
        channels: Sequence[Channel | str],
    ) -> None:
        """Nothing is taken in of people who objected (rule R9)."""
        owners = {place: one for place, one in enumerate(channels) if isinstance(one, Channel)}
        if "author" not in cells or not self.authors.suppressed.secret:
            return
        self.authors.meet({channel.source for channel in owners.values()})
        dates = self._calendar.dated(cells["occurred_at"])
        for place, channel in owners.items():
            author = text_of(cells["author"][place])
            if self.authors.refuses(author, channel.source, dates[place].at):
                reasons[place] = reasons[place] or "its author objected"

    def _note_undated(self, reasons: list[str], column: Sequence[Any]) -> None:
        """A size at no moment says nothing; of an act, it says that there was one."""
        for place, one in enumerate(self._calendar.dated(column)):
            if one.date_flag and not reasons[place]:
                reasons[place] = f"observed at {text_of(column[place])[:40]!r}: {one.date_flag}"

    def _acts(self, cells: Mapping[str, Sequence[Any]], owners: list[Channel]) -> Columns:
        count = len(owners)
        row = Cells(cells, count)
        dates = self._calendar.dated(row["occurred_at"])
        directions = [text_of(cell) for cell in row["direction"]]
        roles = [_role(*pair) for pair in zip(row["author_role"], directions, strict=True)]
        words = wordings(row, self.mapping)
        is_own = [role == _ORGANIZATION for role in roles]
        authors = [None if own else cell for own, cell in zip(is_own, row["author"], strict=True)]
        threads = [thread_id(*p) for p in zip(owners, map(text_of, row["thread"]), strict=True)]
        parents = [act_id(*pair) for pair in zip(owners, map(text_of, row["parent"]), strict=True)]
        self._count(row, owners, dates, threads)
        return {
            "activity_id": [
                act_id(*pair) for pair in zip(owners, map(text_of, row["event_id"]), strict=True)
            ],
            "channel_id": [channel.channel_id for channel in owners],
            "organization_id": [channel.organization_id for channel in owners],
            "kind": list(map(text_of, row["kind"])),
            "direction": directions,
            "occurred_at": [None if one.date_flag else one.at for one in dates],
            "published_at": [one.at for one in dates],
            "updated_at": [one.at for one in self._calendar.dated(row["updated_at"])],
            "first_seen_at": [self._naive] * count,
            "time_precision": [one.precision for one in dates],
            "date_flag": [one.date_flag for one in dates],
            "identity_basis": [self._identity_basis] * count,
            "is_repeated": [False] * count,
            "author_key": self._author_keys(authors, owners, dates),
            "author_role": roles,
            "author_evidence": _evidences(row["author_evidence"], roles),
            "parent_id": parents,
            "thread_id": threads,
            "thread_shape": _shapes(row["thread_shape"], threads),
            "listed_in": [LISTED_IN] * count,
            "found_through": [text_of(c) or _LISTING for c in row["found_through"]],
            "is_question": questions(row["is_question"], words),
            "is_accepted_answer": [yes_or_no(cell) for cell in row["is_accepted_answer"]],
            "language": [language_tag(text_of(cell)) for cell in row["language"]],
            **features(words, row, is_own),
            "like_count": [count_of(cell) for cell in row["like_count"]],
            "reply_count": [count_of(cell) for cell in row["reply_count"]],
            "repost_count": [count_of(cell) for cell in row["repost_count"]],
            "connector_version": [f"{VERSION} {self.mapping.name}"] * count,
            "asks_parent": self._asking(row["kind"], parents, directions),
        }

    @property
    def _identity_basis(self) -> str:
        return "content" if self.mapping.columns["event_id"].digest else "id"

    def _asking(
        self, kinds: Sequence[Any], parents: Sequence[str], directions: Sequence[str]
    ) -> list[bool]:
        """Rows of which only what they answer tells whether they speak to the organization."""
        if self.mapping.replies != "by_parent":
            return [False] * len(parents)
        inbound = Direction.TO_ORGANIZATION.value
        rows = zip(kinds, parents, directions, strict=True)
        return [
            way == inbound and (bool(p) or text_of(kind) in _ANSWERING) for kind, p, way in rows
        ]

    def _author_keys(
        self, authors: Sequence[Any], owners: Sequence[Channel], dates: Sequence[Dated]
    ) -> list[str]:
        self.authors.meet({channel.source for channel in owners})
        rows = zip(authors, owners, dates, strict=True)
        return [self.authors.key_of(text_of(who), c.source, one.at) for who, c, one in rows]

    def _count(
        self,
        row: Cells,
        owners: Sequence[Channel],
        dates: Sequence[Dated],
        threads: Sequence[str],
    ) -> None:
        for channel, one, thread in zip(owners, dates, threads, strict=True):
            tally = self._tally(channel)
            tally.add(one.at, one.date_flag)
            tally.has_threads |= bool(thread)
        self._hear(row, owners)

    def _hear(self, row: Cells, owners: Sequence[Channel]) -> None:
        """What rows say of the span that is covered: each saying once."""
        names = ("covered_from", "covered_until", "is_dialogue_whole")
        if not set(names) & set(self.mapping.columns):
            return
        columns = [row[name] for name in names]
        for channel, *said in dict.fromkeys(zip(owners, *columns, strict=True)):
            begin, end, whole = said
            try:
                self._tally(channel).say(begin, end, yes_or_no(whole))
            except InputError as error:
                self.left_out.add(f"{channel.address}, what is covered", str(error))

    def _tally(self, channel: Channel) -> Tally:
        name = channel.channel_id
        if name not in self.tallies:
            self.tallies[name] = Tally(channel)
        return self.tallies[name]

    def _presences(self, cells: Mapping[str, Sequence[Any]], owners: list[Channel]) -> Columns:
        row = Cells(cells, len(owners))
        dates = self._calendar.dated(row["observed_at"])
        for channel, one in zip(owners, dates, strict=True):
            self._tally(channel).add(one.at, one.date_flag)
        marks = {name: [yes_or_no(cell) for cell in row[name]] for name in _PRESENCE_MARKS}
        return {
            "channel_id": [channel.channel_id for channel in owners],
            "organization_id": [channel.organization_id for channel in owners],
            "observed_at": [None if one.date_flag else one.at for one in dates],
            **{name: [count_of(cell) for cell in row[name]] for name in _PRESENCE_COUNTS},
            **marks,
            "verification": [
                text_of(kind) if mark else ""
                for kind, mark in zip(row["verification"], marks["is_verified"], strict=True)
            ],
        }


def _note(reasons: list[str], column: Sequence[Any], wrong: Mapping[Any, str]) -> None:
    """Write down why rows cannot be used, where nothing is written yet."""
    if wrong:
        for place, cell in enumerate(column):
            reasons[place] = reasons[place] or wrong.get(cell, "")


def _wrong(name: str, column: Iterable[Any], *, is_needed: bool) -> dict[Any, str]:
    """What is wrong with the values of a field, by value; each is looked at once."""
    found = {cell: _why_wrong(name, cell, is_needed=is_needed) for cell in set(column)}
    return {cell: why for cell, why in found.items() if why}


def _why_wrong(name: str, cell: object, *, is_needed: bool) -> str:
    if isinstance(cell, Unknown):
        return cell.reason
    if is_missing(cell):
        return f"no {name.replace('_', ' ')}" if is_needed else ""
    if name == "kind" and not _KIND.fullmatch(text_of(cell)):
        return f"kind {str(cell)[:60]!r} is no word such as post or reply"
    allowed = _CHECKED.get(name)
    if not allowed or cell in allowed:
        return ""
    return f"{name} {str(cell)[:60]!r} is none of {', '.join(sorted(allowed - {''}))}"


def _role(cell: object, direction: str) -> str:
    """An author's role; the direction knows better who belongs to the organization."""
    role = text_of(cell)
    if direction == _BY_ORGANIZATION:
        return role if role in _OWN else _STAFF if role else _ORGANIZATION
    return _OUTSIDER if not role or role in _OWN else role


def _evidences(cells: Sequence[Any], roles: Sequence[str]) -> list[str]:
    return [_evidence(cell, role) for cell, role in zip(cells, roles, strict=True)]


def _evidence(cell: object, role: str) -> str:
    if role not in _OWN:
        return ""
    return text_of(cell) or (_ACCOUNT if role == _ORGANIZATION else _IMPORTED)


def _shapes(cells: Sequence[Any], threads: Sequence[str]) -> list[str]:
    return [text_of(cell) if thread else "" for cell, thread in zip(cells, threads, strict=True)]
