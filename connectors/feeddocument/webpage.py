"""Answers that are no feed: what they are, and where the feed may be."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

from connectors.contract import Outcome, PageError

_HEAD_LENGTH = 262_144
_PROLOGUE = re.compile(rb"(?:\s+|<\?[^>]*>|<!--.*?(?:-->|\Z))*", re.DOTALL)
_HTML_DOCTYPE = re.compile(rb"<!doctype\s+html\b[^<>]*>", re.IGNORECASE)
_HTML_ROOT = re.compile(rb"<(?:html|head|body)\b", re.IGNORECASE)
_FEED_ROOT = re.compile(rb"<(?:rss|(?:\w+:)?feed|rdf:rdf)\b", re.IGNORECASE)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_LINK = re.compile(r"<link\b([^<>]*)>", re.IGNORECASE)
# The look-behind starts a name at its first letter only, which keeps the search linear.
_ATTRIBUTE = re.compile(
    r"""(?<![a-z-])([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
_FEED_TYPES = {
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
}
_LISTED_FEED_COUNT = 3
_HOW_TO_FIND = ' (look for <link rel="alternate"> in its source)'
_MAGIC = ((b"\x1f\x8b", "gzip data"), (b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP archive"))


def is_web_page(body: bytes) -> bool:
    """Whether a document is HTML by its type and root, after comments and instructions."""
    start = _after_prologue(body)
    doctype = _HTML_DOCTYPE.match(start)
    if doctype is None:
        return _HTML_ROOT.match(start) is not None
    return _FEED_ROOT.match(_after_prologue(start[doctype.end() :])) is None


def may_contain_feed(body: bytes) -> bool:
    """Whether a feed's root stands in the first 256 KiB: some servers wrap feeds in HTML."""
    return _FEED_ROOT.search(body[:_HEAD_LENGTH]) is not None


def _after_prologue(body: bytes) -> bytes:
    start = body[:_HEAD_LENGTH].removeprefix(b"\xef\xbb\xbf")
    prologue = _PROLOGUE.match(start)
    return start[prologue.end() :] if prologue else start


def feed_addresses(body: bytes, url: str) -> list[str]:
    """Absolute addresses of the feeds that a page names in its head, in order.

    Reads `<link rel="alternate" type="application/rss+xml|atom+xml|feed+json" href="…">`
    in the first 256 KiB; `url` is the page's own address.
    """
    head = body[:_HEAD_LENGTH].decode("utf-8", "replace")
    links = [_link_attributes(match[1]) for match in _LINK.finditer(head)]
    addresses = [_resolved(url, link["href"]) for link in links if _is_feed(link)]
    return list(dict.fromkeys(filter(None, addresses)))


def web_page_error(body: bytes, url: str) -> PageError:
    """The error for a web page; names the feeds that it announces, three at most."""
    message = "the answer is a web page, not a feed: give the address of its feed"
    addresses = feed_addresses(body, url)[:_LISTED_FEED_COUNT]
    hint = f", for example {', '.join(addresses)}" if addresses else _HOW_TO_FIND
    return PageError(Outcome.WRONG_TYPE, message + hint)


def unlike_feed_error(body: bytes) -> PageError:
    """The error for a document in which neither a feed format nor an entry was recognized."""
    message = f"the answer is no feed but {_appearance(body)}: give the address of a feed"
    return PageError(Outcome.WRONG_TYPE, message)


def _appearance(body: bytes) -> str:
    start = body[:_HEAD_LENGTH]
    for magic, name in _MAGIC:
        if start.startswith(magic):
            return name
    if b"\x00" in start:
        return "binary data"
    root = _ROOT.match(_after_prologue(start))
    return f"XML with root <{root[1].decode()}>" if root else "plain text or broken XML"


def _link_attributes(text: str) -> dict[str, str]:
    return {
        match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "")
        for match in _ATTRIBUTE.finditer(text)
    }


def _is_feed(link: dict[str, str]) -> bool:
    is_alternate = "alternate" in link.get("rel", "").lower().split()
    return is_alternate and link.get("type", "").lower() in _FEED_TYPES and "href" in link


def _resolved(url: str, href: str) -> str:
    """An absolute http(s) address, or "" for one that cannot be read."""
    try:
        address = urljoin(url, href.strip())
    except ValueError:
        return ""
    return address if address.startswith(("http://", "https://")) else ""
