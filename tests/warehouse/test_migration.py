"""A warehouse of an earlier version is measured like a new one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from warehouse.build import build
from warehouse.db import open_warehouse

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


def make_older(path, newer):
    """The same rows in the tables of the version before 006_history.sql."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table schema_migrations (name varchar, applied_at timestamp)")
        for file in sorted(SCHEMA.glob("00[1-5]_*.sql")):
            connection.execute(file.read_text())
            connection.execute("insert into schema_migrations values (?, now())", [file.name])
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall():
            columns = connection.execute(f"describe raw.{table}").fetchall()
            names = ", ".join(name for name, *_ in columns)
            rows = newer.execute(f"select {names} from raw.{table}").fetchall()
            if rows:
                marks = ", ".join("?" for _ in columns)
                connection.executemany(f"insert into raw.{table} values ({marks})", rows)
