"""Checksums of the files of a folder, as `sha256sum -c` reads them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

CHECKSUMS = "checksums.txt"


def sha256(path: Path) -> str:
    """Of the content of a file, in hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path, names: Iterable[str]) -> None:
    """Write `checksums.txt` about files of a folder, by their names relative to it."""
    lines = [f"{sha256(folder / name)}  {name}\n" for name in sorted(names)]
    write_text(folder / CHECKSUMS, "".join(lines))


def read_checksums(folder: Path) -> dict[str, str]:
    """What `checksums.txt` of a folder says, by name; {} without such a file.

    Raises:
        ValueError: a line is none of ours, or names something outside of the folder.
    """
    path = folder / CHECKSUMS
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name in sums:
        if not name or name.startswith("/") or ".." in name.split("/"):
            message = f"{path}: {name!r} names no file of this folder"
            raise ValueError(message)
    return sums


def differences(folder: Path, sums: dict[str, str]) -> Iterator[str]:
    """In words, the files that are missing or not what they were."""
    for name, digest in sorted(sums.items()):
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif sha256(path) != digest:
            yield f"{name} is not what it was"
