"""Which batches one worker does one after another: those that ask the same host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.hosts import first_url, host_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flows.batches import Batch

#: Batches that ask the same hosts; each host is in one chain only.
Chain = tuple["Batch", ...]


def chains(batches: Iterable[Batch]) -> list[Chain]:
    """Batches in chains, so that no two workers ask the same host at the same time.

    Batches come in the order of their hosts (`flows.batches.make_batches`), so those that share a
    host follow each other.
    """
    made: list[list[Batch]] = []
    for batch in batches:
        if made and not _hosts(made[-1][-1]).isdisjoint(_hosts(batch)):
            made[-1].append(batch)
        else:
            made.append([batch])
    return [tuple(chain) for chain in made]


def _hosts(batch: Batch) -> set[str]:
    return {host_of(first_url(channel)) for channel in batch.channels}
