"""What a soak run leaves on the disk, hour by hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Sizes(NamedTuple):
    """Sizes in MB (10^6 bytes) and counts of files."""

    archive: float
    warehouse: float
    snapshots: float
    snapshot_count: int
    landing_count: int  #: files in the landing folder
    unfinished_count: int  #: files that were being written when a process died
    temporary_count: int  #: files and folders that processes left in TMPDIR


def sizes_of(folder: Path) -> Sizes:
    """What lies in the folder of a project, in which nobody is at work."""
    data = folder / "data"
    return Sizes(
        archive=_megabytes(data / "archive"),
        warehouse=sum(path.stat().st_size for path in data.glob("warehouse.duckdb*")) / 1e6,
        snapshots=_megabytes(data / "snapshots"),
        snapshot_count=len(list((data / "snapshots").glob("snapshot-*.duckdb"))),
        landing_count=len(list((data / "landing").rglob("*"))),
        unfinished_count=len(unfinished(data)),
        temporary_count=len(list((folder / "tmp").iterdir())),
    )


def unfinished(data: Path) -> list[Path]:
    """Files that were being written when a process died."""
    return [path for path in data.rglob("*") if path.name.endswith((".unfinished", ".part"))]


def _megabytes(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6
