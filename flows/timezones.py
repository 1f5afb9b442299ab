"""The clock of an organization, from its country where the country has just one."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def timezone_of(country: str) -> str:
    """IANA zone of an ISO 3166 country whose zones all show the same time; "" otherwise."""
    zones = _zones_by_country().get(country.upper(), ())
    clocks = {_offsets(zone) for zone in zones}
    return zones[0] if len(clocks) == 1 else ""


def is_timezone(name: str) -> bool:
    """Whether `name` is a zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@cache
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    text = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text("utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), zone)
    return found


def _offsets(zone: str) -> tuple[object, ...]:
    winter, summer = datetime(2026, 1, 15), datetime(2026, 7, 15)  # noqa: DTZ001 - wall clock
    return tuple(moment.replace(tzinfo=ZoneInfo(zone)).utcoffset() for moment in (winter, summer))
