"""Each condition is told once when it begins and once when it is over, and needs a history."""

from datetime import datetime, timedelta

import pytest
from alert_world import DAY, HOUR, ONCE, WEEK, alert_world, ask_all

from flows.alerting.budgets import Told
from flows.alerting.conditions import CONDITIONS

pytestmark = pytest.mark.thorough


@pytest.fixture
def world(tmp_path):
    with alert_world(tmp_path) as opened:
        yield opened


@pytest.fixture
def channels(world):
    """Eight organizations, each with a feed that has been seen for ten weeks, without an act."""
    names = [f"feeds:{n}" for n in range(8)]
    world.list({f"org-{n}": [name] for n, name in enumerate(names)})
    for name in names:
        world.ask(name, since=10 * WEEK)
    return names


def test_every_condition_has_its_query_its_words_and_its_place_in_the_documents(pytestconfig):
    from flows.alerting.words import WORDS

    queries = pytestconfig.rootpath / "warehouse" / "alerts"
    text = (pytestconfig.rootpath / "docs" / "alerts.md").read_text("utf-8")
    assert {path.stem for path in queries.glob("*.sql")} == set(CONDITIONS) == set(WORDS)
    assert [code for code in CONDITIONS if f"`{code}`" not in text] == []


def test_the_first_look_at_what_has_always_been_so_tells_nothing(world, channels):
    for name in channels:
        for gap in range(20):
            world.act(name, 200 * DAY + gap * DAY)
    world.run()
    assert world.look().record() == {"open": 0, "opened": [], "ended": [], "problems": []}


def test_a_source_of_which_most_channels_fail_is_out_once_and_back_once(world, channels):
    world.look()
    for failing in (5, 8, 8, 3, 5, 1, 0):
        world.now += 8 * HOUR
        ask_all(world, channels, failing)
        world.look()
    assert world.told("source_out") == ONCE
    assert world.log("opened")[0]["title"] == "feeds is out: 5 of 8 channels fail"


@pytest.mark.parametrize("outcome", ["held", "disallowed", "opted_out", "refused"])
def test_whoever_keeps_us_away_is_not_out(world, channels, outcome):
    world.now += HOUR
    for name in channels:
        world.ask(name, outcome)
    assert world.look().open_count == 0


def test_channels_that_never_answered_are_no_outage(world):
    names = [f"feeds:{n}" for n in range(4)]
    world.list({"a": names})
    for _ in range(2):
        world.now += HOUR
        ask_all(world, names, failing=4)
    world.look()
    assert world.told("source_out") == []


def test_few_channels_of_many_are_no_outage(world, channels):
    world.now += 7 * HOUR
    ask_all(world, channels[:3], failing=3)
    world.look()
    assert world.told("source_out") == []


def test_an_outage_of_many_channels_gives_one_alert_and_hides_what_follows_from_it(world, channels):
    world.look()
    for name in channels:
        for n in range(10):
            world.act(name, (n + 1) * DAY)
    for _ in range(40):
        world.now += DAY
        ask_all(world, channels, failing=8)
        world.look()
    assert [record["condition_code"] for record in world.log()] == ["source_out"]


def test_two_runs_that_fail_are_told_and_one_that_completes_ends_it(world):
    world.list({"a": ["feeds:1"]})
    for state in ("completed", "failed", "completed", "failed", "interrupted", "failed"):
        world.run(state, "KeyError: 'secret'")
        world.look(HOUR)
    [opened] = world.log()
    assert opened["condition_code"] == "run_failed"
    assert "KeyError" in opened["text"]
    assert "secret" not in opened["text"]
    for _ in range(2):
        world.run("completed_with_failures")
        world.look(HOUR)
    assert world.told("run_failed") == ONCE


def test_many_failed_attempts_are_told_until_few_fail(world, channels):
    for failing in (0, 2, 3, 3, 3, 2, 2, 1, 0, 0, 0, 0):
        world.now += 8 * HOUR
        ask_all(world, channels, failing)
        world.look()
    assert world.told("error_rate") == ONCE
    [opened] = world.log("opened")
    assert opened["title"].startswith("feeds: 33% of the attempts failed")


def test_few_attempts_tell_nothing_of_errors(world, channels):
    world.now += 25 * HOUR
    ask_all(world, channels[:4], failing=2)
    world.look()
    assert world.told("error_rate") == []


def test_less_coverage_than_usual_is_told_until_it_is_back(world, channels):
    world.watch_only("coverage_drop")
    for failing in [0] * 3 + [3] * 10 + [0] * 12:
        world.now += DAY
        ask_all(world, channels, failing)
        world.look()
    assert world.told("coverage_drop") == ONCE
    [opened] = [one for one in world.log("opened") if one["condition_code"] == "coverage_drop"]
    assert opened["subject_id"] == "feeds"
    assert "usually 100%" in opened["title"]
    assert opened["limit_value"] == pytest.approx(0.8)


def test_a_low_week_does_not_become_the_measure(world, channels):
    world.watch_only("coverage_drop")
    for failing in [0] + [3] * 75:
        world.now += DAY
        ask_all(world, channels, failing)
        world.look()
    assert world.told("coverage_drop") == ["opened"]


def test_days_that_a_healthy_channel_was_not_asked_about_are_no_loss(world, channels):
    for day in range(20):
        world.now += DAY
        for name in channels if day % 3 == 0 else ():
            world.ask(name, since=3 * DAY)
        world.look()
    world.look(12 * DAY)
    assert world.log() == []


