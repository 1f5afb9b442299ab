"""What a batch asks next: further pages, other addresses, second tries, and never for ever."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from collecting import Collecting
from hostile_server import CLOSE, hostile, reply
from hypothesis import given
from hypothesis import strategies as st
from watching import rss

from connectors.contract import Channel, Outcome, Purpose, Request
from connectors.fetching.backoff import is_temporary
from connectors.fetching.state import FetchState
from flows.agenda import MOST_PAGES, RETRY_PAUSES, Agenda
from flows.batches import make_batches
from flows.clock import now
from flows.parsing import LandedBatch

OK, SERVER_ERROR = Outcome.OK, Outcome.SERVER_ERROR
FAILURES = [outcome for outcome in Outcome if not outcome.is_seen]
RETRIED = [o for o in FAILURES if is_temporary(o) and o is not Outcome.TIMEOUT]
PAGES = [f"/{number}" for number in range(6)]
WORLDS = st.fixed_dictionaries(dict.fromkeys(PAGES, st.deferred(lambda: A_PAGE)))


def test_each_channel_is_asked_for_what_its_connector_plans():
    played = play({"/0": PlayedPage(), "/1": PlayedPage()}, starts=["/0", "/1"])
    assert played.asked == ["/0", "/1"]
    assert played.rounds == 1


def test_pages_that_lead_on_are_asked_one_round_after_another():
    played = play({"/0": leads("/1", "/2"), "/1": leads("/3"), "/2": leads(), "/3": leads()})
    assert (played.asked, played.rounds) == (["/0", "/1", "/2", "/3"], 3)
    assert played.stopped == []


def test_an_address_that_two_pages_name_is_asked_once():
    played = play({"/0": leads("/1", "/1", "/2"), "/1": leads("/3"), "/2": leads("/3", "/4")})
    assert played.asked == ["/0", "/1", "/2", "/3", "/4"]


@pytest.mark.parametrize("back_to", ["/0", "/1", "/2"])
def test_pages_that_lead_back_are_a_loop_that_is_told(back_to):
    played = play({"/0": leads("/1"), "/1": leads("/2"), "/2": leads(back_to)})
    assert played.asked == ["/0", "/1", "/2"]
    (stop,) = played.stopped
    assert stop.outcome is Outcome.PAGE_LOOP
    assert f"stopped before {back_to}" in stop.error
    assert "lead back" in stop.error
    assert (stop.status, stop.body) == (0, None)


def test_a_hundred_pages_are_read_and_the_hundred_and_first_is_a_loop():
    assert MOST_PAGES == 100
    hundred = play({f"/{n}": leads(f"/{n + 1}") for n in range(99)})
    assert (len(hundred.asked), hundred.stopped) == (100, [])
    endless = play({f"/{n}": leads(f"/{n + 1}") for n in range(120)})
    assert len(endless.asked) == 100
    assert "more than 100 pages" in endless.stopped[0].error


def test_a_page_that_leads_to_a_thousand_others_does_not_have_them_asked():
    played = play({"/0": leads(*(f"/{number}" for number in range(1, 1001)))})
    assert played.asked == ["/0"]
    assert "more than 100 pages" in played.stopped[0].error


def detail(path):
    return Request(url=path, purpose=Purpose.DETAIL)


def test_parts_of_a_channel_are_asked_some_at_a_time_in_their_order():
    parts = [detail(f"/part/{number}") for number in range(50)]
    world = {"/0": leads(*parts)} | {part.url: leads(*parts) for part in parts}
    played = play(world)
    assert played.asked == ["/0", *(part.url for part in parts)]
    assert played.rounds == 1 + 3
    assert played.stopped == []


def test_parts_that_are_left_over_after_a_hundred_pages_wait_for_the_next_run():
    parts = [detail(f"/part/{number}") for number in range(300)]
    world = {"/0": leads(*parts)} | {part.url: leads(*parts) for part in parts}
    played = play(world)
    assert len(played.asked) == MOST_PAGES
    assert played.stopped == [], "the cursor keeps them; that is no loop"


def test_parts_that_lead_back_are_no_loop():
    played = play({"/0": leads(detail("/1")), "/1": leads(detail("/1"), Request(url="/2"))})
    assert (played.asked, played.stopped) == (["/0", "/1", "/2"], [])


def test_a_document_that_is_found_goes_with_the_parts_beside_it():
    played = play({"/0": leads(Request(url="/list"), detail("/profile"))})
    assert (played.asked, played.rounds) == (["/0", "/list", "/profile"], 2)


def test_a_source_whose_terms_are_out_of_date_is_not_asked_and_says_so():
    channels = [
        Channel(channel_id=name, organization_id="a", source="feeds", address=f"https://{name}/")
        for name in ("one", "two")
    ]
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    (batch,) = make_batches("run", moment, channels, {}, 100, {"feeds": "not asked: look again"})
    round_ = Agenda(batch).next_round()
    assert round_.requests == {}
    assert [(e.channel_id, e.outcome, e.error) for e in round_.stopped] == [
        ("one", Outcome.DISALLOWED, "not asked: look again"),
        ("two", Outcome.DISALLOWED, "not asked: look again"),
    ]


@pytest.mark.parametrize("outcome", RETRIED)
def test_what_fails_for_a_moment_is_tried_three_times_and_no_more(outcome):
    played = play({"/0": PlayedPage([outcome] * 9)})
    assert played.asked == ["/0"] * 3
    assert len(played.pauses) == 2


@pytest.mark.parametrize("outcome", [o for o in Outcome if o not in RETRIED])
def test_no_other_outcome_is_tried_again(outcome):
    assert play({"/0": PlayedPage([outcome] * 9)}).asked == ["/0"]


@pytest.mark.parametrize("outcomes", [[SERVER_ERROR, OK], [Outcome.UNREACHABLE, SERVER_ERROR, OK]])
def test_a_try_that_succeeds_is_the_last_and_leads_on(outcomes):
    played = play({"/0": PlayedPage(outcomes, ["/1"]), "/1": leads()})
    assert played.asked == ["/0"] * len(outcomes) + ["/1"]


def test_a_channel_that_its_server_holds_is_not_tried_again():
    played = play({"/0": PlayedPage([SERVER_ERROR] * 3)}, held_for=timedelta(seconds=30))
    assert played.asked == ["/0"]
    assert play({"/0": PlayedPage([SERVER_ERROR] * 3)}, held_for=-timedelta(1)).asked == ["/0"] * 3


def test_a_guess_is_not_tried_again():
    guess = Request(url="/guess", purpose=Purpose.DISCOVERY)
    played = play({"/0": PlayedPage([OK], [guess]), "/guess": PlayedPage([SERVER_ERROR] * 3)})
    assert played.asked == ["/0", "/guess"]


def test_second_tries_come_after_all_first_ones():
    world = {"/0": leads("/1", "/2"), "/1": PlayedPage([SERVER_ERROR] * 2), "/2": leads("/3")}
    played = play(world | {"/3": PlayedPage([SERVER_ERROR, OK])})
    assert played.asked == ["/0", "/1", "/2", "/3", "/1", "/3", "/1"]


def test_alternatives_that_were_asked_already_are_passed_over():
    guess = Request(url="/0", purpose=Purpose.DISCOVERY, alternatives=("/1", "/0", "/2", "/3"))
    played = play({"/0": leads("/1"), "/1": PlayedPage([OK], [guess])})
    assert played.asked == ["/0", "/1", "/2"]
    assert played.requests[-1].alternatives == ("/3",)
    assert played.stopped == []


def test_a_guess_whose_every_address_was_asked_ends_in_silence():
    guess = Request(url="/0", purpose=Purpose.DISCOVERY, alternatives=("/1",))
    played = play({"/0": leads("/1"), "/1": PlayedPage([OK], [guess])})
    assert (played.asked, played.stopped) == (["/0", "/1"], [])


def test_the_pauses_grow_and_are_never_the_same():
    world = {"/0": PlayedPage([SERVER_ERROR] * 3)}
    pauses = [play(world).pauses for _ in range(40)]
    for number, expected in enumerate(RETRY_PAUSES):
        each = [some[number] for some in pauses]
        assert all(0.5 * expected <= pause <= 1.5 * expected for pause in each)
        assert len(set(each)) == len(each)
        assert max(each) > 1.2 * expected
        assert min(each) < 0.8 * expected
    assert all(first <= second for first, second in pauses)
    assert RETRY_PAUSES[0] >= 1


@given(WORLDS, st.lists(st.sampled_from(PAGES), min_size=1, max_size=4))
def test_whatever_servers_do_a_batch_ends_and_asks_nothing_too_often(world, starts):
    played = play(world, starts)
    for (_, path), count in Counter(played.log).items():
        outcomes = [played.outcome(path, number) for number in range(count)]
        assert count <= 1 + len(RETRY_PAUSES)
        assert all(outcome in RETRIED for outcome in outcomes[:-1])
        is_given_up = count == 1 + len(RETRY_PAUSES)
        assert is_given_up or outcomes[-1] not in RETRIED
    assert {name for name, _ in played.log} == set(played.channels)


@given(WORLDS, st.lists(st.sampled_from(PAGES), min_size=1, max_size=4))
def test_every_page_that_can_be_reached_is_asked(world, starts):
    played = play(world, starts)
    for name, start in zip(played.channels, starts, strict=True):
        read = {path for channel, path in played.log if channel == name}
        links = {link for path in read if played.ended_well(name, path) for link in world[path].to}
        assert read == {start} | links


def test_addresses_of_a_web_page_are_tried_one_after_another(tmp_path, monkeypatch):
    with hostile() as server:
        links = "".join(
            f'<link rel="alternate" type="application/rss+xml" href="/{name}">'
            for name in ("gone", "page", "feed", "later")
        )
        page = reply(200, f"<!doctype html><head>{links}</head>".encode())
        server.on("/", page)
        server.on("/page", page)
        for name in ("feed", "later"):
            server.on(f"/{name}", reply(200, rss(name)))
        collecting = Collecting(tmp_path, monkeypatch)
        collecting.list([server.url("/")])
        assert collecting.run()["failed"] == 0
        ends = [(asked.arrived_at, asked.ended_at) for asked in server.requests()]
        assert [asked.path for asked in server.requests()] == ["/", "/gone", "/page", "/feed"]
    assert all(first[1] <= then[0] for first, then in pairwise(ends))


def test_every_channel_of_a_batch_ends_whatever_the_others_do(tmp_path, monkeypatch):
    with hostile() as server:
        scripts = {
            "/fine": reply(200, rss("1")),
            "/down": reply(503),
            "/gone": reply(410),
            "/hangs-up": (CLOSE,),
            "/page": reply(200, b"<!doctype html><title>Hello</title>"),
            "/around": reply(302, b"", Location="/around"),
            "/slow-down": reply(429, b"", Retry_After=600),
        }
        addresses = [server.on(path, script) for path, script in scripts.items()]
        collecting = Collecting(tmp_path, monkeypatch)
        collecting.list(addresses)
        collecting.run()
        assert collecting.outcomes() == {
            server.url("/fine"): "ok",
            server.url("/down"): "server_error",
            server.url("/gone"): "gone",
            server.url("/hangs-up"): "unreachable",
            server.url("/page"): "wrong_type",
            server.url("/around"): "redirect_loop",
            server.url("/slow-down"): "blocked",
        }
        counts = Counter(asked.path for asked in server.requests())
    assert {path: counts[path] for path in scripts if path not in {"/page", "/around"}} == {
        "/fine": 1,
        "/down": 3,
        "/gone": 1,
        "/hangs-up": 3,
        "/slow-down": 1,
    }


@dataclass
class PlayedPage:
    """How asking for a page ends, the last time for all later tries, and where it leads then."""

    outcomes: list = field(default_factory=lambda: [OK])
    to: list = field(default_factory=list)


A_PAGE = st.builds(
    PlayedPage,
    st.lists(st.sampled_from([OK, OK, *FAILURES]), min_size=1, max_size=4),
    st.lists(st.sampled_from(PAGES), max_size=3),
)


def leads(*to):
    return PlayedPage([OK], list(to))


class Played:
    """A batch played to its end: what was asked in which order, pauses, and what was stopped."""

    def __init__(self, world, starts, held_for):
        self._world, self._held_for = world, held_for
        self.channels = [f"a:feeds:{number}" for number in range(len(starts))]
        self.log, self.requests, self.pauses, self.stopped = [], [], [], []
        self.rounds = 0
        self._agenda = Agenda(a_batch(self.channels, starts))

    @property
    def asked(self):
        return [path for _, path in self.log]

    def outcome(self, path, number):
        """How a try of a page ends; pages of no script are found and lead nowhere."""
        outcomes = self._world.get(path, PlayedPage()).outcomes
        return outcomes[min(number, len(outcomes) - 1)]

    def ended_well(self, name, path):
        return self.outcome(path, self.log.count((name, path)) - 1).is_seen

    def play(self):
        while round_ := self._agenda.next_round():
            self.rounds += 1
            assert self.rounds < 1000
            self.stopped += round_.stopped
            if round_.pause_seconds:
                self.pauses.append(round_.pause_seconds)
            self._agenda.heed(round_, self._landed(round_))
        return self

    def _landed(self, round_):
        outcomes, following = {}, {}
        for name, requests in round_.requests.items():
            for request in requests:
                outcome = self._ask(name, request)
                outcomes[name, request.url] = outcome
                to = self._world.get(request.url, PlayedPage()).to if outcome.is_seen else []
                if to:
                    following[name] = following.get(name, ()) + tuple(map(a_request, to))
        states = {name: a_state(name, self._held_for) for name in self.channels}
        return landed(outcomes, following, states)

    def _ask(self, name, request):
        outcome = self.outcome(request.url, self.log.count((name, request.url)))
        self.log.append((name, request.url))
        self.requests.append(request)
        return outcome


def play(world, starts=("/0",), held_for=None):
    return Played(world, starts, held_for).play()


def a_request(to):
    return to if isinstance(to, Request) else Request(url=to)


def a_state(name, held_for):
    until = now() + held_for if held_for is not None else None
    return FetchState(channel_id=name, not_before=until)


def a_batch(names, addresses):
    channels = [
        Channel(channel_id=name, organization_id="a", source="feeds", address=address)
        for name, address in zip(names, addresses, strict=True)
    ]
    (batch,) = make_batches("run", datetime(2026, 3, 2, tzinfo=UTC), channels, {}, 100)
    return batch


def landed(outcomes, following, states):
    return LandedBatch(
        folder=Path(),
        outcomes={},
        errors={},
        activity_count=0,
        states=states,
        next_requests=following,
        request_outcomes=outcomes,
        notes={},
    )
