"""Whatever a server answers in whatever order: polite, honest, and nothing lost or doubled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from collecting import Collecting
from hostile_server import CLOSE, RESET, hostile, redirect, reply
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from watching import rss, watching

pytestmark = pytest.mark.thorough

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONGEST_HOLD = timedelta(days=31)
STAMPS = ["Mon, 02 Mar 2026 08:00:00 GMT", "yesterday"]
PAGE = b"<!doctype html><title>Welcome</title><p>Our council has a page."
#: Headers of an answer, and how many seconds they keep us away: in an error, in a document.
HOLDS = [
    ({}, 0, 0),
    ({"Retry-After": "900"}, 900, 0),
    ({"Retry-After": "86400"}, 86400, 0),
    ({"Retry-After": "99999999999"}, 10**12, 0),
    ({"Retry-After": "-7"}, 0, 0),
    ({"Retry-After": "soon"}, 0, 0),
    ({"Cache-Control": "max-age=7200"}, 0, 7200),
    ({"Cache-Control": "no-cache, max-age=7200"}, 0, 0),
    ({"Cache-Control": "max-age=99999999999"}, 0, 10**12),
    ({"Expires": "0"}, 0, 0),
]
BROKEN = [RESET, CLOSE, (reply(200, b"<rss>", Content_Length=99), CLOSE), reply(200, b"<rss><chan")]


@dataclass(frozen=True)
class Turn:
    """What the server answers to one poll, and how long after the poll before."""

    kind: str
    after: timedelta
    status: int
    etag: str | None
    stamp: str | None
    hold: tuple[dict[str, str], int, int]
    new_count: int
    broken: int

    @property
    def validators(self):
        named = {"ETag": self.etag, "Last_Modified": self.stamp}
        return {name: value for name, value in named.items() if value is not None}


KINDS = (
    ["document"] * 4
    + ["not modified"] * 3
    + ["error"] * 2
    + ["moved", "broken", "page", "delta", "delta"]
)
TURN = st.builds(
    Turn,
    kind=st.sampled_from(KINDS),
    after=st.integers(1, 3 * 24 * 60).map(lambda minutes: minutes * MINUTE),
    status=st.sampled_from([400, 401, 403, 404, 418, 429, 500, 503]),
    etag=st.sampled_from([None, '"1"', 'W/"2"', "three"]),
    stamp=st.sampled_from([None, *STAMPS]),
    hold=st.sampled_from(HOLDS),
    new_count=st.integers(0, 3),
    broken=st.integers(0, len(BROKEN) - 1),
)
CHANNEL_COUNT = 8


@dataclass
class Truth:
    """The server's side of it: what it gave, and so what may be sent, asked and stored."""

    url: str
    clock: object
    listed: list[str] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    validators: dict[str, dict[str, str]] = field(default_factory=dict)
    held_until: object = None
    problems: list[str] = field(default_factory=list)
    turn: Turn | None = None
    numbers: object = field(default_factory=count)

    def answer(self, asked):
        """The answer to one request; first it is judged."""
        self._judge(asked)
        path, turn = asked.path, self.turn
        if turn.kind == "moved" and not path.endswith("/moved"):
            return redirect(f"{path}/moved", 301 if turn.status < 404 else 302)
        if turn.kind == "broken":
            return BROKEN[turn.broken]
        if turn.kind == "error":
            self._hold(turn.hold[1] if turn.status in {429, 503} else 0)
            return reply(turn.status, b"no", **turn.hold[0], **turn.validators)
        if turn.kind == "page":
            return reply(200, PAGE, Content_Type="text/html", **turn.validators)
        if turn.kind == "not modified":
            return self._unmodified(asked, turn)
        return self._document(asked, turn)

    def _judge(self, asked):
        known = self.validators.get(asked.path, {})
        sent = {name: asked.header(name) for name in asked.validators}
        if not sent.items() <= known.items():
            self.problems.append(f"{sent} was sent to {asked.path}, which gave {known}")
        if self.held_until and self.clock() < self.held_until:
            self.problems.append(f"asked at {self.clock()}, held until {self.held_until}")

    def _unmodified(self, asked, turn):
        if asked.validators:
            self.validators[asked.path] = self.validators.get(asked.path, {}) | _sent(turn)
            self._hold(turn.hold[2])
        return reply(304, b"", **turn.hold[0], **turn.validators)

    def _document(self, asked, turn):
        new = [f"n{next(self.numbers)}" for _ in range(turn.new_count)]
        is_delta = (
            turn.kind == "delta" and asked.header("a-im") == "feed" and bool(asked.validators)
        )
        self.listed = [*new, *self.listed][:6]
        shown = new if is_delta else self.listed
        self.given |= set(shown)
        self.validators[asked.path] = _sent(turn)
        self._hold(turn.hold[2])
        headers = turn.hold[0] | ({"IM": "feed"} if is_delta else {})
        return reply(226 if is_delta else 200, rss(*shown), **headers, **turn.validators)

    def _hold(self, seconds):
        until = self.clock() + min(timedelta(seconds=min(seconds, 10**8)), LONGEST_HOLD)
        self.held_until = max(filter(None, (self.held_until, until)))


@pytest.fixture(scope="module")
def server():
    with hostile() as running:
        yield running


PATHS = count()
TOGETHER = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


@given(st.lists(TURN, min_size=5, max_size=15), st.booleans())
@settings(max_examples=100, **TOGETHER)
def test_any_sequence_of_answers_leaves_a_channel_polite_honest_and_whole(server, turns, asks_all):
    path = new_path()
    with watching(server.url(path)) as channel:
        truth = play(server, path, channel.clock)
        for turn in turns:
            truth.turn = turn
            (channel.poll if asks_all else channel.visit)(turn.after)
            assert truth.problems == []
            assert len(channel.store) == len(truth.given)


@given(st.lists(st.tuples(*[TURN] * CHANNEL_COUNT), min_size=5, max_size=8))
@settings(max_examples=3, **TOGETHER)
def test_any_sequence_of_answers_loses_and_doubles_nothing_in_the_warehouse(
    server, tmp_path_factory, rounds
):
    """Several channels at once; each run gives every channel its own turn."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        collecting = Collecting(tmp_path_factory.mktemp("any"), monkeypatch)
        monkeypatch.setattr("flows.agenda.RETRY_PAUSES", (0.0, 0.0))
        truths = [play(server, new_path(), collecting.clock) for _ in range(CHANNEL_COUNT)]
        collecting.list([truth.url for truth in truths])
        for turns in rounds:
            for truth, turn in zip(truths, turns, strict=True):
                truth.turn = turn
            collecting.run(turns[0].after)
    assert [truth.problems for truth in truths] == [[]] * CHANNEL_COUNT
    stored = """
        select count(activity_id), count(distinct activity_id)
        from raw.channels left join raw.activities using (channel_id)
        where address = '{}'
    """
    for truth in truths:
        given_count = len(truth.given)
        assert collecting.rows(stored.format(truth.url)) == [(given_count, given_count)]


def play(server, path, clock):
    """Let a new `Truth` answer for a path, and for where it may have moved."""
    truth = Truth(server.url(path), clock)
    for address in (path, f"{path}/moved"):
        server.on(address, truth.answer)
    return truth


def new_path():
    return f"/channel-{next(PATHS)}"


def _sent(turn):
    """What a client may send back of an answer, by the names of request headers."""
    pairs = {"if-none-match": turn.etag, "if-modified-since": turn.stamp}
    return {name: value for name, value in pairs.items() if value is not None}
