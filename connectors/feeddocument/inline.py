"""Markup that stands unescaped inside a title or a body, as one string."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from lxml import etree

from connectors.feeddocument.text import repaired
from connectors.feeddocument.vocabulary import MEANINGFUL, DeclinedError, element_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_FOREIGN = frozenset({"svg", "math"})


def inline_markup(element: _Element, *, is_xml: bool) -> str:
    """What an element contains, tags and all, with the text inside of tags escaped.

    `is_xml`: the element says that it contains XML. If it says text or HTML, the text
    before its first tag was meant literally.

    Raises:
        DeclinedError: a tag in it means something to feedparser, or the text needs repair,
            which depends on how attributes are written.
    """
    text = element.text or ""
    _check_tags(element, is_xml=is_xml)
    pieces = [etree.tostring(child, encoding="unicode") for child in element]
    markup = "".join([escape(text) if is_xml else text, *pieces]).strip()
    if repaired(markup) != markup:
        message = "markup in need of repair"
        raise DeclinedError(message)
    return markup


def _check_tags(element: _Element, *, is_xml: bool) -> None:
    known: set[str] = set()
    for child in element.iterdescendants():
        tag = str(child.tag)
        if child.prefix is not None or tag not in known:
            _check_tag(child, is_xml=is_xml)
            known.add(tag)


def _check_tag(element: _Element, *, is_xml: bool) -> None:
    """Decline a tag that is more than inline markup, and any that is written with a prefix."""
    name = element_name(element)
    local = name.removeprefix("xhtml_")
    is_risky = name in MEANINGFUL or local in _FOREIGN or (local == "div" and not is_xml)
    if is_risky or element.prefix is not None:
        message = f"{name} inside a text"
        raise DeclinedError(message)
