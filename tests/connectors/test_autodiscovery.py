"""A channel address that is a web page: which feed it stands for."""

import json
import string
import time
from datetime import UTC, datetime
from itertools import product
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import load
from connectors.contract import Channel, Outcome, Page, PageError, Purpose
from connectors.feeddocument.webpage import CANDIDATE_LIMIT, feed_addresses, web_page_error

SITE = "https://example.org/"
MOST_SECONDS = 10  # generous: the machine may be busy; what is not linear takes far longer

WORDPRESS = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="UTF-8" />
<title>Council News</title>
<meta name='robots' content='max-image-preview:large' />
<link rel='dns-prefetch' href='//s.w.org' />
<link rel="alternate" type="application/rss+xml" title="Council &raquo; Comments Feed"
 href="https://example.org/comments/feed/" />
<link rel="alternate" type="application/rss+xml" title="Council &raquo; Feed"
 href="https://example.org/feed/" />
<link rel="alternate" type="application/rss+xml" title="Council &raquo; Housing Category Feed"
 href="https://example.org/category/housing/feed/" />
<link rel="alternate" title="oEmbed (JSON)" type="application/json+oembed"
 href="https://example.org/wp-json/oembed/1.0/embed?url=https%3A%2F%2Fexample.org%2F" />
<link rel="alternate" title="JSON" type="application/json"
 href="https://example.org/wp-json/wp/v2/categories/7" />
<link rel="EditURI" type="application/rsd+xml" title="RSD" href="https://example.org/xmlrpc.php" />
<meta name="generator" content="WordPress 6.8.1" />
<meta name="generator" content="Site Kit by Google 1.150.0" />
</head><body class="archive"></body></html>"""

WORDPRESS_POST = """<!DOCTYPE html><html><head>
<link rel="alternate" type="application/rss+xml" title="Rat &raquo; Feed" href="{site}feed/" />
<link rel="alternate" type="application/rss+xml" title="Rat &raquo; Kommentar-Feed"
 href="{site}comments/feed/" />
<link rel="alternate" type="application/rss+xml" title="Rat &raquo; Haushalt Kommentar-Feed"
 href="{site}2026/10/haushalt/feed/" />
<meta name="generator" content="WordPress 6.8.1" /></head><body></body></html>"""

HUGO_SECTION = """<!doctype html><html lang=nl><meta charset=utf-8>
<meta name=generator content="Hugo 0.147.2">
<link rel=alternate type=application/rss+xml href=https://example.org/nieuws/index.xml title=Nieuws>
<link rel=stylesheet href=/css/main.min.css><body><h1>Nieuws</h1></body></html>"""

JEKYLL = """<!DOCTYPE html>
<html lang="en"><head><!-- Begin Jekyll SEO tag v2.8.0 -->
<meta name="generator" content="Jekyll v4.4.1" />
<link rel="canonical" href="https://example.org/" />
<!-- End Jekyll SEO tag -->
<link type="application/atom+xml" rel="alternate" href="https://example.org/feed.xml"
 title="Lab notes" /></head><body></body></html>"""

GHOST = """<!DOCTYPE html><html lang="en"><head><title>The Lab</title>
<link rel="canonical" href="https://example.org/">
<meta name="generator" content="Ghost 5.115">
<link rel="alternate" type="application/rss+xml" title="The Lab" href="https://example.org/rss/">
</head><body></body></html>"""

DRUPAL = """<!DOCTYPE html><html lang="en" dir="ltr"><head><meta charset="utf-8" />
<meta name="Generator" content="Drupal 10 (https://www.drupal.org)" />
<link rel="alternate" hreflang="nl" href="https://example.org/nl/feed-the-city" />
<link rel="alternate" type="application/rss+xml" title="" href="https://example.org/rss.xml" />
</head><body></body></html>"""

DISCOURSE = """<!DOCTYPE html><html lang="en"><head><title>Community</title>
<meta name="generator" content="Discourse 3.5.0.beta3-dev - https://github.com/discourse">
<link rel="search" type="application/opensearchdescription+xml"
 href="https://example.org/opensearch.xml" title="Search">
