"""The matrix of claimed against observed stages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from classifiers.stages import Stage
from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from dashboards.data import MatrixCell

_CELL = 38
_MATRIX_LEFT = 26.0
_MATRIX_STEP = 12.3


def claim_matrix(cells: Sequence[MatrixCell]) -> Markup:
    """Claimed stage (rows, Converged on top) against observed stage (columns).

    The shade grows with the square root of the count; the diagonal is outlined.
    """
    counts = {(cell.claimed_stage_code, cell.stage_code): cell.organization_count for cell in cells}
    darkest = math.sqrt(max(counts.values(), default=1))
    drawn = [
        _matrix_cell(claimed, seen, counts.get((claimed, seen), 0), darkest)
        for claimed in Stage
        for seen in Stage
    ]
    total = sum(counts.values())
    label = f"Claimed by observed stage, {total} organizations; the table below has every count"
    return chart("chart matrix", 6 * _CELL + 40, label, *drawn, *_matrix_labels())


def _matrix_cell(claimed: int, seen: int, count: int, darkest: float) -> Markup:
    x, y = _MATRIX_LEFT + _MATRIX_STEP * (seen - 1), (6 - claimed) * _CELL
    shade = 0.06 + 0.32 * math.sqrt(count) / darkest if count else 0.0
    rect = element(
        "rect",
        x=f"{x + 0.3:.2f}%",
        y=y + 2,
        width=f"{_MATRIX_STEP - 0.6:.2f}%",
        height=_CELL - 4,
        fill_opacity=shade,
        class_="cell diagonal" if claimed == seen else "cell",
    )
    text = element(
        "text",
        str(count) if count else "·",
        x=f"{x + _MATRIX_STEP / 2:.2f}%",
        y=y + _CELL / 2 + 5,
        text_anchor="middle",
        class_="count" if count else "tick",
    )
    return rect + text


def _matrix_labels() -> list[Markup]:
    labels = []
    for stage in Stage:
        y = (6 - stage) * _CELL + _CELL / 2 + 4
        labels.append(
            element(
                "text", f"{stage:d} {stage.label}", x="25%", y=y, text_anchor="end", class_="tick"
            )
        )
        x = f"{_MATRIX_LEFT + _MATRIX_STEP * (stage - 0.5):.2f}%"
        below = 6 * _CELL
        for text, drop, kind in ((f"{stage:d}", 15, "tick"), (stage.label, 30, "tick roomy")):
            labels.append(
                element("text", text, x=x, y=below + drop, text_anchor="middle", class_=kind)
            )
    return labels
