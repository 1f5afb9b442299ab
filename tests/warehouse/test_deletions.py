"""What a source deletes goes from the warehouse, and comes back only when it is listed again."""

from datetime import UTC, datetime, timedelta

import pytest

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)
FIRST, SECOND, THIRD = (AS_OF - timedelta(days=days) for days in (3, 2, 1))
POSTED = [AS_OF - timedelta(days=10 + number) for number in range(4)]


@pytest.fixture
def forum(world):
    world.organization("acme", "forum", "forum-two")
    posts = [post(world, number) for number in range(4)]
    world.talk("forum", FIRST, *posts)
    return world


def post(world, number, **changes):
    return world.entry(POSTED[number], activity_id=f"p{number}", listed_in="posts", **changes)


def span(newest, oldest, **changes):
    extent = {"listed_in": "posts", "from_at": POSTED[oldest], "to_at": POSTED[newest]}
    return {"thread_id": "", "exempt_id": "", **extent, **changes}


def known(world):
    return {row.activity_id for row in world.rows("from raw.activities")}


def test_what_a_complete_span_lacks_has_been_deleted(forum):
    forum.talk("forum", SECOND, post(forum, 0), post(forum, 2), extents=[span(0, 2)])
    assert known(forum) == {"p0", "p2", "p3"}
    (deletion,) = forum.rows("from raw.deletions")
    assert (deletion.activity_id, deletion.reason) == ("p1", "absent")


def test_what_lies_outside_the_span_stays(forum):
    forum.talk("forum", SECOND, post(forum, 1), post(forum, 2), extents=[span(1, 2)])
    assert known(forum) == {"p0", "p1", "p2", "p3"}


def test_another_list_and_another_channel_stay(forum):
    other = forum.entry(POSTED[1], activity_id="c", listed_in="comments")
    elsewhere = forum.entry(POSTED[1], activity_id="e", listed_in="posts")
    forum.talk("forum", FIRST, other)
    forum.talk("forum-two", FIRST, elsewhere)
    forum.talk("forum", SECOND, post(forum, 0), post(forum, 3), extents=[span(0, 3)])
    assert known(forum) == {"p0", "p3", "c", "e"}


def test_a_page_without_a_claim_of_completeness_deletes_nothing(forum):
    forum.talk("forum", SECOND, post(forum, 0), post(forum, 3))
    assert known(forum) == {"p0", "p1", "p2", "p3"}


def test_a_tombstone_deletes(forum):
    forum.talk("forum", SECOND, deletions=[{"activity_id": "p2"}])
    assert known(forum) == {"p0", "p1", "p3"}


def test_a_whole_thread_deletes_what_it_lacks_but_not_the_act_it_hangs_on(forum):
    said = [forum.said(name, POSTED[0]) for name in ("root", "kept", "gone")]
    forum.talk("forum", FIRST, *said)
    thread = {
        "thread_id": "t",
        "exempt_id": "root",
        "listed_in": "",
        "from_at": None,
        "to_at": None,
    }
    forum.talk("forum", SECOND, forum.said("kept", POSTED[0]), extents=[thread])
    assert known(forum) == {"p0", "p1", "p2", "p3", "root", "kept"}


def test_what_is_listed_again_later_is_back(forum):
    forum.talk("forum", SECOND, deletions=[{"activity_id": "p2"}])
    forum.talk("forum", THIRD, post(forum, 2))
    assert "p2" in known(forum)


def test_what_is_counted_follows(forum):
    forum.see("forum", AS_OF - timedelta(weeks=20), AS_OF - timedelta(days=30))
    forum.read("forum", THIRD, listed_from=AS_OF - timedelta(weeks=20), entry_count=1)
    before = forum.measure(AS_OF)["posts_per_week"].numerator
    forum.talk("forum", THIRD + timedelta(hours=1), deletions=[{"activity_id": "p2"}])
    assert forum.measure(AS_OF)["posts_per_week"].numerator == before - 1


def test_loading_the_same_page_twice_deletes_once(forum):
    page = forum.page("forum", SECOND, [post(forum, 0), post(forum, 3)])
    page["extents"] = [span(0, 3, page_id="x", channel_id="forum", observed_at=SECOND)]
    forum.load(page, file_id="same")
    forum.load(page, file_id="same")
    assert len(forum.rows("from raw.deletions")) == 2
