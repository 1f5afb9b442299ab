"""Trying whether alerts would arrive: one message to everybody, that says it is a trial."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from flows.alerting.destinations import destinations
from flows.alerting.mail import send_mail
from flows.alerting.register import digest
from flows.alerting.sending import Letter, Notice, SendingError
from flows.alerting.webhook import send_to_hook
from flows.clock import naive

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from flows.settings import Settings


class Tried(NamedTuple):
    """What came of one channel: where to, and why it did not arrive ("" when it did)."""

    channel: str
    place: str
    error: str


def try_all(settings: Settings, moment: datetime) -> list[Tried]:
    """Send a trial message by everything that is set; of the log it is seen that it can be written.

    Raises:
        InputError: settings of alerts cannot be meant.
    """
    where, letter = destinations(settings), _trial_letter(moment)
    log = settings.project.alert_log
    tried = [Tried("log", log.name, _failure(lambda: _see_that_it_can_be_written(log)))]
    if mailing := where.mailing:
        place = f"{len(mailing.recipients)} recipients by {mailing.server.host}"
        tried.append(Tried("email", place, _failure(lambda: send_mail(mailing, letter))))
    if hook := where.hook:
        tried.append(Tried("webhook", hook.host, _failure(lambda: send_to_hook(hook, letter))))
    return tried


def _failure(send: Callable[[], object]) -> str:
    try:
        send()
    except (SendingError, OSError) as error:
        return str(error)
    return ""


def _see_that_it_can_be_written(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644))


def _trial_letter(moment: datetime) -> Letter:
    at = naive(moment)
    message_id = digest("trial", at.isoformat())
    notice = Notice(
        message_id=message_id,
        kind="opened",
        alert_id=message_id,
        code="trial",
        severity="notice",
        subject_kind="project",
        subject_id="project",
        organization_id=None,
        opened_at=at,
        opened_run_id="",
        recovered_at=None,
        recovered_run_id="",
        ending="",
        value=None,
        limit_value=None,
        created_at=at,
        title="this is a trial, nothing is wrong",
        text="Somebody asked `barograph alerts --try` whether alerts arrive here. They do.",
    )
    return Letter(message_id, (notice,))
