"""Building: signals of one week or of many, from what the warehouse knows."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from flows.clock import now
from flows.termsregister import learn_sources
from warehouse.build import Clock, build
from warehouse.recording import recorder
from warehouse.verifying import Verified, recorded_clocks, verify
from warehouse.writers import sole_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from flows.project import Project
    from warehouse.db import Connection

    #: Measures the week of a clock and has it recorded; returns the number of rows by relation.
    Builder = Callable[[Connection, Clock, Callable[[Connection], None]], dict[str, int]]


def build_signals(
    project: Project,
    connection: Connection,
    as_of: datetime | None = None,
    since: datetime | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:
    """Measure all signals as of a moment (now when None), from everything known by now.

    From which sources anything may be derived is what the last run read in the terms register.

    Args:
        project: whose archive records what each build found.
        connection: the warehouse, open for writing.
        as_of: the moment.
        since: also measure every full week from the one that holds this moment (the end of a
            day belongs to that day); None for the last week alone.
        advance: told how many more weeks are done, for a progress bar.

    Returns:
        Number of rows by relation.
    """
    counts: dict[str, int] = {}
    with sole_writer(connection), _builder(project) as build_week:
        learn_sources(connection)
        moment = now()
        for clock in clocks(as_of or moment, since, moment):
            path = project.archive.build_path(clock.known_at)
            counts = build_week(connection, clock, recorder(path))
            advance(1)
    return counts


def _builder(project: Project) -> AbstractContextManager[Builder]:
    """What measures a week: this process, or the workers of a project whose warehouse is a lake."""
    if not (project.lake and project.workers):
        return nullcontext(build)
    from flows.spreading.measuring import spread_builder

    return spread_builder(project)


def clocks(as_of: datetime, since: datetime | None, known_at: datetime) -> Iterator[Clock]:
    """One clock for each week from `since`, each as of the end of its week; the last as of `as_of`.

    A history that is read after the fact is measured by all that is known at `known_at`.
    """
    last = Clock(as_of=as_of, known_at=known_at)
    week = week_of(since) if since else last.as_of_week
    tick = timedelta(microseconds=1)  # each build has a moment of its own
    while week < last.as_of_week:
        end = datetime.combine(week + timedelta(weeks=1), datetime.min.time(), UTC)
        yield Clock(as_of=end, known_at=known_at)
        week, known_at = week + timedelta(weeks=1), known_at + tick
    yield Clock(as_of=as_of, known_at=known_at)


def verify_weeks(
    connection: Connection, within: datetime | None = None, *, every: bool = False
) -> list[Verified]:
    """Measure recorded weeks again from what was known at their builds, and compare.

    Args:
        connection: the warehouse.
        within: only the week that holds this moment; None for all.
        every: every build, not only the last of each week.
    """
    week = week_of(within) if within else None
    return [verify(connection, clock) for clock in recorded_clocks(connection, week, every=every)]


def week_of(moment: datetime) -> date:
    """Monday of the week that ends with this moment, or goes on; midnight is the day before's."""
    day = (moment.astimezone(UTC) - timedelta(microseconds=1)).date()
    return day - timedelta(days=day.weekday())
