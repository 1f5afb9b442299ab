"""What is told of organizations and their channels, and what is not."""

import re
from datetime import timedelta

import pytest
from alert_world import DAY, HOUR, MONDAY, ONCE, WEEK, alert_world, ask_all

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


def speaking(world, name, *, every=DAY, count=20, last=timedelta()):
    for n in range(count):
        world.act(name, last + n * every)


def test_a_channel_is_silent_after_its_own_rhythm_and_heard_again(world, channels):
    world.watch_only("channel_silent")
    speaking(world, channels[0])
    speaking(world, channels[1], every=6 * DAY)
    for day in range(40):
        if day == 30:
            world.act(channels[0], timedelta())
        world.now += DAY
        ask_all(world, channels)
        world.look()
    assert world.told("channel_silent") == ["opened", *ONCE]
    first, second = world.log("opened")
    assert (first["organization_id"], first["value"], first["limit_value"]) == ("org-0", 15, 14)
    assert (second["organization_id"], second["value"], second["limit_value"]) == ("org-1", 25, 24)
    assert "https://org-0.example/0 (feeds" in first["text"]
    assert "n = 20 acts" in first["text"]


def test_what_was_not_seen_is_not_silent(world, channels):
    world.watch_only("channel_silent")
    speaking(world, channels[0])
    for _ in range(40):
        world.now += DAY
        ask_all(world, channels, failing=1)
        world.look()
    assert "channel_silent" not in {record["condition_code"] for record in world.log()}


@pytest.mark.parametrize(
    "how",
    [
        {"count": 7},
        {"last": 20 * DAY},
        {"every": 60 * DAY},
    ],
    ids=["too few acts", "silent before it was watched", "slow rhythm"],
)
def test_silence_without_a_rhythm_or_a_beginning_is_not_told(world, channels, how):
    world.watch_only("channel_silent")
    speaking(world, channels[0], **how)
    for _ in range(30):
        world.now += DAY
        ask_all(world, channels)
        world.look()
    assert world.told("channel_silent") == []


def test_that_a_member_of_staff_is_silent_is_told_to_nobody(world):
    world.list({"a": ["feeds:1"]}, role="staff-list")
    world.ask("feeds:1", since=10 * WEEK)
    speaking(world, "feeds:1")
    for _ in range(30):
        world.now += DAY
        world.ask("feeds:1", since=DAY)
        world.look()
    assert world.log() == []


def test_in_a_community_anybody_is_heard(world):
    world.watch_only("channel_silent")
    world.list({"a": ["discourse:1"]}, role="community")
    world.ask("discourse:1", since=10 * WEEK)
    for n in range(20):
        world.act("discourse:1", n * DAY, direction="among_others")
    for day in range(40):
        if day == 20:
            world.act("discourse:1", timedelta(), direction="to_organization")
        world.now += DAY
        world.ask("discourse:1", since=DAY)
        world.look()
    assert world.told("channel_silent") == [*ONCE, "opened"]


def test_a_stage_that_is_held_anew_is_told_with_both_sets_and_a_quarter_later_it_is_over(world):
    world.watch_only("stage_changed")
    world.list({"acme": ["feeds:1"]})
    first = MONDAY - 40 * WEEK
    for n in range(80):
        world.estimate("acme", first + n * WEEK, 2 if n < 20 else 3)
        world.look(WEEK)
    assert world.told("stage_changed") == ONCE
    text = world.log("opened")[0]["text"]
    assert "consistent with stages 2 to 3 (Presence to Engagement) (90 % prediction set" in text
    assert "consistent with stages 1 to 2 (Planning to Presence) (90 % prediction set" in text
    assert " is at " not in text


def test_weeks_that_abstain_or_waver_change_no_stage(world):
    world.watch_only("stage_changed")
    world.list({"acme": ["feeds:1"]})
    first = MONDAY - 60 * WEEK
    for n in range(60):
        stage, share = (2, 0.9) if n < 20 else (3, 0.9 if n % 5 else 0.5)
        world.estimate("acme", first + n * WEEK, stage, share)
    for n in range(60, 90):
        world.estimate("acme", first + n * WEEK, 4, is_abstained=True)
        world.look(WEEK)
    assert world.told("stage_changed") == []


def test_another_model_changes_no_stage(world):
    world.list({"acme": ["feeds:1"]})
    first = MONDAY - 60 * WEEK
    for n in range(60):
        version = "m1" if n < 30 else "m2"
        world.estimate("acme", first + n * WEEK, 2 if n < 30 else 4, model_version=version)
    world.look()
    assert world.told("stage_changed") == []


def measure(world, week, replies, hours, organization="acme"):
    shared = {"organization_id": organization, "as_of_week": week, "window_weeks": 13, "n": 200}
    shared |= {"method_version": "1", "coverage_share": 1.0}
    values = {"reply_rate_72h": replies, "response_hours_median": hours}
    for code, value in values.items():
        world.put(
            "signals.measurements",
            **shared,
            signal_code=code,
            value=value,
            lower=0.8 * value,
            upper=1.2 * value,
        )


