"""Building: signals of one week from what the warehouse knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.clock import now
from flows.termsregister import learn_sources
from warehouse.build import Clock, build

if TYPE_CHECKING:
    from datetime import datetime

    from warehouse.db import Connection


def build_signals(connection: Connection, as_of: datetime | None = None) -> dict[str, int]:
    """Measure all signals as of a moment (now when None), from everything known by now.

    From which sources anything may be derived is what the last run read in the terms register.

    Returns:
        Number of rows by relation.
    """
    learn_sources(connection)
    moment = now()
    return build(connection, Clock(as_of=as_of or moment, known_at=moment))
