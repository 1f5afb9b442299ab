"""Rows of intervals on one axis of stages with 0, what honest claims would show, in the middle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from dashboards.scales import Scale
from dashboards.svg import chart, element, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

WIDEST_REACH = 5.0  #: a claim is at most five stages from a point; wider intervals get an arrow
_TOP = 26  # pixels above the first row, for the words at 0
_ROW = 38
_LABEL_LENGTH = 40  # characters that fit beside n on a telephone


class IntervalRow(NamedTuple):
    """A mean in stages with its interval; a row without a value is a heading.

    Bounds are None without an interval; `note` stands at the right end, such as `n = 12`.
    """

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""
    is_few: bool = False  #: drawn hollow


def interval_rows(kind: str, rows: Sequence[IntervalRow], words: str) -> Markup:
    """Means with their intervals below one another, and a line at 0 marked `honest claims`.

    Args:
        kind: class for the style sheet.
        rows: from top to bottom.
        words: what a screen reader says instead.
    """
    scale, bottom = _scale(rows), _TOP + _ROW * len(rows)
    parts = [
        element("text", "honest claims", x="49%", y=12, text_anchor="middle", class_="tick"),
        upright(scale.at(0), 18, bottom, "honest"),
        *(_tick(scale, tick, bottom) for tick in scale.ticks),
    ]
    for place, row in enumerate(rows):
        parts += _row(row, scale, _TOP + _ROW * place)
    return chart(f"chart {kind}", bottom + 24, words, *parts)


def signed_stages(value: float | None) -> str:
    """Stages with one decimal and a true sign, such as +0.5; 0 without either."""
    if not value:
        return "0"
    return f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")


def _scale(rows: Sequence[IntervalRow]) -> Scale:
    ends = [abs(end) for row in rows for end in (row.value, row.low, row.high) if end is not None]
    reach = min(max(math.ceil(2 * max(ends, default=0.0)) / 2, 0.5), WIDEST_REACH)
    step = next(step for step in (0.5, 1.0, 2.0) if reach / step <= 4)  # noqa: PLR2004 - nine labels fit
    count = math.floor(reach / step)
    ticks = tuple(step * place for place in range(-count, count + 1))
    return Scale(low=-reach, high=reach, is_log=False, ticks=ticks, write=signed_stages)


def _tick(scale: Scale, value: float, y: float) -> Markup:
    at = scale.at(value)
    words = scale.write(value)
    text = element("text", words, x=f"{at:.2f}%", y=y + 18, text_anchor="middle", class_="tick")
    return upright(at, y, y + 5, "axis") + text


def _row(row: IntervalRow, scale: Scale, top: float) -> list[Markup]:
    if row.value is None and not row.note:
        return [element("text", row.label, x=0, y=top + 28, class_="heading")]
    label = element(
        "text", element("title", row.label), _cut(row.label), x=0, y=top + 12, class_="name"
    )
    note = element("text", row.note, x="98%", y=top + 12, text_anchor="end", class_="tick")
    return [label, note, *_interval(row, scale, top + 24)]


def _interval(row: IntervalRow, scale: Scale, y: float) -> list[Markup]:
    if row.value is None:
        return [element("text", "not known", x=0, y=y + 4, class_="tick")]
    parts = []
    if row.low is not None and row.high is not None:
        parts = _whisker(row.low, row.high, scale, y)
    kind = "mean few" if row.is_few else "mean"
    parts.append(element("circle", cx=f"{scale.at(row.value):.2f}%", cy=y, r=4.5, class_=kind))
    return parts


def _whisker(low: float, high: float, scale: Scale, y: float) -> list[Markup]:
    left, right = scale.at(low), scale.at(high)
    line = element("line", x1=f"{left:.2f}%", x2=f"{right:.2f}%", y1=y, y2=y, class_="whisker")
    ends = [(left, "◂", low < scale.low), (right, "▸", high > scale.high)]
    return [line, *(_end(at, arrow, y, is_cut=is_cut) for at, arrow, is_cut in ends)]


def _end(at: float, arrow: str, y: float, *, is_cut: bool) -> Markup:
    """A bar where an interval ends, an arrow where the axis ends before it."""
    if not is_cut:
        return upright(at, y - 4, y + 4, "whisker")
    return element("text", arrow, x=f"{at:.2f}%", y=y + 4, text_anchor="middle", class_="name")


def _cut(label: str) -> str:
    return label if len(label) <= _LABEL_LENGTH else f"{label[: _LABEL_LENGTH - 1]}…"
