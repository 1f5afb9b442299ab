"""What supports an estimate: the parts that add up to it, in words and as bars."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.signals import FAMILIES
from classifiers.stages import Stage
from dashboards.charts import contributions as chart
from dashboards.figures import Column, Figure
from dashboards.pages.organization_standing import is_of_two
from dashboards.sentences import percent, stage_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from dashboards.reading.organization import MeasuredOrganization, Part

#: Parts that are no families of signals: their names, and what they mean.
PARTS = {
    "average": ("Where all begin", "An organization of which nothing is known; the same for all."),
    "size": (
        "Its size",
        "What its number of employees alone lets expect, where the list gives it.",
    ),
    "not_seen": (
        "Inferred for what was not seen",
        "What the signals that were seen let expect of those that were not.",
    ),
    "doubt": (
        "Doubt about what was not seen",
        "The less was seen, the more the estimate is drawn towards even odds.",
    ),
    "labels": (
        "What expert codes changed",
        "Only where the model has learnt from coded organizations.",
    ),
}
_SIZES = ((0.1, "next to nothing"), (0.5, "a little"), (1.5, "clearly"))
_LAST_THRESHOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The step from one stage to those above it, with all that pushes over it or back."""

    code: int
    title: str
    probability: float  #: of a stage above
    drawing: Markup
    part_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The thresholds around the observed stage, and what each part is."""

    thresholds: list[Threshold]
    meanings: list[tuple[str, str]]


def support(row: MeasuredOrganization, parts: Sequence[Part]) -> Support:
    """What pushes this week's estimate; without thresholds where nothing was stored."""
    codes = _threshold_codes(row) if parts else []
    return Support(
        thresholds=[_threshold(row, parts, code) for code in codes],
        meanings=[(part_label(part.part), _meaning(part)) for part in parts],
    )


def support_figure(found: Support, parts: Sequence[Part], week: str) -> Figure:
    """All parts at all thresholds."""
    drawn = [(each.title, each.drawing, each.part_count) for each in found.thresholds]
    rows = [(part_label(part.part), part.seen_share, *part.all_log_odds) for part in parts]
    if rows:
        sums = [math.fsum(part.log_odds(code + 1) for part in parts) for code in range(5)]
        rows.append(("Together", None, *sums))
    return Figure(
        name="support",
        title="What supports it",
        definition=(
            "Each number is a push in log-odds (natural logarithm) at a threshold between "
            "neighbouring stages: above zero for a higher stage, below zero against it; 0.7 "
            "doubles the odds. They add up to the log-odds of a stage above the threshold."
        ),
        anchor="contributions",
        n=len(parts),
        unit="parts",
        window=f"week of {week}",
        columns=(
            Column(name="part", label="Part"),
            Column(
                name="seen_share",
                label="Signals seen",
                write=_seen,
                is_number=True,
                meaning="Of the family's signals that the model reads, 0 to 1.",
            ),
            *(
                Column(
                    name=f"above_{code}_log_odds",
                    label=f"Above {stage_label(code)}",
                    write=chart.signed,
                    is_number=True,
                )
                for code in range(1, _LAST_THRESHOLD + 1)
            ),
        ),
        rows=rows,
        drawing=chart.below_one_another(drawn),
    )


def part_label(part: str) -> str:
    """What a part of the log-odds is called."""
    return PARTS[part][0] if part in PARTS else part.replace("_", " ").capitalize()


def push_words(log_odds: float) -> str:
    """How much a push is and which way it goes; a size of 0.7 halves or doubles the odds."""
    size = next((words for limit, words in _SIZES if abs(log_odds) < limit), "strongly")
    return size if size == _SIZES[0][1] else f"{size} {'for' if log_odds > 0 else 'against'}"


def _threshold_codes(row: MeasuredOrganization) -> list[int]:
    """Below and above the median; only below where the two highest stages are one."""
    if row.stage_code is None:
        return []
    if is_of_two(row):
        return [Stage.FORMALIZED.value]
    return [code for code in (row.stage_code - 1, row.stage_code) if 1 <= code <= _LAST_THRESHOLD]


def _threshold(row: MeasuredOrganization, parts: Sequence[Part], code: int) -> Threshold:
    title = f"Above {stage_label(code)}?"
    drawn = [
        chart.Push(
            part_label(part.part),
            part.log_odds(code),
            push_words(part.log_odds(code)),
            is_start=part.part == "average",
        )
        for part in parts
    ]
    above = math.fsum(share or 0.0 for share in row.probabilities[code:])
    return Threshold(
        code=code,
        title=title,
        probability=above,
        drawing=chart.pushes(title, drawn),
        part_count=len(parts),
    )


def _meaning(part: Part) -> str:
    if part.part in PARTS:
        return PARTS[part.part][1]
    question = FAMILIES.get(part.part, "")
    return f"{question} {percent(part.seen_share)} of its signals were seen.".strip()


def _seen(share: float | None) -> str:
    return "" if share is None else percent(share)
