"""What has been erased is in no byte of the warehouse, whatever kind it is of."""

from __future__ import annotations

import duckdb
import pytest
from town import cells

from warehouse.build import set_variables
from warehouse.compacting import compact, compact_lake
from warehouse.db import open_warehouse
from warehouse.lake import LakeExtensionsError, load_extensions

WORD = "a-word-that-nobody-else-says"
ROWS = "select count(*), min(run_id) from raw.landed_files"


def test_a_compacted_file_holds_the_same_and_nothing_of_what_was_deleted(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        set_variables(connection, {"blurring_secret": "x"})
        fill(connection)
        connection.execute("checkpoint")
        assert WORD.encode() in path.read_bytes()
        connection.execute(f"delete from raw.landed_files where file_id = '{WORD}'")
        before = described(connection)
        compact(connection, path)
    assert [file.name for file in tmp_path.iterdir()] == ["warehouse.duckdb"]
    assert WORD.encode() not in path.read_bytes()
    with open_warehouse(path) as connection:
        assert described(connection) == before
        assert connection.execute(ROWS).fetchone() == (1, "run")


def test_a_compacted_lake_holds_the_same_and_nothing_of_what_was_deleted(tmp_path):
    with duckdb.connect() as connection:
        try:
            load_extensions(connection)
        except LakeExtensionsError as error:
            pytest.skip(f"{error}")  # an extra, which not every machine can have
        options = f"(data_path '{tmp_path / 'files'}/', data_inlining_row_limit 0)"
        connection.execute(f"attach 'ducklake:{tmp_path / 'catalog'}' as lake {options}")
        connection.execute("use lake")
        connection.execute("create schema raw")
        connection.execute("create table raw.landed_files (file_id varchar, run_id varchar)")
        connection.execute(f"insert into raw.landed_files values ('{WORD}', 'gone')")
        connection.execute("insert into raw.landed_files values ('another', 'run')")
        connection.execute(f"delete from raw.landed_files where file_id = '{WORD}'")
        assert any(WORD.encode() in file.read_bytes() for file in files(tmp_path))
        kept = "from __ducklake_metadata_lake.main.ducklake_table_column_stats"
        assert WORD in repr(connection.execute(kept).fetchall())
        compact_lake(connection)
        assert connection.execute(ROWS).fetchone() == (1, "run")
        assert connection.execute(f"{ROWS} where file_id = 'another'").fetchone() == (1, "run")
    assert not any(WORD.encode() in file.read_bytes() for file in files(tmp_path))
    known = set(cells(tmp_path / "catalog"))
    assert "another" in known
    assert not any(WORD in value for value in known)


def fill(connection):
    for name, run in ((WORD, "gone"), ("another", "run")):
        connection.execute("insert into raw.landed_files values (?, ?, now())", [name, run])


def files(folder):
    return [path for path in (folder / "files").rglob("*.parquet") if path.is_file()]


def described(connection):
    """Everything that a warehouse has, but for its rows."""
    return [
        connection.execute(f"select * exclude ({left_out}) from {name}() order by all").fetchall()
        for name, left_out in (
            ("duckdb_columns", "database_oid, schema_oid, table_oid"),
            ("duckdb_views", "database_oid, schema_oid, view_oid"),
        )
    ]
