"""Tables in our own columns, as `barograph export` writes them: column by column, in Arrow.

Identities and keyed hashes are taken as they are. What may not be stored of people is removed
here as well: a file that anybody can write is not trusted to have done it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.apis.dates import CLOCK_TOLERANCE, WEB_BEGINS
from connectors.contract import AuthorRole, DateFlag, Direction, FoundThrough, ThreadShape
from flows.door import length_bin
from flows.errors import InputError
from flows.importing.chunk import CHUNK_ROWS
from flows.importing.columnar import ParquetTable
from flows.importing.moments import Calendar
from flows.importing.tally import Tally, yes_or_no
from warehouse.landing import SCHEMAS, blank

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from connectors.contract import Channel
    from flows.importing.chunk import Chunk
    from flows.importing.files import Table
    from flows.importing.leftout import LeftOut

#: What a table needs to be one of ours.
SIGNS = {
    "activities": ("activity_id", "channel_id", "organization_id", "kind", "direction"),
    "presences": ("channel_id", "organization_id", "observed_at", "follower_count"),
}
_BATCH_ROWS = 100_000
_LONGEST_TOLD_APART = 5001  # characters; see `flows.door`
_HASH = "^[0-9a-f]{32}$"
_FINGERPRINT = "^[0-9a-f]{0,64}$"
_WORD = r"^[\w ./+-]{0,60}$"
#: Columns of people's texts that are stored of the organization's own accounts only.
_OWN_ONLY = ("content_fingerprint", "link_host", "link_key", "text_sketch")
_VOCABULARY = {
    "direction": [one.value for one in Direction],
    "author_role": [one.value for one in AuthorRole],
    "found_through": [one.value for one in FoundThrough],
    "thread_shape": [one.value for one in ThreadShape],
}
_DEFAULTS: dict[str, Any] = {
    "author_role": AuthorRole.UNKNOWN.value,
    "found_through": FoundThrough.LISTING.value,
    "identity_basis": "id",
    "time_precision": "second",
}


@dataclass(slots=True)
class OwnReader:
    """Reads one import of our own columns; `channels` are those that are known, by name."""

    table: str
    channels: Mapping[str, Channel]
    imported_at: datetime
    left_out: LeftOut
    tallies: dict[str, Tally] = field(default_factory=dict)
    row_count: int = 0
    _calendar: Calendar = field(init=False)
    _naive: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._naive = self.imported_at.astimezone(UTC).replace(tzinfo=None)
        self._calendar = Calendar(("iso",), "UTC", self.imported_at)

    def read(self, table: Table) -> Iterator[pa.Table]:
        """The usable rows of a table, piece by piece, as the landed table has them.

        Raises:
            InputError: a column has another type than ours.
        """
        import pyarrow as pa

        number = 1
        for batch, numbers in self._batches(table):
            try:
                made = _typed(batch, SCHEMAS[self.table])
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
                problem = f"{table.name}: near row {number}: not our columns ({error})"
                raise InputError(problem) from error
            number += made.num_rows
            self.row_count += made.num_rows
            yield self._usable(made, table.name, numbers)

    def _batches(self, table: Table) -> Iterator[tuple[pa.Table, Sequence[int]]]:
        import pyarrow as pa

        if isinstance(table, ParquetTable):
            number = 1
            for batch in table.batches(_BATCH_ROWS):
                yield pa.Table.from_batches([batch]), range(number, number + batch.num_rows)
                number += batch.num_rows
            return
        for chunk in table.chunks(self.left_out):
            yield self._parsed(chunk), chunk.numbers

    def _parsed(self, chunk: Chunk) -> pa.Table:
        """Cells of text as values of the right type."""
        import pyarrow as pa

        assert len(chunk.numbers) <= CHUNK_ROWS
        columns = {}
        for one in SCHEMAS[self.table]:
            cells = chunk.column(one.name)
            if cells is not None:
                columns[one.name] = pa.array(self._values(cells, one.type), one.type)
        return pa.table(columns)

    def _values(self, cells: Sequence[Any], kind: pa.DataType) -> list[Any]:
        import pyarrow as pa

        if pa.types.is_timestamp(kind):
            return [dated.at for dated in self._calendar.dated(cells)]
        if pa.types.is_boolean(kind):
            return [yes_or_no(cell) for cell in cells]
        if pa.types.is_integer(kind):
            return [None if cell in ("", None) else int(float(cell)) for cell in cells]
        return ["" if cell is None else str(cell) for cell in cells]

    def _usable(self, rows: pa.Table, name: str, numbers: Sequence[int]) -> pa.Table:
        import pyarrow.compute as pc

        if self.table == "activities":
            rows = _dated(rows, self._naive)
        good = None
        for reason, holds in self._conditions(rows):
            kept = pc.fill_null(holds, False)  # noqa: FBT003 - Arrow's own signature
            failed = pc.invert(kept) if good is None else pc.and_(good, pc.invert(kept))
            for place in pc.indices_nonzero(failed).to_pylist():
                self.left_out.add(f"{name}:{numbers[place]}", reason)
            good = kept if good is None else pc.and_(good, kept)
        usable = rows.filter(good)
        self._count(usable)
        if self.table == "activities":
            return _private(usable, self._naive)
        words = pc.if_else(_is_like(usable["verification"], _WORD), usable["verification"], "")
        return _with(usable, {"verification": words})

    def _conditions(self, rows: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
        """What must hold of a row, with the reason why it is left out where it does not."""
        import pyarrow as pa
        import pyarrow.compute as pc

        named = [f"{name}\n{one.organization_id}" for name, one in self.channels.items()]
        known = pa.array(named, pa.string())
        pairs = pc.binary_join_element_wise(rows["channel_id"], rows["organization_id"], "\n")
        lacking = "its channel is not known here; keep channels.csv and organizations.csv beside it"
        yield lacking, pc.is_in(pairs, known)
        if self.table == "presences":
            yield "no moment of observation", pc.is_valid(rows["observed_at"])
            return
        yield "activity_id is no identity of ours", _is_like(rows["activity_id"], _HASH)
        yield "kind is no word such as post or reply", _is_like(rows["kind"], "^[a-z][a-z0-9_]*$")
        for column, words in _VOCABULARY.items():
            reason = f"{column} is none of {', '.join(filter(None, words))}"
            yield reason, pc.is_in(rows[column], pa.array(words, pa.string()))
        is_key = pc.or_(pc.equal(rows["author_key"], ""), _is_like(rows["author_key"], _HASH))
        yield "author_key is no keyed hash; an import of names needs a mapping", is_key

    def _count(self, rows: pa.Table) -> None:
        moment = "occurred_at" if self.table == "activities" else "observed_at"
        spans = rows.group_by("channel_id").aggregate(
            [(moment, "min"), (moment, "max"), ("organization_id", "count")]
        )
        for row in spans.to_pylist():
            tally = self._tally(row["channel_id"])
            tally.count += row["organization_id_count"]
            for at in (row[f"{moment}_min"], row[f"{moment}_max"]):
                if at is not None:
                    tally.add(at, "")
                    tally.count -= 1
        if self.table == "activities":
            self._count_flags(rows)

    def _count_flags(self, rows: pa.Table) -> None:
        import pyarrow.compute as pc

        counted = rows.group_by(["channel_id", "date_flag"]).aggregate([("kind", "count")])
        for row in counted.to_pylist():
            if row["date_flag"]:
                self._tally(row["channel_id"]).flags[row["date_flag"]] += row["kind_count"]
        threaded = rows.filter(pc.not_equal(rows["thread_id"], ""))
        for name in pc.unique(threaded["channel_id"]).to_pylist():
            self._tally(name).has_threads = True

    def _tally(self, name: str) -> Tally:
        if name not in self.tallies:
            self.tallies[name] = Tally(self.channels[name])
        return self.tallies[name]


def _typed(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Our columns in their order and types; what the file lacks is empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = []
    for one in schema:
        default = _DEFAULTS.get(one.name, blank(one.type))
        if one.name not in rows.column_names:
            columns.append(pa.repeat(pa.scalar(default, one.type), rows.num_rows))
            continue
        column = rows[one.name].cast(_unzoned(rows[one.name].type, one.type))
        column = column.cast(one.type)
        is_filled = pa.types.is_string(one.type) or one.name == "is_repeated"
        columns.append(pc.fill_null(column, pa.scalar(default, one.type)) if is_filled else column)
    return pa.table(columns, schema=schema)


def _unzoned(given: pa.DataType, wanted: pa.DataType) -> pa.DataType:
    """Moments with a zone become UTC before they lose it."""
    import pyarrow as pa

    if pa.types.is_timestamp(given) and pa.types.is_timestamp(wanted) and given.tz:
        return pa.timestamp("us", "UTC")
    return given


def _dated(rows: pa.Table, read_at: datetime) -> pa.Table:
    """Moments that cannot be are flagged, as in collecting, and not counted by."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at = pc.coalesce(rows["occurred_at"], rows["published_at"])
    latest = pa.scalar(read_at + CLOCK_TOLERANCE, pa.timestamp("us"))
    earliest = pa.scalar(WEB_BEGINS.replace(tzinfo=None), pa.timestamp("us"))
    known = pc.if_else(
        pc.is_null(rows["occurred_at"]),
        pc.if_else(pc.equal(rows["date_flag"], ""), DateFlag.MISSING.value, rows["date_flag"]),
        "",
    )
    is_early = pc.fill_null(pc.less(at, earliest), False)  # noqa: FBT003 - Arrow's own signature
    is_late = pc.fill_null(pc.greater(at, latest), False)  # noqa: FBT003 - Arrow's own signature
    flagged = pc.if_else(is_early, DateFlag.IMPLAUSIBLE.value, known)
    flagged = pc.if_else(is_late, DateFlag.FUTURE.value, flagged)
    nothing = pa.scalar(None, pa.timestamp("us"))
    counted = pc.if_else(pc.equal(flagged, ""), rows["occurred_at"], nothing)
    return _with(rows, {"published_at": at, "occurred_at": counted, "date_flag": flagged})


