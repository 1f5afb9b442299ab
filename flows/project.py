"""Where a project keeps its things: everything below one data folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - dataclass fields are read at run time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.archive import Archive
    from warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Project:
    """The data folder and the places in it."""

    data: Path
    lake: Lake | None = None  #: where the warehouse is, when it is no file of the data folder
    workers: str = ""  #: who asks and measures, where one process is not enough

    @property
    def archive(self) -> Archive:
        """Every response as it came."""
        from warehouse.archive import Archive  # brings numpy, which a dashboard does without

        return Archive(self.data / "archive")

    @property
    def hosts(self) -> Path:
        """What hosts told us: holds and robots.txt."""
        return self.data / "hosts"

    @property
    def keyring(self) -> Path:
        """The keys that people's identities are hashed with; never exported."""
        return self.data / "secrets" / "keyring.json"

    @property
    def blurring_secret(self) -> Path:
        """The secret that keys of what has been deleted are hashed with; never exported."""
        return self.data / "secrets" / "blurring.key"

    @property
    def landing(self) -> Path:
        """Parsed batches that wait to be loaded."""
        return self.data / "landing"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file; one writer at a time."""
        return self.data / "warehouse.duckdb"

    @property
    def snapshots(self) -> Path:
        """Published snapshots, and the symlink to the newest."""
        return self.data / "snapshots"

    @property
    def snapshot(self) -> Path:
        """The symlink to the newest snapshot: what dashboards read."""
        return self.snapshots / "snapshot.duckdb"

    @property
    def alert_log(self) -> Path:
        """Every alert that was told, a line of JSON each."""
        return self.data / "alerts.log"

    @property
    def models(self) -> Path:
        """Trained classifiers."""
        return self.data / "models"
