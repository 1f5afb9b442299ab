"""The processes that parse: CPU work beside the fetching, away from its connections.

This module imports only what a parser needs, for each process carries it in memory.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import connectors
from flows import parser_process
from flows.parsing import LandedBatch, page_ids, parse_batch, try_page

if TYPE_CHECKING:
    from types import TracebackType

    from flows.parsing import BatchSource
    from warehouse.archive import Archive

PROCESS_COUNT = 2


class Parsers:
    """A pool of parser processes; use it as a context manager.

    A page that kills its parser (a fault in a C library, no memory left) is found, remembered
    in the archive as poisoned and counted as malformed; its batch and the others go on.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._pool = _new_pool(PROCESS_COUNT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()

    async def parse(self, source: BatchSource) -> LandedBatch:
        """`parse_batch` in one of the processes."""
        pool = self._pool
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, parse_batch, source)
        except BrokenProcessPool:
            if self._pool is pool:  # the first batch to notice replaces the pool for all
                self._pool = _new_pool(PROCESS_COUNT)
            return await asyncio.to_thread(self._parse_carefully, source)

    def _parse_carefully(self, source: BatchSource) -> LandedBatch:
        """Find the pages that kill a parser, and parse the rest; in processes of our own."""
        self._archive.poison(_killers(source))
        careful = replace(source, poisoned=self._archive.poisoned())
        with _new_pool(1) as pool:
            return pool.submit(parse_batch, careful).result()


def _killers(source: BatchSource) -> list[str]:
    killers: list[str] = []
    pool = _new_pool(1)
    for page_id in page_ids(source):
        try:
            pool.submit(try_page, source, page_id).result()
        except BrokenProcessPool:
            killers.append(page_id)
            pool = _new_pool(1)
    pool.shutdown()
    return killers


def _new_pool(process_count: int) -> ProcessPoolExecutor:
    """Processes forked from a clean server: they inherit no connection."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["flows.parser_preload", "flows.parsing", *_connector_modules()])
    return ProcessPoolExecutor(process_count, mp_context=context, initializer=parser_process.begin)


def _connector_modules() -> list[str]:
    return [f"connectors.{name}" for name in connectors.names()]
