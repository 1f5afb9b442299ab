"""Processes that speak to a Prefect server, and what they leave in a project."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def running(command, folder, environment):
    """A process in a session of its own, which ends with all that it started."""
    log = (folder / "log.txt").open("w")
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        log.close()
        for member in session_members(process.pid):
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        process.wait()


def session_members(session):
    """Identifiers of the processes of a session, its leader last."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may end in this moment
            if int(path.read_text().rpartition(")")[2].split()[3]) == session:
                found.append(int(path.parent.name))
    return sorted(found, reverse=True)


def run_records(folder):
    """The records of the runs of a project, oldest first."""
    paths = sorted((folder / "data" / "archive" / "runs").glob("[!.]*.json"))
    return [json.loads(path.read_text("utf-8")) for path in paths]


def completed_run(folder, process, seconds=180):
    """The record of the first run of a project that is completed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for record in run_records(folder):
            if record["state"].startswith("completed") and record["ended_at"]:
                return record
        assert process.poll() is None, (folder / "log.txt").read_text()
        time.sleep(0.2)
    return pytest.fail(f"no run completed within {seconds} s: {(folder / 'log.txt').read_text()}")


def wait_for_health(address, process, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return
        assert process.poll() is None, "the Prefect server ended"
        time.sleep(0.2)
    pytest.fail("the Prefect server does not answer")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
