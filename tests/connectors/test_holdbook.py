"""A wish to be left alone is kept for every process and over restarts, and never shortened."""

import json
import logging
import subprocess
import sys
import timeit
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from connectors.fetching.holdbook import Hold, HoldBook
from connectors.fetching.lockfile import locked

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(params=["in memory", "in a folder"])
def book(request, tmp_path):
    return HoldBook(None if request.param == "in memory" else tmp_path / "holds", Clock())


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "holds"


def test_a_host_that_asked_for_nothing_is_not_held(book):
    book.hold("other.example", NOW + HOUR, "429")
    assert book.held("news.example") is None


def test_a_hold_says_who_until_when_and_why(book):
    book.hold("news.example", NOW + HOUR, "429, Retry-After 3600")
    assert book.held("news.example") == Hold("news.example", NOW + HOUR, "429, Retry-After 3600")


def test_a_hold_ends_at_its_time(book):
    book.hold("news.example", NOW + HOUR, "429")
    book._clock.now = NOW + HOUR - timedelta(microseconds=1)
    assert book.held("news.example")
    book._clock.now = NOW + HOUR
    assert book.held("news.example") is None
    assert book.current() == []


def test_a_hold_is_lengthened(book):
    book.hold("news.example", NOW + HOUR, "first")
    book.hold("news.example", NOW + DAY, "second")
    assert book.held("news.example") == Hold("news.example", NOW + DAY, "second")


def test_a_hold_is_never_shortened(book):
    book.hold("news.example", NOW + DAY, "first")
    book.hold("news.example", NOW + HOUR, "second")
    assert book.held("news.example") == Hold("news.example", NOW + DAY, "first")


def test_a_host_can_be_held_again_when_a_hold_is_over(book):
    book.hold("news.example", NOW + HOUR, "first")
    book._clock.now = NOW + DAY
    book.hold("news.example", NOW + DAY + HOUR, "second")
    assert book.held("news.example").reason == "second"


def test_a_wish_that_is_already_over_holds_nobody(book):
    book.hold("news.example", NOW, "now")
    book.hold("news.example", NOW - DAY, "yesterday")
    assert book.held("news.example") is None


def test_nobody_is_held_for_longer_than_31_days(book):
    book.hold("news.example", NOW + 1000 * DAY, "absurd")
    assert book.held("news.example").until == NOW + 31 * DAY


def test_a_time_of_another_zone_is_kept_as_utc(book):
    east = timezone(timedelta(hours=9))
    book.hold("news.example", (NOW + HOUR).astimezone(east), "429")
    assert book.held("news.example").until == NOW + HOUR
    assert book.held("news.example").until.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(book):
    with pytest.raises(TypeError):
        book.hold("news.example", (NOW + HOUR).replace(tzinfo=None), "429")


def test_one_bad_route_of_a_host_of_our_own_does_not_hold_the_others(book):
    book.hold("http://bridge.internal/a?x=1", NOW + HOUR, "503")
    assert book.held("http://bridge.internal/a?x=2") is None
    assert book.held("bridge.internal") is None
    assert book.held("http://bridge.internal/a?x=1")


def test_current_holds_are_listed_first_to_end_first(book):
    for host, hours in [("c.example", 3), ("a.example", 1), ("b.example", 2)]:
        book.hold(host, NOW + hours * HOUR, "429")
    book._clock.now = NOW + 1.5 * HOUR
    assert [hold.key for hold in book.current()] == ["b.example", "c.example"]


@pytest.mark.parametrize("key", ["münchen.example", "x" * 5000, "a/../../b", "\udcff", "[::1]"])
def test_any_key_can_be_held(book, key):
    book.hold(key, NOW + HOUR, "\udcff \N{SNOWMAN}")
    assert book.held(key).until == NOW + HOUR
    assert [hold.key for hold in book.current()] == [key]


def test_a_long_reason_is_cut_rather_than_lost(book):
    book.hold("news.example", NOW + HOUR, "very " * 100_000)
    assert book.held("news.example").reason.startswith("very very")


def test_holds_survive_a_restart(folder):
    HoldBook(folder, Clock()).hold("news.example", NOW + HOUR, "429")
    assert HoldBook(folder, Clock()).held("news.example").until == NOW + HOUR


def test_a_hold_of_one_book_is_seen_by_another_at_once(folder):
    mine, theirs = HoldBook(folder, Clock()), HoldBook(folder, Clock())
    assert theirs.held("news.example") is None
    mine.hold("news.example", NOW + HOUR, "first")
    assert theirs.held("news.example").reason == "first"
    theirs.hold("news.example", NOW + DAY, "second")
    assert mine.held("news.example").reason == "second"


