"""One entry of a well-formed XML feed.

feedparser reads a feed as a flat stream: whatever stands anywhere below an entry counts
for the entry. Which of several elements of one name wins therefore depends on depth and
order. This reader follows the same rules for what feeds use, and declines the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from connectors.feeddocument.document import RawEntry
from connectors.feeddocument.inline import inline_markup
from connectors.feeddocument.relative import joined
from connectors.feeddocument.vocabulary import (
    DeclinedError,
    Scope,
    attributes,
    element_name,
    inner_scope,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_DEEPEST = 50
_HTML = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})
_KINDS = _HTML | {"text/plain", "text", "plain", ""}
_XHTML = frozenset({"xhtml", "application/xhtml+xml"})
_AMPERSAND_NAME = re.compile(r"&([A-Za-z0-9_]+);")
_SOURCE_PARTS = frozenset(
    {
        "title",
        "id",
        "link",
        "updated",
        "published",
        "rights",
        "subtitle",
        "author",
        "name",
        "uri",
        "email",
        "generator",
        "icon",
        "logo",
        "category",
        "contributor",
    }
)


Handler = Callable[["EntryReader", "_Element", int], None]


def _plain(field: str) -> Handler:
    """A handler that keeps an element's text in a field."""

    def keep(reader: EntryReader, element: _Element, depth: int) -> None:
        reader._store(field, reader._repair(_only_text(element)), depth)  # noqa: SLF001 - a part of it

    return keep


def _table(handler: Handler, names: str) -> dict[str, Handler]:
    return dict.fromkeys(names.split(), handler)


