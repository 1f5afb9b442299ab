"""Beginnings and ends alternate, whatever is found in whatever order."""

from datetime import datetime, timedelta

import pytest
from alert_world import HOUR, alert_world
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.alerting.conditions import CONDITIONS, OUTAGE, Condition
from flows.alerting.judgement import Judgement, OpenAlert, State, Subject
from flows.alerting.register import Ending, compare, without_hidden

START = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - as stored
SUBJECTS = [Subject("source", "feeds"), Subject("organization", "acme"), Subject("channel", "c")]
CODES = ["error_rate", "claim_outside", "channel_silent"]
LOOKS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            key: st.sampled_from(State)
            for key in [(code, subject) for code in CODES for subject in SUBJECTS]
        },
    ),
    max_size=40,
)


def judgement(code, subject, state):
    return Judgement(code=code, subject=subject, organization_id="acme", state=state)


def opened(found, moment):
    return OpenAlert(
        alert_id=f"{found.code}{found.subject}{moment}",
        code=found.code,
        subject=found.subject,
        organization_id=found.organization_id,
        severity="warning",
        opened_at=moment,
        last_seen_at=moment,
        limit_value=None,
        title="t",
    )


@given(looks=LOOKS, gaps=st.lists(st.integers(1, 60), min_size=40, max_size=40))
def test_of_each_condition_and_subject_beginnings_and_ends_alternate(looks, gaps):
    known, told, moment = {}, {}, START
    for look, days in zip(looks, gaps, strict=False):
        moment += timedelta(days=days)
        found = [judgement(*key, state) for key, state in look.items()]
        changes = compare(list(known.values()), found, SUBJECTS, moment)
        for one in changes.opened:
            told.setdefault((one.code, one.subject), []).append("opened")
            known[one.code, one.subject] = opened(one, moment)
        for one in changes.ended:
            told[one.alert.code, one.alert.subject].append("recovered")
            del known[one.alert.code, one.alert.subject]
    for kinds in told.values():
        assert kinds == (["opened", "recovered"] * len(kinds))[: len(kinds)]
    assert all(kinds[-1] == "opened" for key, kinds in told.items() if key in known)


@given(states=st.lists(st.sampled_from([*State, None]), max_size=30))
def test_a_look_that_is_repeated_changes_nothing_more(states):
    known, key = [], ("error_rate", SUBJECTS[0])
    for state in states:
        found = [judgement(*key, state)] if state else []
        changes = compare(known, found, SUBJECTS, START)
        if changes.opened:
            known = [opened(changes.opened[0], START)]
        if changes.ended:
            known = []
        again = compare(known, found, SUBJECTS, START)
        assert (again.opened, again.ended) == ((), ())


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with alert_world(tmp_path_factory.mktemp("world")) as opened:
        opened.list({"a": [f"feeds:{n}" for n in range(10)]})
        yield opened


@settings(max_examples=8, deadline=None)
@given(failing=st.lists(st.integers(0, 10), max_size=10))
def test_no_noise_of_failures_makes_an_alert_flap(world, failing):
    """The whole way, through the warehouse and into the log, over any sequence of failures."""
    for count in failing:
        world.now += 7 * HOUR
        for n in range(10):
            world.ask(f"feeds:{n}", "timeout" if n < count else "ok")
        world.look()
    for code in ("source_out", "error_rate", "coverage_drop"):
        kinds = world.told(code)
        assert kinds == (["opened", "recovered"] * len(kinds))[: len(kinds)]
        known = world.rows(f"select 1 from raw.alerts where condition_code = '{code}'")
        assert len(known) == kinds.count("opened")


def test_a_value_between_the_limits_changes_nothing(world):
    world.now += timedelta(days=30)
    before = world.told("source_out").count("opened")
    for count in (0, 4, 5, 6, 5, 4, 3, 4, 5, 6, 4, 3):
        world.now += 7 * HOUR
        for n in range(10):
            world.ask(f"feeds:{n}", "timeout" if n < count else "ok")
        world.look()
    assert world.told("source_out").count("opened") == before + 1


def test_what_is_hidden_is_neither_begun_nor_ended():
    subject = Subject("organization", "acme")
    known = [opened(judgement("claim_outside", subject, State.RAISED), START)]
    for state in (State.CLEAR, State.RAISED):
        found = [judgement("claim_outside", subject, state)]
        seen = list(without_hidden(found, set(), {"acme"}))
        changes = compare(known, seen, [subject], START)
        assert (changes.opened, changes.still, changes.ended) == ((), (), ())


def test_an_outage_hides_only_what_follows_from_it():
    subject = Subject("source", "feeds")
    codes = ["schema_drift", "budget_low", "error_rate", "coverage_drop"]
    found = [judgement(code, subject, State.RAISED) for code in codes]
    seen = without_hidden(found, {subject}, set())
    assert [one.code for one in seen] == ["schema_drift", "budget_low"]


def test_a_server_is_watched_as_long_as_its_source_is():
    subject = Subject("source", "github:api.github.com:443")
    known = [opened(judgement("budget_low", subject, State.RAISED), START)]
    assert compare(known, [], [Subject("source", "github")], START).ended == ()
    [ended] = compare(known, [], [Subject("source", "feeds")], START).ended
    assert ended.ending is Ending.UNWATCHED


def test_conditions_are_complete_and_begin_beyond_where_they_end():
    assert next(iter(CONDITIONS)) == OUTAGE
    for condition in CONDITIONS.values():
        assert isinstance(condition, Condition)
        raised, clear = (condition.limits.get(f"{word}_share") for word in ("raise", "clear"))
        if raised is not None and condition.code != "budget_low":
            assert clear < raised
    assert CONDITIONS["budget_low"].limits["clear_share"] > 0.1
