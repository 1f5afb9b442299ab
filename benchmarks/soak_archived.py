"""Which answers a process archived: nothing that stood in them may be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urlsplit

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ANSWERS = """
    select requested_url, bool_or(body is not null and outcome = 'ok')
    from read_parquet($files)
    where requested_url <> ''
    group by all
"""


class Archived(NamedTuple):
    """Paths whose answers a process archived: at least one that was whole, or none."""

    whole: frozenset[str]
    failed: frozenset[str]

    @classmethod
    def of(cls, data: Path, names: Iterable[str]) -> Self:
        """What stands in files of pages.

        Args:
            data: the data folder.
            names: of the files, below the archive's folder of pages.
        """
        pages = data / "archive" / "pages"
        files = [str(path) for name in names for path in pages.rglob(name)]
        if not files:
            return cls(frozenset(), frozenset())
        with duckdb.connect() as connection:
            answers = connection.execute(_ANSWERS, {"files": files}).fetchall()
        whole = frozenset(urlsplit(url).path for url, is_whole in answers if is_whole)
        return cls(whole, frozenset(urlsplit(url).path for url, _ in answers) - whole)

    def must_keep(self, path: str, *, is_done: bool) -> bool:
        """Whether what the server sent whole on a path may not be lost.

        A process that was killed, or whose disk was full, may lose what it had not archived; one
        that came to its end may lose what it says it did not get, for answers have a deadline.
        """
        return path in self.whole or (is_done and path not in self.failed)
