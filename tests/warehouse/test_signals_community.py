"""Who takes part: what a change of keys, the limits of what was seen, and ties do to the numbers.

The worked cases stand in tests/specifications/community.toml.
"""

from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from warehouse.register import register_key_periods

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday: 26 weeks from 1 September, 13 from 1 December
MODEL = resources.files("warehouse") / "models" / "signals" / "community.sql"
FIRST_KEY = datetime(2020, 1, 1, tzinfo=UTC)
PERSONS = ("participants_per_1000_followers", "top_decile_share", "returning_participant_share")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def forum(new_world):
    """25 persons ask on 2 October and again on 2 February; each first question has an answer."""
    with new_world() as world:
        world.organization("acme", "forum")
        world.load(*pages(world))
        world.build(AS_OF)
        yield world


def pages(world):
    seen = world.page("forum", AS_OF - DAY, [world.entry()], listed_from=AS_OF - 300 * DAY)
    seen["presences"] = [seen["attempts"][0] | {"follower_count": 5000}]
    yield seen
    early, late = (datetime(2025, 10, 2, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC))
    for number in range(25):
        thread = f"q{number}"
        yield asked(
            world,
            thread,
            world.said(thread, early, thread=thread, author_key=thread, is_question=True),
            world.said(f"a{number}", early + DAY, thread=thread, parent=thread, author_key="peer"),
            world.said(f"later{number}", late, thread=thread, author_key=thread),
        )


def asked(world, thread, *entries):
    view = {"thread_id": thread, "reply_count": 2, "shown_count": 2, "is_truncated": False}
    return world.talked("forum", AS_OF, *entries, threads=[view | {"withheld_count": 0}])


def community(world, *changes, source="forum"):
    """Missing reasons by signal, when the keys of a source changed at these moments."""
    register_key_periods(world.connection, [(source, FIRST_KEY), *((source, at) for at in changes)])
    rows = world.rows(f"select * from ({MODEL.read_text('utf-8')}) where organization_id = 'acme'")
    return {row.signal_code: row for row in rows}


def reasons(found):
    return [found[code].missing_reason for code in PERSONS]


def test_the_first_key_covers_all_that_is_older(forum):
    found = community(forum)
    assert reasons(found) == ["", "", ""]
    assert found["returning_participant_share"].numerator == 25
    assert found["participants_per_1000_followers"].value == 5


def test_when_a_key_changes_after_somebody_spoke_nobody_can_be_known_again(forum):
    found = community(forum, datetime(2026, 2, 10, tzinfo=UTC))
    assert reasons(found) == ["unobserved"] * 3
    assert {(found[code].value, found[code].numerator, found[code].n) for code in PERSONS} == {
        (None, None, 0)
    }
    assert found["peer_answer_share"].value == 1  # within a thread people stay the same


def test_a_change_in_the_first_half_leaves_the_last_13_weeks_alone(forum):
    found = community(forum, datetime(2025, 11, 20, tzinfo=UTC))
    assert reasons(found) == ["", "unobserved", "unobserved"]


def test_a_change_before_anybody_spoke_changes_nobody(forum):
    assert reasons(community(forum, datetime(2025, 9, 20, tzinfo=UTC))) == ["", "", ""]


def test_the_last_days_may_have_been_read_with_the_key_of_the_next_week(forum):
    assert reasons(community(forum, AS_OF + 6 * DAY)) == ["unobserved"] * 3
    assert reasons(community(forum, AS_OF + 7 * DAY)) == ["", "", ""]


def test_the_keys_of_other_sources_do_not_matter(forum):
    found = community(forum, datetime(2026, 2, 10, tzinfo=UTC), source="videos")
    assert reasons(found) == ["", "", ""]


def test_nobody_is_a_follower_of_an_empty_channel(world):
    world.organization("acme", "forum")
    world.load(*pages(world))
    world.connection.execute("update raw.presences set follower_count = 0")
    found = world.measure(AS_OF)["participants_per_1000_followers"]
    assert (found.value, found.missing_reason, found.numerator, found.denominator) == (
        None,
        "undefined",
        25,
        0,
    )
