"""Building: models in the order of their folders, then the checks.

One file is one SELECT is one relation, named like the file in the schema named like its
folder. A model reads only from layers above its own: `staging` (what is listed), `facts`
(what signals read of all time; see `warehouse.facts`), `rollups` (windows that end with the week of
the build), `signals`, `marts`. Files of the layer `signals` are not relations of their own: each
yields rows of `signals.measurements` for one week.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

from warehouse.db import Connection, transaction
from warehouse.facts import forget_facts, forget_notes, renew_facts
from warehouse.fields import comment_on_columns
from warehouse.history import past
from warehouse.measuring import complete, gather_evidence, keep_measured, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.resources.abc import Traversable

#: What is listed, then tables of the windows that end with the week of the build.
STAGING = "staging"
ROLLUPS = "rollups"
MARTS = "marts"
SIGNALS = "signals"
#: What is too large to be copied, and read by few.
_VIEWS = ("staging.coverage", "staging.posts", "rollups.conversations")
#: Activities below which a second thread only costs.
_FEW = 200_000
#: Weeks before that of the build in which what people said may matter to a signal.
_DIALOGUE_WEEKS = 26


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
            "conversations_from": datetime.combine(
                self.as_of_week - timedelta(weeks=_DIALOGUE_WEEKS - 1), datetime.min.time()
            ),
        }


def build(
    connection: Connection, clock: Clock, record: Callable[[Connection], None] | None = None
) -> dict[str, int]:
    """Measure the signals of `clock`'s week from all that is loaded, and run the checks.

    Only what loading has touched since the last build is read again.

    Args:
        connection: the warehouse, open for writing.
        clock: the moments of the build.
        record: told when the build is good and about to be kept (`warehouse.recording`).

    Returns:
        Number of rows by relation.

    Raises:
        ChecksFailedError: bad rows; the message names the checks. No measurement has changed
            then, and what was to be built is built again by the next build.
    """
    set_up(connection, clock)
    if not _is_same_engine(connection):
        forget_facts(connection)
    return keep_build(connection, clock, _build_up(connection), record)


def keep_build(
    connection: Connection,
    clock: Clock,
    counts: dict[str, int],
    record: Callable[[Connection], None] | None = None,
) -> dict[str, int]:
    """Keep what was measured, after the checks; the end of every build.

    Raises:
        ChecksFailedError: as `build`.
    """
    with transaction(connection):
        forget_notes(connection)
        keep_measured(connection)
        remember(connection, clock)
        counts["signals.measurements"] = _count(connection, "signals.measurements")
        run_checks(connection)
        if record is not None:
            record(connection)
    return counts


@contextmanager
def as_known(connection: Connection, clock: Clock) -> Iterator[None]:
    """The warehouse as it was at a moment: built again from what was known at `clock.known_at`.

    Within the block queries on `raw`, `staging`, `facts`, `rollups` and `signals` see that past;
    `signals.measurements` holds the week of `clock` alone. Nothing of it is stored.
    """
    set_up(connection, clock)
    with past(connection):
        _build_up(connection)
        connection.execute("insert into signals.measurements from measured")
        yield


def set_up(connection: Connection, clock: Clock) -> None:
    """Bind the moments of a build."""
    _take_threads(connection)
    set_variables(connection, clock.variables())


def _take_threads(connection: Connection) -> None:
    is_small = _count(connection, "raw.activities") < _FEW
    connection.execute("set threads = 1" if is_small else "reset threads")


def _build_up(connection: Connection) -> dict[str, int]:
    """Staging, facts, rollups and the measured signals, in the database in use."""
    build_staging(connection)
    counts = build_measured(connection)
    finish_measured(connection)
    return counts


def finish_measured(connection: Connection) -> None:
    """Say of what was measured what needs every organization."""
    complete(connection, _file("models", "pooling.sql"))


def build_staging(connection: Connection) -> None:
    """The moments of a build, and the first layer."""
    connection.execute("delete from staging.clock")
    connection.execute(
        "insert into staging.clock "
        "select getvariable('as_of'), getvariable('known_at'), getvariable('as_of_week')"
    )
    build_layer(connection, STAGING)


def build_measured(connection: Connection) -> dict[str, int]:
    """Facts, rollups, and the measurements that need no other organization, from staging on."""
    renew_facts(connection)
    with transaction(connection):
        counts = dict(build_layer(connection, ROLLUPS))
    measure(connection, [file.read_text("utf-8") for file in model_files(SIGNALS)])
    gather_evidence(connection, _file("models", "evidence.sql"))
    return counts


def _is_same_engine(connection: Connection) -> bool:
    """Whether the facts were hashed by this version of the database; hashes differ between some."""
    found = connection.execute(
        "select engine_version = version() from signals.builds order by known_at desc limit 1"
    ).fetchone()
    return found is None or bool(found[0])


def remember(connection: Connection, clock: Clock) -> None:
    """Note that there was a build, and its moments."""
    values = clock.variables()
    connection.execute(
        "insert into signals.builds select $as_of_week, $as_of, $known_at, version() "
        "where $known_at not in (select known_at from signals.builds)",
        {name: values[name] for name in ("as_of_week", "as_of", "known_at")},
    )


def last_clock(connection: Connection) -> Clock:
    """The clock of the last build.

    Raises:
        NotBuiltError: there has been none.
    """
    row = connection.execute("select as_of, known_at from staging.clock").fetchone()
    if row is None:
        message = "nothing has been built yet; run `barograph build`"
        raise NotBuiltError(message)
    as_of, known_at = (moment.replace(tzinfo=UTC) for moment in row)
    return Clock(as_of=as_of, known_at=known_at)


def build_marts(connection: Connection, clock: Clock, more: dict[str, Any]) -> dict[str, int]:
    """Rebuild the marts from what `build`, estimates and comparisons left."""
    _take_threads(connection)
    set_variables(connection, clock.variables() | more)
    with transaction(connection):
        counts = dict(build_layer(connection, MARTS))
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


def build_layer(connection: Connection, layer: str) -> list[tuple[str, int]]:
    """Make the relations of a layer anew; returns the number of rows of each table."""
    connection.execute(f"create schema if not exists {layer}")
    former = _kinds(connection, layer)
    counts = []
    for file in model_files(layer):
        name = f"{layer}.{file.name.removesuffix('.sql')}"
        kind = "view" if name in _VIEWS else "table"
        if former.get(name, kind) != kind:  # an earlier version had it so
            connection.execute(f"drop {former[name]} {name}")
        connection.execute(f"create or replace {kind} {name} as {file.read_text('utf-8')}")
        if kind == "table":
            counts.append((name, _count(connection, name)))
    return counts


def _kinds(connection: Connection, layer: str) -> dict[str, str]:
    """What is there of a layer: "table" or "view" by name."""
    found = connection.execute(
        """
        select
            table_schema || '.' || table_name,
            case when table_type = 'VIEW' then 'view' else 'table' end,
        from information_schema.tables
        where table_schema = $layer and table_catalog = current_database()
        """,
        {"layer": layer},
    )
    return dict(found.fetchall())


def _count(connection: Connection, name: str) -> int:
    found = connection.execute(f"select count(*) from {name}").fetchone()  # noqa: S608 - our own
    return int(found[0]) if found else 0


def _file(*parts: str) -> str:
    return resources.files("warehouse").joinpath(*parts).read_text("utf-8")


def _files(*parts: str) -> list[Traversable]:
    folder = resources.files("warehouse").joinpath(*parts)
    files = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted(files, key=lambda file: file.name)
