"""The worlds of specifications, built as the product builds its own.

Cases become pages that are landed, loaded and measured; cases that share a build are an
organization each.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import count

import pyarrow as pa
from specified_cases import SpecificationError, moment

from warehouse.build import Clock, build
from warehouse.landing import SCHEMAS, blank, write_landing
from warehouse.load import load_landed
from warehouse.register import register_organizations, register_sources

_LISTED_AT = datetime(2020, 1, 1, tzinfo=UTC)
#: Sources by what the terms register says: may derive, shows dialogue, organizations publish.
_SOURCES = {
    "feeds": (True, False, True),
    "mastodon": (True, True, True),
    "bluesky": (True, True, True),
    "discourse": (True, True, True),
    "github": (True, True, True),
    "wordpress": (True, True, True),
    "stackexchange": (True, True, False),
    "youtube": (False, False, True),
}
_OWN = {"organization": "channel_account", "staff": "staff_flag"}
_COLUMNS = {
    "link": "link_key",
    "sketch": "text_sketch",
    "likes": "like_count",
    "replies": "reply_count",
    "reposts": "repost_count",
    "followers": "follower_count",
    "members": "member_count",
}
_READ = {"when", "channel", "kind", "by", "to", "name", "in reply to", "thread", "shape", "asks"}
_READ_TOO = {"found", "text"}
#: Marks of a profile that a platform may not have: unknown, not missing.
_NOT_SHOWN = {field.name: None for field in SCHEMAS["presences"] if pa.types.is_boolean(field.type)}
_TEXT_LENGTH = 120  # characters of an act, unless it says otherwise
#: A landed batch has these once; the newest page comes last and wins.
_KEYS = {"activities": "activity_id", "cursors": "channel_id"}


def measure(connection, folder, cases):
    """Measurements of cases that share an as-of day, by case and signal.

    Args:
        connection: an empty warehouse.
        folder: where pages are landed.
        cases: of one as-of day.
    """
    as_of = cases[0].as_of
    written = [
        WrittenWorld(name, case.name, world, as_of)
        for case in cases
        for name, world in named_worlds(case)
    ]
    register_organizations(connection, [one.organization() for one in written], _LISTED_AT)
    register_sources(connection, [_source(name) for name in _SOURCES])
    for number, pages in enumerate(_batches(written)):
        _load(connection, folder, f"batch-{number:02}", pages)
    clock = Clock(as_of=as_of, known_at=as_of)
    build(connection, clock)
    return _measured(connection, clock.as_of_week)


def named_worlds(case):
    """The organizations of a case by their identifiers, its own first."""
    yield case.name, case.world
    for number, peer in enumerate(case.peers, start=1):
        yield f"{case.name}-peer-{number}", peer


def _source(name):
    may_derive, shows_dialogue, publishes = _SOURCES[name]
    return {
        "source": name,
        "terms_url": "",
        "is_enabled": True,
        "may_derive": may_derive,
        "shows_dialogue": shows_dialogue,
        "publishes": publishes,
    }


def _batches(written):
    """Pages by batch: a span that was seen waits for the earlier ones of its channel."""
    batches = defaultdict(list)
    for one in written:
        for number, page in one.pages():
            batches[number].append(page)
    return [batches[number] for number in sorted(batches)]


def _load(connection, folder, file_id, pages):
    tables = defaultdict(list)
    for page in sorted(pages, key=lambda page: page["attempts"][0]["fetched_at"]):
        for name, rows in page.items():
            tables[name] += rows
    for name, key in _KEYS.items():
        tables[name] = list({row[key]: row for row in tables[name]}.values())
    columns = {name: _columns(name, rows) for name, rows in tables.items() if rows}
    load_landed(connection, write_landing(folder, file_id, columns), "run")


def _columns(table, rows):
    return {
        field.name: [row.get(field.name, _blank(field.type)) for row in rows]
        for field in SCHEMAS[table]
    }


def _blank(kind):
    if pa.types.is_list(kind):
        return []
    return b"" if pa.types.is_binary(kind) else blank(kind)


def _measured(connection, week):
    result = connection.execute(
        "from signals.measurements where as_of_week = $week", {"week": week}
    )
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {(row["organization_id"], row["signal_code"]): row for row in rows}


class WrittenWorld:
    """One organization of a specification, as records and pages."""

    def __init__(self, name, industry, world, as_of):
        self.name = name
        self.industry = industry
        self.as_of = as_of
        self.attributes = world.attributes
        self.tables = defaultdict(list, world.tables)
        self._numbers = count(1)
        self._acts = [self._act(row) for row in self.tables["acts"]]

    def organization(self):
        """The record of the list of organizations."""
        return {
            "organization_id": self.name,
            "name": self.name,
            "industry": self.industry,
            "size_class": "",
            "country": "",
            "timezone": "UTC",
            "homepage": "",
            **self.attributes,
            "channels": [self._channel(row) for row in self.tables["channels"]],
        }

    def _channel(self, row):
        return {
            "channel_id": self._own(row["channel"]),
            "organization_id": self.name,
            "source": row.get("source") or "feeds",
            "address": f"https://{self.name}.example/{row['channel']}",
            "role": row.get("role") or "official",
            "function": row.get("function", ""),
            "region": row.get("region", ""),
            "evidence": "",
        }

    def pages(self):
        """Pages with the number of the batch that they come in."""
        yield from self._listings()
        yield from ((0, page) for page in self._threads())
        for row in self.tables["failures"]:
            at = moment(row["when"])
            yield 0, self._page(row["channel"], at, outcome=row["outcome"])
        for row in self.tables["presences"]:
            yield 0, self._presence(row)
        for row in self.tables["periods"]:
            yield 0, self._period(row)
        self._check_all_known()

    def _listings(self):
        earlier = defaultdict(int)
        for row in sorted(self.tables["seen"], key=lambda row: moment(row["until"])):
            yield earlier[row["channel"]], self._listing(row)
            earlier[row["channel"]] += 1

    def _listing(self, row):
        """One page with all of a span, and an undated entry that is new.

        Where every entry is new, what came between two pages may have been missed: so nothing
        counts as seen but the spans.
        """
        since, until = moment(row["from"]), moment(row["until"])
        entries = self._claim(row["channel"], since, until)
        undated = {"activity_id": self._new("undated"), "date_flag": "missing", "kind": "post"}
        undated |= {"direction": "by_organization", "author_role": "organization"}
        undated |= {"found_through": "listing", "identity_basis": "id"}
        page = self._page(row["channel"], until, [*entries, undated])
        listing = {"document_format": "rss20", "parser": "strict", "entry_count": len(entries) + 1}
        page["listings"] = [page["attempts"][0] | listing | {"listed_from": since}]
        return page

    def _claim(self, channel, since, until):
        """The listed acts of a span, each once."""
        found = [
            act
            for act in self._acts
            if act["channel_id"] == self._own(channel)
            and act["found_through"] == "listing"
            and since <= act["occurred_at"] <= until
            and not act["is_claimed"]
        ]
        for act in found:
            act["is_claimed"] = True
        return found

    def _threads(self):
        """One page a thread, fetched when it was last read."""
        views = {self._own(row["thread"]): row for row in self.tables["threads"]}
        threads = defaultdict(list)
        for act in self._acts:
            if act["thread_id"]:
                threads[act["thread_id"]].append(act)
        for thread, acts in threads.items():
            if views.get(thread, {}).get("read") != "never":
                yield self._thread(thread, acts, views.get(thread, {}))

    def _thread(self, thread, acts, view):
        at = moment(view["read"]) if view.get("read") else self.as_of
        shown = [act for act in acts if act["occurred_at"] <= at and not act["is_claimed"]]
        for act in shown:
            act["is_claimed"] = True
        channel = acts[0]["channel_id"].removeprefix(f"{self.name}.")
        page = self._page(channel, at, shown, purpose="detail")
        page["threads"] = [
            page["attempts"][0]
            | {
                "thread_id": thread,
                "reply_count": len(acts),
                "shown_count": len(acts),
                "is_truncated": view.get("hidden") == "yes",
                "withheld_count": 0,
            }
        ]
        return page

    def _check_all_known(self):
        for row in self.tables["periods"]:
            self._claim(row["channel"], moment(row["from"]), moment(row["until"]))
        for act in self._acts:
            if not act["is_claimed"]:
                problem = (
                    f"{self.name}: nothing shows the act of {act['occurred_at']:%Y-%m-%d %H:%M} in "
                    f"{act['channel_id']}; let a span of `seen` hold it, or read its thread later"
                )
                raise SpecificationError(problem)

    def _page(self, channel, at, entries=(), *, outcome="ok", purpose="read"):
        """What one attempt leaves: rows by landed table."""
        place = {
            "page_id": self._new("page"),
            "channel_id": self._own(channel),
            "organization_id": self.name,
            "observed_at": at,
            "fetched_at": at,
            "first_seen_at": at,
            "last_attempt_at": at,
            "outcome": outcome,
            "last_outcome": outcome,
            "byte_count": 1,
            "purpose": purpose,
            "rhythm": "{}",
            "adoption": "{}",
        }
        return {
            "attempts": [place],
            "cursors": [place] if purpose == "read" else [],
            "activities": [place | entry for entry in entries],
        }

    def _presence(self, row):
        page = self._page(row["channel"], moment(row["when"]), purpose="detail")
        found = _NOT_SHOWN | _landed("presences", row, {"when", "channel"})
        page["presences"] = [page["attempts"][0] | found]
        return page

    def _period(self, row):
        until = moment(row["until"])
        at = moment(row["observed"]) if row.get("observed") else until
        entries = self._claim(row["channel"], moment(row["from"]), until)
        page = self._page(row["channel"], at, entries, purpose="detail")
        is_whole = row.get("dialogue") == "yes"
        span = {"from_at": moment(row["from"]), "until_at": until, "is_dialogue_whole": is_whole}
        page["periods"] = [page["attempts"][0] | span]
        return page

    def _act(self, row):
        by, thread = row.get("by") or "organization", row.get("thread", "")
        name = self._own(row["name"]) if row.get("name") else self._new("act")
        kind = row.get("kind") or "post"
        return {
            "activity_id": name,
            "channel_id": self._own(row["channel"]),
            "organization_id": self.name,
            "kind": kind,
            "occurred_at": moment(row["when"]),
            "published_at": moment(row["when"]),
            "time_precision": "second",
            "identity_basis": "id",
            "parent_id": self._own(row["in reply to"]) if row.get("in reply to") else "",
            "thread_id": self._own(thread) if thread else "",
            "thread_shape": (row.get("shape") or "tree") if thread else "",
            "listed_in": "thread" if thread else "",
            "found_through": row.get("found") or ("thread" if thread else "listing"),
            "is_question": (row.get("asks") or ("yes" if kind == "question" else "no")) == "yes",
            "content_fingerprint": row.get("text") or name,
            "text_length": _TEXT_LENGTH,
            "is_accepted_answer": None,
            "is_claimed": False,
            **self._author(by, row.get("to") or "organization"),
            **_landed("activities", row, _READ | _READ_TOO),
        }

    def _author(self, by, to):
        if by in _OWN:
            key = "" if by == "organization" else self._own(by)
            return {
                "direction": "by_organization",
                "author_role": by,
                "author_evidence": _OWN[by],
                "author_key": key,
            }
        return {
            "direction": "to_organization" if to == "organization" else "among_others",
            "author_role": "unknown" if by == "unknown" else "outsider",
            "author_evidence": "",
            "author_key": "" if by == "unknown" else self._own(by),
        }

    def _own(self, word):
        return f"{self.name}.{word}"

    def _new(self, word):
        return f"{self.name}.{word}-{next(self._numbers)}"


def _landed(table, row, known):
    """Cells under the name of a landed column, read as that column's type."""
    given = {_COLUMNS.get(name, name): cell for name, cell in row.items() if name not in known}
    if unknown := set(given) - set(SCHEMAS[table].names):
        problem = f"{sorted(unknown)} are no columns of {table}"
        raise SpecificationError(problem)
    return {
        name: _value(SCHEMAS[table].field(name).type, cell) for name, cell in given.items() if cell
    }


def _value(kind, cell):
    if pa.types.is_boolean(kind):
        return cell == "yes"
    if pa.types.is_timestamp(kind):
        return moment(cell)
    return int(cell) if pa.types.is_integer(kind) else cell
