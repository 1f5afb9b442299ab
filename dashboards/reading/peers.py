"""How signals are distributed among the peers of one organization, itself left out.

Values that were drawn towards those of peers for want of own evidence are no values here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.signals import SIGNAL_CODES
from dashboards.reading.query import narrowing, sql
from dashboards.reading.signals import SignalDot, Spread

if TYPE_CHECKING:
    from dashboards.filters import Narrowing
    from dashboards.reading.query import ReadableSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSpread(Spread):
    """One signal among peers, and how many of them lie below the organization's own value."""

    below_count: int
    equal_count: int

    @property
    def percentile(self) -> float | None:
        """The mid-rank percentile of the organization's own value: ties count half, 0 to 100."""
        return 100 * (self.below_count + self.equal_count / 2) / self.n if self.n else None


def peer_spreads(
    snapshot: ReadableSnapshot, peers: Narrowing, organization_id: str
) -> dict[str, PeerSpread]:
    """Every signal among peers, by its code.

    Args:
        snapshot: what to read.
        peers: who is compared with, and in which week.
        organization_id: left out of its peers; "" leaves out nobody.
    """
    parameters = narrowing(peers) | {"organization_id": organization_id}
    rows = snapshot.rows(_of_all_signals("peer_spreads"), parameters)
    return {str(row["signal_code"]): _spread(row) for row in rows}


def peer_dots(
    snapshot: ReadableSnapshot, peers: Narrowing, organization_id: str, bounds: tuple[int, int]
) -> dict[str, list[SignalDot]]:
    """Single values by signal, lowest first, of signals with a number of values within bounds."""
    parameters = narrowing(peers) | {
        "organization_id": organization_id,
        "fewest": bounds[0],
        "dot_limit": bounds[1],
    }
    dots = defaultdict(list)
    for row in snapshot.rows(_of_all_signals("peer_dots"), parameters):
        dot = SignalDot(**row)  # type: ignore[arg-type]
        dots[dot.signal_code].append(dot)
    return dict(dots)


def _of_all_signals(query: str) -> str:
    return sql(query).replace("@signals", ", ".join(SIGNAL_CODES))


_LEVELS = (
    "lowest",
    "percentile_05",
    "percentile_25",
    "percentile_50",
    "percentile_75",
    "percentile_95",
    "highest",
)


def _spread(row: dict[str, object]) -> PeerSpread:
    levels = row["levels"] or [None] * len(_LEVELS)
    counts = {name: row[name] for name in ("n", "missing_count", "below_count", "equal_count")}
    return PeerSpread(**counts, **dict(zip(_LEVELS, levels, strict=True)))  # type: ignore[arg-type,call-overload]
