"""Rows 20 to 26: where a redirect may lead, and what is remembered of it."""

import socket
from datetime import timedelta

import pytest
from hostile_server import CLOSE, hostile, redirect, reply
from loopback_certificate import self_signed, server_context, trusting_context
from watching import rss

from connectors.contract import Outcome, PageError
from connectors.feeds import Connector
from connectors.fetching.guard import Guard

OK, REFUSED = Outcome.OK, Outcome.REFUSED
HOUR = timedelta(hours=1)
NEWS = rss("1")
PRIVATE = [
    "http://10.1.2.3/feed",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.2/feed",
    "http://0.0.0.0/feed",
    "http://2130706434/feed",  # 127.0.0.2 as one number
    "http://[::1]/feed",
    "http://[::ffff:10.0.0.1]/feed",
    "http://[fd00::1]/feed",
]
NOT_THE_WEB = ["file:///etc/passwd", "ftp://127.0.0.1/feed", "gopher://127.0.0.1:70/", "data:,x"]


@pytest.mark.parametrize("status", [301, 308])
def test_row_20_a_permanent_move_is_adopted_at_its_third_confirmation(server, watch, status):
    server.on("/feed", redirect("/new", status))
    server.on("/new", *(reply(200, rss(str(number))) for number in range(5)))
    channel = watch()
    assert [channel.poll(HOUR) for _ in range(5)] == [OK] * 5
    assert [asked.path for asked in server.requests()] == ["/feed", "/new"] * 3 + ["/new"] * 2
    assert channel.state.adoption.url == server.url("/new")


def test_row_20_a_move_to_where_no_feed_is_understood_is_not_adopted(server, watch):
    server.on("/feed", redirect("/new", 301))
    server.on("/new", reply(200, b"<!doctype html><title>We have moved</title><p>Hello"))
    channel = watch()
    assert [channel.poll(HOUR) for _ in range(5)] == [Outcome.WRONG_TYPE] * 5
    assert len(server.requests("/feed")) == 5


def test_row_20_the_history_of_addresses_is_kept(server, project):
    collecting = project(server.on("/feed", redirect("/new", 301)))
    server.on("/new", reply(200, NEWS, ETag='"1"'))
    for _ in range(4):
        collecting.run(2 * HOUR)
    assert [asked.path for asked in server.requests()][-2:] == ["/new", "/new"]
    changes = "select count(*) from raw.address_changes where to_url = '{}'"
    assert collecting.rows(changes.format(server.url("/new"))) == [(1,)]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_row_21_a_temporary_redirect_is_followed_and_never_stored(server, watch, status):
    server.on("/feed", redirect("/elsewhere", status))
    server.on("/elsewhere", reply(200, NEWS))
    channel = watch()
    assert all(channel.poll(HOUR).is_seen for _ in range(6))
    assert [asked.path for asked in server.requests()] == ["/feed", "/elsewhere"] * 6
    assert channel.state.adoption.url == ""


def test_row_22_a_loop_of_redirects_ends_typed_at_the_limit(server, watch):
    server.on("/feed", redirect("/a"))
    server.on("/a", redirect("/feed"))
    assert watch().poll() is Outcome.REDIRECT_LOOP
    assert len(server.requests()) == 11


def test_row_22_a_chain_of_ten_is_still_followed_and_one_of_eleven_is_not(server, watch):
    for number in range(11):
        server.on(f"/{number}", redirect(f"/{number + 1}"))
    server.on("/11", reply(200, NEWS))
    assert [watch("/1").poll(), watch("/0").poll()] == [OK, Outcome.REDIRECT_LOOP]


@pytest.mark.parametrize("path", ["//user:secret@{}/feed", "//{}/feed"])
def test_row_23_another_origin_gets_neither_credentials_nor_cookies_nor_validators(
    server, watch, path
):
    with hostile("127.0.0.2") as other:
        there = "http:" + path.format(f"{other.host}:{other.port}")
        moved = redirect(there, 302, Set_Cookie="session=1", Authorization="Bearer 1")
        server.on("/feed", reply(200, NEWS, ETag='"1"', Set_Cookie="session=1"), moved)
        other.on("/feed", reply(200, rss("2")))
        channel = watch(guard=Guard.allowing(["127.0.0.0/8"]))
        assert channel.poll() is OK
        channel.poll(HOUR)
    secret = {"authorization", "proxy-authorization", "cookie", "referer"}
    assert [asked.header_names & secret for asked in server.requests()] == [set(), set()]
    assert server.requests()[1].validators == {"if-none-match"}
    for asked in other.requests():
        assert asked.header_names & secret == set()
        assert asked.validators == set()


