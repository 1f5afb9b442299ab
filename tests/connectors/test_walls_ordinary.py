"""Ordinary pages and feeds that look like walls and are none, and what the look costs."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Page
from connectors.fetching.walls import wall

REAL_DATA = Path(os.environ.get("BAROGRAPH_REAL_DATA", "../shared/real"))  # noqa: TID251 - no setting
ADDRESS = "https://example.org/feed"
FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>%s</channel></rss>'


@pytest.mark.parametrize(
    ("head", "body"),
    [
        # scripts that gatekeepers add to pages that they let through
        ("", "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script><p>News</p>"),
        ("", "<script src='/_Incapsula_Resource?SWJIYLWA=71'></script><p>News</p>"),
        ("<script src='https://js.datadome.co/tags.js'></script>", "<p>News</p>"),
        ("<script>window._pxAppId = 'PX1';</script>", "<p>News</p>"),
        ("<script src='https://1c.edge.sdk.awswaf.com/1c/challenge.js'></script>", "<p>News</p>"),
        ("<script src='/akam/13/5f' defer></script>", "<p>News</p>"),
        ("<script src='https://check.ddos-guard.net/check.js'></script>", "<p>News</p>"),
        # captchas beside something else
        (
            "<title>Newsletter</title>",
            (
                "<p>Robots keep out</p><form><input type='email' name='mail'>"
                "<div class='h-captcha'></div></form>"
            ),
        ),
        (
            "<title>Contact</title>",
            "<p>No robots</p><form><textarea></textarea><div class='g-recaptcha'></div></form>",
        ),
        (
            "<title>Home</title>",
            "<p>Human?</p><i class='g-recaptcha'></i>" + "<a href='/'>x</a>" * 6,
        ),
        ("<title>An app</title>", "<div id='root'></div><div class='cf-turnstile'></div>"),
        ("<title>Robot news</title>", "<div class='no-g-recaptcha'>robot</div>"),
        # articles on the matter
        (
            "<title>Just a moment... explained</title>",
            "<article>Cloudflare sets window._cf_chl_opt = {} first.</article>",
        ),
        (
            "<title>Just a moment...</title>",
            "<p>It contains</p><pre>&lt;script>window._cf_chl_opt = {}</pre><p>and waits.</p>",
        ),
        (
            "<title>Bots</title>",
            "<p>" + "They wait for you. " * 200 + "sucuri_cloudproxy_js='' </p>",
        ),
        ("", "<!-- <div id='px-captcha'></div> --><p>News</p>"),
        # logins beside something else
        ("<title>Council</title>", "<a href='/login'>Log in</a><p>News of the town</p>"),
        ("<title>Forum</title>", "<form><input type='password'></form><p>Threads</p>"),
        (
            "<title>Log in to the forum</title>",
            "<input type='password'>" + "<p>A thread about gardening</p>" * 100,
        ),
        (
            "<title>Log in</title><link rel='alternate' type='application/rss+xml' href='/feed'>",
            "<form><input type='password'></form>",
        ),
        ("<title>How to sign in</title>", "<p>Press the button.</p>"),
    ],
)
def test_an_ordinary_page_is_no_wall(head, body):
    assert wall(page(html(head, body))) == ""


@pytest.mark.parametrize(
    "body",
    [
        FEED
        % b"<item><description>&lt;div id='px-captcha'&gt; window._cf_chl_opt = 1</description>"
        b"</item>",
        FEED
        % b"<item><description><![CDATA[<html><div id='px-captcha'></div>]]></description></item>",
        (
            b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Log in</title>'
            b"<content type='xhtml'><input type='password'/></content></feed>"
        ),
        b'{"content_html": "<html><title>Log in</title><input type=password>"}',
        b"window._cf_chl_opt = {}",
    ],
)
def test_what_is_no_web_page_is_no_wall(body):
    assert wall(page(body)) == ""
    assert wall(page(body, url="https://login.example.org/login")) == ""


@pytest.mark.parametrize(
    ("requested_url", "url"),
    [
        ("http://example.org/login", "https://example.org/login/"),
        ("https://login.gov/blog", "https://login.gov/blog/"),
        ("https://example.org/a", "https://example.org/how-to-login"),
        ("https://example.org/a", "https://example.org/login-news/today"),
        ("https://example.org/a", "https://example.org/catalogin"),
        ("https://example.org/a", "https://blogin.example.org/a"),
    ],
)
def test_a_redirect_to_elsewhere_is_no_login(requested_url, url):
    document = html("<title>Welcome</title>", "<p>News</p>")
    assert wall(page(document, url=url, requested_url=requested_url)) == ""


@pytest.mark.parametrize(
    "unit",
    [b"<script", b"<input ", b"<link ", b"<title>", b"<iframe ", b"<!--", b"<", b"<pre", b" "],
)
def test_a_hostile_page_costs_a_second_at_most(unit):
    body = b"<html>" + unit * (3_000_000 // len(unit))
    start = time.process_time()
    wall(page(body))
    assert time.process_time() - start < 2


def test_a_feed_is_not_searched():
    body = FEED % (b"<item><title>News of the town</title></item>" * 1_300)
    headers = tuple((f"x-header-{number}", "value") for number in range(20))
    feed = page(body, headers=headers)
    start = time.process_time()
    for _ in range(1_000):
        wall(feed)
    assert time.process_time() - start < 0.2  # 0.2 ms each, a hundred times what it takes


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_search(body):
    assert isinstance(wall(page(b"<html>" + body)), str)


@pytest.mark.real
def test_no_real_document_is_taken_for_a_wall():
    if not REAL_DATA.is_dir():
        pytest.skip(f"NO REAL DOCUMENT TESTED: no {REAL_DATA}; set BAROGRAPH_REAL_DATA")
    documents = [path for path in REAL_DATA.rglob("*") if path.suffix in {".xml", ".rss", ".json"}]
    assert documents
    assert [path for path in documents if wall(page(path.read_bytes()))] == []


def html(head, body):
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def page(body, url=ADDRESS, requested_url=None, status=200, headers=()):
    return Page(
        page_id="0",
        channel_id="channel",
        requested_url=requested_url or url,
        url=url,
        status=status,
        headers=headers,
        body=body,
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
