"""The reliability diagram: what was stated, and how often it came true, by threshold."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from dashboards.sentences import percent, stage_label
from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from dashboards.reading.quality import ReliabilityBin

PANEL_HEIGHT = 266
_LEFT, _RIGHT = 20.0, 91.0  # per cent of the width
_TOP, _BOTTOM = 26, 166  # pixels of the diagram itself
_COUNT_FOOT, _COUNT_HEIGHT = 240, 40  # pixels of the numbers of labels below it
_SHARES = (0, 0.5, 1)
_COLUMNS = 3  # of the small diagrams in one drawing


def reliability_panel(bins: Sequence[ReliabilityBin]) -> Markup:
    """The diagram of one threshold: a point a bin with its Wilson interval, and n below.

    Args:
        bins: of one threshold.
    """
    most = max(each.n for each in bins)
    parts = [
        element("text", threshold_name(bins[0].threshold_code), x=0, y=12, class_="heading"),
        *(_grid(share) for share in _SHARES),
        _diagonal(),
        *(_point(each) for each in bins),
        *(_count(each, most) for each in bins),
        _count_note(bins),
    ]
    return chart("chart reliability", PANEL_HEIGHT, _words(bins), *parts)


def reliability_panels(bins: Sequence[ReliabilityBin]) -> list[Markup]:
    """The diagram of each threshold, from Planning on."""
    return [
        reliability_panel(list(of_threshold))
        for _, of_threshold in groupby(bins, key=lambda each: each.threshold_code)
    ]


def small_multiples(panels: Sequence[Markup]) -> Markup | str:
    """Diagrams beside one another in one drawing; "" without any."""
    if not panels:
        return ""
    width = 100 / _COLUMNS
    parts = [
        element(
            "svg",
            panel,
            x=f"{width * (place % _COLUMNS):.2f}%",
            y=(PANEL_HEIGHT + 16) * (place // _COLUMNS),
            width=f"{0.92 * width:.2f}%",
            height=PANEL_HEIGHT,
        )
        for place, panel in enumerate(panels)
    ]
    rows = -(-len(panels) // _COLUMNS)
    foot = (PANEL_HEIGHT + 16) * rows
    parts.append(element("text", KEY, x=0, y=foot + 8, class_="tick"))
    words = "Stated probabilities beside how often they came true, by threshold"
    return chart("chart reliability-all", foot + 16, words, *parts)


KEY = "Across: stated probability. Up: how often it was so, with its 95 % interval. Below: labels."


def threshold_name(threshold_code: int) -> str:
    """What statements at a threshold say."""
    label = stage_label(threshold_code)
    return "Planning" if threshold_code == 1 else f"{label} or lower"


def _x(share: float) -> str:
    return f"{_LEFT + (_RIGHT - _LEFT) * share:.2f}%"


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _grid(share: float) -> Markup:
    """A line across with its label at the left, and a label under its place on the other axis."""
    y = _y(share)
    line = element("line", x1=_x(0), x2=_x(1), y1=y, y2=y, class_="axis")
    beside = element("text", percent(share), x="18%", y=y + 4, text_anchor="end", class_="tick")
    below = element(
        "text",
        percent(share),
        x=_x(share),
        y=_BOTTOM + 18,
        text_anchor="middle",
        class_="tick",
    )
    return line + beside + below


def _diagonal() -> Markup:
    return element("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), class_="promised")


def _point(each: ReliabilityBin) -> Markup:
    x, interval = _x(each.predicted_share), f"{percent(each.lower)} to {percent(each.upper)}"
    words = f"stated {percent(each.predicted_share)}, was so for {percent(each.observed_share)}"
    title = element("title", f"{words} of {each.n} labels ({interval})")
    line = element("line", x1=x, x2=x, y1=_y(each.lower), y2=_y(each.upper), class_="whisker")
    dot = element("circle", cx=x, cy=_y(each.observed_share), r=4, class_="mean")
    return element("g", title, line, dot)


def _count(each: ReliabilityBin, most: int) -> Markup:
    height = _COUNT_HEIGHT * each.n / most
    left = _LEFT + (_RIGHT - _LEFT) * each.predicted_share - 1
    return element(
        "rect",
        element("title", f"{each.n} labels"),
        x=f"{left:.2f}%",
        y=f"{_COUNT_FOOT - height:.2f}",
        width="2%",
        height=f"{height:.2f}",
        class_="found",
    )


def _count_note(bins: Sequence[ReliabilityBin]) -> Markup:
    counts = sorted({each.n for each in bins})
    some = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    line = element("line", x1=_x(0), x2=_x(1), y1=_COUNT_FOOT, y2=_COUNT_FOOT, class_="axis")
    words = f"{some} labels a point"
    return line + element("text", words, x=f"{_LEFT:g}%", y=_COUNT_FOOT + 18, class_="tick")


def _words(bins: Sequence[ReliabilityBin]) -> str:
    told = "; ".join(
        f"stated {percent(each.predicted_share)}, was so {percent(each.observed_share)}"
        f" (n = {each.n})"
        for each in bins
    )
    return f"{threshold_name(bins[0].threshold_code)}: {told}"
