"""What is remembered of a channel is a function of its attempts, and of nothing else."""

import dataclasses
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Activity, Cursor, Listing, Outcome, Parsed, Purpose
from connectors.fetching.exchange import Exchange
from connectors.fetching.holds import LONGEST_HOLD
from connectors.fetching.rhythm import FLOOR_SECONDS, QUIET_CEILING_SECONDS
from connectors.fetching.state import NEVER, WHOLE_INTERVAL, FetchState, advance

START = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://example.org/feed"
NEW = FetchState(channel_id="a:feeds:1")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Outcomes of attempts at which a server was asked, or of rules that kept us from asking.
OUTCOMES = [outcome for outcome in Outcome if outcome is not Outcome.HELD]
FAILURES = [outcome for outcome in OUTCOMES if not outcome.is_seen]
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
        st.sampled_from(OUTCOMES),
        st.dictionaries(
            st.sampled_from(["etag", "last-modified", "retry-after", "cache-control"]),
            st.sampled_from(["", '"1"', 'W/"2"', "600", "max-age=600", "no-cache"]),
        ),
        st.integers(601, 10**6),
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
def test_the_next_poll_is_due_between_an_hour_and_a_month_after_an_attempt(attempts):
    state = NEW
    for step in timed(attempts):
        state = step.onto(state)
        interval = state.next_due_at - step.fetched_at
        if step.outcome.is_seen:
            longest = timedelta(seconds=QUIET_CEILING_SECONDS)
            assert timedelta(seconds=FLOOR_SECONDS) <= interval <= 1.1 * longest
        else:
            assert HOUR <= interval <= 1.1 * 7 * DAY


@given(st.sampled_from([o for o in FAILURES if o is not Outcome.GONE]), st.integers(2, 12))
def test_each_further_failure_waits_no_less_than_the_one_before(outcome, count):
    state, hours = NEW, []
    for step in timed([(outcome, {}, 86_400)] * count):
        state = step.onto(state)
        hours.append((state.next_due_at - step.fetched_at) / HOUR)
    assert all(later > earlier / 1.1 for earlier, later in pairwise(hours))


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.TIMEOUT, [1, 2, 4, 8, 16, 24, 24]),
        (Outcome.NOT_FOUND, [2, 4, 8, 16, 32, 64, 128, 168, 168]),
        (Outcome.MALFORMED, [2, 4, 8]),
        (Outcome.BLOCKED, [4, 8, 16, 32, 64, 128, 168]),
        (Outcome.NEEDS_AUTH, [24, 48, 96, 168, 168]),
        (Outcome.DISALLOWED, [24, 24, 24]),
    ],
)
def test_a_failure_is_backed_off_by_its_class(outcome, expected):
    state, hours = NEW, []
    for step in timed([(outcome, {}, 3600)] * len(expected)):
        state = step.onto(state)
        hours.append((state.next_due_at - step.fetched_at) / HOUR)
    assert all(want <= got <= 1.1 * want for got, want in zip(hours, expected, strict=True))


def test_several_tries_of_one_run_are_one_failure():
    state = fold(timed([(Outcome.SERVER_ERROR, {}, 3)] * 3))
    assert state.failure_count == 1
    assert fold(timed([(Outcome.NOT_FOUND, {}, 3)] * 3)).failure_count == 3


def test_a_channel_that_is_gone_is_left_alone_for_a_month_then_looked_at_once_more():
    once = fold(timed([(Outcome.GONE, {}, 0)]))
    assert once.is_held(START + timedelta(days=30) - timedelta(seconds=1))
    assert not once.is_held(START + timedelta(days=30))
    again = fold(timed([(Outcome.GONE, {}, 0), (Outcome.GONE, {}, 30 * 86_400)]))
    assert again.not_before == NEVER
    assert again.is_held(START + timedelta(days=10_000))


def test_a_channel_that_came_back_from_being_gone_is_polled_as_before():
    state = fold(timed([(Outcome.GONE, {}, 0), (Outcome.OK, {}, 31 * 86_400)]))
    assert state.not_before is None
    assert state.is_due(START + timedelta(days=32, hours=12))


def test_once_a_month_the_document_is_asked_for_whole():
    state = fold(timed([(Outcome.OK, {"etag": '"1"'}, 0), (Outcome.NOT_MODIFIED, {}, 86_400)]))
    assert state.validators(URL, START + WHOLE_INTERVAL - HOUR) == {"If-None-Match": '"1"'}
    assert state.validators(URL, START + WHOLE_INTERVAL) == {}
    whole = fold(timed([(Outcome.UNCHANGED, {"etag": '"1"'}, 30 * 86_400)]), state)
    assert whole.validators(URL, START + timedelta(days=32)) == {"If-None-Match": '"1"'}


