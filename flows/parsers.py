"""The processes that parse: CPU work beside the fetching, away from its connections.

This module imports only what a parser needs, for each process carries it in memory.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait

import connectors

PROCESS_COUNT = 2


def parser_pool() -> ProcessPoolExecutor:
    """A pool whose processes are forked from a clean server: they inherit no connection."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["flows.parsing", *_connector_modules()])
    return ProcessPoolExecutor(PROCESS_COUNT, mp_context=context, initializer=_end_with_the_run)


def _connector_modules() -> list[str]:
    return [f"connectors.{name}" for name in connectors.names()]


def _end_with_the_run() -> None:
    """Let a parser die with the run: a run that is killed cannot stop its own pool."""
    run = multiprocessing.parent_process()
    assert run is not None
    threading.Thread(target=_exit_after, args=(run.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
