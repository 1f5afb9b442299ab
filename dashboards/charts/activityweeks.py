"""What was seen at each source, week by week: posts upwards, replies downwards."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from markupsafe import Markup

    from dashboards.reading.evidence import ActivityWeek

_UP, _DOWN, _WORDS = 38, 22, 22  # pixels of a source: posts, replies, its name above
_GAP = 10
_LABEL_EVERY = 7  # weeks


def activity_weeks(rows: Sequence[ActivityWeek]) -> Markup:
    """One row of bars a source, each on its own scale; hatched weeks were not seen at all.

    Args:
        rows: of at least one source, each with the same weeks.
    """
    by_source: dict[str, list[ActivityWeek]] = defaultdict(list)
    for row in rows:
        by_source[row.source].append(row)
    parts, top = [_hatch()], 0.0
    for source, weeks in by_source.items():
        parts += _source(source, weeks, top)
        top += _height(weeks)
    parts += _dates([row.week for row in next(iter(by_source.values()))], top)
    words = "; ".join(_heading(source, weeks) for source, weeks in by_source.items())
    return chart("chart columns activity-weeks", top + 18, words, *parts)


def _shows_replies(weeks: Sequence[ActivityWeek]) -> bool:
    return any(week.reply_count is not None for week in weeks)


def _height(weeks: Sequence[ActivityWeek]) -> float:
    return _WORDS + _UP + (_DOWN if _shows_replies(weeks) else 0) + _GAP


def _heading(source: str, weeks: Sequence[ActivityWeek]) -> str:
    seen = [week for week in weeks if week.post_count is not None]
    if not seen:
        return f"{source}: not seen in any of these weeks"
    words = f"{source}: up to {max(week.post_count or 0 for week in seen)} posts a week"
    if _shows_replies(weeks):
        words += f", up to {max(week.reply_count or 0 for week in seen)} replies"
    unseen = len(weeks) - len(seen)
    return f"{words}; {unseen} week{'s' if unseen > 1 else ''} not seen" if unseen else words


def _source(source: str, weeks: Sequence[ActivityWeek], top: float) -> list[Markup]:
    step = 100 / len(weeks)
    base = top + _WORDS + _UP
    parts = [
        element("text", _heading(source, weeks), x=0, y=top + 14, class_="name"),
        element("line", x1="0%", x2="100%", y1=base, y2=base, class_="axis"),
    ]
    most_posts = max((week.post_count or 0 for week in weeks), default=0)
    most_replies = max((week.reply_count or 0 for week in weeks), default=0)
    down = _DOWN if _shows_replies(weeks) else 0
    for place, week in enumerate(weeks):
        left = step * place
        if week.post_count is None:
            parts.append(_unseen(left, step, base - _UP, _UP + down))
            continue
        shapes = [
            _bar(left, step, base - up, up, "posted")
            for up in _heights(week.post_count, most_posts, _UP)
        ]
        shapes += [
            _bar(left, step, base, low, "replied")
            for low in _heights(week.reply_count, most_replies, _DOWN)
        ]
        parts.append(element("g", element("title", _week_words(week)), *shapes))
    return parts


def _heights(count: int | None, most: int, room: float) -> list[float]:
    """The height of a bar, if there is one to draw."""
    return [max(room * count / most, 1.5)] if count else []


def _bar(left: float, step: float, y: float, height: float, kind: str) -> Markup:
    return element(
        "rect",
        x=f"{left + 0.12 * step:.2f}%",
        y=round(y, 1),
        width=f"{0.76 * step:.2f}%",
        height=round(height, 1),
        class_=kind,
    )


def _unseen(left: float, step: float, y: float, height: float) -> Markup:
    return element(
        "rect",
        x=f"{left + 0.12 * step:.2f}%",
        y=y,
        width=f"{0.76 * step:.2f}%",
        height=height,
        fill="url(#hatch-activity)",
        class_="unseen-week",
    )


def _week_words(week: ActivityWeek) -> str:
    words = f"Week of {week.week}: {week.post_count} posts"
    if week.reply_count is not None:
        received = "few" if week.received_count is None else week.received_count
        words += f", {week.reply_count} replies, {received} received"
    return f"{words}; {week.covered_day_count} of {week.channel_day_count} channel days seen"


def _dates(weeks: Sequence[date], top: float) -> list[Markup]:
    step = 100 / len(weeks)
    return [
        element("text", str(week), x=f"{step * place:.2f}%", y=top + 12, class_="tick")
        for place, week in enumerate(weeks)
        if place % _LABEL_EVERY == 0 and len(weeks) - place >= _LABEL_EVERY // 2
    ]


def _hatch() -> Markup:
    pattern = element(
        "pattern",
        element("line", x1=0, y1=0, x2=0, y2=6, class_="stripe"),
        id="hatch-activity",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return element("defs", pattern)
