"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
import re

from connectors.contract import Outcome, PageError
from connectors.feeddocument.document import RawDocument, RawEntry
from connectors.feeddocument.normalization import ENTRY_LIMIT

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(\d+(?:\.\d+)?)/?", re.ASCII)
_JSON_STARTS = (b"{", b"[")


def is_json(body: bytes) -> bool:
    """Whether a body starts as a JSON object or list does."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in _JSON_STARTS


def read_json_feed(body: bytes) -> RawDocument:
    """The strings of a JSON Feed; items that are no objects are left out.

    Raises:
        PageError: broken JSON (`Outcome.MALFORMED`), or JSON that is no JSON Feed
            (`Outcome.WRONG_TYPE`).
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        message = f"the answer is broken JSON ({error})"
        raise PageError(Outcome.MALFORMED, message) from error
    version = _VERSION.fullmatch(_string(document, "version") or "")
    if version is None:
        message = "the answer is JSON that is no JSON Feed: give the address of a feed"
        raise PageError(Outcome.WRONG_TYPE, message)
    return _document(document, version[1])


def _document(document: dict[str, object], version: str) -> RawDocument:
    items = document.get("items")
    known = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return RawDocument(
        document_format="json" + version.replace(".", "").ljust(2, "0"),
        language=_string(document, "language"),
        entries=[_entry(item) for item in known[: ENTRY_LIMIT + 1]],
    )


def _entry(item: dict[str, object]) -> RawEntry:
    bodies = (_string(item, "content_html"), _string(item, "content_text"))
    return RawEntry(
        entry_id=_string(item, "id"),
        link=_string(item, "url") or _string(item, "external_url"),
        title=_string(item, "title"),
        summary=_string(item, "summary"),
        contents=[body for body in bodies if body],
        published=_string(item, "date_published"),
        updated=_string(item, "date_modified"),
        language=_string(item, "language"),
    )


def _string(mapping: object, key: str) -> str | None:
    """A text of an object, stripped; numbers as text, since some feeds number their items."""
    value = mapping.get(key) if isinstance(mapping, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip()
