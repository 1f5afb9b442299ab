"""Measuring organizations on many workers, where the warehouse is a lake."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flows.spreading.workers import RETRIES, workers
from warehouse.partitions import build_in_parts, measure_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flows.project import Project
    from warehouse.build import Clock
    from warehouse.db import Connection
    from warehouse.partitions import Measured, Part

#: Parts for each worker: one that is done early takes another.
_PARTS = 2


@contextmanager
def spread_builder(
    project: Project,
) -> Iterator[Callable[[Connection, Clock, Callable[[Connection], None]], dict[str, int]]]:
    """What builds a week in parts, on the workers of a project, while the block runs."""
    lake = project.lake
    assert lake is not None
    with workers(project.workers) as client:
        part_count = _PARTS * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))

        def build_week(
            connection: Connection, clock: Clock, record: Callable[[Connection], None]
        ) -> dict[str, int]:
            def measure_parts(parts: list[Part]) -> list[Measured]:
                futures = [
                    client.submit(measure_part, lake, clock, part, pure=False, retries=RETRIES)
                    for part in parts
                ]
                return list(client.gather(futures))  # type: ignore[no-untyped-call]

            return build_in_parts(connection, clock, part_count, measure_parts, record)

        yield build_week
