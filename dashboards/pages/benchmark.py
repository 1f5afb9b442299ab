"""The benchmark: how observed stages are distributed, how claims compare, and who has moved."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from classifiers.signals import SIGNALS, Signal
from classifiers.stages import Stage
from dashboards import sentences
from dashboards.asked import UnknownValueError
from dashboards.charts import distribution, groupstrips, ladder, matrix, strip
from dashboards.figures import Column, Figure
from dashboards.filters import Filters
from dashboards.pages.page import Content, Page
from dashboards.reading import benchmark as reading
from dashboards.reading import signals as signal_reading
from dashboards.reading.header import known
from dashboards.scales import scale_of
from dashboards.twins import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
_LABELS = {None: "Abstained"} | {stage.value: stage.label for stage in Stage}


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
        _organizations_figure(visit, organizations, listed),
        _stages_figure(visit, counts, marks),
        _expected_figure(visit, chosen),
        _claims_figure(visit, cells),
        _positions_figure(visit, positions, chosen),
        _changes_figure(visit, changes),
        _signals_figure(visit, strips),
        _groups_figure(visit),
    )
    return Content(
        title="Benchmark", figures=figures, shown=shown, filters=sentences.filters_asked(asked)
    )


BENCHMARK = Page(name="benchmark", path="", label="Benchmark", gather=gather, asked=Filters)


def week_of(visit: Visit) -> str:
    """The week that a visit is about, ISO 8601."""
    return visit.asked.week or f"{visit.header.as_of_week}"


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


def _organizations_figure(
    visit: Visit, organizations: list[reading.Organization], listed: int
) -> Figure:
    definitions = known(visit.snapshot).definitions
    names = [each.name for each in fields(reading.Organization)]
    columns = [
        Column(name=name, label=name, meaning=definitions.get(name) or _meaning(name))
        for name in names
    ]
    return Figure(
        name="organizations",
        title="Organizations",
        definition="One row an organization: observed stage with its sets, claim, and signals.",
        anchor="stages",
        n=listed,
        window=f"week of {week_of(visit)}",
        columns=columns,
        rows=rows_of(organizations, names),
    )


def _meaning(name: str) -> str:
    return _SIGNALS[name].definition if name in _SIGNALS else ""


def _stages_figure(
    visit: Visit, counts: list[reading.StageCount], marks: list[distribution.Mark]
) -> Figure:
    weeks = distribution.by_week(counts)
    last = sum(weeks[max(weeks)].values()) if weeks else 0
    return Figure(
        name="stages",
        title="Observed stages by week",
        definition=(
            "Organizations by the median of their estimate; those without a single observed "
            "stage stand under Abstained. Each estimate has a 90 % set of stages around it."
        ),
        anchor="stages",
        n=last,
        window=f"{len(weeks)} weeks to that of {week_of(visit)}",
        columns=(
            Column(name="as_of_week", label="Week of"),
            *(
                Column(
                    name=f"{label.lower()}_count",
                    label=label,
                    meaning=f"Organizations with {label} as observed stage.",
                    is_number=True,
                )
                for label in _LABELS.values()
            ),
            Column(name="n", label="n", meaning="Organizations with an estimate.", is_number=True),
        ),
        rows=[
            (week, *(stages.get(code, 0) for code in _LABELS), sum(stages.values()))
            for week, stages in reversed(weeks.items())
        ],
        drawing=distribution.stage_distribution(counts, marks) if counts else "",
        note=" ".join(f"{mark.number}: {mark.words}" for mark in marks),
    )


def _expected_figure(visit: Visit, chosen: reading.Selection) -> Figure:
    is_known = sum(chosen.expected_counts) > 0
    return Figure(
        name="expected",
        title="Expected by probability",
        definition=(
            "Every estimate counted with its six probabilities, those that abstain from a single "
            "stage among them: how many organizations are at each stage, as far as can be known."
        ),
        anchor="stages",
        n=chosen.estimate_count,
        window=f"week of {week_of(visit)}",
        columns=(
            Column(name="stage", label="Stage"),
            Column(
                name="expected_count",
                label="Expected",
                meaning="Sum of the stage's probability over all estimates, in organizations.",
                write=sentences.rate,
                is_number=True,
            ),
        ),
        rows=[
            (stage.label, count if is_known else None)
            for stage, count in zip(Stage, chosen.expected_counts, strict=True)
        ],
        drawing=distribution.expected_stages(chosen.expected_counts) if is_known else "",
    )


def _claims_figure(visit: Visit, cells: Sequence[reading.MatrixCell]) -> Figure:
    asked: Filters = visit.asked
    counts = {(one.claimed_stage_code, one.stage_code): one.organization_count for one in cells}
    address = _cell_address(visit) if visit.links.is_live else None
    return Figure(
        name="claims",
        title="Claimed and observed stages",
        definition=(
            "Organizations by claimed stage (rows) and observed stage (columns), where both are "
            "known; the abstained are left out."
        ),
        anchor="claims",
        n=sum(counts.values()),
        window=f"week of {week_of(visit)}",
        columns=(
            Column(name="claimed_stage", label="Claimed"),
            *(
                Column(
                    name=f"observed_{stage.label.lower()}_count", label=stage.label, is_number=True
                )
                for stage in Stage
            ),
        ),
        rows=[
            (claimed.label, *(counts.get((claimed.value, seen.value), 0) for seen in Stage))
            for claimed in reversed(Stage)
        ],
        drawing=(
            matrix.claim_matrix(cells, is_share=bool(asked.shares), address=address)
            if cells
            else ""
        ),
    )


def _cell_address(visit: Visit) -> matrix.CellAddress:
    def address(claimed: int, seen: int) -> str:
        query = visit.asked.address(claimed=str(claimed), observed=str(seen), page=1)
        return f"{visit.links.here(query)}#organizations"

    return address


def _positions_figure(
    visit: Visit, positions: Sequence[reading.ClaimPosition], chosen: reading.Selection
) -> Figure:
    counts = {(row.claimed_stage_code, row.claim_position): row for row in positions}
    places = ("below", "within", "above")
    return Figure(
        name="positions",
        title="Claims beside their 90 % sets",
        definition="Claims by their place beside the 90 % prediction set, not beside the median.",
        anchor="claims",
        n=chosen.compared_count,
        window=f"week of {week_of(visit)}",
        columns=(
            Column(name="claimed_stage", label="Claimed"),
            *(Column(name=f"{place}_count", label=place, is_number=True) for place in places),
        ),
        rows=[
            (
                stage.label,
                *(
                    counts[stage.value, place].organization_count
                    if (stage.value, place) in counts
                    else 0
                    for place in places
                ),
            )
            for stage in reversed(Stage)
        ],
    )


def _changes_figure(visit: Visit, changes: list[reading.StageChange]) -> Figure:
    names = [each.name for each in fields(reading.StageChange)][:-2]  # without the counts of all
    return Figure(
        name="changes",
        title="Who has moved",
        definition=(
            f"Estimates of this week beside those {reading.WINDOW_WEEKS} weeks before, whose "
            "windows of activity do not overlap, by the same model; the probabilities take the "
            f"two as independent. From {reading.LIKELY:.0%} on a move is called likely."
        ),
        anchor="changes",
        n=changes[0].pair_count if changes else 0,
        window=f"week of {week_of(visit)} and {reading.WINDOW_WEEKS} weeks before",
        columns=[Column(name=name, label=name) for name in names],
        rows=rows_of(changes, names),
    )


_SPREAD = (
    "n",
    "missing_count",
    "lowest",
    "percentile_05",
    "percentile_25",
    "percentile_50",
    "percentile_75",
    "percentile_95",
    "highest",
)


def _signals_figure(visit: Visit, strips: list[StripRow]) -> Figure:
    names = ("signal_code", *_SPREAD)
    return Figure(
        name="signals",
        title="Signals",
        definition=(
            "How each signal is distributed among the organizations that have it, in its own "
            "unit. Percentiles are interpolated between neighbouring values; those of fewer than "
            f"{strip.FEWEST_FOR_BANDS} values are left out, the median below "
            f"{strip.FEWEST_FOR_DOTS}."
        ),
        anchor="signals",
        n=max((row.strip.n for row in strips), default=0),
        window=f"13 or 26 weeks to that of {week_of(visit)}, see each signal",
        columns=[Column(name=name, label=name) for name in names],
        rows=[(row.signal.code, *spread_values(row.strip)) for row in strips],
        drawing=strip.stacked([(row.signal.label, row.drawing) for row in strips if row.drawing]),
    )


def spread_values(found: signal_reading.Spread) -> list[object]:
    """A spread without the percentiles that too few values would give."""
    kept = {name: getattr(found, name) for name in _SPREAD}
    for name in _SPREAD[2:]:
        needed = strip.FEWEST_FOR_DOTS if name == "percentile_50" else strip.FEWEST_FOR_BANDS
        if found.n < needed:
            kept[name] = None
    return list(kept.values())


def _groups_figure(visit: Visit) -> Figure:
    signal = _SIGNALS[visit.asked.signal]
    groups = signal_reading.signal_groups(visit.snapshot, visit.asked, signal.code)
    highest = max((group.highest or 0.0 for group in groups), default=0.0)
    scale = scale_of(signal, highest)
    write = {"write": scale.write, "is_number": True}
    return Figure(
        name="groups",
        title=f"{signal.label} by industry",
        definition=f"{signal.definition} By industry; medians from {strip.FEWEST_FOR_DOTS} on.",
        anchor=f"signal-{signal.code}",
        n=sum(group.n for group in groups),
        window=f"{signal.window_weeks} weeks to that of {week_of(visit)}",
        columns=(
            Column(name="industry", label="Industry"),
            Column(name="n", label="n", is_number=True),
            Column(name="missing_count", label="No value", is_number=True),
            *(
                Column(name=name, label=name.replace("_", " "), **write)  # type: ignore[arg-type]
                for name in _SPREAD[2:]
            ),
        ),
        rows=[(group.group_name, *spread_values(group)) for group in groups],
        drawing=(
            groupstrips.group_strips(groups, scale, signal.label)
            if any(group.n >= strip.FEWEST_FOR_DOTS for group in groups)
            else ""
        ),
    )
