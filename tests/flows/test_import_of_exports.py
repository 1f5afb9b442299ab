"""An export can be loaded into an empty project, and comes out of it as it went in."""

from __future__ import annotations

import json
import os
import shutil

import duckdb
import pytest
from exported_folders import contents, retold
from town import texts
from warehouse_tables import rows

from flows import restoring
from flows.errors import InputError, NothingDoneError
from flows.exporting import export_all
from flows.project import Project
from flows.restoring import check_replayable, restore
from warehouse.archive import Archive
from warehouse.connecting import connect
from warehouse.db import open_warehouse
from warehouse.export import seal
from warehouse.migrations import migrate, our_schema, schema_version
from warehouse.statetables import state_tables

pytestmark = pytest.mark.thorough
NAMES = "select organization_id from raw.organizations order by all"


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory, barograph_in):
    folder = tmp_path_factory.mktemp("exported") / "out"
    assert barograph_in(finished, "export", folder).returncode == 0
    return folder


@pytest.fixture
def changed(exported, tmp_path):
    """A copy of an export, to be harmed."""
    return shutil.copytree(exported, tmp_path / "changed")


@pytest.fixture
def imported(exported, tmp_path, barograph):
    """A project that began with the export."""
    done = barograph("import", "--export", exported)
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_what_was_imported_is_exported_as_the_same_bytes(exported, imported, barograph):
    assert barograph("export", "again").returncode == 0
    again = contents(imported / "again")
    assert [name for name, bytes_ in contents(exported).items() if again.get(name) != bytes_] == []
    assert set(again) == set(contents(exported))


def test_conversations_and_what_was_deleted_come_out_as_they_went_in(town, tmp_path):
    town.run_a_day_later()
    town.collecting.build()
    with open_warehouse(town.project.warehouse) as connection:
        export_all(connection, tmp_path / "first")
    restore(tmp_path / "new", tmp_path / "first")
    with open_warehouse(tmp_path / "new" / "warehouse.duckdb") as connection:
        export_all(connection, tmp_path / "second")
        assert connection.execute("from raw.deletions").fetchall()
    assert contents(tmp_path / "second") == contents(tmp_path / "first")


def test_what_an_export_cannot_carry_is_said(exported, barograph):
    done = barograph("import", "--export", exported, "--data", "elsewhere")
    told = " ".join(done.stdout.split())
    for words in ("`replay` cannot make again", "keys of people", "questionnaires", "`run` needs"):
        assert words in told
    assert " 4 raw.organizations" in told


def test_an_import_can_be_read_by_machines(exported, barograph_json):
    code, told = barograph_json("import", "--export", exported)
    assert code == 0
    assert told["rows"]["raw.organizations"] == 4
    assert told["manifest"]["is_whole"]


