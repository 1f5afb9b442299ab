"""Alerts in the warehouse: for whom a condition holds, what is open, and what is yet to be sent."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse.db import transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from warehouse.db import Connection

_TIME = pa.timestamp("us")
#: An alert as it is opened; what it becomes later are the last columns.
ALERT_SCHEMA = pa.schema(
    [
        ("alert_id", pa.string()),
        ("condition_code", pa.string()),
        ("subject_kind", pa.string()),
        ("subject_id", pa.string()),
        ("organization_id", pa.string()),
        ("severity", pa.string()),
        ("opened_at", _TIME),
        ("opened_run_id", pa.string()),
        ("last_seen_at", _TIME),
        ("recovered_at", _TIME),
        ("recovered_run_id", pa.string()),
        ("ending", pa.string()),
        ("value", pa.float64()),
        ("limit_value", pa.float64()),
        ("title", pa.string()),
        ("text", pa.string()),
    ]
)
#: A message as it is written down to be sent.
MESSAGE_SCHEMA = pa.schema(
    [
        ("message_id", pa.string()),
        ("alert_id", pa.string()),
        ("kind", pa.string()),
        ("channel", pa.string()),
        ("batch_id", pa.string()),
        ("created_at", _TIME),
        ("not_before", _TIME),
        ("sent_at", _TIME),
        ("attempts", pa.int32()),
        ("last_error", pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
    ]
)
_STILL = """
    update raw.alerts as known
    set last_seen_at = given.last_seen_at, value = given.value
    from given
    where known.alert_id = given.alert_id
"""
_END = """
    update raw.alerts as known
    set
        recovered_at = given.recovered_at,
        recovered_run_id = given.recovered_run_id,
        ending = given.ending,
        value = given.value
    from given
    where known.alert_id = given.alert_id
"""


def has_alerts(connection: Connection) -> bool:
    """Whether the warehouse has tables of alerts: one that an earlier version made has none."""
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'raw' and table_name = 'alerts' "
        "and database_name = current_database()"
    )
    return found.fetchone() is not None


def judged_rows(
    connection: Connection, code: str, given: Mapping[str, object]
) -> list[dict[str, Any]]:
    """Rows of `warehouse/alerts/<code>.sql`, which takes of `given` what it names."""
    sql = (resources.files("warehouse") / "alerts" / f"{code}.sql").read_text("utf-8")
    taken = {name: value for name, value in given.items() if f"${name}" in sql}
    result = connection.execute(sql, taken)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def record_changes(
    connection: Connection,
    *,
    opened: Sequence[Mapping[str, Any]],
    still: Sequence[Mapping[str, Any]],
    ended: Sequence[Mapping[str, Any]],
    messages: Sequence[Mapping[str, Any]],
) -> None:
    """What one look changed, with all that is to be sent of it: all of it or nothing.

    Args:
        connection: the warehouse, open for writing.
        opened: new rows, with the columns of `ALERT_SCHEMA`.
        still: alert, moment and value of those that were found to hold on.
        ended: alert, moment, run, ending and value of those that are over.
        messages: new rows, with the columns of `MESSAGE_SCHEMA`.
    """
    with transaction(connection):
        _change(connection, "insert into raw.alerts by name from given", opened)
        _change(connection, _STILL, still)
        _change(connection, _END, ended)
        _change(connection, "insert into raw.alert_messages by name from given", messages)


def mark_sent(connection: Connection, message_ids: Sequence[str], moment: datetime) -> None:
    """These messages have arrived where they were sent to; moment in UTC without a zone."""
    with transaction(connection):
        connection.execute(
            "update raw.alert_messages set sent_at = $moment, attempts = attempts + 1, "
            "last_error = '' where message_id in (select unnest($message_ids))",
            {"moment": moment, "message_ids": list(message_ids)},
        )


def mark_failed(
    connection: Connection, message_ids: Sequence[str], error: str, not_before: datetime
) -> None:
    """These messages could not be sent now, and are not tried again before a moment."""
    with transaction(connection):
        connection.execute(
            "update raw.alert_messages set not_before = $not_before, attempts = attempts + 1, "
            "last_error = $error where message_id in (select unnest($message_ids))",
            {"not_before": not_before, "error": error, "message_ids": list(message_ids)},
        )


def _change(connection: Connection, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    fields = [field for field in (*ALERT_SCHEMA, *MESSAGE_SCHEMA) if field.name in rows[0]]
    schema = pa.schema({field.name: field.type for field in fields})
    connection.register("given", pa.Table.from_pylist([dict(row) for row in rows], schema=schema))
    connection.execute(statement)
    connection.unregister("given")
