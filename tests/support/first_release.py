"""A warehouse as the first released version left it: its schema, and rows as it wrote them."""

from pathlib import Path

import duckdb

SCHEMA = Path(__file__).parents[2] / "warehouse" / "schema"
FIRST = ("001_raw.sql", "002_signals.sql", "003_macros.sql")
#: What that version built beside them.
BUILT = (
    "create schema staging",
    "create table staging.clock as select timestamp '2026-11-01' as as_of",
    "create table staging.channels as select channel_id from raw.channels",
    "create table staging.coverage as select channel_id, 'empty' as state from raw.channels",
    "create schema rollups",
    "create table rollups.organization_weeks as select organization_id from raw.organizations",
    "create schema marts",
    "create table marts.snapshot as select 1 as snapshot_number",
    "create table marts.organizations as select organization_id from raw.organizations",
)
#: Signals that it measured.
SIGNALS = ("active_weeks_share", "posts_per_week", "weekend_share", "days_since_last_post")
ROWS = """
    select schema_name || '.' || table_name, estimated_size from duckdb_tables()
    where schema_name in ('raw', 'signals', 'estimates') and database_name = current_database()
"""


def write_first(path, newer):
    """Write to `path` what the warehouse file `newer` would have been in the first version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table schema_migrations (name varchar, applied_at timestamp)")
        for name in FIRST:
            connection.execute((SCHEMA / name).read_text())
            connection.execute("insert into schema_migrations values (?, now())", [name])
        connection.execute(f"attach '{newer}' as newer (read_only)")
        for table, columns in _tables(connection):
            wanted = _wanted(table)
            connection.execute(
                f"insert into {table} by name select {columns} from newer.{table} {wanted}"
            )
        connection.execute("detach newer")
        for statement in BUILT:
            connection.execute(statement)


def _tables(connection):
    return connection.execute(
        "select schema_name || '.' || table_name, string_agg(column_name, ', ') "
        "from duckdb_columns() where schema_name in ('raw', 'signals', 'estimates') "
        "and database_name = current_database() group by all"
    ).fetchall()


def _wanted(table):
    names = ", ".join(f"'{name}'" for name in SIGNALS)
    return f"where signal_code in ({names})" if table == "signals.measurements" else ""


def counts(path):
    """Rows by table of a warehouse file, of tables that hold any."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [name for name, _ in connection.execute(ROWS).fetchall()]
        found = {
            name: connection.execute(f"select count(*) from {name}").fetchone()[0] for name in names
        }
    return {name: count for name, count in found.items() if count}
