"""The watch: look at everything, remember what changed, and send what is to be sent.

It is kept at the end of every run, also of one that failed, and by `barograph alerts --check`
between runs. Whatever goes wrong in it is told and recorded, and fails no run.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flows.alerting.delivery import channels_of, deliver
from flows.alerting.destinations import destinations
from flows.alerting.logfile import log_fault
from flows.alerting.looking import Look
from flows.alerting.remembering import remember, take_back
from flows.clock import naive
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from flows.alerting.register import Changes
    from flows.project import Project
    from flows.settings import Settings
    from warehouse.db import Connection

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look came to.

    Attributes:
        open_count: alerts that are open now; None when that could not be told.
        opened: titles of those that began.
        ended: titles of those that are over.
        problems: what went wrong in looking or sending, a line each.
    """

    open_count: int | None = None
    opened: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "open": self.open_count,
            "opened": list(self.opened),
            "ended": list(self.ended),
            "problems": list(self.problems),
        }


def watch_safely(
    project: Project, settings: Settings, connection: Connection, moment: datetime, run_id: str
) -> Watched:
    """Keep the watch without ever raising: what goes wrong stands among the problems."""
    try:
        return watch(project, settings, connection, moment, run_id)
    except Exception as error:  # noqa: BLE001 - the run itself may have gone well
        problem = f"alerts were not looked at: {type(error).__name__}: {error}"
        _record_faults(project, [problem], moment)
        return Watched(problems=(problem,))


def watch(
    project: Project,
    settings: Settings,
    connection: Connection,
    moment: datetime,
    run_id: str = "",
    *,
    is_patient: bool = True,
) -> Watched:
    """Look at everything, remember what changed, and send what is to be sent.

    Args:
        project: the data folder.
        settings: of the project.
        connection: its warehouse, open for writing.
        moment: now, UTC.
        run_id: the run at whose end it is; "" between runs.
        is_patient: whether a channel that failed a short while ago is left alone.

    Raises:
        InputError: settings of alerts cannot be meant.
    """
    where, log = destinations(settings), project.alert_log
    take_back(connection, log)
    look, at = Look(project, settings, connection, moment), naive(moment)
    changes = look.changes(where.switched_off)
    remember(connection, changes, channels_of(where), at, run_id)
    failures = deliver(connection, where, log, at, is_patient=is_patient)
    unsent = [f"alerts were not sent by {one.channel}: {one.error}" for one in failures]
    problems = [*look.problems, *unsent]
    _record_faults(project, problems, moment)
    return _watched(rows(connection, "open_alerts"), changes, at, problems)


def _watched(
    told: Sequence[dict[str, Any]], changes: Changes, moment: datetime, problems: Sequence[str]
) -> Watched:
    return Watched(
        open_count=len(told),
        opened=tuple(row["title"] for row in told if row["opened_at"] == moment),
        ended=tuple(ended.alert.title for ended in changes.ended),
        problems=tuple(problems),
    )


def _record_faults(project: Project, problems: Iterable[str], moment: datetime) -> None:
    for problem in problems:
        _logger.warning("%s", problem)
        log_fault(project.alert_log, moment.isoformat(), problem)
