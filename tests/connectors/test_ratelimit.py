"""Which rate limits an answer declares to be used up, and until when."""

import json
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Outcome
from connectors.fetching.exchange import Exchange
from connectors.fetching.ratelimit import Limit, body_limits, header_limits

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EPOCH_SECONDS = int(NOW.timestamp())
XML = "application/rss+xml"
JSON = "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("status", "named"),
    [
        # As documented or sent by: Mastodon, GitHub, Bluesky, Reddit, GitLab, Okta, IETF drafts.
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-03-01T12:05:00.000000Z"}),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH_SECONDS + 300)}),
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": str(EPOCH_SECONDS + 300)}),
        (200, {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "300"}),
        (429, {"ratelimit-remaining": "0", "ratelimit-reset": str(EPOCH_SECONDS + 300)}),
        (200, {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH_SECONDS + 300)}),
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": "300"}),
        (200, {"ratelimit": "limit=100, remaining=0, reset=300"}),
        (200, {"ratelimit": '"default";r=0;t=300'}),
    ],
)
def test_the_limits_of_the_platforms_are_read_as_they_send_them(status, named):
    assert [limit.seconds for limit in header_limits(answer(status, named))] == [300]


@pytest.mark.parametrize(
    "reset",
    [
        "300",
        "300.0",
        " 300 ",
        "300s",
        "300;w=3600",
        str(EPOCH_SECONDS + 300),
        f"{EPOCH_SECONDS + 300}.0",
        str((EPOCH_SECONDS + 300) * 10**3),
        str((EPOCH_SECONDS + 300) * 10**6),
        str((EPOCH_SECONDS + 300) * 10**9),
        "2026-03-01T12:05:00Z",
        "2026-03-01 12:05:00",
        "2026-03-01T13:05:00+01:00",
        format_datetime(NOW + timedelta(minutes=5), usegmt=True),
    ],
)
def test_a_reset_is_understood_by_its_size_and_shape(reset):
    assert seconds_left(reset) == pytest.approx(300, abs=0.001)


@pytest.mark.parametrize(
    "reset",
    [
        "0",
        "-5",
        "",
        "soon",
        "nan",
        "1e9",
        "²",
        str(EPOCH_SECONDS - 1),
        "2026-03-01T11:59:59Z",
        "2026-99-01T12:00:00Z",
    ],
)
def test_a_reset_that_is_past_or_unreadable_holds_nothing(reset):
    assert seconds_left(reset) is None


@pytest.mark.parametrize("reset", ["9" * 21, "9" * 5000])
def test_an_absurd_reset_is_endless(reset):
    assert seconds_left(reset) == math.inf


@pytest.mark.parametrize(
    ("remaining", "is_held"),
    [
        ("0", True),
        ("0.7", True),
        ("-1", True),
        ("0;w=60", True),
        ("1", False),
        ("1.0", False),
        ("42", False),
    ],
)
@pytest.mark.parametrize("status", [200, 304, 403, 429, 503])
def test_less_than_one_request_left_is_used_up_whatever_the_status(status, remaining, is_held):
    named = {"x-ratelimit-remaining": remaining, "x-ratelimit-reset": "60"}
    assert bool(header_limits(answer(status, named))) is is_held


@pytest.mark.parametrize("remaining", [{}, {"x-ratelimit-remaining": "unknown"}])
def test_without_a_number_left_only_a_429_is_held_until_the_reset(remaining):
    named = {"x-ratelimit-reset": "60", **remaining}
    assert header_limits(answer(429, named)) == [Limit(60, "X-RateLimit-Reset")]
    assert header_limits(answer(200, named)) == []
    assert header_limits(answer(403, named)) == []


def test_a_limit_without_a_reset_names_no_time():
    assert header_limits(answer(429, {"x-ratelimit-remaining": "0"})) == []
    assert header_limits(answer(429, {"ratelimit": '"default";r=0'})) == []


def test_a_moment_is_measured_by_the_servers_own_clock():
    slow = {"date": format_datetime(NOW - timedelta(hours=1), usegmt=True)}
    assert seconds_left(str(EPOCH_SECONDS - 3600 + 60), **slow) == 60
    assert seconds_left("2026-03-01T11:01:00Z", **slow) == 60
    assert seconds_left("60", **slow) == 60


def test_a_clock_without_sense_is_replaced_by_ours():
    assert seconds_left(str(EPOCH_SECONDS + 60), date="Thu, 01 Jan 1970 00:00:00 GMT") == 60


def test_each_family_counts_for_itself():
    named = {
        "x-ratelimit-remaining": "57",
        "x-ratelimit-reset": "3000",
        "ratelimit-remaining": "0",
        "ratelimit-reset": "60",
    }
    assert header_limits(answer(429, named)) == [Limit(60, "RateLimit-Reset")]


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        ('"burst";r=0;t=5, "daily";r=0;t=5000', [5, 5000]),
        ('"burst";r=0;t=5, "daily";r=10;t=5000', [5]),
        ('"burst";r=9;t=5,"daily";r=10;t=5000', []),
        ('"a, b;r=0;t=9";r=3;t=60', []),
        ('"a, r=7";r=0;t=60', [60]),
        ('"default" ; r = 0 ; t = 60', [60]),
        ("default;r=0;t=60", [60]),
        ('"default";t=60;r=0;pk=:YQ==:', [60]),
        ("limit=10,remaining=0,reset=60", [60]),
        ("limit=10, remaining=1, reset=60", []),
        ("Limit=10, Remaining=0, Reset=60", [60]),
        ('"open', []),
        ('"default";r=.;t=..', []),
        ("", []),
    ],
)
def test_each_window_of_the_structured_field_counts_for_itself(field, seconds):
    limits = header_limits(answer(200, {"ratelimit": field}))
    assert limits == [Limit(span, "RateLimit") for span in seconds]


