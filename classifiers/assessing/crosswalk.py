"""Whether what an organization says of its inside fits the stage that it claims outside.

ESM3 is about social media inside the organization and of 2009, Altimeter's ladder about social
business and of 2013. Neither can be converted into the other. The table here is a judgement of
ours, soft on purpose, and serves one question only: are the two claims so far apart that
somebody should look again?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How often an organization at each level of ESM3 (rows) is thought to be at each stage.
CROSSWALK = (
    (0.35, 0.45, 0.15, 0.05, 0.0, 0.0),
    (0.0, 0.10, 0.40, 0.40, 0.10, 0.0),
    (0.0, 0.0, 0.05, 0.15, 0.45, 0.35),
)
#: Bands between two claims from which they are worth a second look.
FAR_APART = 2
_LOWEST, _HIGHEST = 1, len(CROSSWALK)
_HALF = 0.5
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class BandGap:
    """How far an inner claim lies from an outer one, in bands of the crosswalk.

    Attributes:
        mean_gap: inside minus outside, in bands; negative where the outside is claimed higher.
        far_share: probability that they are two or more bands apart.
    """

    mean_gap: float
    far_share: float

    @property
    def is_far(self) -> bool:
        """Whether two or more bands apart is likelier than not."""
        return self.far_share > _HALF


def level_shares(score: float) -> tuple[float, ...]:
    """A score from 1 to 3 as shares of the two levels that it lies between.

    Raises:
        ValueError: the score is outside 1 to 3.

    >>> level_shares(2.25)
    (0.0, 0.75, 0.25)
    """
    if not _LOWEST <= score <= _HIGHEST:
        message = f"an ESM3 score lies between {_LOWEST} and {_HIGHEST}, not at {score}"
        raise ValueError(message)
    levels = range(_LOWEST, _HIGHEST + 1)
    return tuple(max(0.0, 1 - abs(score - level)) for level in levels)


def bands_of_stage(stage_code: int) -> tuple[float, ...]:
    """How well each level of ESM3 goes with a stage, levels taken as equally common.

    >>> [round(share, 3) for share in bands_of_stage(3)]
    [0.25, 0.667, 0.083]
    """
    column = [row[Stage(stage_code) - 1] for row in CROSSWALK]
    return tuple(share / sum(column) for share in column)


def bands_apart(esm3_shares: Sequence[float], stage_code: int) -> BandGap:
    """Set an ESM3 level, or shares of levels, beside a claimed stage.

    Args:
        esm3_shares: of levels 1 to 3, adding up to 1; see `level_shares`.
        stage_code: 1 to 6.

    Raises:
        ValueError: the shares are no distribution of three levels, or there is no such stage.

    >>> gap = bands_apart(level_shares(1), 5)
    >>> (round(gap.mean_gap, 3), round(gap.far_share, 3), gap.is_far)
    (-1.818, 0.818, True)
    """
    _check(esm3_shares)
    pairs = [
        (inner - outer, inner_share * outer_share)
        for inner, inner_share in enumerate(esm3_shares)
        for outer, outer_share in enumerate(bands_of_stage(stage_code))
    ]
    return BandGap(
        mean_gap=sum(gap * share for gap, share in pairs),
        far_share=sum(share for gap, share in pairs if abs(gap) >= FAR_APART),
    )


def _check(shares: Sequence[float]) -> None:
    is_whole = abs(sum(shares) - 1) < _TOLERANCE
    if len(shares) != _HIGHEST or min(shares) < 0 or not is_whole:
        message = f"{tuple(shares)} are no shares of {_HIGHEST} levels that add up to 1"
        raise ValueError(message)
