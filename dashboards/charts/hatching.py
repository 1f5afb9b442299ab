"""Stripes: an area that is told apart from others without seeing colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.svg import element

if TYPE_CHECKING:
    from markupsafe import Markup


def hatching(name: str) -> Markup:
    """The definition of striped areas; they are filled with `hatched(name)`.

    Args:
        name: its id on the page; each drawing needs its own.
    """
    pattern = element(
        "pattern",
        element("rect", width=6, height=6, class_="hatch-ground"),
        element("line", x1=0, y1=0, x2=0, y2=6, class_="hatch-stripe"),
        id=name,
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return element("defs", pattern)


def hatched(name: str) -> str:
    """The `fill` of a striped area."""
    return f"url(#{name})"
