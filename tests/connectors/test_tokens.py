"""Which token a request goes out with, and that none is used when it must not be, or shown."""

import asyncio
import json
import logging
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from hostile_server import hostile, reply
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Outcome, Request
from connectors.fetching.client import Fetcher
from connectors.fetching.exchange import Exchange
from connectors.fetching.guard import Guard
from connectors.fetching.state import FetchState
from connectors.fetching.tokens import TokenPool
from flows.errors import InputError
from flows.fetchplan import FetchPlan, fetch_plan
from flows.settings import load_settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST, SECOND = "ghp_0123456789abcdefABCD", "github_pat_11ABCDEFG0123456789_xyz"
HOUR = timedelta(hours=1)


def secret_of(token):
    return token.header()["Authorization"].removeprefix("Bearer ")


def answer(status=200, at=NOW, left=None, resets_in=HOUR, **headers):
    """An answer with the headers that api.github.com sends."""
    named = {} if left is None else budget(at, left, resets_in)
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(
        page_id="0",
        channel_id="council:github:council",
        requested_url="https://api.github.com/orgs/council",
        url="https://api.github.com/orgs/council",
        redirects=(),
        status=status,
        headers=tuple(named.items()),
        body=None,
        body_sha256="",
        fetched_at=at,
        elapsed_ms=1,
        byte_count=0,
        outcome=Outcome.OK if status == 200 else Outcome.CLIENT_ERROR,
    )


def budget(at, left, resets_in):
    return {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-used": str(5000 - left),
        "x-ratelimit-resource": "core",
        "x-ratelimit-reset": str(int((at + resets_in).timestamp())),
    }


def test_without_tokens_requests_go_out_without():
    pool = TokenPool()
    assert pool.pick(NOW) is None
    assert not pool.is_spent(NOW)


def test_a_token_is_sent_as_a_bearer():
    assert TokenPool([FIRST]).pick(NOW).header() == {"Authorization": f"Bearer {FIRST}"}


def test_the_token_with_most_left_goes_first():
    pool = TokenPool([FIRST, SECOND])
    for left in (40, 4000):
        pool.heed(pool.pick(NOW), answer(left=left))
    assert [secret_of(pool.pick(NOW)) for _ in range(3)] == [SECOND] * 3


def test_a_spent_token_rests_until_its_reset():
    pool = TokenPool([FIRST, SECOND])
    pool.heed(pool.pick(NOW), answer(left=0))
    assert {secret_of(pool.pick(NOW)) for _ in range(5)} == {SECOND}
    pool.heed(pool.pick(NOW), answer(left=0, resets_in=2 * HOUR))
    assert pool.pick(NOW) is None
    assert pool.is_spent(NOW)
    assert secret_of(pool.pick(NOW + HOUR)) == FIRST


def test_requests_under_way_are_counted_before_they_are_answered():
    pool = TokenPool([FIRST])
    pool.heed(pool.pick(NOW), answer(left=2))
    assert [pool.pick(NOW) is None for _ in range(3)] == [False, False, True]


def test_answers_that_overtake_one_another_do_not_raise_the_budget():
    pool = TokenPool([FIRST])
    early, late = pool.pick(NOW), pool.pick(NOW)
    pool.heed(late, answer(left=1))
    pool.heed(early, answer(left=2))
    assert [pool.pick(NOW) is None for _ in range(2)] == [False, True]


def test_a_new_window_brings_a_new_budget():
    pool = TokenPool([FIRST])
    pool.heed(pool.pick(NOW), answer(left=0))
    later = NOW + HOUR
    pool.heed(pool.pick(later), answer(at=later, left=4999))
    assert pool.pick(later) is not None


def test_a_secondary_limit_rests_the_token_as_long_as_it_says():
    pool = TokenPool([FIRST])
    pool.heed(pool.pick(NOW), answer(403, left=4000, retry_after="60"))
    assert pool.pick(NOW + timedelta(seconds=59)) is None
    assert pool.pick(NOW + timedelta(seconds=60)) is not None


