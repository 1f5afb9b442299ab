"""Writers of a lake take turns; a file has one writer anyway.

DuckLake refuses a commit that touches what another has changed since it began, and a build takes
many commits that belong together. So whoever writes holds a lock of the catalog meanwhile: one of
PostgreSQL's advisory locks, which end with the connection of their holder, however it ends.
Readers never wait: they see the last commit.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.connecting import Connection

_WAIT_SECONDS = 0.05
#: Variables of a connection: the lake that it writes to, and whether it is its turn.
_LAKE, _TURN = "lake_name", "is_sole_writer"
#: The catalog of the attached lake, under the name that DuckLake gives it.
CATALOG = "__ducklake_metadata_lake"
_TRY = """
    from postgres_query(
        '{catalog}', 'select pg_try_advisory_xact_lock(hashtextextended(''{lock}'', 0))'
    )
"""


def take_turns(connection: Connection, lake: str) -> None:
    """Have what is written through this connection wait for its turn among a lake's writers."""
    connection.execute(f"set variable {_LAKE} = $lake", {"lake": lake})


def lake_name(connection: Connection) -> str | None:
    """The lake whose writers this connection takes turns with; None where there are none."""
    found = _variable(connection, _LAKE)
    return None if found is None else str(found)


@contextmanager
def sole_writer(connection: Connection) -> Iterator[None]:
    """No one else writes to the warehouse for as long as the block runs; may be nested."""
    lake = lake_name(connection)
    if lake is None or _variable(connection, _TURN):
        yield
        return
    with holding(connection, f"{lake}: writing"):
        connection.execute(f"set variable {_TURN} = true")
        try:
            yield
        finally:
            connection.execute(f"reset variable {_TURN}")


@contextmanager
def at_work(connection: Connection, run_id: str) -> Iterator[None]:
    """Let the other writers of a lake see that a run goes on, for as long as the block runs."""
    if lake_name(connection) is None:
        yield
        return
    with holding(connection, run_id):
        yield


def is_at_work(connection: Connection, run_id: str) -> bool:
    """Whether another process is at work on a run of a lake; on a file there is no other."""
    if lake_name(connection) is None:
        return False
    with holding(connection, run_id, patient=False) as is_free:
        return not is_free


@contextmanager
def holding(connection: Connection, lock: str, *, patient: bool = True) -> Iterator[bool]:
    """Hold a lock of the lake's catalog for as long as the block runs.

    Args:
        connection: of the lake.
        lock: its name.
        patient: wait for who has it; otherwise the block runs at once, with False.
    """
    gate = connection.cursor()  # its transaction, which holds the lock, is none of the writer's
    try:
        gate.begin()
        while not (is_held := _take(gate, lock)) and patient:
            time.sleep(_WAIT_SECONDS)
        yield is_held
    finally:
        gate.close()


def _take(gate: Connection, lock: str) -> bool:
    quoted = lock.replace("'", "''''")  # it stands in a text within a text
    found = gate.execute(_TRY.format(catalog=CATALOG, lock=quoted)).fetchone()
    return bool(found and found[0])


def _variable(connection: Connection, name: str) -> object:
    found = connection.execute(f"select getvariable('{name}')").fetchone()
    return found[0] if found else None
