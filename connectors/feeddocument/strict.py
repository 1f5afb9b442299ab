"""The fast path: well-formed XML, read field by field as feedparser would read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from connectors.feeddocument.document import RawDocument
from connectors.feeddocument.normalization import ENTRY_LIMIT
from connectors.feeddocument.relative import NO_BASE
from connectors.feeddocument.strictentry import EntryReader
from connectors.feeddocument.text import repaired
from connectors.feeddocument.vocabulary import (
    MEANINGFUL,
    DeclinedError,
    Scope,
    attributes,
    element_name,
    inner_scope,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

_RSS_FORMATS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM_FORMATS = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}
_FORMAT_NAMESPACES = {
    "http://purl.org/rss/1.0/": "rss10",
    "http://www.w3.org/2005/atom": "atom10",
}
_ENTRIES = frozenset({"item", "entry"})
_SUMMARIES = frozenset({"summary", "itunes_summary"})
_DESCRIPTIONS = frozenset({"description", "dc_description", "media_description"})
_CONTENTS = frozenset({"content", "content_encoded", "fullitem"})
_FIELDS = {
    "language": "language",
    "dc_language": "language",
    "ttl": "time_to_live",
    "sy_updateperiod": "update_period",
    "sy_updatefrequency": "update_frequency",
}
_TITLED = frozenset({"image", "textinput"})
_DECISIVE = (
    _ENTRIES | _SUMMARIES | _DESCRIPTIONS | _CONTENTS | frozenset(_FIELDS) | {"channel", "feed"}
)
_TEXTS = frozenset(
    {
        "title",
        "dc_title",
        "subtitle",
        "tagline",
        "itunes_subtitle",
        "rights",
        "copyright",
        "dc_rights",
        "info",
        "feedburner_browserfriendly",
    }
)


def parse_xml(utf8: bytes) -> _Element | None:
    """The root of a well-formed document in UTF-8; None when it is broken.

    Entities are not resolved, nothing is loaded, and libxml2's limits hold (depth 256,
    10 million characters in one text). XML 1.1 and any document type count as broken here.
    """
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(utf8, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    info = root.getroottree().docinfo
    is_usual = info.xml_version == "1.0" and info.internalDTD is None
    return root if is_usual else None


def read_root(root: _Element, repair: Callable[[str], str] = repaired) -> RawDocument:
    """The strings of a well-formed feed.

    `repair` undoes encoding accidents; `str` will do for a document that has none.

    Raises:
        DeclinedError: it is no feed, or it has something that only feedparser reads.
    """
    return _FeedReader(repair).read(root)


class _FeedReader:
    """Reads the head of a feed, and hands each entry to an `EntryReader`."""

    __slots__ = ("_document", "_entries", "_has_summary", "_repair")

    def __init__(self, repair: Callable[[str], str]) -> None:
        self._document = RawDocument()
        self._entries = EntryReader(repair)
        self._repair = repair
        self._has_summary = False

    def read(self, root: _Element) -> RawDocument:
        name = element_name(root)
        named = attributes(root)
        self._document.document_format = _format(root, name, named.get("version", ""))
        scope = inner_scope(Scope(NO_BASE, None), named)
        if name == "feed":
            self._document.language = scope.language
            self._read_feed(root, scope)
        else:
            self._document.language = scope.language if name == "rss" else None
            self._read_channels(root, scope)
        return self._document

    def _read_channels(self, root: _Element, scope: Scope) -> None:
        for child in root:
            name = element_name(child)
            if name == "channel":
                self._read_feed(child, _channel_scope(child, scope))
            elif name in _ENTRIES:
                self._read_entry(child, scope)
            elif name in _TITLED:
                _check_passed_over(child)
            else:
                message = f"{name} beside the channel"
                raise DeclinedError(message)

    def _read_feed(self, feed: _Element, scope: Scope) -> None:
        for child in feed:
            name = element_name(child)
            if name in _ENTRIES:
                self._read_entry(child, scope)
            else:
                self._read_head(child, name)

    def _read_entry(self, element: _Element, scope: Scope) -> None:
        """One entry; one past the limit is kept too, as the sign that there are more."""
        if len(self._document.entries) <= ENTRY_LIMIT:
            self._document.entries.append(self._entries.read(element, scope))

    def _read_head(self, element: _Element, name: str) -> None:
        if name in _FIELDS:
            self._read_field(element, _FIELDS[name], is_plain=name not in MEANINGFUL)
        elif name in _DESCRIPTIONS | _SUMMARIES:
            self._note_summary(name)
        elif name in _CONTENTS:
            self._has_summary = self._entries.has_content = True
        elif name in {"channel", "feed", "rss"}:
            message = f"{name} inside the feed"
            raise DeclinedError(message)
        if len(element):
            _check_passed_over(element)

    def _read_field(self, element: _Element, field: str, *, is_plain: bool) -> None:
        """Keep a text of the head; feedparser reads words it does not know without attributes."""
        if element.attrib and is_plain:
            message = f"attributes of {field}"
            raise DeclinedError(message)
        setattr(self._document, field, self._repair((element.text or "").strip()))

    def _note_summary(self, name: str) -> None:
        """A second summary in the head counts as content, and opens the first entry so."""
        if self._has_summary and not self._entries.has_content:
            self._entries.has_content = True
        elif name in _SUMMARIES:
            self._has_summary = True


def _format(root: _Element, name: str, version: str) -> str:
    """The document's format in feedparser's words: the first format namespace counts."""
    declared = ""
    for prefix, uri in root.nsmap.items():
        declared = declared or _namespace_format(prefix, uri.lower())
    if name == "rss" and not declared.startswith("rss"):
        return _RSS_FORMATS.get(version) or ("rss20" if version.startswith("2.") else "rss")
    if name == "feed" and not declared:
        return _ATOM_FORMATS.get(version, "atom")
    if name not in {"rss", "feed", "rdf_rdf"} or not declared:
        message = f"the root {name}"
        raise DeclinedError(message)
    return declared


def _namespace_format(prefix: str | None, uri: str) -> str:
    if prefix is None and uri == "http://my.netscape.com/rdf/simple/0.9/":
        return "rss090"
    return _FORMAT_NAMESPACES.get(uri, "")


def _channel_scope(channel: _Element, scope: Scope) -> Scope:
    named = attributes(channel)
    if "lastmod" in named or "href" in named:
        message = "lastmod or href on the channel"
        raise DeclinedError(message)
    return inner_scope(scope, named)


def _check_passed_over(element: _Element) -> None:
    """Decline when something that counts stands inside a part that is passed over."""
    is_image = element_name(element) in _TITLED
    is_text = element_name(element) in _TEXTS | _DESCRIPTIONS | _SUMMARIES | _CONTENTS
    for part in element.iterdescendants("*"):
        name = element_name(part)
        is_decisive = name in _DECISIVE and not (is_image and name in _DESCRIPTIONS)
        if is_decisive or (is_text and (name in MEANINGFUL or name in {"div", "svg", "math"})):
            message = f"{name} inside {element.tag}"
            raise DeclinedError(message)
