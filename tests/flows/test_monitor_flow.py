"""The Prefect flow does what the direct run does, and a schedule really starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from small_world import AS_OF
from warehouse_tables import digests, rows

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

BIN = Path(sys.executable).parent
RUN = ("run", "--now", "--allow-host", "127.0.0.1", "--as-of", AS_OF, "--json")
STAGES = "select * exclude (estimated_at) from estimates.stages order by organization_id"
SERVE = """
import sys
from flows.monitor import monitor
settings = {"allow_host": ["127.0.0.1"]}
parameters = {"folder": sys.argv[1], "ask_all": True, "settings": settings}
monitor.serve(name="test", interval=15, limit=1, parameters=parameters)
"""
#: The flow's collecting alone, with a batch that cannot be collected, whatever is tried.
COLLECT_WITH_A_BAD_BATCH = """
import json, sys
from pathlib import Path
from prefect import flow
from flows import job, monitor
from flows.settings import load_settings

collect_batch = monitor.collect_batch

def collect_all_but_one(project, plan, batch):
    if batch.number == 1:
        raise RuntimeError("the disk of this worker is full")
    return collect_batch(project, plan, batch)

@flow(validate_parameters=False)
def collect(order):
    with job.session(order) as under_way:
        job.plan(under_way)
        monitor._collect(under_way)
    return job.summary(under_way)

monitor.collect_batch = collect_all_but_one
monitor.collect_batch_task = monitor.collect_batch_task.with_options(retries=0)
settings = load_settings(Path(sys.argv[1]), {"allow_host": ("127.0.0.1",)})
print(json.dumps(collect(job.make_order(settings, None, ask_all=True))))
"""


@pytest.fixture(scope="module")
def prefect_environment(tmp_path_factory, child_environment):
    """Environment of processes that speak to a Prefect server of their own, which is running."""
    home, port = tmp_path_factory.mktemp("prefect"), free_port()
    environment = child_environment | {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
    }
    server = [BIN / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with running(server, home, environment) as process:
        wait_for_health(f"http://127.0.0.1:{port}/api/health", process)
        yield environment


def test_the_flow_gives_the_same_tables_as_the_direct_run(
    served, finished, project_like, barograph_in, prefect_environment
):
    folder, asked = small_batches(project_like("flow")), len(served.asked)
    done = barograph_in(folder, *RUN, "--prefect", **prefect_environment)
    assert done.returncode == 3, done.stderr
    feeds = [each.path for each in served.asked[asked:] if each.path != "/robots.txt"]
    assert len(feeds) == 11 + 1  # one is asked where it has moved to
    result = json.loads(done.stdout)
    assert (result["fetched"], result["failed"]) == (10, 1)
    assert Path(result["snapshot"]).is_file()
    assert rows(folder / "data", "select count(*) from raw.landed_files") == [(4,)]
    [(url,)] = rows(folder / "data", "select flow_run_url from raw.runs")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/runs/flow-run/[0-9a-f-]{36}", url)
    assert digests(folder / "data") == digests(finished / "data")
    assert rows(folder / "data", STAGES) == rows(finished / "data", STAGES)


def test_a_batch_that_fails_does_not_stop_the_others(project_like, prefect_environment):
    folder = small_batches(project_like("bad-batch"))
    done = subprocess.run(
        [sys.executable, "-c", COLLECT_WITH_A_BAD_BATCH, folder],
        env=prefect_environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    result = json.loads(done.stdout)
    assert (result["state"], result["asked"]) == ("completed_with_failures", 11)
    told = "batch failed: RuntimeError: the disk of this worker is full"
    assert list(result["failures"].values()).count(told) == 3
    assert rows(folder / "data", "select count(*) from raw.attempts") == [(11 - 3,)]


def test_a_schedule_starts_a_run_that_completes(project_like, prefect_environment):
    folder = small_batches(project_like("scheduled"))
    command = [sys.executable, "-c", SERVE, folder]
    with running(command, folder, prefect_environment) as process:
        record = completed_run(folder / "data" / "archive" / "runs", process, seconds=180)
    assert (record["command"], record["due_count"], record["failed_count"]) == ("monitor", 11, 1)
    assert (folder / "data" / "snapshots" / "snapshot.duckdb").is_file()


def small_batches(folder):
    """The project, set to ask its eleven channels in four batches."""
    (folder / "barograph.toml").write_text("batch_channels = 3\n")
    return folder


@contextmanager
def running(command, folder, environment):
    """A process in a session of its own, which ends with all that it started."""
    log = (folder / "log.txt").open("w")
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        log.close()
        for member in session_members(process.pid):
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        process.wait()


def session_members(session):
    """Identifiers of the processes of a session, its leader last."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may end in this moment
            if int(path.read_text().rpartition(")")[2].split()[3]) == session:
                found.append(int(path.parent.name))
    return sorted(found, reverse=True)


def completed_run(folder, process, seconds):
    """The record of the first run that is completed in an archive."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for path in folder.glob("[!.]*.json"):
            record = json.loads(path.read_text("utf-8"))
            if record["state"].startswith("completed") and record["ended_at"]:
                return record
        assert process.poll() is None, log_of(process)
        time.sleep(0.2)
    return pytest.fail(f"no run completed within {seconds} s: {log_of(process)}")


def log_of(process):
    return Path(f"/proc/{process.pid}/fd/1").read_text() if process.poll() is None else "it ended"


def wait_for_health(address, process, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return
        assert process.poll() is None, "the Prefect server ended"
        time.sleep(0.2)
    pytest.fail("the Prefect server does not answer")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
