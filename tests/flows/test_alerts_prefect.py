"""Within a flow run alerts are events of Prefect, on which automations hang."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from prefect_processes import free_port, running, wait_for_health

from flows.alerting.prefectevents import is_in_flow

pytestmark = [pytest.mark.thorough, pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
#: Two runs that fail, one that completes, and a look after each; the first message comes twice.
LOOKS = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from prefect import flow
from alert_world import alert_world

@flow
def looks(folder):
    with alert_world(Path(folder)) as world:
        world.now = datetime.now(UTC) - timedelta(minutes=3)
        world.list({"a": ["feeds:1"]})
        for state in ("failed", "failed", "completed"):
            world.now += timedelta(seconds=30)
            world.run(state)
            world.look()
        world.connection.execute(
            "update raw.alert_messages set sent_at = null where kind = 'recovered'"
        )
        world.look(timedelta(seconds=30))
        unsent = world.rows("select * from raw.alert_messages where sent_at is null")
    assert unsent == [], unsent

looks(sys.argv[1])
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory, child_environment):
    """Environment of processes that speak to a Prefect server of their own, which is running."""
    home, port = tmp_path_factory.mktemp("prefect"), free_port()
    environment = child_environment | {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}",
        "OMP_NUM_THREADS": "1",
    }
    server = [BIN / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with running(server, home, environment) as process:
        wait_for_health(f"http://127.0.0.1:{port}/api/health", process)
        yield environment


def events(api, count, seconds=30):
    """Our events on the server, oldest first, as soon as there are so many."""
    body = json.dumps({"filter": {"event": {"prefix": ["barograph."]}}, "limit": 50}).encode()
    request = urllib.request.Request(
        f"{api}/events/filter", body, {"Content-Type": "application/json"}
    )
    deadline = time.monotonic() + seconds
    found = []
    while len(found) < count and time.monotonic() < deadline:
        with urllib.request.urlopen(request, timeout=10) as answer:
            found = json.load(answer)["events"]
        time.sleep(0.5)
    return sorted(found, key=lambda event: event["occurred"])


def test_an_alert_and_its_end_are_events_once(tmp_path, environment):
    done = subprocess.run(
        [sys.executable, "-c", LOOKS, tmp_path / "world"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    found = events(environment["PREFECT_API_URL"], 2)
    assert [event["event"] for event in found] == [
        "barograph.alert.opened",
        "barograph.alert.recovered",
    ]
    resource = found[0]["resource"]
    assert resource["prefect.resource.id"] == "barograph.project.project"
    assert resource["barograph.severity"] == "serious"
    assert found[0]["payload"]["condition_code"] == "run_failed"


def test_the_automation_of_the_documents_is_one_that_prefect_takes(tmp_path, environment):
    text = (ROOT / "docs" / "alerts.md").read_text("utf-8")
    given = text.partition("```yaml\n")[2].partition("```")[0]
    assert "barograph.alert.opened" in given
    any_deployment = "00000000-0000-0000-0000-000000000000"
    (tmp_path / "on-call.yaml").write_text(given.replace("DEPLOYMENT", any_deployment))
    done = subprocess.run(
        [BIN / "prefect", "--no-prompt", "automation", "create", "--from-file", "on-call.yaml"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Created automation" in done.stdout, done.stdout + done.stderr


def test_without_a_flow_run_nothing_is_an_event():
    assert not is_in_flow()
