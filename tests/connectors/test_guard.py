"""Only the public internet is contacted, and private hosts by the operator's permission."""

import asyncio
import ipaddress
import socket

import pytest
from corpus_server import serving
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Outcome, Request
from connectors.fetching.client import Fetcher
from connectors.fetching.guard import Guard, RefusedAddressError
from connectors.fetching.state import FetchState

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_unless_permitted(address):
    with pytest.raises(RefusedAddressError, match="--allow-host intranet"):
        Guard().check_address("intranet", address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address):
    Guard().check_address("example.org", address)


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_dress(number):
    plain = ipaddress.IPv4Address(number)
    dresses = [f"::ffff:{plain}", str(ipaddress.IPv6Address((0x64FF9B << 96) + number))]
    assert {is_let_through(dress) for dress in dresses} == {is_let_through(str(plain))}


@pytest.mark.parametrize(
    ("permission", "host", "address"),
    [
        ("intranet", "intranet", "10.0.0.1"),
        ("Intranet", "INTRANET", "fc00::1"),
        ("10.0.0.1", "any.example", "10.0.0.1"),
        ("::1", "any.example", "::1"),
        ("[::1]", "any.example", "::1"),
        ("10.0.0.0/8", "any.example", "10.200.0.1"),
        ("10.1.2.3/8", "any.example", "10.200.0.1"),
        ("fc00::/7", "any.example", "fd12::1"),
    ],
)
def test_a_private_host_is_permitted_by_name_address_or_network(permission, host, address):
    Guard.allowing([permission]).check_address(host, address)


@pytest.mark.parametrize(
    ("permission", "host", "address"),
    [
        ("intranet", "sub.intranet", "10.0.0.1"),
        ("intranet", "other", "10.0.0.1"),
        ("10.0.0.1", "any.example", "10.0.0.2"),
        ("10.0.0.0/24", "any.example", "10.0.1.1"),
        ("127.0.0.1", "any.example", "::1"),
        ("127.0.0.0/8", "any.example", "::ffff:127.0.0.1"),
    ],
)
def test_a_permission_reaches_no_further_than_it_says(permission, host, address):
    with pytest.raises(RefusedAddressError):
        Guard.allowing([permission]).check_address(host, address)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a/", "//a/", "a.example/feed", "", "http:///a", "http://[x/"],
)
def test_anything_but_a_web_address_is_refused(url):
    with pytest.raises(RefusedAddressError, match="only http and https"):
        Guard().check_url(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_by_default_a_server_on_this_machine_is_never_contacted(host):
    with serving({"/feed": b"secret"}) as server:
        exchange = fetch(Guard(), f"http://{host}:{server.server_port}/feed")
        assert (exchange.outcome, server.asked) == (Outcome.REFUSED, [])
    assert f"--allow-host {host}" in exchange.error


@pytest.mark.parametrize("permission", ["localhost", "127.0.0.1", "127.0.0.0/8"])
def test_a_server_on_this_machine_is_contacted_by_permission(permission):
    with serving({"/feed": b"news"}) as server:
        exchange = fetch(
            Guard.allowing([permission]), f"http://localhost:{server.server_port}/feed"
        )
    assert (exchange.outcome, exchange.body) == (Outcome.OK, b"news")


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["::1", "127.0.0.1"], ["10.0.0.1", "10.0.0.2"], ["169.254.169.254"]],
)
def test_a_public_name_that_leads_inside_is_refused_where_the_socket_is_made(
    monkeypatch, addresses
):
    resolve_all_names_to(monkeypatch, addresses)
    with serving({"/feed": b"secret"}) as server:
        exchange = fetch(Guard(), f"http://news.example:{server.server_port}/feed")
        assert (exchange.outcome, server.asked) == (Outcome.REFUSED, [])
    assert "news.example" in exchange.error


def test_a_name_that_is_permitted_may_lead_inside(monkeypatch):
    resolve_all_names_to(monkeypatch, ["127.0.0.1"])
    with serving({"/feed": b"news"}) as server:
        url = f"http://news.example:{server.server_port}/feed"
        assert fetch(Guard.allowing(["news.example"]), url).outcome is Outcome.OK
        assert fetch(Guard.allowing(["other.example"]), url).outcome is Outcome.REFUSED


def test_a_permitted_name_opens_no_door_for_another_that_leads_to_the_same_place(monkeypatch):
    resolve_all_names_to(monkeypatch, ["127.0.0.1"])
    with serving({"/feed": b"news"}) as server:
        urls = [f"http://{name}.example:{server.server_port}/feed" for name in ("ours", "theirs")]
        exchanges = asyncio.run(_fetch(Guard.allowing(["ours.example"]), urls))
    assert [exchange.outcome for exchange in exchanges] == [Outcome.OK, Outcome.REFUSED]


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "017700000001", "⑫7.0.0.1"])
def test_no_spelling_of_a_loopback_address_gets_through(host):
    with serving({"/feed": b"secret"}) as server:
        exchange = fetch(Guard(), f"http://{host}:{server.server_port}/feed")
        assert server.asked == []
    assert not exchange.outcome.is_seen


def is_let_through(address):
    try:
        Guard().check_address("example.org", address)
    except RefusedAddressError:
        return False
    return True


def fetch(guard, url):
    return asyncio.run(_fetch(guard, [url]))[0]


async def _fetch(guard, urls):
    state = FetchState(channel_id="a:feeds:1")
    async with Fetcher(user_agent="Barograph/0.1", guard=guard) as fetcher:
        return [await fetcher.fetch(Request(url=url), state) for url in urls]


def resolve_all_names_to(monkeypatch, addresses):
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", lambda **_: Resolver(addresses))


class Resolver:
    """A domain name system in which every name leads to the same addresses."""

    def __init__(self, addresses):
        self.addresses = addresses

    async def resolve(self, host, port=0, family=0):  # noqa: ARG002 - aiohttp's own signature
        return [
            {"hostname": host, "host": address, "port": port, "family": family_of(address)}
            | {"proto": 0, "flags": 0}
            for address in self.addresses
        ]

    async def close(self):
        pass


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET
