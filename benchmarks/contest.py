"""The rules all contestants follow: the same feeds, first all new, then unchanged."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from accounting import Usage
    from feed_generator import Corpus
    from static_server import StaticServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass over all feeds.

    `own_seconds` is the pass as the contestant itself times it, without the start of its
    interpreter; where it tells nothing, the time of the whole command. `entry_count` is how
    many entries it holds afterwards; None where it keeps none.
    """

    usage: Usage
    own_seconds: float
    entry_count: int | None


class Contestant(Protocol):
    """Something that collects feeds, set up afresh for every repetition."""

    name: str
    is_peer: bool  #: compared with us on fewer feeds, because it needs much longer
    settling_pass_count: int  #: passes between the two that count, until it sends validators

    def prepare(self, urls: Sequence[str], store: Path) -> None:
        """Write the settings into the empty folder `store`, which will hold all its data."""
        ...

    def collect(self) -> Pass:
        """The first pass: nothing is known."""
        ...

    def collect_again(self) -> Pass:
        """A later pass over the same store, while no feed has changed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """What one contestant did in one repetition.

    `not_modified_share` (0 to 1) is the part of the second pass's requests that the server
    answered with 304; `answered_count` is the number of these requests.
    """

    contestant: str
    feed_count: int
    expected_entry_count: int
    cold: Pass
    unchanged: Pass
    not_modified_share: float
    answered_count: int

    @property
    def is_complete(self) -> bool:
        """Whether every generated entry was held after each pass that holds entries."""
        counts = {self.cold.entry_count, self.unchanged.entry_count} - {None}
        return counts == {self.expected_entry_count}

    @property
    def cold_feeds_per_second(self) -> float:
        """Speed of the first pass by the contestant's own time."""
        return self.feed_count / self.cold.own_seconds

    @property
    def unchanged_feeds_per_second(self) -> float:
        """Speed of the second pass by the contestant's own time."""
        return self.feed_count / self.unchanged.own_seconds

    @property
    def peak_megabytes(self) -> float:
        """The most memory it held in either pass."""
        return max(self.cold.usage.peak_megabytes, self.unchanged.usage.peak_megabytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Feeds, the server they are fetched from, and how many of them a peer gets."""

    corpus: Corpus
    peer_feed_count: int
    server: StaticServer
    workspace: Path

    def repeat(
        self, entrants: Sequence[Callable[[], Contestant]], repetition_count: int
    ) -> list[list[Repetition]]:
        """All contestants in turn, so that a noisy minute hits each of them alike.

        Returns one list a repetition, in the order of `entrants`.
        """
        return [
            [self._run(entrant(), number) for entrant in entrants]
            for number in range(repetition_count)
        ]

    def _run(self, contestant: Contestant, number: int) -> Repetition:
        corpus = self.corpus.first(self.peer_feed_count) if contestant.is_peer else self.corpus
        store = self.workspace / f"{contestant.name}-{number}"
        store.mkdir()
        contestant.prepare(self._urls(corpus), store)
        cold = contestant.collect()
        for _ in range(contestant.settling_pass_count):
            contestant.collect_again()
        position = self.server.log_position()
        unchanged = contestant.collect_again()
        statuses = self.server.statuses_since(position)
        shutil.rmtree(store)
        return Repetition(
            contestant=contestant.name,
            feed_count=len(corpus.feeds),
            expected_entry_count=corpus.entry_count,
            cold=cold,
            unchanged=unchanged,
            not_modified_share=_share(statuses, 304),
            answered_count=statuses.total(),
        )

    def _urls(self, corpus: Corpus) -> list[str]:
        return [f"{self.server.base_url}/{feed.file_name}" for feed in corpus.feeds]


def _share(statuses: Counter[int], status: int) -> float:
    return statuses[status] / statuses.total() if statuses else 0.0


def names_of(repetitions: Iterable[Sequence[Repetition]]) -> list[str]:
    """Names of the contestants in the order in which they ran."""
    return list(dict.fromkeys(one.contestant for row in repetitions for one in row))