def test_everything_goes_on_after_an_import(finished, imported, barograph):
    data = imported / "data"
    weeks = "select * from signals.measurements order by all"
    before = rows(data, weeks)
    for command in ("build", "estimate", "publish", "verify", ("site", "pages")):
        arguments = (command,) if isinstance(command, str) else command
        done = barograph(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "all equal, to the last bit" in barograph("verify").stdout
    week = before[0][1]
    same = f"select * from signals.measurements where as_of_week = '{week}' order by all"
    kept = "select * exclude (known_until) from signals.former_measurements order by all"
    assert set(before) <= {*rows(data, same), *rows(data, kept)}
    assert barograph("status").returncode == 3  # one channel was gone at the last run
    for name in ("organizations.toml", "claims.csv"):
        shutil.copy(finished / name, imported)
    done = barograph("run", "--now", "--allow-host", "127.0.0.1")
    assert done.returncode == 3, done.stderr
    doubles = "select activity_id from raw.activities group by 1 having count(*) > 1"
    assert rows(data, doubles) == []
    counts = "select count(*) from raw.activities"
    assert rows(data, counts) == rows(finished / "data", counts)


def test_a_project_that_began_with_an_export_is_not_replayed_to_nothing(imported, finished):
    with pytest.raises(InputError, match="began with an export"):
        check_replayable(Project(imported / "data"))
    check_replayable(Project(finished / "data"))


def test_a_project_with_rows_takes_no_export(exported, finished, tmp_path, barograph):
    shutil.copytree(finished / "data", tmp_path / "data")
    before = (tmp_path / "data" / "warehouse.duckdb").read_bytes()
    done = barograph("import", "--export", exported)
    assert done.returncode == 1
    assert "holds rows already" in done.stderr
    assert (tmp_path / "data" / "warehouse.duckdb").read_bytes() == before


def test_a_project_with_an_archive_takes_no_export(exported, tmp_path):
    Archive(tmp_path / "data" / "archive").write_run({"run_id": "r"})
    with pytest.raises(NothingDoneError, match="holds an archive already"):
        restore(tmp_path / "data", exported)


def test_a_warehouse_without_rows_is_no_obstacle(exported, tmp_path):
    with open_warehouse(tmp_path / "data" / "warehouse.duckdb"):
        pass
    restore(tmp_path / "data", exported)
    assert len(rows(tmp_path / "data", NAMES)) == 4


def spoil(name):
    return lambda folder: os.truncate(folder / name, (folder / name).stat().st_size - 1)


def add_state(folder):
    shutil.copy(folder / "state" / "raw.runs.parquet", folder / "state" / "raw.sources.parquet")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (spoil("signals.csv"), "signals.csv is not what it was"),
        (spoil("state/raw.activities.parquet"), "state/raw.activities.parquet is not what it was"),
        (lambda folder: (folder / "claims.parquet").unlink(), "claims.parquet is missing"),
        (add_state, "state/raw.sources.parquet is not what it was"),
        (lambda folder: (folder / "checksums.txt").unlink(), "has no checksums.txt"),
        (lambda folder: (folder / "checksums.txt").write_text("0  /etc/passwd\n"), "/etc/passwd"),
        (lambda folder: (folder / "manifest.json").unlink(), "it has no manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "no export, or damaged"),
        (spoil("README.md"), "README.md is not what it was"),
    ],
)
def test_a_folder_that_was_changed_is_refused_and_the_file_named(
    changed, tmp_path, barograph, harm, told
):
    harm(changed)
    done = barograph("import", "--export", changed)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data" / "warehouse.duckdb").exists()


def unlisted(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    lines = (folder / "checksums.txt").read_text().splitlines(keepends=True)
    left = [line for line in lines if "raw.runs" not in line]
    (folder / "checksums.txt").write_text("".join(left))
    return manifest


def test_state_without_a_checksum_is_refused(changed, tmp_path):
    unlisted(changed)
    with pytest.raises(InputError, match=r"raw\.runs\.parquet is not in checksums\.txt"):
        restore(tmp_path / "data", changed)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": 99}, "(schema "),
        ({"schema_version": 998, "barograph_version": "9.9.9"}, "Barograph 9.9.9 (schema 998)"),
        ({"schema_version": 998}, "install that version or a later one"),
        ({"is_whole": False}, "holds only a part"),
    ],
)
def test_an_export_that_this_version_cannot_take_says_what_to_do(changed, tmp_path, changes, told):
    retold(changed, **changes)
    with pytest.raises(InputError) as caught:
        restore(tmp_path / "data", changed)
    assert told in str(caught.value)


def test_an_export_of_a_version_without_state_says_what_can_be_taken(changed, tmp_path):
    path = changed / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["format"]
    path.write_text(json.dumps(manifest))
    seal(changed)
    with pytest.raises(
        InputError, match=r"`barograph import .*activities\.parquet` takes its acts"
    ):
        restore(tmp_path / "data", changed)


