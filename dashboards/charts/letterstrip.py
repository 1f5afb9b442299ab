"""A signal strip with several organizations, each a letter in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.charts.strip import STRIP_HEIGHT, signal_strip
from dashboards.svg import chart, element, nested, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from dashboards.reading.signals import Spread
    from dashboards.scales import Scale

_LANE = 19  # pixels of a row of letters
_APART = 6.0  # per cent of the width between letters of one row: 20 pixels on a telephone


class LetterMark(NamedTuple):
    """One organization's value."""

    letter: str
    name: str
    value: float


def letter_strip(spread: Spread, marks: Sequence[LetterMark], scale: Scale, label: str) -> Markup:
    """Bands of all organizations, and above them one letter for each of those compared.

    Letters that would touch stand in rows above one another.
    """
    lanes = _lanes(marks, scale)
    height = _LANE * (max(lanes, default=0) + 1)
    parts = [nested(signal_strip(spread, [], scale, label), height)]
    for mark, lane in zip(marks, lanes, strict=True):
        parts += _mark(mark, scale.at(mark.value), height - _LANE * (lane + 0.5), height)
    listed = ", ".join(f"{mark.letter} {scale.write(mark.value)}" for mark in marks)
    return chart("chart strip", height + STRIP_HEIGHT, f"{label}: {listed or 'no value'}", *parts)


def strip_height(marks: Sequence[LetterMark], scale: Scale) -> int:
    """The height in pixels of the strip with these letters."""
    return _LANE * (max(_lanes(marks, scale), default=0) + 1) + STRIP_HEIGHT


def _lanes(marks: Sequence[LetterMark], scale: Scale) -> list[int]:
    """The row of each letter, the lowest in which it touches no other."""
    taken: list[list[float]] = []
    lanes = []
    for mark in marks:
        at = scale.at(mark.value)
        free = (
            lane
            for lane, places in enumerate(taken)
            if all(abs(at - place) >= _APART for place in places)
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append(at)
        lanes.append(lane)
    return lanes


def _mark(mark: LetterMark, at: float, y: float, foot: float) -> list[Markup]:
    x = f"{at:.2f}%"
    return [
        upright(at, y, foot + 6, "stem"),
        element(
            "g",
            element("title", f"{mark.letter} {mark.name}"),
            element("circle", cx=x, cy=y, r=8.5, class_=f"letter-{mark.letter.lower()} lettered"),
            element("text", mark.letter, x=x, y=y + 4, text_anchor="middle", class_="letter"),
        ),
    ]
