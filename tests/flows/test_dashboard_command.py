"""`barograph dashboard`: who may reach it, and what is answered there comes into the project."""

from __future__ import annotations

import base64
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from labelled_worlds import labelled_table
from measured_project import copied_project, measured_project
from questionnaires import altimeter, app_of, browser_of, opened, sent

from flows import inbox
from flows.cli import main
from flows.settings import load_settings
from warehouse.db import open_warehouse
from warehouse.reading import rows
from warehouse.snapshots import Snapshot

BAROGRAPH = Path(sys.executable).parent / "barograph"
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    return measured_project(
        tmp_path_factory.mktemp("measured") / "data", labelled_table(12, seed=3)
    )


@pytest.fixture
def project(measured, tmp_path, monkeypatch):
    """A published project in the current folder."""
    monkeypatch.chdir(tmp_path)
    copied = copied_project(measured, tmp_path / "data")
    assert call("compare").exit_code == 0
    assert call("publish").exit_code == 0
    return copied


@pytest.fixture
def names(project):
    with open_warehouse(project.warehouse) as connection:
        return [row["organization_id"] for row in rows(connection, "listed_organizations")]


def call(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def claims(project):
    """Headline claims of the warehouse."""
    with open_warehouse(project.warehouse) as connection:
        return [
            (row["organization_id"], row["stage_code"], row["is_public"])
            for row in rows(connection, "claims")
            if row["is_headline"]
        ]


def published_claims(project):
    found = Snapshot.open(project.snapshot).rows("select * from marts.claims where is_headline")
    return [(row["organization_id"], row["stage_code"]) for row in found]


def answer(project, tmp_path, organization, *, times=1, **fields):
    """Fill a form in on the dashboard and send it, once or more often."""
    browser = browser_of(app_of(project.snapshot, tmp_path))
    page = opened(browser, organization=organization)
    for _ in range(times):
        assert sent(browser, answers=altimeter(3, **fields), page=page).status_code == 200


def test_answers_from_the_web_are_in_the_next_snapshot_exactly_once(project, names, tmp_path):
    answer(project, tmp_path, names[0], times=2, public="yes")
    for _ in range(2):
        assert call("compare").exit_code == 0
        assert call("publish").exit_code == 0
        assert claims(project) == [(names[0], 3, True)]
        assert published_claims(project) == [(names[0], 3)]
    answer(project, tmp_path, names[1], public="yes")
    assert call("compare").exit_code == 0
    assert len(claims(project)) == 2
    assert [path for path in (tmp_path / "inbox").iterdir() if path.is_file()] == []


def test_a_form_that_is_sent_again_after_the_run_changes_nothing(project, names, tmp_path):
    browser = browser_of(app_of(project.snapshot, tmp_path))
    page = opened(browser, organization=names[0])
    sent(browser, page=page)
    call("compare")
    sent(browser, page=page)
    call("compare")
    with open_warehouse(project.warehouse) as connection:
        found = connection.execute("select count(*), count(superseded_at) from raw.assessments")
        assert found.fetchall() == [(1, 0)]


def test_changed_answers_correct_the_former_even_when_both_wait(project, names, tmp_path):
    browser = browser_of(app_of(project.snapshot, tmp_path))
    page = opened(browser, organization=names[0])
    sent(browser, page=page, answers=altimeter(5))
    sent(browser, page=page, answers=altimeter(2))
    call("compare")
    assert claims(project) == [(names[0], 2, False)]


def test_a_private_claim_from_the_web_is_in_no_snapshot_by_name(project, names, tmp_path):
    answer(project, tmp_path, names[0])
    assert call("compare").exit_code == 0
    assert call("publish").exit_code == 0
    assert claims(project) == [(names[0], 3, False)]
    assert published_claims(project) == []
    snapshot = Snapshot.open(project.snapshot)
    assert snapshot.rows("select * from marts.answers") == []
    assert (
        snapshot.rows("select * from marts.organizations where claimed_stage_code is not null")
        == []
    )


def test_a_run_takes_the_inbox_while_a_file_is_being_written(project, names, tmp_path):
    answer(project, tmp_path, names[0])
    unfinished = tmp_path / "inbox" / ".web-1.json.abc.unfinished"
    unfinished.write_text('[{"organization": ')
    done = call("compare")
    assert done.exit_code == 0
    assert "unfinished" not in done.output
    assert unfinished.exists()


def test_the_dashboard_writes_where_the_import_looks(tmp_path):
    assert load_settings(tmp_path).inbox_folder == tmp_path / inbox.INBOX


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_others_are_not_served_without_a_setting_that_says_whom(tmp_path, monkeypatch, host):
    monkeypatch.chdir(tmp_path)
    done = call("dashboard", "--no-open", "--host", host)
    assert done.exit_code == 2
    assert f"error: --host {host}: others could read the dashboard" in done.stderr
    assert 'BAROGRAPH_DASHBOARD_ACCESS) must say who may: "password:…"' in done.stderr


@pytest.mark.parametrize("setting", ["password:short", "hunter2-is-my-secret", "header:a b"])
def test_a_setting_that_is_none_is_refused_without_being_shown(tmp_path, monkeypatch, setting):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAROGRAPH_DASHBOARD_ACCESS", setting)
    done = call("dashboard", "--no-open")
    assert done.exit_code == 2
    assert "dashboard_access" in done.stderr
    assert "hunter2" not in done.output + done.stderr
    assert "short" not in done.output + done.stderr


def test_the_setting_is_shown_in_no_message_and_no_representation(tmp_path, monkeypatch):
    (tmp_path / "barograph.toml").write_text(f'dashboard_access = "password:{PASSWORD}"\n')
    settings = load_settings(tmp_path)
    assert settings.dashboard_access == f"password:{PASSWORD}"
    assert PASSWORD not in repr(settings)
    (tmp_path / "barograph.toml").write_text(f'dashboard_access = ["{PASSWORD}"]\n')
    monkeypatch.chdir(tmp_path)
    done = call("dashboard", "--no-open")
    assert done.exit_code == 2
    assert PASSWORD not in done.stderr


def test_with_a_password_it_serves_others_and_asks_everybody(child_environment, tmp_path):
    given = child_environment | {"BAROGRAPH_DASHBOARD_ACCESS": f"password:{PASSWORD}"}
    with running(tmp_path, given, "--host", "0.0.0.0") as port:
        address = f"http://127.0.0.1:{port}/"
        assert asked(address) == 401
        assert asked(address, {"X-Forwarded-For": "10.0.0.1"}) == 401
        text = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
        assert asked(address, {"Authorization": f"Basic {text}"}) == 503, "nothing published"
        assert asked(f"{address}healthz") == 200


def test_on_this_machine_it_answers_to_its_own_names_only(child_environment, tmp_path):
    with running(tmp_path, child_environment, "--no-assess") as port:
        address = f"http://127.0.0.1:{port}/"
        assert asked(address) == 503, "nothing published"
        assert asked(address, {"Host": "evil.example"}) == 421
        assert asked(f"{address}assess") == 404
        assert asked(f"{address}healthz") == 200
    assert list(tmp_path.iterdir()) == [], "looking leaves nothing behind"


@contextmanager
def running(folder, environment, *options):
    """The command as a process of its own; its port, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = [BAROGRAPH, "dashboard", "--no-open", "--port", str(port), *options]
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE) as process:
        try:
            wait_for(port, process)
            yield port
            process.send_signal(signal.SIGINT)
            assert (process.wait(20), process.stderr.read()) == (0, b"")
        finally:
            process.kill()


def wait_for(port, process, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return asked(f"http://127.0.0.1:{port}/healthz")
        except OSError:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)


def asked(address, headers=None):
    """The status of an answer."""
    request = urllib.request.Request(address, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
