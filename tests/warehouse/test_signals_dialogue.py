"""Dialogue at its edges: what was not listed, looks that come too late, places of others.

The worked cases stand in tests/specifications/dialogue.toml and dialogue_more.toml.
"""

from datetime import UTC, datetime, timedelta

import pytest

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday: the window ends on 1 March
ASKED_AT = AS_OF - timedelta(days=30)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
COUNTS = {"like_count": 6, "reply_count": 3, "repost_count": 1}


@pytest.fixture(scope="module")
def measured(new_world):
    """The signals of four organizations by code; they share one build, for it costs most."""
    with new_world() as world:
        for name in ("unlisted", "followed", "guest", "talker"):
            world.organization(name, f"forum-{name}")
        world.connection.execute(
            "update raw.channels set role = 'community' where channel_id = 'forum-guest'"
        )
        world.load(unlisted(world), followed(world), guest(world), *talker(world))
        world.build(AS_OF)
        rows = world.rows("from signals.measurements")
        yield lambda name: {row.signal_code: row for row in rows if row.organization_id == name}


def unlisted(world):
    """Threads that were read of a channel that itself was not."""
    page = threads(world, "forum-unlisted", [question(world, f"u{n}", 1) for n in range(25)])
    del page["listings"]
    return page


def followed(world):
    """A post, and looks at the profile until the very moment of measuring."""
    page = world.page("forum-followed", AS_OF - DAY, [world.entry(ASKED_AT, **COUNTS)])
    looks = [(AS_OF - 9 * DAY, 100), (AS_OF - HOUR, 200), (AS_OF, 400)]
    page["presences"] = [
        page["attempts"][0] | {"observed_at": at, "follower_count": followers}
        for at, followers in looks
    ]
    return page


def guest(world):
    """A post in a community that is not the organization's."""
    return world.page("forum-guest", AS_OF - DAY, [world.entry(ASKED_AT, **COUNTS)])


def talker(world):
    """Replies to messages from 12 weeks before the window, from 14 before it, and unseen ones."""
    window = AS_OF - timedelta(weeks=13)
    for days, direction in ((-80, "among_others"), (-100, "among_others"), (-1, "to_organization")):
        said = [
            world.said(
                f"m{days}-{n}", window + days * DAY, thread=f"t{days}-{n}", direction=direction
            )
            for n in range(10)
        ]
        replies = [
            world.said(f"r{days}-{n}", window + DAY, by="staff", thread=f"t{days}-{n}", parent=one)
            for n, one in enumerate(entry["activity_id"] for entry in said)
        ]
        yield threads(world, "forum-talker", [[*pair] for pair in zip(said, replies, strict=True)])
    unseen = [
        world.said(f"x{n}", window + DAY, by="organization", thread="x", parent="elsewhere")
        for n in range(5)
    ]
    yield threads(world, "forum-talker", [unseen])


def question(world, name, hours):
    """A question and its answer after so many hours."""
    asked = world.said(name, ASKED_AT, thread=name)
    at = ASKED_AT + hours * HOUR
    return [asked, world.said(f"a{name}", at, by="organization", parent=name, thread=name)]


def threads(world, channel, conversations):
    """A page on which conversations are read whole."""
    view = {"reply_count": 1, "shown_count": 1, "is_truncated": False, "withheld_count": 0}
    views = [view | {"thread_id": entries[0]["thread_id"]} for entries in conversations]
    entries = [entry for conversation in conversations for entry in conversation]
    return world.talked(channel, AS_OF - HOUR, *entries, threads=views)


def test_conversations_of_a_channel_that_was_not_listed_make_no_rate(measured):
    # A thread can be read where its channel could not: what else was said nobody knows.
    found = measured("unlisted")
    rates = {code for code in found if "reply_rate_" in code} - {"reply_rate_sd"}
    assert len(rates) == 5
    for code in {*rates, "response_hours_median", "conversation_share", "deep_thread_share"}:
        signal = found[code]
        assert (signal.value, signal.missing_reason, signal.is_pooled) == (
            None,
            "unobserved",
            False,
        )


def test_a_look_at_followers_at_the_moment_of_measuring_comes_too_late(measured):
    assert measured("followed")["engagement_rate"].value == 10 / 200


def test_a_community_of_others_shows_replies_of_the_organization_and_not_its_reach(measured):
    found = measured("guest")
    assert found["likes_per_post"].missing_reason == "absent"
    assert (found["conversation_share"].numerator, found["conversation_share"].denominator) == (
        0,
        1,
    )


def test_what_was_answered_is_known_for_a_quarter_before_the_window(measured):
    found = measured("talker")
    assert found["conversation_share"].numerator == 35
    # Ten of 80 days before, ten of the day before; those of 100 days before are out of sight.
    share = found["proactive_reply_share"]
    assert (share.numerator, share.denominator, share.value) == (10, 20, 0.5)
