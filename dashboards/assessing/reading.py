"""What a result page reads of the snapshot about the peers of an organization."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.reading.query import read

if TYPE_CHECKING:
    from dashboards.reading.query import ReadableSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerGroup:
    """Which organizations to compare with; "" leaves an attribute open.

    The organization itself is never among them.
    """

    organization_id: str
    industry: str = ""
    size: str = ""

    def parameters(self) -> dict[str, object]:
        """Parameters of queries about it."""
        return {
            "organization_id": self.organization_id,
            "industry": self.industry,
            "size": self.size,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerCount:
    """Peers with one stage.

    `kind` is `member` (of the group), `observed` or `claimed`; the stage of those who abstained,
    and of members, is None.
    """

    kind: str
    stage_code: int | None
    organization_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerAnswer:
    """What one peer answered publicly to one criterion."""

    organization_id: str
    item_code: str
    answer: int


def peer_counts(snapshot: ReadableSnapshot, group: PeerGroup) -> list[PeerCount]:
    """How many peers there are, and how their stages are distributed."""
    return read(snapshot, "assess_peers", PeerCount, group.parameters())


def peer_levels(snapshot: ReadableSnapshot, group: PeerGroup) -> dict[str, dict[str, int]]:
    """Public answers of peers to the criteria of ESM3, by organization and criterion."""
    levels: dict[str, dict[str, int]] = defaultdict(dict)
    for each in read(snapshot, "assess_peer_answers", PeerAnswer, group.parameters()):
        levels[each.organization_id][each.item_code] = each.answer
    return dict(levels)
