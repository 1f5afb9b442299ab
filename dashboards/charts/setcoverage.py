"""How often prediction sets held the stage that raters gave, beside what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.scales import LEFT_PERCENT, RIGHT_PERCENT, share_scale
from dashboards.sentences import percent
from dashboards.svg import chart, element, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

PROMISED = (0.8, 0.9)  #: levels of the sets
_TOP = 24  # pixels above the first row, for what is promised
_ROW, _HEADING = 50, 30
_LABEL_LENGTH = 40  # characters that fit beside n on a telephone
_SCALE = share_scale(1)
_LOOKS = {0.9: (26, "mean"), 0.8: (38, "mean few")}  # below the top of the row; filled and hollow


class Held(NamedTuple):
    """What the sets of one level held, a share from 0 to 1, with its interval."""

    level: float
    share: float | None
    low: float | None
    high: float | None


class CoverageRow(NamedTuple):
    """One group of labels; a row without `held` is a heading."""

    label: str
    n: int = 0
    held: tuple[Held, ...] = ()


def set_coverage(rows: Sequence[CoverageRow]) -> Markup:
    """Shares held by group, 90 % sets as filled and 80 % sets as hollow points.

    Args:
        rows: from top to bottom.
    """
    parts, top = [], _TOP
    for row in rows:
        parts += _row(row, top) if row.held else [_heading(row, top)]
        top += _ROW if row.held else _HEADING
    behind = [part for level in PROMISED for part in _promise(level, top)]
    ticks = [_tick(share, top) for share in _SCALE.ticks]
    words = "; ".join(_words(row) for row in rows if row.held)
    return chart("chart set-coverage", top + 24, words, *behind, *parts, *ticks)


def _promise(level: float, bottom: float) -> list[Markup]:
    """A rule at the promised level; its words lie outwards, so that two never meet."""
    is_lower = level == min(PROMISED)
    words = f"promised: {percent(level)}" if is_lower else percent(level)
    anchor = "end" if is_lower else "start"
    at = _SCALE.at(level)
    text = element("text", words, x=f"{at:.2f}%", y=12, text_anchor=anchor, class_="tick")
    return [upright(at, 16, bottom, "promised"), text]


def _heading(row: CoverageRow, top: float) -> Markup:
    return element("text", row.label, x=0, y=top + 20, class_="heading")


def _row(row: CoverageRow, top: float) -> list[Markup]:
    title = element("title", row.label)
    label = element("text", title, _cut(row.label), x=0, y=top + 13, class_="name")
    note = element("text", _note(row), x="98%", y=top + 13, text_anchor="end", class_="tick")
    return [label, note, *(_held(held, top) for held in row.held if held.share is not None)]


def _held(held: Held, top: float) -> Markup:
    below, look = _LOOKS[held.level]
    y, share = top + below, held.share or 0.0
    axis = element("line", x1=f"{LEFT_PERCENT}%", x2=f"{RIGHT_PERCENT}%", y1=y, y2=y, class_="axis")
    dot = element("circle", cx=f"{_SCALE.at(share):.2f}%", cy=y, r=4.5, class_=look)
    return element("g", element("title", _told(held)), axis, *_interval(held, y), dot)


def _interval(held: Held, y: float) -> list[Markup]:
    if held.low is None or held.high is None:
        return []
    left, right = _SCALE.at(held.low), _SCALE.at(held.high)
    line = element("line", x1=f"{left:.2f}%", x2=f"{right:.2f}%", y1=y, y2=y, class_="whisker")
    return [line, upright(left, y - 4, y + 4, "whisker"), upright(right, y - 4, y + 4, "whisker")]


def _note(row: CoverageRow) -> str:
    return f"n = {row.n}" if row.n else "no label"


def _told(held: Held) -> str:
    told = f"{percent(held.level)} sets held {percent(held.share)}"
    if held.low is None or held.high is None:
        return told
    return f"{told} ({percent(held.low)} to {percent(held.high)})"


def _words(row: CoverageRow) -> str:
    told = ", ".join(_told(held) for held in row.held if held.share is not None)
    return f"{row.label}: {f'{told}, ' if told else ''}{_note(row)}"


def _tick(share: float, bottom: float) -> Markup:
    at = _SCALE.at(share)
    words = percent(share)
    text = element(
        "text", words, x=f"{at:.2f}%", y=bottom + 18, text_anchor="middle", class_="tick"
    )
    return upright(at, bottom, bottom + 5, "axis") + text


def _cut(label: str) -> str:
    return label if len(label) <= _LABEL_LENGTH else f"{label[: _LABEL_LENGTH - 1]}…"
