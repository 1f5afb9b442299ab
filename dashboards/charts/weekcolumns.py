"""Shares by week: one column a week, layers on top of one another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from dashboards.sentences import percent
from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from markupsafe import Markup

    from dashboards.charts.distribution import Mark

LEFT = 12.0  #: per cent of the width, for the labels of the vertical axis
_FEWEST_PLACES = 12  #: so few weeks do not make broad columns
_TOP, _BOTTOM = 8, 168  # pixels
_HEIGHT = 196
_BADGE_PLACE = 9


class Layer(NamedTuple):
    """A share of every week; None where it is not known.

    `look` are attributes of its rectangles, a class or a fill.
    """

    name: str
    shares: Sequence[float | None]
    look: dict[str, str]


class Size(NamedTuple):
    """Of a rectangle: per cent of the width, and pixels."""

    width: float
    height: float


def week_columns(
    kind: str,
    weeks: Sequence[date],
    layers: Sequence[Layer],
    words: str,
    *,
    noted: Sequence[Mark] = (),
    defined: Sequence[Markup] = (),
) -> Markup:
    """Stacked columns from 0 to 100 %, the oldest week at the left.

    Args:
        kind: class for the style sheet.
        weeks: Mondays, oldest first.
        layers: from the bottom up, each as long as `weeks`.
        words: what a screen reader says instead.
        noted: numbered rules over the weeks that a reader must know something of.
        defined: patterns that layers are filled with.
    """
    width = (100 - LEFT) / max(len(weeks), _FEWEST_PLACES)
    parts = [*defined, *(_share_line(share) for share in (0, 0.25, 0.5, 0.75, 1))]
    for place, week in enumerate(weeks):
        parts += _column(week, place, layers, width)
    parts += _ticks(weeks, width)
    places = {week: LEFT + (place + 0.5) * width for place, week in enumerate(weeks)}
    parts += [_rule(mark, places[mark.as_of_week]) for mark in noted if mark.as_of_week in places]
    return chart(f"chart week-columns {kind}", _HEIGHT, words, *parts)


def _column(week: date, place: int, layers: Sequence[Layer], width: float) -> list[Markup]:
    parts, bottom = [], float(_BOTTOM)
    for layer in layers:
        share = layer.shares[place]
        if share:
            height = (_BOTTOM - _TOP) * share
            bottom -= height
            title = element("title", f"{week}, {layer.name}: {percent(share)}")
            parts.append(_area(title, LEFT + place * width, bottom, Size(width, height), layer))
    return parts


def _area(title: Markup, left: float, top: float, size: Size, layer: Layer) -> Markup:
    return element(
        "rect",
        title,
        x=f"{left + 0.05 * size.width:.3f}%",
        y=f"{top:.2f}",
        width=f"{0.9 * size.width:.3f}%",
        height=f"{size.height:.2f}",
        **layer.look,
    )


def _share_line(share: float) -> Markup:
    y = _BOTTOM - (_BOTTOM - _TOP) * share
    line = element("line", x1=f"{LEFT:g}%", x2="100%", y1=y, y2=y, class_="axis")
    text = element(
        "text", percent(share), x=f"{LEFT - 1:g}%", y=y + 4, text_anchor="end", class_="tick"
    )
    return line + text


def _ticks(weeks: Sequence[date], width: float) -> list[Markup]:
    """Dates at every fourth part of the places, as far as they have their room to the right."""
    place_count = max(len(weeks), _FEWEST_PLACES)
    step = math.ceil(place_count / 4)
    return [
        element("text", str(week), x=f"{LEFT + place * width:.2f}%", y=_BOTTOM + 20, class_="tick")
        for place, week in enumerate(weeks)
        if place % step == 0 and place + step <= place_count
    ]


def _rule(mark: Mark, at: float) -> Markup:
    x = f"{at:.2f}%"
    line = element("line", x1=x, x2=x, y1=_TOP, y2=_BOTTOM, class_="rule")
    badge = element("circle", cx=x, cy=_BADGE_PLACE, r=8, class_="badge")
    number = element(
        "text", str(mark.number), x=x, y=_BADGE_PLACE + 4, text_anchor="middle", class_="badge-text"
    )
    return element("g", element("title", mark.words), line, badge, number)
