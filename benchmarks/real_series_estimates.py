"""Observed stages of the real series: of the quarters that end a year, and of the year itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from classifiers.abstention import (
    AbstentionReason,
    abstain_for_inbound,
    abstain_for_width,
    abstain_outside,
)
from classifiers.decisions import median_positions
from classifiers.estimating import estimate_stages
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from classifiers.estimates import SignalRow, StageEstimate
    from classifiers.model import StageModel
    from classifiers.world_sets import SetCalibration

    FloatArray = npt.NDArray[np.float64]

#: No cell about fewer people is published (rule R14).
FEWEST_PEOPLE = 5
#: Too little was seen in the quarter; its probabilities are not pooled.
FOR_EVIDENCE = frozenset(
    {
        AbstentionReason.NOT_OBSERVABLE,
        AbstentionReason.LOW_COVERAGE,
        AbstentionReason.FEW_ACTIVE_WEEKS,
        AbstentionReason.FEW_SIGNALS,
    }
)
_NO_LABELS = (0,) * len(Stage)  # the cold-start model has seen none
_QUARTERS = ((1, 4), (2, 7), (3, 10), (4, 1))  # each with the month after it


class Quarter(NamedTuple):
    """An organization in the 13 full weeks before the end of a quarter."""

    year: int
    row: SignalRow
    estimate: StageEstimate


class StageSet(NamedTuple):
    """A run of neighbouring stages, both included."""

    low: int
    high: int

    def overlaps(self, other: StageSet) -> bool:
        """Whether some stage lies in both."""
        return self.low <= other.high and other.low <= self.high


class Pooled(NamedTuple):
    """What the quarters of a year with enough evidence say together."""

    quarter_count: int
    probabilities: tuple[float, ...]  #: means over the quarters
    stage_code: int  #: their median; to be withheld where there is a reason
    set80: StageSet
    set90: StageSet
    reason: str  #: why the year has no point; "" where it has one

    @property
    def expected_stage(self) -> float:
        """The mean of the stages by their probabilities, 1 to 6."""
        return sum(code * share for code, share in enumerate(self.probabilities, start=1))


class StageYear(NamedTuple):
    """An organization in a calendar year (UTC)."""

    organization_id: str
    year: int
    reason_counts: Mapping[str, int]  #: quarters by why they abstain; "" for those that do not
    pooled: Pooled | None  #: None: no quarter has enough evidence

    @property
    def key(self) -> tuple[str, int]:
        """Organization and year."""
        return self.organization_id, self.year


def people_by_year(years: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], int]:
    """How many outsiders spoke to an organization in a year: where it has several sources, most.

    Args:
        years: rows with organization_id, year and distinct_outsiders.
    """
    counts: dict[tuple[str, int], int] = {}
    for row in years:
        key = row["organization_id"], row["year"]
        counts[key] = max(counts.get(key, 0), row.get("distinct_outsiders") or 0)
    return counts


def quarter_ends(years: Iterable[int]) -> list[tuple[int, datetime]]:
    """Each year with the moments at which its four quarters end, in order."""
    return [
        (year, datetime(year + (quarter == len(_QUARTERS)), month, 1, tzinfo=UTC))
        for year in sorted(years)
        for quarter, month in _QUARTERS
    ]


def measured_quarters(project: Path, years: Iterable[int]) -> list[tuple[int, list[SignalRow]]]:
    """Every quarter of these years measured: its year, and whoever could be read in it.

    Args:
        project: the folder of a project in which the series are.
        years: calendar years.
    """
    from flows.build import build_signals
    from flows.estimate import signal_rows
    from flows.project import Project
    from warehouse.db import open_warehouse

    there = Project(project / "data")
    found = []
    with open_warehouse(there.warehouse) as connection:
        for year, end in quarter_ends(years):
            build_signals(there, connection, end)
            rows = signal_rows(connection)
            found.append((year, [row for row in rows if row.readable_channel_count]))
    return found


def estimated_quarters(
    model: StageModel, measured: Iterable[tuple[int, Sequence[SignalRow]]]
) -> list[Quarter]:
    """Quarters estimated, in their order."""
    return [
        Quarter(year, row, estimate)
        for year, rows in measured
        for row, estimate in zip(rows, estimate_stages(model, rows), strict=True)
    ]


def stage_years(calibration: SetCalibration, found: Iterable[Quarter]) -> list[StageYear]:
    """Quarters by organization and year, pooled."""
    grouped: dict[tuple[str, int], list[Quarter]] = defaultdict(list)
    for quarter in found:
        grouped[quarter.row.organization_id, quarter.year].append(quarter)
    return list(
        starmap(lambda key, own: _stage_year(calibration, key, own), sorted(grouped.items()))
    )


def _stage_year(
    calibration: SetCalibration, key: tuple[str, int], own: Sequence[Quarter]
) -> StageYear:
    with_evidence = [q for q in own if q.estimate.abstention_reason not in FOR_EVIDENCE]
    return StageYear(
        *key,
        reason_counts=Counter(str(quarter.estimate.abstention_reason) for quarter in own),
        pooled=pool(calibration, with_evidence) if with_evidence else None,
    )


def pool(calibration: SetCalibration, own: Sequence[Quarter]) -> Pooled:
    """The mean of the quarters' probabilities, with the sets that the model's thresholds give it.

    The reasons to withhold a point are those of a quarter, asked of the year: one of its quarters
    lies outside of the training population; messages seen, on average over its quarters; the
    width of its own 90 % set.
    """
    probabilities = np.mean([quarter.estimate.probabilities for quarter in own], axis=0)
    rows = probabilities[np.newaxis]
    set80, set90 = (_set_of(calibration, rows, level) for level in (0.8, 0.9))
    return Pooled(
        quarter_count=len(own),
        probabilities=tuple(map(float, probabilities)),
        stage_code=int(median_positions(rows)[0]) + 1,
        set80=set80,
        set90=set90,
        reason=_reason(own, set90),
    )


def _set_of(calibration: SetCalibration, rows: FloatArray, level: float) -> StageSet:
    sets = calibration.predict_set(rows, level)
    return StageSet(int(sets.low[0]), int(sets.high[0]))


def _reason(own: Sequence[Quarter], set90: StageSet) -> str:
    outside = AbstentionReason.OUTSIDE_TRAINING
    reasons = (
        abstain_outside(is_outside=any(q.estimate.abstention_reason == outside for q in own)),
        abstain_for_inbound(_with_mean_inbound([q.row for q in own]), *set90),
        abstain_for_width(*set90, _NO_LABELS),
    )
    return next((str(each.reason) for each in reasons if each.reason), "")


def _with_mean_inbound(rows: Sequence[SignalRow]) -> SignalRow:
    """One of the rows with the mean of all that were said; None where none shows any."""
    counts = [row.inbound_count for row in rows if row.inbound_count is not None]
    mean = sum(counts) // len(rows) if counts else None
    return replace(rows[0], inbound_count=mean)
