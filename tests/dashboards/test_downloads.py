"""The data behind the page as CSV and JSON."""

import csv
import io
from datetime import date

import pytest


def test_the_csv_holds_what_the_table_of_the_snapshot_holds(browse, read, town):
    rows = rows_of(browse(*town).get("/organizations.csv"))
    stored = read(*town).rows("select * from marts.organizations order by lower(name)")
    assert len(rows) == len(stored) == 24
    for shown, kept in zip(rows, stored, strict=True):
        assert shown == {column: written(kept[column]) for column in shown}


def test_the_json_twin_holds_the_same_with_its_metadata(browse, town):
    client = browse(*town)
    document = client.get("/organizations.json?industry=finance&sort=-posts").json()
    rows = rows_of(client.get("/organizations.csv?industry=finance&sort=-posts"))
    assert [row["name"] for row in document["rows"]] == [row["name"] for row in rows]
    assert document["rows"][0]["posts_per_week"] == 22.5
    metadata = document["metadata"]
    assert metadata["snapshot"] == "snapshot-000001"
    assert metadata["as_of_week"] == "2026-11-16"
    assert metadata["model_version"] == "cold-start-1"
    assert metadata["filters"]["industry"] == "finance"
    assert metadata["n"] == 12
    assert metadata["columns"]["country"] == "ISO 3166 code"
    assert metadata["columns"]["posts_per_week"].startswith("Original posts")


def test_a_download_is_not_cut_at_the_tables_page(browse):
    client = browse(*[{"name": f"N{index:03d}"} for index in range(120)])
    assert len(rows_of(client.get("/organizations.csv?page=2"))) == 120


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_that_a_spreadsheet_would_run_is_made_harmless(browse, start):
    name = f'{start}HYPERLINK("http://example.org","x")'
    rows = rows_of(browse({"name": name, "burstiness": -0.25}).get("/organizations.csv"))
    assert rows[0]["name"] == f"'{name}"
    assert rows[0]["burstiness"] == "-0.25"


def test_quotes_commas_and_new_lines_survive(browse):
    name = 'Smith, "Jones" &\nSons'
    rows = rows_of(browse({"name": name}).get("/organizations.csv"))
    assert rows[0]["name"] == name


def test_an_unknown_filter_answers_422(browse, town):
    assert browse(*town).get("/organizations.csv?size=huge").status_code == 422


def rows_of(response):
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


def written(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
