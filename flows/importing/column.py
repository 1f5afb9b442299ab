"""One field of ours, and how a mapping says to get it from the cells of a row."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase as fnmatch
from itertools import compress
from typing import TYPE_CHECKING, Any

from flows.importing.chunk import is_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flows.importing.chunk import Chunk

_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A cell with a value that the mapping does not name."""

    column: str
    value: str

    @property
    def reason(self) -> str:
        """Why the row cannot be used."""
        return f"{self.column} is {self.value!r}, which the mapping does not name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A value for rows in which a column has something, begins with a text, or is one.

    `then` is the value; `{column}` in it stands for what that column has.
    """

    column: str
    then: str
    starts_with: str = ""
    equals: str = ""

    def holds(self, cell: object) -> bool:
        """Whether a cell is as the case wants it."""
        if is_missing(cell):
            return False
        text = _text(cell)
        return text.startswith(self.starts_with) and self.equals in {"", text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How one field is found: the first step that is given applies, in this order.

    Attributes:
        cases: tried in turn; where none holds, the other steps apply.
        template: text with `{column}` in it; missing where one of the columns is.
        digest: columns whose cells together are hashed: an identity for what has none.
        columns: the first of these that has something.
        joined: several columns, put together with "/", as a key into `values`.
        match: a pattern whose first group is taken; what does not match is missing.
        values: what each value means, `*` in it standing for anything; a value that is not named
            is a problem of the row, unless there is `otherwise`.
        default: where nothing was found.
    """

    columns: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    template: str = ""
    digest: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    match: re.Pattern[str] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    otherwise: Any = None
    default: Any = None

    @property
    def is_firm(self) -> bool:
        """Whether there is one place only where the field can come from."""
        return self.default is None and len(self.columns) <= 1

    def names(self) -> Iterator[str]:
        """The columns that it reads."""
        yield from (*self.columns, *self.joined, *self.digest)
        yield from _PLACE.findall(self.template)
        yield from (case.column for case in self.cases)

    def of(self, chunk: Chunk) -> Sequence[Any]:
        """The field in every row: a value, None where it is missing, or an `Unknown`."""
        found = self._found(chunk)
        if self.match is not None:
            found = [_matched(self.match, cell) for cell in found]
        if self.values:
            found = self._meanings(found)
        if self.default is not None:
            found = [self.default if is_missing(cell) else cell for cell in found]
        return self._by_case(chunk, found) if self.cases else found

    def _found(self, chunk: Chunk) -> Sequence[Any]:
        if self.template:
            return _filled(chunk, self.template)
        if self.digest:
            return [_digest(cells) for cells in _rows(chunk, self.digest)]
        if self.joined:
            return ["/".join(map(_text, cells)) for cells in _rows(chunk, self.joined)]
        known = [cells for name in self.columns if (cells := chunk.column(name)) is not None]
        if len(known) == 1:
            return known[0]
        if not known:
            return [None] * len(chunk.numbers)
        return [next((c for c in row if not is_missing(c)), None) for row in zip(*known)]  # noqa: B905 - equally long

    def _meanings(self, cells: Sequence[Any]) -> list[Any]:
        return _each(self._meaning, cells)

    def _meaning(self, cell: object) -> Any:  # noqa: ANN401 - as the mapping says
        if is_missing(cell):
            return None
        text = _text(cell)
        if text in self.values:
            return self.values[text]
        likely = (v for name, v in self.values.items() if "*" in name and fnmatch(text, name))
        unknown = Unknown("/".join(self.columns or self.joined), text[:60])
        return next(likely, unknown if self.otherwise is None else self.otherwise)

    def _by_case(self, chunk: Chunk, found: Sequence[Any]) -> list[Any]:
        decided = list(found)
        for case in reversed(self.cases):  # the first one that holds counts
            holds = _each(case.holds, chunk.column(case.column) or ())
            values = _filled(chunk, case.then) if any(holds) else ()
            for place in compress(range(len(holds)), holds):
                decided[place] = values[place]
        return decided


def _each(function: Callable[[Any], Any], cells: Sequence[Any]) -> list[Any]:
    """What a function makes of each cell; cells that repeat are looked at once."""
    try:
        known = {cell: function(cell) for cell in set(cells)}
    except TypeError:  # JSON has lists and objects
        return list(map(function, cells))
    return [known[cell] for cell in cells]


def _rows(chunk: Chunk, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    nothing = [None] * len(chunk.numbers)
    return zip(*(chunk.column(name) or nothing for name in names), strict=True)


def _filled(chunk: Chunk, template: str) -> list[str | None]:
    names = list(dict.fromkeys(_PLACE.findall(template)))
    if not names:
        return [template] * len(chunk.numbers)
    pattern = _PLACE.sub(lambda place: f"%({names.index(place[1])})s", template.replace("%", "%%"))
    numbered = [str(number) for number in range(len(names))]
    return [
        None
        if any(map(is_missing, cells))
        else pattern % dict(zip(numbered, map(_text, cells), strict=True))
        for cells in _rows(chunk, names)
    ]


def _digest(cells: Sequence[Any]) -> str | None:
    if all(map(is_missing, cells)):
        return None
    text = "\n".join(map(_text, cells))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _matched(pattern: re.Pattern[str], cell: object) -> str | None:
    found = None if is_missing(cell) else pattern.search(_text(cell))
    return found[1] if found else None


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell.strip()
    return "" if cell is None else str(cell)
