"""The warehouse as a lake, and the work on many workers: the same numbers as on one machine."""

import hashlib
import json
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from backbone import backbone
from distributed import Client
from hostile_server import Wait, hostile, reply
from small_world import AS_OF, rss
from warehouse_tables import TABLES, digests, rows

from warehouse.compacting import forget_past
from warehouse.lake import LakeUnreachableError, connect_lake, read_lake

pytestmark = [pytest.mark.lake, pytest.mark.thorough]
RUN = ("run", "--now", "--allow-host", "127.0.0.1", "--as-of", AS_OF, "--json")
COLLECT = ("collect", "--now", "--allow-host", "127.0.0.0/8", "--json")
BAROGRAPH, DASK = (Path(sys.executable).parent / name for name in ("barograph", "dask"))
PATIENCE_SECONDS = 60
ACTS = "select count(*), count(distinct activity_id) from raw.activities"
ESTIMATES = "select * exclude (estimated_at) from estimates.stages order by organization_id"


@pytest.fixture(scope="module")
def servers():
    with backbone() as both:
        yield both


@pytest.fixture
def lake_of(servers):
    """Lets a project have its warehouse in a lake of its own; returns its address."""

    def make(folder, name, **settings):
        address = servers.lake(name)
        given = {"warehouse": address, **settings}
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in given.items()]
        (folder / "barograph.toml").write_text("".join(lines))
        return read_lake(address, *servers.environment.values())

    return make


def test_a_lake_with_workers_and_without_gives_the_numbers_of_one_process(
    finished, project_like, lake_of, servers, barograph_in
):
    folder = project_like("spread")
    lake = lake_of(folder, "spread", workers="2", batch_channels=3)
    done = barograph_in(folder, *RUN, **servers.environment)
    assert done.returncode == 3, done.stderr
    assert (json.loads(done.stdout)["fetched"], json.loads(done.stdout)["failed"]) == (10, 1)
    assert not (folder / "data" / "warehouse.duckdb").exists()
    with connect_lake(lake, read_only=True) as connection:
        found = {name: digest(connection, query) for name, query in TABLES.items()}
        assert found == digests(finished / "data")
        assert connection.execute(ESTIMATES).fetchall() == rows(finished / "data", ESTIMATES)
    verified = barograph_in(folder, "verify", **servers.environment)
    assert (verified.returncode, "all equal" in verified.stdout) == (0, True)
    lake_of(folder, "spread")  # without workers
    again = barograph_in(folder, "build", "--as-of", AS_OF, **servers.environment)
    assert again.returncode == 0, again.stderr
    with connect_lake(lake, read_only=True) as connection:
        assert digest(connection, TABLES["signals"]) == digests(finished / "data")["signals"]


