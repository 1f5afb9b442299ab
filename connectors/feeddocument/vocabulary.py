"""The names of feed elements, whatever prefix and case a document writes them in."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from feedparser.mixin import _FeedParserMixin

from connectors.feeddocument.relative import inner_base

if TYPE_CHECKING:
    from lxml.etree import _Element

#: Namespace in lower case → the prefix that stands for it; "" for the feed formats themselves.
NAMESPACES: dict[str, str] = {
    uri.lower(): prefix.lower() for uri, prefix in _FeedParserMixin.namespaces.items()
}
_PREFIXES = frozenset(NAMESPACES.values())
#: Every name to which feedparser attaches a meaning; taken from it, so that it cannot drift.
MEANINGFUL: frozenset[str] = frozenset(
    name.removeprefix("_start_").removeprefix("_end_")
    for name in dir(_FeedParserMixin)
    if name.startswith(("_start_", "_end_"))
)
_SENSITIVE = frozenset(
    {"type", "href", "rel", "url", "uri", "lang", "base", "mode", "ispermalink", "version", "src"}
)
_SCOPED = frozenset({"xml:base", "base", "xml:lang", "lang"})
_LOWERED = frozenset({"rel", "type"})


class DeclinedError(Exception):
    """A document uses what the strict reader leaves to feedparser; the message names it."""


class Scope(NamedTuple):
    """What an element hands down: its base address and its language."""

    base: str  #: `NO_BASE` where no xml:base stands
    language: str | None


def element_name(element: _Element) -> str:
    """Name of an element: local name in lower case, after `prefix_` for known namespaces.

    An unknown namespace counts by its prefix as written, as feedparser takes it.

    Raises:
        DeclinedError: the prefix belongs to another namespace, or a feed's own word stands in
            a foreign default namespace.
    """
    tag = str(element.tag)
    if not tag.startswith("{"):
        return tag.lower()
    namespace, _, local = tag[1:].partition("}")
    return _qualified_name(namespace.lower(), local.lower(), element.prefix)


@lru_cache(maxsize=1024)
def _qualified_name(namespace: str, local: str, written: str | None) -> str:
    known = "" if "backend.userland.com/rss" in namespace else NAMESPACES.get(namespace)
    if known is None and written is None and local in MEANINGFUL:
        message = f"{local} in the foreign namespace {namespace}"
        raise DeclinedError(message)
    if known is not None and written in _PREFIXES and written != known:
        message = f"the prefix {written} for {namespace}"
        raise DeclinedError(message)
    prefix = (written or "").lower() if known is None else known
    return f"{prefix}_{local}" if prefix else local


def attributes(element: _Element) -> dict[str, str]:
    """Attributes by name in lower case, with `prefix:` for known namespaces.

    Raises:
        DeclinedError: an attribute of an unknown namespace could be taken for one of ours.
    """
    named: dict[str, str] = {}
    for key, value in cast("list[tuple[str, str]]", element.items()):
        name = _attribute_name(key)
        named[name] = value.lower() if name in _LOWERED else value
    return named


@lru_cache(maxsize=1024)
def _attribute_name(key: str) -> str:
    if not key.startswith("{"):
        return key.lower()
    namespace, _, local = key[1:].lower().partition("}")
    prefix = NAMESPACES.get(namespace, "")
    if not prefix and local in _SENSITIVE:
        message = f"the attribute {key}"
        raise DeclinedError(message)
    return f"{prefix}:{local}" if prefix else local


def inner_scope(outer: Scope, named: dict[str, str]) -> Scope:
    """The scope inside an element with these attributes (xml:base, xml:lang)."""
    if _SCOPED.isdisjoint(named):
        return outer
    base = named.get("xml:base", named.get("base"))
    language = named.get("xml:lang", named.get("lang", outer.language))
    return Scope(inner_base(outer.base, base) if base else outer.base, language or None)
