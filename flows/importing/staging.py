"""Rows of an import on their way: as files, so that a long table needs little memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.landing import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Rows of one part; each is loaded in a transaction of its own.
PART_ROWS = 200_000
_ASKS_PARENT = pa.field("asks_parent", pa.bool_())


@dataclass(frozen=True, slots=True)
class Part:
    """A file of staged rows, and the table of the user's that they came from."""

    path: Path
    table: str  #: activities or presences
    origin: str
    row_count: int


@dataclass(slots=True)
class Staging:
    """Takes rows and keeps them in parts, in a folder that is thrown away afterwards."""

    folder: Path
    parts: list[Part] = field(default_factory=list)
    _writer: pq.ParquetWriter | None = None
    _count: int = 0

    def add(self, table: str, origin: str, rows: Mapping[str, Sequence[Any]] | pa.Table) -> None:
        """Take usable rows of a user's table; columns that they lack are filled when loading."""
        made = rows if isinstance(rows, pa.Table) else _table(table, rows)
        if not made.num_rows:
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, _schema(table), compression="lz4")
        self._writer.write_table(_completed(made, table))
        self._count += made.num_rows
        if self._count >= PART_ROWS:
            self.close(table, origin)

    def close(self, table: str, origin: str) -> None:
        """End a part: when it is full, and at the end of each table of the user's."""
        if self._writer is None:
            return
        self._writer.close()
        self.parts.append(Part(self._path, table, origin, self._count))
        self._writer, self._count = None, 0

    @property
    def row_count(self) -> int:
        """How many rows are in the parts."""
        return sum(part.row_count for part in self.parts)

    @property
    def _path(self) -> Path:
        return self.folder / f"{len(self.parts):05d}.parquet"


def _schema(table: str) -> pa.Schema:
    schema = SCHEMAS[table]
    return schema.append(_ASKS_PARENT) if table == "activities" else schema


def _table(table: str, rows: Mapping[str, Sequence[Any]]) -> pa.Table:
    known = [one for one in _schema(table) if one.name in rows]
    return pa.table({one.name: pa.array(rows[one.name], one.type) for one in known})


def _completed(rows: pa.Table, table: str) -> pa.Table:
    """With the columns that are known only when the rows are loaded, empty."""
    schema = _schema(table)
    columns = [
        rows[one.name].cast(one.type)
        if one.name in rows.column_names
        else pa.repeat(_empty(one), rows.num_rows)
        for one in schema
    ]
    return pa.table(columns, schema=schema)


def _empty(one: pa.Field) -> pa.Scalar:
    if one.name == _ASKS_PARENT.name:
        return pa.scalar(False)  # noqa: FBT003 - Arrow's own signature
    return pa.scalar("" if pa.types.is_string(one.type) else None, one.type)