def test_a_worker_that_is_killed_costs_a_retry_and_no_data(
    lake_of, servers, barograph_in, child_environment, tmp_path
):
    cluster = dask_cluster(tmp_path, child_environment)
    with hostile("0.0.0.0") as server, cluster as (address, processes):
        paths = [f"/feed-{number}" for number in range(6)]
        for path in paths:
            server.on(path, (Wait(1), reply(200, rss(3, name=path[1:]))))
        hosts = [f"127.0.0.{2 + number}" for number in range(6)]
        lists(tmp_path, map(server.url, paths, hosts))
        lake = lake_of(tmp_path, "killed", workers=address, batch_channels=1)
        killer = threading.Thread(target=kill_at_first_request, args=(server, processes[0]))
        killer.start()
        done = barograph_in(tmp_path, *COLLECT, **servers.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        killer.join()
        assert processes[0].wait(10) == -signal.SIGKILL
    assert json.loads(done.stdout)["activities_added"] == 18
    with connect_lake(lake, read_only=True) as connection:
        assert connection.execute(ACTS).fetchone() == (18, 18)


def test_two_writers_both_commit_and_a_reader_sees_whole_batches_only(
    lake_of, servers, child_environment, tmp_path
):
    with hostile() as server:
        projects = []
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            for number in range(5):
                feed = rss(5, name=f"{name}-{number}")
                server.on(f"/{name}-{number}", (Wait(0.1), reply(200, feed)))
            lists(folder, [server.url(f"/{name}-{number}") for number in range(5)], name)
            lake = lake_of(folder, "shared", batch_channels=1)
            projects.append(folder)
        connect_lake(lake).close()  # a reader asks for it before the first writer may be there
        environment = child_environment | servers.environment
        running = [started(folder, environment) for folder in projects]
        seen = list(counts_until_the_end(lake, running))
        assert [process.wait(120) for process in running] == [0, 0]
    assert seen == sorted(seen)
    assert {count % 5 for count in seen} == {0}
    with connect_lake(lake, read_only=True) as connection:
        assert connection.execute(ACTS).fetchone() == (50, 50)
        states = connection.execute("select state from raw.runs").fetchall()
        assert states == [("completed",)] * 2


def test_a_reader_can_go_back_to_what_was_there(lake_of, tmp_path):
    lake = lake_of(tmp_path, "past")
    with connect_lake(lake) as connection:
        moments = []
        for number in range(3):
            connection.execute(
                "insert into raw.list_readings values (?::timestamp)", [f"2026-11-0{1 + number}"]
            )
            moments.append(datetime.now(UTC))
            time.sleep(0.05)
    for number, moment in enumerate(moments):
        with connect_lake(lake, read_only=True, at=moment) as connection:
            found = connection.execute("select count(*) from raw.list_readings").fetchone()
            assert found == (number + 1,)
    with connect_lake(lake) as connection:
        assert not forget_past(connection, datetime.fromisoformat("2026-01-01"))
        assert forget_past(connection, datetime.now(UTC).replace(tzinfo=None))
        found = connection.execute("select count(*) from raw.list_readings").fetchone()
    assert found == (3,)
    with pytest.raises(LakeUnreachableError, match="No snapshot found"):
        connect_lake(lake, read_only=True, at=moments[0])


@pytest.mark.parametrize(
    "address",
    [
        "ducklake:mysql://u:hidden@host/x?files=s3://bucket",
        "ducklake:postgresql://u:hidden@host/x",
        "ducklake:postgresql://u:hidden@host/x?files=s3://b&color=red",
        "postgres://u:hidden@host",
        "lake",
    ],
)
def test_an_address_of_no_lake_says_how_to_write_one_and_hides_the_password(
    barograph_in, tmp_path, address
):
    (tmp_path / "organizations.toml").write_text("")
    told = barograph_in(tmp_path, "status", BAROGRAPH_WAREHOUSE=address)
    assert told.returncode == 2
    assert "the setting warehouse" in told.stderr
    assert "files=s3://bucket/folder" in told.stderr
    assert "hidden" not in told.stderr


def test_a_catalog_that_does_not_answer_is_told_without_the_password(barograph_in, tmp_path):
    address = "ducklake:postgresql://u:hidden@127.0.0.1:1/x?files=s3://bucket"
    told = barograph_in(tmp_path, "status", BAROGRAPH_WAREHOUSE=address)
    assert told.returncode == 1
    assert "the lake at s3://bucket cannot be opened" in told.stderr
    assert "hidden" not in told.stderr


@pytest.mark.parametrize("setting", ["none", "0", "-1", "http//host"])
def test_workers_are_a_number_or_an_address(barograph_in, project_like, setting):
    folder = project_like("workers")
    told = barograph_in(folder, *RUN, BAROGRAPH_WORKERS=setting)
    assert (told.returncode, "neither a number of processes" in told.stderr) == (2, True)


def digest(connection, query):
    return hashlib.sha256(repr(connection.execute(query).fetchall()).encode()).hexdigest()


def lists(folder, urls, name="a"):
    channels = ", ".join(f'{{ source = "feeds", address = "{url}" }}' for url in urls)
    (folder / "organizations.toml").write_text(
        f'[[organization]]\nid = "{name}"\nname = "{name}"\nchannels = [{channels}]\n'
    )


@contextmanager
def dask_cluster(folder, environment):
    """A scheduler and two workers, each a process of its own: its address, and the workers."""
    place = folder / "scheduler.json"
    with ExitStack() as stack:
        stack.enter_context(
            process(
                DASK,
                "scheduler",
                "--port",
                "0",
                "--scheduler-file",
                place,
                "--no-dashboard",
                env=environment,
            )
        )
        wait_until(place.exists)
        worker = (
            "worker",
            "--scheduler-file",
            place,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
        )
        processes = [stack.enter_context(process(DASK, *worker, env=environment)) for _ in range(2)]
        address = json.loads(place.read_text())["address"]
        with Client(address) as client:
            client.wait_for_workers(2, timeout=PATIENCE_SECONDS)
        yield address, processes


@contextmanager
def process(*command, env):
    started_process = subprocess.Popen(
        list(map(str, command)), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield started_process
    finally:
        started_process.kill()
        started_process.wait()


def kill_at_first_request(server, worker):
    wait_until(server.requests)
    worker.kill()


def started(folder, environment):
    return subprocess.Popen(
        [BAROGRAPH, *COLLECT], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )


def counts_until_the_end(lake, processes):
    while any(each.poll() is None for each in processes):
        with connect_lake(lake, read_only=True) as connection:
            yield connection.execute(ACTS).fetchone()[0]
        time.sleep(0.2)


def wait_until(has_happened):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not has_happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
