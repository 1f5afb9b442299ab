"""Gives the same tasks to workers in one way, and tells how long they took; for `spreading.py`.

    python benchmarks/spreading_step.py dask|prefect-threads|prefect-processes|prefect-dask COUNT

A task is given a batch of 80 channels and gives back the state of each, as collecting does; it
asks nobody and parses nothing, so that what is measured is the way there and back.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.contract import Channel
from flows.batches import Batch, make_batches
from flows.settings import prepare_prefect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORKERS = 2
_CHANNELS = 80
_WAYS: dict[str, Callable[[Sequence[Batch]], tuple[float, list[int]]]] = {}


def main() -> None:
    """Do what the command line says, and print seconds and results as JSON."""
    way, count = sys.argv[1], int(sys.argv[2])
    seconds, results = _WAYS[way](_batches(count))
    print(json.dumps({"seconds": seconds, "tasks": len(results), "channels": sum(results)}))


def answer(batch: Batch) -> dict[str, Any]:
    """What a task does: nothing with a batch, but to send its states back."""
    return dict(batch.states)


def _batches(count: int) -> list[Batch]:
    channels = [
        Channel(
            channel_id=f"channel-{number:06}",
            organization_id=f"organization-{number // 6:05}",
            source="feeds",
            address=f"https://organization-{number // 6:05}.example/feed-{number % 6}.xml",
            role="official",
            function="press",
        )
        for number in range(count * _CHANNELS)
    ]
    return make_batches("run", datetime.now(UTC), channels, {}, _CHANNELS)


def _way(name: str) -> Callable[[Any], Any]:
    def keep(function: Any) -> Any:  # noqa: ANN401 - as given
        _WAYS[name] = function
        return function

    return keep


@_way("dask")
def _by_dask(batches: Sequence[Batch]) -> tuple[float, list[int]]:
    """As `flows.spreading` does."""
    from distributed import as_completed

    from flows.spreading.workers import workers

    with workers(str(WORKERS)) as client:
        started = time.perf_counter()
        futures = [client.submit(answer, batch, pure=False, retries=3) for batch in batches]
        found = [len(future.result()) for future in as_completed(futures)]  # type: ignore[no-untyped-call]
        return time.perf_counter() - started, found


@_way("prefect-threads")
def _by_threads(batches: Sequence[Batch]) -> tuple[float, list[int]]:
    """As `flows.monitor` does."""
    prepare_prefect(Path.cwd())
    from prefect.task_runners import ThreadPoolTaskRunner

    return _by_prefect(batches, ThreadPoolTaskRunner(max_workers=WORKERS))


@_way("prefect-processes")
def _by_processes(batches: Sequence[Batch]) -> tuple[float, list[int]]:
    prepare_prefect(Path.cwd())
    from prefect.task_runners import ProcessPoolTaskRunner

    return _by_prefect(batches, ProcessPoolTaskRunner(max_workers=WORKERS))


@_way("prefect-dask")
def _by_prefect_dask(batches: Sequence[Batch]) -> tuple[float, list[int]]:
    prepare_prefect(Path.cwd())
    from prefect_dask import DaskTaskRunner

    cluster = {"n_workers": WORKERS, "threads_per_worker": 1, "dashboard_address": None}
    return _by_prefect(batches, DaskTaskRunner(cluster_kwargs=cluster))


def _by_prefect(batches: Sequence[Batch], runner: Any) -> tuple[float, list[int]]:  # noqa: ANN401 - of Prefect
    from prefect import flow, task
    from prefect.cache_policies import NO_CACHE
    from prefect.futures import as_completed

    ask = task(answer, retries=2, cache_policy=NO_CACHE)

    @flow(name="spread", task_runner=runner, validate_parameters=False)
    def spread() -> tuple[float, list[int]]:
        started = time.perf_counter()
        futures = [ask.submit(batch) for batch in batches]
        found = [len(future.result()) for future in as_completed(futures)]
        return time.perf_counter() - started, found

    return spread()


if __name__ == "__main__":
    main()
