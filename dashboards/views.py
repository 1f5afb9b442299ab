"""Pages as HTML: what a page shows is gathered here, how it looks is in `templates/`.

The same functions serve the live pages and the static export.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from classifiers.signals import SIGNALS, Signal
from classifiers.stages import Stage
from dashboards import data, sentences
from dashboards.charts import distribution, ladder, matrix, strip
from dashboards.charts.colours import STAGE_COLOURS
from dashboards.filters import Filters, UnknownValueError
from dashboards.scales import balance_scale, count_scale, share_scale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from markupsafe import Markup

    from dashboards.data import FilterOption, ReadableSnapshot, Selection, SnapshotHeader
    from dashboards.scales import Scale

#: The signals drawn on the benchmark page, each with its axis.
STRIPS: Mapping[str, Callable[[float], Scale]] = {
    "posts_per_week": count_scale,
    "active_weeks_share": share_scale,
    "burstiness": balance_scale,
    "weekend_share": share_scale,
    "office_hours_share": share_scale,
    "days_since_last_post": count_scale,
}
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
    strip: data.SignalStrip
    scale: Scale
    drawing: Markup | str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One organization as the table shows it."""

    organization: data.Organization
    observed: sentences.Observed
    ladder: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkPage:
    """All that the benchmark page shows of one selection."""

    snapshot_name: str
    header: SnapshotHeader
    filters: Filters
    options: Mapping[str, list[FilterOption]]
    chosen: Selection
    weeks: list[StageWeek]
    distribution: Markup | str
    cells: Mapping[tuple[int, int], int]
    matrix: Markup | str
    positions: Mapping[tuple[int, str], int]
    strips: list[StripRow]
    rows: list[TableRow]
    page_count: int

    @property
    def has_model(self) -> bool:
        """Whether a model estimated this snapshot's stages."""
        return bool(self.header.model_version)


def benchmark(snapshot: ReadableSnapshot, filters: Filters, *, style_sheet: str = "") -> str:
    """The benchmark page.

    Args:
        snapshot: what to show.
        filters: which organizations, in which order.
        style_sheet: CSS to put into the page itself. A page with it stands alone: it lists
            every organization and has no controls.

    Raises:
        UnknownValueError: the page of the table lies beyond its end.
    """
    page = _gather(snapshot, filters, is_paged=not style_sheet)
    return _render("benchmark.html", page=page, style_sheet=style_sheet)


def no_snapshot() -> str:
    """The page shown before anything was published."""
    return _message(
        "No snapshot published yet",
        "Run this command in the project's folder, then load this page again:",
        command="barograph publish",
    )


def unknown_value(error: UnknownValueError) -> str:
    """The page for an address with a value that the benchmark does not know."""
    known = f"Known values: {', '.join(error.known)}." if error.known else ""
    text = f"“{error.value}” is no known value of “{error.name}”. {known}"
    return _message("This address cannot be answered", text, title="Unknown value")


def not_found(root: str) -> str:
    """The page for an address that does not exist; `root` is the path of the benchmark."""
    text = "The benchmark has the numbers of every organization."
    return _message("There is no such page", text, root=root)


def failure(failure_id: str) -> str:
    """The page for an error of our own; the log has the details under the same id."""
    text = f"This page could not be built (id {failure_id}). The data are unchanged."
    return _message("Something went wrong", text)


def _message(heading: str, text: str, **more: str) -> str:
    return _render(
        "message.html", **{"title": heading, "command": "", **more}, heading=heading, text=text
    )


def _gather(snapshot: ReadableSnapshot, filters: Filters, *, is_paged: bool) -> BenchmarkPage:
    header = data.snapshot_header(snapshot)
    chosen = data.selection(snapshot, filters)
    page_count = _page_count(chosen, filters) if is_paged else 1
    counts = data.stage_counts(snapshot, filters)
    cells = data.matrix_cells(snapshot, filters)
    return BenchmarkPage(
        snapshot_name=snapshot.name,
        header=header,
        filters=filters,
        options=data.filter_options(snapshot),
        chosen=chosen,
        weeks=_stage_weeks(counts),
        distribution=distribution.stage_distribution(counts) if counts else "",
        cells={
            (cell.claimed_stage_code, cell.stage_code): cell.organization_count for cell in cells
        },
        matrix=matrix.claim_matrix(cells) if cells else "",
        positions=_positions(snapshot, filters),
        strips=_strip_rows(snapshot, filters),
        rows=_table_rows(snapshot, filters, is_paged=is_paged),
        page_count=page_count,
    )


def _page_count(chosen: Selection, filters: Filters) -> int:
    count = max(1, -(-chosen.organization_count // data.ROWS_A_PAGE))
    if filters.page > count:
        name = "page"
        raise UnknownValueError(name, str(filters.page), [f"1 to {count}"])
    return count


def _stage_weeks(counts: list[data.StageCount]) -> list[StageWeek]:
    weeks = distribution.by_week(counts)
    return [StageWeek(as_of_week=week, counts=by_stage) for week, by_stage in weeks.items()]


def _positions(snapshot: ReadableSnapshot, filters: Filters) -> dict[tuple[int, str], int]:
    rows = data.claim_positions(snapshot, filters)
    return {(row.claimed_stage_code, row.claim_position): row.organization_count for row in rows}


def _strip_rows(snapshot: ReadableSnapshot, filters: Filters) -> list[StripRow]:
    codes = [code for code in STRIPS if code in _SIGNALS]
    dots = data.signal_dots(snapshot, filters, codes)
    strips = data.signal_strips(snapshot, filters, codes)
    return [_strip_row(found, dots.get(found.signal_code, [])) for found in strips]


def _strip_row(found: data.SignalStrip, dots: list[data.SignalDot]) -> StripRow:
    signal, scale = _SIGNALS[found.signal_code], STRIPS[found.signal_code](found.highest or 0.0)
    drawing: Markup | str = ""
    if found.n >= strip.FEWEST_FOR_DOTS:
        drawing = strip.signal_strip(found, dots, scale, signal.label)
    return StripRow(signal=signal, strip=found, scale=scale, drawing=drawing)


def _table_rows(snapshot: ReadableSnapshot, filters: Filters, *, is_paged: bool) -> list[TableRow]:
    return [
        TableRow(
            organization=row, observed=sentences.observed(row), ladder=ladder.stage_ladder(row)
        )
        for row in data.organizations(snapshot, filters, is_paged=is_paged)
    ]


def _render(template: str, **context: object) -> str:
    return (
        _environment().get_template(template).render(**{"style_sheet": "", "root": "", **context})
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=sentences.percent, rate=sentences.rate, stage=sentences.stage_label
    )
    environment.globals.update(
        sentences=sentences,
        stages=list(Stage),
        stage_colours=STAGE_COLOURS,
        signals=SIGNALS,
        fewest_for_dots=strip.FEWEST_FOR_DOTS,
        fewest_for_bands=strip.FEWEST_FOR_BANDS,
        rows_a_page=data.ROWS_A_PAGE,
    )
    return environment
