"""Alerts between the warehouse and the register: what is open, and what a look adds to it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flows.alerting.conditions import CONDITIONS
from flows.alerting.judgement import Judgement, OpenAlert, Subject
from flows.alerting.logfile import read_log
from flows.alerting.messages import ended_message, opened_message
from flows.alerting.register import Ended, Ending, digest
from warehouse.alerting import ALERT_SCHEMA, record_changes
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from flows.alerting.messages import Message
    from flows.alerting.register import Changes, Still
    from warehouse.db import Connection

_COLUMNS = tuple(ALERT_SCHEMA.names)


def open_alerts(connection: Connection) -> list[OpenAlert]:
    """The alerts that are open."""
    return [
        OpenAlert(
            alert_id=row["alert_id"],
            code=row["condition_code"],
            subject=Subject(row["subject_kind"], row["subject_id"]),
            organization_id=row["organization_id"],
            severity=row["severity"],
            opened_at=row["opened_at"],
            last_seen_at=row["last_seen_at"],
            limit_value=row["limit_value"],
            title=row["title"],
        )
        for row in rows(connection, "open_alerts")
    ]


def remember(
    connection: Connection,
    changes: Changes,
    channels: Sequence[str],
    moment: datetime,
    run_id: str,
) -> None:
    """Keep what a look changed, and in the same transaction what is to be sent of it.

    Args:
        connection: the warehouse, open for writing.
        changes: by the register.
        channels: that each message is to go out by.
        moment: of the look, UTC without a zone.
        run_id: the run that looked; "" between runs.
    """
    batch = {"batch_id": digest(moment.isoformat(), run_id), "created_at": moment}
    opened, messages = [], list[dict[str, Any]]()
    for judgement in changes.opened:
        message = opened_message(judgement)
        alert = _alert_row(judgement, message, moment, run_id)
        opened.append(alert)
        messages += _message_rows(alert["alert_id"], "opened", message, channels)
    for ended in changes.ended:
        if ended.ending is not Ending.SWITCHED_OFF:
            message = ended_message(ended, moment)
            messages += _message_rows(ended.alert.alert_id, "recovered", message, channels)
    record_changes(
        connection,
        opened=opened,
        still=[_still_row(still, moment) for still in changes.still],
        ended=[_ended_row(ended, moment, run_id) for ended in changes.ended],
        messages=[{**message, **batch, "not_before": moment} for message in messages],
    )


def _alert_row(
    judgement: Judgement, message: Message, moment: datetime, run_id: str
) -> dict[str, Any]:
    return {
        "alert_id": digest(judgement.code, *judgement.subject, moment.isoformat()),
        "condition_code": judgement.code,
        "subject_kind": judgement.subject.kind,
        "subject_id": judgement.subject.subject_id,
        "organization_id": judgement.organization_id,
        "severity": CONDITIONS[judgement.code].severity.value,
        "opened_at": moment,
        "opened_run_id": run_id,
        "last_seen_at": moment,
        "recovered_at": None,
        "recovered_run_id": "",
        "ending": "",
        "value": judgement.value,
        "limit_value": judgement.limit_value,
        "title": message.title,
        "text": message.text,
    }


def _still_row(still: Still, moment: datetime) -> dict[str, Any]:
    return {
        "alert_id": still.alert.alert_id,
        "last_seen_at": moment,
        "value": still.judgement.value,
    }


def _ended_row(ended: Ended, moment: datetime, run_id: str) -> dict[str, Any]:
    return {
        "alert_id": ended.alert.alert_id,
        "recovered_at": moment,
        "recovered_run_id": run_id,
        "ending": ended.ending.value,
        "value": ended.judgement.value if ended.judgement else None,
    }


def _message_rows(
    alert_id: str, kind: str, message: Message, channels: Iterable[str]
) -> Iterator[dict[str, Any]]:
    for channel in channels:
        yield {
            "message_id": digest(alert_id, kind, channel),
            "alert_id": alert_id,
            "kind": kind,
            "channel": channel,
            "sent_at": None,
            "attempts": 0,
            "last_error": "",
            "title": message.title,
            "text": message.text,
        }


def take_back(connection: Connection, log: Path) -> int:
    """Take alerts back from the log into a warehouse that has none; returns how many.

    A warehouse that was rebuilt from its archive knows no alerts. The log tells which were
    told, so that they are not told again.
    """
    if rows(connection, "past_alerts"):
        return 0
    told: dict[str, dict[str, Any]] = {}
    for record in read_log(log):
        if record.get("kind") in {"opened", "recovered"} and _is_whole(record):
            row = _row_of(record)
            opened = told.get(row["alert_id"], row)
            told[row["alert_id"]] = {**row, "title": opened["title"], "text": opened["text"]}
    record_changes(connection, opened=list(told.values()), still=(), ended=(), messages=())
    return len(told)


def _is_whole(record: dict[str, Any]) -> bool:
    """Whether a line has all that an alert has, and of a condition that there is."""
    names = set(_COLUMNS) - {"last_seen_at"}
    return names <= record.keys() and record["condition_code"] in CONDITIONS


def _row_of(record: dict[str, Any]) -> dict[str, Any]:
    row = {name: record.get(name) for name in _COLUMNS}
    last = record["recovered_at"] or record["opened_at"]
    times = {"opened_at": record["opened_at"], "recovered_at": record["recovered_at"]}
    return row | {name: _moment(text) for name, text in (*times.items(), ("last_seen_at", last))}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=None)
