"""Parquet files, row group by row group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.errors import InputError
from flows.importing.chunk import CHUNK_ROWS, TabularChunk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    import pyarrow as pa

    from flows.importing.leftout import LeftOut


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A Parquet file; its rows count from 1."""

    name: str
    path: Path
    wanted: Collection[str]

    def chunks(self, left_out: LeftOut) -> Iterator[TabularChunk]:  # noqa: ARG002 - as all tables
        """The rows, piece by piece.

        Raises:
            InputError: it is no Parquet file, or lacks a wanted column.
        """
        number = 1
        for batch in self.batches(CHUNK_ROWS):
            names = [name.casefold() for name in batch.schema.names]
            columns = dict(zip(names, (c.to_pylist() for c in batch.columns), strict=True))
            yield TabularChunk(range(number, number + batch.num_rows), columns)
            number += batch.num_rows

    def batches(self, rows: int) -> Iterator[pa.RecordBatch]:
        """The rows as Arrow batches, without a Python value a cell.

        Raises:
            InputError: it is no Parquet file, or lacks a wanted column.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as file:
                self._check(file.schema_arrow.names)
                yield from file.iter_batches(rows, use_threads=False)
        except (pa.ArrowInvalid, OSError) as error:
            problem = f"{self.name}: no Parquet file ({error})"
            raise InputError(problem) from error

    def _check(self, names: Collection[str]) -> None:
        known = {name.casefold() for name in names}
        absent = [name for name in self.wanted if name.casefold() not in known]
        if absent:
            lacking = ", ".join(map(repr, absent))
            problem = f"{self.name}: without the columns {lacking}; --mapping may name another"
            raise InputError(problem)
