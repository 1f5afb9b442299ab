"""What an earlier version of Barograph has left is taken over as it is."""

import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hostile_server import hostile, reply
from warehouse_tables import ACTIVITIES, CURSORS, rows
from watching import rss

SCHEMA = Path(__file__).parents[2] / "warehouse" / "schema"
COLLECT = ("collect", "--now", "--allow-host", "127.0.0.1")
TURNS = {"BAROGRAPH_PACING": "turns"}  # in the test's own folder
#: What an activity had then, by names that it still has.
SAME = """
    select activity_id, kind, direction, published_at, date_flag, content_fingerprint, edit_count
    from raw.activities order by activity_id
"""
PURPOSES = "select purpose, count(*) from raw.attempts group by 1"


@pytest.fixture
def server():
    with hostile() as running:
        running.on("/feed", reply(200, rss("1", "2"), ETag='"1"'), reply(304))
        yield running


@pytest.fixture
def data(tmp_path, server, barograph_json):
    """A data folder after one collection, as it was before 004_fetching.sql."""
    address = server.url("/feed")
    text = f'[[organization]]\nid = "a"\nchannels = [{{ source = "feeds", address = "{address}" }}]'
    (tmp_path / "organizations.toml").write_text(text)
    assert barograph_json(*COLLECT, **TURNS)[0] == 0
    make_older(tmp_path / "data")
    return tmp_path / "data"


def test_an_older_data_folder_is_taken_over_with_all_that_it_remembers(
    data, server, barograph_json
):
    before = rows(data, SAME)
    code, result = barograph_json(*COLLECT, **TURNS)
    assert (code, result["not_modified"]) == (0, 1)
    assert server.requests()[-1].validators == {"if-none-match"}
    assert len(before) == 2
    assert rows(data, SAME) == before
    assert rows(data, PURPOSES) == [("read", 2)]


def test_an_older_archive_can_be_replayed(data, barograph_json, barograph):
    barograph_json(*COLLECT, **TURNS)
    before = [rows(data, query) for query in (ACTIVITIES, CURSORS, PURPOSES)]
    (data / "warehouse.duckdb").unlink()
    done = barograph("replay")
    assert done.returncode == 0, done.stderr
    assert [rows(data, query) for query in (ACTIVITIES, CURSORS, PURPOSES)] == before


def test_proving_the_record_of_an_older_folder_says_what_to_do_first(
    finished, tmp_path, barograph_in
):
    folder = shutil.copytree(finished, tmp_path / "project")
    forget_evidence(folder / "data")
    refused = barograph_in(folder, "verify")
    assert refused.returncode == 1
    assert "made by an earlier version" in refused.stderr
    assert "`barograph build` brings it up to date" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert barograph_in(folder, "status").stderr == ""  # it reads nothing that is missing
    assert barograph_in(folder, "build").returncode == 0
    proved = barograph_in(folder, "verify")
    assert proved.returncode == 0, proved.stdout + proved.stderr


def forget_evidence(data):
    """Take from the warehouse what came with 012_evidence.sql."""
    with duckdb.connect(str(data / "warehouse.duckdb")) as connection:
        connection.execute("drop table signals.evidence")
        connection.execute("delete from schema_migrations where name = '012_evidence.sql'")


def make_older(data):
    """Take from warehouse and archive what came with 004_fetching.sql."""
    for path in (data / "archive" / "pages").rglob("*.parquet"):
        pq.write_table(pq.read_table(path).drop_columns(["purpose"]), path)
    newer = Path(shutil.move(data / "warehouse.duckdb", data / "newer.duckdb"))
    with duckdb.connect(str(data / "warehouse.duckdb")) as connection:
        connection.execute("create table schema_migrations (name varchar, applied_at timestamp)")
        for path in sorted(SCHEMA.glob("00[123]_*.sql")):
            connection.execute(path.read_text())
            connection.execute("insert into schema_migrations values (?, now())", [path.name])
        connection.execute(f"attach '{newer}' as newer (read_only)")
        for table, columns in raw_tables(connection):
            copy = f"insert into raw.{table} by name select {columns} from newer.raw.{table}"
            connection.execute(copy)
    newer.unlink()


def raw_tables(connection):
    """Tables of the older schema with their columns."""
    query = """
        select table_name, string_agg(column_name, ', ') from duckdb_columns()
        where schema_name = 'raw' and database_name = current_database() group by 1
    """
    return connection.execute(query).fetchall()
