"""The warehouse can be rebuilt from the archive alone, with the network shut."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta

import duckdb
import pytest
from corpus_server import organizations_toml, serving
from small_world import MONDAY, feeds, rss
from warehouse_tables import COVERAGE, WHOLE_ACTIVITIES, digest, rows

COLLECT = ("collect", "--now", "--allow-host", "127.0.0.1", "--json")
REPLAYED = {
    "activities": WHOLE_ACTIVITIES,
    "listings": "select * from raw.listings order by page_id",
    "attempts": "select * from raw.attempts order by page_id",
    "cursors": "select * from raw.cursors order by channel_id",
    "organizations": "select * from raw.organizations order by organization_id",
    "channels": "select * from raw.channels order by channel_id",
    "runs": "select * from raw.runs order by run_id",
    "coverage": COVERAGE,
    "signals": "select * from signals.measurements order by all",
    "former signals": "select * from signals.former_measurements order by all",
    "evidence": "select * from signals.evidence order by all",
    "builds": "select * from signals.builds order by known_at",
}
#: Stands where Python looks for it at its start, and leaves no way to the network.
BAN = """
import socket

class _Shut(socket.socket):
    def __init__(self, family=-1, *arguments, **options):
        if family != socket.AF_UNIX:  # by which the parser processes are told their work
            raise OSError("the network is shut")
        super().__init__(family, *arguments, **options)

def _shut(*_, **__):
    raise OSError("the network is shut")

socket.socket = _Shut
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = _shut
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory, barograph_in):
    """A project after two collections of feeds that had changed, and a build."""
    folder = tmp_path_factory.mktemp("replayed")
    with serving(feeds(6)) as server:
        text = organizations_toml(server.base_url, [*server.documents, "/gone.xml"], 3)
        (folder / "organizations.toml").write_text(text)
        assert barograph_in(folder, *COLLECT).returncode == 3
        server.documents["/feed-1.xml"] = rss(
            9, name="org1", every_hours=19, start=MONDAY + timedelta(hours=38)
        )
        server.documents["/feed-2.xml"] = rss(4, name="another")
        assert barograph_in(folder, *COLLECT).returncode == 3
    assert barograph_in(folder, "build").returncode == 0
    return folder


@pytest.fixture
def offline(tmp_path):
    """Environment of a command that cannot use the network."""
    folder = tmp_path / "ban"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(BAN)
    return {"PYTHONPATH": str(folder)}


def test_with_the_network_shut_collecting_fails_for_every_channel(
    tmp_path, offline, barograph_json
):
    with serving(feeds(3)) as server:
        text = organizations_toml(server.base_url, list(server.documents), 3)
        (tmp_path / "organizations.toml").write_text(text)
        code, result = barograph_json(*COLLECT[:-1], **offline)
        assert server.asked == []
        assert (code, result["failed"], result["fetched"]) == (1, 3, 0)
        code, result = barograph_json(*COLLECT[:-1])
    assert (code, result["failed"], result["fetched"]) == (0, 0, 3)


def test_a_replay_without_network_repeats_every_row_of_every_table(
    project, tmp_path, offline, barograph
):
    done = barograph("replay", "--data", "new", "--from", project / "data", **offline)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "new", "select count(*) from raw.landed_files") == [(2,)]
    assert contents(tmp_path / "new") == contents(project / "data")


def test_a_replay_of_the_folders_own_archive_restores_a_lost_warehouse(
    project, tmp_path, offline, barograph
):
    data = copy_of(project, tmp_path)
    (data / "warehouse.duckdb").unlink()
    done = barograph("replay", **offline)
    assert done.returncode == 0, done.stderr
    assert contents(data) == contents(project / "data")


@pytest.mark.parametrize("left", [0, 300])
def test_a_damaged_archive_is_named_and_the_old_warehouse_stays(project, tmp_path, barograph, left):
    data = copy_of(project, tmp_path)
    path = max((data / "archive" / "pages").rglob("*.parquet"))
    os.truncate(path, left)
    done = barograph("replay")
    assert done.returncode == 1
    assert f"error: {path}: damaged" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(data) == contents(project / "data")


def test_a_damaged_record_of_a_run_is_told(project, tmp_path, barograph):
    data = copy_of(project, tmp_path)
    os.truncate(min((data / "archive" / "runs").glob("*.json")), 40)
    done = barograph("replay")
    assert done.returncode == 1
    assert "record of a run is damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_warehouse_is_mended_by_a_replay(project, tmp_path, barograph):
    data = copy_of(project, tmp_path)
    (data / "warehouse.duckdb").write_bytes(b"no database" * 1000)
    (data / "warehouse.duckdb.wal").write_bytes(b"no log either")
    done = barograph("replay")
    assert done.returncode == 0, done.stderr
    assert contents(data) == contents(project / "data")


def test_a_warehouse_that_a_run_is_writing_to_is_not_replaced(project, tmp_path, barograph):
    data = copy_of(project, tmp_path)
    before = (data / "warehouse.duckdb").stat().st_ino
    with duckdb.connect(str(data / "warehouse.duckdb")):
        done = barograph("replay")
    assert done.returncode == 1
    assert "another run is writing" in done.stderr
    assert (data / "warehouse.duckdb").stat().st_ino == before


def test_what_a_killed_replay_left_does_not_disturb_the_next(project, tmp_path, barograph):
    data = copy_of(project, tmp_path)
    unfinished = data / ".warehouse.duckdb.unfinished"
    shutil.copy(data / "warehouse.duckdb", unfinished)
    with duckdb.connect(str(unfinished)) as connection:
        connection.execute("delete from raw.activities")
    done = barograph("replay")
    assert done.returncode == 0, done.stderr
    assert contents(data) == contents(project / "data")
    assert not list(data.glob(".warehouse*"))


def test_an_archive_is_never_overwritten_by_another(project, tmp_path, barograph):
    data = copy_of(project, tmp_path)
    done = barograph("replay", "--from", project / "data")
    assert done.returncode == 2
    assert "there is an archive already; choose an empty folder" in done.stderr
    assert contents(data) == contents(project / "data")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [((), "no archived run to replay"), (("--from", "nowhere"), "nowhere: no archive here")],
)
def test_without_an_archive_there_is_nothing_to_replay(tmp_path, barograph, arguments, told):
    done = barograph("replay", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "data" / "warehouse.duckdb").exists()


def contents(data):
    return {name: digest(data, query) for name, query in REPLAYED.items()}


def copy_of(project, folder):
    """A copy of the project's data, to be harmed."""
    return shutil.copytree(project / "data", folder / "data")
