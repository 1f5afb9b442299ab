"""Rows 37 to 41: broken and dangerous documents, as the connector gets them."""

import ast
import gzip
import socket
import time
from pathlib import Path

import feedparser
import pytest
from hostile_server import reply
from process_memory import measured_growth
from watching import rss

import connectors
from connectors.contract import Outcome
from connectors.feeddocument.reader import read_feed

OK, MALFORMED = Outcome.OK, Outcome.MALFORMED
UTF8, LATIN, UTF16 = "utf-8", "iso-8859-1", "utf-16"
MOST_BYTES = 32 << 20
XML = {"Content_Type": "application/rss+xml"}


@pytest.mark.parametrize("said", ["", UTF8, LATIN, UTF16, "no-such-charset", "'utf-8'"])
@pytest.mark.parametrize("declared", ["", UTF8, LATIN, "windows-1252"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without mark", "with mark"])
def test_row_37_a_quarrel_about_the_character_set_is_a_note_and_no_failure(
    server, watch, said, declared, mark
):
    server.on(
        "/feed",
        reply(
            200, mark + titled("Café in Łódź", declared), Content_Type=f"text/xml;charset={said}"
        ),
        reply(200, titled("Café in Łódź", UTF8) + b"<!-- -->", **XML),
    )
    channel = watch()
    assert [channel.poll(), channel.poll()] == [OK, OK]
    assert [page.listing.entry_count for page in channel.pages] == [1, 1]
    assert len(channel.store) == 1
    agrees = all(name in ("", UTF8, "'utf-8'") for name in (said, declared))
    if agrees or mark:
        quarrel, plain = channel.pages
        assert quarrel.activities[0].content_fingerprint == plain.activities[0].content_fingerprint


def test_row_38_the_whole_items_of_a_broken_document_are_kept(server, project):
    broken = rss("1", "2", "3").replace(b"</channel></rss>", b"<item><guid>4</guid><title>A & <b>")
    collecting = project(server.on("/feed", reply(200, broken, **XML)))
    assert collecting.run()["fetched"] == 1
    assert collecting.rows("select is_malformed, malformed_reason <> '' from raw.listings") == [
        (True, True)
    ]
    assert collecting.rows("select count(*) >= 3 from raw.activities") == [(True,)]


#: Reported to feedparser as raising instead of being called malformed, and their like.
BREAKERS = {
    "half a character": b"&#xD800;",
    "no such character": b"&#99999999999;",
    "empty reference": b"&#;&#x;&;",
    "null bytes": b"\x00\x00",
    "no such encoding": b"\xff\xfe\xff",
    "unclosed CDATA": b"<![CDATA[ never closed",
    "unclosed declaration": b"<![endif]--><!ELEMENT <![",
    "a thousand open tags": b"<b>" * 1000,
}
PROLOGUES = {
    "plain": b'<?xml version="1.0"?>',
    "backslash in DOCTYPE": b'<!DOCTYPE rss \\ "x">',
    "DOCTYPE without end": b'<!DOCTYPE rss [<!ENTITY a "b',
    "impossible encoding": b'<?xml version="1.0" encoding="utf-7\x00"?>',
    "undecodable encoding": b'<?xml version="1.0" encoding="rot13"?>',
}


@pytest.mark.parametrize("prologue", PROLOGUES.values(), ids=PROLOGUES)
@pytest.mark.parametrize("breaker", BREAKERS.values(), ids=BREAKERS)
def test_row_39_no_document_makes_the_parser_raise(server, watch, prologue, breaker):
    item = b"<item><guid>1</guid><title>A" + breaker + b"</title></item>"
    body = prologue + b'<rss version="2.0"><channel>' + item + b"</channel></rss>"
    server.on("/feed", reply(200, body, **XML))
    channel = watch()
    assert channel.poll() in {OK, MALFORMED, Outcome.WRONG_TYPE}
    assert "parser failed" not in channel.state.last_error


def test_row_39_what_the_parser_raises_is_one_malformed_page(server, watch, monkeypatch):
    def fail(*_, **__):
        message = "by accident"
        raise ValueError(message)

    monkeypatch.setattr(feedparser, "parse", fail)
    server.on("/feed", reply(200, b"<rss><channel><item><guid>1", **XML))
    channel = watch()
    assert channel.poll() is MALFORMED
    assert "by accident" in channel.state.last_error


def laughs(levels=30):
    """Each entity is ten of the one before it."""
    steps = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">'
        for n in range(levels)
    )
    return bombed(steps, f"&l{levels - 1};")


def quadratic(kilobytes=100):
    """One long entity, many times."""
    long = "a" * (kilobytes << 10)
    return bombed(f'<!ENTITY a "{long}">', "&a;" * (kilobytes << 8))


ENTITIES = {
    "billion laughs": lambda _: laughs(),
    "quadratic": lambda _: quadratic(),
    "itself": lambda _: bombed('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
    "a file": lambda _: bombed('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
    "an address": lambda url: bombed(f'<!ENTITY a SYSTEM "{url}">', "&a;"),
    "a parameter": lambda url: bombed(f'<!ENTITY % a SYSTEM "{url}"> %a;', ""),
    "a definition": lambda url: f'<!DOCTYPE rss SYSTEM "{url}">'.encode() + rss("1"),
    "an inclusion": lambda url: rss("1").replace(b"<item>", inclusion(url) + b"<item>"),
    "a stylesheet": lambda url: f'<?xml-stylesheet href="{url}"?>'.encode() + rss("1"),
}


@pytest.mark.parametrize("make", ENTITIES.values(), ids=ENTITIES)
@pytest.mark.parametrize("ending", ["", "</broken>"], ids=["strict", "loose"])
def test_row_40_entities_cost_little_and_load_nothing(server, watch, make, ending):
    body = make(server.url("/entity")) + ending.encode()
    server.on("/feed", reply(200, gzip.compress(body), Content_Encoding="gzip", **XML))
    channel = watch()
    started_at = time.process_time()
    with measured_growth() as growth:
        channel.poll()
    assert time.process_time() - started_at < 1
    assert growth[0] < MOST_BYTES
    assert [asked.path for asked in server.asked] == ["/feed"]
    assert all(activity.text_length < 1 << 20 for activity in channel.store.values())


def test_row_41_parsing_opens_no_connection_whatever_the_document_is(server, monkeypatch):
    monkeypatch.setattr(socket, "socket", forbidden)
    monkeypatch.setattr(socket, "create_connection", forbidden)
    address = server.on("/feed", reply(200, rss("1"))).encode()
    for body in (address, b"  " + address, b"feed:" + address, b"/etc/hostname", b"-"):
        with pytest.raises(connectors.contract.PageError):
            read_feed(body)
    assert read_feed(rss("1") + b"</broken>").parser == "feedparser"
    assert server.asked == []


def test_row_41_feedparser_is_called_in_one_place_and_given_a_stream_of_bytes():
    given = [
        ast.unparse(call.args[0])
        for file in Path(connectors.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("feedparser.parse")
    ]
    assert given == ["io.BytesIO(body)"]


def forbidden(*_, **__):
    pytest.fail("a connection was opened")


def titled(title, declared):
    encoding = f' encoding="{declared}"' if declared else ""
    head = f'<?xml version="1.0"{encoding}?><rss version="2.0"><channel>'
    return f"{head}<item><guid>1</guid><title>{title}</title></item></channel></rss>".encode()


def bombed(definitions, title):
    item = f"<item><guid>1</guid><title>{title}</title></item>"
    head = f'<?xml version="1.0"?><!DOCTYPE rss [{definitions}]>'
    return f'{head}<rss version="2.0"><channel>{item}</channel></rss>'.encode()


def inclusion(url):
    return f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{url}"/>'.encode()
