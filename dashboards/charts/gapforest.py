"""The forest of groups: how far the claims of each industry and size lie from observation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.charts.intervals import IntervalRow, interval_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup


def gap_forest(kinds: Mapping[str, Sequence[IntervalRow]]) -> Markup:
    """Mean gaps of groups drawn towards all groups, with intervals; small groups are hollow.

    Args:
        kinds: the groups by what they are groups of, such as industry; all on one axis.
    """
    rows = [row for kind, groups in kinds.items() for row in (IntervalRow(kind), *groups)]
    count = sum(len(groups) for groups in kinds.values())
    words = f"Mean gap of {count} groups with 95 % intervals; the table below has every number"
    return interval_rows("gap-forest", rows, words)
