"""What is remembered of a channel is a function of its attempts, and of nothing else."""

from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Cursor, Listing, Outcome, Parsed
from connectors.fetching.exchange import Exchange
from connectors.fetching.holds import LONGEST_HOLD
from connectors.fetching.state import (
    GONE_INTERVAL,
    LONGEST_INTERVAL,
    POLL_INTERVAL,
    FetchState,
    advance,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://example.org/feed"
NEW = FetchState(channel_id="a:feeds:1")
FAILURES = [outcome for outcome in Outcome if not outcome.is_seen]
STATUS = {
    Outcome.OK: 200,
    Outcome.UNCHANGED: 200,
    Outcome.NOT_MODIFIED: 304,
    Outcome.WRONG_TYPE: 200,
    Outcome.MALFORMED: 200,
    Outcome.BLOCKED: 429,
    Outcome.GONE: 410,
    Outcome.NOT_FOUND: 404,
    Outcome.CLIENT_ERROR: 418,
    Outcome.SERVER_ERROR: 503,
}
ATTEMPTS = st.lists(
    st.tuples(
        st.sampled_from(list(Outcome)),
        st.dictionaries(
            st.sampled_from(["etag", "last-modified", "retry-after", "cache-control"]),
            st.sampled_from(["", '"1"', 'W/"2"', "600", "max-age=600", "no-cache"]),
        ),
        st.integers(0, 10**6),
    ),
    max_size=12,
)


@given(ATTEMPTS)
def test_every_validator_came_with_the_last_document_or_a_304_after_it(attempts):
    steps = timed(attempts)
    state = fold(steps)
    etag = last_modified = ""
    for step in steps:
        if step.outcome in {Outcome.OK, Outcome.UNCHANGED}:
            etag, last_modified = (
                step.headers.get("etag", ""),
                step.headers.get("last-modified", ""),
            )
        if step.outcome is Outcome.NOT_MODIFIED:
            etag = step.headers.get("etag") or etag
            last_modified = step.headers.get("last-modified") or last_modified
    assert (state.etag, state.last_modified) == (etag, last_modified)


@given(ATTEMPTS)
def test_the_failure_count_is_the_length_of_the_last_run_of_failures(attempts):
    trailing = 0
    for outcome, _, _ in attempts:
        trailing = 0 if outcome.is_seen else trailing + 1
    assert fold(timed(attempts)).failure_count == trailing


@given(ATTEMPTS)
def test_the_state_names_the_last_attempt_and_the_last_time_we_saw_the_channel(attempts):
    steps = timed(attempts)
    state = fold(steps)
    seen = [step.fetched_at for step in steps if step.outcome.is_seen]
    assert state.last_attempt_at == (steps[-1].fetched_at if steps else None)
    assert state.last_seen_at == (seen[-1] if seen else None)
    assert state.last_outcome == (steps[-1].outcome if steps else "")


@given(ATTEMPTS)
def test_the_current_document_is_that_of_the_last_success(attempts):
    steps = timed(attempts)
    documents = [step for step in steps if step.outcome is Outcome.OK]
    state = fold(steps)
    assert state.document_page_id == (documents[-1].page_id if documents else "")
    assert state.entry_count == (documents[-1].entry_count if documents else 0)
    assert state.url == (URL if documents else "")


@given(ATTEMPTS)
def test_the_next_poll_is_due_within_the_interval_of_its_outcome(attempts):
    state = NEW
    for step in timed(attempts):
        state = step.onto(state)
        interval = state.next_due_at - step.fetched_at
        if step.outcome is Outcome.GONE:
            assert interval == GONE_INTERVAL == timedelta(days=30)
        elif step.outcome.is_seen:
            assert interval == POLL_INTERVAL
        else:
            assert POLL_INTERVAL < interval <= LONGEST_INTERVAL == timedelta(days=1)


@given(st.lists(st.sampled_from([o for o in FAILURES if o is not Outcome.GONE]), max_size=12))
def test_each_further_failure_waits_no_less_than_the_one_before(outcomes):
    state, intervals = NEW, []
    for step in timed([(outcome, {}, 86_400) for outcome in outcomes]):
        state = step.onto(state)
        intervals.append(state.next_due_at - step.fetched_at)
    assert intervals == sorted(intervals)


def test_the_interval_doubles_from_two_hours_to_a_day():
    state, hours = NEW, []
    for step in timed([(Outcome.TIMEOUT, {}, 0)] * 7):
        state = step.onto(state)
        hours.append((state.next_due_at - step.fetched_at) / timedelta(hours=1))
    assert hours == [2, 4, 8, 16, 24, 24, 24]


@given(ATTEMPTS)
def test_a_hold_that_was_named_is_kept_until_it_has_passed(attempts):
    state = NEW
    for step in timed(attempts):
        before, state = state, step.onto(state)
        assert state.not_before is None or state.not_before > step.fetched_at
        assert state.not_before is None or state.not_before <= step.fetched_at + LONGEST_HOLD
        if before.is_held(step.fetched_at):
            assert state.not_before >= before.not_before


def test_a_hold_survives_another_answer_of_the_same_round():
    steps = timed([(Outcome.BLOCKED, {"retry-after": "7200"}, 0), (Outcome.OK, {}, 1)])
    state = fold(steps)
    assert state.not_before == START + timedelta(hours=2)
    assert state.is_held(START + timedelta(hours=1, minutes=59))
    assert not state.is_held(START + timedelta(hours=2))


@given(ATTEMPTS, st.integers(0, 12))
def test_the_state_can_be_rebuilt_from_any_point_of_the_record(attempts, cut):
    steps = timed(attempts)
    assert fold(steps[cut:], fold(steps[:cut])) == fold(timed(attempts))


@pytest.mark.parametrize("outcome", FAILURES)
def test_no_failure_changes_what_is_known_of_the_document(outcome):
    known = fold(timed([(Outcome.OK, {"etag": '"1"'}, 0)]))
    after = fold(timed([(outcome, {"etag": '"2"', "last-modified": "x"}, 60)]), known)
    for name in ("url", "etag", "last_modified", "body_sha256", "document_page_id", "entry_count"):
        assert getattr(after, name) == getattr(known, name)
    assert after.last_error == f"it was {outcome}"


def test_validators_are_sent_to_the_address_that_gave_them_and_no_other():
    state = fold(timed([(Outcome.OK, {"etag": 'W/"1"', "last-modified": "yesterday"}, 0)]))
    assert state.validators(URL) == {"If-None-Match": 'W/"1"', "If-Modified-Since": "yesterday"}
    assert state.validators(URL + "?page=2") == {}


def test_a_channel_that_was_never_asked_is_due_and_not_held():
    assert NEW.is_due(START)
    assert not NEW.is_held(START)
    assert NEW.validators(URL) == NEW.validators("") == {}


def test_a_channel_is_due_again_when_its_interval_has_passed():
    state = fold(timed([(Outcome.OK, {}, 0)]))
    assert not state.is_due(START + POLL_INTERVAL - timedelta(seconds=1))
    assert state.is_due(START + POLL_INTERVAL)


def test_a_connector_keeps_its_place_until_it_names_another():
    first, second = timed([(Outcome.OK, {}, 0), (Outcome.OK, {}, 1)])
    second.cursor = None
    state = second.onto(first.onto(NEW))
    assert state.connector_state == first.cursor.state


class Step:
    """One attempt: how it ended, and the exchange and the content that belong to it."""

    def __init__(self, number, outcome, headers, fetched_at):
        self.outcome, self.headers, self.fetched_at = outcome, headers, fetched_at
        self.page_id = f"{number:032x}"
        self.entry_count = number + 1
        self.cursor = Cursor(state=f"place {number}")

    def onto(self, state):
        """The state after this attempt; a document of no use arrived as a plain 200."""
        http_outcome = Outcome.OK if STATUS.get(self.outcome) == 200 else self.outcome
        if self.outcome is Outcome.UNCHANGED:
            http_outcome = Outcome.UNCHANGED
        error = "" if self.outcome.is_seen else f"it was {self.outcome}"
        parsed = self._parsed() if self.outcome is Outcome.OK else None
        return advance(state, self._exchange(http_outcome), self.outcome, parsed, error)

    def _exchange(self, outcome):
        return Exchange(
            page_id=self.page_id,
            channel_id=NEW.channel_id,
            requested_url=URL,
            url=URL,
            redirects=(),
            status=STATUS.get(self.outcome, 0),
            headers=tuple(self.headers.items()),
            body=None,
            body_sha256=self.page_id,
            fetched_at=self.fetched_at,
            elapsed_ms=1,
            byte_count=1,
            outcome=outcome,
        )

    def _parsed(self):
        listing = Listing(
            entry_count=self.entry_count,
            listed_from=self.fetched_at,
            document_format="rss20",
            document_encoding="utf-8",
            parser="strict",
            is_malformed=False,
        )
        return Parsed(activities=(), listing=listing, cursor=self.cursor)


def timed(attempts):
    """Steps in time: each so many seconds after the one before."""
    moment, steps = START, []
    for number, (outcome, headers, seconds) in enumerate(attempts):
        moment += timedelta(seconds=seconds)
        steps.append(Step(number, outcome, headers, moment))
    return steps


def fold(steps, state=NEW):
    return reduce(lambda known, step: step.onto(known), steps, state)
