"""`barograph status` tells a person and a cron job how monitoring stands."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime, timedelta

import duckdb
import pytest
from corpus_server import organizations_toml, serving
from small_world import feeds

COLLECT = ("collect", "--now", "--allow-host", "127.0.0.1")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory, barograph_in):
    """A project whose only collection saw all of its six channels."""
    folder = tmp_path_factory.mktemp("healthy")
    with serving(feeds(6)) as server:
        text = organizations_toml(server.base_url, list(server.documents), 3)
        (folder / "organizations.toml").write_text(text)
        assert barograph_in(folder, *COLLECT).returncode == 0
    return folder


def test_before_the_first_run_the_exit_code_is_1_and_the_remedy_told(tmp_path, barograph):
    done = barograph("status")
    assert done.returncode == 1
    assert "no warehouse yet; `barograph run` makes it" in done.stderr
    assert not (tmp_path / "data").exists()


def test_when_all_channels_were_seen_the_exit_code_is_0(healthy, barograph):
    done = barograph("status", folder=healthy)
    assert done.returncode == 0, done.stderr
    assert re.search(r"Last run \S+: completed, 20\d\d-\d\d-\d\d \d\d:\d\d UTC", done.stdout)
    assert re.search(r"^ +6  ok$", done.stdout, re.MULTILINE)
    assert "Not seen" not in done.stdout


def test_when_channels_failed_the_exit_code_is_3_and_each_is_named_with_its_reason(
    finished, barograph
):
    done = barograph("status", folder=finished)
    assert done.returncode == 3
    assert "completed_with_failures" in done.stdout
    assert re.search(r"^ +10  ok$", done.stdout, re.MULTILINE)
    assert re.search(r"^ +1  not_found$", done.stdout, re.MULTILINE)
    failed = re.findall(r"^  (\S+)  (\S+)\n      (.+)$", done.stdout, re.MULTILINE)
    assert [(address.rpartition("/")[2], reason) for _, address, reason in failed] == [
        ("gone.xml", "not_found: HTTP 404 Not Found (never seen)")
    ]


def test_a_channel_that_failed_before_and_was_not_asked_again_still_counts(
    finished, tmp_path, barograph
):
    data = copy_with(finished, tmp_path, "update raw.runs set state = 'completed'")
    done = barograph("status", "--data", data)
    assert done.returncode == 3
    assert "not_found: HTTP 404 Not Found" in done.stdout


def test_json_holds_the_same_and_its_times_say_that_they_are_utc(finished, barograph_json):
    code, status = barograph_json("status", folder=finished)
    assert code == 3
    lists = {"runs", "channels", "failing", "moved", "lossy", "drifts", "alerts"}
    assert set(status) == lists | {"schema_version"}
    assert status["runs"][0]["command"] == "run"
    assert status["runs"][0]["failed_count"] == 1
    started, ended = (datetime.fromisoformat(status["runs"][0][f"{x}_at"]) for x in BOTH)
    assert started.utcoffset() == timedelta(0)
    assert timedelta(0) < ended - started < timedelta(minutes=5)
    assert {row["outcome"]: row["channel_count"] for row in status["channels"]} == {
        "ok": 10,
        "not_found": 1,
    }
    assert [row["last_outcome"] for row in status["failing"]] == ["not_found"]
    assert status["failing"][0]["last_seen_at"] is None


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("running", "interrupted"),  # it would hold the warehouse if it were alive
        ("interrupted", "interrupted"),
        ("failed", "failed"),
    ],
)
def test_a_run_that_did_not_complete_gives_the_exit_code_1(
    healthy, tmp_path, barograph, state, shown
):
    data = copy_with(healthy, tmp_path, f"update raw.runs set state = '{state}', error = 'Why'")
    done = barograph("status", "--data", data)
    assert done.returncode == 1
    assert f": {shown}, " in done.stdout
    assert "  Why\n" in done.stdout


def test_a_channel_that_was_listed_but_never_asked_is_counted_as_such(
    healthy, tmp_path, barograph_json
):
    data = copy_with(healthy, tmp_path, "delete from raw.cursors where channel_id like '%-1:%'")
    _, status = barograph_json("status", "--data", data)
    assert {row["outcome"]: row["channel_count"] for row in status["channels"]} == {
        "ok": 3,
        "never asked": 3,
    }


def test_the_newest_of_several_runs_decides(healthy, tmp_path, barograph_json):
    data = copy_with(
        healthy,
        tmp_path,
        "insert into raw.runs by name select * replace (run_id || '-later' as run_id, "
        "started_at + interval 1 hour as started_at, 'failed' as state) from raw.runs",
    )
    code, status = barograph_json("status", "--data", data)
    assert code == 1
    assert [run["state"] for run in status["runs"]] == ["failed", "completed"]


@pytest.mark.parametrize("arguments", [("status",), ("status", "--json")])
def test_during_a_run_it_says_that_one_is_writing(healthy, tmp_path, barograph, arguments):
    data = shutil.copytree(healthy / "data", tmp_path / "data")
    with duckdb.connect(str(data / "warehouse.duckdb")):
        done = barograph(*arguments)
    assert done.returncode == 1
    assert "another run is writing" in done.stderr
    assert "wait until it has ended" in done.stderr
    assert done.stdout == ""


def test_looking_changes_nothing(healthy, barograph):
    file = healthy / "data" / "warehouse.duckdb"
    before = file.read_bytes()
    assert json.loads(barograph("status", "--json", folder=healthy).stdout)["failing"] == []
    assert file.read_bytes() == before


BOTH = ("started", "ended")


def copy_with(project, folder, change):
    """A copy of a project's data whose warehouse was changed by a statement."""
    data = shutil.copytree(project / "data", folder / "data")
    with duckdb.connect(str(data / "warehouse.duckdb")) as connection:
        connection.execute(change)
    return data
