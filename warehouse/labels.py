"""Keeping the codes that raters give, with those that they corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse.db import transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from warehouse.db import Connection

#: What is given of a code; the first four columns are its identity.
LABEL_SCHEMA = pa.schema(
    [
        ("organization_id", pa.string()),
        ("rater", pa.string()),
        ("about", pa.date32()),
        ("codebook", pa.string()),
        ("stage_code", pa.int32()),
        ("saw", pa.string()),
        ("coded_on", pa.date32()),
        ("confidence", pa.string()),
        ("note", pa.string()),
    ]
)
_SUPERSEDE = """
    update raw.labels as kept
    set superseded_at = $imported_at
    from given
    where
        kept.superseded_at is null
        and (kept.organization_id, kept.rater, kept.about, kept.codebook)
        = (given.organization_id, given.rater, given.about, given.codebook)
        and (kept.stage_code, kept.saw, kept.coded_on, kept.confidence, kept.note)
        is distinct from (given.stage_code, given.saw, given.coded_on, given.confidence, given.note)
"""
_INSERT = """
    insert into raw.labels by name
    select
        given.*,
        $imported_at as imported_at,
    from given
    anti join (from raw.labels where superseded_at is null) as kept
        using (organization_id, rater, about, codebook)
"""


def record_labels(
    connection: Connection, rows: Sequence[Mapping[str, Any]], imported_at: datetime
) -> None:
    """Keep codes with the columns of `LABEL_SCHEMA`, each identity once; moment in UTC.

    A code of a known identity that differs takes the place of the former, which is kept with
    `superseded_at`; one that does not differ changes nothing.
    """
    with transaction(connection):
        given = pa.Table.from_pylist([dict(row) for row in rows], schema=LABEL_SCHEMA)
        connection.register("given", given)
        for statement in (_SUPERSEDE, _INSERT):
            connection.execute(statement, {"imported_at": imported_at})
        connection.unregister("given")
