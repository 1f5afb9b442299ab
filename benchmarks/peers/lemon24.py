"""lemon24/reader, a feed reader library for Python (feedparser and SQLite).

It lives in an environment of its own: we do not depend on it. The module is not called
reader, because it would hide the library from the script that imports it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from accounting import run_measured
from contest import Pass

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKER_COUNT = 8
_UPDATE_SCRIPT = Path(__file__).with_name("lemon24_update.py")
_PROJECT_FILE = Path(__file__).parents[2] / "pyproject.toml"


class Reader:
    """`Reader.update_feeds` with eight workers, every feed due."""

    name = "reader"
    is_peer = True
    settling_pass_count = 0

    def __init__(self, python: str) -> None:
        self._python = python

    def prepare(self, urls: Sequence[str], store: Path) -> None:
        """Write the list of addresses."""
        self._store = store
        (store / "urls").write_text("".join(f"{url}\n" for url in urls))

    def collect(self) -> Pass:
        """Update all feeds; adding them is part of the command, not of its own time."""
        command = [self._python, str(_UPDATE_SCRIPT), "reader.sqlite", "urls", str(WORKER_COUNT)]
        completed = run_measured(command, self._store)
        told = json.loads(completed.output)
        return Pass(
            usage=completed.usage,
            own_seconds=told["elapsed_seconds"],
            entry_count=told["entry_count"],
        )

    collect_again = collect


def find_python(environment: Path) -> str | None:
    """The Python of a virtual environment, or None where there is none."""
    python = environment / "bin" / "python"
    return str(python) if python.exists() else None


def install(environment: Path) -> str:
    """Make a virtual environment with our dependency group `bench`; its Python.

    Raises:
        subprocess.CalledProcessError: the packages could not be installed.
    """
    requirements = tomllib.loads(_PROJECT_FILE.read_text())["dependency-groups"]["bench"]
    python = str(environment / "bin" / "python")
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)
    return python


def read_version(python: str) -> str:
    """The version of the library in that environment, for example `reader 3.26`.

    Raises:
        subprocess.CalledProcessError: the library cannot be imported there.
    """
    program = "import reader; print('reader', reader.__version__)"
    told = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
    return told.stdout.strip()
