"""Delivering: what was written down to be sent goes out, each message once, whatever fails.

Each channel sends its messages in their order. One that cannot be sent makes its channel rest
for a while, longer at each failure; it keeps nobody else from sending, and fails no run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from flows.alerting.logfile import append_to_log
from flows.alerting.mail import send_mail
from flows.alerting.prefectevents import emit_alert, is_in_flow
from flows.alerting.register import digest
from flows.alerting.sending import Letter, Notice, SendingError
from flows.alerting.webhook import send_to_hook
from warehouse.alerting import mark_failed, mark_sent
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from flows.alerting.destinations import Destinations
    from warehouse.db import Connection

    Send = Callable[[Sequence[Notice]], None]

LOG, EMAIL, WEBHOOK, PREFECT = "log", "email", "webhook", "prefect"
#: What could not be sent for so long is given up: by then it stands in the log and in the table.
GIVEN_UP_AFTER = timedelta(days=7)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
_MOST_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Failure:
    """A channel that could not send, and why."""

    channel: str
    error: str


def channels_of(where: Destinations) -> tuple[str, ...]:
    """The channels that messages of this moment are written for."""
    offered = {
        LOG: True,
        EMAIL: where.mailing is not None,
        WEBHOOK: where.hook is not None,
        PREFECT: is_in_flow(),
    }
    return tuple(channel for channel, is_there in offered.items() if is_there)


def deliver(
    connection: Connection,
    where: Destinations,
    log: Path,
    moment: datetime,
    *,
    is_patient: bool = True,
) -> list[Failure]:
    """Send what is due; returns which channels failed.

    Args:
        connection: the warehouse, open for writing.
        where: to whom.
        log: the file of the log.
        moment: now, UTC without a zone.
        is_patient: channels that failed rest for a while; otherwise they try again at once.
    """
    senders = {channel: _sender(channel, where, log) for channel in channels_of(where)}
    failures = (
        _deliver(connection, channel, send, moment, is_patient=is_patient)
        for channel, send in senders.items()
    )
    return [failure for failure in failures if failure]


def _sender(channel: str, where: Destinations, log: Path) -> Send:
    if channel == EMAIL and where.mailing:
        mailing = where.mailing
        return lambda notices: send_mail(mailing, letter_of(notices))
    if channel == WEBHOOK and where.hook:
        hook = where.hook
        return lambda notices: send_to_hook(hook, letter_of(notices))
    if channel == PREFECT:
        return _emit_all
    return lambda notices: append_to_log(log, notices)


def _emit_all(notices: Sequence[Notice]) -> None:
    for notice in notices:
        emit_alert(notice)


def letter_of(notices: Sequence[Notice]) -> Letter:
    """Notices of one look as one letter."""
    return Letter(digest(*(notice.message_id for notice in notices)), notices)


def _deliver(
    connection: Connection, channel: str, send: Send, moment: datetime, *, is_patient: bool
) -> Failure | None:
    for batch in _batches(connection, channel, moment):
        if is_patient and batch[0]["not_before"] > moment:
            return None  # the channel rests, and what is newer waits behind
        ids = [row["message_id"] for row in batch]
        try:
            send([_notice(row) for row in batch])
        except (SendingError, OSError) as error:
            pause = _pause(batch[0]["attempts"])
            mark_failed(connection, ids, str(error), moment + pause)
            return Failure(channel, str(error))
        mark_sent(connection, ids, moment)
    return None


def _batches(
    connection: Connection, channel: str, moment: datetime
) -> Iterator[list[dict[str, Any]]]:
    """What one look found goes out together, so that a try again has the same content."""
    given = {"channel": channel, "since": moment - GIVEN_UP_AFTER}
    unsent = rows(connection, "unsent_alert_messages", given)
    for _, batch in groupby(unsent, key=lambda row: row["batch_id"]):
        yield list(batch)


def _pause(attempts: int) -> timedelta:
    """Twice as long after each failure, up to six hours."""
    doubled: timedelta = _FIRST_PAUSE * (1 << min(attempts, _MOST_DOUBLINGS))
    return min(doubled, _LONGEST_PAUSE)


def _notice(row: dict[str, Any]) -> Notice:
    """A message with its alert; one that tells of the beginning does not know the end."""
    if row["kind"] == "opened":
        row = {**row, "recovered_at": None, "recovered_run_id": "", "ending": ""}
    return Notice(
        message_id=row["message_id"],
        kind=row["kind"],
        alert_id=row["alert_id"],
        code=row["condition_code"],
        severity=row["severity"],
        subject_kind=row["subject_kind"],
        subject_id=row["subject_id"],
        organization_id=row["organization_id"],
        opened_at=row["opened_at"],
        opened_run_id=row["opened_run_id"],
        recovered_at=row["recovered_at"],
        recovered_run_id=row["recovered_run_id"],
        ending=row["ending"],
        value=row["value"],
        limit_value=row["limit_value"],
        created_at=row["created_at"],
        title=row["message_title"],
        text=row["message_text"],
    )