def test_a_hold_and_a_due_time_absurdly_far_ahead_were_written_by_a_wrong_clock():
    years = 3 * 365 * 86_400
    state = fold(timed([(Outcome.OK, {"cache-control": "max-age=600"}, years)]))
    assert state.not_before > START + timedelta(days=1000)
    assert not state.is_held(START)
    assert state.is_due(START)


def test_an_attempt_that_was_not_made_for_a_hold_changes_nothing_but_what_is_told():
    known = fold(timed([(Outcome.OK, {"etag": '"1"'}, 0)]))
    step = timed([(Outcome.HELD, {}, 60)])[0]
    after = step.onto(known)
    assert (after.last_outcome, after.last_error) == ("held", "it was held")
    for name in ("failure_count", "next_due_at", "not_before", "last_attempt_at", "etag"):
        assert getattr(after, name) == getattr(known, name)


def test_a_wrong_guess_where_the_document_may_be_is_no_failure_of_the_channel():
    known = fold(timed([(Outcome.WRONG_TYPE, {}, 0)]))
    step = timed([(Outcome.NOT_FOUND, {}, 1)])[0]
    step.purpose = Purpose.DISCOVERY
    assert step.onto(known) == known


def test_what_is_new_in_a_document_makes_the_rhythm():
    first, *later = timed([(Outcome.OK, {"etag": '"1"'}, 86_400)] * 4)
    first.listed = [f"{n:016x}" * 2 for n in range(30)]
    first.window = timedelta(days=90)
    for number, step in enumerate(later, start=1):
        step.listed = [
            f"{n + 30 * number:016x}" * 2 for n in range(30)
        ]  # all new: some were missed
    calm, hurried = first.onto(NEW), fold([first, *later])
    assert not calm.rhythm.is_lossy
    assert hurried.rhythm.is_lossy
    assert hurried.rhythm.interval_seconds < calm.rhythm.interval_seconds


def test_a_partial_list_adds_to_the_document_and_replaces_nothing_of_it():
    first, delta = timed([(Outcome.OK, {"etag": '"1"'}, 0), (Outcome.OK, {"etag": '"2"'}, 3600)])
    first.listed = [f"{n:016x}" * 2 for n in range(10)]
    delta.listed, delta.is_delta = [f"{n:016x}" * 2 for n in range(10, 12)], True
    before = first.onto(NEW)
    after = delta.onto(before)
    assert after.etag == '"2"'
    assert after.document_page_id == before.document_page_id
    assert (after.entry_count, after.listed_from) == (before.entry_count, before.listed_from)
    assert len(after.listed_ids) == 12 * 8
    assert not after.rhythm.is_lossy


@given(ATTEMPTS)
def test_a_hold_that_was_named_is_kept_until_it_has_passed(attempts):
    state = NEW
    for step in timed(attempts):
        before, state = state, step.onto(state)
        assert state.not_before is None or state.not_before > step.fetched_at
        is_bounded = state.not_before is None or (
            state.not_before <= step.fetched_at + LONGEST_HOLD
        )
        assert is_bounded or state.not_before == NEVER
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
    known = {"If-None-Match": 'W/"1"', "If-Modified-Since": "yesterday"}
    assert state.validators(URL, START) == known
    assert state.validators(URL + "?page=2", START) == {}


def test_a_channel_that_was_never_asked_is_due_and_not_held():
    assert NEW.is_due(START)
    assert not NEW.is_held(START)
    assert NEW.validators(URL, START) == NEW.validators("", START) == {}


def test_a_channel_is_due_again_when_its_interval_has_passed():
    state = fold(timed([(Outcome.OK, {}, 0)]))
    assert not state.is_due(state.next_due_at - timedelta(seconds=1))
    assert state.is_due(state.next_due_at)


def test_a_connector_keeps_its_place_until_it_names_another():
    first, second = timed([(Outcome.OK, {}, 0), (Outcome.OK, {}, 1)])
    second.cursor = None
    state = second.onto(first.onto(NEW))
    assert state.connector_state == first.cursor.state


class Step:
    """One attempt: how it ended, and the exchange and the content that belong to it."""

    def __init__(self, number, outcome, headers, fetched_at, *, listed=(), purpose=Purpose.READ):
        self.outcome, self.headers, self.fetched_at = outcome, headers, fetched_at
        self.page_id = f"{number:032x}"
        self.entry_count = number + 1
        self.cursor = Cursor(state=f"place {number}")
        self.listed = list(listed)
        self.window = HOUR
        self.is_delta = False
        self.purpose = purpose

    def onto(self, state):
        """The state after this attempt; a document of no use arrived as a plain 200."""
        http_outcome = Outcome.OK if STATUS.get(self.outcome) == 200 else self.outcome
        if self.outcome is Outcome.UNCHANGED:
            http_outcome = Outcome.UNCHANGED
        error = "" if self.outcome.is_seen else f"it was {self.outcome}"
        parsed = self._parsed() if self.outcome is Outcome.OK else None
        exchange = self._exchange(http_outcome)
        return advance(state, exchange, self.outcome, parsed, error, address=URL)

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
            purpose=self.purpose,
        )

    def _parsed(self):
        listing = Listing(
            entry_count=len(self.listed) or self.entry_count,
            listed_from=self.fetched_at - self.window,
            document_format="rss20",
            document_encoding="utf-8",
            parser="strict",
            is_malformed=False,
            is_delta=self.is_delta,
        )
        activities = tuple(an_activity(name, self.fetched_at) for name in self.listed)
        return Parsed(activities=activities, listing=listing, cursor=self.cursor)


