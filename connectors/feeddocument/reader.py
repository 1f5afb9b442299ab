"""The way in: a stored answer becomes a feed document, by the fastest reader that fits."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from connectors.contract import Outcome, PageError
from connectors.feeddocument.charset import decode_xml
from connectors.feeddocument.document import FeedDocument, RawDocument
from connectors.feeddocument.entities import refuse_bomb
from connectors.feeddocument.jsonfeed import is_json, read_json_feed
from connectors.feeddocument.loose import LooseReading, read_loosely
from connectors.feeddocument.normalization import ENTRY_LIMIT, read_entry, time_to_live_minutes
from connectors.feeddocument.strict import parse_xml, read_root
from connectors.feeddocument.text import language_tag, may_need_repair, repaired
from connectors.feeddocument.vocabulary import DeclinedError
from connectors.feeddocument.webpage import web_page_error

_TOO_MANY = f"more than {ENTRY_LIMIT} entries"
_START_LENGTH = 262_144
_MARKUP_LENGTH = 4
_WIDE_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*(?:utf-?(?:16|32)|ucs-?[24])", re.IGNORECASE)
_PROLOGUE = re.compile(rb"(?:\s+|<\?[^>]*>|<!--.*?(?:-->|\Z))*", re.DOTALL)
_HTML_DOCTYPE = re.compile(rb"<!doctype\s+html\b[^<>]*>", re.IGNORECASE)
_HTML_ROOT = re.compile(rb"<(?:html|head|body)\b", re.IGNORECASE)
_HTML_ELEMENT = re.compile(
    rb"<(?:title|meta|link|base|script|style|div|p|h[1-6]|table|center|font|main|header|nav|a)\b",
    re.IGNORECASE,
)
_FEED_ROOT = re.compile(rb"<(?:rss|(?:\w+:)?feed|rdf:rdf)\b", re.IGNORECASE)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_MAGIC = ((b"\x1f\x8b", "gzip data"), (b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP archive"))


def read_feed(
    body: bytes, *, content_type: str = "", url: str = "", asked_url: str = ""
) -> FeedDocument:
    """The feed in an answer's body, whatever its format and however broken.

    JSON goes to the JSON Feed reader, well-formed XML with a feed's root to the strict one,
    anything else to feedparser, which reads the very same bytes. `content_type` is the
    header's value; `url` and `asked_url` (its own address, and the one that was asked for)
    serve only to find the feed that a web page stands for.

    Raises:
        PageError: empty, broken beyond repair (`MALFORMED`), or no feed (`WRONG_TYPE`); for a
            web page it says where the feed may be.
    """
    if not body.strip():
        raise PageError(Outcome.MALFORMED, "empty answer")
    if is_json(body):
        return _json_document(body)
    refuse_bomb(body)
    content_type = _believable(content_type, body)
    if not _is_web_page(body, content_type):
        return _xml_document(body, content_type)
    document = _feed_in_page(body, content_type)
    if document is None:
        raise web_page_error(body, url, asked_url)
    return document


def _believable(content_type: str, body: bytes) -> str:
    """The content type without a charset that the first bytes disprove (RFC 7303 §3)."""
    start = body.removeprefix(codecs.BOM_UTF8)[:_MARKUP_LENGTH]
    is_bytewise = start.startswith(b"<") and b"\x00" not in start
    if is_bytewise and _WIDE_CHARSET.search(content_type):
        return content_type.partition(";")[0]
    return content_type


def _xml_document(body: bytes, content_type: str) -> FeedDocument:
    return read_strictly(body, content_type) or read_with_feedparser(body, content_type)


def _feed_in_page(body: bytes, content_type: str) -> FeedDocument | None:
    """The feed that some servers wrap in a web page; None without an entry in it."""
    if _FEED_ROOT.search(body[:_START_LENGTH]) is None:
        return None
    with suppress(PageError):
        document = _xml_document(body, content_type)
        return document if document.entries else None
    return None


def read_strictly(body: bytes, content_type: str = "") -> FeedDocument | None:
    """The feed in well-formed XML; None where feedparser has to look."""
    decoded = decode_xml(body, content_type)
    root = parse_xml(decoded.utf8) if decoded else None
    if decoded is None or root is None:
        return None
    try:
        raw = read_root(root, repaired if may_need_repair(decoded.utf8) else str)
    except DeclinedError:
        return None
    reading = LooseReading(raw, decoded.encoding, is_malformed=False, reason=decoded.note)
    return _document(reading, "strict")


def read_with_feedparser(body: bytes, content_type: str = "") -> FeedDocument:
    """The feed as feedparser reads it.

    Raises:
        PageError: neither a format nor an entry was recognized, or feedparser failed.
    """
    reading = read_loosely(body, content_type)
    if not reading.document.document_format and not reading.document.entries:
        raise _unlike_feed_error(body)
    return _document(reading, "feedparser")


def _json_document(body: bytes) -> FeedDocument:
    reading = LooseReading(read_json_feed(body), "utf-8", is_malformed=False, reason="")
    return _document(reading, "strict")


def _document(reading: LooseReading, parser: str) -> FeedDocument:
    raw = reading.document
    return FeedDocument(
        document_format=raw.document_format or "unknown",
        encoding=reading.encoding,
        parser=parser,
        language=language_tag(raw.language),
        is_malformed=reading.is_malformed,
        malformed_reason=_reason(raw, reading.reason),
        time_to_live_minutes=time_to_live_minutes(raw),
        entries=tuple(map(read_entry, raw.entries[:ENTRY_LIMIT])),
    )


def _reason(raw: RawDocument, reason: str) -> str:
    """The reader's own reason, and that entries were left out."""
    is_cut = len(raw.entries) > ENTRY_LIMIT
    return "; ".join(filter(None, (reason, _TOO_MANY if is_cut else "")))


def _is_web_page(body: bytes, content_type: str) -> bool:
    """Whether a document is HTML by its type and root, after comments and instructions.

    Where the content type says HTML, a page may leave out its root.
    """
    start = _after_prologue(body)
    doctype = _HTML_DOCTYPE.match(start)
    if doctype is not None:
        return _FEED_ROOT.match(_after_prologue(start[doctype.end() :])) is None
    is_declared = "html" in content_type.lower() and _HTML_ELEMENT.match(start) is not None
    return is_declared or _HTML_ROOT.match(start) is not None


def _after_prologue(body: bytes) -> bytes:
    start = body[:_START_LENGTH].removeprefix(b"\xef\xbb\xbf")
    prologue = _PROLOGUE.match(start)
    return start[prologue.end() :] if prologue else start


def _unlike_feed_error(body: bytes) -> PageError:
    """The error for a document in which neither a feed format nor an entry was recognized."""
    message = f"the answer is no feed but {_appearance(body)}: give the address of a feed"
    return PageError(Outcome.WRONG_TYPE, message)


def _appearance(body: bytes) -> str:
    start = body[:_START_LENGTH]
    for magic, name in _MAGIC:
        if start.startswith(magic):
            return name
    if b"\x00" in start:
        return "binary data"
    root = _ROOT.match(_after_prologue(start))
    return f"XML with root <{root[1].decode()}>" if root else "plain text or broken XML"
