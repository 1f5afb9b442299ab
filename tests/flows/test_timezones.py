"""The clock of an organization, and moments that are told by a calendar."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest

from flows.clock import naive, read_as_of
from flows.timezones import is_timezone, timezone_of


@pytest.mark.parametrize(
    ("country", "timezone"),
    [
        ("NL", "Europe/Amsterdam"),
        ("nl", "Europe/Amsterdam"),
        ("DE", "Europe/Berlin"),
        ("GB", "Europe/London"),
        ("JP", "Asia/Tokyo"),
        ("IN", "Asia/Kolkata"),
        ("AR", "America/Argentina/Buenos_Aires"),
    ],
)
def test_a_country_with_one_time_has_a_clock(country, timezone):
    assert timezone_of(country) == timezone


@pytest.mark.parametrize("country", ["US", "CA", "AU", "BR", "RU", "ES", "PT", "NZ"])
def test_a_country_with_several_times_has_none(country):
    assert timezone_of(country) == ""


@pytest.mark.parametrize("country", ["", "UK", "XX", "#", "Netherlands"])
def test_what_is_no_country_has_no_clock(country):
    assert timezone_of(country) == ""


def test_every_clock_of_a_country_exists():
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    zones = {timezone_of(first + second) for first in letters for second in letters} - {""}
    assert len(zones) > 200
    assert zones <= available_timezones()


@pytest.mark.parametrize("name", ["Europe/Amsterdam", "UTC", "America/New_York", "Etc/GMT+5"])
def test_a_zone_of_the_iana_database_is_one(name):
    assert is_timezone(name)


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "CEST", "+02:00", "Europe", "../zone", "/etc/passwd", "a\x00b"]
)
def test_anything_else_is_none(name):
    assert not is_timezone(name)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-02-28", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-12-31", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-02-28T12:30", datetime(2026, 2, 28, 12, 30, tzinfo=UTC)),
        ("2026-02-28T12:30:05Z", datetime(2026, 2, 28, 12, 30, 5, tzinfo=UTC)),
        ("2026-02-28T12:30+02:00", datetime(2026, 2, 28, 10, 30, tzinfo=UTC)),
    ],
)
def test_as_of_a_date_means_its_end_and_a_time_means_itself(text, moment):
    read = read_as_of(text)
    assert read == moment
    assert read.tzinfo is UTC


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "28/02/2026", "2026-02-28T25:00"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r"Invalid isoformat|hour must|day is out"):
        read_as_of(text)


def test_the_warehouse_is_told_utc_without_saying_so():
    summer = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert naive(summer) == datetime(2026, 7, 1, 10)  # noqa: DTZ001 - as the warehouse stores it
