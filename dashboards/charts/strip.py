"""The signal strip: how one signal is spread among organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.scales import LEFT_PERCENT, RIGHT_PERCENT
from dashboards.svg import chart, element, nested, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from dashboards.reading.signals import SignalDot, Spread
    from dashboards.scales import Scale

FEWEST_FOR_DOTS = 10
FEWEST_FOR_BANDS = 20
STRIP_HEIGHT = 42
_STACKED_HEIGHT = STRIP_HEIGHT + 24


def signal_strip(
    strip: Spread,
    dots: Sequence[SignalDot],
    scale: Scale,
    label: str,
    own: float | None = None,
) -> Markup:
    """One signal among organizations: bands 5-95 % and 25-75 %, median, single values.

    With fewer than 20 values there are dots and no band, with fewer than 10 nothing but the
    organization's own: such a strip must say in words that the organizations are too few.

    Args:
        strip: how the values are distributed.
        dots: single values, where they are few enough to be drawn.
        scale: the signal's axis.
        label: its name.
        own: the value of the organization that the page is about.
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
    if own is not None:
        marks.append(_own(own, scale))
    words = f"{label}: median {scale.write(strip.percentile_50)}, n = {strip.n}"
    if own is not None:
        words = f"{label}: {scale.write(own)} here, {words.partition(': ')[2]}"
    return chart("chart strip", STRIP_HEIGHT, words, *marks)


def stacked(strips: Sequence[tuple[str, Markup | str]]) -> Markup | str:
    """Several strips in one drawing, each under its name; "" without any."""
    if not strips:
        return ""
    parts = []
    for place, (label, drawing) in enumerate(strips):
        top = place * _STACKED_HEIGHT
        parts.append(element("text", label, x=f"{LEFT_PERCENT}%", y=top + 13, class_="name"))
        parts.append(nested(drawing, top + 18))
    words = ", ".join(label for label, _ in strips)
    return chart("chart strips", _STACKED_HEIGHT * len(strips), words, *parts)


def _bands(strip: Spread, scale: Scale) -> list[Markup]:
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


def _own(value: float, scale: Scale) -> Markup:
    title = element("title", f"This organization: {scale.write(value)}")
    return element("circle", title, cx=f"{scale.at(value):.2f}%", cy=14, r=6, class_="own")


def _tick(scale: Scale, value: float) -> Markup:
    at = scale.at(value)
    text = element(
        "text", scale.write(value), x=f"{at:.2f}%", y=38, text_anchor="middle", class_="tick"
    )
    return upright(at, 22, 26, "axis") + text
