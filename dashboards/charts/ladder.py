"""The stage ladder of a table row: six cells with set, median and claim."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from classifiers.stages import Stage
from dashboards.charts.colours import CLAIM_COLOUR, STAGE_COLOURS
from dashboards.sentences import stage_label, stage_set
from dashboards.svg import NAMESPACE, element

if TYPE_CHECKING:
    from markupsafe import Markup

    from dashboards.reading.benchmark import Organization

_STEP = 21  #: pixels from cell to cell


class _Shown(NamedTuple):
    """All that a ladder depends on: many organizations share one."""

    set90_low: int | None
    set90_high: int | None
    stage_code: int | None
    is_abstained: bool
    claimed_stage_code: int | None


def stage_ladder(row: Organization) -> Markup:
    """Six cells, the 90 % set coloured and bracketed, the median dotted, the claim a triangle.

    An abstained estimate has grey cells and no dot.
    """
    return _drawn(
        _Shown(
            set90_low=row.set90_low,
            set90_high=row.set90_high,
            stage_code=row.stage_code,
            is_abstained=bool(row.is_abstained),
            claimed_stage_code=row.claimed_stage_code,
        )
    )


@lru_cache(maxsize=4096)
def _drawn(row: _Shown) -> Markup:
    inside = _stages_between(row.set90_low, row.set90_high)
    cells = [
        _ladder_cell(stage, is_inside=stage in inside, is_grey=row.is_abstained) for stage in Stage
    ]
    marks = _marks(row, inside)
    return element(
        "svg",
        *cells,
        *marks,
        xmlns=NAMESPACE,
        width=128,
        height=34,
        viewBox="0 0 128 34",
        role="img",
        aria_label=_words(row),
        class_="ladder",
    )


def _stages_between(low: int | None, high: int | None) -> range:
    return range(0) if low is None or high is None else range(low, high + 1)


def _left(stage: int) -> int:
    return 2 + _STEP * (stage - 1)


def _ladder_cell(stage: int, *, is_inside: bool, is_grey: bool) -> Markup:
    colour = STAGE_COLOURS[None if is_grey else stage]
    return element(
        "rect",
        x=_left(stage),
        y=11,
        width=_STEP - 3,
        height=12,
        fill=colour if is_inside else "none",
        class_="rung inside" if is_inside else "rung",
    )


def _marks(row: _Shown, inside: range) -> list[Markup]:
    marks = []
    if inside:
        marks.append(_bracket(inside[0], inside[-1]))
    if row.stage_code is not None and not row.is_abstained:
        marks.append(_median(row.stage_code))
    if row.claimed_stage_code is not None:
        marks.append(_claim(row.claimed_stage_code))
    return marks


def _bracket(low: int, high: int) -> Markup:
    left, right = _left(low) + 0.5, _left(high) + _STEP - 3.5
    return element("path", d=f"M{left} 26v4H{right}v-4", fill="none", class_="bracket")


def _median(stage: int) -> Markup:
    """A white-ringed dot: seen on every stage's colour, light or dark."""
    centre = _left(stage) + (_STEP - 3) / 2
    return element(
        "circle", cx=centre, cy=17, r=3.5, fill="#111417", stroke="#ffffff", stroke_width=1.5
    )


def _claim(stage: int) -> Markup:
    centre = _left(stage) + (_STEP - 3) / 2
    return element("path", d=f"M{centre - 5} 1h10l-5 8z", fill=CLAIM_COLOUR, class_="claim")


def _words(row: _Shown) -> str:
    """What the drawing shows, as its label."""
    parts = [f"90 % set {stage_set(row.set90_low, row.set90_high)}"]
    if row.is_abstained:
        parts.append("abstained")
    elif row.stage_code is not None:
        parts.append(f"median {stage_label(row.stage_code)}")
    if row.claimed_stage_code is not None:
        parts.append(f"claimed {stage_label(row.claimed_stage_code)}")
    return ", ".join(parts)
