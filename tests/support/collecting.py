"""A project that collects inside the test's own process, at whatever hour the test likes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self

from warehouse_tables import rows
from watching import FakeClock

from flows import clock
from flows.build import build_signals
from flows.job import collect_directly, make_order, plan, session, summary
from flows.parsing import parse_batch
from flows.settings import load_settings
from warehouse.archive import read_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path
    from types import ModuleType

    import pytest

    from flows.parsing import BatchSource, LandedBatch

CONTACT = "tests@example.org"


class Collecting:
    """The command `collect` over and over: the same functions, with a clock of our own.

    What differs: it parses in this process, and pauses less before a second and third try.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
        self.folder, self.clock = folder, FakeClock()
        self._settings = {"allow_host": ("127.0.0.0/8",), "contact": CONTACT} | settings
        monkeypatch.setattr("flows.agenda.RETRY_PAUSES", (0.1, 0.8))
        monkeypatch.setattr("flows.collect.Parsers", ParsersHere)
        for module in _modules_that_read(clock.now):
            monkeypatch.setattr(module, "now", self.clock)

    def list(self, addresses: Sequence[str], source: str = "feeds") -> None:
        """Watch these addresses, all of one organization."""
        channels = ", ".join(f'{{ source = "{source}", address = "{a}" }}' for a in addresses)
        text = f'[[organization]]\nid = "a"\nname = "A"\nchannels = [{channels}]\n'
        (self.folder / "organizations.toml").write_text(text)

    def run(self, after: timedelta | None = None, *, now: bool = True) -> dict[str, Any]:
        """Let time pass and collect; what `collect --json` would print."""
        if after:
            self.clock.moment += after
        order = make_order(load_settings(self.folder, self._settings), self.clock(), ask_all=now)
        with session(order) as under_way:
            plan(under_way)
            collect_directly(under_way, lambda _: None)
        return summary(under_way)

    def build(self) -> None:
        """Measure, as the command `build` does."""
        order = make_order(load_settings(self.folder, self._settings), self.clock())
        with session(order) as under_way:
            build_signals(order.project, under_way.connection, self.clock())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the warehouse."""
        return rows(self.folder / "data", query)

    def outcomes(self) -> dict[str, str]:
        """The newest outcome of each channel by its address."""
        query = "select address, last_outcome from raw.cursors join raw.channels using (channel_id)"
        return dict(self.rows(query))

    def archived_bodies(self) -> set[bytes]:
        """Every body in the archive of pages."""
        files = (self.folder / "data" / "archive" / "pages").rglob("*.parquet")
        return {row["body"] for file in files for row in read_pages(file)}


class ParsersHere:
    """Parses in the test's own process: quick to start, and it knows what the test changed."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    async def parse(self, source: BatchSource) -> LandedBatch:
        return parse_batch(source)


def _modules_that_read(now: Callable[[], datetime]) -> list[ModuleType]:
    modules = [module for name, module in sys.modules.items() if name.startswith("flows.")]
    return [module for module in modules if getattr(module, "now", None) is now]
