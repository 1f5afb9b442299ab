"""Rows 27 to 31: gone, missing, closed, down and insecure are five different things."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hostile_server import CLOSE, RESET, hostile, reply
from loopback_certificate import self_signed, server_context
from watching import rss

from connectors.contract import Outcome
from flows.agenda import RETRY_PAUSES

OK, HELD = Outcome.OK, Outcome.HELD
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEWS = rss("1", "2")


def test_row_27_a_channel_that_is_gone_is_looked_at_once_more_and_never_again(server, project):
    collecting = project(server.on("/feed", reply(200, NEWS), reply(410)))
    collecting.run()
    for days in (1, 14, 20, 1, 60):
        collecting.run(days * DAY)
    assert collecting.rows("select count(*) from raw.activities") == [(2,)]
    collecting.run(400 * DAY)
    asked = collecting.rows("select fetched_at from raw.attempts order by 1")
    assert len(asked) == len(server.requests()) == 3
    assert asked[2][0] - asked[1][0] >= 30 * DAY
    assert collecting.outcomes() == {server.url("/feed"): "gone"}


def test_row_28_a_document_that_is_missing_is_asked_for_more_and_more_seldom(server, watch):
    server.on("/feed", reply(404))
    channel = watch()
    asked = channel.visits(HOUR, 60 * DAY)
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert set(channel.outcomes) == {Outcome.NOT_FOUND}
    assert all(later >= min(earlier, 7 * DAY) for earlier, later in pairwise(gaps))
    assert 6 * DAY < gaps[-1] <= 8 * DAY  # a week, with jitter


def test_row_28_a_document_that_comes_back_is_asked_for_as_before(server, watch):
    server.on("/feed", *[reply(404)] * 6, reply(200, NEWS, ETag='"1"'))
    channel = watch()
    for _ in range(60 * 24):
        channel.visit(HOUR)
    assert channel.outcomes[:7] == [Outcome.NOT_FOUND] * 6 + [OK]
    assert len(channel.outcomes) > 20
    assert len(channel.store) == 2


def test_row_29_a_source_that_wants_credentials_is_not_stormed(server, project):
    collecting = project(server.on("/feed", reply(401, b"", WWW_Authenticate="Bearer")))
    for _ in range(6):
        collecting.run(4 * HOUR - HOUR / 2, now=False)
    assert len(server.requests()) == 1
    assert collecting.outcomes() == {server.url("/feed"): "needs_auth"}


@pytest.mark.parametrize("trouble", [reply(500), reply(503), RESET, CLOSE])
def test_row_30_trouble_that_passes_is_tried_again_in_the_same_run(server, project, trouble):
    collecting = project(server.on("/feed", trouble, trouble, reply(200, NEWS)))
    assert collecting.run()["fetched"] == 1
    tries = [asked.arrived_at for asked in server.requests()]
    assert 0 < tries[1] - tries[0] < tries[2] - tries[1]
    assert collecting.rows("select count(*) from raw.attempts") == [(3,)]


@pytest.mark.parametrize("trouble", [RESET, CLOSE, (b"HTTP/1.1 200 O", CLOSE)])
def test_row_30_no_try_goes_over_the_wire_unrecorded(server, watch, trouble):
    server.on("/feed", trouble)
    assert not watch().poll().is_seen
    assert len(server.requests()) == 1


def test_row_30_a_server_has_seconds_to_recover_between_the_tries():
    assert len(RETRY_PAUSES) == 2
    assert 1 <= RETRY_PAUSES[0] < RETRY_PAUSES[1] <= 30


def test_row_30_trouble_that_stays_is_left_for_a_later_run(server, project):
    collecting = project(server.on("/feed", reply(500)))
    assert collecting.run()["failed"] == 1
    assert collecting.run(timedelta(minutes=30), now=False)["asked"] == 0
    assert len(server.requests()) == 3
    assert collecting.rows("select outcome, count(*) from raw.attempts group by 1") == [
        ("server_error", 3)
    ]


def test_row_30_a_name_that_is_not_known_is_tried_again_too(project):
    collecting = project("http://no-such-host.invalid/feed")
    assert collecting.run()["failed"] == 1
    query = "select outcome, count(*) from raw.attempts group by 1"
    assert collecting.rows(query) == [("unreachable", 3)]


def test_row_31_a_certificate_that_nobody_vouches_for_gets_no_request(watch, tmp_path):
    with hostile(tls=server_context(self_signed(tmp_path))) as server:
        channel = watch(server.on("/feed", reply(200, NEWS)))
        assert channel.poll() is Outcome.INSECURE
    assert server.asked == []
    assert "certificate" in channel.last.error.lower()


def test_row_31_a_server_that_speaks_no_tls_is_insecure_too(server, watch):
    server.on("/feed", reply(200, NEWS))
    assert watch(server.url("/feed").replace("http:", "https:")).poll() is Outcome.INSECURE
    assert server.asked == []
