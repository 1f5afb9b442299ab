"""The demo world over HTTP: plausible answers, honest validators, a clean end."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import threading
from urllib.parse import urlsplit

import feedparser
import pytest
from demo_world import WORLD

from flows.demo.organization import AnswerKind
from flows.demo.server import serve_world
from flows.demo.site import Conditions, answer, build_site


def test_every_listed_address_answers_as_it_is_meant_to():
    with serve_world(WORLD) as server:
        seen = {channel.path: _get(server, channel.path)[0] for _, channel in _all_channels()}
    expected = {channel.path: STATUSES.get(channel.answer, 200) for _, channel in _all_channels()}
    assert seen == expected


def test_the_server_answers_304_to_its_own_validators():
    with serve_world(WORLD) as server:
        for _, channel in _all_channels():
            for name, value in _validators(server, channel.feed_path).items():
                status, _, body = _get(server, channel.feed_path, {name: value})
                assert (status, body) == (304, b""), (channel.path, name)


def test_servers_differ_in_the_validators_that_they_send():
    with serve_world(WORLD) as server:
        kinds = {
            frozenset(_validators(server, channel.feed_path))
            for _, channel in _all_channels()
            if channel.answer.is_served
        }
    assert len(kinds) == 4


def test_no_answer_says_how_long_it_keeps():
    with serve_world(WORLD) as server:
        for _, channel in _all_channels():
            _, headers, _ = _get(server, channel.path)
            assert not {"cache-control", "expires", "retry-after"} & set(headers)


def test_a_moved_feed_stands_at_its_new_address():
    _, channel = _channel_answering(AnswerKind.MOVED)
    with serve_world(WORLD) as server:
        _, headers, _ = _get(server, channel.path)
        status, _, body = _get(server, headers["location"])
    assert status == 200
    assert len(feedparser.parse(body).entries) == len(channel.entries)


def test_a_web_page_names_the_feed_behind_it():
    _, channel = _channel_answering(AnswerKind.WEB_PAGE)
    with serve_world(WORLD) as server:
        _, headers, page = _get(server, channel.path)
        (address,) = re.findall(rb'rel="alternate"[^>]*href="([^"]+)"', page)
        _, _, body = _get(server, address.decode())
    assert headers["content-type"].startswith("text/html")
    assert len(feedparser.parse(body).entries) == len(channel.entries)


def test_some_feeds_come_compressed_to_whoever_accepts_it():
    path = "/solvane-mutual/news.xml"
    with serve_world(WORLD) as server:
        _, plain_headers, plain = _get(server, path)
        _, headers, packed = _get(server, path, {"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in plain_headers
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_a_homepage_names_its_channels():
    with serve_world(WORLD) as server:
        _, _, page = _get(server, "/solvane-mutual/")
    assert page.count(b'rel="alternate"') == len(_organization("solvane-mutual").channels)


def test_a_head_request_has_the_headers_of_a_get_and_no_body():
    path = "/solvane-mutual/news.xml"
    with serve_world(WORLD) as server:
        _, of_get, _ = _get(server, path)
        status, of_head, body = _get(server, path, method="HEAD")
    assert (status, body) == (200, b"")
    assert of_head["content-length"] == of_get["content-length"]


def test_an_unknown_address_is_not_found():
    with serve_world(WORLD) as server:
        assert _get(server, "/robots.txt")[0] == 404
        assert server.requests_log == [("GET", "/robots.txt", 404)]


def test_an_etag_goes_before_a_date_and_an_unreadable_date_is_no_condition():
    resource = build_site(WORLD)["/solvane-mutual/news.xml"]
    later = "Fri, 31 Dec 2027 00:00:00 GMT"
    assert answer(resource, Conditions('"other"', later)).status == 200
    assert answer(resource, Conditions(f'"other", W/{resource.etag}')).status == 304
    assert answer(resource, Conditions(if_modified_since="some day")).status == 200
    assert answer(resource, Conditions(if_modified_since=later)).status == 304


def test_port_connections_and_threads_end_with_the_context():
    before = set(threading.enumerate())
    with serve_world(WORLD) as server:
        host = urlsplit(server.base_url)
        kept = http.client.HTTPConnection(host.hostname, host.port, timeout=5)
        kept.request("GET", "/solvane-mutual/")
        kept.getresponse().read()
    assert set(threading.enumerate()) == before
    assert kept.sock.recv(1) == b""
    kept.close()
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection((host.hostname, host.port)),
    ):
        pass


# ── builders ─────────────────────────────────────────────────────────────────────────────────────

STATUSES = {
    AnswerKind.MOVED: 301,
    AnswerKind.FORBIDDEN: 403,
    AnswerKind.NOT_FOUND: 404,
    AnswerKind.SERVER_ERROR: 500,
}


def _all_channels():
    return [(one, channel) for one in WORLD.organizations for channel in one.channels]


def _organization(organization_id):
    return next(one for one in WORLD.organizations if one.organization_id == organization_id)


def _channel_answering(kind):
    return next(pair for pair in _all_channels() if pair[1].answer is kind)


def _get(server, path, headers=None, method="GET"):
    address = urlsplit(server.base_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return response.status, names, response.read()
    finally:
        connection.close()


def _validators(server, path):
    _, headers, _ = _get(server, path)
    named = {
        "If-None-Match": headers.get("etag"),
        "If-Modified-Since": headers.get("last-modified"),
    }
    return {name: value for name, value in named.items() if value}
