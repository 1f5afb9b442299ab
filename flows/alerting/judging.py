"""Judging: for whom a condition holds, by the warehouse and by what the last run was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.alerting.courses import judge_signals, judge_stages
from flows.alerting.judgement import Judgement, State, Subject
from warehouse.alerting import judged_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from warehouse.db import Connection

_FIXED = ("subject_kind", "subject_id", "organization_id", "state", "value", "limit_value")


def judge(connection: Connection, code: str, given: Mapping[str, Any]) -> list[Judgement]:
    """How everybody stands towards one condition, as far as anything is known.

    Args:
        connection: the warehouse; reading is enough.
        code: the condition's.
        given: what its query takes, by name.
    """
    if by_itself := _JUDGES.get(code):
        return by_itself(connection, given)
    return [judgement(code, row) for row in judged_rows(connection, code, given)]


_JUDGES: Mapping[str, Callable[[Connection, Mapping[str, Any]], list[Judgement]]] = {
    "stage_changed": judge_stages,
    "signals_worse": judge_signals,
}


def judgement(code: str, row: Mapping[str, Any]) -> Judgement:
    """The judgement that a row of a condition's query is."""
    return Judgement(
        code=code,
        subject=Subject(row["subject_kind"], row["subject_id"]),
        organization_id=row["organization_id"],
        state=State(row["state"]),
        value=row["value"],
        limit_value=row["limit_value"],
        parts={name: value for name, value in row.items() if name not in _FIXED},
    )
