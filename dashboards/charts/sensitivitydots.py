"""The excess gap under other assumptions: does what is found rest on one of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.charts.intervals import IntervalRow, interval_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup


def sensitivity_dots(reported: IntervalRow, variants: Sequence[IntervalRow]) -> Markup:
    """The reported excess gap on top, below it the same otherwise computed."""
    rows = [reported, IntervalRow("Otherwise computed"), *variants]
    words = f"Excess gap in {len(variants)} other ways of computing it; the table has every number"
    return interval_rows("sensitivity", rows, words)