def _private(rows: pa.Table, seen_at: datetime) -> pa.Table:
    """Rows as they may be stored: rules R3 and R5, whoever wrote the file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_own = pc.equal(rows["author_role"], AuthorRole.ORGANIZATION.value)
    hidden = {name: pc.if_else(is_own, rows[name], "") for name in _OWN_ONLY}
    hidden["author_key"] = pc.if_else(is_own, "", rows["author_key"])
    hidden["text_length"] = pc.if_else(is_own, rows["text_length"], _binned(rows["text_length"]))
    for name in ("parent_id", "thread_id"):
        hidden[name] = pc.if_else(_is_like(rows[name], _HASH), rows[name], "")
    for name in ("content_fingerprint", "text_sketch"):
        hidden[name] = pc.if_else(_is_like(hidden[name], _FINGERPRINT), hidden[name], "")
    for name in ("listed_in", "identity_basis", "author_evidence", "language", "connector_version"):
        hidden[name] = pc.if_else(_is_like(rows[name], _WORD), rows[name], "")
    hidden["first_seen_at"] = pa.repeat(pa.scalar(seen_at, pa.timestamp("us")), rows.num_rows)
    return _with(rows, hidden)


def _binned(lengths: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    given = pc.fill_null(lengths, 0)
    *bounds, longest = dict.fromkeys(map(length_bin, range(_LONGEST_TOLD_APART)))
    binned = pa.repeat(pa.scalar(longest, pa.int32()), len(lengths))
    for bound in reversed(bounds):
        binned = pc.if_else(pc.less_equal(given, bound), pa.scalar(bound, pa.int32()), binned)
    return binned


def _with(rows: pa.Table, changed: Mapping[str, Any]) -> pa.Table:
    for name, column in changed.items():
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, rows.schema.field(name), column)
    return rows


def _is_like(column: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    return pc.match_substring_regex(column, pattern)
