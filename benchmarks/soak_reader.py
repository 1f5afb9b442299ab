"""A dashboard that lives through a soak run: do its pages open, and does it grow?"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from soak_launch import whole_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGES = ("/", "/organizations/organization-0", "/quality", "/runs")
_PATIENCE_SECONDS = 60


@dataclass(slots=True)
class Reader:
    """A running dashboard.

    Attributes:
        process_id: of it.
        address: where it answers.
        megabytes: resident memory (10^6 bytes) after its pages were asked, one for each time.
        descriptors: open files and connections at the same moments.
        refused: pages that were not answered with 200.
    """

    process_id: int
    address: str
    megabytes: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def look(self) -> None:
        """Ask for some pages, then see what the process holds."""
        for page in _PAGES:
            try:
                with urllib.request.urlopen(self.address + page, timeout=30) as answer:
                    answer.read()
            except OSError as error:
                self.refused.append(f"{page}: {error}")
        held = Path(f"/proc/{self.process_id}")
        found = re.search(r"VmRSS:\s+(\d+) kB", (held / "status").read_text("ascii"))
        self.megabytes.append(int(found[1]) * 1024 / 1e6 if found else 0.0)
        self.descriptors.append(len(list((held / "fd").iterdir())))


@contextmanager
def reader(folder: Path) -> Iterator[Reader]:
    """The dashboard of the project in a folder, until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "flows.cli", "dashboard", "--no-open", "--port", str(port)]
    log = folder.with_name("dashboard.txt")
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, env=whole_environment({}), stdout=file, stderr=file
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _await(address)
        yield Reader(process.pid, address)
    finally:
        process.terminate()
        process.wait()


def _await(address: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/runs", timeout=5).close()
        except urllib.error.HTTPError:  # nothing has been published yet
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = f"the dashboard did not answer within {_PATIENCE_SECONDS} seconds"
    raise TimeoutError(message)
