"""Loading: every batch once, all or nothing, and what a later page may change."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.landing import landed
from warehouse.load import _frugal, _load, load_landed, loaded_files

AT = datetime(2026, 10, 5, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_same_batch_twice_changes_nothing(world):
    world.organization("acme", "news")
    page = world.page("news", AT, [world.entry(AT - DAY), world.entry(AT)])
    first = world.load(page, file_id="run-0")
    before = world.contents()
    second = world.load(page, file_id="run-0")
    assert (first.is_new, first.added_activity_count) == (True, 2)
    assert (second.is_new, second.added_activity_count) == (False, 0)
    assert world.contents() == before
    assert loaded_files(world.connection) == {"run-0"}


def test_a_loaded_batch_leaves_the_landing_folder(world):
    world.organization("acme", "news")
    world.load(world.page("news", AT, [world.entry(AT)]))
    assert list(world.landing.iterdir()) == []


@pytest.mark.parametrize("table", ["attempts", "activities", "listings", "presences", "cursors"])
def test_a_batch_with_one_broken_file_goes_in_not_at_all_and_whole_once_it_is_mended(world, table):
    world.organization("acme", "news")
    world.read("news", AT - DAY, world.entry(AT - DAY))
    before = world.contents()
    page = world.page("news", AT, [world.entry(AT)]) | {"presences": [presence("news", AT)]}
    folder = world.land(page, file_id="run-1")
    broken = folder / f"{table}.parquet"
    content = broken.read_bytes()
    broken.write_bytes(content[: len(content) // 2])

    with pytest.raises(duckdb.Error):
        load_landed(world.connection, folder, "run")
    assert world.contents() == before
    assert folder.exists()

    broken.write_bytes(content)
    loaded = load_landed(world.connection, folder, "run")
    assert (loaded.is_new, loaded.added_activity_count) == (True, 1)
    after = world.contents()
    for each in ("attempts", "activities", "listings", "landed_files"):
        assert len(after[each]) == len(before[each]) + 1
    assert len(after["presences"]) == 1


def test_a_batch_too_large_for_little_memory_goes_in_with_more_and_once(world, monkeypatch):
    world.organization("acme", "news")
    page = world.page("news", AT, [world.entry(AT - DAY * n / 1000) for n in range(5000)])
    folder = world.land(page, file_id="run-1")
    limit = "select current_setting('memory_limit')"
    before = world.connection.execute(limit).fetchall()
    monkeypatch.setattr("warehouse.load._LOADING_MEMORY", "4MB")
    with pytest.raises(duckdb.OutOfMemoryException), _frugal(world.connection):
        _load(world.connection, folder, "run")
    assert load_landed(world.connection, folder, "run").added_activity_count == 5000
    assert world.connection.execute(limit).fetchall() == before


def test_a_batch_that_went_in_before_the_process_died_is_only_cleared_away(world):
    world.organization("acme", "news")
    page = world.page("news", AT, [world.entry(AT)])
    world.load(page, file_id="run-0")
    before = world.contents()
    folder = world.land(page, file_id="run-0")  # as if the folder had never been removed
    assert not load_landed(world.connection, folder, "run").is_new
    assert not folder.exists()
    assert world.contents() == before


def test_a_batch_that_was_being_written_when_the_process_died_is_no_batch(world):
    world.organization("acme", "news")
    world.land(world.page("news", AT, [world.entry(AT)]), file_id="run-1")
    world.land(world.page("news", AT - DAY, [world.entry(AT)]), file_id="run-0")
    half = world.landing / ".run-2.unfinished"
    half.mkdir()
    (half / "activities.parquet").write_bytes(b"PAR1")
    assert [folder.name for folder in landed(world.landing)] == ["run-0", "run-1"]
    assert not half.exists()


def test_the_last_page_decides_what_an_activity_is_like(world):
    first = world_of_two_pages(world, {"like_count": 3}, {"like_count": 8, "text_length": 90})
    assert (first.like_count, first.text_length) == (8, 90)
    assert (first.page_id, first.last_page_id) == ("page-2", "page-4")
    assert first.first_seen_at == naive(AT)
    assert first.last_listed_at == naive(AT + DAY)


def test_a_count_that_the_platform_stops_showing_is_kept(world):
    assert world_of_two_pages(world, {"like_count": 3}, {}).like_count == 3


def test_a_changed_text_counts_as_an_edit(world):
    edited = world_of_two_pages(world, {}, {"content_fingerprint": "second"})
    assert (edited.edit_count, edited.content_fingerprint) == (1, "second")


def test_an_unchanged_text_is_no_edit(world):
    assert world_of_two_pages(world, {}, {}).edit_count == 0


def test_a_rewritten_publication_date_moves_nothing(world):
    rewritten = AT + timedelta(hours=20)
    change = {"occurred_at": rewritten, "published_at": rewritten}
    activity = world_of_two_pages(world, {}, change)
    assert activity.occurred_at == naive(AT - DAY)
    assert activity.published_at == naive(rewritten)
    assert activity.date_flag == "rewritten"


def test_a_date_once_rewritten_stays_marked(world):
    world.organization("acme", "news")
    first = world.entry(AT - DAY)
    second = first | {"occurred_at": AT, "published_at": AT}
    for number, entry in enumerate((first, second, second)):
        world.read("news", AT + number * DAY, entry)
    (activity,) = activities(world)
    assert (activity.date_flag, activity.occurred_at) == ("rewritten", naive(AT - DAY))


def test_a_flagged_date_is_replaced_by_the_first_that_can_be_trusted(world):
    change = {"occurred_at": AT, "published_at": AT, "date_flag": "", "time_precision": "day"}
    flagged = {"occurred_at": None, "published_at": AT + 9 * DAY, "date_flag": "future"}
    activity = world_of_two_pages(world, flagged, change)
    assert (activity.occurred_at, activity.date_flag) == (naive(AT), "")
    assert activity.time_precision == "day"


def test_an_entry_that_leaves_the_feed_stays(world):
    world.organization("acme", "news")
    gone, kept = world.entry(AT - DAY), world.entry(AT)
    world.read("news", AT, gone, kept)
    world.read("news", AT + DAY, kept)
    before, after = activities(world)
    assert (before.activity_id, before.last_listed_at) == (gone["activity_id"], naive(AT))
    assert (after.activity_id, after.last_listed_at) == (kept["activity_id"], naive(AT + DAY))


def test_an_entry_under_a_new_identifier_is_the_same_activity(world):
    world.organization("acme", "news")
    told = {"content_fingerprint": "words", "text_length": 5}
    first = world.entry(AT - DAY, **told)
    world.read("news", AT, first)
    for days in (1, 2):  # and again another one the day after
        world.read("news", AT + days * DAY, world.entry(AT - DAY, **told))
    (row,) = world.rows("from raw.activities")
    assert row.activity_id == first["activity_id"]
    assert row.page_id != row.last_page_id
    assert row.last_listed_at == (AT + 2 * DAY).replace(tzinfo=None)


@pytest.mark.parametrize(
    "difference",
    [{"content_fingerprint": "other"}, {"published_at": AT}, {"text_length": 6}],
    ids=lambda difference: next(iter(difference)),
)
def test_an_entry_that_differs_in_more_than_its_identifier_is_another(world, difference):
    world.organization("acme", "news")
    told = {"content_fingerprint": "words", "text_length": 5}
    world.read("news", AT, world.entry(AT - DAY, **told))
    world.read("news", AT + DAY, world.entry(AT - DAY, **(told | difference)))
    assert len(world.rows("from raw.activities")) == 2


def test_an_entry_that_is_said_again_beside_the_first_or_after_it_left_is_another(world):
    world.organization("acme", "news", "blog")
    told = {"content_fingerprint": "words", "text_length": 5}
    first, other = world.entry(AT - DAY, **told), world.entry(AT - DAY, **told)
    world.read("news", AT, first)
    world.read("blog", AT, world.entry(AT - DAY, **told))  # another channel
    world.read("news", AT + DAY, first, other)  # beside it
    world.read("news", AT + 2 * DAY, world.entry(AT))
    world.read("news", AT + 3 * DAY, world.entry(AT - DAY, **told))  # long gone
    assert len(world.rows("from raw.activities where channel_id = 'news'")) == 4


def test_of_two_equal_entries_each_keeps_its_own_new_name(world):
    world.organization("acme", "news")
    told = {"content_fingerprint": "words", "text_length": 5}
    world.read("news", AT, world.entry(AT - DAY, **told))
    twice = [world.entry(AT - DAY, **told) for _ in range(2)]
    world.read("news", AT + DAY, *twice)
    assert len(world.rows("from raw.activities")) == 2


def test_the_cursor_moves_with_the_rows(world):
    world.organization("acme", "news")
    world.read("news", AT, world.entry(AT))
    world.read("news", AT + DAY, outcome="server_error")
    (cursor,) = world.rows("from raw.cursors")
    assert (cursor.last_attempt_at, cursor.last_outcome) == (naive(AT + DAY), "server_error")
    assert len(world.rows("from raw.attempts")) == 2


SHARED = tuple(f"activity-{number}" for number in range(4))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    batches=st.lists(
        st.lists(st.sampled_from(SHARED), unique=True, max_size=4), min_size=1, max_size=3
    ),
    data=st.data(),
)
def test_no_order_and_no_repetition_of_batches_doubles_anything(new_world, batches, data):
    """Whatever is loaded again, and in which order: each activity and attempt is in once."""
    numbers = st.integers(0, len(batches) - 1)
    order = data.draw(st.lists(numbers, min_size=1, max_size=6))
    with new_world() as world:
        world.organization("acme", "news")
        pages = [
            world.page("news", AT + n * DAY, [world.entry(AT, activity_id=name) for name in names])
            for n, names in enumerate(batches)
        ]
        for number in order:
            world.load(pages[number], file_id=f"run-{number}")
        loaded = {name for number in order for name in batches[number]}
        assert sorted(row.activity_id for row in activities(world)) == sorted(loaded)
        assert len(world.rows("from raw.attempts")) == len(set(order))
        assert len(world.rows("from raw.listings")) == len(set(order))
        assert len(world.rows("from raw.cursors")) == 1


def world_of_two_pages(world, first, second):
    """The activity that one entry became, listed on two days with these particulars."""
    world.organization("acme", "news")
    entry = world.entry(AT - DAY)
    world.read("news", AT, entry | first)
    world.read("news", AT + DAY, entry | second)
    (activity,) = activities(world)
    return activity


def activities(world):
    return world.rows("from raw.activities order by activity_id")


def presence(channel, at):
    return {
        "channel_id": channel,
        "organization_id": "acme",
        "observed_at": at,
        "page_id": "page",
        "follower_count": 12,
    }


def naive(moment):
    return moment.replace(tzinfo=None)
