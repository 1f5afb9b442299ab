"""Which claims contradict their estimate, if many are looked at, and how many would by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from classifiers.comparing.square_table import checked_codes

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.comparing.judged_claims import JudgedClaims

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]

    Side = Literal["either", "above", "below"]

#: Share of false ones among the claims that are called contradicted.
FALSE_DISCOVERY_SHARE = 0.10

_SIDES = ("either", "above", "below")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Discoveries:
    """For each organization whether its claim contradicts its estimate; arrays of one order.

    Attributes:
        p_values: chance of an honest claim as far out as this one.
        adjusted_p_values: the false discovery share at which the claim is first called
            contradicted (Benjamini and Hochberg 1995, JRSS B 57).
        is_contradicted: whether it is called so.
        contradicted_count: how many are.
        expected_false_count: of these, how many are honest at most, on average.
        false_discovery_share: the share that was asked for.
    """

    p_values: FloatArray
    adjusted_p_values: FloatArray
    is_contradicted: BoolArray
    contradicted_count: int
    expected_false_count: float
    false_discovery_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseContradictions:
    """Claims outside the sets, and how many there would be if every claim were honest."""

    above_count: int
    below_count: int
    expected_above_count: float
    expected_below_count: float
    organization_count: int

    @property
    def count(self) -> int:
        """Claims outside the sets."""
        return self.above_count + self.below_count

    @property
    def expected_count(self) -> float:
        """Expected among honest claims, by the probabilities."""
        return self.expected_above_count + self.expected_below_count


def discoveries(
    judged: JudgedClaims,
    false_discovery_share: float = FALSE_DISCOVERY_SHARE,
    side: Side = "either",
) -> Discoveries:
    """Claims too far out for their estimate, at a controlled share of false ones.

    The p-value of an over-claim is the probability of the claimed stage or a higher one, that of
    an under-claim the probability of it or a lower one; `either` doubles the smaller. Under
    honesty it is small as rarely as it says, or more rarely, as stages are steps.

    Args:
        judged: claims with calibrated probabilities.
        false_discovery_share: of false ones among those called contradicted.
        side: which contradictions are asked for.

    Raises:
        ValueError: the side is none of the three.

    Examples:
        >>> from classifiers.comparing.judged_claims import judged_claims
        >>> judged = judged_claims([6, 2], [[0.3, 0.4, 0.25, 0.03, 0.015, 0.005]] * 2)
        >>> discoveries(judged).is_contradicted.tolist()
        [True, False]
    """
    p_values = _p_values(judged, side)
    adjusted = _adjusted(p_values)
    is_contradicted = adjusted <= false_discovery_share
    count = int(is_contradicted.sum())
    return Discoveries(
        p_values=p_values,
        adjusted_p_values=adjusted,
        is_contradicted=is_contradicted,
        contradicted_count=count,
        expected_false_count=count * false_discovery_share,
        false_discovery_share=false_discovery_share,
    )


def false_contradictions(
    judged: JudgedClaims, set_lows: npt.ArrayLike, set_highs: npt.ArrayLike
) -> FalseContradictions:
    """Claims outside their prediction sets beside the number expected under honesty.

    Args:
        judged: claims with calibrated probabilities.
        set_lows: lowest stage of each organization's set.
        set_highs: highest stage of each organization's set.
    """
    top = judged.stage_count
    lows, highs = (checked_codes(codes, top, "set") for codes in (set_lows, set_highs))
    return FalseContradictions(
        above_count=int((judged.claims > highs).sum()),
        below_count=int((judged.claims < lows).sum()),
        expected_above_count=float(judged.mass(highs + 1, top).sum()),
        expected_below_count=float(judged.mass(1, lows - 1).sum()),
        organization_count=judged.organization_count,
    )


def _adjusted(p_values: FloatArray) -> FloatArray:
    order = np.argsort(p_values)[::-1]
    ranks = np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum.accumulate(p_values[order] * len(p_values) / ranks)
    return adjusted


def _p_values(judged: JudgedClaims, side: str) -> FloatArray:
    if side not in _SIDES:
        message = f"side {side!r} is not known; give one of {', '.join(_SIDES)}"
        raise ValueError(message)
    above = judged.mass(judged.claims, judged.stage_count)
    below = judged.mass(1, judged.claims)
    values = {"above": above, "below": below, "either": 2 * np.minimum(above, below)}
    return np.asarray(np.clip(values[side], 0.0, 1.0))
