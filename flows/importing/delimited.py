"""Tables of text with a separator: CSV and its relatives, in whatever way they were saved."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from flows.errors import InputError
from flows.importing.chunk import CHUNK_ROWS, TabularChunk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from flows.importing.leftout import LeftOut

_SAMPLE_BYTES = 65_536
_LONGEST_CELL = 16 * 2**20
#: Exports put titles and notes above their header; it is looked for in so many rows.
_HEADER_WITHIN = 20
_DELIMITERS = ",;\t|"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Header(NamedTuple):
    """Where the columns' names stand: the separator, rows above them, and the names."""

    delimiter: str
    skipped: int
    names: tuple[str, ...]


@dataclass(slots=True)
class DelimitedTable:
    """A table of text that can be read from its beginning."""

    name: str
    stream: BinaryIO
    wanted: Collection[str]  #: columns that must be there, by which the header is known
    notes: list[str] = field(default_factory=list)

    def chunks(self, left_out: LeftOut) -> Iterator[TabularChunk]:
        """The rows, piece by piece; those with more cells than the header are left out.

        Raises:
            InputError: there is no header with the wanted columns.
        """
        former = csv.field_size_limit(_LONGEST_CELL)
        try:
            yield from self._chunks(left_out)
        finally:
            csv.field_size_limit(former)  # it is one for the whole process

    def _chunks(self, left_out: LeftOut) -> Iterator[TabularChunk]:
        sample = self.stream.read(_SAMPLE_BYTES)
        encoding = self._encoding(sample)
        header = self._header(sample.decode(encoding, "replace"))
        whole = io.BufferedReader(_Again(sample, self.stream))
        text = io.TextIOWrapper(whole, encoding, "replace", newline="")
        reader = csv.reader(text, delimiter=header.delimiter)
        rows = self._rows(reader, header, left_out)
        while piece := list(islice(rows, CHUNK_ROWS)):
            numbers, cells = zip(*piece, strict=True)
            columns = zip(*cells, strict=True)
            yield TabularChunk(numbers, dict(zip(header.names, columns, strict=True)))

    def _encoding(self, sample: bytes) -> str:
        for mark, encoding in _MARKS.items():
            if sample.startswith(mark):
                return encoding
        try:
            sample[:-4].decode("utf-8")  # the sample may end within a character
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 8:
                self.notes.append(f"{self.name}: not UTF-8, so it is read as Windows-1252")
                return "cp1252"
        return "utf-8"

    def _header(self, sample: str) -> Header:
        candidates = [_header(sample, delimiter, self.wanted) for delimiter in _DELIMITERS]
        complete = [header for header, is_complete in candidates if is_complete]
        if complete:
            return complete[0]
        nearest = max((header for header, _ in candidates), key=lambda header: len(header.names))
        absent = [name for name in self.wanted if name.casefold() not in nearest.names]
        problem = (
            f"{self.name}: no header with the columns {', '.join(map(repr, absent))}; its first "
            f"row has {', '.join(map(repr, nearest.names[:12]))}. Another mapping may fit "
            "(--mapping), or the export was made in another language than English"
        )
        raise InputError(problem)

    def _rows(
        self, reader: Iterator[list[str]], header: Header, left_out: LeftOut
    ) -> Iterator[tuple[int, Sequence[str]]]:
        width, skipped = len(header.names), header.skipped
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                left_out.add(self._place(reader), f"no row of a table ({error})")
                continue
            if skipped >= 0:
                skipped -= 1
            elif len(row) == width:
                yield reader.line_num, row  # type: ignore[attr-defined]
            elif len(row) > width:
                reason = f"{len(row)} cells under {width} columns; a text with a separator in it?"
                left_out.add(self._place(reader), reason)
            elif row:
                yield reader.line_num, [*row, *[""] * (width - len(row))]  # type: ignore[attr-defined]

    def _place(self, reader: Iterator[list[str]]) -> str:
        return f"{self.name}:{reader.line_num}"  # type: ignore[attr-defined]


class _Again(io.RawIOBase):
    """A stream whose beginning has been read already, from its beginning."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        piece = piece or self._rest.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _header(sample: str, delimiter: str, wanted: Collection[str]) -> tuple[Header, bool]:
    """The row with all wanted names, and whether there is one; else the first row."""
    needed = {name.casefold() for name in wanted}
    first: Header | None = None
    lines = sample.splitlines(keepends=True)
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        for number, row in enumerate(islice(rows, _HEADER_WITHIN)):
            header = Header(delimiter, number, _distinct(row))
            first = first or header
            if needed <= set(header.names) and len(row) > 1:
                return header, True
    except csv.Error:
        pass
    return first or Header(delimiter, 0, ()), False


def _distinct(row: Sequence[str]) -> tuple[str, ...]:
    """Names to look columns up by; the second of two equal ones gets a number."""
    names: list[str] = []
    for position, cell in enumerate(row):
        name = cell.strip().removeprefix("\ufeff").casefold()
        names.append(f"{name}#{position}" if name in names else name)
    return tuple(names)
