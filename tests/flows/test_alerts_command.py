"""`barograph alerts`: what is open, a look by hand, and a trial; and the line in `status`."""

import json
import subprocess
import sys

import pytest
from alert_world import HOUR, alert_world
from click.testing import CliRunner
from hook_server import hook_server
from mail_server import mail_server

from flows.cli import main
from warehouse.db import open_warehouse


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose last two runs failed; nobody has looked yet."""
    monkeypatch.chdir(tmp_path)
    with alert_world(tmp_path) as world:
        world.list({"a": ["feeds:1"]})
        for back in (2, 1):
            world.now -= back * HOUR
        for _ in range(2):
            world.now += HOUR / 60
            world.run("failed")
    (tmp_path / "barograph.toml").write_text('alert_except = ["snapshot_stale"]\n')
    return tmp_path


def call(*arguments):
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def test_a_look_by_hand_finds_what_is_open_and_says_so_by_its_exit_code(project, monkeypatch):
    look_at(monkeypatch)
    assert (call("alerts").exit_code, call("alerts").output) == (0, "Nothing is open.\n")
    done = call("alerts", "--check")
    assert done.exit_code == 3
    assert "serious  runs fail: the last two came to no end (run_failed, since 2026-" in done.output
    assert call("alerts").exit_code == 3
    with alert_world(project) as world:
        world.run()
    look_at(monkeypatch, hours=1)
    done = call("alerts", "--check")
    assert (done.exit_code, done.output) == (0, "Nothing is open.\n")
    past = call("alerts", "--all")
    assert past.exit_code == 0
    assert "UTC, recovered)" in past.output


def look_at(monkeypatch, hours=0):
    """What the clock says when the command looks."""
    from alert_world import NOON

    monkeypatch.setattr("flows.clock.now", lambda: NOON + hours * HOUR)


@pytest.mark.usefixtures("project")
def test_a_machine_may_read_it(monkeypatch):
    look_at(monkeypatch)
    done = call("alerts", "--check", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["open_count"]) == (3, 1)
    [alert] = found["alerts"]
    assert (alert["condition_code"], alert["severity"]) == ("run_failed", "serious")
    assert alert["opened_at"].endswith("Z")


@pytest.mark.usefixtures("project")
def test_status_tells_what_is_open_in_one_line(monkeypatch):
    look_at(monkeypatch)
    assert "Alerts: none open.\n" in call("status").output
    call("alerts", "--check")
    told = "Alerts: 1 open (`barograph alerts`): runs fail: the last two came to no end.\n"
    assert told in call("status").output


def test_without_a_warehouse_there_is_nothing_to_look_at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for arguments in (["alerts"], ["alerts", "--check"]):
        done = call(*arguments)
        assert done.exit_code == 1
        assert "no warehouse yet; `barograph run` makes it" in done.output


def test_while_a_run_is_at_work_the_age_of_the_snapshot_is_all_that_can_be_told(project):
    hold = (
        "import sys; from pathlib import Path; from warehouse.db import open_warehouse\n"
        "with open_warehouse(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    )
    path = project / "data" / "warehouse.duckdb"
    command = [sys.executable, "-c", hold, path]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "open\n"
        done = call("alerts", "--check")
        process.stdin.close()
    assert done.exit_code == 1
    assert "another run is writing" in done.output
    assert "Nothing has been published yet." in done.output


def test_a_trial_says_of_each_whether_it_arrived(project):
    with mail_server() as mail, hook_server() as hook:
        (project / "barograph.toml").write_text(
            f'alert_email = ["ann@example.org"]\nalert_smtp = "{mail.address}"\n'
            f'alert_webhook = "{hook.address}"\n'
        )
        done = call("alerts", "--try")
        assert done.exit_code == 0
        assert done.output.splitlines() == [
            "log      arrived: alerts.log",
            "email    arrived: 1 recipients by 127.0.0.1",
            "webhook  arrived: 127.0.0.1",
        ]
        assert "this is a trial" in mail.received[0].message["Subject"]
        assert "this is a trial" in hook.posted[0].record["text"]
        hook.answers = [403]
        done = call("alerts", "--try", "--json")
        assert done.exit_code == 3
        assert [one["error"] for one in json.loads(done.stdout)] == [
            "",
            "",
            "127.0.0.1 answered 403",
        ]
    with open_warehouse(project / "data" / "warehouse.duckdb") as connection:
        assert connection.execute("from raw.alert_messages").fetchall() == []


def test_a_trial_of_which_nothing_arrives_has_done_nothing(project):
    (project / "data" / "alerts.log").mkdir()
    done = call("alerts", "--try")
    assert done.exit_code == 1
    assert "Is a directory" in done.output


def test_what_could_not_be_sent_is_shown(project, monkeypatch):
    look_at(monkeypatch)
    (project / "barograph.toml").write_text('alert_webhook = "http://127.0.0.1:9/x"\n')
    done = call("alerts", "--check")
    assert done.exit_code == 3
    assert "warning: alerts were not sent by webhook: 127.0.0.1: ConnectionRef" in done.output
    assert "1 messages could not be sent by webhook since 2026-" in done.output


def test_a_setting_that_cannot_be_meant_is_an_input_error(project):
    (project / "barograph.toml").write_text('alert_webhook = "s3cret"\n')
    for option in ("--check", "--try"):
        done = call("alerts", option)
        assert done.exit_code == 2
        assert "error: alert_webhook is no address such as https://" in done.output
        assert "s3cret" not in done.output


def test_to_look_and_to_try_are_two_things():
    assert call("alerts", "--check", "--try").exit_code == 2


def test_a_warehouse_of_before_there_were_alerts_has_none(project):
    with open_warehouse(project / "data" / "warehouse.duckdb") as connection:
        connection.execute("drop table raw.alerts")
    done = call("alerts")
    assert (done.exit_code, done.output) == (0, "Nothing is open.\n")
    assert "Alerts: none open." in call("status").output
