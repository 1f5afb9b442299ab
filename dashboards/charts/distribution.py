"""The stage distribution: how observed stages are spread among organizations, by week."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from dashboards.charts.colours import STAGE_COLOURS, text_colour
from dashboards.sentences import percent, stage_label
from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from markupsafe import Markup

    from dashboards.reading.benchmark import StageCount
    from dashboards.reading.header import Week

COLUMNS_FROM_WEEKS = 7  #: fewer weeks are drawn as one row each
_AXIS_SHARE = 0.12  #: of the width, for the labels of the vertical axis
_EXPECTED_SHARE = 0.08  #: the same for numbers with a decimal
_LABELLED_SHARE = 0.035  #: a narrower segment has no room for its number


PARTIAL_SHARE = 0.9  #: a week in which fewer organizations were reached is marked
_MOST_MARKS = 12  #: more would cover the chart; the table of weeks has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that a reader of a week must know: another model, or few organizations seen."""

    as_of_week: date
    number: int
    words: str


def marks(weeks: Sequence[Week], shown: Sequence[date]) -> list[Mark]:
    """What happened in the weeks that are shown, numbered from the first."""
    wanted = set(shown)
    visible = [week for week in weeks if week.as_of_week in wanted]
    found = sorted([*_model_changes(visible), *_partial_spans(visible)])
    return [
        Mark(as_of_week=week, number=number, words=words)
        for number, (week, words) in enumerate(found[-_MOST_MARKS:], 1)
    ]


def _model_changes(weeks: Sequence[Week]) -> Iterator[tuple[date, str]]:
    estimated = [week for week in weeks if week.model_version]
    for before, week in pairwise(estimated):
        if before.model_version != week.model_version:
            yield week.as_of_week, f"estimates by model {week.model_version} from here on."


def _partial_spans(weeks: Sequence[Week]) -> Iterator[tuple[date, str]]:
    """Weeks in a row in which few organizations were seen, each row of them once."""
    for is_partial, run in groupby(weeks, key=lambda week: _reached(week) < PARTIAL_SHARE):
        if is_partial:
            span = list(run)
            first, last = span[0].as_of_week, span[-1].as_of_week
            shares = sorted({percent(min(map(_reached, span))), percent(max(map(_reached, span)))})
            when = f"Week of {first}" if first == last else f"Weeks of {first} to {last}"
            yield first, f"{when}: {' to '.join(shares)} of organizations reached."


def _reached(week: Week) -> float:
    return week.reached_count / week.organization_count if week.organization_count else 1.0


def stage_distribution(counts: Sequence[StageCount], noted: Sequence[Mark] = ()) -> Markup:
    """Stacked bars of observed stages: one row a week, columns from seven weeks on.

    Args:
        counts: of every week.
        noted: drawn as numbered rules over their weeks; columns only.
    """
    weeks = by_week(counts)
    if len(weeks) < COLUMNS_FROM_WEEKS:
        return _stage_rows(weeks)
    return _stage_columns(weeks, noted)


def expected_stages(expected: Sequence[float]) -> Markup:
    """One bar: how many organizations are expected at each stage, by their probabilities.

    Args:
        expected: of stages 1 to 6, in organizations.
    """
    total, left, parts = sum(expected), 0.0, []
    for stage, count in enumerate(expected, 1):
        share = count / total
        words = f"{stage_label(stage)}: {count:.1f} of {total:.0f}"
        at = {"x": f"{100 * left:.3f}%", "y": 1.0, "width": share, "height": 38.0}
        parts.append(_segment(stage, words, **at))  # type: ignore[arg-type]
        if share >= _EXPECTED_SHARE:
            x = f"{100 * (left + share / 2):.3f}%"
            text = element(
                "text",
                f"{count:.1f}",
                x=x,
                y=25,
                text_anchor="middle",
                fill=text_colour(stage),
                class_="count",
            )
            parts.append(text)
        left += share
    listed = ", ".join(f"{stage_label(at)} {each:.1f}" for at, each in enumerate(expected, 1))
    return chart("chart", 40, f"Expected by probability: {listed}", *parts)


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
            words = f"{_name(stage)}: {counts[stage]} of {total}"
            at = {"x": f"{left:.3f}%", "y": top + 1, "width": share, "height": 38.0}
            parts.append(_segment(stage, words, **at))  # type: ignore[arg-type]
        if share >= _LABELLED_SHARE:
            x = f"{100 * (left / 100 + share / 2):.3f}%"
            parts.append(_count_text(stage, counts[stage], x=x, y=top + 25))
        left += 100 * share
    return parts


def _segment(
    stage: int | None, words: str, *, x: str, y: float, width: float, height: float
) -> Markup:
    """A bar that tells its number when pointed at."""
    return element(
        "rect",
        element("title", words),
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


def _stage_columns(weeks: Mapping[date, Mapping[int | None, int]], noted: Sequence[Mark]) -> Markup:
    width, step = (1 - _AXIS_SHARE) / len(weeks), math.ceil(len(weeks) / 4)
    parts: list[Markup] = [_hatch(), *(_share_line(share) for share in (0, 0.25, 0.5, 0.75, 1))]
    for index, (week, counts) in enumerate(weeks.items()):
        left = 100 * (_AXIS_SHARE + index * width)
        parts += _stacked_column(week, counts, x=f"{left:.3f}%", width=width)
        if index % step == 0 and index + step <= len(weeks):  # a later label would stick out
            parts.append(element("text", str(week), x=f"{left:.3f}%", y=238, class_="tick"))
    places = {week: 100 * (_AXIS_SHARE + (i + 0.5) * width) for i, week in enumerate(weeks)}
    parts += [_rule(mark, places[mark.as_of_week]) for mark in noted]
    return chart("chart columns", 244, _distribution_words(weeks), *parts)


def _stacked_column(
    week: date, counts: Mapping[int | None, int], *, x: str, width: float
) -> list[Markup]:
    total, bottom, parts = sum(counts.values()), 216.0, []
    for stage in STAGE_COLOURS:
        height = 208 * counts.get(stage, 0) / total
        bottom -= height
        if height:
            words = f"{week}, {_name(stage)}: {counts[stage]} of {total}"
            parts.append(_segment(stage, words, x=x, y=bottom, width=width, height=height))
    return parts


def _rule(mark: Mark, at: float) -> Markup:
    x = f"{at:.2f}%"
    line = element("line", x1=x, x2=x, y1=2, y2=216, class_="rule")
    badge = element("circle", cx=x, cy=8, r=8, class_="badge")
    number = element("text", str(mark.number), x=x, y=12, text_anchor="middle", class_="badge-text")
    return element("g", element("title", mark.words), line, badge, number)


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
