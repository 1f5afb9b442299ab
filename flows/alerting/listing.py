"""Alerts to look at: what is open, what was, and what could not be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.alerting import has_alerts
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.db import Connection

_SHOWN = 3


def alerts_overview(connection: Connection, *, every: bool = False) -> dict[str, Any]:
    """The open alerts, the most serious first, or with `every` all, the newest first.

    A warehouse that an earlier version made has none.
    """
    if not has_alerts(connection):
        return {"open_count": 0, "alerts": [], "undelivered": []}
    told = rows(connection, "open_alerts")
    return {
        "open_count": len(told),
        "alerts": rows(connection, "past_alerts") if every else told,
        "undelivered": rows(connection, "undelivered_alert_messages"),
    }


def open_sentence(told: Sequence[Mapping[str, Any]]) -> str:
    """The open alerts in one line."""
    if not told:
        return "Alerts: none open."
    titles = "; ".join(alert["title"] for alert in told[:_SHOWN])
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return f"Alerts: {len(told)} open (`barograph alerts`): {titles}{more}."


def told_sentence(told: Mapping[str, Any]) -> str:
    """What the look at the end of a run came to (`Watched.record`), in one line."""
    if told["open"] is None:
        return "Alerts could not be looked at; `barograph alerts --check` tries again."
    began = f", {len(told['opened'])} of them new" if told["opened"] else ""
    over = f"; {len(told['ended'])} over" if told["ended"] else ""
    more = "; `barograph alerts` shows them" if told["open"] else ""
    return f"Alerts: {told['open'] or 'none'} open{began}{over}{more}."