class EntryReader:
    """Reads entries of one document, one after the other.

    Attributes:
        has_content: whether a content element was met since the last entry ended; feedparser
            carries this flag from the head of the feed into its first entry.
    """

    __slots__ = (
        "_depths",
        "_entry",
        "_handlers",
        "_repair",
        "_scope",
        "_text_language",
        "_title_depth",
        "has_content",
    )

    def __init__(self, repair: Callable[[str], str]) -> None:
        self._handlers: dict[str, Handler | None] = {}
        self._repair = repair
        self.has_content = False

    def read(self, element: _Element, scope: Scope) -> RawEntry:
        """The strings of an `item` or `entry` element; `scope` is its parent's.

        Raises:
            DeclinedError: the entry has something that only feedparser reads.
        """
        self._entry = RawEntry()
        self._scope = scope
        self._depths: dict[str, int] = {}
        self._title_depth = -1
        if element.attrib:
            self._open(attributes(element))
        self._visit(element, 1)
        self.has_content = False
        return self._entry

    def _open(self, named: dict[str, str]) -> None:
        if "lastmod" in named or "href" in named:
            message = "lastmod or href on an entry"
            raise DeclinedError(message)
        self._scope = inner_scope(self._scope, named)
        self._entry.entry_id = named.get("rdf:about") or None

    def _visit(self, parent: _Element, depth: int) -> None:
        handlers = self._handlers
        for child in parent:
            tag = child.tag
            if tag not in handlers:
                handlers[tag] = self._TABLE.get(element_name(child))
            handler = handlers[tag]
            if handler is not None:
                handler(self, child, depth)
            elif len(child):
                self._visit_container(child, depth)

    def _visit_container(self, element: _Element, depth: int) -> None:
        named = attributes(element) if element.attrib else {}
        if depth > _DEEPEST or inner_scope(self._scope, named) != self._scope:
            message = f"language, base or depth of {element.tag}"
            raise DeclinedError(message)
        self._visit(element, depth + 1)

    def _store(self, name: str, value: str, depth: int) -> None:
        """Keep a value unless one from higher up in the entry is there already."""
        if depth <= self._depths.get(name, depth):
            self._depths[name] = depth
            setattr(self._entry, name, value)

    def _text(self, element: _Element) -> str:
        """The text of a title or body; its language is left in `_text_language`."""
        kind = ""
        self._text_language = self._scope.language
        if element.attrib:
            named = attributes(element)
            kind = _kind(named)
            self._text_language = inner_scope(self._scope, named).language
        if kind in _XHTML or len(element):
            return inline_markup(element, is_xml=kind in _XHTML)
        text = element.text
        return self._repair(text.strip()) if text else ""

    def _title(self, element: _Element, depth: int) -> None:
        title = self._text(element)
        if len(element) and not "".join(map(str, element.itertext())).strip():
            message = "a title of tags alone"
            raise DeclinedError(message)
        if not -1 < self._title_depth <= depth:
            self._store("title", title, depth)
            self._entry.title_language = self._text_language
        if title:
            self._title_depth = depth

    def _media_title(self, element: _Element, depth: int) -> None:
        title_depth = self._title_depth
        self._title(element, depth)
        self._title_depth = title_depth

    def _summary(self, element: _Element, depth: int) -> None:
        if self._entry.summary is not None and not self.has_content:
            self._content(element, depth)
        else:
            self._store("summary", self._text(element), depth)
            self._entry.summary_language = self._text_language

    def _content(self, element: _Element, _depth: int) -> None:
        self.has_content = True
        body = self._text(element)
        self._entry.contents.append(body)
        self._entry.content_language = self._text_language
        if self._entry.summary is None:
            self._entry.summary = body

    def _link(self, element: _Element, _depth: int) -> None:
        named = attributes(element) if element.attrib else {}
        address = named.get("url") or named.get("uri") or named.get("href")
        if address is None and "href" not in named:
            self._entry.link = self._link_text(element, named)
        elif named.get("rel", "alternate") == "alternate" and _leads_to_page(named):
            self._entry.link = self._resolved(address or "", named)

    def _link_text(self, element: _Element, named: dict[str, str]) -> str:
        link = _only_text(element)
        link = self._repair(self._resolved(link, named) if link else "")
        return _AMPERSAND_NAME.sub(r"&\1", link.replace("&amp;", "&")) if "&" in link else link

    def _guid(self, element: _Element, depth: int) -> None:
        entry_id = _only_text(element)
        named = attributes(element) if element.attrib else {}
        is_link = named.get("ispermalink", "true") == "true"
        if entry_id and is_link:
            entry_id = self._resolved(entry_id, named)
        entry_id = self._repair(entry_id)
        self._store("entry_id", entry_id, depth)
        if is_link and self._entry.link is None:
            self._entry.link = entry_id

    def _resolved(self, address: str, named: dict[str, str]) -> str:
        return joined(inner_scope(self._scope, named).base if named else self._scope.base, address)

    def _image(self, element: _Element, _depth: int) -> None:
        _without_children(element)
        self._title_depth = -1

    def _source(self, element: _Element, depth: int) -> None:
        """Pass over the feed that an entry was taken from; only its title leaves a trace."""
        self._title_depth = -1
        for part in element.iterdescendants("*"):
            name = element_name(part)
            if name not in _SOURCE_PARTS or (name == "title" and part.getparent() is not element):
                message = f"{name} inside source"
                raise DeclinedError(message)
            if name == "title" and _only_text(part):
                self._title_depth = depth + 1

    def _comment_count(self, element: _Element, depth: int) -> None:
        if element.attrib:
            self._decline(element, depth)
        self._store("comment_count", self._repair(_only_text(element)), depth)

    def _ignored_text(self, element: _Element, _depth: int) -> None:
        self._text(element)

    def _decline(self, element: _Element, _depth: int) -> None:
        message = f"{element.tag} inside an entry"
        raise DeclinedError(message)

    _TABLE: ClassVar[dict[str, Handler]] = {
        **_table(_title, "title dc_title"),
        **_table(_media_title, "media_title"),
        **_table(
            _summary,
            "description dc_description media_description summary itunes_summary",
        ),
        **_table(_content, "content content_encoded fullitem"),
        **_table(_link, "link"),
        **_table(_guid, "id guid"),
        **_table(_plain("published"), "published pubdate issued dcterms_issued"),
        **_table(_plain("updated"), "updated modified lastbuilddate dc_date dcterms_modified"),
        **_table(_plain("created"), "created dcterms_created"),
        **_table(_plain("language"), "language dc_language"),
        **_table(_comment_count, "slash_comments"),
        **_table(_source, "source"),
        **_table(_image, "image"),
        **_table(
            _ignored_text,
            "subtitle tagline itunes_subtitle rights copyright dc_rights info "
            "feedburner_browserfriendly",
        ),
        **_table(
            _decline,
            "item entry channel feed rss textinput abstract body xhtml_body "
            "date links title_detail summary_detail",
        ),
    }


def _kind(named: dict[str, str]) -> str:
    """The declared type of a title or body; "" without one."""
    kind = named.get("type", "")
    if kind not in _KINDS or named.get("mode") == "base64":
        message = f"type {kind} {named.get('mode', '')}"
        raise DeclinedError(message)
    return kind


def _leads_to_page(named: dict[str, str]) -> bool:
    """Whether a link's type is that of a web page, which it is unless it says otherwise."""
    return named.get("type", "text/html") in _HTML


def _only_text(element: _Element) -> str:
    _without_children(element)
    text = element.text
    return text.strip() if text else ""


def _without_children(element: _Element) -> None:
    if len(element):
        message = f"elements inside {element.tag}"
        raise DeclinedError(message)
