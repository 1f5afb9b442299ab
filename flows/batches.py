"""Batches: which channels are asked together."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from connectors.fetching.state import FetchState
from flows.hosts import first_url, host_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from connectors.contract import Channel

#: What a channel with validators counts towards the size of a batch.
_QUIET_WEIGHT = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Channels that are asked together, with what is remembered of each."""

    run_id: str
    number: int
    started_at: datetime
    channels: tuple[Channel, ...]
    states: Mapping[str, FetchState]
    #: Why some sources may not be asked, by source.
    refusals: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_id(self) -> dict[str, Channel]:
        """The channels by their identifier."""
        return {channel.channel_id: channel for channel in self.channels}


def make_batches(
    run_id: str,
    started_at: datetime,
    channels: Sequence[Channel],
    states: Mapping[str, FetchState],
    size: int,
    refusals: Mapping[str, str] | None = None,
) -> list[Batch]:
    """Cut channels into batches of `size` new documents, as far as can be foreseen.

    A host's channels stay together. A channel with validators will most likely answer that
    nothing has changed, and counts a quarter: small batches keep memory low while documents
    are on their way, large ones save work when there are none.
    """
    ordered = sorted(channels, key=lambda c: (host_of(first_url(c)), c.channel_id))
    weights = (_QUIET_WEIGHT if _is_quiet(_state(states, c)) else 1.0 for c in ordered)
    numbers = [int(total / size) for total in accumulate(weights, initial=0.0)]
    parts = [
        [channel for _, channel in part]
        for _, part in groupby(zip(numbers, ordered, strict=False), key=itemgetter(0))
    ]
    return [
        Batch(
            run_id=run_id,
            number=number,
            started_at=started_at,
            channels=tuple(part),
            states={c.channel_id: _state(states, c) for c in part},
            refusals=refusals or {},
        )
        for number, part in enumerate(parts)
    ]


def _is_quiet(state: FetchState) -> bool:
    return bool(state.etag or state.last_modified)


def _state(states: Mapping[str, FetchState], channel: Channel) -> FetchState:
    return states.get(channel.channel_id) or FetchState(channel_id=channel.channel_id)
