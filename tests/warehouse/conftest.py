"""A small observed world: pages are landed and loaded the way collected batches are."""

import atexit
import shutil
import tempfile
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from warehouse.build import Clock, as_known, build
from warehouse.db import open_warehouse
from warehouse.landing import SCHEMAS, write_landing
from warehouse.load import load_landed
from warehouse.register import register_organizations, register_sources

LISTED_AT = datetime(2026, 1, 1, tzinfo=UTC)
#: What the terms register says of them: nothing may be derived from videos.
SOURCES = [
    {
        "source": source,
        "terms_url": "",
        "is_enabled": True,
        "may_derive": source != "videos",
        "shows_dialogue": source == "forum",
        "publishes": source != "tag",
    }
    for source in ("feeds", "forum", "videos", "tag")
]
#: A landed batch has these once; the newest page comes last and wins.
KEYS = {"activities": "activity_id", "cursors": "channel_id"}
SEEN = ("ok", "not_modified", "unchanged")


@pytest.fixture
def world(tmp_path):
    """An empty warehouse, and the pen to write in it."""
    with open_world(tmp_path) as opened:
        yield opened
        forget(opened)


@pytest.fixture
def copy_of(tmp_path):
    """Opens a copy of a world that has been closed: a test may change it, and many share one."""
    with ExitStack() as stack:
        yield lambda former: stack.enter_context(copied_world(former, tmp_path))


@pytest.fixture(scope="session")
def new_world(tmp_path_factory):
    """Opens another empty warehouse at every call, for tests that need many."""
    return lambda: open_world(tmp_path_factory.mktemp("world"))


@contextmanager
def open_world(folder):
    shutil.copy(empty_warehouse(), folder / "warehouse.duckdb")
    with open_warehouse(folder / "warehouse.duckdb") as connection:
        yield World(connection, folder / "landing")


@contextmanager
def copied_world(former, folder):
    shutil.copytree(former.landing.parent, folder, dirs_exist_ok=True)
    with open_warehouse(folder / "warehouse.duckdb") as connection:
        world = copy(former)
        world.connection, world.landing = connection, folder / "landing"
        world._listed, world._owners = dict(former._listed), dict(former._owners)
        yield world
        forget(world)


def forget(world):
    """Nobody opens this file again: what is in memory need not be written on closing."""
    world.connection.execute("pragma disable_checkpoint_on_shutdown")


@cache
def empty_warehouse():
    """A warehouse with all its tables and nothing in them, made once."""
    path = Path(tempfile.mkdtemp(prefix="barograph-tests-")) / "warehouse.duckdb"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    with open_warehouse(path) as connection:
        connection.execute("checkpoint")
    return path


