"""Peers by observed stage, with an organization's own claim and 90 % set beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from classifiers.stages import Stage
from dashboards.charts.colours import STAGE_COLOURS
from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

_ROW = 42
_WIDEST = 86.0  #: per cent of the width, of the largest count; its number stands to the right
_LEFT = 2.0


class Own(NamedTuple):
    """What is drawn of the organization itself; None where it is not known."""

    claimed: int | None
    set90_low: int | None
    set90_high: int | None


def peer_stages(counts: Mapping[int | None, int], own: Own) -> Markup:
    """One bar a stage, Converged on top and the abstained last; words mark the own rows.

    Args:
        counts: peers by observed stage; None stands for abstained.
        own: claim and set of the organization that they are peers of.
    """
    stages = [*reversed(Stage), None]
    largest = max([*counts.values(), 1])
    parts = [
        part
        for place, stage in enumerate(stages)
        for part in _row(stage, counts.get(stage, 0), largest, own, place * _ROW)
    ]
    words = ", ".join(f"{_name(stage, own)} {counts.get(stage, 0)}" for stage in stages)
    return chart("chart peer-stages", _ROW * len(stages), f"Peers: {words}", *parts)


def _row(stage: Stage | None, count: int, largest: int, own: Own, top: float) -> list[Markup]:
    width = _WIDEST * count / largest
    kind = "heading" if stage is not None and stage == own.claimed else "name"
    parts = [
        element("text", _name(stage, own), x=f"{_LEFT}%", y=top + 14, class_=kind),
        element(
            "rect",
            x=f"{_LEFT}%",
            y=top + 20,
            width=f"{max(width, 0.2):.2f}%",
            height=14,
            fill=STAGE_COLOURS[stage],
            class_="segment",
        ),
        element("text", str(count), x=f"{_LEFT + width + 1.5:.2f}%", y=top + 31, class_="name"),
    ]
    if _is_in_set(stage, own):
        parts.append(element("rect", x=0, y=top + 2, width=3, height=_ROW - 4, class_="own-set"))
    return parts


def _name(stage: Stage | None, own: Own) -> str:
    if stage is None:
        return "Abstained"
    marks = ["your claim"] if stage == own.claimed else []
    marks += ["in your 90 % set"] if _is_in_set(stage, own) else []
    return f"{stage.label} ({', '.join(marks)})" if marks else stage.label


def _is_in_set(stage: Stage | None, own: Own) -> bool:
    if stage is None or own.set90_low is None or own.set90_high is None:
        return False
    return own.set90_low <= stage <= own.set90_high
