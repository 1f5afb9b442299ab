"""Who answered whom, and what of it may be counted."""

from datetime import UTC, datetime, timedelta

import pytest

from warehouse.conversations import gather_conversations

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
ASKED_AT = AS_OF - timedelta(days=20)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def forum(world):
    """An organization with one channel that shows dialogue."""
    world.organization("acme", "forum")
    return world


def whole(count, *, thread="t", **changes):
    """A view of a thread that shows all of it."""
    view = {"thread_id": thread, "reply_count": count, "shown_count": count}
    return {"is_truncated": False, "withheld_count": 0, **view, **changes}


def mentioned(count, *, thread="t"):
    """A list that mentions a thread and how many replies it has."""
    view = {"thread_id": thread, "reply_count": count, "shown_count": None}
    return {"is_truncated": False, "withheld_count": 0, **view}


def conversations(world, as_of=AS_OF):
    world.build(as_of)
    gather_conversations(world.connection)
    rows = world.rows("from all_conversations order by occurred_at, activity_id")
    return {row.activity_id: row for row in rows}


def test_a_reply_to_a_question_is_its_answer(forum):
    question = forum.said("q", ASKED_AT)
    answer = forum.said("a", ASKED_AT + 5 * HOUR, by="organization", parent="q")
    forum.talk("forum", AS_OF - DAY, question, answer, threads=[whole(2)])
    row = conversations(forum)["q"]
    assert (row.answer_state, row.answer_id, row.answered_by) == ("answered", "a", "organization")
    assert row.answered_at - row.occurred_at == 5 * HOUR


def test_the_first_of_several_answers_counts(forum):
    later = forum.said("late", ASKED_AT + 9 * HOUR, by="organization", parent="q")
    sooner = forum.said("soon", ASKED_AT + 3 * HOUR, by="staff", parent="q")
    forum.talk("forum", AS_OF, forum.said("q", ASKED_AT), later, sooner, threads=[whole(3)])
    assert conversations(forum)["q"].answer_id == "soon"


def test_in_a_tree_an_answer_to_somebody_else_is_none(forum):
    entries = [
        forum.said("q1", ASKED_AT),
        forum.said("q2", ASKED_AT + HOUR),
        forum.said("a", ASKED_AT + 2 * HOUR, by="organization", parent="q2"),
    ]
    forum.talk("forum", AS_OF, *entries, threads=[whole(3)])
    states = {name: row.answer_state for name, row in conversations(forum).items()}
    assert states == {"q1": "open", "q2": "answered"}


def test_in_a_list_whatever_the_organization_says_later_is_an_answer(forum):
    entries = [
        forum.said("q1", ASKED_AT),
        forum.said("a", ASKED_AT + HOUR, by="staff"),
        forum.said("q2", ASKED_AT + 2 * HOUR),
    ]
    forum.talk("forum", AS_OF, *[e | {"thread_shape": "list"} for e in entries], threads=[whole(3)])
    states = {name: row.answer_state for name, row in conversations(forum).items()}
    assert states == {"q1": "answered", "q2": "open"}


def test_in_a_truncated_thread_silence_is_unknown_and_an_answer_still_an_answer(forum):
    entries = [
        forum.said("q1", ASKED_AT),
        forum.said("q2", ASKED_AT + HOUR),
        forum.said("a", ASKED_AT + 2 * HOUR, by="organization", parent="q2"),
    ]
    forum.talk("forum", AS_OF, *entries, threads=[whole(9) | {"is_truncated": True}])
    rows = conversations(forum)
    assert {name: row.answer_state for name, row in rows.items()} == {
        "q1": "unseen",
        "q2": "answered",
    }
    assert {row.observed_until for row in rows.values()} == {None}


def test_a_thread_that_was_never_read_is_unseen(forum):
    forum.talk("forum", AS_OF, forum.said("q", ASKED_AT), threads=[mentioned(4)])
    assert conversations(forum)["q"].answer_state == "unseen"


def test_a_list_that_says_there_are_no_replies_has_read_them_all(forum):
    forum.talk("forum", AS_OF - DAY, forum.said("q", ASKED_AT), threads=[mentioned(0)])
    row = conversations(forum)["q"]
    assert (row.answer_state, row.observed_until) == ("open", naive(AS_OF - DAY))


def test_a_list_with_the_same_number_of_replies_confirms_the_thread(forum):
    forum.talk("forum", AS_OF - 5 * DAY, forum.said("q", ASKED_AT), threads=[whole(1)])
    forum.talk("forum", AS_OF - DAY, threads=[mentioned(1)])
    assert conversations(forum)["q"].observed_until == naive(AS_OF - DAY)


def test_a_list_with_more_replies_does_not(forum):
    forum.talk("forum", AS_OF - 5 * DAY, forum.said("q", ASKED_AT), threads=[whole(1)])
    forum.talk("forum", AS_OF - DAY, threads=[mentioned(2)])
    assert conversations(forum)["q"].observed_until == naive(AS_OF - 5 * DAY)


def test_a_304_of_the_list_confirms_what_it_mentioned(forum):
    forum.talk("forum", AS_OF - 5 * DAY, forum.said("q", ASKED_AT), threads=[whole(1)])
    forum.read("forum", AS_OF - 2 * DAY, outcome="not_modified")
    assert conversations(forum)["q"].observed_until == naive(AS_OF - 2 * DAY)


def test_what_is_said_after_as_of_is_not_known_then(forum):
    answer = forum.said("a", ASKED_AT + 5 * DAY, by="organization", parent="q")
    forum.talk("forum", AS_OF, forum.said("q", ASKED_AT), answer, threads=[whole(1)])
    row = conversations(forum, as_of=ASKED_AT + DAY)["q"]
    assert (row.answer_state, row.observed_until) == ("open", naive(ASKED_AT + DAY))


def test_nothing_is_derived_from_a_source_whose_terms_forbid_it(world):
    world.organization("acme", "videos")
    world.talk("videos", AS_OF, world.said("q", ASKED_AT), threads=[whole(0)])
    world.read("videos", AS_OF, world.entry(ASKED_AT))
    assert conversations(world) == {}
    assert world.rows("from staging.posts") == []
    assert world.rows("from raw.activities") != []


def naive(moment):
    return moment.replace(tzinfo=None)
