"""Publishing: what a snapshot holds, and that readers never notice the change to the next."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from flows.project import Project
from flows.publish import publish
from warehouse.build import MARTS, ChecksFailedError, Clock, build_marts, run_checks
from warehouse.conversations import gather_conversations
from warehouse.export import TABLES, query
from warehouse.fields import fields
from warehouse.publish import next_number, publish_marts
from warehouse.snapshots import Snapshot, SnapshotMissing

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)
PUBLICATION_COUNT = 50
READER_COUNT = 6
TABLES_OF_A_SNAPSHOT = (
    "activity_weeks",
    "agreement",
    "agreement_statistics",
    "answers",
    "channels",
    "claims",
    "contributions",
    "corrections",
    "histories",
    "model_measures",
    "models",
    "notice",
    "organizations",
    "reliability",
    "replies",
    "runs",
    "set_quality",
    "signals",
    "snapshot",
    "source_days",
    "source_outcomes",
    "sources",
    "weeks",
)


def test_a_snapshot_holds_the_marts_and_nothing_else(observed, tmp_path):
    path = publish_number(observed, tmp_path, 1)
    with duckdb.connect(str(path), read_only=True) as copy:
        found = copy.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        views = copy.execute("select 1 from duckdb_views() where not internal").fetchall()
    assert {schema for schema, _ in found} == {MARTS}
    assert {table for _, table in found} == set(TABLES_OF_A_SNAPSHOT)
    assert views == []


def test_a_snapshot_has_the_rows_of_the_marts(observed, tmp_path):
    copy = Snapshot.open(link_to(publish_number(observed, tmp_path, 1)))
    for table in TABLES_OF_A_SNAPSHOT:
        if table == "histories":
            continue  # the same rows as organizations, laid out by organization
        sql = f"select * from marts.{table} order by all"
        assert copy.rows(sql) == [vars(row) for row in observed.rows(sql)]
    left_out = "industry, size_class, country, homepage, groups, sources"
    laid_out = copy.rows("from marts.histories order by organization_id, as_of_week")
    same = f"select * exclude ({left_out}) from marts.organizations"
    assert laid_out == copy.rows(f"{same} order by organization_id, as_of_week")
    assert [row["posts_per_week"] for row in copy.rows("from marts.organizations")] == [1]


def test_a_snapshot_is_sorted_by_week_and_organization(observed, tmp_path):
    for name in ("zebra", "bee", "acme"):
        observed.organization(name, f"{name}-news")
    for weeks in (2, 1, 0):
        observed.build(AS_OF - timedelta(weeks=weeks))
    copy = Snapshot.open(link_to(publish_number(observed, tmp_path, 1)))
    for table, key in (
        ("organizations", ("as_of_week", "organization_id")),
        ("signals", ("as_of_week", "organization_id", "signal_code")),
        ("histories", ("organization_id", "as_of_week")),
        ("channels", ("organization_id", "channel_id")),
        ("activity_weeks", ("organization_id", "source", "week")),
    ):
        found = copy.rows(f"select {', '.join(key)} from marts.{table}")
        assert len(found) > 2
        assert found == sorted(found, key=lambda row: tuple(row.values()))


def test_every_column_of_a_snapshot_says_what_it_means(observed, tmp_path):
    path = publish_number(observed, tmp_path, 1)
    with duckdb.connect(str(path), read_only=True) as copy:
        comments = copy.execute(
            "select column_name, comment from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    assert len(comments) > 40
    assert [name for name, text in comments if text != fields()[name].meaning] == []


def test_every_published_column_is_in_the_dictionary_and_every_entry_is_used(observed):
    gather_conversations(observed.connection)
    published = set()
    for sql in [*(query(table) for table in TABLES), "from signals.measurements", *marts(observed)]:
        described = observed.connection.execute(f"describe {sql}").fetchall()
        published |= {name for name, *_ in described}
    assert published - set(fields()) == set(), "columns without an entry in fields.toml"
    assert set(fields()) - published == set(), "entries of fields.toml that no column has"


def test_meanings_are_sentences():
    assert [f.name for f in fields().values() if not f.meaning.endswith(".")] == []


@pytest.mark.thorough
def test_readers_go_on_without_error_while_snapshots_change(observed, tmp_path):
    """Readers ask for the number of the snapshot as fast as they can."""
    link = link_to(publish_number(observed, tmp_path, 1))
    readers = [Reader(link) for _ in range(READER_COUNT)]
    for reader in readers:
        reader.start()
    for number in range(2, PUBLICATION_COUNT + 1):
        observed.connection.execute("update marts.snapshot set snapshot_number = ?", [number])
        publish_marts(observed.connection, link.parent, number)
    for reader in readers:
        reader.stop()
    for reader in readers:
        assert reader.errors == []
        assert reader.numbers == sorted(reader.numbers), "a reader went back to an older snapshot"
        assert reader.numbers[-1] == PUBLICATION_COUNT
        assert len(set(reader.numbers)) > 1, "the reader saw no change at all"
    names = {f"snapshot-{number:06d}.duckdb" for number in range(48, 51)}
    assert {path.name for path in link.parent.iterdir()} == {link.name} | names


@pytest.mark.parametrize("step", ["_copy", "sync", "_point_at", "_forget_old"])
def test_a_publisher_that_dies_at_any_step_leaves_a_snapshot_that_can_be_read(
    observed, tmp_path, monkeypatch, step
):
    link = link_to(publish_number(observed, tmp_path, 1))
    with monkeypatch.context() as patch:
        patch.setattr(f"warehouse.publish.{step}", die)
        with pytest.raises(SystemExit):
            publish_marts(observed.connection, link.parent, 2)
    assert Snapshot.open(link).rows("select 1 as one from marts.snapshot") == [{"one": 1}]
    number = next_number(link.parent)
    publish_marts(observed.connection, link.parent, number)
    assert link.resolve().name == f"snapshot-{number:06d}.duckdb"
    assert not list(link.parent.glob(".*"))


def die(*_given):
    raise SystemExit


def test_the_link_is_there_at_every_moment(observed, tmp_path):
    link = link_to(publish_number(observed, tmp_path, 1))
    watcher = Watcher(link)
    watcher.start()
    for number in range(2, 8):
        publish_marts(observed.connection, link.parent, number)
    watcher.stop()
    assert watcher.look_count > 1000
    assert watcher.missing_count == 0


def test_numbers_go_on_where_they_stopped(observed, tmp_path):
    folder = tmp_path / "snapshots"
    assert next_number(folder) == 1
    publish_number(observed, tmp_path, 41)
    assert next_number(folder) == 42


def test_what_an_interrupted_publication_left_is_no_obstacle(observed, tmp_path):
    folder = tmp_path / "snapshots"
    folder.mkdir()
    (folder / ".snapshot-000001.duckdb.unfinished").write_bytes(b"half a file")
    (folder / ".snapshot.duckdb.unfinished").symlink_to("nowhere")
    link = link_to(publish_number(observed, tmp_path, 1))
    assert Snapshot.open(link).rows("select snapshot_number as n from marts.snapshot") == [{"n": 1}]


def test_many_readers_at_once_share_the_memory_that_reading_may_take(tmp_path):
    path = tmp_path / "large.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.acts as select range as act from range(600_000)")
    sorting = "select row_number() over (order by hash(act), act) as place from marts.acts"
    snapshot = Snapshot.open(path)
    with ThreadPoolExecutor(12) as readers:
        counts = readers.map(
            lambda _: snapshot.rows(f"select max(place) as n from ({sorting})"), range(12)
        )
        assert list(counts) == [[{"n": 600_000}]] * 12


def test_before_the_first_publication_there_is_no_snapshot(tmp_path):
    with pytest.raises(SnapshotMissing, match="no snapshot published yet"):
        Snapshot.open(tmp_path / "snapshot.duckdb")


def test_bad_rows_stop_the_publication_and_the_old_snapshot_stays(observed, tmp_path):
    project = Project(tmp_path)
    before = publish(project, observed.connection)
    observed.connection.execute("insert into raw.activities from raw.activities limit 1")
    with pytest.raises(ChecksFailedError, match=r"activities_are_unique\.sql: 1 bad rows"):
        publish(project, observed.connection)
    assert project.snapshot.resolve() == before.resolve()
    assert len(list(project.snapshots.glob("snapshot-*.duckdb"))) == 1
    with pytest.raises(ChecksFailedError):
        observed.build(AS_OF)


BAD_ROWS = {
    "activities_are_unique": "insert into raw.activities from raw.activities",
    "activities_belong_to_channels": "update facts.acts set channel_key = 1",
    "coverage_is_complete": "delete from rollups.coverage where late_day_count > 0",
    "intervals_hold_their_value": "update signals.measurements set coverage_share = 1.5",
    "measurements_are_complete": "update signals.measurements set missing_reason = 'undefined'",
}


@pytest.mark.parametrize(("check", "damage"), BAD_ROWS.items())
def test_each_check_finds_the_damage_it_is_for(observed, check, damage):
    run_checks(observed.connection)
    observed.connection.execute(damage)
    with pytest.raises(ChecksFailedError, match=rf"{check}\.sql: \d+ bad rows, the first: \("):
        run_checks(observed.connection)


def test_there_is_such_a_damage_for_each_check(checks_folder):
    assert {path.stem for path in checks_folder.glob("*.sql")} == set(BAD_ROWS)


@pytest.fixture(scope="module")
def once_observed(new_world):
    """One organization with a post a week, measured, with marts."""
    with new_world() as world:
        world.organization("acme", "news")
        posts = [AS_OF - timedelta(days=7 * week + 3) for week in range(20)]
        world.see("news", AS_OF - timedelta(days=371), AS_OF, posts)
        world.build(AS_OF)
        build_number(world, 0)
    return world


@pytest.fixture
def observed(once_observed, copy_of):
    return copy_of(once_observed)


@pytest.fixture
def checks_folder(pytestconfig):
    return pytestconfig.rootpath / "warehouse" / "checks"


class Reader(threading.Thread):
    """Opens the snapshot again and again, as a dashboard does at every request."""

    def __init__(self, link):
        super().__init__(daemon=True)
        self.link = link
        self.numbers = []
        self.errors = []
        self._is_told_to_stop = threading.Event()

    def run(self):
        while not self._is_told_to_stop.is_set():
            self._look()
            time.sleep(0.02)
        self._look()

    def stop(self):
        self._is_told_to_stop.set()
        self.join(timeout=20)

    def _look(self):
        try:
            snapshot = Snapshot.open(self.link)
            (row,) = snapshot.rows("select snapshot_number from marts.snapshot")
            assert snapshot.name == f"snapshot-{row['snapshot_number']:06d}"
            self.numbers.append(row["snapshot_number"])
        except Exception as error:  # noqa: BLE001 - any error at all is what the test is about
            self.errors.append(error)


class Watcher(threading.Thread):
    """Looks at the link without a pause."""

    def __init__(self, link):
        super().__init__(daemon=True)
        self.link = link
        self.look_count = self.missing_count = 0
        self._is_told_to_stop = threading.Event()

    def run(self):
        while not self._is_told_to_stop.is_set():
            self.look_count += 1
            try:
                self.link.readlink()
            except FileNotFoundError:
                self.missing_count += 1

    def stop(self):
        self._is_told_to_stop.set()
        self.join(timeout=20)


def build_number(world, number):
    clock = Clock(as_of=AS_OF, known_at=AS_OF + timedelta(days=366))
    moment = datetime(2026, 11, 2, 6, 0, 0)  # noqa: DTZ001 - as the warehouse stores it
    build_marts(world.connection, clock, {"snapshot_number": number, "published_at": moment})


def publish_number(world, folder, number):
    build_number(world, number)
    return publish_marts(world.connection, folder / "snapshots", number)


def link_to(snapshot):
    return snapshot.parent / "snapshot.duckdb"


def marts(world):
    tables = world.rows("select table_name from duckdb_tables() where schema_name = 'marts'")
    return [f"from marts.{row.table_name}" for row in tables]
