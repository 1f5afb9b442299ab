"""Collecting: which channels to ask, asking them, keeping and loading what they answered.

A batch goes through three steps, each a plain function of serializable arguments: `fetch`
writes the archive, `parse_batch` the landing folder, `load` the warehouse. Prefect's tasks
and the direct run call the same functions.
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.contract import Outcome
from flows.agenda import Agenda, Round, by_address
from flows.door import project_door
from flows.memory import give_back
from flows.parsers import Parsers
from flows.parsing import BatchSource, LandedBatch, parse_exchanges
from flows.rows import exchange_columns
from warehouse.load import load_landed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from connectors.contract import Request
    from connectors.fetching.client import Fetcher
    from connectors.fetching.exchange import Exchange
    from flows.batches import Batch
    from flows.fetchplan import FetchPlan
    from flows.project import Project
    from warehouse.db import Connection

#: Batches under way at a time: one is fetched while another is parsed or loaded.
_BATCHES_AT_A_TIME = 3
_GARBAGE_THRESHOLD = 50_000


@dataclass(slots=True)
class Collected:
    """What a collection brought, so far."""

    outcomes: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    parsed_activity_count: int = 0
    added_activity_count: int = 0

    def add(self, landed: LandedBatch) -> None:
        """Count a parsed batch."""
        self.outcomes |= landed.outcomes
        self.errors |= landed.errors
        self.notes |= landed.notes
        self.parsed_activity_count += landed.activity_count

    def count(self, *outcomes: Outcome) -> int:
        """Channels that ended in one of these outcomes."""
        return sum(outcome in outcomes for outcome in self.outcomes.values())

    @property
    def failed_count(self) -> int:
        """Channels that we did not get to see."""
        return sum(not Outcome(outcome).is_seen for outcome in self.outcomes.values())


def collect(
    project: Project,
    connection: Connection,
    plan: FetchPlan,
    batches: Sequence[Batch],
    advance: Callable[[int], None] = lambda _: None,
) -> Collected:
    """Ask all channels and load what they answer, batch by batch, all inside this process.

    Args:
        project: where archive and landing folder are.
        connection: the warehouse, open for writing.
        plan: how to ask.
        batches: whom to ask.
        advance: told how many more channels are done, for a progress bar.
    """
    with _patient_garbage_collector():
        return asyncio.run(_Collection(project, connection, plan, advance).run(batches))


@contextmanager
def _patient_garbage_collector() -> Iterator[None]:
    """Look for garbage cycles rarely, and not among what was imported: a fifth of our CPU."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class _Collection:
    """One collection under way: a client, a pool of parsers and one loader."""

    def __init__(
        self,
        project: Project,
        connection: Connection,
        plan: FetchPlan,
        advance: Callable[[int], None],
    ) -> None:
        self._project = project
        self._connection = connection
        self._plan = plan
        self._advance = advance
        self._collected = Collected()
        self._loading = asyncio.Lock()
        self._turns = asyncio.Semaphore(_BATCHES_AT_A_TIME)

    async def run(self, batches: Sequence[Batch]) -> Collected:
        with Parsers(self._project.archive) as self._parsers:
            async with self._plan.fetcher() as self._fetcher, asyncio.TaskGroup() as tasks:
                for batch in batches:
                    tasks.create_task(self._collect(batch))
        return self._collected

    async def _collect(self, batch: Batch) -> None:
        agenda = Agenda(batch)
        number = 0
        while round_ := agenda.next_round():
            await asyncio.sleep(round_.pause_seconds)
            async with self._turns:
                landed = await self._round(batch, number, round_)
            batch = replace(batch, states={**batch.states, **landed.states})
            agenda.heed(round_, landed)
            number += 1
        self._advance(len(batch.channels))

    async def _round(self, batch: Batch, number: int, round_: Round) -> LandedBatch:
        landed = await self._fetch_and_parse(batch, number, round_)
        self._collected.add(landed)
        async with self._loading:
            loaded = await asyncio.to_thread(
                load_landed, self._connection, landed.folder, batch.run_id
            )
        self._collected.added_activity_count += loaded.added_activity_count
        give_back()
        return landed

    async def _fetch_and_parse(self, batch: Batch, number: int, round_: Round) -> LandedBatch:
        """Ask, archive, parse. Documents go to the parsers, which read them from the archive."""
        exchanges = await fetch(self._fetcher, batch, round_)
        path = archive(self._project, batch, number, exchanges)
        source = batch_source(self._project, batch, path, round_.requests)
        if not any(exchange.outcome is Outcome.OK for exchange in exchanges):
            return parse_exchanges(source, exchanges)  # no new document: not worth the way
        exchanges.clear()  # the bodies are in the archive, and memory is short
        return await self._parsers.parse(source)


