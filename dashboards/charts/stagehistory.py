"""The stage history of one organization: observed stage, 90 % set and claim by week."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from classifiers.stages import Stage
from dashboards.charts.colours import CLAIM_COLOUR, STAGE_COLOURS
from dashboards.sentences import stage_label, stage_set
from dashboards.svg import chart, element, upright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from markupsafe import Markup

    from dashboards.reading.organization import HistoryWeek

_LEFT, _RIGHT = 13.0, 99.0  #: per cent of the width; the stages' names stand left of it
_TOP, _ROW = 22, 28  #: pixels; above are the numbers of changes
_BOTTOM = _TOP + _ROW * len(Stage)
_MOST_LABELS = 5  #: dates below the axis


class ModelChange(NamedTuple):
    """The first week whose estimate is by another model than that before."""

    number: int
    as_of_week: date
    model_version: str


class ClaimedFrom(NamedTuple):
    """A claimed stage, and since when; None is not known."""

    stage_code: int
    claimed_on: date | None


@dataclass(frozen=True, slots=True)
class _Axis:
    """Places of weeks in per cent of the width."""

    weeks: Sequence[date]

    @property
    def step(self) -> float:
        return (_RIGHT - _LEFT) / len(self.weeks)

    def left(self, week: date) -> float:
        """Where a week begins; one before the first begins with it."""
        return _LEFT + self.step * max((week - self.weeks[0]).days / 7, 0)


class _Run(NamedTuple):
    """Successive weeks that show the same."""

    first: date
    week_count: int
    week: HistoryWeek


def model_changes(history: Sequence[HistoryWeek]) -> list[ModelChange]:
    """Weeks at which the model changed, numbered from the first."""
    estimated = [week for week in history if week.model_version]
    changed = [
        later
        for before, later in pairwise(estimated)
        if before.model_version != later.model_version
    ]
    return [
        ModelChange(number, week.as_of_week, week.model_version)
        for number, week in enumerate(changed, 1)
    ]


def stage_history(
    history: Sequence[HistoryWeek], weeks: Sequence[date], claim: ClaimedFrom | None = None
) -> Markup:
    """Step line of observed stages on the band of their 90 % sets.

    Abstained weeks have a hatched band and no line, weeks without an estimate nothing.

    Args:
        history: the weeks to be shown, oldest first.
        weeks: every Monday of the axis, those without a measurement too.
        claim: dashed from its date on.
    """
    axis = _Axis(weeks)
    parts = [_hatch(), *(_line_of(stage) for stage in Stage), *_dates(axis)]
    parts += [_band(run, axis) for run in _runs(history, _set_shown)]
    if claim is not None:
        parts += _claimed(claim, axis)
    parts += _steps(history, axis)
    for change in model_changes(history):
        parts += _change(change, axis)
    return chart("chart columns stage-history", _BOTTOM + 22, _words(history, claim), *parts)


def _runs(history: Iterable[HistoryWeek], shown: Callable[[HistoryWeek], object]) -> list[_Run]:
    """Neighbouring weeks joined that show the same; weeks that show nothing are left out."""
    runs: list[_Run] = []
    for week in history:
        if shown(week) is None:
            continue
        last = runs[-1] if runs else None
        is_next = last and (week.as_of_week - last.first).days == 7 * last.week_count
        if last and is_next and shown(last.week) == shown(week):
            runs[-1] = last._replace(week_count=last.week_count + 1)
        else:
            runs.append(_Run(week.as_of_week, 1, week))
    return runs


def _set_shown(week: HistoryWeek) -> tuple[object, ...] | None:
    shown = (week.set90_low, week.set90_high, bool(week.is_abstained))
    return None if week.set90_low is None or week.set90_high is None else shown


def _stage_shown(week: HistoryWeek) -> int | None:
    return None if week.is_abstained else week.stage_code


def _band(run: _Run, axis: _Axis) -> Markup:
    low, high = run.week.set90_low or 1, run.week.set90_high or 1
    words = f"{run.first}, {run.week_count} weeks: 90 % set {stage_set(low, high)}"
    title = element("title", f"{words}{', abstained' if run.week.is_abstained else ''}")
    shape = element(
        "rect",
        x=f"{axis.left(run.first):.3f}%",
        y=_top_of(high),
        width=f"{axis.step * run.week_count:.3f}%",
        height=_ROW * (high - low + 1),
        fill="url(#hatch-history)" if run.week.is_abstained else "",
        class_="set-abstained" if run.week.is_abstained else "band-90",
    )
    return element("g", title, shape)


def _steps(history: Sequence[HistoryWeek], axis: _Axis) -> list[Markup]:
    """Horizontal pieces where the stage stays, upright ones where it changes at once."""
    runs, parts = _runs(history, _stage_shown), []
    for run in runs:
        y = _middle_of(run.week.stage_code or 1)
        left = axis.left(run.first)
        right = left + axis.step * run.week_count
        parts.append(
            element(
                "line", x1=f"{left:.3f}%", x2=f"{right:.3f}%", y1=y, y2=y, class_="observed-line"
            )
        )
    for before, after in pairwise(runs):
        if (after.first - before.first).days == 7 * before.week_count:
            ends = sorted(_middle_of(run.week.stage_code or 1) for run in (before, after))
            parts.append(upright(axis.left(after.first), ends[0], ends[1], "observed-line"))
    return parts


def _claimed(claim: ClaimedFrom, axis: _Axis) -> list[Markup]:
    end = axis.left(axis.weeks[-1]) + axis.step
    start = axis.left(claim.claimed_on) if claim.claimed_on else _LEFT
    if start >= end:
        return []
    y = _middle_of(claim.stage_code)
    line = element("line", x1=f"{start:.3f}%", x2=f"{end:.3f}%", y1=y, y2=y, class_="claimed-line")
    title = element("title", f"Claimed {stage_label(claim.stage_code)} since {claim.claimed_on}")
    triangle = element("path", d="M-6 -9h12l-6 9z", fill=CLAIM_COLOUR, class_="claim")
    return [
        element("g", title, line),
        element("svg", triangle, x=f"{start:.3f}%", y=y, overflow="visible"),
    ]


def _change(change: ModelChange, axis: _Axis) -> list[Markup]:
    at = axis.left(change.as_of_week)
    title = element("title", f"Model {change.model_version} from {change.as_of_week} on")
    badge = element("circle", cx=f"{at:.3f}%", cy=10, r=8, class_="badge")
    number = element(
        "text", str(change.number), x=f"{at:.3f}%", y=14, text_anchor="middle", class_="badge-text"
    )
    return [element("g", title, upright(at, 18, _BOTTOM, "rule"), badge, number)]


def _line_of(stage: Stage) -> Markup:
    y = _top_of(stage)
    label = element(
        "text", stage.label, x=f"{_LEFT - 1}%", y=y + 18, text_anchor="end", class_="tick"
    )
    rule = element("line", x1=f"{_LEFT}%", x2=f"{_RIGHT}%", y1=y, y2=y, class_="axis")
    return rule + label


def _dates(axis: _Axis) -> list[Markup]:
    parts = [
        element("line", x1=f"{_LEFT}%", x2=f"{_RIGHT}%", y1=_BOTTOM, y2=_BOTTOM, class_="axis")
    ]
    step = max(-(-len(axis.weeks) // _MOST_LABELS), 1)
    for place in range(0, len(axis.weeks), step):
        week = axis.weeks[place]
        if place and place + step / 2 > len(axis.weeks):  # a label so late would stick out
            continue
        x = f"{axis.left(week):.3f}%"
        parts.append(element("text", str(week), x=x, y=_BOTTOM + 17, class_="tick"))
    return parts


def _top_of(stage: int) -> float:
    return _BOTTOM - _ROW * stage


def _middle_of(stage: int) -> float:
    return _top_of(stage) + _ROW / 2


def _hatch() -> Markup:
    """Stripes with gaps: the lines of the stages stay visible through an abstained set."""
    stripe = element("line", x1=0, y1=0, x2=0, y2=8, stroke="#8d949c", stroke_width=3)
    ground = element("rect", width=8, height=8, fill=STAGE_COLOURS[None], fill_opacity=0.35)
    pattern = element(
        "pattern",
        ground,
        stripe,
        id="hatch-history",
        width=8,
        height=8,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return element("defs", pattern)


def _words(history: Sequence[HistoryWeek], claim: ClaimedFrom | None) -> str:
    last = history[-1]
    told = stage_set(last.set90_low, last.set90_high)
    stage = _stage_shown(last)
    now = (
        "abstained"
        if last.is_abstained
        else f"observed {stage_label(stage)}"
        if stage
        else "no estimate"
    )
    claimed = f", claimed {stage_label(claim.stage_code)}" if claim else ""
    return (
        f"{len(history)} weeks to that of {last.as_of_week}: last {now}, 90 % set {told}{claimed}"
    )