def test_row_23_no_redirect_gives_up_encryption(server, watch, tmp_path, monkeypatch):
    pem = self_signed(tmp_path)
    server.on("/feed", reply(200, NEWS))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting_context(pem))
    with hostile(tls=server_context(pem)) as safe:
        safe.on("/feed", reply(200, NEWS), redirect(server.url("/feed")))
        channel = watch(safe.url("/feed"))
        assert [channel.poll(), channel.poll(HOUR)] == [OK, Outcome.INSECURE]
    assert server.asked == []


@pytest.mark.parametrize("location", PRIVATE)
@pytest.mark.parametrize("hop_count", [1, 3])
def test_row_24_no_hop_leads_to_a_private_address(server, watch, location, hop_count):
    hops = [f"/hop-{number}" for number in range(1, hop_count)]
    for here, there in zip(["/feed", *hops], [*hops, location], strict=True):
        server.on(here, redirect(there))
    assert watch().poll() is REFUSED
    assert len(server.requests()) == hop_count


def test_row_24_without_permission_nothing_on_this_machine_is_asked(server, watch):
    server.on("/feed", reply(200, NEWS))
    assert watch(guard=Guard()).poll() is REFUSED
    assert watch(server.url("/feed", "localhost"), guard=Guard()).poll() is REFUSED
    assert (server.asked, server.connection_count) == ([], 0)


def test_row_24_the_private_server_hears_nothing(server, watch):
    with hostile("127.0.0.2") as inside:
        server.on("/feed", redirect(inside.on("/secret", reply(200, NEWS))))
        assert watch().poll() is REFUSED
    assert (inside.asked, inside.connection_count) == ([], 0)


def test_row_25_the_address_that_is_connected_to_is_checked_not_an_earlier_look_up(
    server, watch, monkeypatch
):
    """A name that leads to a permitted address first and to a private one the next time."""
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", Rebinding)
    Rebinding.addresses = ["127.0.0.1", "127.0.0.2"]
    server.on("/feed", (reply(200, NEWS, Connection="close"), CLOSE))
    url = server.url("/feed", "rebinding.example")
    with hostile("127.0.0.2", server.port) as inside:
        inside.on("/feed", reply(200, NEWS))
        assert [watch(url).poll(), watch(url).poll()] == [OK, REFUSED]
    assert (inside.asked, inside.connection_count) == ([], 0)


@pytest.mark.parametrize("address", NOT_THE_WEB)
def test_row_26_only_http_and_https_are_followed(server, watch, address):
    server.on("/feed", redirect(address))
    assert watch().poll() is REFUSED
    assert watch(address).poll() is REFUSED


@pytest.mark.parametrize("address", NOT_THE_WEB)
def test_row_26_a_page_that_names_such_an_address_as_its_feed_is_not_believed(
    server, watch, address
):
    link = f'<link rel="alternate" type="application/rss+xml" href="{address}">'
    server.on("/feed", reply(200, f"<!doctype html><head>{link}</head>".encode()))
    channel = watch()
    assert channel.poll() is Outcome.WRONG_TYPE
    with pytest.raises(PageError) as failure:
        Connector().parse(channel.last.page(), channel.channel)
    guess = failure.value.instead
    assert address not in ((guess.url, *guess.alternatives) if guess else ())


class Rebinding:
    """A domain name system that gives one address after the other."""

    addresses: list[str]

    def __init__(self, **_):
        pass

    async def resolve(self, host, port=0, family=0):  # noqa: ARG002 - aiohttp's own signature
        found = {"hostname": host, "host": self.addresses.pop(0), "port": port}
        return [found | {"family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self):
        pass