def test_two_signals_that_get_worse_are_told_until_they_are_well_again(world):
    world.watch_only("signals_worse")
    world.list({"acme": ["feeds:1"], "calm": ["feeds:2"]})
    first = MONDAY - 90 * WEEK
    for n in range(160):
        wobble = 1 + 0.02 * ((7 * n) % 5 - 2)
        is_bad = 90 <= n < 110
        measure(world, first + n * WEEK, (0.2 if is_bad else 0.6) * wobble, 15 if is_bad else 4)
        measure(world, first + n * WEEK, 0.6 * wobble, 4.0, "calm")
        if n > 60:
            world.look(WEEK)
    assert world.told("signals_worse") == ONCE
    [text] = [record["text"] for record in world.log("opened")]
    assert re.search(r"Replies within 72 hours \d+% \(n = 200\), usually 60%; Time", text)
    assert "Time to first answer 15.0 hours (n = 200), usually 4.0 hours" in text


def test_one_signal_alone_tells_nothing(world):
    world.list({"acme": ["feeds:1"]})
    for n in range(100):
        wobble = 1 + 0.02 * ((7 * n) % 5 - 2)
        measure(world, MONDAY + n * WEEK, (0.6 if n < 70 else 0.1) * wobble, 4.0 * wobble)
    assert world.look().open_count == 0


def claim_week(world, n, stage, position, **changes):
    week = MONDAY + n * WEEK
    world.estimate("acme", week, stage, **changes)
    gap = {"organization_id": "acme", "as_of_week": week, "claimed_stage_code": 4}
    world.put("estimates.gaps", **gap, claim_position=position)


@pytest.fixture
def claimed(world):
    world.list({"acme": ["feeds:1"]})
    claim = {"organization_id": "acme", "stage_code": 4, "is_headline": True}
    world.put("raw.claims", **claim, is_public=True)
    return world


def test_a_claim_that_leaves_its_set_for_two_weeks_is_told_until_it_is_within_for_two(claimed):
    places = "within within above within above above above within above within within above"
    for n, position in enumerate(places.split()):
        claim_week(claimed, n, 3, position)
        claimed.look(WEEK)
    assert claimed.told("claim_outside") == ONCE
    opened = claimed.log("opened")[0]
    assert opened["title"] == "The acme claims more than its 90 % prediction set holds"
    assert "consistent with stages 2 to 3 (Presence to Engagement)" in opened["text"]


def test_a_claim_that_always_lay_outside_is_no_news(claimed):
    for n in range(5):
        claim_week(claimed, n, 3, "above")
        claimed.look(WEEK)
    assert claimed.log() == []


def test_a_claim_outside_by_another_model_or_not_judged_is_no_news(claimed):
    for n, (position, version) in enumerate(
        [("within", "m1"), ("within", "m1"), ("", "m1"), ("above", "m2"), ("above", "m2")]
    ):
        claim_week(claimed, n, 3, position, model_version=version)
        claimed.look(WEEK)
    assert claimed.log() == []


def test_a_private_claim_is_told_to_nobody_and_a_withdrawn_one_is_over(claimed):
    for n, position in enumerate(["within", "within", "above", "above"]):
        claim_week(claimed, n, 3, position)
    claimed.connection.execute("update raw.claims set is_public = false")
    assert claimed.look().open_count == 0
    claimed.connection.execute("update raw.claims set is_public = true")
    assert claimed.look(HOUR).open_count == 1
    claimed.connection.execute("delete from raw.claims")
    claimed.look(HOUR)
    assert claimed.told("claim_outside") == ONCE
    assert "no public claim any more" in claimed.log("recovered")[0]["text"]


def test_a_source_that_is_out_hides_what_would_be_told_of_organizations_there(claimed):
    claimed.list({"acme": [f"feeds:{n}" for n in range(4)], "b": ["mastodon:1"]})
    for n in range(4):
        claimed.ask(f"feeds:{n}")
    claimed.now += 2 * HOUR
    for n in range(4):
        claimed.ask(f"feeds:{n}", "timeout")
    for n, position in enumerate(["within", "within", "above", "above"]):
        claim_week(claimed, n, 3, position)
    claimed.look()
    assert [record["condition_code"] for record in claimed.log()] == ["source_out"]
    claimed.now += 2 * HOUR
    for n in range(4):
        claimed.ask(f"feeds:{n}")
    claimed.look()
    assert claimed.told("claim_outside") == ["opened"]
    assert claimed.told("source_out") == ONCE


def test_whoever_leaves_the_list_ends_its_alert(claimed):
    for n, position in enumerate(["within", "within", "above", "above"]):
        claim_week(claimed, n, 3, position)
    assert claimed.look().open_count == 1
    claimed.now += DAY
    claimed.list({"other": ["feeds:9"]})
    claimed.look()
    assert claimed.told("claim_outside") == ONCE
    assert "not on the list any more" in claimed.log("recovered")[0]["text"]
    assert claimed.rows("select ending from raw.alerts") == [("unwatched",)]


def test_what_nothing_could_be_said_of_for_long_is_closed(claimed):
    for n, position in enumerate(["within", "within", "above", "above"]):
        claim_week(claimed, n, 3, position)
    claimed.look()
    claimed.connection.execute("update raw.claims set organization_id = 'nobody'")
    claimed.connection.execute("update raw.alerts set condition_code = 'stage_changed'")
    claimed.look(89 * DAY)
    claimed.look(2 * DAY)
    assert claimed.rows("select ending from raw.alerts") == [("lapsed",)]


def test_no_message_names_a_person_a_path_or_what_is_asked_of_an_address(world, channels):
    speaking(world, channels[0])
    for _ in range(20):
        world.now += DAY
        ask_all(world, channels)
        world.look()
    [record] = world.log()
    assert "secret" not in str(record)
    assert str(world.folder) not in str(record)
