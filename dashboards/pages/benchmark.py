"""The benchmark: how observed stages are distributed, how claims compare, and who has moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from classifiers.signals import SIGNALS, Signal
from dashboards import sentences
from dashboards.asked import UnknownValueError
from dashboards.charts import distribution, ladder, strip
from dashboards.filters import Filters
from dashboards.pages import benchmark_figures as figures_of
from dashboards.pages.page import Content, Page, week_of
from dashboards.reading import benchmark as reading
from dashboards.reading import signals as signal_reading
from dashboards.reading.header import known
from dashboards.scales import scale_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from dashboards.pages.page import Visit
    from dashboards.scales import Scale

#: The signals drawn on the benchmark; the page of an organization has all.
STRIPS = (
    "posts_per_week",
    "active_weeks_share",
    "active_platforms",
    "days_since_last_post",
    "reply_rate_72h",
    "response_hours_median",
    "conversation_share",
    "comments_per_post",
)
SHOWN_CHANGES = 8
_SIGNALS = {signal.code: signal for signal in SIGNALS}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWeek:
    """One week of the stage distribution; None stands for abstained."""

    as_of_week: date
    counts: Mapping[int | None, int]

    @property
    def n(self) -> int:
        """Organizations with an estimate in this week, the abstained among them."""
        return sum(self.counts.values())

    def share(self, stage: int | None) -> float:
        """The part of the week's organizations with one observed stage, 0 to 1."""
        return self.counts.get(stage, 0) / self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class StripRow:
    """One signal as the page shows it; `drawing` is empty when there are too few values."""

    signal: Signal
    strip: signal_reading.SignalStrip
    scale: Scale
    drawing: Markup | str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One organization as the table shows it."""

    organization: reading.Organization
    observed: sentences.Observed
    ladder: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One organization that may have moved, in words."""

    change: reading.StageChange
    before: str
    now: str

    @property
    def is_rise(self) -> bool:
        """Whether a higher stage is likelier than a lower one."""
        return self.change.rise_probability >= self.change.fall_probability

    @property
    def probability(self) -> float:
        """Of the likelier of the two moves."""
        return max(self.change.rise_probability, self.change.fall_probability)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What the template of the benchmark needs beside its figures."""

    chosen: reading.Selection
    weeks: list[StageWeek]
    marks: list[distribution.Mark]
    positions: Mapping[tuple[int, str], int]
    cells: Mapping[tuple[int, int], int]
    strips: list[StripRow]
    changes: list[ChangeRow]
    change_count: int  #: organizations estimated in both weeks
    likely_count: int
    rows: list[TableRow]
    listed_count: int
    page_count: int


def gather(visit: Visit) -> Content:
    """All that the benchmark shows of one selection.

    Raises:
        UnknownValueError: the page of the table lies beyond its end.
    """
    asked: Filters = visit.asked
    chosen = reading.selection(visit.snapshot, asked)
    listed = (
        reading.listed_count(visit.snapshot, asked)
        if asked.is_list_narrowed
        else chosen.organization_count
    )
    page_count = 1 if visit.is_whole else _page_count(listed, asked)
    counts = reading.stage_counts(visit.snapshot, asked)
    marks = distribution.marks(known(visit.snapshot).weeks, [count.as_of_week for count in counts])
    cells, positions = chosen.cells, chosen.positions
    strips = _strip_rows(visit)
    most = reading.EVERY_ROW if visit.is_whole else SHOWN_CHANGES
    week = date.fromisoformat(week_of(visit))
    changes = reading.stage_changes(visit.snapshot, asked, week, most)
    organizations = reading.organizations(visit.snapshot, asked, is_paged=not visit.is_whole)
    shown = Benchmark(
        chosen=chosen,
        weeks=_stage_weeks(counts),
        marks=marks,
        positions={
            (row.claimed_stage_code, row.claim_position): row.organization_count
            for row in positions
        },
        cells={(one.claimed_stage_code, one.stage_code): one.organization_count for one in cells},
        strips=strips,
        changes=[_change_row(change) for change in changes[:SHOWN_CHANGES]],
        change_count=changes[0].pair_count if changes else 0,
        likely_count=changes[0].likely_count if changes else 0,
        rows=[_table_row(row) for row in organizations],
        listed_count=listed,
        page_count=page_count,
    )
    figures = (
        figures_of.organizations_figure(visit, organizations, listed),
        figures_of.stages_figure(visit, counts, marks),
        figures_of.expected_figure(visit, chosen),
        figures_of.claims_figure(visit, cells),
        figures_of.positions_figure(visit, positions, chosen),
        figures_of.changes_figure(visit, changes),
        figures_of.signals_figure(visit, strips),
        figures_of.groups_figure(visit),
    )
    return Content(
        title="Benchmark", figures=figures, shown=shown, filters=sentences.filters_asked(asked)
    )


BENCHMARK = Page(name="benchmark", path="", label="Benchmark", gather=gather, asked=Filters)


def _page_count(listed: int, filters: Filters) -> int:
    count = max(1, -(-listed // reading.ROWS_A_PAGE))
    if filters.page > count:
        name = "page"
        raise UnknownValueError(name, str(filters.page), [f"1 to {count}"])
    return count


def _stage_weeks(counts: list[reading.StageCount]) -> list[StageWeek]:
    weeks = distribution.by_week(counts)
    return [StageWeek(as_of_week=week, counts=by_stage) for week, by_stage in weeks.items()]


def _strip_rows(visit: Visit) -> list[StripRow]:
    strips = signal_reading.signal_strips(visit.snapshot, visit.asked, STRIPS)
    few = [each.signal_code for each in strips if each.n <= signal_reading.DOT_LIMIT]
    dots = signal_reading.signal_dots(visit.snapshot, visit.asked, few)
    return [_strip_row(found, dots.get(found.signal_code, [])) for found in strips]


def _strip_row(found: signal_reading.SignalStrip, dots: list[signal_reading.SignalDot]) -> StripRow:
    signal = _SIGNALS[found.signal_code]
    scale = scale_of(signal, found.highest or 0.0)
    drawing: Markup | str = ""
    if found.n >= strip.FEWEST_FOR_DOTS:
        drawing = strip.signal_strip(found, dots, scale, signal.label)
    return StripRow(signal=signal, strip=found, scale=scale, drawing=drawing)


def _table_row(row: reading.Organization) -> TableRow:
    return TableRow(
        organization=row, observed=sentences.observed(row), ladder=ladder.stage_ladder(row)
    )


def _change_row(change: reading.StageChange) -> ChangeRow:
    return ChangeRow(
        change=change,
        before=sentences.stage_set(change.earlier_set90_low, change.earlier_set90_high),
        now=sentences.stage_set(change.set90_low, change.set90_high),
    )
