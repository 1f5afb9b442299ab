"""Where a score lies among those of others, with its interval and with how many they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Peers that a median or a percentile is told of; fewer could be known by it.
FEWEST_PEERS = 10
_Z = 1.959963984540054  # of a 95 % interval


class Peers(NamedTuple):
    """A group to compare with: what it is called, and its scores without one's own."""

    name: str
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentile:
    """The share of others below a score, equal ones counted half.

    Attributes:
        share: from 0 to 1; None where there are fewer than ten others in every group.
        low: lower bound of a 95 % interval.
        peer_count: of the group that is used, or of the widest where none is.
        group: its name.
        passed_over: narrower groups with fewer than ten others, each with its number.
    """

    share: float | None
    low: float | None
    high: float | None
    peer_count: int
    group: str
    passed_over: tuple[tuple[str, int], ...]


def percentile_among(score: float, groups: Sequence[Peers]) -> Percentile:
    """The percentile in the first group of ten or more others.

    The share is that of the mean rank, (below + equal / 2) / n. Its interval is the score interval
    of Wilson (1927, Probable inference, Journal of the American Statistical Association 22), as if
    the others were drawn from many: where they are all there are, it is too wide.

    Args:
        score: one's own.
        groups: from the narrowest to the widest; at least one.

    Raises:
        ValueError: there is no group.

    >>> found = percentile_among(2.0, [Peers("all", (1.0,) * 5 + (2.0,) * 2 + (3.0,) * 3)])
    >>> found.share, round(found.low, 3), round(found.high, 3), found.peer_count
    (0.6, 0.313, 0.832, 10)
    """
    if not groups:
        message = "no group to compare with; give one that holds all others"
        raise ValueError(message)
    passed_over: list[tuple[str, int]] = []
    for group in groups:
        if len(group.scores) >= FEWEST_PEERS:
            return _percentile(score, group, tuple(passed_over))
        passed_over.append((group.name, len(group.scores)))
    widest = groups[-1]
    return Percentile(
        share=None,
        low=None,
        high=None,
        peer_count=len(widest.scores),
        group=widest.name,
        passed_over=tuple(passed_over),
    )


def _percentile(score: float, group: Peers, passed_over: tuple[tuple[str, int], ...]) -> Percentile:
    n = len(group.scores)
    equal_count = group.scores.count(score)
    share = (sum(other < score for other in group.scores) + equal_count / 2) / n
    low, high = _wilson(share, n)
    return Percentile(
        share=share,
        low=low,
        high=high,
        peer_count=n,
        group=group.name,
        passed_over=passed_over,
    )


def _wilson(share: float, n: int) -> tuple[float, float]:
    spread = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    middle = share + _Z**2 / (2 * n)
    low, high = (middle - spread) / scale, (middle + spread) / scale
    return max(0.0, min(share, low)), min(1.0, max(share, high))  # rounding leaves the ends