def test_coverage_of_all_sources_is_judged_where_there_are_several(world, channels):
    world.watch_only("coverage_drop")
    others = [f"mastodon:{n}" for n in range(8)]
    world.list({f"org-{n}": [channels[n], others[n]] for n in range(8)})
    for name in others:
        world.ask(name, since=10 * WEEK)
    for _ in range(10):
        world.now += DAY
        ask_all(world, channels, 4)
        ask_all(world, others, 4)
        world.look()
    told = {r["subject_id"] for r in world.log() if r["condition_code"] == "coverage_drop"}
    assert told == {"feeds", "mastodon", "project"}
    [text] = [r["text"] for r in world.log() if r["subject_id"] == "project"]
    assert "channels of all sources" in text


def test_a_changed_type_is_told_until_documents_come_without_it(world, channels):
    drift = {"kind": "changed_type", "path": "items[].id", "found": "number"}
    world.put("raw.drifts", source="feeds", first_seen_at=world.at, last_seen_at=world.at, **drift)
    for _ in range(8):
        world.look(DAY)
        world.ask(channels[0])
    assert world.told("schema_drift") == ONCE
    assert "items[].id" in world.log("opened")[0]["text"]


@pytest.mark.usefixtures("channels")
def test_a_changed_type_stays_told_while_nothing_new_is_parsed(world):
    drift = {"source": "feeds", "kind": "changed_type", "path": "x", "found": "number"}
    world.put("raw.drifts", first_seen_at=world.at, last_seen_at=world.at, **drift)
    for _ in range(8):
        world.look(DAY)
    assert world.told("schema_drift") == ["opened"]


@pytest.mark.usefixtures("channels")
def test_a_new_field_is_told_and_what_there_always_was_is_not(world):
    drift = {"source": "feeds", "kind": "new_field"}
    world.put("raw.drifts", path="old", first_seen_at=world.at, last_seen_at=world.at, **drift)
    world.look(3 * DAY)
    assert world.log() == []
    world.put("raw.drifts", path="new", first_seen_at=world.at, last_seen_at=world.at, **drift)
    for _ in range(10):
        world.look(DAY)
    assert world.told("schema_new_field") == ONCE
    assert "such as new" in world.log("opened")[0]["text"]


def test_a_snapshot_is_stale_after_three_usual_intervals_and_a_new_one_ends_it(world, monkeypatch):
    world.list({"a": ["feeds:1"]})
    monkeypatch.setattr("flows.alerting.looking.published_at", lambda _: world.published_at)
    for _ in range(5):
        world.now += 12 * HOUR
        world.run()
    world.published_at = world.at
    for _ in range(10):
        world.look(6 * HOUR)
    assert world.told("snapshot_stale") == ["opened"]
    assert world.log()[0]["limit_value"] == 36
    world.published_at = world.at
    for _ in range(3):
        world.look(HOUR)
    assert world.told("snapshot_stale") == ONCE


def test_how_old_a_snapshot_may_be_can_be_set_and_is_a_day_and_a_bit_at_least(tmp_path):
    from flows.alerting.freshness import usual_limit

    assert usual_limit([]) == usual_limit([3600.0]) == 26
    assert usual_limit([86400.0, 86400.0, 900000.0]) == 72
    with alert_world(tmp_path, alert_stale_hours=3.0) as world:
        world.list({"a": ["feeds:1"]})
        world.run()
        world.look(4 * HOUR)
        assert world.log()[0]["title"] == "nothing has been published for 4 hours"
        assert (
            "Nothing has been published yet, and the first run began 4 hours ago"
            in (world.log()[0]["text"])
        )


def told(remaining, most=60, resets_in=timedelta(minutes=40), channel="github:1"):
    return lambda world: Told(
        channel, "api.github.com:443", remaining, most, resets_in and world.at + resets_in
    )


def test_a_budget_that_runs_low_is_told_until_there_is_enough(world, monkeypatch):
    world.list({"a": ["github:1"]})
    found = []
    monkeypatch.setattr("flows.alerting.looking._told", lambda *_: [one(world) for one in found])
    for one in (told(50), told(5), None, told(4), told(11), told(5), told(12), told(40), told(8)):
        found[:] = [one] if one else []
        world.look(HOUR)
    assert world.told("budget_low") == ONCE
    opened = world.log("opened")[0]
    assert opened["subject_id"] == "github:api.github.com:443"
    assert opened["title"] == "api.github.com:443 has 5 of 60 requests left"


def test_a_budget_that_is_about_to_come_back_is_nobodys_trouble(world, monkeypatch):
    world.list({"a": ["github:1"]})
    soon = told(0, resets_in=timedelta(minutes=9))
    monkeypatch.setattr("flows.alerting.looking._told", lambda *_: [soon(world)])
    assert world.look().open_count == 0


def test_of_several_budgets_of_a_server_the_smallest_counts(world, monkeypatch):
    world.list({"a": ["github:1"]})
    both = [told(50), told(0, most=30, resets_in=None)]
    monkeypatch.setattr("flows.alerting.looking._told", lambda *_: [one(world) for one in both])
    assert world.look().opened == ("api.github.com:443 has 0 of 30 requests left",)


def test_a_condition_that_is_switched_off_is_not_told_and_ends_in_silence(tmp_path):
    with alert_world(tmp_path) as world:
        world.list({"a": ["feeds:1"]})
        for _ in range(2):
            world.now += HOUR
            world.run("failed")
        assert world.look().open_count == 1
    with alert_world(tmp_path, alert_except=("run_failed",)) as world:
        world.now += 5 * HOUR
        assert world.look().open_count == 0
        assert world.told("run_failed") == ["opened"]
        assert world.rows("select ending from raw.alerts") == [("switched_off",)]


def test_moments_are_naive_utc(world):
    assert isinstance(world.at, datetime)
    assert world.at.tzinfo is None
