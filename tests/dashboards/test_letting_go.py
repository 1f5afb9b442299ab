"""A dashboard that lives through many publications lets go of what it no longer shows."""

import gc
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from whole_snapshot import changed, shared_whole

from dashboards.app import create_app

PUBLICATIONS = 5
PAGES = ("/", "/organizations/organization-000012", "/quality", "/runs")


@pytest.fixture
def link(tmp_path, tmp_path_factory, worker_id):
    """The link to a whole snapshot that is this test's own."""
    return changed(shared_whole(tmp_path_factory, worker_id), tmp_path / "snapshots")


def publish_again(link, number):
    newest = shutil.copy(link.resolve(), link.with_name(f"snapshot-{number:06d}.duckdb"))
    beside = link.with_name(".next")
    beside.symlink_to(newest.name)
    beside.replace(link)


def test_of_snapshots_that_were_replaced_not_one_stays_open(link):
    gc.disable()  # or it might come round by itself
    try:
        with TestClient(create_app(link), base_url="http://127.0.0.1") as client:
            for number in range(2, 2 + PUBLICATIONS):
                publish_again(link, number)
                for page in PAGES:
                    assert client.get(page).status_code == 200
            assert open_files(link.parent) == {link.resolve()}
    finally:
        gc.enable()


def open_files(folder):
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.add(descriptor.readlink())
    return {path for path in found if path.is_relative_to(folder)}
