"""Everything that is held about one organization, as a folder that it can be sent (rule R20).

Tables as CSV, all of them as JSON, and a page to read. What rests on fewer than five persons is
left out here, too: the organization is not told of single people.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from flows.clock import now
from flows.errors import InputError
from warehouse.durable import write_text
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from flows.settings import Settings
    from warehouse.db import Connection

    Rows = Sequence[Mapping[str, Any]]

#: Tables in the order of the page, with what each is.
TABLES = {
    "organization": "What the list says of you.",
    "channels": "The channels that are taken for yours, and what that rests on.",
    "estimates": (
        "Stages that your publicly observable signals are consistent with, with the 80 % and 90 % "
        "prediction sets, or why the estimate abstains."
    ),
    "signals": "What was measured of you, week by week; not what rests on fewer than five persons.",
    "claims": "Stages that you are known to have given yourself.",
    "assessments": "Questionnaires that you answered; respondents by their codes.",
    "labels": "Stages that raters gave you; raters by their codes.",
    "corrections": "What you had put right, or asked for.",
    "replies": "What you replied to your result.",
    "kept_rows": "How many records of each kind are kept of you.",
}


def write_dossier(
    connection: Connection, settings: Settings, organization_id: str, folder: Path
) -> dict[str, int]:
    """Write the folder; returns the number of rows by table.

    Raises:
        InputError: no organization of this identifier is known.
    """
    given = {"organization_id": organization_id}
    found: dict[str, Rows] = {
        name: rows(connection, f"dossier_{name}", given) for name in TABLES if name != "kept_rows"
    }
    if not found["organization"]:
        problem = f"{organization_id}: no such organization; `barograph status` lists them"
        raise InputError(problem)
    found["kept_rows"] = _kept_rows(connection, organization_id)
    for name, table in found.items():
        write_text(folder / f"{name}.csv", _csv(table))
    write_text(folder / "dossier.json", json.dumps(found, default=str, indent=1, sort_keys=True))
    write_text(folder / "index.html", _page(settings, found))
    return {name: len(table) for name, table in found.items()}


def _kept_rows(connection: Connection, organization_id: str) -> Rows:
    """How many rows of each table are about an organization."""
    tables = connection.execute(
        """
        select distinct schema_name || '.' || table_name as name
        from duckdb_columns()
        where
            column_name = 'organization_id'
            and schema_name in ('raw', 'signals', 'estimates')
            and table_name not in ('published')
            and database_name = current_database()
        order by name
        """
    ).fetchall()
    counted = []
    for (name,) in tables:
        query = f"select count(*) from {name} where organization_id = ?"  # noqa: S608 - our own
        (count,) = connection.execute(query, [organization_id]).fetchone() or (0,)
        if count:
            counted.append({"kept_table": name, "row_count": count})
    return counted


def _csv(table: Rows) -> str:
    target = io.StringIO(newline="")
    if table:
        writer = csv.DictWriter(target, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in table)
    return target.getvalue()


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    is_formula = isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t"}
    return f"'{value}" if is_formula else value


def _page(settings: Settings, found: Mapping[str, Rows]) -> str:
    from dashboards.links import Links
    from dashboards.rendering import render

    return render(
        "dossier.html",
        name=found["organization"][0]["name"],
        tables=[(name, about, list(found[name])) for name, about in TABLES.items()],
        contact=settings.contact,
        notice_url=settings.notice_url,
        written_on=f"{now():%Y-%m-%d}",
        links=Links(is_live=False),
    )
