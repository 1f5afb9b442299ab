"""Reading all files of an import into staged rows; nothing is changed yet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from flows.errors import InputError
from flows.importing.authors import Authors
from flows.importing.beside import organizations_beside
from flows.importing.files import tables_of
from flows.importing.leftout import LeftOut
from flows.importing.mapping import NEEDED, ImportMapping
from flows.importing.mappingfile import own_stretches, read_mapping, shipped_mappings
from flows.importing.own import SIGNS, OwnReader
from flows.importing.reading import Reader
from flows.importing.staging import Staging
from flows.suppression import read_suppressed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from connectors.contract import Channel
    from flows.importing.files import Table
    from flows.importing.order import ImportOrder
    from flows.importing.roster import Roster
    from flows.importing.tally import Period, Tally
    from flows.keyring import Keyring


@dataclass(frozen=True, slots=True)
class SeenChannel:
    """A channel in one file, and the span that the file covers of it; None where nobody knows."""

    file: str
    tally: Tally
    period: Period | None


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file that was read, by its content."""

    name: str
    byte_count: int
    sha256: str
    channels: tuple[SeenChannel, ...]


@dataclass(slots=True)
class Gathered:
    """All files of an import, read and staged."""

    mapping: ImportMapping
    reader: Reader | OwnReader
    roster: Roster
    staging: Staging
    files: list[SeenFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def table(self) -> str:
        """What the rows are: activities or presences."""
        return self.mapping.table

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each file, by name."""
        return {file.name: file.byte_count for file in self.files}

    @property
    def seen(self) -> list[SeenChannel]:
        """The channels of all files, file by file."""
        return [one for file in self.files for one in file.channels]

    @property
    def channels(self) -> dict[str, Channel]:
        """All channels that have usable rows, by their identifiers."""
        return {one.tally.channel.channel_id: one.tally.channel for one in self.seen}


def gather(
    order: ImportOrder, roster: Roster, keyring: Keyring, folder: Path, moment: datetime
) -> Gathered:
    """Read every file and stage what is usable in `folder`; `moment` is now.

    Raises:
        InputError: a file or the mapping cannot be used, or a file has nothing usable.
    """
    gathered = _begun(order, roster, keyring, folder, moment)
    for path in order.files:
        if not order.mapping and (table := own_table(path)) != gathered.table:
            first = f"where {order.files[0]} has {gathered.table}"
            problem = f"{path}: {table}, {first}; import it alone"
            raise InputError(problem)
        _read_file(path, gathered)
    return gathered


def _begun(
    order: ImportOrder, roster: Roster, keyring: Keyring, folder: Path, moment: datetime
) -> Gathered:
    reader: Reader | OwnReader
    if order.mapping:
        mapping = read_mapping(order.mapping, order.constants)
        suppressed = read_suppressed(order.project.keyring.parent)
        authors = Authors(keyring, moment, suppressed)
        reader = Reader(mapping, roster, authors, moment, LeftOut())
    else:
        mapping = own_mapping(own_table(order.files[0]), order.constants)
        reader = OwnReader(mapping.table, roster.by_id(), moment, LeftOut())
    return Gathered(mapping, reader, roster, Staging(folder))


def _read_file(path: Path, gathered: Gathered) -> None:
    """Stage the rows of one file."""
    staging, mapping, reader = gathered.staging, gathered.mapping, gathered.reader
    before, reader.tallies = staging.row_count, {}
    if isinstance(reader, OwnReader):
        gathered.roster.take(organizations_beside(path))
        reader.channels = gathered.roster.by_id()
    wanted = SIGNS[mapping.table] if isinstance(reader, OwnReader) else mapping.wanted()
    with tables_of(path, wanted, mapping.members, mapping.list_at) as tables:
        for table in tables:
            _read_table(table, path.name, gathered)
            gathered.notes += getattr(table, "notes", [])
        staging.close(mapping.table, path.name)
    if staging.row_count == before:
        raise InputError(*_nothing_usable(path, reader))
    gathered.files.append(_seen(path, gathered))


def _read_table(table: Table, origin: str, gathered: Gathered) -> None:
    reader, staging = gathered.reader, gathered.staging
    if isinstance(reader, OwnReader):
        for rows in reader.read(table):
            staging.add(gathered.table, origin, rows)
        return
    for chunk in table.chunks(reader.left_out):
        staging.add(gathered.table, origin, reader.read(chunk, table.name))


def _nothing_usable(path: Path, reader: Reader | OwnReader) -> Sequence[str]:
    if not reader.row_count and not reader.left_out.total:
        return [f"{path}: no rows in it"]
    return [f"{path}: none of its rows can be used", *reader.left_out.examples]


def _seen(path: Path, gathered: Gathered) -> SeenFile:
    """What a file was: two of them, each with its own span, may speak of one channel."""
    reader = gathered.reader
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    moment = reader.imported_at.astimezone(UTC).replace(tzinfo=None)
    is_dated = gathered.table == "activities"
    channels = tuple(
        SeenChannel(path.name, one, one.period(gathered.mapping, moment) if is_dated else None)
        for _, one in sorted(reader.tallies.items())
    )
    return SeenFile(path.name, path.stat().st_size, digest, channels)


def own_mapping(table: str, constants: Mapping[str, str]) -> ImportMapping:
    """What stands for a mapping where the columns are ours: the spans that `--set` gives.

    Raises:
        InputError: something else is set.
    """
    return ImportMapping(name="barograph", table=table, stretches=own_stretches(constants))


def own_table(path: Path) -> str:
    """Which of our tables a file is.

    Raises:
        InputError: it is neither; the message tells which mapping may fit.
    """
    problems = []
    for table, signs in SIGNS.items():
        try:
            with tables_of(path, signs) as tables:
                next(iter(tables[0].chunks(LeftOut())), None)
        except InputError as error:
            problems.append(error)
        else:
            if not _is_json(path) or _has_signs(path, signs):
                return table
    raise _no_table_of_ours(path, problems)


def _is_json(path: Path) -> bool:
    return ".json" in path.name.lower() or path.name.lower().endswith((".js", ".zip", ".ndjson"))


def _has_signs(path: Path, signs: Sequence[str]) -> bool:
    """Whether the first object of a file has our columns; objects have no header."""
    with tables_of(path, signs) as tables:
        chunk = next(iter(tables[0].chunks(LeftOut())), None)
    columns = [chunk.column(sign) for sign in signs] if chunk is not None else [None]
    return all(cells is not None and cells[0] is not None for cells in columns)


def _no_table_of_ours(path: Path, problems: Sequence[InputError]) -> InputError:
    if problems and "column" not in str(problems[0]):
        return problems[0]  # not a question of columns: absent, an Excel workbook, damaged
    fitting = [name for name in shipped_mappings() if _fits(name, path)]
    hint = f"it looks like --mapping {fitting[0]}. Shipped" if fitting else "shipped"
    problem = (
        f"{path}: not our own columns ({', '.join(SIGNS['activities'])} …), so a mapping must say "
        f"what its columns mean: {hint} mappings: {', '.join(shipped_mappings())}"
    )
    return InputError(problem)


def _fits(name: str, path: Path) -> bool:
    """Whether a file has the columns that a shipped mapping reads."""
    try:
        mapping = read_mapping(name, dict.fromkeys(NEEDED["presences"][:3], "x"))
        with tables_of(path, mapping.wanted(), mapping.members, mapping.list_at) as tables:
            chunk = next(iter(tables[0].chunks(LeftOut())), None)
            column = mapping.columns.get("event_id") or mapping.columns["observed_at"]
            return chunk is not None and any(cell is not None for cell in column.of(chunk))
    except InputError:
        return False
