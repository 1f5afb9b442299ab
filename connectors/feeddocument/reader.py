"""The way in: a stored answer becomes a feed document, by the fastest reader that fits."""

from __future__ import annotations

from connectors.contract import Outcome, PageError
from connectors.feeddocument.charset import decode_xml
from connectors.feeddocument.document import FeedDocument, RawDocument
from connectors.feeddocument.jsonfeed import is_json, read_json_feed
from connectors.feeddocument.loose import LooseReading, read_loosely
from connectors.feeddocument.normalization import ENTRY_LIMIT, read_entry, time_to_live_minutes
from connectors.feeddocument.strict import parse_xml, read_root
from connectors.feeddocument.text import language_tag, may_need_repair, repaired
from connectors.feeddocument.vocabulary import DeclinedError
from connectors.feeddocument.webpage import (
    is_web_page,
    may_contain_feed,
    unlike_feed_error,
    web_page_error,
)

_TOO_MANY = f"more than {ENTRY_LIMIT} entries"


def read_feed(body: bytes, *, content_type: str = "", url: str = "") -> FeedDocument:
    """The feed in an answer's body, whatever its format and however broken.

    JSON goes to the JSON Feed reader, well-formed XML with a feed's root to the strict one,
    anything else to feedparser, which reads the very same bytes. `content_type` is the
    header's value; `url` is used only to name a web page's own feeds in the error.

    Raises:
        PageError: empty, broken beyond repair (`MALFORMED`), or no feed (`WRONG_TYPE`).
    """
    if not body.strip():
        raise PageError(Outcome.MALFORMED, "empty answer")
    if is_json(body):
        return _json_document(body)
    is_page = is_web_page(body)
    if is_page and not may_contain_feed(body):
        raise web_page_error(body, url)
    document = read_strictly(body, content_type) or read_with_feedparser(body, content_type)
    if is_page and not document.entries:
        raise web_page_error(body, url)
    return document


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
        raise unlike_feed_error(body)
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
