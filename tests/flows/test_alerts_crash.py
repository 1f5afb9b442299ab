"""A look that is killed at any step loses nothing, and the next one doubles nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from alert_world import HOUR, alert_world
from dying_look import STEPS
from hook_server import hook_server
from mail_server import mail_server

from flows.alerting.logfile import append_to_log, forget_in_log, read_log
from flows.alerting.trial import _trial_letter

pytestmark = pytest.mark.thorough
SUPPORT = Path(__file__).parents[1] / "support"


@pytest.fixture
def servers():
    with mail_server() as mail, hook_server() as hook:
        yield mail, hook


def look(folder, step, given):
    """A look in a process of its own."""
    return subprocess.run(
        [sys.executable, SUPPORT / "dying_look.py", folder, step, json.dumps(given)],
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("step", STEPS)
def test_a_look_that_is_killed_loses_and_doubles_nothing(tmp_path, servers, step):
    mail, hook = servers
    given = {
        "alert_email": ["ann@example.org"],
        "alert_smtp": mail.address,
        "alert_webhook": hook.address,
        "alert_except": ["snapshot_stale"],
    }
    with alert_world(tmp_path) as world:
        world.list({"a": ["feeds:1"]})
        for _ in range(2):
            world.now -= HOUR
            world.run("failed")
    assert look(tmp_path, step, given).returncode == -9
    with alert_world(tmp_path, **given) as world:
        for _ in range(2):
            world.look(is_patient=False)
    log = [record["kind"] for record in read_log(tmp_path / "data" / "alerts.log")]
    assert (log, len(mail.received), len(hook.posted)) == (["opened"], 1, 1)
    with alert_world(tmp_path) as world:
        sent = "select channel, sent_at is not null from raw.alert_messages order by 1"
        assert world.rows(sent) == [("email", True), ("log", True), ("webhook", True)]
        assert world.rows("select count(*) from raw.alerts") == [(1,)]


def test_killed_between_their_taking_it_and_our_noting_it_the_same_letter_comes_again(
    tmp_path, servers, monkeypatch
):
    mail, _ = servers
    given = {"alert_email": ("ann@example.org",), "alert_smtp": mail.address}
    with alert_world(tmp_path, **given) as world:
        world.list({"a": ["feeds:1"]})
        for _ in range(2):
            world.now += HOUR
            world.run("failed")
        with monkeypatch.context() as patch:
            patch.setattr("flows.alerting.delivery.mark_sent", killed)
            for _ in range(2):  # at the log, whose line is found again, and then at the mail
                with pytest.raises(KeyboardInterrupt):
                    world.look()
                patch.setattr("flows.alerting.delivery.mark_sent", killed_at_the_second)
                killed_at_the_second.left = 1
        world.look()
    assert len(world.log()) == 1
    identities = {letter.message["Message-ID"] for letter in mail.received}
    assert (len(mail.received), len(identities)) == (2, 1)


def killed(*_):
    raise KeyboardInterrupt


def killed_at_the_second(connection, ids, moment):
    from warehouse.alerting import mark_sent

    if not killed_at_the_second.left:
        raise KeyboardInterrupt
    killed_at_the_second.left -= 1
    mark_sent(connection, ids, moment)


def test_a_line_of_the_log_that_was_cut_off_is_written_again(tmp_path):
    log = tmp_path / "alerts.log"
    letter = _trial_letter(alert_moment())
    append_to_log(log, letter.notices)
    whole = log.read_bytes()
    for cut in (1, 10, len(whole) - 1):
        log.write_bytes(whole[:-cut])
        append_to_log(log, letter.notices)
        append_to_log(log, letter.notices)
        records = [record for record in read_log(log) if record.get("message_id")]
        assert [record["message_id"] for record in records] == [letter.letter_id]


def test_a_log_forgets_what_it_is_told_to(tmp_path):
    log = tmp_path / "alerts.log"
    letter = _trial_letter(alert_moment())
    append_to_log(log, letter.notices)
    assert forget_in_log(log, lambda record: record["subject_id"] == "other") == 0
    assert forget_in_log(log, lambda record: record["subject_id"] == "project") == 1
    assert log.read_bytes() == b""


def test_a_warehouse_that_was_made_anew_takes_its_alerts_back_and_tells_none_again(tmp_path):
    def project(world):
        world.list({"a": ["feeds:1"]})
        for _ in range(2):
            world.now += HOUR
            world.run("failed")

    with alert_world(tmp_path) as world:
        project(world)
        world.look()
        before = world.rows("select * from raw.alerts")
    (tmp_path / "data" / "warehouse.duckdb").unlink()
    with alert_world(tmp_path) as world:
        project(world)
        world.now += HOUR
        world.look()
        after = world.rows("select * from raw.alerts")
        seen, value = 8, 12  # what the new look renewed
        assert [row[:seen] + row[seen + 1 : value] for row in after] == [
            row[:seen] + row[seen + 1 : value] for row in before
        ]
        assert world.told("run_failed") == ["opened"]
        world.now += HOUR
        world.run()
        world.look()
        assert world.told("run_failed") == ["opened", "recovered"]


def alert_moment():
    from alert_world import NOON

    return NOON