def test_a_repeated_header_counts_at_its_worst():
    lines = (("x-ratelimit-remaining", "5"), ("x-ratelimit-remaining", "0"))
    resets = (("x-ratelimit-reset", "60"), ("x-ratelimit-reset", "600"))
    limits = header_limits(exchange(200, (*lines, *resets), None))
    assert limits == [Limit(600, "X-RateLimit-Reset")]


@given(st.integers(1, 31 * 86_400))
def test_a_span_and_the_moments_it_ends_mean_the_same(seconds):
    end = NOW + timedelta(seconds=seconds)
    forms = (seconds, EPOCH_SECONDS + seconds, (EPOCH_SECONDS + seconds) * 1000, end.isoformat())
    assert {seconds_left(str(form)) for form in forms} == {seconds}


@pytest.mark.parametrize("status", [200, 400, 429])
@pytest.mark.parametrize(
    ("wrapper", "seconds"),
    [
        ({"items": [], "backoff": 10, "quota_remaining": 200}, [10]),
        ({"items": [], "backoff": 10, "quota_remaining": 0}, [10, 43_200]),
        ({"items": [], "quota_remaining": 0}, [43_200]),
        ({"items": [], "quota_remaining": -1}, [43_200]),
        ({"backoff": 0.5}, [0.5]),
        ({"backoff": 10**400}, [1e20]),
        ({"items": [], "quota_remaining": 1}, []),
        ({"backoff": 0}, []),
        ({"backoff": -10}, []),
        ({"backoff": math.nan}, []),
        ({"backoff": "10"}, []),
        ({"backoff": True}, []),
        ({"backoff": None, "quota_remaining": False}, []),
        ({"items": [{"backoff": 10, "quota_remaining": 0}]}, []),
        ({"items": ['"backoff": 10, throttle_violation']}, []),
    ],
)
def test_the_limits_of_stack_exchange_stand_in_the_body(status, wrapper, seconds):
    limits = body_limits(answer(status, {"content-type": JSON}, json.dumps(wrapper).encode()))
    assert [limit.seconds for limit in limits] == seconds


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("too many requests from this IP, more requests available in 17524 seconds", 17_524),
        ("too many requests from this IP, more requests available in 1 second", 1),
        ("Violation of backoff parameter", None),
        (None, None),
    ],
)
def test_a_throttle_violation_names_its_time_in_words(message, seconds):
    wrapper = {"error_id": 502, "error_name": "throttle_violation", "error_message": message}
    limits = body_limits(answer(400, {"content-type": JSON}, json.dumps(wrapper).encode()))
    assert limits == [Limit(seconds, "throttle_violation in the body")]


def test_a_quota_lasts_until_midnight_utc_also_at_midnight():
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    asked = exchange(200, (), b'{"quota_remaining": 0}', midnight)
    assert [limit.seconds for limit in body_limits(asked)] == [86_400]


@pytest.mark.parametrize(
    ("content_type", "body", "is_read"),
    [
        (JSON, b'{"backoff": 10}', True),
        ("text/plain", b' \r\n{"backoff": 10}', True),
        ("application/problem+json", b'\xef\xbb\xbf{"backoff": 10}', True),
        ("", b'{"backoff": 10}', True),
        (XML, b'<rss><!-- {"backoff": 10} --></rss>', False),
        (JSON, b'[{"backoff": 10}]', False),
        (JSON, b'{"backoff": 10', False),
        (JSON, b'{"backoff": ' + b"[" * 100_000, False),
        (JSON, b'{"backoff": ' + b"9" * 5000 + b"}", False),
        (JSON, b'{"backoff": 10, "\xff": 1}', False),
        (JSON, b"", False),
        (JSON, None, False),
    ],
)
def test_only_a_body_that_is_json_is_read_and_none_is_too_broken(content_type, body, is_read):
    limits = body_limits(answer(200, {"content-type": content_type}, body))
    assert [limit.seconds for limit in limits] == ([10] if is_read else [])


def test_a_feed_is_not_searched_for_limits():
    class Untouchable(bytes):
        def __contains__(self, _):
            raise AssertionError

    feed = Untouchable(b"<rss>" + b"news " * 10_000 + b"</rss>")
    assert body_limits(answer(200, {"content-type": XML}, feed)) == []


def seconds_left(reset, **headers):
    named = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, **headers}
    limits = header_limits(answer(200, named))
    return limits[0].seconds if limits else None


def answer(status, named, body=None):
    return exchange(status, tuple(named.items()), body)


def exchange(status, headers, body, fetched_at=NOW):
    return Exchange(
        page_id="0" * 32,
        channel_id="a:feeds:1",
        requested_url="https://example.org/feed",
        url="https://example.org/feed",
        redirects=(),
        status=status,
        headers=headers,
        body=body,
        body_sha256="",
        fetched_at=fetched_at,
        elapsed_ms=1,
        byte_count=0,
        outcome=Outcome.OK if status < 400 else Outcome.BLOCKED,
    )
