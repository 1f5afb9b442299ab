"""What people said leaves the archive, and nobody is found anywhere else."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from collecting import Collecting
from corpus_server import serving
from recordedscenario import scenario
from small_world import rss
from warehouse_tables import COVERAGE, SIGNALS, WHOLE_ACTIVITIES

from flows.errors import NothingDoneError
from flows.exporting import export_all
from flows.keyring import Keyring, read_keyring
from flows.project import Project
from flows.publish import publish
from flows.replaying import replay_archive
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


@pytest.fixture(scope="module")
def server():
    with serving({}) as running:
        yield running


@pytest.fixture(scope="module")
def before(server, tmp_path_factory):
    """The data of a town that has been read once, and twice."""
    folder = tmp_path_factory.mktemp("before")
    with pytest.MonkeyPatch.context() as patch:
        read = Town(folder, patch, server)
        read.run()
        shutil.copytree(read.data, folder / "first")
        read.run_a_day_later()
        read.data.rename(folder / "later")
    return folder


@pytest.fixture
def town(tmp_path, monkeypatch, server, before):
    return Town(tmp_path, monkeypatch, server, before)


@pytest.fixture
def replayed(town):
    """Builds, replays the archive, and gives the tables before and after."""

    def again():
        town.collecting.build()
        before = town.tables()
        replay_archive(town.data, None, quiet=True)
        return before, town.tables()

    return again


def test_the_rows_of_a_batch_are_kept_where_people_speak(town):
    town.run()
    assert list(town.project.landing.glob("*")) == []
    known = {row[0] for row in town.collecting.rows("select activity_id from raw.activities")}
    assert len(known) == town.told.expected["first"]["activities"]
    assert {row["activity_id"] for row in town.kept()} == known
    assert {row["page_id"] for row in town.kept("attempts")} == {r["page_id"] for r in town.pages()}


def test_where_only_the_organization_speaks_nothing_is_kept_twice_and_nothing_removed(
    tmp_path, monkeypatch
):
    collecting = Collecting(tmp_path, monkeypatch)
    with serving({"/feed.xml": rss(3)}) as server:
        collecting.list([f"{server.base_url}/feed.xml"])
        collecting.run()
        collecting.run(after=30 * DAY)
    archive = Project(tmp_path / "data").archive
    assert rss(3) in collecting.archived_bodies()
    assert sorted(path.name for path in archive.folder.iterdir()) == [
        "organizations",
        "pages",
        "runs",
    ]
    assert list((tmp_path / "data" / "landing").glob("*")) == []


def test_responses_are_removed_after_a_week_and_everything_else_of_them_stays(town):
    town.run()
    before = town.pages()
    town.retain(after=WEEK - DAY)
    assert town.pages() == before
    town.retain(after=DAY)
    assert town.bodies() == []
    for was, now in zip(before, town.pages(), strict=True):
        assert {**was, "body": None, "headers": None} == {**now, "headers": None}
        assert {h["name"] for h in was["headers"]} - {h["name"] for h in now["headers"]} == {
            "set-cookie"
        }


def test_only_responses_that_are_due_are_removed(town):
    town.run()
    town.show(town.told.later)
    town.run(after=WEEK - DAY)
    newest = town.project.archive.page_files()[-1]
    recent = read_pages(newest)
    town.retain(after=DAY)
    assert read_pages(newest) == recent
    assert any(row["body"] for row in recent)


def test_nothing_is_written_again_when_there_is_nothing_to_do(town):
    town.run_a_day_later()
    town.retain(after=WEEK)
    before = changes(town.data / "archive")
    town.retain()
    assert changes(town.data / "archive") == before


def test_responses_can_be_removed_on_the_very_day(town):
    town.run()
    town.retain(days=0)
    assert town.bodies() == []


def test_a_response_stays_as_long_as_its_rows_are_not_safe(town):
    town.run()
    rows, aside = town.data / "archive" / "rows", town.data / "aside"
    rows.rename(aside)
    before = town.pages()
    town.retain(after=30 * DAY)
    assert town.pages() == before
    aside.rename(rows)
    town.retain(after=DAY)
    assert town.bodies() == []


def test_a_clock_that_was_ahead_keeps_nothing_for_ever(town):
    town.run()
    town.retain(after=3650 * DAY)
    town.collecting.clock.moment -= 3650 * DAY
    town.show(town.told.later)
    town.run(after=DAY)
    assert town.bodies() != []
    town.retain(after=WEEK)
    assert town.bodies() == []


def test_a_damaged_page_file_stops_neither_a_run_nor_the_removal_of_others(town):
    town.run()
    first, *_ = town.project.archive.page_files()
    first.write_bytes(b"PAR1")
    town.show(town.told.later)
    town.run(after=8 * DAY)
    town.retain(after=WEEK)
    first.unlink()
    assert town.bodies() == []


def test_what_a_killed_run_left_of_a_response_goes_too(town):
    town.run()
    (path,) = town.project.archive.page_files()[:1]
    leftover = path.with_name(f".{path.name}.unfinished")
    shutil.copy(path, leftover)
    town.retain(after=WEEK)
    assert not leftover.exists()


def test_a_replay_without_the_responses_gives_the_same_tables(town, replayed):
    town.run_a_day_later()
    town.retain(after=30 * DAY)
    assert town.bodies() == []
    before, after = replayed()
    assert after == before


def test_a_copy_of_the_archive_without_responses_gives_the_same_tables(town, tmp_path):
    town.run_a_day_later()
    town.retain(after=30 * DAY)
    town.collecting.build()
    replay_archive(tmp_path / "copy", town.data, quiet=True)
    assert tables(tmp_path / "copy") == town.tables()


def test_a_feed_beside_it_keeps_its_documents_and_the_tables_stay_the_same(town, replayed):
    town.before = None
    town.server.documents["/feed.xml"] = rss(3)
    listed = town.collecting.folder / "organizations.toml"
    feed = f'{{ source = "feeds", address = "http://{town.host}/feed.xml" }}'
    listed.write_text(listed.read_text().replace("[{", f"[{feed}, {{"))
    town.run()
    town.retain(after=WEEK)
    assert town.bodies() == [rss(3)]
    before, after = replayed()
    assert after == before


def test_a_replay_of_half_the_responses_gives_the_same_tables(town, replayed):
    town.run()
    town.show(town.told.later)
    town.run(after=WEEK - DAY)
    town.retain(after=DAY)
    before, after = replayed()
    assert after == before


def test_a_replay_goes_on_being_possible_after_a_replay(town, replayed):
    town.run_a_day_later()
    before, _ = replayed()
    town.retain(after=30 * DAY)
    _, after = replayed()
    assert after["activities"] == before["activities"]
    assert after["deletions"] == before["deletions"]


def test_rows_of_an_older_version_are_loaded_with_what_they_know(town, replayed):
    town.run()
    town.retain(after=30 * DAY)
    for path in town.project.archive.rows_files("activities"):
        pq.write_table(pq.read_table(path).drop_columns(["thread_shape", "like_count"]), path)
    before, after = replayed()
    assert after["cursors"] == before["cursors"]
    assert town.collecting.rows("select distinct thread_shape from raw.activities") == [("",)]


def test_damaged_rows_are_named_and_the_old_warehouse_stays(town):
    town.run()
    town.retain(after=30 * DAY)
    town.collecting.build()
    before = town.tables()
    path = town.project.archive.rows_files("activities")[0]
    path.write_bytes(b"PAR1")
    with pytest.raises(NothingDoneError, match=f"{path.parent}: damaged"):
        replay_archive(town.data, None, quiet=True)
    assert town.tables() == before


def test_what_its_source_deletes_leaves_the_archive_with_the_run_that_sees_it(town):
    town.run()
    deleted_words = [b for b in town.bodies() if b"My neighbour heard" in b]
    assert deleted_words
    town.show(town.told.later)
    town.run(after=DAY)
    assert len(town.deleted()) == 2
    assert not [b for b in town.bodies() if b"My neighbour heard" in b]
    assert town.bodies(), "what shows that it is gone stays"


def test_of_what_was_deleted_nothing_but_its_identity_is_kept(town):
    town.run_a_day_later()
    shells = [row for row in town.kept() if row["activity_id"] in town.deleted()]
    assert {row["activity_id"] for row in shells} == town.deleted()
    known = {"activity_id", "channel_id", "organization_id", "page_id", "first_seen_at"}
    for shell in shells:
        assert {name for name, value in shell.items() if value} == known


def test_a_replay_does_not_bring_back_what_was_deleted(town, replayed):
    town.run_a_day_later()
    before, after = replayed()
    assert after == before
    assert len(town.deleted()) == 2


def test_what_comes_back_at_its_source_is_known_again(town, replayed):
    town.run_a_day_later()
    gone = town.deleted()
    town.show(town.told.first)
    town.run(after=DAY)
    known = {row[0] for row in town.collecting.rows("select activity_id from raw.activities")}
    assert gone & known
    before, after = replayed()
    assert after == before


@pytest.mark.parametrize("step", ["remove_responses", "withdraw"])
def test_a_crash_while_a_deletion_is_mirrored_is_made_good_by_the_next_run(
    town, replayed, monkeypatch, step
):
    town.run()
    town.show(town.told.later)
    with killing(monkeypatch, f"flows.retention.{step}"):
        town.run(after=DAY)
    town.run(after=DAY)
    assert not [b for b in town.bodies() if b"My neighbour heard" in b]
    shells = [row for row in town.kept() if row["activity_id"] in town.deleted()]
    assert {row["kind"] for row in shells} == {""}
    before, after = replayed()
    assert after == before


def test_a_crash_between_loading_and_keeping_loses_no_rows(town, replayed, monkeypatch):
    town.run()
    town.show(town.told.later)
    with killing(monkeypatch, "warehouse.archive.Archive.keep_rows"):
        town.run(after=DAY)
    assert list(town.project.landing.glob("*")) != []
    town.run(after=DAY)
    assert list(town.project.landing.glob("*")) == []
    town.retain(after=WEEK)
    assert town.bodies() == []
    before, after = replayed()
    assert after == before


def test_a_crash_between_two_steps_of_keeping_loses_no_rows(town, monkeypatch):
    town.run()
    town.collecting.build()
    with killing(monkeypatch, "pathlib.Path.rename", dies_on_leaving_landing):
        # a replay lands the rows again; the former ones are already aside
        replay_archive(town.data, None, quiet=True)
    town.run()
    assert all(town.project.archive.has_rows(p.stem) for p in town.project.archive.page_files())
    assert not list((town.data / "archive" / "rows").rglob("*.unfinished"))


def test_a_failed_run_removes_what_is_due_all_the_same(town, monkeypatch):
    town.run()
    monkeypatch.setattr("flows.job.make_batches", failed)
    with pytest.raises(RuntimeError, match="it failed"):
        town.run(after=30 * DAY)
    assert town.bodies() == []


def test_nobody_is_found_by_name_or_word_in_anything_that_is_stored(town, tmp_path, barograph):
    town.run_a_day_later()
    town.collecting.build()
    out, pages = tmp_path / "out", town.data / "archive" / "pages"
    with open_warehouse(town.project.warehouse) as connection:
        export_all(connection, out)
        publish(town.project, connection)
    (tmp_path / "printed").write_text(barograph("status", "--json").stdout)
    assert leaks(town.told, [pages]), "the answers themselves hold them, so the scan sees them"
    shutil.copytree(pages, tmp_path / "aside")
    shutil.rmtree(pages)
    assert town.traces(town.data, out, tmp_path / "printed") == []
    shutil.rmtree(out)
    shutil.copytree(tmp_path / "aside", pages)
    town.retain(after=WEEK)
    assert town.traces(town.data) == []


def test_nothing_that_is_printed_names_anybody(town, tmp_path, barograph):
    printed = [
        barograph(*arguments)
        for arguments in (
            ("collect", "--now", "--allow-host", "127.0.0.1"),
            ("collect", "--now", "--allow-host", "127.0.0.1", "--json"),
            ("status",),
        )
    ]
    (tmp_path / "printed").write_text("".join(done.stdout + done.stderr for done in printed))
    assert [done.returncode for done in printed] == [0, 0, 0]
    assert town.traces(tmp_path / "printed") == []


@pytest.mark.parametrize("place", ["warehouse", "parquet", "text", "name"])
def test_the_scan_finds_whatever_is_planted_there(town, place):
    """Otherwise finding nothing would say nothing."""
    town.run()
    town.retain(days=0)
    assert town.traces() == []
    plant(town, town.told.planted[0], place)
    assert len(town.traces()) >= 1


def test_a_person_is_the_same_in_another_run_and_nobody_at_another_platform(town):
    town.run_a_day_later()
    keys = {row["author_key"] for row in town.kept() if row["author_key"]}
    by_run = [
        {row["author_key"] for row in pq.read_table(path).to_pylist() if row["author_key"]}
        for path in town.project.archive.rows_files("activities")
    ]
    assert any(a & b for a in by_run for b in by_run if a is not b), "somebody spoke twice"
    ring = read_keyring(town.project.keyring)
    ann = f"109300000000000077@{town.host}"
    moment = town.told.fetched_at
    elsewhere = Keyring({"bluesky": ring.keys["mastodon"]})
    assert elsewhere.key_of(ann, "bluesky", moment) != ring.key_of(ann, "mastodon", moment)
    both = ring.renewed(["bluesky"], moment)
    assert both.key_of(ann, "bluesky", moment) not in keys
    assert both.keys["bluesky"][0].secret != both.keys["mastodon"][0].secret


def tables(data):
    """All rows of each table of a data folder."""
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        return {n: repr(connection.execute(query).fetchall()) for n, query in TABLES.items()}


def killed(*_, **__):
    raise KeyboardInterrupt


def failed(*_, **__):
    message = "it failed"
    raise RuntimeError(message)


@contextmanager
def killing(monkeypatch, place, instead=killed):
    """The process dies when it comes to this place."""
    with monkeypatch.context() as patch:
        patch.setattr(place, instead)
        with pytest.raises(KeyboardInterrupt):
            yield


def dies_on_leaving_landing(path, target):
    """A rename during which the process dies, if it would take rows out of the landing folder."""
    if path.parent.name == "landing" and target.parent.name != "landing":
        raise KeyboardInterrupt
    path.replace(target)


def changes(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def leaks(told, folders):
    """Every place below some folders where a planted word stands, with the word."""
    files = (path for folder in folders for path in [folder, *folder.rglob("*")])
    for_each = ((path, text) for path in files for text in texts(path))
    return [(path, word) for path, text in for_each if (word := told.leak(text))]


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
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where database_name = current_database() and not internal"
        ).fetchall()
        assert columns
        for schema, table, column in columns:
            yield f"{schema}.{table}.{column}"
            values = connection.execute(f'select distinct "{column}" from "{schema}"."{table}"')
            yield from (readable(value) for (value,) in values.fetchall())


def readable(value):
    return value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)


def plant(town, word, place):
    if place == "warehouse":
        with duckdb.connect(str(town.project.warehouse)) as connection:
            connection.execute("update raw.threads set listed_page_id = ?", [word])
    elif place == "parquet":
        table = pa.table({"body": pa.array([f"<p>{word}</p>".encode()])})
        pq.write_table(table, town.project.archive.rows_files("threads")[0], compression="zstd")
    elif place == "text":
        (town.data / "hosts" / "note.json").write_text(json.dumps({"by": word.upper()}))
    else:
        (town.data / "models" / word).mkdir(parents=True)
