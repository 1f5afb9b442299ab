"""The record of a run: what it was asked, when, and how it ended.

It is written at the start to the archive and the warehouse, and again at the end, so that a
run that was killed can be told from one that is under way.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from flows.clock import naive

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run; fields are the columns of `raw.runs`, times UTC."""

    run_id: str
    started_at: datetime
    ended_at: datetime | None = None
    state: str = "running"
    command: str
    as_of: datetime
    is_invented: bool = False
    barograph_version: str
    channel_count: int = 0
    due_count: int = 0
    held_count: int = 0
    failed_count: int | None = None
    error: str = ""
    flow_run_url: str = ""  #: where Prefect shows it

    def row(self) -> dict[str, Any]:
        """Values as the warehouse stores them."""
        return {
            name: naive(value) if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }

    def record(self, organizations: str) -> dict[str, Any]:
        """Values as the archive stores them, with the name of the list of organizations."""
        times = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }
        return times | {"organizations": organizations}


def new_run(
    command: str,
    started_at: datetime,
    as_of: datetime,
    *,
    is_invented: bool,
    flow_run_url: str = "",
) -> Run:
    """A run that starts now; its identifier sorts by time."""
    return Run(
        run_id=f"{started_at:%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(2)}",
        started_at=started_at,
        command=command,
        as_of=as_of,
        is_invented=is_invented,
        flow_run_url=flow_run_url,
        barograph_version=version("barograph"),
    )


def run_from_record(record: Mapping[str, Any]) -> Run:
    """The run that `Run.record` came from."""
    values = {name: value for name, value in record.items() if name != "organizations"}
    for name in ("started_at", "ended_at", "as_of"):
        if values[name]:
            values[name] = datetime.fromisoformat(values[name]).astimezone(UTC)
    return Run(**values)
