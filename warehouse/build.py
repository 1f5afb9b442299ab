"""Building: models in the order of their folders, then the checks.

One file is one SELECT is one relation, named like the file in the schema named like its
folder. A model reads only from layers above its own. Files of the layer `signals` are not
relations of their own: each yields rows of `signals.measurements` for one week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

from warehouse.db import Connection, transaction
from warehouse.fields import comment_on_columns

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

#: Layers between `raw` and the published marts, in the order in which they are built.
LAYERS = ("staging", "rollups")
MARTS = "marts"
SIGNALS = "signals"


class ChecksFailedError(Exception):
    """A check returned bad rows; nothing may be published."""


class NotBuiltError(Exception):
    """The warehouse has never been built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The moment that signals are computed for, and the one until which we knew things.

    Both UTC. `as_of` bounds what happened, `known_at` what had been fetched.
    """

    as_of: datetime
    known_at: datetime

    @property
    def as_of_week(self) -> date:
        """Monday of the last full ISO week before `as_of`."""
        day = self.as_of.astimezone(UTC).date()
        return day - timedelta(days=day.weekday() + 7)

    def variables(self) -> dict[str, Any]:
        """Values by the names under which models read them."""
        return {
            "as_of": self.as_of.astimezone(UTC).replace(tzinfo=None),
            "known_at": self.known_at.astimezone(UTC).replace(tzinfo=None),
            "as_of_week": self.as_of_week,
        }


def build(connection: Connection, clock: Clock) -> dict[str, int]:
    """Rebuild staging and rollups, measure the signals of `clock`'s week, run the checks.

    Returns:
        Number of rows by relation.

    Raises:
        ChecksFailedError: bad rows; the message names the checks.
    """
    connection.execute("reset threads")
    set_variables(connection, clock.variables())
    with transaction(connection):
        counts = {name: n for layer in LAYERS for name, n in _build_layer(connection, layer)}
        counts["signals.measurements"] = _measure(connection, clock.as_of_week)
    run_checks(connection)
    return counts


def last_clock(connection: Connection) -> Clock:
    """The clock of the last build.

    Raises:
        NotBuiltError: there has been none.
    """
    tables = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'staging' and table_name = 'clock'"
    )
    if tables.fetchone() is None:
        message = "nothing has been built yet; run `barograph build`"
        raise NotBuiltError(message)
    row = connection.execute("select as_of, known_at from staging.clock").fetchone()
    as_of, known_at = (moment.replace(tzinfo=UTC) for moment in row or ())
    return Clock(as_of=as_of, known_at=known_at)


def build_marts(connection: Connection, clock: Clock, more: dict[str, Any]) -> dict[str, int]:
    """Rebuild the marts from what `build`, estimates and comparisons left."""
    set_variables(connection, clock.variables() | more)
    with transaction(connection):
        counts = dict(_build_layer(connection, MARTS))
    comment_on_columns(connection, MARTS)
    return counts


def set_variables(connection: Connection, values: dict[str, Any]) -> None:
    """Bind the parameters that models read with `getvariable`."""
    for name, value in values.items():
        connection.execute(f"set variable {name} = $value", {"value": value})


def run_checks(connection: Connection) -> None:
    """Run every query of `checks/`; each returns the bad rows.

    Raises:
        ChecksFailedError: some did; the message shows how many and the first.
    """
    failures = []
    for file in _files("checks"):
        rows = connection.execute(file.read_text("utf-8")).fetchall()
        if rows:
            failures.append(f"{file.name}: {len(rows)} bad rows, the first: {rows[0]}")
    if failures:
        raise ChecksFailedError("\n".join(failures))


def model_files(layer: str) -> list[Traversable]:
    """The models of a layer, by name."""
    return _files("models", layer)


def _build_layer(connection: Connection, layer: str) -> list[tuple[str, int]]:
    connection.execute(f"create schema if not exists {layer}")
    counts = []
    for file in model_files(layer):
        name = f"{layer}.{file.name.removesuffix('.sql')}"
        connection.execute(f"create or replace table {name} as {file.read_text('utf-8')}")
        counts.append((name, _count(connection, name)))
    return counts


def _measure(connection: Connection, as_of_week: date) -> int:
    connection.execute("delete from signals.measurements where as_of_week = ?", [as_of_week])
    for file in model_files(SIGNALS):
        connection.execute(
            "insert into signals.measurements by name "  # noqa: S608 - our own model files
            f"select *, getvariable('as_of_week') as as_of_week from ({file.read_text('utf-8')})"
        )
    return _count(connection, "signals.measurements")


def _count(connection: Connection, name: str) -> int:
    found = connection.execute(f"select count(*) from {name}").fetchone()  # noqa: S608 - our own
    return int(found[0]) if found else 0


def _files(*parts: str) -> list[Traversable]:
    folder = resources.files("warehouse").joinpath(*parts)
    files = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted(files, key=lambda file: file.name)
