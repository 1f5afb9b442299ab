"""The stage ladder: six columns with the probability of each stage, the set and the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.stages import Stage
from dashboards.charts.colours import CLAIM_COLOUR, STAGE_COLOURS
from dashboards.sentences import stage_label, stage_set
from dashboards.svg import chart, element, nested, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from dashboards.reading.organization import MeasuredOrganization

_STEP = 100 / len(Stage)  #: per cent of the width, from column to column
_MARGIN = 2.0  #: per cent, on either side of a column
_FULL = 96  #: pixels of a probability of 1
_BASE = 30 + _FULL  #: the foot of the columns; above them are the claim and a number
LADDER_HEIGHT = _BASE + 48
_NAMED_HEIGHT = LADDER_HEIGHT + 26
_NAME_LENGTH = 44  #: characters that fit on a telephone


def probability_ladder(row: MeasuredOrganization) -> Markup:
    """Six columns as high as the probabilities; outside the 90 % set they are hollow.

    The bracket is the 90 % set, the triangle the claimed stage. Abstained is grey.
    """
    parts = [part for stage in Stage for part in _column(row, stage)]
    parts += _bracket(row.set90_low, row.set90_high)
    if row.claimed_stage_code is not None:
        parts.append(_claim(row.claimed_stage_code, row.probabilities))
    return chart("chart stage-ladder", LADDER_HEIGHT, ladder_words(row), *parts)


def named_ladders(rows: Sequence[tuple[str, MeasuredOrganization]]) -> Markup | str:
    """Several ladders below one another, each under a name; "" without any."""
    if not rows:
        return ""
    parts = []
    for place, (name, row) in enumerate(rows):
        top = place * _NAMED_HEIGHT
        parts.append(element("text", _cut(name), x="2%", y=top + 16, class_="heading"))
        parts.append(nested(probability_ladder(row), top + 22))
    words = "; ".join(f"{name}: {ladder_words(row)}" for name, row in rows)
    return chart("chart stage-ladders", _NAMED_HEIGHT * len(rows), words, *parts)


def ladder_words(row: MeasuredOrganization) -> str:
    """What a ladder shows, as its label."""
    listed = [
        f"{stage.label} {_written(share)}"
        for stage, share in zip(Stage, row.probabilities, strict=True)
    ]
    words = (
        f"Probabilities: {', '.join(listed)}; 90 % set {stage_set(row.set90_low, row.set90_high)}"
    )
    if row.is_abstained:
        words += "; abstained"
    if row.claimed_stage_code is not None:
        words += f"; claimed {stage_label(row.claimed_stage_code)}"
    return words


def _column(row: MeasuredOrganization, stage: Stage) -> list[Markup]:
    share = row.probabilities[stage - 1] or 0.0
    middle = f"{_STEP * (stage - 0.5):.2f}%"
    number = element(
        "text",
        _written(row.probabilities[stage - 1]),
        x=middle,
        y=_BASE - _FULL * share - 5,
        text_anchor="middle",
        class_="name",
    )
    return [_bar(row, stage, share), number, *_labels(row, stage, middle)]


def _bar(row: MeasuredOrganization, stage: Stage, share: float) -> Markup:
    is_inside = (row.set90_low or 9) <= stage <= (row.set90_high or 0)
    colour = STAGE_COLOURS[None if row.is_abstained else stage]
    return element(
        "rect",
        x=f"{_STEP * (stage - 1) + _MARGIN:.2f}%",
        y=_BASE - _FULL * share,
        width=f"{_STEP - 2 * _MARGIN:.2f}%",
        height=max(_FULL * share, 1),
        fill=colour if is_inside else "none",
        class_="rung inside",
    )


def _labels(row: MeasuredOrganization, stage: Stage, middle: str) -> list[Markup]:
    """The stage's name twice: on one line for wide charts, on two alternating ones for narrow."""
    is_told = row.stage_code == stage and not row.is_abstained
    kind = "heading" if is_told else "tick"
    lower = _BASE + 26 + 16 * (stage % 2 == 0)
    return [
        element("text", stage.label, x=middle, y=y, text_anchor="middle", class_=f"{kind} {width}")
        for y, width in ((_BASE + 28, "if-wide"), (lower, "if-narrow"))
    ]


def _bracket(low: int | None, high: int | None) -> list[Markup]:
    if low is None or high is None:
        return []
    left, right = _STEP * (low - 1) + _MARGIN / 2, _STEP * high - _MARGIN / 2
    y = _BASE + 9
    line = element("line", x1=f"{left:.2f}%", x2=f"{right:.2f}%", y1=y, y2=y, class_="bracket")
    return [line, upright(left, y - 5, y, "bracket"), upright(right, y - 5, y, "bracket")]


def _claim(stage: int, probabilities: Sequence[float | None]) -> Markup:
    """A triangle over the column's number; nested, for a path knows no per cent."""
    top = _BASE - _FULL * (probabilities[stage - 1] or 0.0) - 30
    triangle = element("path", d="M-7 0h14l-7 11z", fill=CLAIM_COLOUR, class_="claim")
    x = f"{_STEP * (stage - 0.5):.2f}%"
    return element("svg", triangle, x=x, y=top, overflow="visible")


def _written(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.2f}"


def _cut(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1]}…"