def test_the_reset_is_measured_by_the_clock_of_the_server():
    pool = TokenPool([FIRST])
    ahead = NOW + timedelta(minutes=10)  # the server's clock, ten minutes before ours
    pool.heed(
        pool.pick(NOW),
        answer(left=0, resets_in=timedelta(minutes=40), date=f"{ahead:%a, %d %b %Y %H:%M:%S} GMT"),
    )
    assert pool.pick(NOW + timedelta(minutes=29)) is None
    assert pool.pick(NOW + timedelta(minutes=30)) is not None


def test_a_revoked_token_is_dropped_and_named_without_being_shown(caplog):
    pool = TokenPool([FIRST, SECOND])
    with caplog.at_level(logging.WARNING):
        assert pool.heed(pool.pick(NOW), answer(401, left=59))
    assert "ghp_…" in caplog.text
    assert FIRST not in caplog.text
    assert len(pool) == 1
    assert secret_of(pool.pick(NOW)) == SECOND


def test_a_request_that_was_under_way_with_a_revoked_token_is_tried_again():
    pool = TokenPool([FIRST])
    one, other = pool.pick(NOW), pool.pick(NOW)
    assert pool.heed(one, answer(401))
    assert pool.heed(other, answer(401))
    assert not pool.heed(other, answer(200))


def test_an_answer_without_limits_changes_nothing():
    pool = TokenPool([FIRST])
    pool.heed(pool.pick(NOW), answer(500))
    pool.heed(pool.pick(NOW), answer(200, x_ratelimit_remaining="many", x_ratelimit_reset="soon"))
    assert pool.pick(NOW) is not None


def test_a_token_shows_itself_nowhere():
    token = TokenPool([FIRST]).pick(NOW)
    assert {repr(token), str(token), f"{token}"} == {"ghp_…"}
    assert repr(TokenPool(["short"]).pick(NOW)) == "…"
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(token)


@pytest.mark.parametrize("secret", ["", "two words", "line\r\nX-Header: 1", "ghp_\u00e9"])
def test_what_cannot_be_sent_is_refused_without_being_shown(secret):
    with pytest.raises(ValueError, match="cannot be sent") as refused:
        TokenPool([secret])
    assert not secret or secret not in str(refused.value)


def test_real_answers_leave_a_token_what_they_say(real_data):
    """Answers to PyGithub's own tests: to each, the newest of its window tells what is left."""
    told = [
        {name.lower(): str(value) for name, value in step["response"]["headers"].items()}
        for file in sorted((real_data / "api" / "github").glob("pygithub__*.json"))
        for step in json.loads(file.read_text("utf-8"))["interactions"]
    ]
    told = [headers for headers in told if "x-ratelimit-reset" in headers and "date" in headers]
    assert len(told) > 20
    for headers in told:
        at = parsedate_to_datetime(headers["date"])
        reset = datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), UTC)
        pool = TokenPool([FIRST])
        pool.heed(pool.pick(at), replace(answer(at=at), headers=tuple(headers.items())))
        left = int(headers["x-ratelimit-remaining"])
        taken = sum(pool.pick(at) is not None for _ in range(left + 1)) if reset > at else left
        assert taken == left


STEPS = st.lists(
    st.tuples(
        st.integers(0, 4000),  # seconds that pass
        st.sampled_from([200, 200, 200, 304, 401, 403, 429]),
        st.integers(0, 3),  # left
        st.integers(1, 7200),  # seconds until the reset
    ),
    max_size=40,
)


@given(STEPS)
def test_a_token_that_is_spent_or_revoked_is_never_used(steps):
    pool, now = TokenPool([FIRST, SECOND, "third"]), NOW
    resting, revoked, used = {}, set(), set()
    for seconds, status, left, resets_in in steps:
        now += timedelta(seconds=seconds)
        token = pool.pick(now)
        if token is None:
            assert used == {FIRST, SECOND, "third"}  # none is left aside for no reason
            continue
        secret = secret_of(token)
        used.add(secret)
        assert secret not in revoked
        assert resting.get(secret, now) <= now
        pool.heed(token, answer(status, now, left, timedelta(seconds=resets_in)))
        if status == 401:
            revoked.add(secret)
        elif left == 0:
            resting[secret] = now + timedelta(seconds=resets_in)


# --- On the way


def fetched(pool, *urls):
    async def scene():
        guard = Guard.allowing(["127.0.0.0/8"])
        async with Fetcher(user_agent="test", guard=guard, tokens=pool) as client:
            return [await client.fetch(Request(url=u), FetchState(channel_id="a")) for u in urls]

    return asyncio.run(scene())


