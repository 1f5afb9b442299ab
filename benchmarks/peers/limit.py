"""The limit: curl fetches to files, then one process reads every field with lxml.

It stores nothing, so nothing that stores can be as fast; the two parts run one after the
other and their times are added.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from accounting import Completed, run_measured
from contest import Pass
from feed_generator import MODIFIED_AT

if TYPE_CHECKING:
    from collections.abc import Sequence

PARALLEL_COUNT = 32
_PARSE_SCRIPT = Path(__file__).with_name("limit_parse.py")


class Limit:
    """`curl --parallel` and lxml."""

    name = "limit"
    is_peer = False
    settling_pass_count = 0

    def __init__(self, curl: str) -> None:
        self._curl = curl

    def prepare(self, urls: Sequence[str], store: Path) -> None:
        """Write one list of addresses for each pass."""
        self._store = store
        self._documents = store / "documents"
        self._documents.mkdir()
        _write_list(store / "all.curl", urls, [self._documents / Path(url).name for url in urls])
        _write_list(store / "again.curl", urls, [Path("/dev/null")] * len(urls))

    def collect(self) -> Pass:
        """Fetch all, parse all; both timed, the parser without the start of Python."""
        fetched = self._fetch("all.curl")
        parsed = run_measured(
            [sys.executable, str(_PARSE_SCRIPT), str(self._documents)], self._store
        )
        told = json.loads(parsed.output)
        return Pass(
            usage=fetched.usage + parsed.usage,
            own_seconds=fetched.usage.elapsed_seconds + told["elapsed_seconds"],
            entry_count=told["entry_count"],
        )

    def collect_again(self) -> Pass:
        """Ask for all with the date of the files; there is nothing to parse."""
        header = f"If-Modified-Since: {format_datetime(MODIFIED_AT, usegmt=True)}"
        fetched = self._fetch("again.curl", "--header", header)
        return Pass(
            usage=fetched.usage, own_seconds=fetched.usage.elapsed_seconds, entry_count=None
        )

    def _fetch(self, url_list: str, *options: str) -> Completed:
        parallel = ["--parallel", "--parallel-immediate", "--parallel-max", str(PARALLEL_COUNT)]
        command = [self._curl, "--disable", "--silent", "--fail", *parallel, *options]
        return run_measured([*command, "--config", url_list], self._store)


def find_curl() -> str | None:
    """The path of curl, or None where it is not installed."""
    return shutil.which("curl")


def read_version(curl: str) -> str:
    """The version as curl tells it, for example `curl 7.88.1`."""
    told = subprocess.run([curl, "--version"], capture_output=True, text=True, check=True).stdout
    return " ".join(told.split()[:2])


def _write_list(path: Path, urls: Sequence[str], outputs: Sequence[Path]) -> None:
    pairs = zip(urls, outputs, strict=True)
    path.write_text("".join(f'url = "{url}"\noutput = "{output}"\n' for url, output in pairs))
