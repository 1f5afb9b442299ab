"""When to run: a cron expression, or words such as `daily at 07:30`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from flows.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAYS = {
    "monday": "1", "tuesday": "2", "wednesday": "3", "thursday": "4", "friday": "5",
    "saturday": "6", "sunday": "0", "day": "*", "weekday": "1-5", "weekend": "6,0",
}  # fmt: skip
#: Said in one word, and how it is said at length.
_SHORT = {
    "hourly": "every hour",
    "daily": "every day",
    "nightly": "every day at 02:{minute}",
    "weekdays": "every weekday",
    "weekly": "every monday",
    "minutely": "every minute",
}
_EVERY = re.compile(r"every (?:(?P<count>\d+) )?(?P<unit>minute|hour)s?$")
_ON = re.compile(
    r"(?:every|on) (?P<days>[a-z, ]+?)(?: at (?P<hour>\d{1,2})(?::(?P<minute>\d\d))?)?$"
)
_FIELD_COUNT = 5
_WHOLE = {"minute": 60, "hour": 24}
#: Of days without a time: late enough that what is published overnight is there.
_HOUR = 6
_HELP = (
    "write a cron expression of five fields, such as '17 */6 * * *', or words: hourly, daily, "
    "nightly, weekly, 'every 15 minutes', 'every 6 hours', 'daily at 07:30', "
    "'every weekday at 6:45', 'every monday and thursday at 18:20'"
)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When runs are due.

    Attributes:
        cron: five fields: minute, hour, day of the month, month, day of the week.
        timezone: IANA name of the zone that they are read in.
    """

    cron: str
    timezone: str = "UTC"

    def after(self, moment: datetime, count: int = 3) -> list[datetime]:
        """The next times, UTC, in their order."""
        return [due.astimezone(UTC) for due in islice(self._times(moment), count)]

    def latest(self, moment: datetime) -> datetime:
        """When a run was last due, UTC."""
        return next(self._times(moment, is_backward=True)).astimezone(UTC)

    @property
    def spacing(self) -> timedelta:
        """The longest time between two of the next fifty runs."""
        times = self.after(datetime(2026, 1, 5, tzinfo=UTC), 50)
        return max(then - first for first, then in pairwise(times))

    def _times(self, moment: datetime, *, is_backward: bool = False) -> Iterator[datetime]:
        here = moment.astimezone(ZoneInfo(self.timezone))
        return CronSim(self.cron, here, reverse=is_backward)


def read_timetable(text: str, timezone: str = "UTC", salt: str = "") -> Timetable:
    """The timetable that words or a cron expression name.

    Args:
        text: as the user wrote it.
        timezone: IANA name.
        salt: what tells projects apart: those that name no minute start at different ones, so
            that not everybody asks the same servers at the full hour.

    Raises:
        InputError: it is neither, or never due, or there is no such zone.
    """
    minute = 1 + hashlib.sha256(salt.encode()).digest()[0] % 59
    words = " ".join(text.lower().replace(" and ", ", ").split())
    for short, long in _SHORT.items():
        words = re.sub(rf"^{short}\b", long.format(minute=f"{minute:02d}"), words)
    cron = _every(words, minute) or _on_days(words, minute) or text.strip()
    found = Timetable(cron, timezone)
    _check(found, text)
    return found


def _every(words: str, minute: int) -> str:
    """`every 6 hours` as cron; "" when the words say something else."""
    match = _EVERY.match(words)
    if not match:
        return ""
    count, unit = int(match["count"] or 1), match["unit"]
    if not 0 < count < _WHOLE[unit] or _WHOLE[unit] % count:
        problem = f"{words!r}: the number must divide the {_WHOLE[unit]} {unit}s evenly; {_HELP}"
        raise InputError(problem)
    if unit == "minute":
        return f"{minute % count}-59/{count} * * * *" if count > 1 else "* * * * *"
    return f"{minute} */{count} * * *" if count > 1 else f"{minute} * * * *"


def _on_days(words: str, minute: int) -> str:
    """`every monday, thursday at 18:20` as cron; "" when the words say something else."""
    match = _ON.match(words)
    names = [name.removesuffix("s") for name in match["days"].split(", ")] if match else []
    if not match or not set(names) <= set(_DAYS):
        return ""
    days = ",".join(_DAYS[name] for name in names)
    if match["hour"] is None:
        return f"{minute} {_HOUR} * * {days}"
    return f"{int(match['minute'] or 0)} {int(match['hour'])} * * {days}"


def _check(found: Timetable, text: str) -> None:
    try:
        ZoneInfo(found.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        problem = f"--timezone {found.timezone!r}: no time zone such as Europe/Amsterdam or UTC"
        raise InputError(problem) from error
    try:
        found.after(datetime(2026, 1, 5, tzinfo=UTC), 2)
        is_cron = len(found.cron.split()) == _FIELD_COUNT  # six would count seconds
    except (CronSimError, RuntimeError):
        is_cron = False
    if not is_cron:
        problem = f"{text!r} names no time to run; {_HELP}"
        raise InputError(problem)
