"""What a snapshot says of itself, and the values that its filters take."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from classifiers.signals import SIGNALS
from dashboards.reading.organizations import organization_names
from dashboards.reading.query import read

if TYPE_CHECKING:
    from datetime import date, datetime

    from dashboards.reading.query import ReadableSnapshot


MOST_LISTED = 500  #: organizations in one list to choose from; of more some are found by name
MOST_OFFERED = 20


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
        names: of the organizations of the snapshot's week by identifier, in the order of names.
    """

    header: SnapshotHeader
    weeks: list[Week]
    options: dict[str, list[FilterOption]]
    values: dict[str, list[str]]
    definitions: dict[str, str]
    names: dict[str, str]

    @property
    def is_short(self) -> bool:
        """Whether the organizations are few enough to be offered as one list."""
        return len(self.names) <= MOST_LISTED

    def offered(self, find: str) -> dict[str, str]:
        """Organizations to choose from: all where they are few, else the first that match.

        Args:
            find: what their name contains, whatever the case; "" offers none of many.
        """
        if self.is_short:
            return self.names
        wanted = find.casefold()
        matching = (pair for pair in self.names.items() if wanted in pair[1].casefold())
        return dict(islice(matching, MOST_OFFERED)) if wanted else {}


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
    names = {each.organization_id: each.name for each in organization_names(snapshot)}
    values = {name: [option.filter_value for option in rows] for name, rows in options.items()}
    more = {
        "signal": [signal.code for signal in SIGNALS],
        "organization": list(names),
    }
    return Known(
        header=snapshot_header(snapshot),
        weeks=weeks(snapshot),
        options=options,
        values=values | more,
        definitions=column_definitions(snapshot),
        names=names,
    )


def weeks(snapshot: ReadableSnapshot) -> list[Week]:
    """Every measured week, oldest first."""
    return read(snapshot, "weeks", Week)
