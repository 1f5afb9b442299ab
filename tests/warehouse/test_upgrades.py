"""A warehouse of an earlier version is upgraded, with a backup first, or stays as it is."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from first_release import counts, write_first

from warehouse import backups, migrations
from warehouse.backups import NoSpaceError
from warehouse.db import (
    WarehouseBusyError,
    WarehouseNewerError,
    WarehouseUpgradeError,
    open_warehouse,
)
from warehouse.migrations import number_of, our_schema, schema_files, schema_version
from warehouse.snapshots import NewerSnapshotError, Snapshot

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)
NEVER = 1000
DYING = Path(__file__).parents[1] / "support" / "dying_upgrade.py"
WRITE_AND_DIE = """
import os, sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute(sys.argv[2])
os._exit(9)
"""
OPEN = "import sys, duckdb; duckdb.connect(sys.argv[1])"


@pytest.fixture(scope="module")
def first(tmp_path_factory, new_world):
    """A warehouse file of the first version, with a few posts in it."""
    folder = tmp_path_factory.mktemp("first")
    with new_world() as world:
        world.organization("acme", "news")
        posts = [AS_OF - timedelta(days=day) for day in range(1, 60, 3)]
        world.see("news", AS_OF - timedelta(days=90), AS_OF, posts)
        world.build(AS_OF)
        world.connection.execute(
            "insert into estimates.stages by name select 'acme' as organization_id, "
            "date '2026-10-26' as as_of_week, 2 as stage_code, false as is_abstained, "
            "'' as abstention_reason, '' as abstention_text, 'cold-start-1' as model_version, "
            "now()::timestamp as estimated_at"
        )
        world.connection.execute(
            "insert into raw.claims by name select 'acme' as organization_id, "
            "'altimeter_direct' as instrument, 3 as stage_code, '' as respondent_role, '' as note, "
            "now()::timestamp as imported_at"
        )
        world.connection.execute("checkpoint")
        copy = shutil.copy(world.landing.parent / "warehouse.duckdb", folder / "newer.duckdb")
    write_first(folder / "first.duckdb", copy)
    return folder / "first.duckdb"


@pytest.fixture
def path(first, tmp_path):
    """A copy of it, in a data folder of its own."""
    (tmp_path / "data").mkdir()
    return Path(shutil.copy(first, tmp_path / "data" / "warehouse.duckdb"))


def test_an_older_warehouse_is_backed_up_as_it_was_and_then_holds_all_its_rows(path, first, caplog):
    before = counts(path)
    assert before["estimates.stages"] == before["raw.claims"] == 1
    with open_warehouse(path) as connection:
        assert schema_version(connection) == our_schema()
    [backup] = backups.backups(path)
    assert re.fullmatch(r"warehouse-003-\d{4}-\d\d-\d\d\.duckdb", backup.name)
    assert backup.parent == path.parent / "backups"
    assert backup.read_bytes() == first.read_bytes()
    assert counts(path).items() >= before.items()
    [line] = [record.getMessage() for record in caplog.records]
    assert f"brought from schema 003 to {our_schema():03d}" in line
    assert str(backup) in line
    assert "\n" not in line


def test_what_is_up_to_date_or_new_is_not_backed_up(path, tmp_path):
    with open_warehouse(path):
        pass
    shutil.rmtree(path.parent / "backups")
    for place in (path, tmp_path / "new" / "warehouse.duckdb"):
        with open_warehouse(place):
            pass
        assert not (place.parent / "backups").exists()


def test_reading_an_older_warehouse_changes_nothing(path, first):
    with open_warehouse(path, read_only=True) as connection:
        assert connection.execute("select count(*) from raw.organizations").fetchone() == (1,)
    assert path.read_bytes() == first.read_bytes()
    assert not (path.parent / "backups").exists()


def test_what_waits_in_the_log_of_a_killed_process_is_in_the_backup_too(path):
    sql = "insert into raw.landed_files values ('f', 'r', now())"
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE, path, sql], check=False)
    assert path.with_name("warehouse.duckdb.wal").exists()
    with open_warehouse(path) as connection:
        found = connection.execute("select file_id from raw.landed_files").fetchall()
    assert ("f",) in found
    [backup] = backups.backups(path)
    with duckdb.connect(str(backup), read_only=True) as connection:
        assert connection.execute("select file_id from raw.landed_files").fetchall() == found


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("create table raw.broken (", "Parser Error"),
        ("delete from raw.activities", "raw.activities has lost rows"),
        ("drop table raw.claims", "raw.claims has lost rows"),
        ("insert into signals.measurements from signals.measurements", "measurements_are_complete"),
    ],
)
def test_a_migration_that_fails_leaves_the_file_untouched_and_names_the_backup(
    path, first, monkeypatch, sql, told
):
    files = {**schema_files(), "999_next.sql": sql}
    monkeypatch.setattr(migrations, "schema_files", lambda: files)
    with pytest.raises(WarehouseUpgradeError, match=told) as caught, open_warehouse(path):
        pass
    [backup] = backups.backups(path)
    assert str(backup) in str(caught.value)
    assert path.read_bytes() == backup.read_bytes() == first.read_bytes()
    assert left(path) == {"backups", path.name}


def test_without_room_for_a_backup_nothing_begins(path, first, monkeypatch):
    usage = type("Usage", (), {"free": 5 << 20})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(NoSpaceError, match=r"takes \d+ MB .* 5 MB are free"), open_warehouse(path):
        pass
    assert path.read_bytes() == first.read_bytes()
    assert backups.backups(path) == []


def test_the_newest_three_backups_are_kept(path, first):
    for number in range(1, 6):
        shutil.copy(first, path)
        with path.open("rb") as source:
            backups.back_up(source, path, number, AS_OF.date())
    assert [p.name[:13] for p in backups.backups(path)] == [f"warehouse-00{n}" for n in (3, 4, 5)]


@pytest.mark.parametrize("read_only", [True, False])
def test_a_later_schema_is_refused_with_both_versions(path, read_only):
    with open_warehouse(path) as connection:
        connection.execute("insert into schema_migrations values ('998_later.sql', now())")
        connection.execute(
            "insert into raw.runs by name select 'r' as run_id, now()::timestamp as started_at, "
            "'completed' as state, 'run' as command, now()::timestamp as as_of, false as "
            "is_invented, '9.9.9' as barograph_version, 0 as channel_count, 0 as due_count, "
            "0 as held_count, '' as error"
        )
    before = path.read_bytes()
    told = rf"has schema 998, last written by Barograph 9\.9\.9, .* with schema {our_schema()}:"
    with (
        pytest.raises(WarehouseNewerError, match=told),
        open_warehouse(path, read_only=read_only),
    ):
        pass
    assert path.read_bytes() == before


def test_a_snapshot_of_a_later_version_is_refused_with_both_versions(tmp_path):
    path = tmp_path / "snapshot.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.snapshot as select 998 as schema_version, "
            "'9.9.9' as barograph_version"
        )
    told = rf"by Barograph 9\.9\.9 \(schema 998\), .* \(schema {our_schema()}\)"
    for _ in range(2):
        with pytest.raises(NewerSnapshotError, match=told):
            Snapshot.open(path)


def test_while_one_process_upgrades_no_other_writes_or_upgrades(path, monkeypatch):
    tried = []

    def meanwhile(upgraded):
        command = [sys.executable, "-c", OPEN, path]
        tried.append(subprocess.run(command, capture_output=True, text=True, check=False).stderr)
        with pytest.raises(WarehouseBusyError, match="another process is bringing"):
            migrations.upgrade(path)
        original(upgraded)

    original = migrations._migrate_whole
    monkeypatch.setattr(migrations, "_migrate_whole", meanwhile)
    with open_warehouse(path) as connection:
        assert schema_version(connection) == our_schema()
    assert len(tried) == 1
    assert "lock" in tried[0]


@pytest.mark.thorough
def test_an_upgrade_that_is_killed_at_any_step_is_finished_by_the_next(first, tmp_path):
    before = counts(first)
    code, steps = dies(first, tmp_path / "undisturbed", NEVER)
    assert (code, steps.count("_apply") > len(schema_files()) / 2) == (0, True)
    for step in unlike_its_neighbours(steps):
        path = tmp_path / f"at-{step}" / first.name
        assert dies(first, path.parent, step)[0] == -9
        schema = as_it_was_or_upgraded(path, first)
        with open_warehouse(path) as connection:
            assert schema_version(connection) == our_schema(), schema
        assert counts(path).items() >= before.items()
        assert left(path) == {"backups", path.name}
        assert counts(backups.backups(path)[-1]) == before


def dies(first, folder, step):
    """How a process ended that died at a step of the upgrade of a copy, and what it had done."""
    folder.mkdir()
    path = shutil.copy(first, folder)
    command = [sys.executable, "-u", DYING, path, str(step)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return done.returncode, done.stdout.split()


def unlike_its_neighbours(steps):
    """Numbers of steps, without those in the middle of a row of the same."""
    return [n for n, step in enumerate(steps) if {*steps[max(0, n - 1) : n + 2]} != {step}]


def as_it_was_or_upgraded(path, first):
    """The schema of the file, which is one of the two."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute("select name from schema_migrations").fetchall()
    newest = max(number_of(name) for (name,) in names)
    assert newest == our_schema() or path.read_bytes() == first.read_bytes()
    return newest


def left(path):
    return {p.name for p in path.parent.iterdir()}
