"""newsboat, a feed reader for the terminal (C++ and SQLite), run without its screen."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

from accounting import run_measured
from contest import Pass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

THREAD_COUNT = 8
_CONFIGURATION = f"""\
reload-threads {THREAD_COUNT}
download-retries 1
max-items 0
"""


class Newsboat:
    """`newsboat -x reload` with settings and cache of its own.

    It loses the validators of a feed's first fetch (newsboat/newsboat#2734), so a pass lies
    between the two that are compared: only the third request of a feed is conditional.
    """

    name = "newsboat"
    is_peer = True
    settling_pass_count = 1

    def __init__(self, newsboat: str) -> None:
        self._newsboat = newsboat

    def prepare(self, urls: Sequence[str], store: Path) -> None:
        """Write the list of addresses and the settings."""
        self._store = store
        self._cache = store / "cache.db"
        (store / "urls").write_text("".join(f"{url}\n" for url in urls))
        (store / "config").write_text(_CONFIGURATION)

    def collect(self) -> Pass:
        """Reload all feeds; it tells no time of its own, so the command's counts."""
        files = ["-u", "urls", "-C", "config", "-c", str(self._cache)]
        usage = run_measured([self._newsboat, *files, "-x", "reload"], self._store).usage
        return Pass(
            usage=usage, own_seconds=usage.elapsed_seconds, entry_count=_count_items(self._cache)
        )

    collect_again = collect


def find_newsboat() -> str | None:
    """The path of newsboat, or None where it is not installed."""
    return shutil.which("newsboat")


def read_version(newsboat: str) -> str:
    """The version as newsboat tells it, for example `newsboat 2.21.0`."""
    told = subprocess.run([newsboat, "-v"], capture_output=True, text=True, check=True).stdout
    return told.partition(" - ")[0]


def _count_items(cache: Path) -> int:
    with closing(sqlite3.connect(cache)) as connection:
        (item_count,) = connection.execute("select count(*) from rss_item").fetchone()
        return int(item_count)
