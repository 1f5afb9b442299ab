"""What a snapshot says of itself, and the values that its filters take."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from classifiers.signals import SIGNALS
from dashboards.reading.organizations import organization_ids
from dashboards.reading.query import read

if TYPE_CHECKING:
    from datetime import date, datetime

    from dashboards.reading.query import ReadableSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotHeader:
    """What a snapshot says of itself; times are UTC."""

    snapshot_number: int
    published_at: datetime
    as_of: datetime
    as_of_week: date
    run_state: str
    organization_count: int
    data_to: datetime | None  #: the latest fetch that succeeded
    model_version: str  #: "" when no model was trained
    model_kind: str
    is_invented: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterOption:
    """One value that a filter takes, with the organizations of the snapshot that have it."""

    filter_name: str
    filter_value: str
    organization_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One measured week: who was measured, and how many of them were seen in that week itself."""

    as_of_week: date
    organization_count: int
    reached_count: int
    model_version: str


def snapshot_header(snapshot: ReadableSnapshot) -> SnapshotHeader:
    """What the snapshot says of itself."""
    return read(snapshot, "snapshot_header", SnapshotHeader)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDefinition:
    """What a column of `marts.organizations` means, in the snapshot's own words."""

    column_name: str
    definition: str


def column_definitions(snapshot: ReadableSnapshot) -> dict[str, str]:
    """What the snapshot itself says its columns mean; columns without a comment are absent."""
    rows = read(snapshot, "column_definitions", ColumnDefinition)
    return {row.column_name: row.definition for row in rows}


def filter_options(snapshot: ReadableSnapshot) -> dict[str, list[FilterOption]]:
    """The values of each filter, in display order: sizes ascend, weeks descend."""
    options = defaultdict(list)
    for option in read(snapshot, "filter_options", FilterOption):
        options[option.filter_name].append(option)
    return dict(options)


class Known(NamedTuple):
    """What does not depend on who asks.

    Attributes:
        header: what the snapshot says of itself.
        weeks: every measured week, oldest first.
        options: of filters, as they are shown.
        values: that an address may give, by the name of their list.
        definitions: of the columns of organizations, in the snapshot's own words.
    """

    header: SnapshotHeader
    weeks: list[Week]
    options: dict[str, list[FilterOption]]
    values: dict[str, list[str]]
    definitions: dict[str, str]


def known(snapshot: ReadableSnapshot) -> Known:
    """What is the same for every page; read once a snapshot, for it never changes."""
    with _lock:
        if snapshot.path not in _known:
            _known.clear()
            _known[snapshot.path] = _read_known(snapshot)
        return _known[snapshot.path]


_known: dict[str, Known] = {}
_lock = threading.Lock()


def _read_known(snapshot: ReadableSnapshot) -> Known:
    options = filter_options(snapshot)
    values = {name: [option.filter_value for option in rows] for name, rows in options.items()}
    more = {
        "signal": [signal.code for signal in SIGNALS],
        "organization": organization_ids(snapshot),
    }
    return Known(
        header=snapshot_header(snapshot),
        weeks=weeks(snapshot),
        options=options,
        values=values | more,
        definitions=column_definitions(snapshot),
    )


def weeks(snapshot: ReadableSnapshot) -> list[Week]:
    """Every measured week, oldest first."""
    return read(snapshot, "weeks", Week)
