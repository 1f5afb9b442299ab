"""The field dictionary: every column once, with its type, unit and meaning.

`fields.toml` is the one place where a column is described; comments in the database, the
dictionary of an export and the dashboards' notes all come from it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from warehouse.db import transaction

if TYPE_CHECKING:
    from warehouse.db import Connection


@dataclass(frozen=True, slots=True)
class Field:
    """A column's meaning, wherever it appears; `unit` is "" for what has none."""

    name: str
    unit: str
    meaning: str


@cache
def fields() -> dict[str, Field]:
    """All columns by name."""
    text = (resources.files("warehouse") / "fields.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return {name: Field(name, f.get("unit", ""), f["meaning"]) for name, f in table.items()}


def comment_on_columns(connection: Connection, schema: str) -> None:
    """Write the meanings of columns into the database, where any SQL tool shows them."""
    rows = connection.execute(
        """
        select table_name, column_name from duckdb_columns()
        where schema_name = ? and database_name = current_database()
        """,
        [schema],
    ).fetchall()
    statements = [
        f"comment on column {schema}.{table}.{column} is '{_quoted(known.meaning)}'"
        for table, column in rows
        if (known := fields().get(column))
    ]
    if statements:
        with transaction(connection):  # each by itself would go to the disk
            connection.execute(";\n".join(statements))


def _quoted(text: str) -> str:
    return text.replace("'", "''")