def sent(server, path):
    return [asked.header("authorization") for asked in server.requests(path)]


def pool_for(server, *secrets):
    return TokenPool(secrets, origin=server.url("").rstrip("/"))


def test_a_token_goes_to_its_own_server_and_to_no_other_not_even_after_a_redirect():
    with hostile() as home, hostile() as other:
        target = other.on("/new", reply(200, b"[]"))
        back = home.on("/back", reply(200, b"[]"))
        other.on("/away", reply(302, b"", Location=back))
        moved = home.on("/moved", reply(301, b"", Location=target))
        renamed = home.on("/renamed", reply(301, b"", Location=back))
        exchanges = fetched(pool_for(home, FIRST), moved, renamed, other.url("/away"))
        assert [exchange.outcome for exchange in exchanges] == [Outcome.OK] * 3
        bearer = f"Bearer {FIRST}"
        assert (sent(home, "/moved"), sent(home, "/renamed")) == ([bearer], [bearer])
        assert (sent(other, "/new"), sent(other, "/away")) == ([""], [""])
        assert sent(home, "/back") == [bearer, ""]  # who is sent here by another has none
    assert FIRST not in repr(exchanges)


@pytest.mark.parametrize(
    ("url", "is_served"),
    [
        ("https://api.github.com/orgs/council", True),
        ("http://api.github.com/orgs/council", False),
        ("https://api.github.com.evil.example/", False),
        ("https://api.github.com@evil.example/", False),
        ("https://api.github.com:8443/", False),
        ("https://github.com/council", False),
    ],
)
def test_a_token_is_for_the_interface_of_github_alone(url, is_served):
    assert TokenPool([FIRST]).serves(url) is is_served
    assert not TokenPool().serves(url)


def test_a_token_that_is_refused_is_dropped_and_the_request_made_again():
    with hostile() as server:
        url = server.on("/list", reply(401, b"{}"), reply(401, b"{}"), reply(200, b"[]"))
        first, second = fetched(pool_for(server, FIRST, SECOND), url, url)
        assert (first.outcome, second.outcome) == (Outcome.OK, Outcome.OK)
        assert sent(server, "/list") == [f"Bearer {FIRST}", f"Bearer {SECOND}", "", ""]


def test_each_token_has_a_budget_of_its_own():
    used_up = {"X-RateLimit-Limit": 60, "X-RateLimit-Remaining": 0, "X-RateLimit-Reset": 600}
    with hostile() as server:
        empty = reply(200, b"[]", **{n.replace("-", "_"): v for n, v in used_up.items()})
        urls = [server.on(f"/{number}", empty) for number in range(4)]
        *answered, held = fetched(pool_for(server, FIRST, SECOND), *urls[:3])
        assert {exchange.outcome for exchange in answered} == {Outcome.OK}
        assert held.outcome is Outcome.HELD
        assert [sent(server, f"/{number}") for number in range(3)] == [
            [f"Bearer {FIRST}"],
            [f"Bearer {SECOND}"],
            [],
        ]
        assert FIRST not in held.error


def test_tokens_come_from_the_environment_and_show_themselves_nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_GITHUB_TOKENS", f"{FIRST}, {SECOND}")
    settings = load_settings(tmp_path, {"pacing": "turns"})
    plan = fetch_plan(settings, "1", tmp_path, ())
    assert plan.github_tokens == (FIRST, SECOND)
    shown = repr(settings) + repr(plan) + str(plan)
    assert FIRST not in shown
    assert SECOND not in shown
    assert pickle.loads(pickle.dumps(plan)) == plan  # it travels to tasks with them
    assert FetchPlan(user_agent="test").github_tokens == ()


@pytest.mark.parametrize("line", [f'["{FIRST}\\u00e9"]', "5", f'["{FIRST}", 5]'])
def test_what_is_no_token_is_refused_without_being_shown(tmp_path, line):
    (tmp_path / "barograph.toml").write_text(f"github_tokens = {line}")
    with pytest.raises(InputError, match="github_tokens") as refused:
        load_settings(tmp_path)
    assert FIRST not in str(refused.value)
    assert refused.value.__cause__ is None
