"""How sure estimates are, by week: the abstained, and how many stages the 90 % sets hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.charts.hatching import hatched, hatching
from dashboards.charts.weekcolumns import Layer, week_columns
from dashboards.sentences import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from dashboards.charts.distribution import Mark
    from dashboards.reading.quality import EstimateWeek

SET_SIZES = range(1, 7)
_HATCHING = "hatch-abstained"


def abstention_columns(weeks: Sequence[EstimateWeek], noted: Sequence[Mark] = ()) -> Markup:
    """The share of the estimates that abstained, one striped column a week.

    Args:
        weeks: with estimates, oldest first.
        noted: drawn as numbered rules.
    """
    shares = [week.abstained_count / week.estimate_count for week in weeks]
    last = f"{percent(shares[-1])} of {weeks[-1].estimate_count} in that of {weeks[-1].as_of_week}"
    return week_columns(
        "abstention",
        [week.as_of_week for week in weeks],
        [Layer("abstained", shares, {"fill": hatched(_HATCHING), "class_": "segment"})],
        f"Abstained estimates by week: {last}",
        noted=noted,
        defined=[hatching(_HATCHING)],
    )


def set_size_columns(weeks: Sequence[EstimateWeek], noted: Sequence[Mark] = ()) -> Markup:
    """The share of the estimates by stages in their 90 % sets, the narrowest at the bottom.

    Args:
        weeks: with estimates, oldest first.
        noted: drawn as numbered rules.
    """
    layers = [
        Layer(
            stages_held(size),
            [week.size_counts[size - 1] / week.estimate_count for week in weeks],
            {"class_": f"segment set-size-{size}"},
        )
        for size in SET_SIZES
    ]
    told = ", ".join(f"{layer.name} {percent(layer.shares[-1])}" for layer in layers)
    words = f"Sizes of 90 % sets in the week of {weeks[-1].as_of_week}: {told}"
    dates = [week.as_of_week for week in weeks]
    return week_columns("set-sizes", dates, layers, words, noted=noted)


def stages_held(size: int) -> str:
    """The size of a set in words."""
    return "1 stage" if size == 1 else f"{size} stages"
