"""The five drawings of a comparison, each from the statistics that its table shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from classifiers.stages import Stage
from dashboards.charts.gapforest import gap_forest
from dashboards.charts.gapheat import gap_heat
from dashboards.charts.honestybars import HonestyBar, honesty_bars
from dashboards.charts.intervals import IntervalRow
from dashboards.charts.matrix import claim_matrix
from dashboards.charts.sensitivitydots import sensitivity_dots
from dashboards.reading.benchmark import MatrixCell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    Statistic = Mapping[str, Any]

_SMALL_GROUP = 10
#: Each direction with the number that was found, and where honesty's part of it stands.
_DIRECTIONS = (
    ("Above the point", "above_share", "excess_above", "expected"),
    ("Equal to it", "exact_share", "ceiling_exact_share", "value"),
    ("Below the point", "below_share", "excess_below", "expected"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonCharts:
    """The drawings of a comparison; "" where there is nothing to draw."""

    matrix: Markup | str
    gaps: Markup | str
    honesty: Markup | str
    groups: Markup | str
    variants: Markup | str


def pairs_of(record: Mapping[str, Any]) -> dict[tuple[int, int], int]:
    """Counts of organizations by claim and point, zeros too, from the record of a comparison."""
    table = record["matrix"]["claimed_by_observed"]
    return {
        (claimed, seen): int(table[claimed - 1][seen - 1]) for claimed in Stage for seen in Stage
    }


def comparison_charts(record: Mapping[str, Any]) -> ComparisonCharts:
    """Draw what `flows.agreement.report_record` tells."""
    pairs, statistics = pairs_of(record), record["statistics"]
    found = {each["code"]: each for each in statistics if not each["group"]}
    groups = [each for each in statistics if each["code"] == "group_gap"]
    variants = [each for each in statistics if each["code"] == "sensitivity_excess_gap"]
    count = sum(pairs.values())
    return ComparisonCharts(
        matrix=claim_matrix(_cells(pairs)) if count else "",
        gaps=gap_heat(pairs, found["mean_gap"]["value"], _limits(found)) if count else "",
        honesty=honesty_bars(_bars(found), count) if count else "",
        groups=gap_forest(_by_kind(groups)) if groups else "",
        variants=sensitivity_dots(_reported(found), [_interval(each) for each in variants])
        if variants
        else "",
    )


def _cells(pairs: Mapping[tuple[int, int], int]) -> list[MatrixCell]:
    return [
        MatrixCell(claimed_stage_code=claimed, stage_code=seen, organization_count=count)
        for (claimed, seen), count in pairs.items()
        if count
    ]


def _limits(found: Mapping[str, Statistic]) -> tuple[float, float] | None:
    low, high = (found["gap_deviation"][end] for end in ("low", "high"))
    return None if low is None or high is None else (low, high)


def _bars(found: Mapping[str, Statistic]) -> list[HonestyBar]:
    return [
        HonestyBar(label, one["value"], one["low"], one["high"], found[honest][part])
        for label, code, honest, part in _DIRECTIONS
        for one in (found[code],)
        if one["value"] is not None
    ]


def _by_kind(groups: Sequence[Statistic]) -> dict[str, list[IntervalRow]]:
    kinds: dict[str, list[IntervalRow]] = {}
    for each in groups:
        kind, _, name = each["group"].partition(": ")
        kinds.setdefault(f"By {kind}", []).append(_interval(each, name))
    return kinds


def _reported(found: Mapping[str, Statistic]) -> IntervalRow:
    return _interval(found["excess_gap"], "As reported")


def _interval(each: Statistic, label: str = "") -> IntervalRow:
    return IntervalRow(
        label=label or each["group"],
        value=each["value"],
        low=each["low"],
        high=each["high"],
        note=f"n = {each['n']}",
        is_few=each["n"] < _SMALL_GROUP,
    )
