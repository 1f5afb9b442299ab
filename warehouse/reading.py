"""Reading from the warehouse what other parts compute with, as plain rows."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.db import Connection


def rows(
    connection: Connection, name: str, parameters: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    """Rows of a query kept in `warehouse/reads/<name>.sql`, as dictionaries."""
    sql = (resources.files("warehouse") / "reads" / f"{name}.sql").read_text("utf-8")
    result = connection.execute(sql, dict(parameters or {}))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
