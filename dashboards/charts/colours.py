"""The colours of the stages: viridis in six steps, and grey for the abstained.

Lightness falls strictly from Planning to Converged, so the order survives colour blindness
and black-and-white print. Neighbours differ by less than 3:1, as in every sequential scale of
six, so colour never stands alone: outlines, numbers and tables say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: In the order of stacking; None stands for abstained.
STAGE_COLOURS: Mapping[int | None, str] = {
    None: "#c9cdd2",
    1: "#fde725",
    2: "#7ad151",
    3: "#22a884",
    4: "#2a788e",
    5: "#414487",
    6: "#440154",
}
CLAIM_COLOUR = "#c2410c"  #: never the colour of a stage
DARK_STAGES = (4, 5, 6)  #: these take white text, the others black


def text_colour(stage: int | None) -> str:
    """Black or white, whichever reads on the colour of a stage at 4.5:1 or better."""
    return "#ffffff" if stage in DARK_STAGES else "#111417"
