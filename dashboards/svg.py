"""SVG elements as text: what every chart is made of.

Shapes are styled by attributes and classes, never by inline style, so that the page keeps
`Content-Security-Policy: default-src 'self'`. Widths are in per cent, heights in pixels, so a
chart fills the width it gets and its text keeps its size.
"""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup, escape

NAMESPACE = "http://www.w3.org/2000/svg"
_HARMLESS = re.compile(r"[\w .,:;%#()/+-]*").fullmatch
_ILLEGAL_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def element(tag: str, *children: str, **attributes: str | float) -> Markup:
    """One SVG element; text and attribute values are escaped, control characters dropped.

    Underscores in attribute names become hyphens (`text_anchor`); one at the end is dropped
    (`class_`). Markup among the children is taken as it is.
    """
    written = "".join(
        [f' {_attribute(name)}="{_written(value)}"' for name, value in attributes.items()]
    )
    inner = "".join([child if type(child) is Markup else _safe(child) for child in children])
    return Markup(f"<{tag}{written}>{inner}</{tag}>")  # noqa: S704 - every part is escaped above


@cache
def _attribute(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def chart(kind: str, height: float, label: str, *parts: Markup, has_links: bool = False) -> Markup:
    """A whole chart, as wide as its place on the page.

    Args:
        kind: its class for the style sheet.
        height: in pixels.
        label: what a screen reader says instead of the drawing.
        parts: elements from back to front.
        has_links: a reader can follow parts of it, so that it is a group of them, no picture.
    """
    return element(
        "svg",
        *parts,
        xmlns=NAMESPACE,
        width="100%",
        height=height,
        role="group" if has_links else "img",
        aria_label=label,
        class_=kind,
    )


def upright(at_percent: float, top: float, bottom: float, kind: str) -> Markup:
    """A vertical line at a place in per cent of the width."""
    x = f"{at_percent:.2f}%"
    return element("line", x1=x, x2=x, y1=top, y2=bottom, class_=kind)


def _safe(text: str) -> str:
    """Escaped, and without what XML forbids; most texts of a drawing need neither."""
    return text if _HARMLESS(text) else str(escape(text.translate(_ILLEGAL_IN_XML)))


def _written(value: str | float) -> str:
    return _safe(value) if isinstance(value, str) else f"{value:.4g}"


def nested(drawing: Markup | str, top: float) -> Markup:
    """A whole chart as a part of another, moved down."""
    return Markup(str(drawing).replace("<svg ", f'<svg y="{top:g}" ', 1))  # noqa: S704 - was escaped
