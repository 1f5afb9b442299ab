"""Keeping what respondents answered about their organizations, with what they corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse.db import transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from warehouse.db import Connection

_ASSESSMENT_SCHEMA = pa.schema(
    [
        ("assessment_id", pa.string()),
        ("organization_id", pa.string()),
        ("instrument", pa.string()),
        ("instrument_version", pa.string()),
        ("respondent", pa.string()),
        ("respondent_role", pa.string()),
        ("answered_on", pa.date32()),
        ("direct_stage_code", pa.int32()),
        ("ambition_stage_code", pa.int32()),
        ("is_public", pa.bool_()),
        ("note", pa.string()),
    ]
)
_ANSWER_SCHEMA = pa.schema(
    [
        ("assessment_id", pa.string()),
        ("item_code", pa.string()),
        ("answer", pa.int32()),
        ("evidence_url", pa.string()),
    ]
)
_STATEMENTS = (
    """
    update raw.assessments as kept
    set superseded_at = $imported_at
    from given
    where kept.superseded_at is null and kept.assessment_id = given.assessment_id
    """,
    "insert into raw.assessments by name select given.*, $imported_at as imported_at from given",
    "insert into raw.answers by name select answered.*, $imported_at as imported_at from answered",
)


def record_assessments(
    connection: Connection,
    assessments: Sequence[Mapping[str, Any]],
    answers: Sequence[Mapping[str, Any]],
    imported_at: datetime,
) -> None:
    """Keep assessments and the answers that belong to them, in one transaction.

    An assessment whose identifier is known takes the place of the former, which is kept with
    `superseded_at`; whoever calls leaves out those that say nothing new.

    Args:
        connection: the warehouse.
        assessments: columns of `raw.assessments` but for the two moments.
        answers: assessment_id, item_code, answer (None: cannot say) and evidence_url.
        imported_at: in UTC; later than that of any former import.
    """
    with transaction(connection):
        for name, rows, schema in (
            ("given", assessments, _ASSESSMENT_SCHEMA),
            ("answered", answers, _ANSWER_SCHEMA),
        ):
            table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
            connection.register(name, table)
        for statement in _STATEMENTS:
            connection.execute(statement, {"imported_at": imported_at})
        connection.unregister("given")
        connection.unregister("answered")
