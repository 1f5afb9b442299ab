"""The Prefect flow does what the direct run does, and a schedule really starts it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from prefect_processes import completed_run, free_port, running, wait_for_health
from small_world import AS_OF
from warehouse_tables import digests, rows

pytestmark = [pytest.mark.thorough, pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

LATE_SECONDS = 30  # a process and its libraries start within the minute, on a busy machine too
BIN = Path(sys.executable).parent
RUN = ("run", "--now", "--allow-host", "127.0.0.1", "--as-of", AS_OF, "--json")
STAGES = "select * exclude (estimated_at) from estimates.stages order by organization_id"
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


def test_a_worker_of_a_pool_starts_a_run_when_it_is_due(
    project_like, prefect_environment, barograph_in
):
    folder = small_batches(project_like("pool"))
    wanted = ("schedule", "minutely", "--deployment", "--allow-host", "127.0.0.1")
    assert barograph_in(folder, *wanted, **prefect_environment).returncode == 0
    for command in (
        ("work-pool", "create", "barograph", "--type", "process"),
        ("--no-prompt", "deploy", "--all"),
    ):
        subprocess.run(
            [BIN / "prefect", *command],
            env=prefect_environment,
            cwd=folder,
            check=True,
            capture_output=True,
        )
    worker = [BIN / "prefect", "worker", "start", "--pool", "barograph"]
    with running(worker, folder, prefect_environment) as process:
        record = completed_run(folder, process)
    assert (record["command"], record["due_count"], record["failed_count"]) == ("monitor", 11, 1)
    assert seconds_after_the_minute(record) < LATE_SECONDS
    assert (folder / "data" / "snapshots" / "snapshot.duckdb").is_file()


def small_batches(folder):
    """The project, set to ask its eleven channels in four batches."""
    (folder / "barograph.toml").write_text("batch_channels = 3\n")
    return folder


def seconds_after_the_minute(record):
    started_at = datetime.fromisoformat(record["started_at"])
    return started_at.second + started_at.microsecond / 1e6
