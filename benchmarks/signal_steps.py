"""One step of the benchmark of signals, in a process of its own so that its cost can be told.

Run as `python signal_steps.py STEP FOLDER [NUMBER ...]`; `signals.py` does.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # also where the project is not installed

from signal_world import INCREMENT_END, WEEK_COUNT, WORLD_END, World, write_increment

from warehouse.build import Clock, build
from warehouse.db import open_warehouse
from warehouse.load import load_landed

if TYPE_CHECKING:
    from warehouse.db import Connection

#: Columns that the peers read.
_PEER_COLUMNS = (
    "organization_id",
    "channel_id",
    "activity_id",
    "parent_id",
    "thread_id",
    "author_key",
    "occurred_at",
    "kind",
    "direction",
    "author_role",
    "thread_shape",
    "is_question",
)
#: What is measured here and by the peers; participants stand above the line of their rate.
_CORE = """
    select
        organization_id,
        case
            when signal_code = 'participants_per_1000_followers' then 'participants'
            else signal_code
        end as signal_code,
        case
            when signal_code = 'participants_per_1000_followers' then nullif(numerator, 0)
            else value
        end as value,
    from signals.measurements
    where
        as_of_week = $week
        and not is_pooled
        and signal_code in (
            'posts_per_week',
            'active_weeks_share',
            'burstiness',
            'reply_rate_72h',
            'response_hours_median',
            'participants_per_1000_followers',
            'top_decile_share'
        )
"""
_DIFFERENCES = """
    select
        coalesce(ours.signal_code, theirs.signal_code) as signal_code,
        count(*) as row_count,
        count(*) filter (
            ours.value is null
            or theirs.value is null
            or abs(ours.value - theirs.value) > 1e-9 * greatest(1, abs(ours.value))
        ) as difference_count,
    from (select * from core where value is not null) as ours
    full join read_csv($result) as theirs
        on ours.organization_id = theirs.organization_id and ours.signal_code = theirs.signal_code
    group by 1
    order by 1
"""


def generate(folder: Path, activity_count: str, organization_count: str) -> None:
    """Make the world in `folder`, and the landed batch of the week after it."""
    with _open(folder) as connection:
        world = World(connection, int(activity_count), int(organization_count))
        world.fill(0, WEEK_COUNT)
        write_increment(world, folder / "landing" / "increment")


def export(folder: Path) -> None:
    """Write the organizations and their activities for the peers."""
    with _open(folder) as connection:
        connection.execute(
            "copy (select organization_id from raw.organizations) "
            f"to '{folder / 'organizations.parquet'}'"
        )
        connection.execute(
            f"copy (select {', '.join(_PEER_COLUMNS)} from raw.activities) "
            f"to '{folder / 'activities.parquet'}' (compression zstd)"
        )


def build_all(folder: Path) -> None:
    """Measure the last week of the world."""
    with _open(folder) as connection:
        _build(connection, WORLD_END)


def load(folder: Path) -> None:
    """Load the batch of the week after the world, as every collected batch is loaded."""
    with _open(folder) as connection:
        load_landed(connection, folder / "landing" / "increment", "benchmark")


def build_next(folder: Path) -> None:
    """Measure the week after the world."""
    with _open(folder) as connection:
        _build(connection, INCREMENT_END)


def compare(folder: Path, result: str) -> None:
    """Print by signal how many of a peer's numbers there are, and how many differ from ours."""
    week = Clock(as_of=WORLD_END, known_at=WORLD_END).as_of_week
    with _open(folder) as connection:
        connection.execute(f"create or replace temp table core as {_CORE}", {"week": week})
        rows = connection.execute(_DIFFERENCES, {"result": result}).fetchall()
    _print({code: [count, different] for code, count, different in rows})


def repeat(folder: Path, activity_count: str, organization_count: str) -> None:
    """Build the last five weeks one by one, then all from nothing; print what differs.

    The world grows by a week before each build.
    """
    with _open(folder) as connection:
        world = World(connection, int(activity_count), int(organization_count))
        world.fill(0, WEEK_COUNT - 5)
        for week in range(WEEK_COUNT - 5, WEEK_COUNT):
            _build(connection, WORLD_END - timedelta(weeks=WEEK_COUNT - week))
            world.fill(week, week + 1)
        _build(connection, WORLD_END)
        grown = _measured(connection)
    with _open(folder / "whole") as connection:
        World(connection, int(activity_count), int(organization_count)).fill(0, WEEK_COUNT)
        _build(connection, WORLD_END)
        whole = _measured(connection)
    _print({"row_count": len(whole), "difference_count": len(grown ^ whole)})


def _open(folder: Path) -> Any:  # noqa: ANN401 - a context manager of the package
    folder.mkdir(exist_ok=True, parents=True)
    return open_warehouse(folder / "warehouse.duckdb")


def _build(connection: Connection, end: datetime) -> None:
    build(connection, Clock(as_of=end, known_at=end + timedelta(hours=3)))


def _measured(connection: Connection) -> set[str]:
    """The measurements of the last week of the world, each as text to the last digit."""
    found = connection.execute(
        "select (measurements)::varchar from signals.measurements "
        "where as_of_week = (select max(as_of_week) from signals.measurements)"
    )
    return {row for (row,) in found.fetchall()}


def _print(record: object) -> None:
    print(json.dumps(record))


STEPS = {
    "generate": generate,
    "export": export,
    "build": build_all,
    "load": load,
    "build-next": build_next,
    "compare": compare,
    "repeat": repeat,
}

if __name__ == "__main__":
    STEPS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