<link rel="alternate nofollow" type="application/rss+xml" title="Latest posts"
 href="https://example.org/posts.rss" />
<link rel="alternate nofollow" type="application/rss+xml" title="Latest topics"
 href="https://example.org/latest.rss" /></head><body></body></html>"""

BLOGGER = """<!DOCTYPE html><html dir='ltr'><head>
<meta content='blogger' name='generator'/>
<link rel="alternate" type="application/atom+xml" title="Museum - Atom"
 href="https://example.org/feeds/posts/default" />
<link rel="alternate" type="application/rss+xml" title="Museum - RSS"
 href="https://example.org/feeds/posts/default?alt=rss" />
<link rel="service.post" type="application/atom+xml" title="Museum - Atom"
 href="https://www.blogger.com/feeds/881566683627848498/posts/default" />
<link rel="alternate" type="application/atom+xml" title="Museum - Atom"
 href="https://example.org/feeds/4282862174590727151/comments/default" />
</head><body></body></html>"""

SQUARESPACE = """<!doctype html><html xmlns:og="http://opengraphprotocol.org/schema/"><head>
<!-- This is Squarespace. --><!-- bakery -->
<base href="">
<link rel="preconnect" href="https://images.squarespace-cdn.com">
<link rel="alternate" type="application/rss+xml" title="RSS Feed"
 href="https://example.org/journal?format=rss" />
</head><body></body></html>"""

WIX = """<!DOCTYPE html><html lang="en"><head>
<meta name="generator" content="Wix.com Website Builder"/>
<link rel="alternate" href="https://example.org/blog-feed.xml" type="application/rss+xml"
 title="Bakery - RSS"/></head><body></body></html>"""

GITHUB_RELEASES = """<!DOCTYPE html><html lang="en" data-color-mode="auto"><head>
<title>Releases · council/site · GitHub</title>
<link rel="search" type="application/opensearchdescription+xml" href="/opensearch.xml"
 title="GitHub">
<link href="https://github.com/council/site/tags.atom" rel="alternate"
 title="Tags from site" type="application/atom+xml">
<link href="https://github.com/council/site/releases.atom" rel="alternate"
 title="Release notes from site" type="application/atom+xml">
</head><body></body></html>"""

YOUTUBE = """<!DOCTYPE html><html><head><script nonce="x">var ytcfg={"a":"<link rel=alternate>"};
</script></head><body>
<link rel="canonical" href="https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv">
<link rel="alternate" media="handheld" href="https://m.youtube.com/@council">
<link rel="alternate" type="application/rss+xml" title="RSS"
 href="https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrstuv">