def test_a_table_that_names_itself_otherwise_is_never_run_as_sql(changed, tmp_path):
    state = json.loads((changed / "manifest.json").read_text())["state"]
    evil = "state/raw.runs; drop table raw.activities; --.parquet"
    shutil.copy(changed / "state" / "raw.runs.parquet", changed / evil)
    retold(changed, state={**state, evil: {"rows": 1}})
    with pytest.raises(InputError, match=r"its version has no tables raw\.runs; drop table"):
        restore(tmp_path / "data", changed)


def test_a_table_with_other_columns_than_its_version_had_is_named(changed, tmp_path):
    path = changed / "state" / "raw.runs.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table t as select *, 1 as more from '{path}'")
        connection.execute(f"copy t to '{path}'")
    retold(changed)
    with pytest.raises(InputError, match=r"raw\.runs cannot be loaded"):
        restore(tmp_path / "data", changed)


def test_rows_that_are_not_those_of_the_tables_are_found(changed, tmp_path):
    path = changed / "state" / "raw.activities.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table acts as from '{path}'")
        connection.execute("update acts set language = 'xx' where rowid = 1")
        connection.execute(f"copy acts to '{path}'")
    retold(changed)
    with pytest.raises(NothingDoneError, match=r"otherwise than they were exported: activities \("):
        restore(tmp_path / "data", changed)
    assert not (tmp_path / "data" / "warehouse.duckdb").exists()


def test_an_export_of_an_earlier_schema_is_brought_up_to_date(changed, exported, tmp_path):
    make_earlier(changed, tmp_path / "then.duckdb", schema=13)
    restore(tmp_path / "data", changed)
    with open_warehouse(tmp_path / "data" / "warehouse.duckdb") as connection:
        assert schema_version(connection) == our_schema()
        export_all(connection, tmp_path / "again")
    for name in ("organizations.parquet", "activities.csv", "signals.parquet", "runs.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (exported / name).read_bytes(), name


def make_earlier(folder, path, schema):
    """Leave of the state in an export's folder what the version of a schema knew."""
    state = json.loads((folder / "manifest.json").read_text())["state"]
    with connect(path) as former:
        migrate(former, until=schema)
        known = set(state_tables(former))
        for name in list(state):
            table = name.removeprefix("state/").removesuffix(".parquet")
            if table not in known:
                (folder / name).unlink()
                del state[name]
                continue
            columns = ", ".join(name for name, *_ in former.execute(f"describe {table}").fetchall())
            kept = f"select {columns} from read_parquet('{folder / name}')"
            former.execute(f"create or replace temp table kept as {kept}")
            former.execute(f"copy kept to '{folder / name}'")
    retold(folder, state=state, schema_version=schema)


@pytest.mark.parametrize("step", ["_fill", "_check_same", "_take_models", "_mark", "sync"])
def test_an_import_that_dies_leaves_no_warehouse_and_can_be_repeated(
    exported, tmp_path, monkeypatch, step
):
    data = tmp_path / "data"
    with monkeypatch.context() as patch:
        patch.setattr(restoring, step, die)
        with pytest.raises(SystemExit):
            restore(data, exported)
    assert not (data / "warehouse.duckdb").exists()
    restore(data, exported)
    assert len(rows(data, NAMES)) == 4
    assert not list(data.glob(".warehouse*"))


def die(*_given):
    raise SystemExit


@pytest.mark.parametrize(
    "arguments", [(), ("--export", ".", "--dry-run"), ("--export", ".", "--mapping", "x-archive")]
)
def test_an_export_comes_alone(barograph, arguments):
    done = barograph("import", *arguments)
    assert done.returncode == 2
    assert "--export" in done.stderr


def test_no_secret_of_the_project_is_in_its_export(finished, exported):
    secrets = [path.read_text().strip() for path in (finished / "data" / "secrets").iterdir()]
    words = [json.loads(text) if text.startswith("{") else text for text in secrets]
    flat = {word for word in _strings(words) if len(word) > 20}
    assert flat
    found = "\0".join(text for path in exported.rglob("*") for text in texts(path))
    assert [word for word in flat if word in found] == []


def _strings(value):
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        return [word for each in value for word in _strings(each)]
    return [str(value)]
