"""The signal strip: how one signal is spread among organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.scales import LEFT_PERCENT, RIGHT_PERCENT
from dashboards.svg import chart, element, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from dashboards.data import SignalDot, SignalStrip
    from dashboards.scales import Scale

FEWEST_FOR_DOTS = 10
FEWEST_FOR_BANDS = 20


def signal_strip(strip: SignalStrip, dots: Sequence[SignalDot], scale: Scale, label: str) -> Markup:
    """One signal among organizations: bands 5-95 % and 25-75 %, median, single values.

    With fewer than 20 values there are dots and no band, with fewer than 10 nothing: such a
    strip must say in words that the organizations are too few.
    """
    marks: list[Markup] = [
        element("line", x1=f"{LEFT_PERCENT}%", x2=f"{RIGHT_PERCENT}%", y1=14, y2=14, class_="axis")
    ]
    if strip.n >= FEWEST_FOR_BANDS:
        marks += _bands(strip, scale)
    if strip.n >= FEWEST_FOR_DOTS:
        marks += [_dot(dot, scale) for dot in dots]
    if strip.n >= FEWEST_FOR_BANDS and strip.percentile_50 is not None:
        marks.append(upright(scale.at(strip.percentile_50), 3, 25, "median"))
    marks += [_tick(scale, tick) for tick in scale.ticks]
    words = f"{label}: median {scale.write(strip.percentile_50)}, n = {strip.n}"
    return chart("chart strip", 42, words, *marks)


def _bands(strip: SignalStrip, scale: Scale) -> list[Markup]:
    outer = _band(strip.percentile_05, strip.percentile_95, scale, "band-90")
    return outer + _band(strip.percentile_25, strip.percentile_75, scale, "band-50")


def _band(low: float | None, high: float | None, scale: Scale, kind: str) -> list[Markup]:
    if low is None or high is None:
        return []
    left = scale.at(low)
    width = max(scale.at(high) - left, 0.2)
    return [element("rect", x=f"{left:.2f}%", y=7, width=f"{width:.2f}%", height=14, class_=kind)]


def _dot(dot: SignalDot, scale: Scale) -> Markup:
    title = element("title", f"{dot.name}: {scale.write(dot.value)}")
    return element("circle", title, cx=f"{scale.at(dot.value):.2f}%", cy=14, r=3.5, class_="dot")


def _tick(scale: Scale, value: float) -> Markup:
    at = scale.at(value)
    text = element(
        "text", scale.write(value), x=f"{at:.2f}%", y=38, text_anchor="middle", class_="tick"
    )
    return upright(at, 22, 26, "axis") + text
