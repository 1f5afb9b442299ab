"""The stage distribution: how observed stages are spread among organizations, by week."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from dashboards.charts.colours import STAGE_COLOURS, text_colour
from dashboards.sentences import percent, stage_label
from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from markupsafe import Markup

    from dashboards.data import StageCount

COLUMNS_FROM_WEEKS = 7  #: fewer weeks are drawn as one row each
_AXIS_SHARE = 0.12  #: of the width, for the labels of the vertical axis
_LABELLED_SHARE = 0.035  #: a narrower segment has no room for its number


def stage_distribution(counts: Sequence[StageCount]) -> Markup:
    """Stacked bars of observed stages: one row a week, columns from seven weeks on."""
    weeks = by_week(counts)
    draw = _stage_rows if len(weeks) < COLUMNS_FROM_WEEKS else _stage_columns
    return draw(weeks)


def by_week(counts: Sequence[StageCount]) -> dict[date, dict[int | None, int]]:
    """Counts per week and stage, oldest week first; None stands for abstained."""
    weeks: dict[date, dict[int | None, int]] = defaultdict(dict)
    for count in counts:
        weeks[count.as_of_week][count.stage_code] = count.organization_count
    return dict(sorted(weeks.items()))


def _stage_rows(weeks: Mapping[date, Mapping[int | None, int]]) -> Markup:
    parts: list[Markup] = [_hatch()]
    for index, (week, counts) in enumerate(weeks.items()):
        parts += _stacked_row(counts, top=index * 60)
        parts.append(element("text", f"Week of {week}", x=0, y=index * 60 + 54, class_="tick"))
    return chart("chart", 60 * len(weeks), _distribution_words(weeks), *parts)


def _stacked_row(counts: Mapping[int | None, int], top: int) -> list[Markup]:
    total, left, parts = sum(counts.values()), 0.0, []
    for stage in STAGE_COLOURS:
        share = counts.get(stage, 0) / total
        if share:
            rect = _segment(stage, x=f"{left:.3f}%", y=top + 1, width=share, height=38)
            parts.append(_told(rect, f"{_name(stage)}: {counts[stage]} of {total}"))
        if share >= _LABELLED_SHARE:
            x = f"{100 * (left / 100 + share / 2):.3f}%"
            parts.append(_count_text(stage, counts[stage], x=x, y=top + 25))
        left += 100 * share
    return parts


def _segment(stage: int | None, *, x: str, y: float, width: float, height: float) -> Markup:
    return element(
        "rect",
        x=x,
        y=y,
        width=f"{100 * width:.3f}%",
        height=height,
        fill="url(#hatch)" if stage is None else STAGE_COLOURS[stage],
        class_="segment",
    )


def _count_text(stage: int | None, count: int, *, x: str, y: int) -> Markup:
    return element(
        "text",
        str(count),
        x=x,
        y=y,
        text_anchor="middle",
        fill=text_colour(stage),
        class_="count",
    )


def _stage_columns(weeks: Mapping[date, Mapping[int | None, int]]) -> Markup:
    width, step = (1 - _AXIS_SHARE) / len(weeks), math.ceil(len(weeks) / 4)
    parts: list[Markup] = [_hatch(), *(_share_line(share) for share in (0, 0.25, 0.5, 0.75, 1))]
    for index, (week, counts) in enumerate(weeks.items()):
        left = 100 * (_AXIS_SHARE + index * width)
        parts += _stacked_column(week, counts, x=f"{left:.3f}%", width=width)
        if index % step == 0 and index + step <= len(weeks):  # a later label would stick out
            parts.append(element("text", str(week), x=f"{left:.3f}%", y=238, class_="tick"))
    return chart("chart columns", 244, _distribution_words(weeks), *parts)


def _stacked_column(
    week: date, counts: Mapping[int | None, int], *, x: str, width: float
) -> list[Markup]:
    total, bottom, parts = sum(counts.values()), 216.0, []
    for stage in STAGE_COLOURS:
        height = 208 * counts.get(stage, 0) / total
        bottom -= height
        if height:
            rect = _segment(stage, x=x, y=bottom, width=width, height=height)
            words = f"{week}, {_name(stage)}: {counts[stage]} of {total}"
            parts.append(_told(rect, words))
    return parts


def _share_line(share: float) -> Markup:
    y = 216 - 208 * share
    line = element("line", x1=f"{100 * _AXIS_SHARE:g}%", x2="100%", y1=y, y2=y, class_="axis")
    x = f"{100 * _AXIS_SHARE - 1:g}%"
    return line + element("text", percent(share), x=x, y=y + 4, text_anchor="end", class_="tick")


def _distribution_words(weeks: Mapping[date, Mapping[int | None, int]]) -> str:
    if not weeks:
        return "Observed stages: no organization"
    week, counts = list(weeks.items())[-1]
    listed = [f"{_name(stage)} {counts[stage]}" for stage in STAGE_COLOURS if stage in counts]
    return f"Observed stages in the week of {week}: {', '.join(listed)}"


def _name(stage: int | None) -> str:
    return "Abstained" if stage is None else stage_label(stage)


def _told(shape: Markup, words: str) -> Markup:
    """A shape that tells its number when pointed at."""
    return element("g", element("title", words), shape)


def _hatch() -> Markup:
    """Stripes for the abstained: told apart from a stage without seeing colour."""
    ground = element("rect", width=7, height=7, fill=STAGE_COLOURS[None])
    stripe = element("line", x1=0, y1=0, x2=0, y2=7, stroke="#8d949c", stroke_width=2.5)
    pattern = element(
        "pattern",
        ground,
        stripe,
        id="hatch",
        width=7,
        height=7,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return element("defs", pattern)
