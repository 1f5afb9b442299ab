"""Nobody is found by name or word in anything that is stored or printed."""

from __future__ import annotations

import json
import shutil

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from town import WEEK, leaks

from flows.exporting import export_all
from flows.keyring import Keyring, read_keyring
from flows.project import Project
from flows.publish import publish
from warehouse.db import open_warehouse

pytestmark = pytest.mark.thorough


def test_nobody_is_found_by_name_or_word_in_anything_that_is_stored(town, tmp_path, barograph):
    town.run_a_day_later()
    town.collecting.build()
    out, pages = tmp_path / "out", town.data / "archive" / "pages"
    with open_warehouse(town.project.warehouse) as connection:
        export_all(connection, out)
        publish(town.project, connection)
    (tmp_path / "printed").write_text(barograph("status", "--json").stdout)
    assert leaks(town.told, [pages]), "the answers themselves hold them, so the scan sees them"
    shutil.copytree(pages, tmp_path / "aside")
    shutil.rmtree(pages)
    assert town.traces(town.data, out, tmp_path / "printed") == []
    shutil.rmtree(out)
    shutil.copytree(tmp_path / "aside", pages)
    town.retain(after=WEEK)
    assert town.traces(town.data) == []


def test_nothing_that_is_printed_names_anybody(town, tmp_path, barograph):
    printed = [
        barograph(*arguments)
        for arguments in (
            ("collect", "--now", "--allow-host", "127.0.0.1"),
            ("collect", "--now", "--allow-host", "127.0.0.1", "--json"),
            ("status",),
        )
    ]
    (tmp_path / "printed").write_text("".join(done.stdout + done.stderr for done in printed))
    assert [done.returncode for done in printed] == [0, 0, 0]
    assert town.traces(tmp_path / "printed") == []


def test_the_scan_finds_whatever_is_planted_there(town, tmp_path):
    """Otherwise finding nothing would say nothing."""
    town.run()
    town.retain(days=0)
    assert town.traces() == []
    word = town.told.planted[0]
    for place, plant in PLANTERS.items():
        plant(Project(shutil.copytree(town.data, tmp_path / place)), word)
        assert town.traces(tmp_path / place), place


def test_a_person_is_the_same_in_another_run_and_nobody_at_another_platform(town):
    town.run_a_day_later()
    keys = {row["author_key"] for row in town.kept() if row["author_key"]}
    by_run = [
        {row["author_key"] for row in pq.read_table(path).to_pylist() if row["author_key"]}
        for path in town.project.archive.rows_files("activities")
    ]
    assert any(a & b for a in by_run for b in by_run if a is not b), "somebody spoke twice"
    ring = read_keyring(town.project.keyring)
    ann = f"109300000000000077@{town.host}"
    moment = town.told.fetched_at
    elsewhere = Keyring({"bluesky": ring.keys["mastodon"]})
    assert elsewhere.key_of(ann, "bluesky", moment) != ring.key_of(ann, "mastodon", moment)
    both = ring.renewed(["bluesky"], moment)
    assert both.key_of(ann, "bluesky", moment) not in keys
    assert both.keys["bluesky"][0].secret != both.keys["mastodon"][0].secret


def plant_in_the_warehouse(project, word):
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("update raw.threads set listed_page_id = ?", [word])


def plant_in_parquet(project, word):
    table = pa.table({"body": pa.array([f"<p>{word}</p>".encode()])})
    pq.write_table(table, project.archive.rows_files("threads")[0], compression="zstd")


def plant_in_a_text(project, word):
    (project.hosts / "note.json").write_text(json.dumps({"by": word.upper()}))


def plant_in_a_name(project, word):
    (project.models / word).mkdir(parents=True)


PLANTERS = {
    "warehouse": plant_in_the_warehouse,
    "parquet": plant_in_parquet,
    "text": plant_in_a_text,
    "name": plant_in_a_name,
}
