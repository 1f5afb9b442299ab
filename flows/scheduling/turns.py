"""One run of a project at a time: who comes while another is at work has nothing to do.

The lock is on a file, so the kernel frees it when a process dies: no crash leaves a project
locked, which is why Prefect's own limits, kept in its database, are not used for this.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.fetching.lockfile import give_back, take

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flows.project import Project

#: Commands that collect, build, estimate, compare and publish.
_WHOLE = frozenset({"run", "monitor"})
_LOCK_NAME = "scheduled.lock"


class TurnTakenError(Exception):
    """There is no need for this run: another is at work, or has done its job since it was due."""


@contextmanager
def turn(project: Project, due_at: datetime | None) -> Iterator[None]:
    """The right to be the one scheduled run of a project while the block runs.

    Args:
        project: whose run it is.
        due_at: when it was due, UTC; None when it was asked for now.

    Raises:
        TurnTakenError: another scheduled run is at work, or began after this one was due: of
            several that are late, one catches up for all.
    """
    project.data.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = take(project.data / _LOCK_NAME)
    except BlockingIOError:
        problem = "skipped: the run before it is still at work"
        raise TurnTakenError(problem) from None
    try:
        _check_need(project, due_at)
        yield
    finally:
        give_back(descriptor)


def _check_need(project: Project, due_at: datetime | None) -> None:
    latest = last_start(project)
    if due_at and latest and latest > due_at:
        problem = (
            f"skipped: due at {due_at:%Y-%m-%d %H:%M:%S} UTC, and a run began since, at "
            f"{latest:%Y-%m-%d %H:%M:%S} UTC"
        )
        raise TurnTakenError(problem)


def last_start(project: Project) -> datetime | None:
    """When the newest run that did the whole job began, UTC; None when there was none."""
    newest_first = project.archive.runs(newest_first=True)
    return next((_start(record) for record in newest_first if _is_whole(record)), None)


def _is_whole(record: Mapping[str, Any]) -> bool:
    """Whether a run went to its end: one that was killed or failed has to be caught up with."""
    return record["command"] in _WHOLE and record["state"].startswith("completed")


def _start(record: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(record["started_at"])