def test_processes_that_hold_one_host_at_once_keep_the_longest_hold(folder):
    processes = [holding_process(folder, first_minute) for first_minute in (1, 2, 3)]
    for process in processes:
        process.communicate("go\n", timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert HoldBook(folder, Clock()).held("news.example").until == NOW + 300 * timedelta(minutes=1)


def test_the_file_of_a_hold_that_is_over_is_removed_when_it_is_met(folder):
    book = HoldBook(folder, Clock())
    book.hold("a.example", NOW + HOUR, "429")
    book.hold("b.example", NOW + HOUR, "429")
    book._clock.now = NOW + HOUR
    book.held("a.example")
    assert not hold_path(folder, "a.example").exists()
    assert hold_path(folder, "b.example").exists()
    book.current()
    assert not list(folder.glob("*.json"))


def test_a_file_that_was_written_anew_is_not_removed_as_the_old_one(folder):
    book = HoldBook(folder, Clock())
    book.hold("a.example", NOW + HOUR, "429")
    old = hold_path(folder, "a.example").read_bytes()
    book.hold("a.example", NOW + DAY, "429")
    book._remove(hold_path(folder, "a.example").name, old)
    assert book.held("a.example").until == NOW + DAY


def test_a_hold_from_a_clock_that_was_wrong_is_ignored_and_can_be_replaced(folder):
    HoldBook(folder, Clock(NOW + 365 * DAY)).hold("a.example", NOW + 366 * DAY, "429")
    book = HoldBook(folder, Clock())
    assert book.held("a.example") is None
    assert book.current() == []
    book.hold("a.example", NOW + HOUR, "503")
    assert book.held("a.example") == Hold("a.example", NOW + HOUR, "503")


def test_a_clock_that_is_wrong_for_a_while_loses_no_hold(folder):
    book = HoldBook(folder, Clock())
    book.hold("a.example", NOW + 30 * DAY, "429")
    book._clock.now = datetime(1970, 1, 1, tzinfo=UTC)
    assert book.held("a.example") is None
    book._clock.now = NOW
    assert book.held("a.example").until == NOW + 30 * DAY


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'"x"',
        b"null",
        b"[" * 60_000,
        b'{"key": "a.example"}',
        b'{"key": "a.example", "until": "soon", "reason": "x"}',
        b'{"key": "a.example", "until": 12, "reason": "x"}',
        b'{"key": "a.example", "until": "2026-11-22T00:00:00", "reason": "x"}',
        b'{"key": "a.example", "until": "0001-01-01T00:00:00+14:00", "reason": "x"}',
        b'{"key": "b.example", "until": "2026-11-22T00:00:00+00:00", "reason": "x"}',
        b'{"key": 7, "until": "2026-11-22T00:00:00+00:00", "reason": "x"}',
    ],
)
def test_a_damaged_file_is_reported_once_and_holds_nobody(folder, caplog, content):
    book = HoldBook(folder, Clock())
    book.hold("c.example", NOW + HOUR, "429")
    hold_path(folder, "a.example").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert [book.held("a.example") for _ in range(3)] == [None] * 3
        assert [hold.key for hold in book.current()] == ["c.example"]
    assert len(caplog.records) == 1
    assert str(hold_path(folder, "a.example")) in caplog.text


def test_a_damaged_file_is_mended_by_the_next_hold(folder, caplog):
    book = HoldBook(folder, Clock())
    hold_path(folder, "a.example").write_bytes(b"{")
    book.hold("a.example", NOW + HOUR, "429")
    assert book.held("a.example").until == NOW + HOUR
    assert len(caplog.records) == 1


def test_a_file_holds_what_an_operator_can_read(folder):
    HoldBook(folder, Clock()).hold("a.example", NOW + HOUR, "429")
    assert json.loads(hold_path(folder, "a.example").read_text()) == {
        "key": "a.example",
        "until": "2026-11-21T13:00:00+00:00",
        "reason": "429",
    }


def test_a_hold_that_cannot_be_written_still_holds_this_process(folder, caplog):
    book = HoldBook(folder, Clock())
    with locked(folder / "lock"):
        book.hold("a.example", NOW + HOUR, "429")
    assert book.held("a.example").until == NOW + HOUR
    assert [hold.key for hold in book.current()] == ["a.example"]
    assert "a.example is kept for this process alone" in caplog.text
    assert HoldBook(folder, Clock()).held("a.example") is None


def test_a_hold_that_cannot_be_read_is_not_taken_for_none(folder):
    book = HoldBook(folder, Clock())
    hold_path(folder, "a.example").mkdir()
    with pytest.raises(OSError, match="directory"):
        book.held("a.example")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"no holds can be kept in .*file/holds: Not a directory"):
        HoldBook(tmp_path / "file" / "holds", Clock())


def test_a_book_is_made_while_another_process_writes(folder):
    HoldBook(folder, Clock())
    with locked(folder / "lock"):
        assert HoldBook(folder, Clock()).current() == []


def test_a_host_without_a_hold_costs_next_to_nothing(folder):
    book = HoldBook(folder, Clock())
    seconds = min(timeit.repeat(lambda: book.held("news.example"), number=1000, repeat=5)) / 1000
    assert seconds < 50e-6  # 7 µs where this was written; the bound is for a busy machine


class Clock:
    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now


def hold_path(folder, key):
    return folder / f"{sha256(key.encode()).hexdigest()[:32]}.json"


HOLDING = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from connectors.fetching.holdbook import HoldBook

now = datetime.fromisoformat(sys.argv[2])
book = HoldBook(Path(sys.argv[1]), lambda: now)
sys.stdin.readline()
for minute in range(int(sys.argv[3]), 301, 3):
    book.hold("news.example", now + timedelta(minutes=minute), "429")
    assert book.held("news.example").until >= now + timedelta(minutes=minute)
"""


def holding_process(folder, first_minute):
    arguments = [str(folder), NOW.isoformat(), str(first_minute)]
    return subprocess.Popen(
        [sys.executable, "-c", HOLDING, *arguments], stdin=subprocess.PIPE, text=True
    )
