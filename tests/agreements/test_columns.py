"""Fields of Python values, of landed files and of tables are the same, though none imports another.

A connector's values land as Parquet and are merged into tables; each side writes the names
down for itself.
"""

from dataclasses import fields, is_dataclass

import duckdb
import pyarrow as pa
import pytest

from connectors.contract import Activity, Channel, Drift, Extent, Presence, ThreadView
from connectors.fetching.exchange import Exchange
from connectors.fetching.state import FetchState
from flows.organizations.model import Organization
from flows.runs import Run
from warehouse.archive import PAGE_SCHEMA
from warehouse.db import open_warehouse
from warehouse.landing import SCHEMAS

#: What the warehouse adds when it loads: history of an activity, novelty of a listing.
ADDED = {
    "activities": {"last_listed_at", "edit_count", "last_page_id"},
    "listings": {"new_entry_count", "is_overflow", "seen_from"},
    "periods": set(),
    "attempts": set(),
    "presences": set(),
    "cursors": set(),
    "address_changes": set(),
    "deletions": {"reason"},
}
#: What is told of each page and kept as one row for all of them, or only compared with.
GATHERED = {"threads": ThreadView, "drifts": Drift, "extents": Extent}
#: Fields that never reach a file.
IN_MEMORY = {"author"}
#: Where a page stands, beside what it yields.
PLACE = {"channel_id", "observed_at", "page_id", "source"}
LANDED = {"activities": Activity, "presences": Presence, "cursors": FetchState}
LISTED = {"listed_by", "first_listed_at", "last_listed_at"}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Columns of the tables of schema raw: type and whether they may be NULL."""
    with open_warehouse(tmp_path_factory.mktemp("agreements") / "warehouse.duckdb") as connection:
        found = connection.execute(
            "select table_name, column_name, data_type, is_nullable from duckdb_columns() "
            "where schema_name = 'raw' order by table_name, column_index"
        ).fetchall()
    columns = {}
    for table, column, kind, is_nullable in found:
        columns.setdefault(table, {})[column] = (kind, is_nullable)
    return columns


@pytest.mark.parametrize("table", LANDED)
def test_a_contract_value_has_the_columns_of_its_landing_file(table):
    landed = [name for name in names(LANDED[table]) if name not in IN_MEMORY]
    assert landed == SCHEMAS[table].names


def test_no_identity_of_a_person_has_a_column(tables):
    assert not IN_MEMORY & {column for columns in tables.values() for column in columns}


@pytest.mark.parametrize("table", GATHERED)
def test_what_is_gathered_from_pages_lands_as_the_contract_has_it(table):
    assert set(SCHEMAS[table].names) - PLACE == set(names(GATHERED[table]))


@pytest.mark.parametrize("table", ADDED)
def test_a_landing_file_has_the_columns_of_its_table(table, tables):
    stored = tables[table]
    assert set(stored) == set(SCHEMAS[table].names) | ADDED[table]
    assert ADDED[table].isdisjoint(SCHEMAS[table].names)


@pytest.mark.parametrize("table", ADDED)
def test_a_landing_file_has_the_types_of_its_table(table, tables):
    landed = duckdb_types(SCHEMAS[table])
    assert {name: tables[table][name][0] for name in landed} == landed


@pytest.mark.parametrize("table", LANDED)
def test_a_field_that_may_be_none_is_a_column_that_may_be_null(table, tables):
    may_be_none = {field.name for field in fields(LANDED[table]) if "None" in str(field.type)}
    may_be_null = {
        name
        for name, (_, is_nullable) in tables[table].items()
        if is_nullable and name not in ADDED[table]
    }
    assert may_be_none == may_be_null


def test_what_the_warehouse_adds_is_never_null(tables):
    added = [tables[table][name] for table, extra in ADDED.items() for name in extra]
    assert len(added) == 7
    assert not any(is_nullable for _, is_nullable in added)


def test_every_landed_table_has_a_statement_that_merges_it(pytestconfig):
    merges = pytestconfig.rootpath / "warehouse" / "merges"
    found = [path for path in merges.iterdir() if path.is_dir() or path.suffix == ".sql"]
    assert sorted(path.stem for path in found) == sorted({*SCHEMAS, "forgotten"})
    assert all(list(path.glob("*.sql")) for path in found if path.is_dir())
    assert set(SCHEMAS) == {*ADDED, *GATHERED}


@pytest.mark.parametrize(
    ("value", "table", "own"),
    [
        (Channel, "channels", LISTED),
        (Organization, "organizations", LISTED),
        (Run, "runs", set()),
    ],
)
def test_a_registered_value_has_the_columns_of_its_table(value, table, own, tables):
    in_use_only = {"channels", "homepage", "own_accounts", "is_consented"}
    fields_of = set(names(value)) - (in_use_only if value is Channel else {"channels"})
    assert fields_of | own == set(tables[table])


def test_an_exchange_has_the_columns_of_the_archive():
    assert names(Exchange) == PAGE_SCHEMA.names


def names(value):
    assert is_dataclass(value)
    return [field.name for field in fields(value)]


def duckdb_types(schema):
    """What DuckDB makes of the columns of a Parquet file."""
    with duckdb.connect() as connection:
        connection.register("landed", schema.empty_table())
        described = connection.execute("describe from landed").fetchall()
    assert isinstance(schema, pa.Schema)
    return {name: kind for name, kind, *_ in described}
