"""Moments as tables write them, in the mapping's formats and time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from connectors.apis.dates import flag, moment
from connectors.contract import DateFlag
from flows.importing.chunk import is_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Formats with a name; any other is one of `datetime.strptime`.
_SECONDS = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000}

_FLAGS = {one: one.value for one in DateFlag}


class Dated(NamedTuple):
    """A moment of a row: UTC without zone, as it is stored, and whether it can be counted by."""

    at: datetime | None
    precision: str = ""
    date_flag: str = ""


class Calendar:
    """Reads moments of one table; remembers those that it has read."""

    def __init__(self, formats: Sequence[str], zone: str, read_at: datetime) -> None:
        """`zone` is that of moments which name none; `read_at` is now."""
        self._formats, self._zone, self._read_at = tuple(formats), ZoneInfo(zone), read_at
        self._known: dict[Any, Dated] = {}

    def dated(self, cells: Iterable[Any]) -> list[Dated]:
        """What each cell says."""
        known = self._known
        if len(known) > 200_000:  # noqa: PLR2004 - enough for a table; bounded for a long one
            known.clear()
        found = []
        for cell in cells:
            one = known.get(cell)
            if one is None:
                one = known[cell] = self._dated(cell)
            found.append(one)
        return found

    def _dated(self, cell: Any) -> Dated:  # noqa: ANN401 - whatever a table holds
        is_given = not is_missing(cell)
        local = self._local(cell) if is_given else None
        at = _utc(local)
        date_flag = flag(at, self._read_at, is_given=is_given)
        precision = "" if local is None else "day" if local.time() == time() else "second"
        return Dated(at.replace(tzinfo=None) if at else None, precision, _FLAGS[date_flag])

    def _local(self, cell: Any) -> datetime | None:  # noqa: ANN401
        """The moment in its own time zone, which shows whether it is a mere day."""
        if isinstance(cell, datetime):
            return cell if cell.tzinfo else cell.replace(tzinfo=self._zone)
        if isinstance(cell, date):
            return datetime.combine(cell, time(), self._zone)
        text = cell.strip() if isinstance(cell, str) else cell
        return next(filter(None, (self._read(text, form) for form in self._formats)), None)

    def _read(self, text: Any, form: str) -> datetime | None:  # noqa: ANN401
        if form in _SECONDS:
            number = _number(text)
            return None if number is None else moment(number / _SECONDS[form])
        try:
            read = datetime.fromisoformat(text) if form == "iso" else _parsed(text, form)
        except (ValueError, TypeError):
            return None
        return read if read.tzinfo else read.replace(tzinfo=self._zone)


def _parsed(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is put in by the calendar


def _utc(local: datetime | None) -> datetime | None:
    try:
        return None if local is None else local.astimezone(UTC)
    except (OverflowError, ValueError):  # the edges of what a date can be
        return None


def _number(cell: Any) -> float | None:  # noqa: ANN401
    try:
        return float(cell)
    except (ValueError, TypeError):
        return None
