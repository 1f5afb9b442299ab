"""Documents made to hurt: every one ends soon, as a feed or as a typed error."""

import gzip
import socket
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Outcome, PageError
from connectors.feeddocument import loose
from connectors.feeddocument.reader import read_feed, read_strictly, read_with_feedparser
from connectors.feeddocument.text import plain_text, repaired
from connectors.feeddocument.webpage import feed_addresses

MOST_SECONDS = 10  # generous: the machine may be busy; what is not linear takes hours

SHARDS = (
    b"<rss>",
    b"<item>",
    b"</item>",
    b"<title>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'>",
    b"<entry>",
    b"<link href='//['>",
    b"<?xml ",
    b"<!--",
    b"]]>",
    b"&",
    b"\xe9",
    b"\x00",
    b"{",
)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*arguments, **_named):
        raise AssertionError(arguments)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_a_billion_laughs_are_not_laughed():
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "laugh">' for n in range(12)
    )
    document = f"<!DOCTYPE rss [{entities}]>{rss('<title>&l11;</title>')}".encode()
    assert read_strictly(document) is None
    assert ending(document) is Outcome.MALFORMED


def test_one_huge_entity_used_often_is_not_multiplied():
    title = f"<title>{'&a;' * 10_000}</title>"
    document = f'<!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>{rss(title)}'.encode()
    assert read_strictly(document) is None
    assert ending(document) is Outcome.MALFORMED


def test_entities_for_letters_are_read_as_before():
    entities = '<!ENTITY euro "&#8364;"><!ENTITY eacute "&#233;">'
    document = f"<!DOCTYPE rss [{entities}]>{rss('<title>Caf&eacute; 5 &euro;</title>')}".encode()
    assert ending(document) == 1
    assert read_feed(document).entries[0].text_length == len("Café 5 €")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_bomb_in_wide_characters_is_refused_as_well(encoding):
    document = f'<!DOCTYPE rss [<!ENTITY a "{"a" * 1000}">]>{rss("<title>&a;</title>")}'
    assert ending(document.encode(encoding)) is Outcome.MALFORMED


@pytest.mark.parametrize("place", ["file://{}", "{}", "http://127.0.0.1:9/{}"])
def test_external_entities_are_never_loaded(place, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("confidential", "utf-8")
    system = place.format(secret)
    document = (
        f'<!DOCTYPE rss SYSTEM "{system}" [<!ENTITY e SYSTEM "{system}">'
        f'<!ENTITY % p SYSTEM "{system}"> %p;]>{rss("<title>[&e;]</title>")}'
    ).encode()
    assert read_strictly(document) is None
    with suppress(PageError):
        assert "confidential" not in read_feed(document).entries[0].title


def test_a_body_is_never_taken_for_the_name_of_a_file(tmp_path):
    feed = tmp_path / "feed.xml"
    feed.write_text(rss("<title>confidential</title>"), "utf-8")
    for body in (str(feed).encode(), f"file://{feed}".encode(), b"http://127.0.0.1:9/feed"):
        assert ending(body) is Outcome.WRONG_TYPE


@pytest.mark.parametrize("depth", [300, 10_000])
def test_deep_nesting_is_bounded(depth):
    nested = rss("<x>" * depth + "<title>Deep</title>" + "</x>" * depth).encode()
    assert ending(nested) in {1, Outcome.MALFORMED}
    deep_json = b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000
    assert ending(deep_json) is Outcome.MALFORMED


def test_nul_bytes_do_not_hide_the_rest_of_a_feed():
    document = rss("<title>A\x00B</title><link>https://x.example/</link>").encode()
    feed = read_feed(document)
    assert feed.is_malformed
    assert len(feed.entries) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
@pytest.mark.parametrize(
    "content_type", ["", "application/xml", "application/rss+xml; charset=utf-8"]
)
def test_every_unicode_encoding_is_read(encoding, content_type):
    declaration = '<?xml version="1.0" encoding="{}"?>'.format(encoding.partition("-sig")[0][:6])
    document = (declaration + rss("<title>Café 日本</title>")).encode(encoding)
    (entry,) = read_feed(document, content_type=content_type).entries
    assert entry.title == "Café 日本"


@pytest.mark.parametrize("content_type", ["text/xml", "text/xml; charset=us-ascii", "text/plain"])
def test_a_wrong_charset_in_the_header_is_noted_but_no_malformation(content_type):
    document = ('<?xml version="1.0" encoding="utf-8"?>' + rss("<title>Café</title>")).encode()
    strict = read_strictly(document, content_type)
    assert strict is not None
    assert strict.malformed_reason == "document declared as us-ascii, but parsed as utf-8"
    for feed in (strict, read_with_feedparser(document, content_type)):
        assert not feed.is_malformed
        assert feed.malformed_reason == strict.malformed_reason
        assert (feed.encoding, feed.entries[0].title) == ("utf-8", "Café")


def test_a_gzipped_body_is_named():
    with pytest.raises(PageError, match="gzip data"):
        read_feed(gzip.compress(rss("").encode()))


def test_a_failure_of_feedparser_is_a_malformed_page(monkeypatch):
    def fail(*_arguments, **_named):
        message = "unexpected"
        raise IndexError(message)

    monkeypatch.setattr(loose.feedparser, "parse", fail)
    with pytest.raises(PageError, match="IndexError: unexpected") as caught:
        read_feed(b"<rss><channel><item>")
    assert caught.value.outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    "piece", ["<a", "<!--", "<script>", "&", "&#", "<p", "</", "--> <!--", "<x:a b='", "]]>"]
)
def test_removing_markup_takes_linear_time(piece):
    started = time.monotonic()
    plain_text(piece * (1_000_000 // len(piece)))
    repaired("é" + piece * 100_000)
    assert time.monotonic() - started < MOST_SECONDS


@pytest.mark.parametrize(
    "piece", [b"<link ", b"a", b" ", b"<!--", b"<?", b"<link rel='alternate' "]
)
def test_looking_for_feeds_in_a_page_takes_linear_time(piece):
    started = time.monotonic()
    page = b"<html><link " + piece * (1_000_000 // len(piece))
    assert feed_addresses(page, "https://x.example/") == []
    ending(page)
    assert time.monotonic() - started < MOST_SECONDS


@settings(max_examples=150, deadline=None)
@given(
    body=st.binary(max_size=200) | st.lists(st.sampled_from(SHARDS)).map(b"".join),
    content_type=st.sampled_from(["", "text/html", "text/xml; charset=nonsense", ";;=", "a/b+xml"]),
)
def test_no_bytes_raise_anything_but_a_page_error(body, content_type):
    with suppress(PageError):
        assert read_feed(body, content_type=content_type, url="https://x.example/").parser


# builders


def ending(document):
    """How reading ends: the number of entries, or the outcome of the error."""
    started = time.monotonic()
    try:
        return len(read_feed(document).entries)
    except PageError as error:
        return error.outcome
    finally:
        assert time.monotonic() - started < MOST_SECONDS


def rss(parts):
    return f'<rss version="2.0"><channel><item>{parts}</item></channel></rss>'
