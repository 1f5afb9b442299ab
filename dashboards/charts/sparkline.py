"""The sparkline: the course of one signal over half a year, as small as a word."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from dashboards.svg import NAMESPACE, element

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markupsafe import Markup

_WIDTH, _HEIGHT = 124, 26  # pixels
_INNER = 3  # room for the line's width and the last dot


def sparkline(
    values: Sequence[float | None], label: str, write: Callable[[float | None], str]
) -> Markup | str:
    """A line from the first to the last week, broken where nothing was seen; "" without any value.

    The axis begins at 0, or at the lowest value where that is negative.

    Args:
        values: one for each week, oldest first; None where not seen.
        label: the signal's name.
        write: how a value reads.
    """
    seen = [value for value in values if value is not None]
    if not seen:
        return ""
    places = _places(values, min(*seen, 0.0), max(*seen, 0.0) or 1.0)
    shapes = [element("path", d=_drawn(places), fill="none", class_="spark")]
    last = next(place for place in reversed(places) if place is not None)
    shapes.append(element("circle", cx=last[0], cy=last[1], r=2.5, class_="spark-end"))
    words = (
        f"{label}, {len(values)} weeks, {len(seen)} with a value: "
        f"lowest {write(min(seen))}, highest {write(max(seen))}, last {write(seen[-1])}"
    )
    return element(
        "svg",
        *shapes,
        xmlns=NAMESPACE,
        width=_WIDTH,
        height=_HEIGHT,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=words,
        class_="sparkline",
    )


def _places(
    values: Sequence[float | None], low: float, high: float
) -> list[tuple[float, float] | None]:
    step = (_WIDTH - 2 * _INNER) / max(len(values) - 1, 1)
    tall = (_HEIGHT - 2 * _INNER) / ((high - low) or 1.0)
    return [
        None
        if value is None
        else (round(_INNER + step * place, 1), round(_HEIGHT - _INNER - tall * (value - low), 1))
        for place, value in enumerate(values)
    ]


def _drawn(places: Sequence[tuple[float, float] | None]) -> str:
    """Pieces of line; a single week becomes a dot."""
    pieces = []
    for is_seen, group in groupby(places, key=lambda place: place is not None):
        if is_seen:
            points = [place for place in group if place is not None]
            rest = "".join(f"L{x} {y}" for x, y in points[1:]) or "h.1"
            pieces.append(f"M{points[0][0]} {points[0][1]}{rest}")
    return "".join(pieces)
