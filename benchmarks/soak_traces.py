"""What a process leaves in the data folder, by which one knows how far it came before it died."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

#: From the last thing that a run does to the first: what shows it, and what it was doing then.
_STAGES = {
    "snapshots": "after it had published",
    "builds": "after measuring, before publishing",
    "rows": "after loading",
    "pages": "after answers had been archived",
    "runs": "while asking",
}
BEFORE = "before any of these"
STAGES = (BEFORE, *reversed(_STAGES.values()))


@dataclass(frozen=True, slots=True)
class Traces:
    """Names of the files that the steps of a run leave, by the step."""

    files: dict[str, frozenset[str]]

    @classmethod
    def of(cls, data: Path) -> Self:
        """The traces in a data folder."""
        archive = data / "archive"
        folders = {
            "runs": (archive / "runs", "*.json"),
            "pages": (archive / "pages", "**/[!.]*.parquet"),
            "rows": (archive / "rows", "*/*/*/[!.]*"),
            "builds": (archive / "builds", "[!.]*.parquet"),
            "snapshots": (data / "snapshots", "snapshot-*.duckdb"),
        }
        return cls(
            {
                name: frozenset(path.name for path in folder.glob(pattern))
                for name, (folder, pattern) in folders.items()
            }
        )

    def since(self, before: Traces) -> str:
        """How far a process came that left these, where those were before."""
        for name, reached in _STAGES.items():
            if self.files[name] - before.files[name]:
                return reached
        return BEFORE
