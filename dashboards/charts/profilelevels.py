"""Levels of a questionnaire by dimension: a dot, or a bar where open answers leave bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.scales import LEFT_PERCENT, RIGHT_PERCENT, Scale
from dashboards.sentences import number
from dashboards.svg import chart, element, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

_ROW, _FOOT = 38, 24


class Level(NamedTuple):
    """One dimension: its level (None where it is not told), and what holds it."""

    label: str
    value: float | None
    low: float
    high: float


def profile_levels(levels: Sequence[Level], lowest: int, highest: int) -> Markup:
    """One row a dimension, from the lowest to the highest level that there can be."""
    ticks = tuple(float(tick) for tick in range(lowest, highest + 1))
    scale = Scale(low=lowest, high=highest, is_log=False, ticks=ticks, write=number)
    parts = [part for place, one in enumerate(levels) for part in _row(one, scale, place * _ROW)]
    bottom = _ROW * len(levels)
    parts += [_tick(scale, tick, bottom) for tick in scale.ticks]
    words = "Levels: " + "; ".join(f"{one.label} {level_words(one)}" for one in levels)
    return chart("chart profile-levels", bottom + _FOOT, words, *parts)


def level_words(level: Level) -> str:
    """A level as text: one number, or its bounds where open answers decide."""
    if level.low == level.high:
        return number(level.low)
    bounds = f"{number(level.low)} to {number(level.high)}"
    return bounds if level.value is None else f"{number(level.value)} ({bounds})"


def _row(one: Level, scale: Scale, top: float) -> list[Markup]:
    y = top + 28
    text = element(
        "text", f"{one.label}: {level_words(one)}", x=f"{LEFT_PERCENT}%", y=top + 14, class_="name"
    )
    axis = element("line", x1=f"{LEFT_PERCENT}%", x2=f"{RIGHT_PERCENT}%", y1=y, y2=y, class_="axis")
    parts = [text, axis]
    if one.high > one.low:
        left, right = scale.at(one.low), scale.at(one.high)
        width = f"{right - left:.2f}%"
        parts.append(
            element("rect", x=f"{left:.2f}%", y=y - 5, width=width, height=10, class_="band-50")
        )
    if one.value is not None:
        parts.append(element("circle", cx=f"{scale.at(one.value):.2f}%", cy=y, r=6, class_="own"))
    return parts


def _tick(scale: Scale, value: float, y: float) -> Markup:
    at = scale.at(value)
    text = element(
        "text", scale.write(value), x=f"{at:.2f}%", y=y + 18, text_anchor="middle", class_="tick"
    )
    return upright(at, y, y + 5, "axis") + text
