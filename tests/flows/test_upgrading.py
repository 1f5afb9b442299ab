"""A project that the first released version left goes on with this one, and nothing is lost."""

import shutil

import duckdb
import pytest
from first_release import counts, write_first
from starlette.testclient import TestClient
from warehouse_tables import rows

from dashboards.app import create_app
from flows.project import Project
from warehouse.migrations import our_schema

RUN = ("run", "--now", "--allow-host", "127.0.0.1")


@pytest.fixture
def older(finished, tmp_path):
    """The project `finished` with the warehouse of the first version."""
    folder = shutil.copytree(finished, tmp_path / "older")
    path = folder / "data" / "warehouse.duckdb"
    newer = path.rename(tmp_path / "newer.duckdb")
    write_first(path, newer)
    return folder


@pytest.mark.usefixtures("served")
def test_everything_works_on_a_warehouse_of_the_first_version(older, finished, barograph_in):
    path = older / "data" / "warehouse.duckdb"
    before = counts(path)
    told = barograph_in(older, "status").stderr
    assert f"made by an earlier version (schema 3, and this is {our_schema()})" in told
    assert "`barograph build` brings it up to date, with a backup first" in told
    build = barograph_in(older, "build")
    assert build.returncode == 0, build.stderr
    [line] = build.stderr.splitlines()
    assert f"brought from schema 003 to {our_schema():03d}; as it was, it is kept as " in line
    for arguments in (("estimate",), ("publish",), ("export", "out"), ("export", "p", "--public")):
        done = barograph_in(older, *arguments)
        assert (done.returncode, done.stderr) == (0, ""), arguments
    assert f"Schema of the warehouse: {our_schema()} (" in barograph_in(older, "status").stdout
    run = barograph_in(older, *RUN)
    assert run.returncode == 3, run.stderr  # one channel is gone
    after = counts(path)
    assert {name for name, count in before.items() if after.get(name, 0) < count} == set()
    for query in ("select activity_id from raw.activities", "select channel_id from raw.channels"):
        assert sorted(rows(older / "data", query)) == sorted(rows(finished / "data", query))


def test_what_the_first_version_measured_and_estimated_stays(older, barograph_in):
    measured = "select organization_id, as_of_week, signal_code, value from {} order by all"
    estimated = (
        "select organization_id, as_of_week, stage_code, model_version from estimates.stages"
    )
    data = older / "data"
    before = rows(data, measured.format("signals.measurements"))
    stages = rows(data, estimated)
    assert before
    assert stages
    assert barograph_in(older, "build", "--as-of", "2026-11-29").returncode == 0
    assert set(before) <= set(rows(data, measured.format("signals.measurements")))
    assert sorted(rows(data, estimated)) == sorted(stages)


def test_a_dashboard_says_that_a_snapshot_is_of_a_later_version(finished, tmp_path):
    data = shutil.copytree(finished / "data", tmp_path / "data")
    with duckdb.connect(str(Project(data).snapshot.resolve())) as connection:
        connection.execute(
            "update marts.snapshot set schema_version = 998, barograph_version = '9.9.9'"
        )
    with TestClient(create_app(Project(data).snapshot)) as client:
        page = client.get("/")
    assert page.status_code == 503
    assert "Barograph 9.9.9 (schema 998)" in page.text
    assert f"(schema {our_schema()})" in page.text
    assert str(tmp_path) not in page.text


def test_a_command_refuses_a_warehouse_of_a_later_version(finished, tmp_path, barograph_in):
    folder = shutil.copytree(finished, tmp_path / "later")
    with duckdb.connect(str(folder / "data" / "warehouse.duckdb")) as connection:
        connection.execute("insert into schema_migrations values ('998_later.sql', now())")
    for command in ("build", "status"):
        done = barograph_in(folder, command)
        assert done.returncode == 1
        assert "has schema 998" in done.stderr
        assert "Traceback" not in done.stderr
