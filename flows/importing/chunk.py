"""A piece of a table, as it was read: so many rows at a time, with their places in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Rows that are read and turned into columns together.
CHUNK_ROWS = 20_000


def is_missing(value: object) -> bool:
    """Whether a cell says nothing: absent, null or empty. Zero and false say something."""
    return value is None or value == ""


class Chunk(Protocol):
    """Rows of a table, by column."""

    @property
    def numbers(self) -> Sequence[int]:
        """Where each row stands: its line in the file, or its number from 1."""
        ...

    def column(self, name: str) -> Sequence[Any] | None:
        """The cells of a column; None where the table has no such column."""
        ...


@dataclass(frozen=True, slots=True)
class TabularChunk:
    """Rows of a table with a header; names are compared without regard to case."""

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[Any]]  #: by name in lower case

    def column(self, name: str) -> Sequence[Any] | None:
        """The cells of a column; None where the table has no such column."""
        return self.columns.get(name.casefold())


@dataclass(frozen=True, slots=True)
class ObjectChunk:
    """Rows that are JSON objects; a column is a path such as `tweet.id_str` or `data.0.post`."""

    numbers: Sequence[int]
    objects: Sequence[Any]
    _known: dict[str, Sequence[Any]] = field(default_factory=dict)

    def column(self, name: str) -> Sequence[Any] | None:
        """What stands at a path in each object, None where it leads nowhere."""
        if name not in self._known:
            steps = name.split(".")
            self._known[name] = [_at(one, steps) for one in self.objects]
        return self._known[name]


def _at(value: Any, steps: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
