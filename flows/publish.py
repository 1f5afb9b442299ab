"""Publishing: the snapshot that dashboards read, and the page as static files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flows.clock import naive, now
from warehouse.build import build_marts, last_clock, run_checks
from warehouse.publish import next_number, publish_marts

if TYPE_CHECKING:
    from pathlib import Path

    from flows.project import Project
    from warehouse.db import Connection


class Published(NamedTuple):
    """What was published: the snapshot's file, and the benchmark page."""

    snapshot: Path
    page: Path


def publish(project: Project, connection: Connection) -> Published:
    """Build the marts, check everything once more, and publish both.

    Raises:
        ChecksFailedError: bad rows; what was published before stays.
    """
    from dashboards.export import write_site

    number = next_number(project.snapshots)
    build_marts(
        connection,
        last_clock(connection),
        {"snapshot_number": number, "published_at": naive(now())},
    )
    run_checks(connection)
    snapshot = publish_marts(connection, project.snapshots, number)
    return Published(snapshot, write_site(project.snapshot, project.site))