def an_activity(activity_id, seen_at):
    return Activity(
        activity_id=activity_id,
        channel_id=NEW.channel_id,
        organization_id="a",
        kind="post",
        direction="by_organization",
        occurred_at=None,
        published_at=None,
        updated_at=None,
        first_seen_at=seen_at,
        time_precision="",
        date_flag="missing",
        identity_basis="id",
        is_repeated=False,
    )


def part_of_a_channel(at, *, status=200, outcome=Outcome.OK, cursor=None, headers=()):
    """An attempt at a thread or a profile, and what the connector made of it."""
    step = Step(7, outcome, dict(headers), at, purpose=Purpose.DETAIL)
    exchange = dataclasses.replace(step._exchange(outcome), status=status)
    parsed = Parsed(cursor=cursor) if outcome is Outcome.OK else None
    return exchange, parsed


def test_a_part_of_a_channel_moves_the_cursor_and_nothing_else():
    before = fold([Step(0, Outcome.OK, {"etag": '"1"'}, START)])
    exchange, parsed = part_of_a_channel(START + HOUR, cursor=Cursor(state="more"))
    after = advance(before, exchange, Outcome.OK, parsed, "")
    assert after == dataclasses.replace(before, connector_state="more")


@pytest.mark.parametrize("outcome", [Outcome.NOT_FOUND, Outcome.GONE, Outcome.SERVER_ERROR])
def test_a_part_that_fails_is_no_failure_of_its_channel(outcome):
    before = fold([Step(0, Outcome.OK, {"etag": '"1"'}, START)])
    exchange, parsed = part_of_a_channel(START + HOUR, status=STATUS[outcome], outcome=outcome)
    assert advance(before, exchange, outcome, parsed, "broken") == before


def test_a_throttle_at_a_part_holds_the_channel():
    before = fold([Step(0, Outcome.OK, {}, START)])
    headers = {"retry-after": "7200"}.items()
    exchange, _ = part_of_a_channel(
        START + HOUR, status=429, outcome=Outcome.BLOCKED, headers=headers
    )
    after = advance(before, exchange, Outcome.BLOCKED, None, "HTTP 429")
    assert after.not_before == START + 3 * HOUR
    assert after.failure_count == 0


def test_how_long_a_part_stays_fresh_does_not_hold_the_channel():
    before = fold([Step(0, Outcome.OK, {}, START)])
    headers = {"cache-control": "max-age=86400"}.items()
    exchange, parsed = part_of_a_channel(START + HOUR, headers=headers)
    assert advance(before, exchange, Outcome.OK, parsed, "").not_before is None


def test_a_page_that_lists_nothing_leaves_the_last_document_and_its_rhythm():
    before = fold([Step(0, Outcome.OK, {"etag": '"1"'}, START)])
    step = Step(1, Outcome.OK, {}, START + DAY)
    parsed = Parsed(cursor=Cursor(state="account found"))
    after = advance(before, step._exchange(Outcome.OK), Outcome.OK, parsed, "")
    assert (after.etag, after.rhythm, after.document_page_id, after.entry_count) == (
        before.etag,
        before.rhythm,
        before.document_page_id,
        before.entry_count,
    )
    assert (after.connector_state, after.last_outcome) == ("account found", "ok")


def test_a_page_full_of_news_with_older_pages_behind_it_is_no_loss():
    names = [[f"{number:016x}" * 2 for number in range(first, first + 20)] for first in (0, 100)]
    states = []
    for is_continued in (False, True):
        state = fold([Step(0, Outcome.OK, {}, START, listed=names[0])])
        step = Step(1, Outcome.OK, {}, START + DAY, listed=names[1])
        parsed = step._parsed()
        listing = dataclasses.replace(parsed.listing, is_continued=is_continued)
        parsed = dataclasses.replace(parsed, listing=listing)
        states.append(advance(state, step._exchange(Outcome.OK), Outcome.OK, parsed, ""))
    assert [state.rhythm.is_lossy for state in states] == [True, False]


def timed(attempts):
    """Steps in time: each so many seconds after the one before."""
    moment, steps = START, []
    for number, (outcome, headers, seconds) in enumerate(attempts):
        moment += timedelta(seconds=seconds)
        steps.append(Step(number, outcome, headers, moment))
    return steps


def fold(steps, state=NEW):
    return reduce(lambda known, step: step.onto(known), steps, state)
