"""What the pages read: one SQL file a question, one typed row an answer.

Every question is about a published snapshot. Weeks are Mondays, times naive UTC; None means
unknown or not seen, never 0.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date, datetime  # noqa: TC003 - dataclass fields are read at run time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboards.filters import Filters

QUERIES = Path(__file__).parent / "queries"
ROWS_A_PAGE = 50
EVERY_ROW = 2**31 - 1
DOT_LIMIT = 100  #: a strip with more values than this shows its bands only

Row = TypeVar("Row")


class ReadableSnapshot(Protocol):
    """The part of a published snapshot that pages use."""

    @property
    def name(self) -> str:
        """For example `snapshot-000007`; another name means other data."""
        ...

    def rows(
        self, sql: str, parameters: dict[str, object] | None = None
    ) -> list[dict[str, object]]:
        """Answer one SELECT with named parameters, one dictionary a row."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotHeader:
    """What a snapshot says of itself."""

    snapshot_number: int
    published_at: datetime
    as_of: datetime
    as_of_week: date
    run_state: str
    organization_count: int
    data_to: datetime | None  #: the latest fetch that succeeded
    model_version: str  #: "" when no model was trained
    model_kind: str
    is_invented: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterOption:
    """One value that a filter takes, with the organizations of the snapshot that have it."""

    filter_name: str
    filter_value: str
    organization_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """How many organizations the filters leave, and what is known of them.

    `compared_count` is the number whose claim was laid beside a 90 % prediction set; it is
    the sum of above, below and within.
    """

    organization_count: int
    estimate_count: int
    abstained_count: int
    claim_count: int
    compared_count: int
    above_count: int
    below_count: int
    within_count: int
    channel_count: int
    readable_channel_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCount:
    """Organizations with one observed stage in one week; None stands for abstained."""

    as_of_week: date
    stage_code: int | None
    organization_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """Organizations with one pair of claimed and observed stage."""

    claimed_stage_code: int
    stage_code: int
    organization_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPosition:
    """Organizations that claim one stage and lie above, below or within their 90 % set."""

    claimed_stage_code: int
    claim_position: str
    organization_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalStrip:
    """How one signal is distributed among the selected organizations, in the signal's unit."""

    signal_code: str
    window_weeks: int
    n: int
    missing_count: int
    lowest: float | None
    percentile_05: float | None
    percentile_25: float | None
    percentile_50: float | None
    percentile_75: float | None
    percentile_95: float | None
    highest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalDot:
    """One organization's value of one signal."""

    signal_code: str
    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """One organization in the week of the snapshot, as in `marts.organizations`."""

    organization_id: str
    name: str
    industry: str | None
    size_class: str | None
    country: str | None
    as_of_week: date
    channel_count: int
    readable_channel_count: int
    coverage_share: float | None
    posts_per_week: float | None
    active_weeks_share: float | None
    burstiness: float | None
    weekend_share: float | None
    office_hours_share: float | None
    dormant_share: float | None
    days_since_last_post: float | None
    stage_code: int | None
    stage_label: str | None
    set80_low: int | None
    set80_high: int | None
    set90_low: int | None
    set90_high: int | None
    probability_1: float | None
    probability_2: float | None
    probability_3: float | None
    probability_4: float | None
    probability_5: float | None
    probability_6: float | None
    is_abstained: bool | None
    abstention_reason: str | None
    abstention_text: str | None
    model_version: str | None
    claimed_stage_code: int | None
    claimed_on: date | None
    claim_instrument: str | None
    claim_position: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDefinition:
    """What a column of `marts.organizations` means, in the snapshot's own words."""

    column_name: str
    definition: str


def snapshot_header(snapshot: ReadableSnapshot) -> SnapshotHeader:
    """What the snapshot says of itself."""
    return _read(snapshot, "snapshot_header", SnapshotHeader)[0]


