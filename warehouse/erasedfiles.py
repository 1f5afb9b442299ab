"""Erasing from files of the archive: rows that are somebody's, and words that name them.

A file is rewritten only where something of theirs is in it, in one step, and keeps what it says
of itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property, partial
from html import escape
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.archive import rewrite_pages
from warehouse.durable import write_file, write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_GONE = object()
#: Keys under which JSON files of the archive name the organization that a record is about.
_OWNER_KEYS = ("organization_id", "organization", "id")
_STANDS_FOR = "…"
#: Columns, and keys of JSON, whose texts people read; all others are addresses, codes and the like.
FREE_TEXTS = frozenset(
    {
        *("error", "last_error", "note", "text", "malformed_reason", "abstention_text"),
        *("evaluation", "trials", "explanation", "reply", "title", "paragraph"),
    }
)


@dataclass(frozen=True)
class Theirs:
    """What is somebody's: by identifiers rows go, by words texts change.

    Attributes:
        organization_id: of an organization; "" where it is a person.
        channel_ids: of the organization.
        author_keys: of the person.
        activity_ids: of the person's acts, with what stands for each where it was answered.
        words: what names them and nobody else, wherever it stands, in any case.
        names: what names them in what people read; elsewhere it may mean something else.
    """

    organization_id: str = ""
    channel_ids: frozenset[str] = frozenset()
    author_keys: frozenset[str] = frozenset()
    activity_ids: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def pattern(self, column: str) -> re.Pattern[str] | None:
        """Finds what names them in a column (or under a key of JSON); None where nothing can."""
        return self._in_texts if column in FREE_TEXTS else self._anywhere

    @cached_property
    def _anywhere(self) -> re.Pattern[str] | None:
        return _pattern(self.words)

    @cached_property
    def _in_texts(self) -> re.Pattern[str] | None:
        return _pattern((*self.words, *self.names))

    @cached_property
    def _in_bytes(self) -> re.Pattern[bytes] | None:
        """As text, and as it is written in JSON, in HTML and in addresses."""
        found = {form for word in (*self.words, *self.names) for form in _written(word)}
        pattern = _pattern(found)
        return re.compile(pattern.pattern.encode(), re.IGNORECASE) if pattern else None

    def named_in(self, data: bytes | None) -> bool:
        """Whether some bytes name them."""
        return bool(data and self._in_bytes and self._in_bytes.search(data))


def without_words(text: str, pattern: re.Pattern[str] | None) -> str:
    """A text without what a pattern finds."""
    return pattern.sub(_STANDS_FOR, text) if pattern else text


def expression(words: Iterable[str]) -> str:
    """A regular expression for any of some words, whole; "" without any."""
    found = alternatives(words)
    return rf"(?<![\w-])(?:{found})(?![\w-])" if found else ""


def alternatives(words: Iterable[str]) -> str:
    """A regular expression for any of some words, for Python and DuckDB alike."""
    ordered = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
    escaped = "|".join(map(re.escape, ordered))
    return escaped.replace("\\\n", r"\n").replace("\\\t", r"\t")


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    found = expression(words)
    return re.compile(found, re.IGNORECASE) if found else None


def _written(word: str) -> set[str]:
    in_json = json.dumps(word)[1:-1]
    return {
        word,
        in_json,
        quote(word),
        quote(word, safe=""),
        word.replace("/", r"\/"),
        escape(word),
    }


def erase_from_parquet(path: Path, theirs: Theirs) -> int:
    """Remove somebody's rows from a Parquet file, and their words from the others.

    Returns:
        How many rows went; a file of which nothing is left goes itself.
    """
    with pq.ParquetFile(path) as file:
        table = file.read(use_threads=False)
    kept = table.filter(_stays(table, theirs))
    changed = _answers_blurred(_redacted(kept, theirs), theirs)
    if not kept.num_rows and table.num_rows:
        path.unlink()
    elif changed is not table and not changed.equals(table):
        changed = changed.replace_schema_metadata(table.schema.metadata)
        if "body" in table.column_names:
            rewrite_pages(path, changed)
        else:
            write_file(path, partial(_write, changed))
    return int(table.num_rows - kept.num_rows)


def erase_from_json(path: Path, theirs: Theirs) -> int:
    """Remove somebody's records from a JSON file, and their words from the others.

    Returns:
        How many records went; a file that was all theirs goes itself.
    """
    try:
        before = json.loads(path.read_text("utf-8"))
    except ValueError:  # not one of ours
        return 0
    pruning = _Pruning(theirs)
    after = pruning.pruned(before)
    if after is _GONE:
        path.unlink()
    elif after != before:
        write_text(path, json.dumps(after, sort_keys=True, ensure_ascii=False, indent=1))
    return pruning.count


def pruned(value: Any, theirs: Theirs) -> Any:  # noqa: ANN401 - any JSON
    """A JSON value without somebody's records and words."""
    found = _Pruning(theirs).pruned(value)
    return None if found is _GONE else found


