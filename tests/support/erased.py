"""Looking for somebody in every byte of every file: what is packed is unpacked first."""

from __future__ import annotations

import gzip
import json
import zipfile
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from town import cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def traces(folders: Iterable[Path], words: Iterable[str]) -> list[str]:
    """Each file in which a word stands, with the word; names of files count, case does not."""
    wanted = [word.lower().encode() for word in words]
    return [
        f"{path}: {word.decode()}"
        for folder in folders
        for path in [folder, *sorted(folder.rglob("*"))]
        for data in contents(path)
        for word in wanted
        if word in data
    ]


def contents(path: Path) -> Iterator[bytes]:
    """The name of a file, its bytes, and what is packed in them; in lower case."""
    yield path.name.lower().encode()
    if not path.is_file():
        return
    data = path.read_bytes()
    yield data.lower()
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        yield repr(table.schema.metadata).lower().encode()
        for column in table.columns:
            yield repr(column.to_pylist()).lower().encode()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                yield name.lower().encode() + b"\0" + packed.read(name).lower()
    elif data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data).lower()
    elif path.suffix == ".duckdb":
        yield "\0".join(cells(path)).lower().encode()
    elif path.suffix == ".json":
        yield repr(json.loads(data)).lower().encode()
