"""Publishing: the snapshot that dashboards read."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from flows.clock import naive, now
from flows.publishedagreement import keep_published_agreement
from warehouse.build import build_marts, last_clock, run_checks
from warehouse.publish import next_number, publish_marts
from warehouse.writers import sole_writer

if TYPE_CHECKING:
    from pathlib import Path

    from flows.project import Project
    from warehouse.db import Connection


def publish(project: Project, connection: Connection) -> Path:
    """Compare what may be told, build the marts, check everything once more, and publish them.

    Returns:
        The file of the snapshot.

    Raises:
        ChecksFailedError: bad rows; what was published before stays.
    """
    with sole_writer(connection):
        number = next_number(project.snapshots)
        keep_published_agreement(project, connection)
        about = {
            "snapshot_number": number,
            "published_at": naive(now()),
            "barograph_version": version("barograph"),
        }
        build_marts(connection, last_clock(connection), about)
        run_checks(connection)
        return publish_marts(connection, project.snapshots, number)
