"""The register of trained models, of which one is current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.db import Connection, transaction
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Mapping


def record_model(connection: Connection, row: Mapping[str, Any]) -> None:
    """Register a model and make it the current one; one of the same version is replaced.

    What an earlier evaluation of that version found is kept.
    """
    names = ", ".join(row)
    places = ", ".join(f"${name}" for name in row)
    with transaction(connection):
        known = connection.execute(
            "select evaluation from estimates.models where model_version = ?",
            [row["model_version"]],
        ).fetchone()
        connection.execute(
            "delete from estimates.models where model_version = ?", [row["model_version"]]
        )
        connection.execute("update estimates.models set is_current = false")
        connection.execute(
            f"insert into estimates.models ({names}, evaluation, is_current) "  # noqa: S608 - ours
            f"values ({places}, $evaluation, true)",
            {**row, "evaluation": known[0] if known else ""},
        )


def choose_model(connection: Connection, model_version: str) -> bool:
    """Make a registered model the current one; False when no model has this version."""
    with transaction(connection):
        found = connection.execute(
            "select count(*) from estimates.models where model_version = ?", [model_version]
        ).fetchone()
        if not found or not found[0]:
            return False
        connection.execute(
            "update estimates.models set is_current = (model_version = ?)", [model_version]
        )
    return True


def current_model(connection: Connection) -> dict[str, Any] | None:
    """The row of the current model; None before the first."""
    found = rows(connection, "models")
    return found[0] if found and found[0]["is_current"] else None
