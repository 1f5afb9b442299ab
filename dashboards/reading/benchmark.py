"""What the benchmark reads: stages, claims and organizations of a selection.

Weeks are Mondays, times naive UTC; None means unknown or not seen, never 0.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from classifiers.stages import Stage
from dashboards.reading.query import narrowing, read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dashboards.filters import Filters, Narrowing
    from dashboards.reading.query import ReadableSnapshot

ROWS_A_PAGE = 50
EVERY_ROW = 2**31 - 1
SHOWN_WEEKS = 52  #: a year of the stage distribution
LIKELY = 0.8  #: from this probability on, a move is called likely
WINDOW_WEEKS = 13  #: of activity behind an estimate: weeks so far apart share none


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionPart:
    """Organizations of a selection that are alike in claim and estimate."""

    claimed_stage_code: int | None
    stage_code: int | None  #: None for the abstained, too
    claim_position: str | None
    is_abstained: bool
    is_estimated: bool
    organization_count: int
    channel_count: int
    readable_channel_count: int
    expected_counts: list[float]  #: sums of the probabilities of stages 1 to 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The organizations that the filters leave, and what is known of them.

    `compared_count` is the number whose claim was laid beside a 90 % prediction set; it is
    the sum of above, below and within. `cells` are pairs of claimed and observed stage, without
    the abstained; `positions` are claims beside their sets, with them. `expected_counts` are the
    sums of the probabilities of stages 1 to 6 over all estimates, the abstained among them.
    """

    organization_count: int
    estimate_count: int
    abstained_count: int
    claim_count: int
    channel_count: int
    readable_channel_count: int
    expected_counts: tuple[float, ...]
    cells: tuple[MatrixCell, ...]
    positions: tuple[ClaimPosition, ...]

    @property
    def compared_count(self) -> int:
        """Claims that were laid beside a set."""
        return sum(each.organization_count for each in self.positions)

    @property
    def above_count(self) -> int:
        """Claims above their set."""
        return self._at("above")

    @property
    def below_count(self) -> int:
        """Claims below their set."""
        return self._at("below")

    @property
    def within_count(self) -> int:
        """Claims within their set."""
        return self._at("within")

    def _at(self, place: str) -> int:
        found = (each for each in self.positions if each.claim_position == place)
        return sum(each.organization_count for each in found)


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
class StageChange:
    """One organization in two weeks whose windows do not overlap.

    The probabilities are those of a higher and of a lower stage than before, the two estimates
    taken as independent.
    """

    organization_id: str
    name: str
    earlier_week: date
    earlier_stage_code: int | None
    earlier_is_abstained: bool | None
    earlier_set90_low: int | None
    earlier_set90_high: int | None
    stage_code: int | None
    is_abstained: bool | None
    set90_low: int | None
    set90_high: int | None
    rise_probability: float
    fall_probability: float
    pair_count: int  #: organizations estimated in both weeks
    likely_count: int  #: of these, likely to have moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """One organization in one week, as in `marts.organizations`."""

    organization_id: str
    name: str
    industry: str | None
    size_class: str | None
    country: str | None
    sources: list[str]
    groups: list[str]
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
class _Count:
    organization_count: int


def selection(snapshot: ReadableSnapshot, asked: Narrowing) -> Selection:
    """What the filters leave of the week."""
    parts = read(snapshot, "selection", SelectionPart, narrowing(asked))
    return Selection(
        organization_count=sum(part.organization_count for part in parts),
        estimate_count=sum(part.organization_count for part in parts if part.is_estimated),
        abstained_count=sum(part.organization_count for part in parts if part.is_abstained),
        claim_count=sum(part.organization_count for part in parts if part.claimed_stage_code),
        channel_count=sum(part.channel_count for part in parts),
        readable_channel_count=sum(part.readable_channel_count for part in parts),
        expected_counts=tuple(
            sum(part.expected_counts[place] for part in parts) for place in range(len(Stage))
        ),
        cells=_cells(parts),
        positions=_positions(parts),
    )


def _cells(parts: Sequence[SelectionPart]) -> tuple[MatrixCell, ...]:
    counts: Counter[tuple[int, int]] = Counter()
    for part in parts:
        if part.claimed_stage_code and part.stage_code:
            counts[part.claimed_stage_code, part.stage_code] += part.organization_count
    return tuple(
        MatrixCell(claimed_stage_code=claimed, stage_code=seen, organization_count=count)
        for (claimed, seen), count in sorted(counts.items())
    )


def _positions(parts: Sequence[SelectionPart]) -> tuple[ClaimPosition, ...]:
    counts: Counter[tuple[int, str]] = Counter()
    for part in parts:
        if part.claimed_stage_code and part.claim_position:
            counts[part.claimed_stage_code, part.claim_position] += part.organization_count
    return tuple(
        ClaimPosition(claimed_stage_code=claimed, claim_position=place, organization_count=count)
        for (claimed, place), count in sorted(counts.items())
    )


def stage_counts(snapshot: ReadableSnapshot, asked: Narrowing) -> list[StageCount]:
    """Observed stages by week up to the one asked for, oldest first, abstained before Planning."""
    parameters = narrowing(asked) | {"week_limit": SHOWN_WEEKS}
    return read(snapshot, "stage_distribution", StageCount, parameters)


def stage_changes(
    snapshot: ReadableSnapshot, asked: Narrowing, week: date, row_limit: int = EVERY_ROW
) -> list[StageChange]:
    """Organizations estimated in a week and a window before it, the likeliest to have moved first.

    Only estimates of the same model are compared.
    """
    parameters = narrowing(asked) | {
        "earlier_week": week - timedelta(weeks=WINDOW_WEEKS),
        "likely": LIKELY,
        "row_limit": row_limit,
    }
    return read(snapshot, "stage_changes", StageChange, parameters)


def listed_count(snapshot: ReadableSnapshot, filters: Filters) -> int:
    """How many organizations the table has on all its pages."""
    parameters = narrowing(filters) | _listing(filters)
    return read(snapshot, "listed_count", _Count, parameters)[0].organization_count


def organizations(
    snapshot: ReadableSnapshot, filters: Filters, *, is_paged: bool = True
) -> list[Organization]:
    """The listed organizations in the order asked for: one page of them, or all."""
    parameters = {
        **narrowing(filters),
        **_listing(filters),
        "sort": filters.sort_key,
        "is_descending": filters.is_descending,
        "row_limit": ROWS_A_PAGE if is_paged else EVERY_ROW,
        "row_offset": (filters.page - 1) * ROWS_A_PAGE if is_paged else 0,
    }
    return read(snapshot, "organizations", Organization, parameters)


def _listing(filters: Filters) -> dict[str, object]:
    return {
        "search": filters.search,
        "claimed": int(filters.claimed or 0),
        "observed": int(filters.observed or 0),
    }
