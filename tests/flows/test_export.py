"""What researchers take away: nineteen tables, twice, and what explains and verifies them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess

import duckdb
import jsonschema
import pandas as pd
import pytest
import yaml

TABLES = (
    "organizations",
    "channels",
    "sources",
    "runs",
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
    "models",
    "estimates",
    "contributions",
    "claims",
    "labels",
)
PAPERS = {
    *("dictionary.csv", "datapackage.json", "manifest.json", "checksums.txt"),
    *("README.md", "CITATION.cff"),
}
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory, barograph_in):
    """The folder of an export of the project `finished`."""
    folder = tmp_path_factory.mktemp("export") / "new" / "out"
    done = barograph_in(finished, "export", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_an_export_holds_the_nineteen_tables_twice_and_what_explains_them(exported):
    files = {f"{table}.{kind}" for table in TABLES for kind in ("parquet", "csv")}
    folders = {"state", "models"}
    assert {path.name for path in exported.iterdir()} == files | PAPERS | folders
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
    assert manifest["exported_at"] is None
    assert manifest["is_whole"]
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


def test_a_second_export_replaces_the_first_by_the_same_bytes(exported, finished, barograph):
    before = contents(exported)
    assert barograph("export", exported, folder=finished).returncode == 0
    assert contents(exported) == before
    assert not [path.name for path in exported.rglob("*") if path.name.startswith(".")]


def test_an_export_says_when_it_was_made_only_if_told_to(finished, tmp_path, barograph):
    arguments = ("out", "--exported-at", "2026-11-23T10:00", "--data", finished / "data")
    assert barograph("export", *arguments).returncode == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["exported_at"] == "2026-11-23T10:00:00+00:00"


def test_sha256sum_verifies_an_export_and_finds_what_was_changed(exported, tmp_path):
    folder = shutil.copytree(exported, tmp_path / "out")
    command = ["sha256sum", "--strict", "--quiet", "-c", "checksums.txt"]
    assert subprocess.run(command, cwd=folder, check=False).returncode == 0
    listed = {line.split("  ")[1] for line in (folder / "checksums.txt").read_text().splitlines()}
    assert listed == set(contents(folder)) - {"checksums.txt"}
    (folder / "claims.csv").write_text("organization_id\n")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == "claims.csv: FAILED\n"


def test_an_export_names_no_place_on_this_machine_and_no_secret(exported, finished):
    secrets = [path.read_bytes().strip() for path in (finished / "data" / "secrets").iterdir()]
    for name, content in contents(exported).items():
        if name.endswith((".csv", ".json", ".md", ".cff", ".txt")):
            assert str(finished).encode() not in content, name
        assert not [secret for secret in secrets if secret in content], name


def test_programs_read_the_package_that_the_sheets_make_up(exported):
    package = json.loads((exported / "datapackage.json").read_text("utf-8"))
    assert package["profile"] == "tabular-data-package"
    assert [resource["name"] for resource in package["resources"]] == list(TABLES)
    assert "licenses" not in package
    for resource in package["resources"]:
        path = exported / resource["path"]
        assert (resource["bytes"], resource["encoding"]) == (path.stat().st_size, "utf-8")
        assert resource["hash"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert list(fields) == header(exported, resource["name"])
        assert set(resource["schema"].get("primaryKey", ())) <= set(fields)
        for row in cells(exported, resource["path"]):
            assert not [n for n, cell in row.items() if cell and not FITS[fields[n]["type"]](cell)]


FITS = {
    "string": str,
    "integer": re.compile(r"-?\d+").fullmatch,
    "number": lambda cell: float(cell) is not None,
    "boolean": {"true", "false"}.__contains__,
    "date": re.compile(r"\d{4}-\d\d-\d\d").fullmatch,
    "datetime": UTC_TIME.fullmatch,
    "array": lambda cell: isinstance(json.loads(cell), list),
}


def test_an_export_tells_how_to_cite_it_by_the_citation_file_format(finished, tmp_path, barograph):
    environment = {"BAROGRAPH_PUBLISHER": 'Institute "A": B', "BAROGRAPH_LICENCE": "CC-BY-4.0"}
    arguments = ("export", "out", "--data", finished / "data")
    assert barograph(*arguments, **environment).returncode == 0
    cited = yaml.safe_load((tmp_path / "out" / "CITATION.cff").read_text("utf-8"))
    jsonschema.validate(cited, CFF, format_checker=jsonschema.FormatChecker())
    assert cited["authors"] == [{"name": 'Institute "A": B'}]
    assert (cited["license"], cited["type"]) == ("CC-BY-4.0", "dataset")
    digest = hashlib.sha256((tmp_path / "out" / "manifest.json").read_bytes()).hexdigest()
    assert cited["identifiers"][0]["value"] == f"sha256:{digest}"
    guide = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert 'Institute "A": B: Barograph export, week of Monday' in guide
    assert "Licence: CC-BY-4.0." in guide


def test_a_licence_that_nobody_stated_is_not_stated(exported):
    cited = yaml.safe_load((exported / "CITATION.cff").read_text("utf-8"))
    jsonschema.validate(cited, CFF, format_checker=jsonschema.FormatChecker())
    assert "license" not in cited
    guide = (exported / "README.md").read_text("utf-8")
    assert "Licence: not stated." in guide
    for word in ("UTC", "Missing is not zero", "sha256sum -c checksums.txt", "How to cite"):
        assert word in guide
    assert [name for name in TABLES if f"| `{name}` |" not in guide] == []


#: What the Citation File Format 1.2.0 asks of the fields that we write (its schema.json).
_ENTITY = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}
_AUTHORS = {"type": "array", "minItems": 1, "uniqueItems": True, "items": _ENTITY}
_VERSION = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "number"}]}
CFF = {
    "type": "object",
    "required": ["authors", "cff-version", "message", "title"],
    "additionalProperties": False,
    "properties": {
        "cff-version": {"type": "string", "pattern": r"^1\.(\d+)\.(\d+)$"},
        "message": {"type": "string", "minLength": 1},
        "type": {"enum": ["dataset", "software"]},
        "title": {"type": "string", "minLength": 1},
        "authors": _AUTHORS,
        "version": _VERSION,
        "date-released": {},  # YAML has dates of its own
        "abstract": {"type": "string", "minLength": 1},
        "license": {"type": "string"},
        "identifiers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "value"],
                "properties": {
                    "type": {"enum": ["doi", "url", "swh", "other"]},
                    "value": {"type": "string", "minLength": 1},
                    "description": {"type": "string", "minLength": 1},
                },
                "additionalProperties": False,
            },
        },
        "references": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["authors", "title", "type"],
                "properties": {
                    "type": {"const": "software"},
                    "title": {"type": "string"},
                    "version": _VERSION,
                    "authors": _AUTHORS,
                },
                "additionalProperties": False,
            },
        },
    },
}


def test_a_part_of_it_can_be_asked_for_by_the_command(finished, tmp_path, barograph):
    asked = ("--organizations", "a,b", "--organizations", "c", "--since", "2026-11-01")
    done = barograph("export", "out", *asked, "--as-of", "2026-11-15", "--data", finished / "data")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (manifest["organizations"], manifest["since"]) == (["a", "b", "c"], "2026-11-01")
    assert {row["organization_id"] for row in cells(tmp_path / "out", "signals.csv")} == set("abc")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "soon"), "--since 'soon' is no date such as 2026-11-21"),
        (("--as-of", "soon"), "--as-of 'soon' is no date"),
        (("--as-of", "2020-01-01"), "the week of Monday 2019-12-30 was not measured"),
        (("--organizations", "a,nobody"), "no such organization: nobody"),
        (("--public", "--as-of", "2026-11-15"), "leave out --as-of"),
    ],
)
def test_what_cannot_be_exported_is_told_and_nothing_written(
    finished, tmp_path, barograph, arguments, told
):
    done = barograph("export", "out", *arguments, "--data", finished / "data")
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_before_anything_was_collected_an_export_says_what_to_do(tmp_path, barograph):
    done = barograph("export", "out")
    assert done.returncode == 1
    assert "no warehouse yet; `barograph run` makes it" in done.stderr
    assert not (tmp_path / "out").exists()


def contents(folder):
    """Every file below a folder by its name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


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
