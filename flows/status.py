"""How monitoring stands: the last run, channels by state, what failed and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.alerting.listing import alerts_overview
from warehouse.migrations import schema_version
from warehouse.reading import rows

if TYPE_CHECKING:
    from warehouse.db import Connection

_HEALTHY = "completed"
_WITH_FAILURES = "completed_with_failures"


def read_status(connection: Connection) -> dict[str, Any]:
    """Last runs, channels by outcome, those that fail, moved or lose entries, drift, schema."""
    # A run that is under way holds the warehouse: one that we can read beside was killed.
    runs = [
        run | {"state": "interrupted"} if run["state"] == "running" else run
        for run in rows(connection, "last_runs")
    ]
    return {
        "runs": runs,
        "channels": rows(connection, "channel_states"),
        "failing": rows(connection, "failing_channels"),
        "moved": rows(connection, "moved_channels"),
        "lossy": rows(connection, "lossy_channels"),
        "drifts": rows(connection, "recent_drifts"),
        "alerts": alerts_overview(connection)["alerts"],
        "schema_version": schema_version(connection),
    }


def exit_code(status: dict[str, Any]) -> int:
    """0 when the last run saw every channel, 3 when some failed, 1 when it did not complete."""
    if not status["runs"]:
        return 1
    last = status["runs"][0]
    if last["state"] == _HEALTHY:
        return 3 if status["failing"] else 0
    return 3 if last["state"] == _WITH_FAILURES else 1
