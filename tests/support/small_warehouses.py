"""Warehouses of tests are small, and there are thousands of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from warehouse import connecting, db, migrations

_connect, _schema_files, _migrate = db._connect, migrations.schema_files, db.migrate


def suit_small_warehouses():
    """Let DuckDB in this process keep what it has freed, ask one thread, and copy empty files.

    Giving memory back at once, and a second thread, are for warehouses of many organizations; in
    small ones each takes a fifth of the time. Tests of memory start processes of their own, which
    do as users' processes do, and what is large asks for all threads itself. A new warehouse is a
    copy of one that was made in the usual way, unless a test has changed what makes it.
    """
    connecting.SETTINGS["allocator_bulk_deallocation_flush_threshold"] = "64MB"
    connecting.SETTINGS["threads"] = 1
    db._connect = _connect_to_copy


def _connect_to_copy(path, *, read_only):
    usual = (migrations.schema_files, db.migrate) == (_schema_files, _migrate)
    if usual and not read_only and not path.exists():
        path.write_bytes(_new_warehouse())
    return _connect(path, read_only=read_only)


@cache
def _new_warehouse():
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new.duckdb"
        _connect(path, read_only=False).close()
        return path.read_bytes()
