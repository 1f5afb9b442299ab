"""What researchers take away: fifteen tables, twice, with a dictionary and a manifest."""

from __future__ import annotations

import csv
import hashlib
import json
import re

import duckdb
import pandas as pd
import pytest

TABLES = (
    "organizations",
    "channels",
    "activities",
    "threads",
    "presences",
    "coverage",
    "periods",
    "attempts",
    "address_changes",
    "drifts",
    "signals",
    "signal_revisions",
    "estimates",
    "claims",
    "labels",
)
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory, barograph_in):
    """The folder of an export of the project `finished`."""
    folder = tmp_path_factory.mktemp("export") / "new" / "out"
    done = barograph_in(finished, "export", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_an_export_holds_the_fifteen_tables_twice_and_what_explains_them(exported):
    files = {f"{table}.{kind}" for table in TABLES for kind in ("parquet", "csv")}
    assert {path.name for path in exported.iterdir()} == files | {"dictionary.csv", "manifest.json"}
    # feeds have no followers and no threads, nobody moved, and nothing drifted
    # nothing was imported, no number was replaced, and no expert coded anything
    nothing = ("presences", "threads", "address_changes", "drifts", "periods", "signal_revisions")
    empty = {f"{table}.csv" for table in (*nothing, "labels")}
    assert {name for name in files if name.endswith("csv") and not cells(exported, name)} == empty


@pytest.mark.parametrize("table", TABLES)
def test_duckdb_reads_the_same_rows_from_both_files(exported, table):
    with duckdb.connect() as connection:
        parquet = f"from '{exported / table}.parquet'"
        types = dict(connection.execute(f"select name, type from ({describe(parquet)})").fetchall())
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        sheet = (
            f"from read_csv('{exported / table}.csv', header = true, columns = {{{columns}}}, "
            "timestampformat = '%Y-%m-%dT%H:%M:%S.%fZ', allow_quoted_nulls = false)"
        )
        rows = connection.execute(parquet).fetchall()
        assert connection.execute(sheet).fetchall() == rows


@pytest.mark.parametrize("table", TABLES)
def test_pandas_reads_the_same_rows_from_both_files(exported, table):
    parquet = pd.read_parquet(exported / f"{table}.parquet")
    sheet = pd.read_csv(exported / f"{table}.csv", low_memory=False)
    assert list(sheet.columns) == list(parquet.columns)
    assert len(sheet) == len(parquet)
    for name in parquet.columns:
        if name.endswith("_at"):
            told = pd.to_datetime(sheet[name], utc=True)
            assert told.equals(parquet[name].dt.tz_localize("UTC").astype(told.dtype))
        elif pd.api.types.is_numeric_dtype(parquet[name]) and len(parquet):
            same = (sheet[name] == parquet[name]) | (sheet[name].isna() & parquet[name].isna())
            assert same.all(), name


def test_every_column_is_explained_in_the_dictionary_and_nothing_else(exported):
    entries = cells(exported, "dictionary.csv")
    columns = [(table, name) for table in TABLES for name in header(exported, table)]
    assert [(entry["table"], entry["column"]) for entry in entries] == columns
    assert all(entry["type"] and len(entry["meaning"].split()) > 2 for entry in entries)


def test_the_manifests_hashes_and_row_counts_hold(exported):
    manifest = json.loads((exported / "manifest.json").read_text("utf-8"))
    assert {"exported_at", "as_of", "known_at", "as_of_week", "barograph_version"} <= set(manifest)
    assert len(manifest["files"]) == 2 * len(TABLES)
    for name, told in manifest["files"].items():
        assert hashlib.sha256((exported / name).read_bytes()).hexdigest() == told["sha256"]
        with duckdb.connect() as connection:
            count = connection.execute(f"select count(*) from '{exported / name}'").fetchone()
        assert count == (told["rows"],)


def test_every_time_in_the_sheets_is_utc_and_says_so(exported):
    times = [
        cell
        for table in TABLES
        for row in cells(exported, f"{table}.csv")
        for name, cell in row.items()
        if name.endswith("_at") and cell
    ]
    assert len(times) > 100
    assert [time for time in times if not UTC_TIME.fullmatch(time)] == []


def test_what_was_not_measured_is_an_empty_cell_and_not_zero(exported):
    signals = cells(exported, "signals.csv")
    missing = [row for row in signals if row["missing_reason"]]
    assert missing
    assert {row["value"] for row in missing} == {""}
    assert {row["like_count"] for row in cells(exported, "activities.csv")} == {""}
    gone = [row for row in cells(exported, "channels.csv") if row["last_outcome"] == "not_found"]
    assert [row["last_seen_at"] for row in gone] == [""]


def test_names_with_commas_quotes_lines_and_formulas_survive(exported, hostile_names):
    for read in (python_names, pandas_names, duckdb_names):
        assert read(exported / "organizations.csv") == hostile_names
    assert [row["note"] for row in cells(exported, "claims.csv")] == ["", "=1+1"]


def test_the_way_of_a_moved_channel_is_kept(exported):
    redirected = [row for row in cells(exported, "attempts.csv") if row["redirects"] != "[]"]
    assert len(redirected) == 1
    assert redirected[0]["url"].endswith("/feed-0.xml?a,b")


def test_a_second_export_replaces_the_first(exported, finished, barograph):
    files = ("activities.csv", "signals.csv", "dictionary.csv")
    before = [(exported / name).read_bytes() for name in files]
    assert barograph("export", exported, folder=finished).returncode == 0
    assert [(exported / name).read_bytes() for name in files] == before
    assert not [path.name for path in exported.iterdir() if path.name.startswith(".")]


def test_before_anything_was_collected_an_export_says_what_to_do(tmp_path, barograph):
    done = barograph("export", "out")
    assert done.returncode == 1
    assert "no warehouse yet; `barograph run` makes it" in done.stderr
    assert not (tmp_path / "out").exists()


def describe(query):
    return f"select column_name as name, column_type as type from (describe {query})"


def header(folder, table):
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def cells(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def python_names(path):
    return {row["organization_id"]: row["name"] for row in cells(path.parent, path.name)}


def pandas_names(path):
    return dict(pd.read_csv(path)[["organization_id", "name"]].itertuples(index=False))


def duckdb_names(path):
    with duckdb.connect() as connection:
        query = f"select organization_id, name from read_csv('{path}')"
        return dict(connection.execute(query).fetchall())
