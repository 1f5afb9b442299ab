"""Opening a project's warehouse, with what lies outside of it and queries need.

Keys of what has been deleted are hashed with a secret of the project (docs/privacy.md); it lies
beside the keys of people, is made once, and is bound to the connection, never stored in the
warehouse.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from warehouse.build import set_variables
from warehouse.db import WarehouseBusyError, open_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flows.project import Project
    from warehouse.db import Connection
    from warehouse.lake import Lake

_BYTES = 32
_RETRY_SECONDS = 0.2
_OWNER_ONLY = 0o600


@contextmanager
def open_project(
    project: Project,
    path: Path | None = None,
    *,
    read_only: bool = False,
    patience_seconds: float = 0.0,
) -> Iterator[Connection]:
    """A connection to a project's warehouse, or to the one at `path` that is made for it.

    Several processes may write to a lake; whoever waits for a file does not wait for it.

    Args:
        project: whose warehouse it is.
        path: of the file, when it is another one.
        read_only: for readers; several may read at a time.
        patience_seconds: how long to wait for another process that has it open.

    Raises:
        WarehouseBusyError: another process has the file open for writing.
        WarehouseDamagedError: the file is no database.
        WarehouseMissingError: `read_only`, and there is no file.
        WarehouseOlderError: `read_only`, and a query asks for what an earlier version lacks.
    """
    with ExitStack() as stack:
        if project.lake and path is None:
            connection = stack.enter_context(_open_lake(project.lake, read_only=read_only))
        else:
            file = path or project.warehouse
            connection = _entered(
                stack, file, read_only=read_only, patience_seconds=patience_seconds
            )
        set_variables(connection, {"blurring_secret": _secret(project.blurring_secret)})
        yield connection


def _entered(
    stack: ExitStack, path: Path, *, read_only: bool, patience_seconds: float
) -> Connection:
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return stack.enter_context(open_warehouse(path, read_only=read_only))
        except WarehouseBusyError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_RETRY_SECONDS)


def _open_lake(lake: Lake, *, read_only: bool) -> Connection:
    from warehouse.lake import connect_lake

    return connect_lake(lake, read_only=read_only)


def _secret(path: Path) -> str:
    """The secret of a project; made when there is none, whole or not at all."""
    with suppress(FileNotFoundError):
        return path.read_text("ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{secrets.token_hex(_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(unfinished, path)  # whoever is first
    unfinished.unlink()
    return path.read_text("ascii").strip()
