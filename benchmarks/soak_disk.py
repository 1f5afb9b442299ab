"""A small disk for a soak run that can be filled: a file system in memory, where one may mount."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = bytes(1 << 16)


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder; `is_own` says whether it is a file system of its own, which can be filled."""

    folder: Path
    is_own: bool

    @property
    def ballast(self) -> Path:
        """The file that fills it."""
        return self.folder / "ballast"

    def fill(self, left_bytes: int) -> None:
        """Write until the system says that nothing more goes on it, then leave so much free."""
        with self.ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(_CHUNK)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            os.truncate(file.fileno(), max(0, os.fstat(file.fileno()).st_size - left_bytes))

    def free(self) -> None:
        """Give the room back."""
        self.ballast.unlink()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """A disk of so many MB at a folder that is made; an ordinary folder where nobody may mount."""
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount is not None and _is_done(
        mount, "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "soak", str(folder)
    )
    try:
        yield Disk(folder, is_own=made)
    finally:
        if made:
            _is_done("umount", "--lazy", str(folder))


def _is_done(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
