"""Opening what the user gives: tables in many formats, packed or not."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatch
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from flows.errors import InputError
from flows.importing.columnar import ParquetTable
from flows.importing.delimited import DelimitedTable
from flows.importing.jsonrows import JsonDocument, JsonLines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from flows.importing.chunk import Chunk
    from flows.importing.leftout import LeftOut

_LARGEST_MEMBER = 16 * 2**30
_EXCEL = b"\xd0\xcf\x11\xe0"
_LINES = (".jsonl", ".ndjson")
_DOCUMENTS = (".json", ".js")
_PARQUET = (".parquet", ".pq")


class Table(Protocol):
    """Something with rows."""

    @property
    def name(self) -> str:
        """The file that it is, as told to the user."""
        ...

    def chunks(self, left_out: LeftOut) -> Iterator[Chunk]:
        """The rows, piece by piece; what is no row at all is left out."""
        ...


@contextmanager
def tables_of(
    path: Path, wanted: Collection[str], members: Sequence[str] = (), list_at: str = ""
) -> Iterator[list[Table]]:
    """The tables of a file, open to be read once; a zip archive may hold several.

    Args:
        path: .csv, .tsv, .txt, .jsonl, .json, .js (each also .gz), .parquet or .zip.
        wanted: columns that a table with a header must have.
        members: patterns of the files that count inside a zip archive; none: all tables.
        list_at: where in a JSON document the rows stand.

    Raises:
        InputError: it cannot be read, or is something else.
    """
    with ExitStack() as stack:
        try:
            yield _opened(stack, path, wanted, (members, list_at))
        except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile) as error:
            problem = f"{path}: damaged or cut off ({error}); download it again"
            raise InputError(problem) from error


def _opened(
    stack: ExitStack, path: Path, wanted: Collection[str], layout: tuple[Sequence[str], str]
) -> list[Table]:
    try:
        return _tables(stack, path, wanted, layout)
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise
        problem = f"{path}: cannot be read: {error.strerror or error}"
        raise InputError(problem) from error


def _tables(
    stack: ExitStack,
    path: Path,
    wanted: Collection[str],
    layout: tuple[Sequence[str], str],
) -> list[Table]:
    members, list_at = layout
    if path.name.lower().endswith(_PARQUET):
        return [ParquetTable(path.name, path, wanted)]
    stream: BinaryIO = stack.enter_context(path.open("rb"))
    start = stream.read(8)
    stream.seek(0)
    if start.startswith(_EXCEL):
        problem = f"{path}: an Excel workbook; save its sheet as CSV UTF-8 and import that"
        raise InputError(problem)
    if start.startswith(b"PK\x03\x04"):
        archive = stack.enter_context(zipfile.ZipFile(stream))
        return _members(stack, path, archive, (wanted, members, list_at))
    if start.startswith(b"\x1f\x8b"):
        stream = cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=stream)))
    return [_table(path.name, stream, wanted, list_at)]


def _members(
    stack: ExitStack,
    path: Path,
    archive: zipfile.ZipFile,
    layout: tuple[Collection[str], Sequence[str], str],
) -> list[Table]:
    wanted, members, list_at = layout
    files = [one for one in archive.infolist() if not one.is_dir()]
    if any(one.filename == "xl/workbook.xml" for one in files):
        problem = f"{path}: an Excel workbook; save its sheet as CSV UTF-8 and import that"
        raise InputError(problem)
    patterns = members or [f"*{end}" for end in (".csv", ".tsv", *_LINES, *_DOCUMENTS)]
    chosen = [one for one in files if any(_is_like(one.filename, p) for p in patterns)]
    if not chosen:
        problem = f"{path}: none of its {len(files)} files is like {', '.join(patterns)}"
        raise InputError(problem)
    if large := [one.filename for one in chosen if one.file_size > _LARGEST_MEMBER]:
        problem = f"{path}: {large[0]} is over 16 GiB; unpack it and cut it into several files"
        raise InputError(problem)
    return [
        _table(
            f"{path.name}/{one.filename}",
            cast("BinaryIO", stack.enter_context(archive.open(one))),
            wanted,
            list_at,
        )
        for one in chosen
    ]


def _is_like(name: str, pattern: str) -> bool:
    """Whether a file in an archive is meant, in whatever folder it stands."""
    return fnmatch(name, pattern) or fnmatch(name, f"*/{pattern}")


def _table(name: str, stream: BinaryIO, wanted: Collection[str], list_at: str) -> Table:
    kind = name.lower().removesuffix(".gz")
    if kind.endswith(_LINES):
        return JsonLines(name, stream)
    if kind.endswith(_DOCUMENTS):
        return JsonDocument(name, stream, list_at)
    return DelimitedTable(name, stream, wanted)
