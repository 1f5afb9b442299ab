"""Estimating the week last built, and the measured weeks before it."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from flows.build import build_signals
from flows.commands.steps import estimate as command
from flows.estimate import estimate, estimate_past, signal_rows
from flows.project import Project
from flows.replaying import take_back
from warehouse.db import open_warehouse
from warehouse.register import register_organizations

MONDAY = date(2026, 10, 26)
AS_OF = datetime(2026, 11, 2, tzinfo=UTC)
WEEK = timedelta(weeks=1)
SINCE = AS_OF - 4 * WEEK + timedelta(days=1)
STAGES = "from estimates.stages where as_of_week = $week order by organization_id"


@pytest.fixture(scope="module")
def measured(models, tmp_path_factory):
    """Two organizations and their weekly posts, measured in four weeks; only one was readable."""
    project = Project(tmp_path_factory.mktemp("past") / "data")
    shutil.copytree(models, project.models)
    with open_warehouse(project.warehouse) as connection:
        register_organizations(connection, [listed("seen"), listed("unseen")], AS_OF)
        connection.execute(
            "insert into raw.seen_spans values ('seen-news', '2026-08-17', $day)",
            {"day": date(2026, 11, 1)},
        )
        build_signals(project, connection, AS_OF, SINCE)
    return project


@pytest.fixture
def project(measured, tmp_path, monkeypatch):
    """A copy of it as the current folder's."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(measured.data, tmp_path / "data")
    return Project(tmp_path / "data")


@pytest.fixture
def connection(project):
    with open_warehouse(project.warehouse) as opened:
        yield opened


def test_without_a_date_only_the_week_last_built_is_estimated(project, connection):
    estimate(project, connection)
    assert estimated_weeks(connection) == [MONDAY]


def test_every_measured_week_from_a_day_on_is_estimated_by_what_was_seen_then(project, connection):
    past = estimate_past(project, connection, SINCE + WEEK)
    assert past.estimated == [MONDAY - 2 * WEEK, MONDAY - WEEK]
    assert estimated_weeks(connection) == past.estimated
    counts = {
        week: [row.observed_week_count for row in signal_rows(connection, week)]
        for week in (MONDAY - 3 * WEEK, MONDAY)
    }
    assert counts == {MONDAY - 3 * WEEK: [8, 0], MONDAY: [11, 0]}
    assert [row.readable_channel_count for row in signal_rows(connection)] == [1, 0]


def test_an_estimated_week_is_left_alone_until_it_is_measured_again(project, connection):
    estimate_past(project, connection, SINCE)
    before = stages(connection, MONDAY - WEEK)
    again = estimate_past(project, connection, SINCE)
    assert (again.estimated, len(again.up_to_date)) == ([], 3)
    assert stages(connection, MONDAY - WEEK) == before
    build_signals(project, connection, AS_OF - WEEK)  # now the week last built
    build_signals(project, connection, AS_OF)
    assert estimate_past(project, connection, SINCE).estimated == [MONDAY - WEEK]


def test_weeks_of_another_model_are_estimated_anew(project, connection):
    first = estimate_past(project, connection, SINCE)
    connection.execute("update estimates.stages set model_version = 'older'")
    assert estimate_past(project, connection, SINCE).estimated == first.estimated


def test_a_past_week_is_estimated_as_it_was_when_it_was_the_last(project, connection):
    estimate_past(project, connection, SINCE)
    past = stages(connection, MONDAY - WEEK)
    build_signals(project, connection, AS_OF - WEEK)
    estimate(project, connection)
    assert without_moment(stages(connection, MONDAY - WEEK)) == without_moment(past)
    parts = "select count(*) from estimates.contributions where as_of_week = $week"
    [(count,)] = connection.execute(parts, {"week": MONDAY - WEEK}).fetchall()
    assert count > 5


def test_the_command_tells_what_it_did_with_the_history(project):
    del project
    assert call("--since", "2026-10-05").output.endswith(
        "earlier weeks: 3 estimated, 0 were up to date\n"
    )
    assert call("--since", "2026-10-12").output.endswith(
        "earlier weeks: 0 estimated, 2 were up to date\n"
    )


def test_weeks_of_an_earlier_version_are_named_with_what_to_run(project):
    with open_warehouse(project.warehouse) as connection:
        connection.execute(
            "delete from signals.evidence where as_of_week < $week", {"week": MONDAY - WEEK}
        )
    done = call("--since", "2026-10-05", code=3)
    assert "earlier weeks: 1 estimated" in done.output
    assert "2 weeks were measured by an earlier version" in done.output
    assert "`barograph build --since 2026-10-05`" in done.output
    with open_warehouse(project.warehouse) as connection:
        connection.execute("delete from signals.evidence")
    assert "1 week was measured by an earlier version" in call(code=1).output


def test_a_date_that_is_none_is_told(project):
    del project
    assert "--since 'soon' is no date" in call("--since", "soon", code=2).output


def test_a_replay_brings_back_what_estimates_of_past_weeks_need(project, connection, tmp_path):
    kept = evidence(connection)
    assert len(kept) == 8
    with open_warehouse(tmp_path / "anew.duckdb") as anew:
        take_back(anew, project.archive.build_files())
        assert evidence(anew) == kept


def call(*arguments, code=0):
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == code, done.output
    return done


def listed(name):
    channel = {
        "channel_id": f"{name}-news",
        "organization_id": name,
        "source": "feeds",
        "address": f"https://{name}.example/news.xml",
        "role": "official",
    }
    return {"organization_id": name, "name": name, "timezone": "UTC", "channels": [channel]}


def evidence(connection):
    return connection.execute("from signals.evidence order by all").fetchall()


def estimated_weeks(connection):
    found = connection.execute("select distinct as_of_week from estimates.stages order by 1")
    return [week for (week,) in found.fetchall()]


def stages(connection, week):
    result = connection.execute(STAGES, {"week": week})
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def without_moment(rows):
    return [{name: row[name] for name in row if name != "estimated_at"} for row in rows]
