"""The forgiving path: feedparser, the reference, for whatever the fast path leaves."""

from __future__ import annotations

import io
from typing import NamedTuple

import feedparser

from connectors.contract import Outcome, PageError
from connectors.feeddocument.document import RawDocument, RawEntry
from connectors.feeddocument.normalization import ENTRY_LIMIT
from connectors.feeddocument.relative import NO_BASE

_LONGEST_REASON_LENGTH = 200
_DISAGREEMENTS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)


class LooseReading(NamedTuple):
    """What feedparser made of a document."""

    document: RawDocument
    encoding: str
    is_malformed: bool
    reason: str


def read_loosely(body: bytes, content_type: str) -> LooseReading:
    """The strings of a document that feedparser can save, well-formed or not.

    feedparser gets a stream, never an address, and so cannot load anything. A mere
    disagreement about the character set or media type is a reason, but no malformation.

    Raises:
        PageError: feedparser itself failed (`Outcome.MALFORMED`).
    """
    try:
        parsed = feedparser.parse(
            io.BytesIO(body),  # bare bytes it would first try to open as the name of a file
            response_headers=_headers(content_type),
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:
        message = f"the feed is broken beyond repair ({type(error).__name__}: {error})"
        raise PageError(Outcome.MALFORMED, message) from error
    return _reading(parsed)


def _headers(content_type: str) -> dict[str, str]:
    """What feedparser is told: the type, XML where none came, and the base for no base."""
    return {"content-type": content_type or "application/xml", "content-location": NO_BASE}


def _reading(parsed: feedparser.FeedParserDict) -> LooseReading:
    error = parsed.get("bozo_exception")
    return LooseReading(
        document=_document(parsed),
        encoding=str(parsed.get("encoding", "")).lower(),
        is_malformed=bool(parsed["bozo"]) and not isinstance(error, _DISAGREEMENTS),
        reason=" ".join(str(error).split())[:_LONGEST_REASON_LENGTH] if error else "",
    )


def _document(parsed: feedparser.FeedParserDict) -> RawDocument:
    head = parsed["feed"]
    return RawDocument(
        document_format=parsed.get("version") or "",
        language=_string(head, "language"),
        time_to_live=_string(head, "ttl"),
        update_period=_string(head, "sy_updateperiod"),
        update_frequency=_string(head, "sy_updatefrequency"),
        entries=[_entry(entry) for entry in parsed["entries"][: ENTRY_LIMIT + 1]],
    )


def _entry(entry: dict[str, object]) -> RawEntry:
    contents = [part for part in _list(entry, "content") if isinstance(part, dict)]
    return RawEntry(
        entry_id=_string(entry, "id"),
        link=_string(entry, "link"),
        title=_string(entry, "title"),
        summary=_string(entry, "summary"),
        contents=[_string(part, "value") or "" for part in contents],
        published=_string(entry, "published"),
        updated=_string(entry, "updated"),
        created=_string(entry, "created"),
        language=_string(entry, "language"),
        title_language=_detail_language(entry, "title_detail"),
        content_language=_string(contents[-1], "language") if contents else None,
        summary_language=_detail_language(entry, "summary_detail"),
        comment_count=_string(entry, "slash_comments"),
    )


def _string(mapping: dict[str, object], key: str) -> str | None:
    """A string of a feedparser dictionary, without its substitutions of one key for another."""
    value = dict.get(mapping, key)
    return value if isinstance(value, str) else None


def _list(mapping: dict[str, object], key: str) -> list[object]:
    value = dict.get(mapping, key)
    return value if isinstance(value, list) else []


def _detail_language(entry: dict[str, object], key: str) -> str | None:
    detail = dict.get(entry, key)
    return _string(detail, "language") if isinstance(detail, dict) else None