class _Pruning:
    """Goes through a JSON value and counts what it leaves out."""

    def __init__(self, theirs: Theirs) -> None:
        self._theirs, self.count = theirs, 0

    def pruned(self, value: Any, key: str = "") -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, list):
            parts = [self.pruned(part, key) for part in value]
            return [part for part in parts if part is not _GONE]
        if isinstance(value, str):
            return without_words(value, self._theirs.pattern(key))
        return value

    def _object(self, value: dict[str, Any]) -> Any:  # noqa: ANN401 - an object, or nothing
        theirs = self._theirs
        is_owned = theirs.organization_id and any(
            value.get(key) == theirs.organization_id for key in _OWNER_KEYS
        )
        if is_owned or value.get("channel_id") in theirs.channel_ids:
            self.count += 1
            return _GONE
        names = {theirs.organization_id, *theirs.channel_ids} - {""}
        parts = {key: self.pruned(part, key) for key, part in value.items() if key not in names}
        return {key: part for key, part in parts.items() if part is not _GONE}


def _stays(table: pa.Table, theirs: Theirs) -> pa.Array:
    import pyarrow.compute as pc

    conditions = {
        "organization_id": {theirs.organization_id} - {""},
        "channel_id": theirs.channel_ids,
        "author_key": theirs.author_keys,
        "activity_id": theirs.activity_ids.keys(),
    }
    stays = pa.array([True] * table.num_rows, pa.bool_())
    for name, values in conditions.items():
        if values and name in table.column_names:
            among = pc.is_in(table[name], value_set=pa.array(sorted(values), pa.string()))
            stays = pc.and_(stays, pc.invert(among.combine_chunks()))
    return stays


def _redacted(table: pa.Table, theirs: Theirs) -> pa.Table:
    for place, column in enumerate(table.schema):
        pattern = theirs.pattern(column.name)
        if pattern is not None and _has_any(table[column.name], pattern):
            values = [_clean(value, pattern) for value in table[column.name].to_pylist()]
            table = table.set_column(place, column, pa.array(values, column.type))
    return table


def _has_any(column: pa.ChunkedArray, pattern: re.Pattern[str]) -> bool:
    """Whether a text in a column has what is looked for; responses are looked after elsewhere."""
    import pyarrow.compute as pc

    if pa.types.is_string(column.type):
        return any(map(pattern.search, filter(None, pc.unique(column).to_pylist())))
    if pa.types.is_list(column.type):
        return pattern.search(repr(column.to_pylist())) is not None
    return False


def _clean(value: Any, pattern: re.Pattern[str]) -> Any:  # noqa: ANN401 - a text, or a list of some
    if isinstance(value, list):
        return [_clean(part, pattern) for part in value]
    if isinstance(value, dict):
        return {name: _clean(part, pattern) for name, part in value.items()}
    return without_words(value, pattern) if isinstance(value, str) else value


def _answers_blurred(table: pa.Table, theirs: Theirs) -> pa.Table:
    """What answered them leads to nothing any more."""
    if not theirs.activity_ids or "parent_id" not in table.column_names:
        return table
    parents = cast("list[str]", table["parent_id"].to_pylist())
    if theirs.activity_ids.keys().isdisjoint(parents):
        return table
    blurred = [theirs.activity_ids.get(parent, parent) for parent in parents]
    place = table.schema.get_field_index("parent_id")
    return table.set_column(place, "parent_id", pa.array(blurred, pa.string()))


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")
