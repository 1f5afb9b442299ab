"""One signal in several groups of organizations, on one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.charts.strip import FEWEST_FOR_BANDS, FEWEST_FOR_DOTS
from dashboards.scales import LEFT_PERCENT, RIGHT_PERCENT
from dashboards.svg import chart, element, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from dashboards.reading.signals import GroupStrip
    from dashboards.scales import Scale

_ROW = 40
_FOOT = 24


def group_strips(groups: Sequence[GroupStrip], scale: Scale, label: str) -> Markup:
    """Bands and median of one signal, one row a group.

    Fewer than 20 values give no band, fewer than 10 only their number.

    Args:
        groups: from top to bottom.
        scale: the axis that all share.
        label: name of the signal.
    """
    parts: list[Markup] = []
    for place, group in enumerate(groups):
        parts += _row(group, scale, place * _ROW)
    bottom = _ROW * len(groups)
    parts += [_tick(scale, tick, bottom) for tick in scale.ticks]
    words = f"{label} by group: " + "; ".join(_words(group, scale) for group in groups)
    return chart("chart group-strips", bottom + _FOOT, words, *parts)


def _row(group: GroupStrip, scale: Scale, top: float) -> list[Markup]:
    y = top + 28
    name = element("text", group.group_name, x=f"{LEFT_PERCENT}%", y=top + 14, class_="name")
    note = element(
        "text", _note(group, scale), x="98%", y=top + 14, text_anchor="end", class_="tick"
    )
    if group.n < FEWEST_FOR_DOTS:
        return [name, note]
    axis = element("line", x1=f"{LEFT_PERCENT}%", x2=f"{RIGHT_PERCENT}%", y1=y, y2=y, class_="axis")
    parts = [name, note, axis]
    if group.n >= FEWEST_FOR_BANDS:
        parts += _band(group.percentile_05, group.percentile_95, scale, y, "band-90")
        parts += _band(group.percentile_25, group.percentile_75, scale, y, "band-50")
    if group.percentile_50 is not None:
        parts.append(upright(scale.at(group.percentile_50), y - 8, y + 8, "median"))
    return parts


def _band(low: float | None, high: float | None, scale: Scale, y: float, kind: str) -> list[Markup]:
    if low is None or high is None:
        return []
    left = scale.at(low)
    width = max(scale.at(high) - left, 0.2)
    return [
        element("rect", x=f"{left:.2f}%", y=y - 6, width=f"{width:.2f}%", height=12, class_=kind)
    ]


def _note(group: GroupStrip, scale: Scale) -> str:
    if group.n < FEWEST_FOR_DOTS:
        return f"too few (n = {group.n})"
    return f"median {scale.write(group.percentile_50)}, n = {group.n}"


def _words(group: GroupStrip, scale: Scale) -> str:
    return f"{group.group_name} {_note(group, scale)}"


def _tick(scale: Scale, value: float, y: float) -> Markup:
    at = scale.at(value)
    text = element(
        "text", scale.write(value), x=f"{at:.2f}%", y=y + 18, text_anchor="middle", class_="tick"
    )
    return upright(at, y, y + 5, "axis") + text
