"""The plots of docs/agreement.md: coverage under honesty, and power for a planted half stage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from dashboards.svg import NAMESPACE, element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agreement import Honest, Planted
    from markupsafe import Markup

_WIDTH, _HEIGHT = 720, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 690, 96, 320
#: Okabe and Ito's colours, lighter ones of them in the dark.
_STYLE = """
svg { --ground: #ffffff; --ink: #111417; --pale: #d5d9de;
  --a: #0072b2; --b: #b34a00; --c: #00684d; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #14171a; --ink: #e8eaed; --pale: #3a4148;
    --a: #6cc0f5; --b: #f0a060; --c: #4fd1a5; }
}
text { fill: var(--ink); font: 13px system-ui, sans-serif; } .ground { fill: var(--ground); }
.title { font-size: 16px; font-weight: 600; } .grid { stroke: var(--pale); }
.limit { stroke: var(--ink); stroke-dasharray: 8 5; stroke-width: 1.5; }
.line { fill: none; stroke-width: 2; } .a { stroke: var(--a); } .b { stroke: var(--b); }
.c { stroke: var(--c); } .dashed { stroke-dasharray: 6 4; } .dotted { stroke-dasharray: 2 4; }
"""


class _Line(NamedTuple):
    words: str
    kind: str
    shares: list[float]


class _Axis(NamedTuple):
    """Shares from `low` to 1 upwards; numbers of organizations, by their logarithm, across."""

    low: float
    counts: list[int]

    def x(self, count: int) -> float:
        first, last = math.log(self.counts[0]), math.log(self.counts[-1])
        return _LEFT + (_RIGHT - _LEFT) * (math.log(count) - first) / (last - first)

    def y(self, share: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (max(share, self.low) - self.low) / (1 - self.low)


def coverage_plot(found: Sequence[Honest]) -> str:
    """Share of runs whose interval holds 0, by number of honest organizations."""
    lines = [
        _Line("claims above the point", "a", [each.above for each in found]),
        _Line("claims below the point", "b dashed", [each.below for each in found]),
        _Line("gap", "c dotted", [each.gap for each in found]),
    ]
    title = "Runs in which the interval of the excess holds 0, all claims honest"
    return _drawn(title, _Axis(0.9, [each.n for each in found]), lines, 0.95)


def power_plot(found: Sequence[Planted]) -> str:
    """Share of runs in which the planted industry is found, by organizations in each."""
    lines = [
        _Line("drawn together", "a", [each.found for each in found]),
        _Line("alone", "b dashed", [each.found_alone for each in found]),
        _Line("honest industries flagged", "c dotted", [each.false for each in found]),
    ]
    title = "Runs in which half a stage more in one industry of five is found"
    return _drawn(title, _Axis(0.0, [each.n for each in found]), lines, 0.05)


def _drawn(title: str, axis: _Axis, lines: Sequence[_Line], limit: float) -> str:
    parts = [
        element("title", title),
        element("desc", "The table beside it has all numbers."),
        element("style", _STYLE),
        element("rect", width=_WIDTH, height=_HEIGHT, class_="ground"),
        element("text", title, x=_LEFT, y=28, class_="title"),
        *_grid(axis),
        _level(axis, limit),
    ]
    for place, line in enumerate(lines):
        parts += _line(axis, line, _LEFT + place * 210)
    under = element("text", "organizations", x=(_LEFT + _RIGHT) / 2, y=_BOTTOM + 44)
    drawn = element(
        "svg", *parts, under, xmlns=NAMESPACE, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img"
    )
    return f"{drawn}\n"


def _grid(axis: _Axis) -> list[Markup]:
    parts = []
    for step in range(6):
        share = axis.low + (1 - axis.low) * step / 5
        y = axis.y(share)
        parts.append(element("line", x1=_LEFT, x2=_RIGHT, y1=y, y2=y, class_="grid"))
        parts.append(element("text", f"{share:.0%}", x=_LEFT - 8, y=y + 4, text_anchor="end"))
    for count in axis.counts:
        x = axis.x(count)
        parts.append(element("text", str(count), x=x, y=_BOTTOM + 20, text_anchor="middle"))
    return parts


def _level(axis: _Axis, share: float) -> Markup:
    y = axis.y(share)
    line = element("line", x1=_LEFT, x2=_RIGHT, y1=y, y2=y, class_="limit")
    return line + element("text", f"{share:.0%}", x=_RIGHT + 2, y=y - 4, text_anchor="end")


def _line(axis: _Axis, line: _Line, left: float) -> list[Markup]:
    points = " ".join(
        f"{axis.x(count):.1f},{axis.y(share):.1f}"
        for count, share in zip(axis.counts, line.shares, strict=True)
    )
    return [
        element("polyline", points=points, class_=f"line {line.kind}"),
        element("line", x1=left, x2=left + 30, y1=56, y2=56, class_=f"line {line.kind}"),
        element("text", line.words, x=left + 36, y=60),
    ]
