"""How long a server asks us to stay away."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Outcome
from connectors.fetching.exchange import Exchange
from connectors.fetching.holds import LONGEST_HOLD, UNNAMED_HOLD, hold_until

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONGEST = LONGEST_HOLD.total_seconds()
UNNAMED = UNNAMED_HOLD.total_seconds()


def at(seconds):
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (429, "120", 120),
        (503, "120", 120),
        (503, " 120 ", 120),
        (429, "0", None),
        (429, "-5", None),
        (503, "-5", None),
        (429, at(600), 600),
        (503, at(600), 600),
        (429, at(-600), None),
        (429, "99999999", LONGEST),
        (429, "9" * 5000, LONGEST),
        (429, "0" * 5000 + "7", 7),
        (429, at(10**9), LONGEST),
        (429, "Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
        (429, "Fri, 31 Dec 9999 23:59:59 -0100", UNNAMED),
        (429, "soon", UNNAMED),
        (429, "1.5", UNNAMED),
        (429, "", UNNAMED),
        (429, None, UNNAMED),
        (503, None, None),
        (503, "soon", None),
        (500, "120", None),
        (404, "120", None),
        (200, "120", None),
    ],
)
def test_retry_after_is_obeyed_where_it_means_something(status, value, seconds):
    assert held_seconds(status, retry_after=value) == seconds


def test_a_date_is_relative_to_the_servers_own_clock():
    # The server's clock is an hour slow; what it names is still ten minutes away.
    assert held_seconds(429, retry_after=at(-3000), date=at(-3600)) == 600
    assert held_seconds(429, retry_after=at(4200), date=at(3600)) == 600
    assert held_seconds(429, retry_after=at(3600), date=at(3600)) is None


def test_seconds_need_no_clock():
    assert held_seconds(429, retry_after="600", date=at(-3600)) == 600


def test_an_unreadable_clock_leaves_our_own():
    assert held_seconds(429, retry_after=at(600), date="Sunday") == 600


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("max-age=600", 600),
        ("public, max-age=600", 600),
        ("Public,Max-Age = 600", 600),
        ('max-age="600"', 600),
        ("max-age=0", None),
        ("max-age=-1", None),
        ("max-age=soon", None),
        ("s-maxage=600", None),
        ("max-age=600, no-cache", None),
        ("no-store, max-age=600", None),
        ("max-age=31536000", LONGEST),
        ("max-age=" + "9" * 5000, LONGEST),
    ],
)
@pytest.mark.parametrize("status", [200, 304])
def test_an_answer_is_fresh_for_its_maximum_age(status, cache_control, seconds):
    assert held_seconds(status, cache_control=cache_control) == seconds


def test_directives_may_stand_in_several_lines():
    several = (("cache-control", "public"), ("cache-control", "max-age=600"))
    assert hold_until(exchange(200, several)) == NOW + timedelta(seconds=600)
    forbidden = (("cache-control", "max-age=600"), ("cache-control", "no-cache"))
    assert hold_until(exchange(200, forbidden)) is None


def test_expires_counts_where_there_is_no_maximum_age():
    assert held_seconds(200, expires=at(600)) == 600
    assert held_seconds(200, expires=at(600), cache_control="max-age=60") == 60
    assert held_seconds(200, expires=at(600), cache_control="max-age=0") is None
    assert held_seconds(200, expires=at(600), cache_control="no-cache") is None
    assert held_seconds(200, expires=at(600), cache_control="public") == 600


@pytest.mark.parametrize("expires", ["0", "-1", "600", "never", "", at(-600)])
def test_an_expiry_that_is_past_or_no_date_holds_nothing(expires):
    assert held_seconds(200, expires=expires) is None


def test_an_expiry_at_the_end_of_time_does_not_overflow_by_a_slow_clock():
    end = "Fri, 31 Dec 9999 23:59:59 GMT"
    assert held_seconds(200, expires=end, date=at(-1)) == LONGEST
    assert held_seconds(200, expires="Mon, 01 Jan 0001 00:00:00 GMT", date=end) is None


@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_the_freshness_of_an_error_page_holds_nothing(status):
    assert held_seconds(status, cache_control="max-age=600", expires=at(600)) is None


def test_the_latest_of_several_wishes_counts():
    assert held_seconds(429, retry_after="600", cache_control="max-age=9000") == 600


def test_no_answer_holds_nothing():
    assert hold_until(exchange(0, (), Outcome.UNREACHABLE)) is None


DATES = st.datetimes().map(lambda moment: format_datetime(moment.replace(tzinfo=UTC), usegmt=True))
VALUES = st.one_of(
    DATES,
    st.integers(-(10**12), 10**40).map(str),
    st.text(max_size=30),
    st.from_regex(
        r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,20} [0-9:]{0,9} [+-][0-9]{1,20}"
    ),
)
CONTROLS = st.one_of(VALUES, VALUES.map(lambda value: f"public, max-age={value}"))


@given(
    status=st.sampled_from([200, 304, 404, 429, 503]),
    retry_after=st.none() | VALUES,
    cache_control=st.none() | CONTROLS,
    expires=st.none() | VALUES,
    date=st.none() | VALUES,
)
def test_whatever_a_server_says_the_hold_lies_ahead_and_within_a_month(status, **values):
    until = hold_until(exchange(status, headers(values)))
    assert until is None or NOW < until <= NOW + LONGEST_HOLD
    assert until is None or until.utcoffset() == timedelta()


@given(st.integers(1, 30 * 86_400))
def test_a_span_of_seconds_and_the_date_it_ends_mean_the_same(seconds):
    by_span = held_seconds(429, retry_after=str(seconds))
    assert by_span == held_seconds(429, retry_after=at(seconds), date=at(0)) == seconds


@given(st.integers(), st.integers())
def test_a_longer_wish_is_never_a_shorter_hold(one, other):
    shorter, longer = sorted([one, other])
    held = [held_seconds(503, retry_after=str(wish)) or 0 for wish in (shorter, longer)]
    assert held[0] <= held[1]


def held_seconds(status, **values):
    until = hold_until(exchange(status, headers(values)))
    return None if until is None else (until - NOW).total_seconds()


def headers(values):
    pairs = ((name.replace("_", "-"), value) for name, value in values.items())
    return tuple((name, value) for name, value in pairs if value is not None)


def exchange(status, headers, outcome=None):
    by_status = {200: Outcome.OK, 304: Outcome.NOT_MODIFIED, 429: Outcome.BLOCKED}
    return Exchange(
        page_id="0" * 32,
        channel_id="a:feeds:1",
        requested_url="https://example.org/feed",
        url="https://example.org/feed",
        redirects=(),
        status=status,
        headers=headers,
        body=None,
        body_sha256="",
        fetched_at=NOW,
        elapsed_ms=1,
        byte_count=0,
        outcome=outcome or by_status.get(status, Outcome.SERVER_ERROR),
    )
