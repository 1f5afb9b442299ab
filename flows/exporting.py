"""Exporting the warehouse for researchers, with what the export is in its manifest."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from flows.clock import now
from warehouse.build import last_clock
from warehouse.export import export_tables

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.db import Connection


def export_all(connection: Connection, folder: Path) -> dict[str, int]:
    """Write all tables to `folder`; returns the number of rows by table.

    Raises:
        NotBuiltError: coverage and signals have never been built.
    """
    clock = last_clock(connection)
    about = {
        "title": "Barograph export",
        "exported_at": now().isoformat(),
        "barograph_version": version("barograph"),
        "as_of": clock.as_of.isoformat(),
        "known_at": clock.known_at.isoformat(),
        "as_of_week": clock.as_of_week.isoformat(),
    }
    return export_tables(connection, folder, about)