def filter_options(snapshot: ReadableSnapshot) -> dict[str, list[FilterOption]]:
    """The values of each filter, in display order; sizes ascend."""
    options = defaultdict(list)
    for option in _read(snapshot, "filter_options", FilterOption):
        options[option.filter_name].append(option)
    return dict(options)


def known_values(snapshot: ReadableSnapshot) -> dict[str, list[str]]:
    """The values that an address may give to each filter."""
    options = filter_options(snapshot)
    return {name: [option.filter_value for option in rows] for name, rows in options.items()}


def selection(snapshot: ReadableSnapshot, filters: Filters) -> Selection:
    """What the filters leave of the snapshot's week."""
    return _read(snapshot, "selection", Selection, _narrowing(filters))[0]


def stage_counts(snapshot: ReadableSnapshot, filters: Filters) -> list[StageCount]:
    """Observed stages by week, oldest first, abstained before Planning."""
    return _read(snapshot, "stage_distribution", StageCount, _narrowing(filters))


def matrix_cells(snapshot: ReadableSnapshot, filters: Filters) -> list[MatrixCell]:
    """Pairs of claimed and observed stage that occur; the abstained are left out."""
    return _read(snapshot, "claimed_observed", MatrixCell, _narrowing(filters))


def claim_positions(snapshot: ReadableSnapshot, filters: Filters) -> list[ClaimPosition]:
    """Claims beside their 90 % sets by claimed stage; the abstained have a set, too."""
    return _read(snapshot, "claim_positions", ClaimPosition, _narrowing(filters))


def signal_strips(
    snapshot: ReadableSnapshot, filters: Filters, signal_codes: Sequence[str]
) -> list[SignalStrip]:
    """The distribution of each signal that the snapshot knows, in the order asked for."""
    parameters = {**_narrowing(filters), "signal_codes": list(signal_codes)}
    return _read(snapshot, "signal_strips", SignalStrip, parameters)


def signal_dots(
    snapshot: ReadableSnapshot, filters: Filters, signal_codes: Sequence[str]
) -> dict[str, list[SignalDot]]:
    """Single values by signal, lowest first; none for a signal with over `DOT_LIMIT` values."""
    parameters = {
        **_narrowing(filters),
        "signal_codes": list(signal_codes),
        "dot_limit": DOT_LIMIT,
    }
    dots = defaultdict(list)
    for dot in _read(snapshot, "signal_dots", SignalDot, parameters):
        dots[dot.signal_code].append(dot)
    return dict(dots)


def organizations(
    snapshot: ReadableSnapshot, filters: Filters, *, is_paged: bool = True
) -> list[Organization]:
    """The selected organizations in the order asked for: one page of them, or all."""
    parameters = {
        **_narrowing(filters),
        "sort": filters.sort_key,
        "is_descending": filters.is_descending,
        "row_limit": ROWS_A_PAGE if is_paged else EVERY_ROW,
        "row_offset": (filters.page - 1) * ROWS_A_PAGE if is_paged else 0,
    }
    return _read(snapshot, "organizations", Organization, parameters)


def column_definitions(snapshot: ReadableSnapshot) -> dict[str, str]:
    """What the snapshot itself says its columns mean; columns without a comment are absent."""
    rows = _read(snapshot, "column_definitions", ColumnDefinition)
    return {row.column_name: row.definition for row in rows}


def as_plain(row: Organization) -> dict[str, object]:
    """An organization as column names and values, in the order of the exports."""
    return asdict(row)


def _narrowing(filters: Filters) -> dict[str, object]:
    return {"industry": filters.industry, "size": filters.size, "country": filters.country}


def _read(
    snapshot: ReadableSnapshot,
    query: str,
    row_type: Callable[..., Row],
    parameters: dict[str, object] | None = None,
) -> list[Row]:
    return [row_type(**row) for row in snapshot.rows(_sql(query), parameters)]


@cache
def _sql(query: str) -> str:
    return (QUERIES / f"{query}.sql").read_text(encoding="utf-8")
