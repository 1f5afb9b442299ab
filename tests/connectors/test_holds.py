"""How long a server asks us to stay away."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Outcome
from connectors.fetching.exchange import Exchange
from connectors.fetching.holds import (
    GONE_HOLD,
    LONGEST_HOLD,
    UNNAMED_HOLD,
    hold,
    hold_until,
)

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
        (403, "120", 120),
        (403, "soon", None),
        (403, None, None),
        (404, "120", 120),
        (413, "120", 120),
        (500, "120", 120),
        (200, "120", None),
        (301, "120", None),
        (304, "120", None),
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
        ("public;max-age=600", 600),
        ("max-age\t=\t600", 600),
        ('max-age="600"', 600),
        ("max-age='600'", 600),
        ('max-age=" 600 "', 600),
        ('"public, max-age=600"', 600),
        ("max-age=600, max-age=60", 600),
        ("max-age=600s", 600),
        ("x-max-age=600", None),
        ("max-age-x=600", None),
        ("max-age", None),
        ("stale-while-revalidate=600", None),
        ('no-cache="set-cookie", max-age=600', 600),
        ('"no-cache", max-age=600', None),
        ("no-cachet, max-age=600", 600),
        ("No-Cache,max-age=600", None),
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


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        ("0", 600),
        ("100", 500),
        (" 100 ", 500),
        ("600", None),
        ("9" * 5000, None),
        ("-100", 600),
        ("old", 600),
        ("", 600),
        ("1.5", 600),
    ],
)
def test_the_time_spent_in_caches_counts_as_used(age, seconds):
    assert held_seconds(200, cache_control="max-age=600", age=age) == seconds
    assert held_seconds(200, expires=at(600), date=at(0), age=age) == seconds


def test_a_maximum_age_that_cannot_be_read_is_not_replaced_by_an_expiry():
    assert held_seconds(200, cache_control="max-age=soon", expires=at(600)) is None


@pytest.mark.parametrize("status", [403, 404, 500])
def test_the_freshness_of_an_error_page_holds_nothing(status):
    assert held_seconds(status, cache_control="max-age=600", expires=at(600)) is None


def test_the_latest_of_several_wishes_counts():
    assert held_seconds(429, retry_after="600", cache_control="max-age=9000") == 600


def test_no_answer_holds_nothing():
    assert hold_until(exchange(0, (), Outcome.UNREACHABLE)) is None
    assert hold(exchange(0, (), Outcome.UNREACHABLE)) is None


def test_a_clock_that_is_years_off_silences_nobody_for_a_month():
    assert held_seconds(429, retry_after=at(600), date="Thu, 01 Jan 1970 00:00:09 GMT") == 600
    assert held_seconds(429, retry_after=at(86_400 * 40), date=at(0)) == LONGEST


def test_what_is_gone_is_held_for_thirty_days_on_its_own_account():
    gone = hold(exchange(410, ()))
    assert (gone.until - NOW, gone.is_host_wide, gone.is_capped) == (GONE_HOLD, False, False)
    assert timedelta(days=30) == GONE_HOLD
    assert hold(exchange(410, headers({"retry_after": "60"}))).until - NOW == GONE_HOLD


@pytest.mark.parametrize(
    ("status", "named", "is_host_wide"),
    [
        (429, {}, True),
        (429, {"retry_after": "60"}, True),
        (503, {"retry_after": "60"}, True),
        (403, {"retry_after": "60"}, True),
        (413, {"retry_after": "60"}, False),
        (404, {"retry_after": "60"}, False),
        (500, {"retry_after": "60"}, False),
        (200, {"cache_control": "max-age=60"}, False),
        (304, {"expires": at(60)}, False),
        (200, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "60"}, True),
        (404, {"ratelimit": '"default";r=0;t=60'}, True),
    ],
)
def test_throttles_and_outages_are_for_the_whole_host(status, named, is_host_wide):
    assert hold(exchange(status, headers(named))).is_host_wide is is_host_wide


def test_a_limit_of_the_host_is_not_hidden_by_a_longer_freshness_of_the_document():
    used_up = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "60"}
    answer = exchange(200, headers({**used_up, "cache_control": "max-age=3600"}))
    assert (hold(answer).until - NOW, hold(answer).is_host_wide) == (timedelta(seconds=60), True)
    assert hold_until(answer) - NOW == timedelta(hours=1)


def test_a_throttle_in_the_body_is_for_the_whole_host():
    asked = hold(exchange(200, (), body={"items": [], "backoff": 10}))
    assert (asked.until - NOW, asked.is_host_wide) == (timedelta(seconds=10), True)


def test_a_throttle_in_the_body_that_names_no_time_is_held_for_hours():
    body = {"error_name": "throttle_violation", "error_message": "Violation of backoff parameter"}
    asked = hold(exchange(400, (), body=body))
    assert (asked.until - NOW, asked.is_host_wide) == (UNNAMED_HOLD, True)


@pytest.mark.parametrize("value", ["0", "-5", at(-600), at(0)])
def test_a_throttle_that_names_a_past_moment_is_left_to_the_backoff(value):
    assert hold(exchange(429, headers({"retry_after": value}))) is None


def test_a_pause_too_short_to_tell_is_none():
    named = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "0.0000001"}
    assert hold(exchange(200, headers(named))) is None


def test_more_than_the_longest_hold_is_capped_and_said_so():
    month = str(31 * 86_400)
    longer = str(31 * 86_400 + 1)
    assert not hold(exchange(429, headers({"retry_after": month}))).is_capped
    capped = hold(exchange(429, headers({"retry_after": longer})))
    assert (capped.is_capped, capped.until - NOW) == (True, LONGEST_HOLD)
    assert capped.reason == (
        "HTTP 429 asks us to stay away for more than the 31 days that we grant (Retry-After)"
    )


@pytest.mark.parametrize(
    ("status", "named", "reason"),
    [
        (503, {"retry_after": "1"}, "1 second (Retry-After)"),
        (503, {"retry_after": "119"}, "119 seconds (Retry-After)"),
        (503, {"retry_after": "120"}, "2 minutes (Retry-After)"),
        (503, {"retry_after": "121"}, "3 minutes (Retry-After)"),
        (503, {"retry_after": "7200"}, "2 hours (Retry-After)"),
        (503, {"retry_after": "172800"}, "2 days (Retry-After)"),
        (429, {}, "4 hours (no time named; the time is our own)"),
        (410, {}, "30 days (gone)"),
        (200, {"cache_control": "max-age=600"}, "10 minutes (max-age)"),
        (200, {"expires": at(600)}, "10 minutes (Expires)"),
        (429, {"ratelimit_reset": "600"}, "10 minutes (RateLimit-Reset)"),
    ],
)
def test_the_reason_names_the_time_and_who_named_it(status, named, reason):
    expected = f"HTTP {status} asks us to stay away for {reason}"
    assert hold(exchange(status, headers(named))).reason == expected


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
NUMBERS = st.one_of(
    VALUES,
    st.floats().map(str),
    st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{0,9}[+-][0-9]{2}:[0-9]{2}"),
)
FIELDS = st.builds('"default";r={};t={}, "burst";r={};t={}'.format, *[NUMBERS] * 4)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists)
BODIES = st.none() | st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("backoff", "quota_remaining", "error_name", "error_message"), JSON)
)


@settings(deadline=None)
@given(
    status=st.sampled_from([200, 304, 301, 400, 403, 404, 410, 429, 503]),
    body=BODIES,
    retry_after=st.none() | VALUES,
    cache_control=st.none() | CONTROLS,
    expires=st.none() | VALUES,
    date=st.none() | VALUES,
    age=st.none() | NUMBERS,
    x_ratelimit_remaining=st.none() | st.just("0") | NUMBERS,
    x_ratelimit_reset=st.none() | NUMBERS,
    ratelimit_remaining=st.none() | st.just("0") | NUMBERS,
    ratelimit_reset=st.none() | NUMBERS,
    ratelimit=st.none() | FIELDS | NUMBERS,
)
def test_whatever_a_server_says_the_hold_lies_ahead_and_within_a_month(status, body, **values):
    answer = exchange(status, headers(values), body=body)
    asked, until = hold(answer), hold_until(answer)
    assert (asked is None) is (until is None)
    assert until is None or NOW < asked.until <= until <= NOW + LONGEST_HOLD
    assert until is None or until.utcoffset() == asked.until.utcoffset() == timedelta()
    assert asked is None or not asked.is_capped or asked.until == NOW + LONGEST_HOLD


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


def exchange(status, headers, outcome=None, body=None):
    by_status = {200: Outcome.OK, 304: Outcome.NOT_MODIFIED, 429: Outcome.BLOCKED}
    return Exchange(
        page_id="0" * 32,
        channel_id="a:feeds:1",
        requested_url="https://example.org/feed",
        url="https://example.org/feed",
        redirects=(),
        status=status,
        headers=headers,
        body=None if body is None else json.dumps(body).encode(),
        body_sha256="",
        fetched_at=NOW,
        elapsed_ms=1,
        byte_count=0,
        outcome=outcome or by_status.get(status, Outcome.SERVER_ERROR),
    )
