"""A Prefect server of the project's own, for as long as its schedule runs: nothing to install.

It listens on this machine only, keeps its database in the project's `prefect` folder, and
forgets runs after a while, so that a schedule can run for years.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from flows.errors import NothingDoneError
from flows.settings import environment_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PORT = 4200
_LOOPBACK = "127.0.0.1"
_PATIENCE_SECONDS = 180.0
_END_SECONDS = 20.0
_KEPT_DAYS = 90
_SETTINGS = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(_KEPT_DAYS * 86400),
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{_KEPT_DAYS}D",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}


@contextmanager
def prefect_server(home: Path, port: int = PORT) -> Iterator[str]:
    """A running server; its address, such as `http://127.0.0.1:4200`.

    Args:
        home: folder of its database and log.
        port: where it listens; another one when it is taken, any free one when it is 0.

    Raises:
        NothingDoneError: it does not start; its log says why.
    """
    home.mkdir(parents=True, exist_ok=True)
    _end_forgotten(home / "server.pid")
    address = f"http://{_LOOPBACK}:{_free_port(port)}"
    with (home / "server.log").open("wb") as log:
        process = _start(address, home, log.fileno())
    (home / "server.pid").write_text(f"{process.pid}\n", "ascii")
    try:
        _await_health(address, process, home / "server.log")
        yield address
    finally:
        _end(process)
        (home / "server.pid").unlink(missing_ok=True)


def _start(address: str, home: Path, log: int) -> subprocess.Popen[bytes]:
    port = address.rpartition(":")[2]
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", _LOOPBACK]
    settings = {**_SETTINGS, "PREFECT_HOME": str(home), "PREFECT_UI_API_URL": f"{address}/api"}
    # A session of its own: Ctrl-C in the terminal must first end the runs, which report to it.
    return subprocess.Popen(  # noqa: S603 - our own words
        [*command, "--port", port],
        env=environment_with(settings),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _await_health(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with (
            suppress(OSError),
            urllib.request.urlopen(  # noqa: S310 - an address of our own
                f"{address}/api/health", timeout=5
            ) as answer,
        ):
            if answer.status == 200:  # noqa: PLR2004 - HTTP
                return
        time.sleep(0.2)
    ended = process.poll() is not None
    how = "ended as it started" if ended else f"did not start within {_PATIENCE_SECONDS:.0f} s"
    message = f"the Prefect server {how}; {log} tells why"
    raise NothingDoneError(message)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_forgotten(record: Path) -> None:
    """End the server of a schedule that was killed, which would hold the database."""
    with suppress(FileNotFoundError, ValueError, ProcessLookupError):
        identifier = int(record.read_text("ascii"))
        if _is_our_server(identifier, record.parent):
            os.kill(identifier, signal.SIGTERM)
            _await_end(identifier)


def _is_our_server(identifier: int, home: Path) -> bool:
    """Whether a process is the server of this folder: numbers of processes are used again."""
    shown = subprocess.run(  # noqa: S603 - a number
        ["ps", "-p", str(identifier), "-ww", "-o", "command="],  # noqa: S607 - where the system has it
        capture_output=True,
        text=True,
        check=False,
    )
    return "prefect server start" in shown.stdout and home.is_dir()


def _await_end(identifier: int) -> None:
    deadline = time.monotonic() + _END_SECONDS
    while time.monotonic() < deadline:
        os.kill(identifier, 0)  # raises once it is gone
        time.sleep(0.1)
    os.kill(identifier, signal.SIGKILL)


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((_LOOPBACK, port))
            return int(probe.getsockname()[1])
    message = "no free port on this machine"
    raise NothingDoneError(message)
