"""The record of builds in the archive: what each found new, for a replay to have it again.

One Parquet file per build: the measurements that came out otherwise than at the build before, and
the names of those that were no longer made (`is_gone`). The clock of the build stands in its
metadata. How much was seen of each organization stands in a file of the same name in the folder
`evidence`, where that came out otherwise. Facts and rollups are not kept: they follow from what
was collected.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - used at run time by callers
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from warehouse.build import Clock, remember, set_variables
from warehouse.db import transaction
from warehouse.durable import write_file
from warehouse.writers import sole_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from warehouse.archive import Archive
    from warehouse.db import Connection

_FOUND = """
    select
        *,
        getvariable('known_at') as known_at,
        false as is_gone,
    from fresh
    union all by name
    select
        *,
        getvariable('known_at') as known_at,
        true as is_gone,
    from stale
    anti join fresh
        on stale.organization_id = fresh.organization_id
        and stale.signal_code = fresh.signal_code
"""
_TAKE_BACK = (
    """
    create or replace temp table recorded as
    from read_parquet($path)
    """,
    """
    insert into signals.former_measurements by name
    select
        known.*,
        getvariable('known_at') as known_until,
    from signals.measurements as known
    semi join recorded
        on known.as_of_week = recorded.as_of_week
        and known.organization_id = recorded.organization_id
        and known.signal_code = recorded.signal_code
    """,
    """
    delete from signals.measurements as known
    using recorded
    where
        known.as_of_week = recorded.as_of_week
        and known.organization_id = recorded.organization_id
        and known.signal_code = recorded.signal_code
    """,
    """
    insert into signals.measurements by name
    select * exclude (is_gone)
    from recorded
    where not is_gone
    """,
)
_FRESH_EVIDENCE = """
    select
        *,
        getvariable('known_at') as known_at,
    from fresh_evidence
"""
#: Rows of what has been deleted at its source, without identities; a replay cannot make them again.
_WITHDRAWN = "from raw.former_activities where is_withdrawn"


def recorder(path: Path) -> Callable[[Connection], None]:
    """Writes what a build found to `path`; to be called by `warehouse.build.build`."""

    def record(connection: Connection) -> None:
        if connection.execute("from fresh_evidence limit 1").fetchone():
            write_file(evidence_path(path), lambda file: _copy_evidence(connection, file))
        write_file(path, lambda file: _copy(connection, file))  # last: with it the build counts

    return record


def evidence_path(path: Path) -> Path:
    """Where the evidence of a build is recorded whose measurements are recorded at `path`."""
    return path.parent.with_name("evidence") / path.name


def _copy_evidence(connection: Connection, path: Path) -> None:
    target = str(path).replace("'", "''")
    connection.execute(f"copy ({_FRESH_EVIDENCE}) to '{target}' (format parquet, compression zstd)")


def _copy(connection: Connection, path: Path) -> None:
    (as_of, known_at) = connection.execute(
        "select getvariable('as_of')::varchar, getvariable('known_at')::varchar"
    ).fetchone() or ("", "")
    target = str(path).replace("'", "''")
    connection.execute(
        f"copy ({_FOUND}) to '{target}' (format parquet, compression zstd, "
        f"kv_metadata {{as_of: '{as_of}', known_at: '{known_at}'}})"
    )


def take_missing_back(connection: Connection, archive: Archive) -> None:
    """Take in builds that were recorded and not kept: a process died, or a disk filled, between."""
    with sole_writer(connection):
        newest = connection.execute("select max(known_at) from signals.builds").fetchone()
        take_back(connection, archive.build_files(after=newest[0] if newest else None))


def take_back(connection: Connection, paths: Iterable[Path]) -> Clock | None:
    """Take recorded builds into a warehouse that is being made anew, oldest first.

    Returns:
        The clock of the last one; None without any.
    """
    clock = None
    for path in paths:
        clock = _clock(path)
        set_variables(connection, clock.variables())
        with transaction(connection):
            for statement in _TAKE_BACK:
                given = {"path": str(path)} if "$path" in statement else None
                connection.execute(statement, given)
            _take_evidence_back(connection, evidence_path(path))
            remember(connection, clock)
    return clock


def _take_evidence_back(connection: Connection, path: Path) -> None:
    if path.exists():
        connection.execute(
            "insert into signals.evidence by name from read_parquet($path)", {"path": str(path)}
        )


def _clock(path: Path) -> Clock:
    kept = pq.read_schema(path).metadata or {}
    as_of, known_at = (
        datetime.fromisoformat(kept[name].decode()).replace(tzinfo=UTC)
        for name in (b"as_of", b"known_at")
    )
    return Clock(as_of=as_of, known_at=known_at)


def keep_withdrawn(connection: Connection, path: Path) -> None:
    """Keep in the archive what is left of deleted activities; nothing of it names anybody."""
    if connection.execute(f"{_WITHDRAWN} limit 1").fetchone():
        write_file(path, lambda file: _copy_withdrawn(connection, file))
    else:  # what there was has been kept for its time
        path.unlink(missing_ok=True)


def _copy_withdrawn(connection: Connection, path: Path) -> None:
    target = str(path).replace("'", "''")
    connection.execute(f"copy ({_WITHDRAWN}) to '{target}' (format parquet, compression zstd)")


def take_withdrawn_back(connection: Connection, path: Path) -> None:
    """Put what is left of deleted activities in place of what a replay made of emptied rows."""
    if path.exists():
        with transaction(connection):
            connection.execute("delete from raw.former_activities where is_withdrawn")
            connection.execute(
                "insert into raw.former_activities by name from read_parquet($path)",
                {"path": str(path)},
            )
