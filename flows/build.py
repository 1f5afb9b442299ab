"""Building: signals of one week from what the warehouse knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.terms.register import shipped
from flows.clock import now
from flows.termsregister import source_rows
from warehouse.build import Clock, build
from warehouse.register import register_sources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from connectors.terms.register import Terms
    from warehouse.db import Connection


def build_signals(
    connection: Connection,
    as_of: datetime | None = None,
    terms: Mapping[str, Terms] | None = None,
) -> dict[str, int]:
    """Measure all signals as of a moment (now when None), from everything known by now.

    `terms` says from which sources anything may be derived; None: as Barograph is shipped.

    Returns:
        Number of rows by relation.
    """
    register_sources(connection, source_rows(terms or shipped()))
    moment = now()
    return build(connection, Clock(as_of=as_of or moment, known_at=moment))