class World:
    """Organizations, the pages of their channels, and what is measured from them."""

    def __init__(self, connection, landing):
        self.connection = connection
        self.landing = landing
        self._listed = {}
        self._owners = {}
        self._named = 0
        self.listed_at = LISTED_AT

    def organization(self, name, *channels, timezone="UTC"):
        """Put an organization with its channels on the list."""
        self._owners |= dict.fromkeys(channels, name)
        self._listed[name] = {
            **dict.fromkeys(("industry", "size_class", "country", "homepage"), ""),
            "organization_id": name,
            "name": name.title(),
            "timezone": timezone,
            "channels": [_channel(name, channel) for channel in channels],
        }
        register_organizations(self.connection, list(self._listed.values()), self.listed_at)
        register_sources(self.connection, SOURCES)

    def entry(self, at=None, **changes):
        """A post dated `at`; without a date it is one that nobody can date."""
        self._named += 1
        flag = {"date_flag": "missing"} if at is None else {"time_precision": "second"}
        return {
            "activity_id": f"activity-{self._named}",
            "kind": "post",
            "direction": "by_organization",
            "occurred_at": at,
            "published_at": at,
            "identity_basis": "id",
            "content_fingerprint": "first",
            "author_role": "organization",
            "author_evidence": "channel_account",
            "found_through": "listing",
            **flag,
            **changes,
        }

    def page(self, channel, at, entries=(), *, outcome="ok", listed_from=None, entry_count=None):
        """What one attempt to read a channel leaves: rows by landed table.

        `listed_from` is by default the oldest date among the entries.
        """
        self._named += 1
        dates = [entry["occurred_at"] for entry in entries if entry["occurred_at"]]
        shared = {
            "page_id": f"page-{self._named}",
            "channel_id": channel,
            "organization_id": self._owners[channel],
            "observed_at": at,
            "fetched_at": at,
            "first_seen_at": at,
            "last_attempt_at": at,
            "outcome": outcome,
            "last_outcome": outcome,
            "listed_from": listed_from or min(dates, default=None),
            "entry_count": len(entries) if entry_count is None else entry_count,
            "byte_count": 1,
            "purpose": "read",
            "rhythm": "{}",
            "adoption": "{}",
        }
        tables = {"attempts": [shared], "cursors": [shared]}
        if outcome in SEEN:
            parser = "strict" if outcome == "ok" else ""
            listing = {"document_format": "rss20", "parser": parser}
            activities = [{**shared, **entry} for entry in entries]
            tables |= {"listings": [{**shared, **listing}], "activities": activities}
        return tables

    def talk(self, channel, at, *entries, **page):
        """One page with conversations, landed and loaded."""
        return self.load(self.talked(channel, at, *entries, **page))

    def talked(self, channel, at, *entries, threads=(), extents=(), deletions=(), **page):
        """A page with conversations: entries, views of threads, what it shows completely."""
        landed = self.page(channel, at, entries, **page)
        place = {name: landed["attempts"][0][name] for name in ("page_id", "channel_id")}
        for table, rows in (("threads", threads), ("extents", extents), ("deletions", deletions)):
            landed[table] = [{**place, "observed_at": at, **row} for row in rows]
        return landed

    def said(self, name, at, *, by="outsider", parent="", thread="t", **changes):
        """What somebody said in a thread; `by` is the author's role."""
        is_own = by in {"organization", "staff"}
        return self.entry(at) | {
            "activity_id": name,
            "kind": "reply",
            "direction": "by_organization" if is_own else "to_organization",
            "author_role": by,
            "author_evidence": "channel_account" if is_own else "",
            "parent_id": parent,
            "thread_id": thread,
            "thread_shape": "tree",
            "listed_in": "thread",
            "found_through": "thread",
            "is_question": not is_own,
            **changes,
        }

    def land(self, *pages, file_id=None):
        """Put pages in the landing folder as one batch."""
        self._named += 1
        tables = defaultdict(list)
        for page in pages:
            for name, rows in page.items():
                tables[name] += rows
        for name, key in KEYS.items():
            tables[name] = list({row[key]: row for row in tables[name]}.values())
        columns = {name: _columns(name, rows) for name, rows in tables.items()}
        return write_landing(self.landing, file_id or f"batch-{self._named:03d}", columns)

    def load(self, *pages, file_id=None):
        """Land pages as one batch and load it."""
        return load_landed(self.connection, self.land(*pages, file_id=file_id), "run")

    def read(self, channel, at, *entries, **page):
        """One attempt to read a channel, landed and loaded."""
        return self.load(self.page(channel, at, entries, **page))

    def see(self, channel, since, until, moments=()):
        """Show a channel from `since` to `until`, with posts at these moments and no others.

        One undated entry, new on every page, makes whatever lies between two calls unseen.
        """
        entries = [self.entry(), *(self.entry(moment) for moment in moments)]
        return self.read(channel, until, *entries, listed_from=since)

    def build(self, as_of):
        """Build signals from everything that is loaded."""
        return build(self.connection, self.clock(as_of))

    def clock(self, as_of, known_at=None):
        """The clock of a build, by default with everything known a year later."""
        return Clock(as_of=as_of, known_at=known_at or as_of + timedelta(days=366))

    @contextmanager
    def built(self, as_of, known_at=None):
        """Within the block the warehouse is built as of a moment, as known at another."""
        if known_at is None:
            self.build(as_of)
            yield
        else:
            with as_known(self.connection, self.clock(as_of, known_at)):
                yield

    def measure(self, as_of, known_at=None, organization="acme"):
        """The signals of an organization by code, built for it."""
        with self.built(as_of, known_at):
            return self.measured(as_of, organization)

    def measured(self, as_of, organization="acme"):
        """The signals of an organization by code, as they were built."""
        found = self.rows(
            "from signals.measurements where organization_id = $name and as_of_week = $week",
            name=organization,
            week=self.clock(as_of).as_of_week,
        )
        return {row.signal_code: row for row in found}

    def states(self, channel, as_of, known_at=None):
        """Coverage of a channel by day, as of a moment."""
        with self.built(as_of, known_at):
            found = self.rows("from staging.coverage where channel_id = $name", name=channel)
        return {row.day: row.state for row in found}

    def rows(self, sql, **parameters):
        """Rows of a query, values by column name."""
        result = self.connection.execute(sql, parameters)
        names = [column[0] for column in result.description]
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in result.fetchall()]

    def contents(self):
        """Everything in the raw tables, but for the moments at which files were loaded."""
        tables = self.connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall()
        return {table: sorted(map(repr, self._all(table))) for (table,) in tables}

    def _all(self, table):
        columns = "file_id" if table == "landed_files" else "*"
        return self.connection.execute(f"select {columns} from raw.{table}").fetchall()


def _channel(organization, channel):
    return {
        "channel_id": channel,
        "organization_id": organization,
        "source": next((s for s in ("forum", "videos", "tag") if channel.startswith(s)), "feeds"),
        "address": f"https://{organization}.example/{channel}.xml",
        "role": "official",
        "function": "",
        "region": "",
    }


def _columns(table, rows):
    return {
        field.name: [row.get(field.name, _blank(field.type)) for row in rows]
        for field in SCHEMAS[table]
    }


def _blank(kind):
    if pa.types.is_string(kind):
        return ""
    if pa.types.is_list(kind):
        return []
    if pa.types.is_boolean(kind):
        return False
    if pa.types.is_binary(kind):
        return b""
    return 0 if pa.types.is_int32(kind) else None
