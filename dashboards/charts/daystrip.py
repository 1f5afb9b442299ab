"""Four weeks of collecting: one row a source, one cell a day."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dashboards.charts.hatching import hatched, hatching
from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from markupsafe import Markup

    from dashboards.reading.collection import SourceDay

DAY_COUNT = 28
HATCHING = "hatch-days"
_ROW, _FOOT = 48, 22  # pixels
_CELL_TOP, _CELL_HEIGHT = 19, 24
_WIDTH = 100 / DAY_COUNT  # per cent
_WEEK = 7
_MOST_WRITTEN = 99  # a cell has room for two digits


class DayState(StrEnum):
    """How a day went at one source, in words."""

    NOT_ASKED = "nothing asked"
    ALL_SEEN = "all seen"
    SOME_SEEN = "some not seen"
    NONE_SEEN = "none seen"


def day_state(day: SourceDay | None) -> DayState:
    """The state of a day; None stands for one without any attempt."""
    if day is None or not day.asked_channel_count:
        return DayState.NOT_ASKED
    if not day.unseen_channel_count:
        return DayState.ALL_SEEN
    return DayState.SOME_SEEN if day.seen_channel_count else DayState.NONE_SEEN


def day_strip(days: Sequence[SourceDay], sources: Sequence[str], last_day: date) -> Markup:
    """Cells filled as far as channels were seen, striped for the rest, with how many were not.

    Args:
        days: on which sources were asked.
        sources: from top to bottom.
        last_day: at the right end.
    """
    found = {(each.source, each.day): each for each in days}
    dates = [last_day - timedelta(days=back) for back in reversed(range(DAY_COUNT))]
    parts = [hatching(HATCHING)]
    for place, source in enumerate(sources):
        own = {day: found.get((source, day)) for day in dates}
        parts += _row(source, own, place * _ROW)
    foot = _ROW * len(sources)
    parts += [_date(day, place, foot) for place, day in enumerate(dates) if place % _WEEK == 0]
    words = "; ".join(_words(source, [found.get((source, d)) for d in dates]) for source in sources)
    return chart("chart day-strip", foot + _FOOT, words, *parts)


def _row(source: str, days: Mapping[date, SourceDay | None], top: float) -> list[Markup]:
    name = element("text", source, x=0, y=top + 13, class_="name")
    cells = [
        _cell(on, day, place * _WIDTH, top + _CELL_TOP)
        for place, (on, day) in enumerate(days.items())
    ]
    return [name, *cells]


def _cell(on: date, day: SourceDay | None, left: float, top: float) -> Markup:
    title = element("title", f"{on}: {_told(day)}")
    middle = f"{left + _WIDTH / 2:.2f}%"
    if day is None or day_state(day) is DayState.NOT_ASKED:
        dot = element("circle", cx=middle, cy=top + _CELL_HEIGHT / 2, r=1.5, class_="day-idle")
        return element("g", title, dot)
    outline = _box(left, top, _CELL_HEIGHT, fill="none", class_="day-cell")
    digit = _digit(day.unseen_channel_count, middle, top)
    return element("g", title, *_filling(day, left, top), outline, digit)


def _filling(day: SourceDay, left: float, top: float) -> list[Markup]:
    """What was seen stands at the foot of the cell, what was not hangs from its top."""
    unseen = _CELL_HEIGHT * day.unseen_channel_count / day.asked_channel_count
    parts = []
    if day.seen_channel_count:
        parts.append(_box(left, top + unseen, _CELL_HEIGHT - unseen, class_="day-seen"))
    if unseen:
        parts.append(_box(left, top, unseen, fill=hatched(HATCHING)))
    return parts


def _box(left: float, top: float, height: float, **look: str) -> Markup:
    return element(
        "rect",
        x=f"{left + 0.04 * _WIDTH:.2f}%",
        y=f"{top:.2f}",
        width=f"{0.92 * _WIDTH:.2f}%",
        height=f"{height:.2f}",
        **look,
    )


def _digit(unseen: int, middle: str, top: float) -> Markup:
    written = str(unseen) if unseen <= _MOST_WRITTEN else f"{_MOST_WRITTEN}+"
    return element("text", written, x=middle, y=top + 16, text_anchor="middle", class_="day-digit")


def _date(day: date, place: int, foot: float) -> Markup:
    return element("text", str(day), x=f"{place * _WIDTH:.2f}%", y=foot + 14, class_="tick")


def _told(day: SourceDay | None) -> str:
    if day is None:
        return DayState.NOT_ASKED
    return f"{day_state(day)}, {day.seen_channel_count} of {day.asked_channel_count} channels"


def _words(source: str, days: Sequence[SourceDay | None]) -> str:
    states = [day_state(day) for day in days]
    counts = [(state, states.count(state)) for state in DayState]
    told = ", ".join(f"{state} on {count}" for state, count in counts if count)
    return f"{source}, {len(days)} days: {told}"
