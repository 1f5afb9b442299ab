"""The gap against the mean of claim and point, after Bland and Altman, as a heat map of counts.

With six stages many organizations fall on one spot, so spots are counted instead of dotted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from classifiers.stages import Stage
from dashboards.charts.intervals import signed_stages
from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from markupsafe import Markup

_ROW = 26
_LEFT, _RIGHT = 10.0, 82.0  # per cent; labels stand left and right of the cells
_WIDEST_GAP = max(Stage) - min(Stage)
_APART = 14  # pixels between labels that would run into each other
_STEP = (_RIGHT - _LEFT) / len(Stage)  # per cent of the width, a stage


def gap_heat(
    counts: Mapping[tuple[int, int], int], bias: float | None, limits: tuple[float, float] | None
) -> Markup:
    """Counts of organizations by mean of claim and point (x) and claim minus point (y).

    Args:
        counts: of organizations by claim and point.
        bias: mean gap, drawn as a full line.
        limits: limits of agreement, drawn dashed; they describe and test nothing.
    """
    found = {pair: count for pair, count in counts.items() if count}
    darkest = math.sqrt(max(found.values(), default=1))
    spots = [
        _spot(claimed, seen, found.get((claimed, seen), 0), darkest) for claimed, seen in _pairs()
    ]
    words = f"Claim minus point by their mean, {sum(found.values())} organizations"
    height = _ROW * (2 * _WIDEST_GAP + 1) + 24
    return chart("chart gap-heat", height, words, *spots, *_axes(), *_lines(bias, limits))


def _pairs() -> Iterable[tuple[int, int]]:
    return ((claimed, seen) for claimed in Stage for seen in Stage)


def _height(gap: float) -> float:
    """The middle of a gap's row, in pixels from the top."""
    return _ROW * (_WIDEST_GAP - min(max(gap, -_WIDEST_GAP), _WIDEST_GAP) + 0.5)


def _place(mean: float) -> float:
    return _LEFT + _STEP * (mean - 0.5)


def _spot(claimed: int, seen: int, count: int, darkest: float) -> Markup:
    x, y = _place((claimed + seen) / 2), _height(claimed - seen)
    rect = element(
        "rect",
        x=f"{x - _STEP / 2 + 0.2:.2f}%",
        y=y - _ROW / 2 + 1,
        width=f"{_STEP - 0.4:.2f}%",
        height=_ROW - 2,
        fill_opacity=0.06 + 0.32 * math.sqrt(count) / darkest if count else 0.0,
        class_="cell diagonal" if claimed == seen else "cell",
    )
    kind, words = ("count", str(count)) if count else ("tick", "·")
    return rect + element("text", words, x=f"{x:.2f}%", y=y + 5, text_anchor="middle", class_=kind)


def _axes() -> list[Markup]:
    below = _ROW * (2 * _WIDEST_GAP + 1) + 16
    gaps = range(-_WIDEST_GAP, _WIDEST_GAP + 1)
    labels = [(f"{_LEFT - 2}%", _height(gap) + 4, signed_stages(gap)[:2], "end") for gap in gaps]
    labels += [(f"{_place(stage):.2f}%", below, f"{stage:d}", "middle") for stage in Stage]
    return [
        element("text", text, x=x, y=y, text_anchor=anchor, class_="tick")
        for x, y, text, anchor in labels
    ]


def _lines(bias: float | None, limits: tuple[float, float] | None) -> list[Markup]:
    if bias is None:
        return []
    middle = _height(bias)
    parts = [_line(middle, "bias"), _label(middle, f"mean {signed_stages(bias)}")]
    for limit, side in zip(limits or (), (1, -1), strict=False):
        y = _height(limit)
        outer = middle + side * _APART
        parts += [
            _line(y, "limit"),
            _label(max(y, outer) if side > 0 else min(y, outer), f"limit {signed_stages(limit)}"),
        ]
    return parts


def _line(y: float, kind: str) -> Markup:
    return element("line", x1=f"{_LEFT}%", x2=f"{_RIGHT}%", y1=y, y2=y, class_=kind)


def _label(y: float, words: str) -> Markup:
    return element("text", words, x=f"{_RIGHT + 1}%", y=y + 4, class_="name")
