"""When runs are due: words and cron expressions, in any time zone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import InputError
from flows.scheduling.timetable import read_timetable

MONDAY = datetime(2026, 11, 23, 3, 5, tzinfo=UTC)
SAID = {
    "every day at 07:30": "30 7 * * *",
    "daily at 7": "0 7 * * *",
    "nightly": "{minute} 2 * * *",
    "hourly": "{minute} * * * *",
    "Every 6 hours": "{minute} */6 * * *",
    "every minute": "* * * * *",
    "every weekday at 6:45": "45 6 * * 1-5",
    "weekdays at 18:00": "0 18 * * 1-5",
    "every monday and thursday at 18:20": "20 18 * * 1,4",
    "on sundays": "{minute} 6 * * 0",
    "17 */6 * * 1-5": "17 */6 * * 1-5",
}


@pytest.mark.parametrize(("words", "cron"), SAID.items())
def test_words_mean_a_cron_expression(words, cron):
    found = read_timetable(words, salt="here")
    minute = read_timetable("hourly", salt="here").cron.split()[0]
    assert found.cron == cron.format(minute=minute.zfill(2) if words == "nightly" else minute)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "sometimes",
        "every 7 hours",
        "every 0 minutes",
        "every 90 minutes",
        "daily at 25:00",
        "daily at 7:60",
        "every someday",
        "* * * *",
        "* * * * * *",
        "0 0 31 2 *",
        "61 * * * *",
    ],
)
def test_what_names_no_time_says_what_can_be_written(words):
    with pytest.raises(InputError, match="daily at 07:30"):
        read_timetable(words)


@pytest.mark.parametrize("zone", ["Amsterdam", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_named(zone):
    with pytest.raises(InputError, match="Europe/Amsterdam"):
        read_timetable("hourly", zone)


def test_times_are_those_of_the_zone():
    here = read_timetable("every monday at 7", "Europe/Amsterdam")
    assert here.after(MONDAY, 1) == [MONDAY.replace(hour=6, minute=0)]
    assert here.latest(MONDAY) == datetime(2026, 11, 16, 6, tzinfo=UTC)


def test_a_day_of_a_changed_clock_has_one_run():
    night = read_timetable("every day at 2:30", "Europe/Amsterdam")
    times = night.after(datetime(2026, 3, 27, 12, tzinfo=UTC), 4)
    assert [time.day for time in times] == [28, 29, 30, 31]


@given(st.text(max_size=40))
def test_projects_that_name_no_minute_avoid_the_full_hour(salt):
    assert 1 <= int(read_timetable("hourly", salt=salt).cron.split()[0]) <= 59


@given(
    words=st.sampled_from([*SAID, "every 15 minutes", "every 2 hours"]),
    zone=st.sampled_from(["UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata"]),
    minutes=st.integers(0, 400 * 24 * 60),
)
def test_times_follow_each_other_and_the_latest_is_past(words, zone, minutes):
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = read_timetable(words, zone)
    first, second = found.after(moment, 2)
    assert found.latest(moment) < moment < first < second
    assert found.latest(first) < first


def test_the_spacing_is_the_longest_of_a_week():
    assert read_timetable("every weekday at 7").spacing == timedelta(days=3)
    assert read_timetable("hourly").spacing == timedelta(hours=1)
