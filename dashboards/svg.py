"""SVG elements as text: what every chart is made of.

Shapes are styled by attributes and classes, never by inline style, so that the page keeps
`Content-Security-Policy: default-src 'self'`. Widths are in per cent, heights in pixels, so a
chart fills the width it gets and its text keeps its size.
"""

from __future__ import annotations

from markupsafe import Markup, escape

NAMESPACE = "http://www.w3.org/2000/svg"
_ILLEGAL_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def element(tag: str, *children: str, **attributes: str | float) -> Markup:
    """One SVG element; text and attribute values are escaped, control characters dropped.

    Underscores in attribute names become hyphens (`text_anchor`); one at the end is dropped
    (`class_`).
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_written(value))}"'
        for name, value in attributes.items()
    )
    inner = "".join(escape(_legal(child)) for child in children)
    return Markup(f"<{tag}{written}>{inner}</{tag}>")  # noqa: S704 - every part is escaped above


def chart(kind: str, height: float, label: str, *parts: Markup) -> Markup:
    """A whole chart, as wide as its place on the page.

    Args:
        kind: its class for the style sheet.
        height: in pixels.
        label: what a screen reader says instead of the drawing.
        parts: elements from back to front.
    """
    return element(
        "svg",
        *parts,
        xmlns=NAMESPACE,
        width="100%",
        height=height,
        role="img",
        aria_label=label,
        class_=kind,
    )


def upright(at_percent: float, top: float, bottom: float, kind: str) -> Markup:
    """A vertical line at a place in per cent of the width."""
    x = f"{at_percent:.2f}%"
    return element("line", x1=x, x2=x, y1=top, y2=bottom, class_=kind)


def _legal(text: str) -> str:
    return text.translate(_ILLEGAL_IN_XML)


def _written(value: str | float) -> str:
    return _legal(value) if isinstance(value, str) else f"{value:.4g}"
