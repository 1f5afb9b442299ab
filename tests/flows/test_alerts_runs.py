"""Every run looks for alerts at its end, also one that failed; and no run fails by it."""

from datetime import timedelta

import pytest
from alert_world import alert_world
from collecting import Collecting
from corpus_server import serving
from hook_server import hook_server
from small_world import feeds

from flows.alerting.logfile import read_log
from flows.alerting.watch import watch
from flows.job import finish, make_order, session
from flows.project import Project
from flows.settings import load_settings
from warehouse.db import open_warehouse

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LOW = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "2400"}


@pytest.fixture
def server():
    with serving(feeds(4)) as running:
        yield running


@pytest.fixture
def collecting(tmp_path, monkeypatch, server):
    project = Collecting(tmp_path, monkeypatch, alert_except=("snapshot_stale",))
    project.list([f"{server.base_url}{path}" for path in server.documents])
    return project


def log(collecting):
    found = read_log(collecting.folder / "data" / "alerts.log")
    return [(record["kind"], record.get("condition_code")) for record in found]


def break_all(server, status=500, headers=None):
    for path in server.documents:
        server.answers[path] = (status, headers or {}, b"")


def test_a_platform_that_fails_is_told_by_the_run_that_finds_it_and_again_when_it_is_back(
    collecting, server
):
    collecting.run()
    break_all(server)
    for _ in range(3):
        collecting.run(DAY)
    assert log(collecting) == [("opened", "source_out")]
    server.answers.clear()
    for _ in range(2):
        collecting.run(DAY)
    assert log(collecting) == [("opened", "source_out"), ("recovered", "source_out")]
    assert collecting.rows(
        "select opened_run_id <> '', recovered_run_id <> '' from raw.alerts"
    ) == [(True, True)]


def test_what_servers_say_of_their_budgets_is_read_from_what_they_answered(collecting, server):
    body = next(iter(server.documents.values()))
    path = next(iter(server.documents))
    for left, told in ((50, 0), (5, 1), (3, 1), (40, 2)):
        headers = {**LOW, "X-RateLimit-Remaining": str(left), "Content-Type": "application/rss+xml"}
        server.answers[path] = (200, headers, body)
        collecting.run(DAY)
        assert [code for _, code in log(collecting)].count("budget_low") == told
    [(subject, text)] = collecting.rows("select subject_id, text from raw.alerts")
    assert subject == f"feeds:127.0.0.1:{server.server_port}"
    assert "grants 5 of 60 requests more (8%; told below 10%), until 20" in text


def order(collecting):
    settings = load_settings(collecting.folder, collecting._settings)
    return make_order(settings, collecting.clock(), ask_all=True)


def test_runs_that_fail_look_all_the_same(collecting):
    for _ in range(3):
        collecting.clock.moment += HOUR
        with pytest.raises(RuntimeError), session(order(collecting)):
            raise RuntimeError
    assert log(collecting) == [("opened", "run_failed")]
    collecting.run(HOUR)
    assert log(collecting)[1:] == [("recovered", "run_failed")]


def test_whoever_is_told_to_end_does_so_at_once(collecting):
    with pytest.raises(KeyboardInterrupt), session(order(collecting)) as under_way:
        raise KeyboardInterrupt
    assert under_way.watched is None


def test_a_fault_in_alerting_is_recorded_and_fails_no_run(collecting, monkeypatch):
    def broken(*_):
        message = "no such thing"
        raise LookupError(message)

    monkeypatch.setattr("flows.alerting.watch.remember", broken)
    with session(order(collecting)) as under_way:
        pass
    assert under_way.run.state == "completed"
    told = "alerts were not looked at: LookupError: no such thing"
    assert under_way.watched.record() == {
        "open": None,
        "opened": [],
        "ended": [],
        "problems": [told],
    }
    [fault] = read_log(collecting.folder / "data" / "alerts.log")
    assert (fault["kind"], fault["text"]) == ("fault", told)


def test_a_condition_that_cannot_be_judged_keeps_no_other_from_being_told(collecting, monkeypatch):
    from flows.alerting import looking

    judge = looking.judge

    def judge_but_one(connection, code, given):
        if code == "error_rate":
            raise KeyError(code)
        return judge(connection, code, given)

    monkeypatch.setattr("flows.alerting.looking.judge", judge_but_one)
    for _ in range(2):
        collecting.clock.moment += HOUR
        with pytest.raises(RuntimeError), session(order(collecting)) as under_way:
            raise RuntimeError
    assert ("opened", "run_failed") in log(collecting)
    assert "error_rate could not be judged: KeyError: 'error_rate'" in under_way.watched.problems


def test_a_damaged_snapshot_or_archive_keeps_no_other_condition_from_being_told(collecting):
    collecting.run()
    data = collecting.folder / "data"
    for path in (data / "archive" / "pages").rglob("*.parquet"):
        path.write_bytes(b"damaged")
    (data / "snapshots").mkdir()
    (data / "snapshots" / "snapshot.duckdb").write_bytes(b"damaged")
    settings = load_settings(collecting.folder)
    with open_warehouse(data / "warehouse.duckdb") as connection:
        watched = watch(Project(data), settings, connection, collecting.clock())
    codes = [problem.split(" could not be judged: ")[0] for problem in watched.problems]
    assert (codes, watched.open_count) == (["snapshot_stale", "budget_low"], 0)


def test_settings_that_cannot_be_meant_are_told_before_anybody_is_asked(collecting, server):
    from flows.errors import InputError

    collecting._settings["alert_webhook"] = "nonsense"
    with pytest.raises(InputError, match="alert_webhook is no address"):
        collecting.run()
    assert server.asked == []


def test_the_whole_job_tells_nothing_at_its_first_run_and_a_receiver_that_is_out_fails_no_run(
    collecting, server, models
):
    import shutil

    shutil.copytree(models, collecting.folder / "data" / "models")
    with hook_server() as hook:
        hook.answers = [503]
        collecting._settings["alert_webhook"] = hook.address
        with session(order(collecting)) as under_way:
            finish(under_way)
        assert under_way.watched.record()["open"] == 0
        break_all(server)
        collecting.run()
        collecting.run(DAY)
        collecting.run(DAY)
        assert len({posted.key for posted in hook.posted}) == 1
    [(state,)] = collecting.rows("select distinct state from raw.runs where failed_count = 0")
    assert state == "completed"


def test_a_replayed_warehouse_tells_nothing_again(collecting, server):
    from flows.replaying import replay_archive

    collecting.run()
    break_all(server)
    collecting.run(DAY)
    replay_archive(collecting.folder / "data", None, quiet=True)
    assert collecting.rows("select count(*) from raw.alerts") == [(0,)]
    collecting.run(DAY)
    assert log(collecting) == [("opened", "source_out")]
    assert collecting.rows("select recovered_at from raw.alerts") == [(None,)]


def test_what_was_listed_when_it_was_told_may_be_gone_when_it_is_over(tmp_path):
    with alert_world(tmp_path) as world:
        world.list({"a": [f"feeds:{n}" for n in range(4)]})
        for outcome in ("ok", "timeout"):
            world.now += HOUR
            for n in range(4):
                world.ask(f"feeds:{n}", outcome)
            world.look()
        world.now += HOUR
        world.list({"a": ["mastodon:1"]})
        world.look()
        assert world.told("source_out") == ["opened", "recovered"]
