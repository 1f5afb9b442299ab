"""The plot of ../polling.md: requests and entries missed, by group and way of asking."""

# ruff: noqa: INP001 - a script beside its document, no package

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.svg import NAMESPACE, element

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from figures import Figures
    from markupsafe import Markup

    Results = Mapping[str, Mapping[str, Figures]]

_WIDTH, _ROW, _TOP, _BOTTOM = 860, 34, 96, 56
_LEAST_MISSED = 0.01  #: per cent; what is less stands there too
#: Okabe and Ito's colours, which the colour-blind tell apart; the shapes say the same.
_MARKS = {"hourly": "#0072b2", "daily": "#d55e00", "adaptive": "#009e73"}
_FONT = "system-ui, sans-serif"
_INK, _PALE = "#111417", "#d5d9de"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """One logarithmic axis: where it lies (pixels), what it spans, what it shows."""

    title: str
    left: float
    right: float
    low: float
    high: float
    ticks: tuple[float, ...]
    edge: str  #: how the lowest tick is called
    value: Callable[[Figures], float]

    def x(self, value: float) -> float:
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return self.left + share * (self.right - self.left)


_PANELS = (
    _Panel(
        title="Requests a feed and day",
        left=140,
        right=470,
        low=0.5,
        high=30,
        ticks=(0.5, 1, 2, 4, 8, 24),
        edge="0.5",
        value=lambda own: own.requests_per_day,
    ),
    _Panel(
        title="Entries missed, % of those published",
        left=515,
        right=845,
        low=_LEAST_MISSED,
        high=100,
        ticks=(_LEAST_MISSED, 0.1, 1, 10, 100),
        edge="0.01 or less",
        value=lambda own: 100 * (1 - own.caught_share),
    ),
)


def draw(results: Results) -> str:
    """An SVG document: one row a group, a mark for hourly, daily and adaptive looks."""
    groups = list(next(iter(results.values())))
    height = _TOP + _ROW * len(groups) + _BOTTOM
    parts = [_rect(height), *_heading(), *_axes(height), *_rows(results, groups)]
    return str(
        element(
            "svg",
            *parts,
            xmlns=NAMESPACE,
            viewBox=f"0 0 {_WIDTH} {height}",
            width=_WIDTH,
            height=height,
            font_family=_FONT,
            role="img",
            aria_label="Requests a feed and day and entries missed, by group of feeds",
        )
    )


def _rect(height: int) -> Markup:
    return element("rect", width=_WIDTH, height=height, fill="#ffffff")


def _heading() -> list[Markup]:
    title = "A year of 1,000 invented feeds: what asking costs and what it misses"
    parts = [_text(title, 16, 28, size=17, weight="600")]
    for index, (name, colour) in enumerate(_MARKS.items()):
        x = 24 + 110 * index
        parts += [_mark(name, x, 50, colour), _text(name, x + 12, 54)]
    return [*parts, _text("further left is better in both; logarithmic axes", 360, 54)]


def _axes(height: int) -> list[Markup]:
    bottom = height - _BOTTOM
    parts: list[Markup] = []
    for panel in _PANELS:
        middle = (panel.left + panel.right) / 2
        parts.append(_text(panel.title, middle, height - 12, anchor="middle", weight="600"))
        for tick in panel.ticks:
            x = panel.x(tick)
            parts.append(_line(x, x, _TOP - 18, bottom))
            label = panel.edge if tick == panel.low else f"{tick:g}"
            parts.append(_text(label, x, bottom + 18, anchor="middle"))
    return parts


def _rows(results: Results, groups: list[str]) -> list[Markup]:
    parts: list[Markup] = []
    for index, group in enumerate(groups):
        y = _TOP + _ROW * index
        is_last = index == len(groups) - 1
        parts.append(_text(group, 16, y + 4, weight="600" if is_last else "400"))
        for panel in _PANELS:
            parts += _row(results, group, panel, y)
    return parts


def _row(results: Results, group: str, panel: _Panel, y: float) -> list[Markup]:
    at = {name: panel.x(panel.value(results[name][group])) for name in _MARKS}
    marks = [_mark(name, x, y, _MARKS[name]) for name, x in at.items()]
    return [_line(min(at.values()), max(at.values()), y, y, "#8d949c"), *marks]


def _mark(name: str, x: float, y: float, colour: str) -> Markup:
    """Hourly a triangle, daily a square, adaptive a disc."""
    if name == "adaptive":
        return element("circle", cx=round(x, 1), cy=y, r=6, fill=colour)
    shape = ((0, -7), (7, 6), (-7, 6)) if name == "hourly" else ((-6, -6), (6, -6), (6, 6), (-6, 6))
    points = " ".join(f"{x + across:.1f},{y + down:.1f}" for across, down in shape)
    return element("polygon", points=points, fill="#ffffff", stroke=colour, stroke_width=2)


def _line(left: float, right: float, top: float, bottom: float, colour: str = _PALE) -> Markup:
    return element("line", x1=round(left, 1), x2=round(right, 1), y1=top, y2=bottom, stroke=colour)


def _text(
    words: str, x: float, y: float, *, size: int = 13, anchor: str = "start", weight: str = "400"
) -> Markup:
    return element(
        "text",
        words,
        x=round(x, 1),
        y=y,
        font_size=size,
        font_weight=weight,
        text_anchor=anchor,
        fill=_INK,
    )
