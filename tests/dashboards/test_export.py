"""The benchmark as files that need no server."""

import csv
import json

import pytest
from lxml import html

from dashboards.site import write_site
from warehouse.snapshots import SnapshotMissing


def test_the_page_stands_alone(publish, town, tmp_path):
    page = exported(publish(*town), tmp_path)
    assert not page.xpath("//script | //link | //form | //img | //iframe")
    assert "--paper" in page.xpath("//style/text()")[0]
    for address in page.xpath("//a/@href"):
        path = address.partition("#")[0]
        assert not path or (tmp_path / "site" / path).is_file(), address


def test_the_page_lists_everyone_and_the_data_lie_beside_it(publish, tmp_path):
    link = publish(*[{"name": f"N{index:03d}"} for index in range(70)])
    page = exported(link, tmp_path)
    assert len(page.xpath("//table[@class='organizations']/tbody/tr")) == 70
    with (tmp_path / "site/data/benchmark-organizations.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 70
    document = json.loads((tmp_path / "site/data/benchmark-organizations.json").read_text())
    assert len(document["rows"]) == 70


def test_exporting_again_replaces_the_page_and_leaves_no_litter(publish, town, tmp_path):
    exported(publish(*town), tmp_path)
    (tmp_path / "site/notes.txt").write_text("mine")
    page = exported(publish(*town[:2]), tmp_path)
    assert len(page.xpath("//table[@class='organizations']/tbody/tr")) == 2
    names = {path.name for path in (tmp_path / "site").iterdir()}
    assert {"index.html", "notes.txt", "data"} <= names
    assert not [name for name in names if name.startswith(".") or name.endswith("~")]


def test_without_a_snapshot_nothing_is_written(tmp_path):
    with pytest.raises(SnapshotMissing):
        write_site(tmp_path / "snapshot.duckdb", tmp_path / "site")
    assert not (tmp_path / "site").exists()


def exported(link, tmp_path):
    path = write_site(link, tmp_path / "site").first_page
    assert path == tmp_path / "site" / "index.html"
    return html.document_fromstring(path.read_text(encoding="utf-8"))
