"""A town whose people speak: an account that is collected, and all that is kept of it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow.parquet as pq
import pytest
from collecting import Collecting
from recordedscenario import scenario
from warehouse_tables import COVERAGE, SIGNALS, WHOLE_ACTIVITIES

from flows.project import Project
from flows.retention import retain
from warehouse.archive import read_pages
from warehouse.db import open_warehouse

DAY = timedelta(days=1)
WEEK = 7 * DAY
PAGES = Path(__file__).parents[1] / "connectors" / "data"
TABLES = {
    "activities": WHOLE_ACTIVITIES,
    "coverage": COVERAGE,
    "signals": SIGNALS,
    "cursors": "select * from raw.cursors order by channel_id",
    "attempts": "select * from raw.attempts order by page_id",
    "listings": "select * from raw.listings order by page_id",
    "presences": "select * from raw.presences order by page_id",
    "threads": "select * from raw.threads order by thread_id",
    "deletions": "select * from raw.deletions order by all",
}
DELETED = """
    select activity_id from raw.deletions
    where activity_id not in (select activity_id from raw.activities) order by all
"""


class Town:
    """A town's account at a small server, collected at any hour the test likes."""

    def __init__(self, folder, monkeypatch, server, before=None):
        self.told = scenario("mastodon", PAGES / "mastodon")
        self.data, self.server, self.before = folder / "data", server, before
        self.collecting = Collecting(folder, monkeypatch)
        self.collecting.clock.moment = self.told.fetched_at
        self.host = f"127.0.0.1:{server.server_port}"
        self.collecting.list([f"@council@{self.host}"], "mastodon")
        self.show(self.told.first)

    @property
    def project(self):
        return Project(self.data)

    def show(self, world):
        """Let the server answer as this world does, under its own name."""
        for url, answer in world.answers.items():
            headers = {name: self._here(value) for name, value in answer.headers}
            body = self._here(answer.body.decode()).encode()
            path = self._here(url).removeprefix(f"http://{self.host}")
            self.server.answers[path] = (answer.status, {**headers, "Set-Cookie": "a=1"}, body)

    def run(self, *, after=None):
        """Collect; the very first time as another town did before, to save the time."""
        if self.before and not self.data.exists():
            shutil.copytree(self.before / "first", self.data)
        else:
            self.collecting.run(after)

    def run_a_day_later(self):
        """A day later a post and a reply have been deleted."""
        if self.before:
            shutil.copytree(self.before / "later", self.data)
            self.collecting.clock.moment += DAY
        self.show(self.told.later)
        if not self.before:
            self.run(after=DAY)

    def retain(self, *, after=timedelta(), days=7):
        """What the end of a run does, some time later."""
        self.collecting.clock.moment += after
        with open_warehouse(self.project.warehouse) as connection:
            retain(self.project, connection, self.collecting.clock(), days)

    def tables(self):
        return tables(self.data)

    def pages(self):
        return [row for path in self.project.archive.page_files() for row in read_pages(path)]

    def bodies(self):
        return [row["body"] for row in self.pages() if row["body"]]

    def kept(self, table="activities"):
        files = self.project.archive.rows_files(table)
        return [row for path in files for row in pq.read_table(path).to_pylist()]

    def deleted(self):
        return {row[0] for row in self.collecting.rows(DELETED)}

    def traces(self, *folders):
        """Where a planted word of a private person stands."""
        return [f"{where}: {word}" for where, word in leaks(self.told, folders or (self.data,))]

    def _here(self, text):
        text = text.replace("https://social.example", f"http://{self.host}")
        return text.replace("social.example", self.host)


def tables(data):
    """All rows of each table of a data folder."""
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        return {n: repr(connection.execute(query).fetchall()) for n, query in TABLES.items()}


def killed(*_, **__):
    raise KeyboardInterrupt


@contextmanager
def killing(monkeypatch, place, instead=killed):
    """The process dies when it comes to this place."""
    with monkeypatch.context() as patch:
        patch.setattr(place, instead)
        with pytest.raises(KeyboardInterrupt):
            yield


def leaks(told, folders):
    """Every file below some folders where a planted word stands, with the word."""
    files = (path for folder in folders for path in [folder, *folder.rglob("*")])
    return [(path, word) for path in files if (word := told.leak("\0".join(texts(path))))]


def texts(path):
    """Everything readable in a file, also what is packed in it; and its name."""
    yield path.name
    if not path.is_file() or path.is_symlink():
        return
    yield path.read_bytes().decode("utf-8", "ignore")
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        yield str(table.schema.metadata)
        yield from (readable(value) for column in table.columns for value in column.to_pylist())
    elif path.suffix == ".duckdb":
        yield from cells(path)


def cells(path):
    """Every column of every table and view in every schema of a DuckDB file, as text."""
    with TemporaryDirectory() as folder, duckdb.connect(shutil.copy(path, folder)) as connection:
        tables = connection.execute(
            "select schema_name, table_name, list(column_name) from duckdb_columns() "
            "where database_name = current_database() and not internal group by all"
        ).fetchall()
        assert tables
        for schema, table, columns in tables:
            yield from (f"{schema}.{table}.{column}" for column in columns)
            lists = ", ".join(f'list(distinct "{column}")' for column in columns)
            (found,) = connection.execute(f'select {lists} from "{schema}"."{table}"').fetchall()
            yield from (readable(value) for values in found for value in values or ())


def readable(value):
    return value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)