<link rel="alternate" href="android-app://com.google.android.youtube/http/www.youtube.com/@council">
</body></html>"""

PLAIN = """<HTML><HEAD><TITLE>Club</TITLE></HEAD><BODY BGCOLOR=white>
<A HREF="about.html">About</A> <A HREF="https://elsewhere.example/feed.xml">A friend's feed</A>
<A HREF="sitemap.xml">Map</A> <A HREF="news.rss"><IMG SRC="rss.gif" ALT="RSS"></A>
</BODY></HTML>"""


@pytest.mark.parametrize(
    ("page", "url", "announced"),
    [
        (WORDPRESS, SITE, ["feed/", "category/housing/feed/"]),
        (WORDPRESS, f"{SITE}about/", ["feed/", "category/housing/feed/"]),
        (
            WORDPRESS,
            f"{SITE}category/housing/",
            ["category/housing/feed/", "feed/"],
        ),
        (
            WORDPRESS_POST.format(site=SITE),
            f"{SITE}2026/10/haushalt/",
            ["feed/"],
        ),
        (HUGO_SECTION, f"{SITE}nieuws/", ["nieuws/index.xml"]),
        (JEKYLL, SITE, ["feed.xml"]),
        (GHOST, SITE, ["rss/"]),
        (DRUPAL, SITE, ["rss.xml"]),
        (DISCOURSE, SITE, ["latest.rss", "posts.rss"]),
        (
            BLOGGER,
            SITE,
            [
                "feeds/posts/default",
                "feeds/posts/default?alt=rss",
            ],
        ),
        (SQUARESPACE, f"{SITE}journal", ["journal?format=rss"]),
        (WIX, f"{SITE}blog", ["blog-feed.xml"]),
    ],
)
def test_the_feeds_that_generators_announce_are_found_best_first(page, url, announced):
    assert feed_addresses(page.encode(), url) == [SITE + place for place in announced]
    assert candidates(page, url)[: len(announced)] == [SITE + place for place in announced]


def test_the_page_of_a_projects_releases_stands_for_its_releases():
    url = "https://github.com/council/site/releases"
    assert feed_addresses(GITHUB_RELEASES.encode(), url) == [
        "https://github.com/council/site/releases.atom",
        "https://github.com/council/site/tags.atom",
    ]


def test_a_video_channel_names_its_feed_in_the_body():
    assert feed_addresses(YOUTUBE.encode(), "https://www.youtube.com/@council") == [
        "https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrstuv"
    ]


def test_a_plain_page_stands_for_the_feed_that_it_links_to_on_its_own_host():
    found = candidates(PLAIN, f"{SITE}club/index.html")
    assert found[0] == f"{SITE}club/news.rss"
    assert {urlsplit(address).hostname for address in found} == {"example.org"}
    assert not any("sitemap" in address for address in found)


@pytest.mark.parametrize(
    ("markup", "address"),
    [
        ("<LINK REL=Alternate TYPE=Application/RSS+XML HREF=/a>", "https://example.org/a"),
        ("<link rel='alternate' type='text/xml' title='RSS' href='/a'/>", "https://example.org/a"),
        ("<link rel='alternate' type='application/xml' href=rss.php>", f"{SITE}rss.php"),
        ("<link rel='alternate' title='Atom feed' href=/a>", "https://example.org/a"),
        ("<link rel='alternate' type='application/json' href=feed.json>", f"{SITE}feed.json"),
        ("<link rel='feed' href=/a>", "https://example.org/a"),
        ("<link rel='home feed' type='application/feed+json' href=/a>", "https://example.org/a"),
        ("<link rel=alternate type='application/rss+xml; charset=utf-8' href=/a>", f"{SITE}a"),
        ("<link rel=alternate type=application/rdf+xml href=//cdn.example/a>", "https://cdn.example/a"),
        ("<link rel=alternate type=text/atom href='?a=1&amp;b&copy=3'>", f"{SITE}?a=1&b&copy=3"),
        ("<link rel=alternate type=text/atom href=' /a#top '>", f"{SITE}a"),
        ("<link rel=alternate type=text/atom title='a > b' href=/a>", f"{SITE}a"),
        ("<link rel=alternate type=text/atom href=feed\\index.xml>", f"{SITE}feed/index.xml"),
        ("<link rel=alternate type=text/atom href='/my news'>", f"{SITE}my%20news"),
        ("<link rel=alternate type=text/atom href=feed://example.org/a>", f"{SITE}a"),
        ("<link rel=alternate type=text/atom href=feed:http://example.org/a>", "http://example.org/a"),
        ("<base href=/sub/><link rel=feed href=a>", f"{SITE}sub/a"),
        ("<base href=javascript:x><link rel=feed href=a>", f"{SITE}a"),
        ("<base target=_top><base href=//b.example/><link rel=feed href=a>", "https://b.example/a"),
        ("<meta name=robots content='noindex, nofollow'><link rel=feed href=/a>", f"{SITE}a"),
        ("<body><a rel=alternate type=application/rss+xml href=https://b.example/a>x</a>", "https://b.example/a"),
    ],
)  # fmt: skip
def test_a_feed_is_announced_in_many_ways(markup, address):
    assert feed_addresses(f"<!DOCTYPE html><html>{markup}".encode(), SITE) == [address]


@pytest.mark.parametrize(
    "markup",
    [
        "<link rel=stylesheet type=text/css href=/feed.css>",
        "<link rel='alternate stylesheet' title=feed href=/feed.css type=text/css>",
        "<link rel=alternate hreflang=de href=/de/feed>",
        "<link rel=alternate type=text/html href=/feed>",
        "<link rel=alternate type=application/json+oembed href=/feed>",
        "<link rel=alternate type=application/xml href=/data.xml>",
        "<link rel=feed type=text/html href=/feed>",
        "<link rel=search type=application/rss+xml href=/feed>",
        "<link rel=alternate type=application/rss+xml>",
        "<link rel=alternate type=application/rss+xml href='ftp://example.org/feed'>",
        "<link rel=alternate type=application/rss+xml href='javascript:feed()'>",
        "<link rel=alternate type=application/rss+xml href='https://user:word@example.org/feed'>",
        "<link rel=alternate type=application/rss+xml href='http://[::1/feed'>",
        "<link rel=alternate type=application/rss+xml href='http://example.org:99999/feed'>",
        f"<link rel=alternate type=application/rss+xml href='/{'a' * 3000}'>",
        "<link rel=alternate type=application/rss+xml href='/fe&#1;ed'>",
        "<!-- <link rel=alternate type=application/rss+xml href=/feed> -->",
        "<script>'<link rel=alternate type=application/rss+xml href=/feed>'</script>",
        "<textarea><link rel=alternate type=application/rss+xml href=/feed></textarea>",
    ],
)
def test_what_announces_no_feed_is_passed_over(markup):
    assert feed_addresses(f"<!DOCTYPE html><html>{markup}".encode(), SITE) == []


@pytest.mark.parametrize(
    ("url", "first"),
    [
        (f"{SITE}news/", "/news/feed"),
        (f"{SITE}news", "/news/feed"),
        (f"{SITE}news/index.php", "/news/feed"),
        (f"{SITE}de/ueber", "/de/feed"),
        (f"{SITE}newsletter/", "https://feeds.example/main"),
        (SITE, "https://feeds.example/main"),
    ],
)
def test_the_feed_of_the_pages_own_section_comes_first(url, first):
    feeds = ("https://feeds.example/main", "/tag/a/feed", "/news/feed", "/de/feed")
    if first.startswith("https:"):
        feeds = feeds[:2]
    page = "".join(f"<link rel=feed href={address}>" for address in feeds)
    assert candidates(page, url)[0] == (first if "feeds." in first else SITE[:-1] + first)


def test_a_feed_on_the_pages_own_host_is_preferred_to_one_elsewhere():
    page = "<link rel=feed href=https://feeds.example/main><link rel=feed href=/all.atom>"
    assert candidates(page, "https://www.example.org/")[0] == "https://www.example.org/all.atom"


def test_the_first_named_of_equals_comes_first():
    page = "<link rel=feed href=/b.atom><link rel=feed href=/a.rss>"
    assert candidates(page, SITE)[:2] == [f"{SITE}b.atom", f"{SITE}a.rss"]


def test_feeds_of_comments_are_left_out_and_a_commentary_is_no_comment():
    page = "<link rel=feed title='Reader comments' href=/a><link rel=feed title=Commentary href=/b>"
    assert feed_addresses(page.encode(), SITE) == [f"{SITE}b"]


@pytest.mark.parametrize(
    "link",
    [
        "<a href=/feed/>Follow us</a>",
        "<a href=/x/rss?lang=nl>Follow us</a>",
        "<a href=/all.xml>Follow us</a>",
        "<a href=https://www.example.org/feed.xml>Follow us</a>",
        "<a href=/en/feed.json>Follow us</a>",
        "<a href=/news?format=rss>Follow us</a>",
        "<a href=/subscribe>RSS</a>",
        "<a href=/subscribe><b>R</b> <span>RSS 2.0</span></a>",
        "<a href=/subscribe><img src=icon.png alt='RSS feed'></a>",
        "<a href=/subscribe title=Atom></a>",
        "<a href=/subscribe aria-label='RSS feed'><i class=icon></i></a>",
        "<a href=/one>One</a><a href=/subscribe>RSS",
    ],
)
def test_a_link_in_the_body_may_look_like_a_feed(link):
    error = error_of(link, SITE)
    assert error.message == (
        "a web page, not a feed; it announces no feed, but 1 link looks like one: "
        f"trying {error.instead.url} first"
    )


@pytest.mark.parametrize(
    "link",
    [
        "<a href=https://elsewhere.example/feed.xml>RSS</a>",
        "<a href=https://blog.example.org:8443/feed.xml>RSS</a>",
        "<a href=/sitemap.xml>RSS</a>",
        "<a href=/story>The atom: what a hundred years have taught us</a>",
        "<a href=/livestock-feeds>Feeds</a>",
        "<a href=mailto:rss@example.org>RSS</a>",
        "<a name=x>RSS</a>",
        "<p>RSS</p><a href=/x>More</a><p>RSS</p>",
    ],
)
def test_a_link_in_the_body_may_not_look_like_a_feed(link):
    assert error_of(link, SITE).message.endswith("no feed: trying well-known addresses")


def test_announced_feeds_come_before_linked_ones_and_both_before_guesses():
    page = "<a href=/linked.rss>x</a><link rel=feed href=/announced>"
    found = candidates(page, SITE)
    assert found[:3] == [f"{SITE}announced", f"{SITE}linked.rss", f"{SITE}feed"]


@pytest.mark.parametrize(
    ("generator", "url", "first"),
    [
        ("WordPress 6.8", SITE, ["feed/"]),
        ("WordPress 6.8", f"{SITE}about/", ["feed/", "about/index.xml"]),
        ("WordPress 6.8", f"{SITE}category/housing", ["category/housing/feed/", "feed/"]),
        ("Hugo 0.147.2", f"{SITE}news/", ["news/index.xml", "index.xml"]),
        ("Pelican", SITE, ["feeds/all.atom.xml"]),
        ("Ghost 5.115", SITE, ["rss/"]),
        ("Drupal 10 (https://www.drupal.org)", SITE, ["rss.xml"]),
        ("Discourse 3.5.0", SITE, ["latest.rss"]),
        ("blogger", SITE, ["feeds/posts/default"]),
        ("Wix.com Website Builder", SITE, ["blog-feed.xml"]),
        ("Joomla! - Open Source Content Management", SITE, ["?format=feed&type=rss"]),
        ("Homemade", f"{SITE}news/", ["news/feed", "news/rss.xml"]),
        ("Homemade", f"{SITE}contact.html", ["feed", "feed.xml"]),
    ],
)
def test_a_silent_page_is_tried_where_its_generator_puts_feeds(generator, url, first):
    page = (
        f"<meta name='viewport' content='x'><meta name='Generator' content='{generator}'>"
        "<meta name='generator' content='Elementor 3'>"
    )
    found = candidates(page, url)
    assert found[: len(first)] == [SITE + place for place in first]
    assert f"{SITE}{'about' if 'about' in url else 'contact.html'}/feed" not in found


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://medium.com/@council", "https://medium.com/feed/@council"),
        ("https://medium.com/council-blog/why-1a2b3c", "https://medium.com/feed/council-blog"),
        (
            "https://www.youtube.com/channel/UCabc/videos",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCabc",
        ),
    ],
)
def test_on_hosts_of_many_only_the_own_feed_is_guessed(url, address):
    assert candidates("<html>", url) == [address]


def test_a_path_that_looks_like_a_host_leads_to_no_other_host():
    found = candidates("<html>", "https://example.org//evil.example/x/")
    assert {urlsplit(address).netloc for address in found} == {"example.org"}


def test_no_address_is_tried_twice():
    page = (
        "<link rel=feed href=/feed><link rel=feed href=/feed/#x><link rel=feed href=/feed?utm_id=1>"
        "<link rel=feed href=http://example.org:80/feed><a href=/feed/>RSS</a>"
    )
    found = candidates(page, SITE)
    assert found[:2] == [f"{SITE}feed", f"{SITE}feed.xml"]
    assert "announces 1 feed:" in error_of(page, SITE).message


def test_many_feeds_are_counted_but_few_are_tried():
    page = "".join(f"<link rel=feed href=/feed{n}>" for n in range(20))
    error = error_of(page, SITE)
    assert error.message == (
        f"a web page, not a feed; it announces 20 feeds: trying {SITE}feed0 first"
    )
    assert candidates(page, SITE) == [f"{SITE}feed{n}" for n in range(CANDIDATE_LIMIT)]


def test_a_page_of_unknown_address_still_names_whole_addresses():
    page = b"<html><link rel=feed href=/here><link rel=feed href=https://example.org/there>"
    assert web_page_error(page, "").instead.url == "https://example.org/there"
    error = web_page_error(b"<html>", "")
    assert error.instead is None
    assert error.message.endswith("announces no feed: give the address of its feed")


def test_a_page_may_leave_out_its_root_where_the_header_says_html():
    page = b"<title>News</title><link rel=alternate type=application/rss+xml href=/a.rss>"
    assert parse_error(page, SITE, "text/html; charset=utf-8").instead.url == f"{SITE}a.rss"
    assert parse_error(b"Too many requests", SITE, "text/html").instead is None


def test_a_page_in_another_character_set_is_still_read():
    page = "<html><title>Bücher é</title><link rel=feed title=Bücher href=/bücher.rss>"
    assert candidates(page, SITE)[0] == f"{SITE}bücher.rss"
    latin = f"<html><title>é{'ü' * 50}</title><link rel=feed href=/a>".encode("latin-1")
    assert feed_addresses(latin, SITE) == [f"{SITE}a"]


def test_a_page_in_which_a_script_speaks_of_feeds_is_still_a_page():
    page = "<html><script>var a = '<rss>';</script><link rel=feed href=/a></html>"
    assert candidates(page, SITE)[0] == f"{SITE}a"


def test_only_the_first_256_kib_are_read():
    link = "<link rel=feed href=/a>"
    near, far = (f"<html>{' ' * size}{link}".encode() for size in (262_000, 263_000))
    assert feed_addresses(near, SITE) == [f"{SITE}a"]
    assert feed_addresses(far, SITE) == []


@pytest.mark.parametrize(
    "piece",
    [
        "<a href=/feed>",
        "<a>RSS",
        "<div>",
        "<b>",
        "<link rel=feed href=x>",
        "<link rel=feed href=/" + "a/" * 900 + ">",
        "<base href=x>",
        "<img alt=rss>",
        "<meta name=generator content=hugo>",
        "<a href=/feed title='",
        "&#x",
        "feed:",
    ],
)
def test_hostile_pages_take_little_time(piece):
    started = time.monotonic()
    found = candidates(f"<html><body>{piece * (1_000_000 // len(piece))}", f"{SITE}a/b/")
    assert len(found) == CANDIDATE_LIMIT
    assert time.monotonic() - started < MOST_SECONDS


def test_an_element_with_very_many_attributes_takes_little_time():
    names = " ".join(map("".join, product(string.ascii_lowercase, repeat=3)))
    links = "".join(f"<link rel=feed href={n} {names}>" for n in range(3))
    started = time.monotonic()
    assert candidates(f"<html>{links}", SITE)[:3] == [f"{SITE}{n}" for n in range(3)]
    assert time.monotonic() - started < MOST_SECONDS


def test_links_are_found_however_deep_they_stand():
    page = f"<html><body>{'<div>' * 5000}<a href=/deep.rss>x</a>"
    assert candidates(page, SITE)[0] == f"{SITE}deep.rss"


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
REFERENCES = st.builds(
    "{}{}{}".format,
    st.sampled_from(
        ["", "http://", "https://", "//", "/", "feed:", "feed://", "?", "http://[", "\\"]
    ),
    TEXTS,
    st.sampled_from(
        ["", "/feed", ".rss", ":0", ":99999", "@x.example/", "#a", " ", "\x00", "\xa0"]
    ),
)
TAGS = st.builds(
    '<{} rel="{}" type="{}" title="{}" href="{}">{}'.format,
    st.sampled_from(["link", "a", "base", "meta name=generator content=hugo", "!--", "script"]),
    st.sampled_from(["alternate", "feed", "feed alternate", "icon", ""]),
    st.sampled_from(["application/rss+xml", "text/xml", "application/feed+json", "text/html", ""]),
    TEXTS,
    REFERENCES,
    TEXTS,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    tags=st.lists(TAGS, max_size=12).map("".join),
    url=st.one_of(
        REFERENCES,
        st.sampled_from([SITE, f"{SITE}news/", f"{SITE}a/b.html?x#y", "http://[::1]:8080/", ""]),
    ),
)
def test_candidates_are_few_different_addresses_that_a_channel_may_have(tags, url):
    page = f"<!DOCTYPE html><html>{tags}".encode()
    request = parse_error(page, url).instead
    found = [request.url, *request.alternatives] if request else []
    assert len(set(found)) == len(found) <= CANDIDATE_LIMIT
    assert url not in found
    for address in found:
        load("feeds").check_address(address)
        assert urlsplit(address).scheme in {"http", "https"}


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=300).map(lambda noise: b"<html>" + noise))
def test_no_page_raises_anything_but_a_page_error(body):
    assert parse_error(body, SITE).outcome in Outcome


@pytest.mark.real
def test_no_real_feed_is_taken_for_a_page_and_any_real_soup_is_borne(real_data):
    entries = (real_data / "feeds" / "MANIFEST.jsonl").read_text("utf-8").splitlines()
    for entry in map(json.loads, entries):
        body = (real_data / "feeds" / entry["file"]).read_bytes()
        if entry["entries"]:
            assert load("feeds").parse(page_of(body, SITE, "text/html"), CHANNEL).activities
        request = web_page_error(b"<html><body>" + body, f"{SITE}news/").instead
        found = [request.url, *request.alternatives]
        assert len(set(found)) == len(found) <= CANDIDATE_LIMIT
        for address in found:
            load("feeds").check_address(address)


# builders


def candidates(markup, url):
    """All addresses to try for a page, in their order."""
    request = error_of(markup, url).instead
    assert request.purpose is Purpose.DISCOVERY
    return [request.url, *request.alternatives]


def error_of(markup, url):
    start = "" if markup.lower().startswith(("<!doctype", "<html")) else "<!DOCTYPE html><html>"
    error = parse_error((start + markup).encode(), url)
    assert error.outcome is Outcome.WRONG_TYPE
    return error


def parse_error(body, url, content_type="text/html"):
    with pytest.raises(PageError) as caught:
        load("feeds").parse(page_of(body, url, content_type), CHANNEL)
    return caught.value


def page_of(body, url, content_type):
    return Page(
        page_id="p1",
        channel_id="c1",
        requested_url=url,
        url=url,
        status=200,
        headers=(("content-type", content_type),),
        body=body,
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


CHANNEL = Channel(channel_id="c1", organization_id="o1", source="feeds", address=SITE)