def collect_batch(project: Project, plan: FetchPlan, batch: Batch) -> list[LandedBatch]:
    """Ask the channels of one batch, archive and parse; loading is left to the one writer.

    A plain function of serializable arguments, so that it can run on another machine that
    sees the same data folder. What an earlier try archived is not asked again.
    """
    return asyncio.run(_collect_batch(project, plan, batch))


async def _collect_batch(project: Project, plan: FetchPlan, batch: Batch) -> list[LandedBatch]:
    rounds: list[LandedBatch] = []
    agenda = Agenda(batch)
    async with plan.fetcher() as fetcher:
        with Parsers(project.archive) as parsers:
            while round_ := agenda.next_round():
                path = archive_path(project, batch, len(rounds))
                if not path.exists():
                    await asyncio.sleep(round_.pause_seconds)
                    exchanges = await fetch(fetcher, batch, round_)
                    archive(project, batch, len(rounds), exchanges)
                source = batch_source(project, batch, path, round_.requests)
                rounds.append(await parsers.parse(source))
                batch = replace(batch, states={**batch.states, **rounds[-1].states})
                agenda.heed(round_, rounds[-1])
    return rounds


def load(
    connection: Connection, run_id: str, rounds: Sequence[LandedBatch], collected: Collected
) -> None:
    """Load what `collect_batch` landed, and count it."""
    for landed in rounds:
        collected.add(landed)
        loaded = load_landed(connection, landed.folder, run_id)
        collected.added_activity_count += loaded.added_activity_count


def failed_batch(collected: Collected, batch: Batch, error: Exception) -> None:
    """Count the channels of a batch that could not be collected at all."""
    for channel in batch.channels:
        collected.outcomes[channel.channel_id] = Outcome.UNREACHABLE.value
        collected.errors[channel.channel_id] = f"batch failed: {type(error).__name__}: {error}"


async def fetch(fetcher: Fetcher, batch: Batch, round_: Round) -> list[Exchange]:
    """Make the requests of a round, all at once as far as politeness allows."""
    exchanges = await asyncio.gather(
        *(
            fetcher.fetch(request, batch.states[channel_id])
            for channel_id, wanted in round_.requests.items()
            for request in wanted
        )
    )
    return [*exchanges, *round_.stopped]


def archive(project: Project, batch: Batch, number: int, exchanges: Sequence[Exchange]) -> Path:
    """Keep the answers of one round of a batch, before anything is made of them."""
    path = archive_path(project, batch, number)
    project.archive.write_pages(path, exchange_columns(exchanges))
    return path


def archive_path(project: Project, batch: Batch, number: int) -> Path:
    """Where a round of a batch is archived."""
    name = f"{batch.run_id}-{batch.number:05d}-{number:03d}"
    return project.archive.pages_path(name, batch.started_at)


def batch_source(
    project: Project, batch: Batch, path: Path, requests: Mapping[str, Sequence[Request]]
) -> BatchSource:
    """What the parser needs for an archived round."""
    return BatchSource(
        path=path,
        file_id=path.stem,
        archive_file=project.archive.relative(path),
        run_id=batch.run_id,
        landing=project.landing,
        channels=batch.by_id,
        states=batch.states,
        door=project_door(project),
        poisoned=project.archive.poisoned(),
        requests=by_address(requests),
    )
