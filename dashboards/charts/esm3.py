"""The levels of a questionnaire: filled squares, so that a level is seen without its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.svg import NAMESPACE, element

if TYPE_CHECKING:
    from markupsafe import Markup

_SIDE, _STEP = 12, 16  # pixels


def level_squares(level: int, level_count: int, words: str) -> Markup:
    """As many filled squares as the level, of as many as there are levels."""
    squares = [
        element(
            "rect",
            x=_STEP * place + 1,
            y=1,
            width=_SIDE,
            height=_SIDE,
            class_="level reached" if place < level else "level",
        )
        for place in range(level_count)
    ]
    width = _STEP * level_count
    return element(
        "svg",
        *squares,
        xmlns=NAMESPACE,
        width=width,
        height=_SIDE + 2,
        viewBox=f"0 0 {width} {_SIDE + 2}",
        role="img",
        aria_label=words,
        class_="levels",
    )
