"""Where copies of what a project holds were written: exports, sites, snapshots, bundles.

Only paths, one JSON record a line, so that whoever has to erase something knows where else it may
be. The newest record of a place counts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flows.clock import now
from warehouse.durable import sync

if TYPE_CHECKING:
    from flows.project import Project

_NAME = "written.jsonl"


class Written(NamedTuple):
    """One copy: what it is, where it was put, and when (ISO 8601, UTC)."""

    kind: str  #: export, site, report, snapshot, bundle, dossier, notice
    path: Path
    written_at: str

    @property
    def is_there(self) -> bool:
        """Whether it is still where it was put."""
        return self.path.exists()


def note_written(project: Project, kind: str, path: Path) -> None:
    """Remember that something was written outside of what the project looks after itself."""
    record = {"kind": kind, "path": str(path.resolve()), "written_at": now().isoformat()}
    file_path = project.data / _NAME
    file_path.parent.mkdir(parents=True, exist_ok=True)
    with file_path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")
    sync(file_path)


def written(project: Project) -> list[Written]:
    """All places to which something was written, each once, as last told."""
    path = project.data / _NAME
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = (Written(r["kind"], Path(r["path"]), r["written_at"]) for r in map(json.loads, lines))
    return list({one.path: one for one in found}.values())
