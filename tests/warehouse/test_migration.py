"""A warehouse of an earlier version is measured like a new one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from warehouse.build import build
from warehouse.db import WarehouseOlderError, open_warehouse
from warehouse.register import register_organizations

SCHEMA = Path(__file__).parents[2] / "warehouse" / "schema"
AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
MEASURED = """
    select * exclude (known_at) from signals.measurements
    where as_of_week = '2026-10-26' order by all
"""


def test_what_was_collected_before_there_was_a_history_counts_all_the_same(world, tmp_path):
    world.organization("acme", "news", "forum")
    posts = [AS_OF - day * DAY for day in range(1, 90, 3)]
    world.see("news", AS_OF - 300 * DAY, AS_OF, posts)
    asked = [world.said(f"q{n}", AS_OF - (20 + n) * DAY, thread=f"q{n}") for n in range(5)]
    view = {"reply_count": 1, "shown_count": 1, "is_truncated": False, "withheld_count": 0}
    views = [{"thread_id": said["thread_id"], **view} for said in asked]
    world.talk("forum", AS_OF - DAY, *asked, threads=views)
    world.build(AS_OF)
    expected = world.connection.execute(MEASURED).fetchall()
    older = tmp_path / "older.duckdb"
    make_older(older, world.connection)
    with open_warehouse(older) as connection:
        for relation in ("rollups.conversations", "staging.posts"):
            connection.execute(f"create schema if not exists {relation.split('.')[0]}")
            connection.execute(f"create table {relation} as select 1 as one")
        connection.execute("create view staging.channels as select 1 as one")
        build(connection, world.clock(AS_OF))
        assert connection.execute(MEASURED).fetchall() == expected
        assert connection.execute("select count(*) from facts.acts").fetchone() == (35,)


def test_organizations_of_before_there_were_groups_have_none_and_stay_as_they_were(world, tmp_path):
    world.organization("acme", "news")
    listed = list(world._listed.values())
    older = tmp_path / "older.duckdb"
    make_older(older, world.connection, before="014")
    with open_warehouse(older) as connection:
        assert connection.execute("select groups from raw.organizations").fetchall() == [([],)]
        connection.execute("delete from raw.touched_weeks")
        register_organizations(connection, listed, AS_OF)
        assert connection.execute("from raw.former_organizations").fetchall() == []
        assert connection.execute("from raw.touched_weeks").fetchall() == []
        listed[0]["groups"] = ("north",)
        register_organizations(connection, listed, AS_OF + DAY)
        former = connection.execute("select groups from raw.former_organizations").fetchall()
        assert former == [([],)]
        groups = connection.execute("select groups from raw.organizations").fetchall()
        assert groups == [(["north"],)]


@pytest.mark.parametrize("query", ["from signals.evidence", "select note from raw.channels"])
def test_whoever_only_reads_an_older_warehouse_is_told_what_brings_it_up_to_date(tmp_path, query):
    path = tmp_path / "older.duckdb"
    make_older(path)
    with (
        pytest.raises(WarehouseOlderError, match=r"older\.duckdb: was made by .*`barograph build`"),
        open_warehouse(path, read_only=True) as connection,
    ):
        connection.execute(query)


def test_what_an_older_warehouse_has_can_be_read(tmp_path):
    make_older(tmp_path / "older.duckdb")
    with open_warehouse(tmp_path / "older.duckdb", read_only=True) as connection:
        assert connection.execute("from raw.channels").fetchall() == []


def test_a_query_that_no_version_answers_is_an_error_of_its_own(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb"):
        pass
    for path in (tmp_path / "warehouse.duckdb", strange(tmp_path)):
        with (
            pytest.raises(duckdb.CatalogException),
            open_warehouse(path, read_only=True) as connection,
        ):
            connection.execute("from raw.nonsense")


def strange(folder):
    """A database that Barograph did not make."""
    with duckdb.connect(str(folder / "strange.duckdb")) as connection:
        connection.execute("create table notes (note varchar)")
    return folder / "strange.duckdb"


def make_older(path, newer=None, before="006"):
    """The tables of the version before a schema file, with the same rows if any."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table schema_migrations (name varchar, applied_at timestamp)")
        for file in sorted(path for path in SCHEMA.glob("*.sql") if path.name < before):
            connection.execute(file.read_text())
            connection.execute("insert into schema_migrations values (?, now())", [file.name])
        if newer is None:
            return
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall():
            columns = connection.execute(f"describe raw.{table}").fetchall()
            names = ", ".join(name for name, *_ in columns)
            rows = newer.execute(f"select {names} from raw.{table}").fetchall()
            if rows:
                marks = ", ".join("?" for _ in columns)
                connection.executemany(f"insert into raw.{table} values ({marks})", rows)
