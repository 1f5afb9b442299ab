"""The matrix of claimed against observed stages."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from classifiers.stages import Stage
from dashboards.sentences import percent
from dashboards.svg import chart, element

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from dashboards.reading.benchmark import MatrixCell

CellAddress = Callable[[int, int], str]
_CELL = 38
_MATRIX_LEFT = 26.0
_MATRIX_STEP = 12.3


def claim_matrix(
    cells: Sequence[MatrixCell], *, is_share: bool = False, address: CellAddress | None = None
) -> Markup:
    """Claimed stage (rows, Converged on top) against observed stage (columns).

    The shade grows with the square root of the count; the diagonal is outlined.

    Args:
        cells: pairs that occur.
        is_share: write each count as its part of the claimed stage's row.
        address: where a cell leads that is not empty; None without links.
    """
    counts = {(cell.claimed_stage_code, cell.stage_code): cell.organization_count for cell in cells}
    darkest = math.sqrt(max(counts.values(), default=1))
    drawn = [
        _linked(_matrix_cell(place, counts, darkest, is_share=is_share), place, counts, address)
        for place in ((claimed, seen) for claimed in Stage for seen in Stage)
    ]
    total = sum(counts.values())
    label = f"Claimed by observed stage, {total} organizations; the table below has every count"
    parts = (*drawn, *_matrix_labels())
    return chart("chart matrix", 6 * _CELL + 40, label, *parts, has_links=address is not None)


def _linked(
    cell: Markup,
    place: tuple[int, int],
    counts: Mapping[tuple[int, int], int],
    address: CellAddress | None,
) -> Markup:
    if address is None or not counts.get(place):
        return cell
    claimed, seen = place
    words = f"{counts[place]} claim {Stage(claimed).label}, observed {Stage(seen).label}: show them"
    return element("a", cell, href=address(claimed, seen), aria_label=words)


def _matrix_cell(
    place: tuple[int, int],
    counts: Mapping[tuple[int, int], int],
    darkest: float,
    *,
    is_share: bool,
) -> Markup:
    claimed, seen = place
    count = counts.get(place, 0)
    row_total = sum(counts.get((claimed, stage.value), 0) for stage in Stage)
    written = percent(count / row_total) if is_share and count else str(count)
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
        written if count else "·",
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
