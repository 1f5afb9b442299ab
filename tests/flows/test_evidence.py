"""A bundle of evidence: whole, the same every time, checked by anyone, and nobody else's words."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
from io import StringIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from click.testing import CliRunner
from town import leaks

from connectors.feeddocument.target import target_key
from flows.commands.explaining import explain
from flows.errors import InputError
from flows.estimate import estimate
from flows.evidence import links_in
from flows.evidencebundle import check_bundle
from warehouse.archive import read_pages
from warehouse.db import open_warehouse


@pytest.fixture(scope="module")
def bundle(finished, tmp_path_factory):
    """A bundle about an organization whose feeds are read."""
    return write(finished, tmp_path_factory.mktemp("bundle") / "a.zip")


def write(folder, path, name="a"):
    arguments = [name, "--bundle", str(path), "--data", str(folder / "data")]
    done = CliRunner().invoke(explain, arguments)
    assert done.exit_code == 0, done.output
    assert f"--check {path}" in done.output
    return path


def packed(path):
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(path, files):
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_bundle_holds_the_explanation_and_all_that_it_rests_on(bundle):
    names = set(packed(bundle))
    expected = {"explanation.json", "explanation.md", "estimate.json", "model.json"}
    expected |= {"contributions.csv", "measurements.csv", "claims.csv"}
    expected |= {"manifest.json", "SHA256SUMS"}
    assert {name for name in names if not name.startswith("pages/")} == expected
    assert any(name.startswith("pages/") for name in names)


def test_sha256sum_accepts_what_was_unpacked(bundle, tmp_path):
    with ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    command = ["sha256sum", "--strict", "-c", "SHA256SUMS"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = {line.split(":")[0] for line in done.stdout.splitlines()}
    assert listed == set(packed(bundle)) - {"SHA256SUMS"}


def test_the_same_state_gives_the_same_bytes(finished, bundle, tmp_path):
    shutil.copytree(finished / "data", tmp_path / "moved" / "data")
    again = write(tmp_path / "moved", tmp_path / "again.zip")
    assert again.read_bytes() == bundle.read_bytes()


def test_each_page_is_what_the_archive_holds(finished, bundle):
    archived = {
        row["page_id"]: row["body"]
        for file in (finished / "data" / "archive" / "pages").rglob("*.parquet")
        for row in read_pages(file)
    }
    files = packed(bundle)
    pages = json.loads(files["explanation.json"])["pages"]
    for page in pages:
        body = files[f"pages/{page['page_id']}"]
        assert body == archived[page["page_id"]]
        assert hashlib.sha256(body).hexdigest() == page["sha256"]


def test_tables_hold_what_the_warehouse_holds(bundle):
    files = packed(bundle)
    parts = list(csv.DictReader(StringIO(files["contributions.csv"].decode())))
    found = json.loads(files["explanation.json"])
    told = [part["part"] for part in found["thresholds"][0]["parts"]]
    assert [row["part"] for row in parts] == told
    sums = [sum(float(row[f"above_{code}_log_odds"]) for row in parts) for code in range(1, 6)]
    assert sums == pytest.approx([one["log_odds"] for one in found["thresholds"]])
    assert json.loads(files["estimate.json"])["model_version"] == found["model"]["model_version"]


def test_a_bundle_has_what_the_organization_claims_in_public(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "copy")
    with open_warehouse(folder / "data" / "warehouse.duckdb") as connection:
        connection.execute("update estimates.gaps set claim_position = 'above'")
    files = packed(write(folder, tmp_path / "claimed.zip"))
    [claim] = csv.DictReader(StringIO(files["claims.csv"].decode()))
    assert (claim["stage_code"], claim["instrument"], claim["is_headline"]) == (
        "3",
        "altimeter_direct",
        "true",
    )
    assert claim["claim_position"] == "above"
    assert json.loads(files["explanation.json"])["claims"][0]["stage_code"] == 3


def test_a_claim_made_in_confidence_is_in_no_bundle(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "copy")
    with open_warehouse(folder / "data" / "warehouse.duckdb") as connection:
        connection.execute("update raw.claims set is_public = false")
    files = packed(write(folder, tmp_path / "private.zip"))
    assert files["claims.csv"].strip() == b""
    assert json.loads(files["explanation.json"])["claims"] == []


def test_a_bundle_names_no_place_on_the_machine_that_made_it(finished, bundle):
    for name, content in packed(bundle).items():
        assert str(finished.parent).encode() not in content, name


def test_a_bundle_that_is_whole_is_said_to_be(bundle):
    done = CliRunner().invoke(explain, ["--check", str(bundle)])
    assert done.exit_code == 0, done.output
    assert f"{len(packed(bundle)) - 1} files, all as they were" in done.output


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("explanation.md", "explanation.md is not what it was"),
        ("measurements.csv", "measurements.csv is not what it was"),
        ("manifest.json", "SHA256SUMS and manifest.json do not agree"),
    ],
)
def test_a_changed_file_is_found(bundle, tmp_path, name, words):
    files = packed(bundle)
    files[name] += b" "
    with pytest.raises(InputError, match=words):
        check_bundle(repacked(tmp_path / "changed.zip", files))


def test_a_file_that_is_missing_or_too_much_is_found(bundle, tmp_path):
    files = packed(bundle)
    del files["contributions.csv"]
    files["more.txt"] = b"more"
    with pytest.raises(InputError) as caught:
        check_bundle(repacked(tmp_path / "changed.zip", files))
    assert [problem.partition(": ")[2] for problem in caught.value.problems] == [
        "contributions.csv is missing",
        "more.txt is not in SHA256SUMS",
    ]


def test_a_page_that_was_exchanged_together_with_its_sums_is_found(bundle, tmp_path):
    files = packed(bundle)
    name = next(name for name in files if name.startswith("pages/"))
    former = hashlib.sha256(files[name]).hexdigest()
    files[name] = b"another"
    changed = hashlib.sha256(b"another").hexdigest()
    manifest = files["manifest.json"].decode()
    files["manifest.json"] = manifest.replace(former, changed).encode()
    sums = files["SHA256SUMS"].decode().replace(former, changed)
    whole = hashlib.sha256(files["manifest.json"]).hexdigest()
    files["SHA256SUMS"] = sums.replace(
        hashlib.sha256(manifest.encode()).hexdigest(), whole
    ).encode()
    with pytest.raises(InputError, match=f"{name} is not what it was"):
        check_bundle(repacked(tmp_path / "changed.zip", files))


@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda _: b"no zip"])
def test_a_damaged_bundle_is_an_input_error(bundle, tmp_path, damage):
    path = tmp_path / "damaged.zip"
    path.write_bytes(damage(bundle.read_bytes()))
    done = CliRunner().invoke(explain, ["--check", str(path)])
    assert done.exit_code == 2
    assert "no bundle of evidence, or damaged" in done.stderr


def test_an_archive_that_lacks_a_page_is_told_and_the_rest_is_explained(finished, tmp_path):
    shutil.copytree(finished / "data", tmp_path / "data")
    shutil.rmtree(tmp_path / "data" / "archive" / "pages")
    files = packed(write(tmp_path, tmp_path / "a.zip"))
    left = json.loads(files["manifest.json"])["left_out"]
    assert set(left.values()) == {"the archive lacks it"}
    assert not any(name.startswith("pages/") for name in files)


def test_where_people_speak_no_word_or_name_of_theirs_is_bundled_or_shown(town, models, tmp_path):
    town.run()
    town.collecting.build()
    shutil.copytree(models, town.data / "models")
    with open_warehouse(town.project.warehouse) as connection:
        estimate(town.project, connection)
    done = CliRunner().invoke(explain, ["a", "--most", "100", "--data", str(town.data)])
    assert done.exit_code == 0, done.output
    assert not town.told.leak(done.output)
    (tmp_path / "out").mkdir()
    files = packed(write(town.data.parent, tmp_path / "town.zip"))
    for name, content in files.items():
        (tmp_path / "out" / name).write_bytes(content)
    assert list(leaks(town.told, [tmp_path / "out"])) == []
    found = json.loads(files["explanation.json"])
    assert found["acts"]
    assert {page["url"] for page in found["pages"]} == {""}
    assert all("words and names" in page["left_out"] for page in found["pages"])


def test_an_address_is_found_in_any_notation_by_its_key():
    body = rb'{"a": "https:\/\/example.org\/x?a=1"} <link href="http://example.org/y?a=1&amp;b=2"/>'
    found = links_in(body)
    assert found[target_key("https://example.org/x?a=1")] == "https://example.org/x?a=1"
    assert found[target_key("http://example.org/y?a=1&b=2")] == "http://example.org/y?a=1&b=2"
