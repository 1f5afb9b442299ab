"""Announcements and answers of several channels, beside the definitions in plain Python."""

import random
from datetime import UTC, datetime, timedelta
from itertools import combinations
from math import log
from statistics import stdev

import pytest

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)
START = AS_OF - timedelta(weeks=13)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: Posts crowd around the ends of the window and two moments within it.
EDGES = (START, START + 30 * DAY, START + 60 * DAY, AS_OF)
#: With the posts' own identifiers.
ANNOUNCEMENTS = """
    select
        posts.activity_id,
        announcements.*,
    from rollups.announcements
    join raw.activities as posts on announcements.act_key = hash(posts.activity_id)
"""
ORGANIZATIONS = [f"org-{number}" for number in range(8)]


@pytest.fixture(scope="module")
def announced(new_world):
    """Organizations that say few things in three channels, many of them twice: posts by name."""
    with new_world() as world:
        chance = random.Random(7)
        posts = {name: written(world, chance, name) for name in ORGANIZATIONS}
        world.load(*(page for name in ORGANIZATIONS for page in pages(world, posts[name])))
        world.build(AS_OF + 2 * DAY)
        yield world, posts


@pytest.mark.parametrize("code", ["campaign_sync_share", "verbatim_duplicate_share"])
def test_announcements_are_counted_as_their_definition_says(announced, code):
    world, posts = announced
    rows = world.rows("from signals.measurements where signal_code = $code", code=code)
    found = {row.organization_id: (row.numerator, row.denominator) for row in rows}
    assert found == {name: counted(world, posts[name], code) for name in ORGANIZATIONS}


def test_the_definitions_meet_joint_split_copied_and_early_announcements(announced):
    world, posts = announced
    groups = [group for name in ORGANIZATIONS for group in announcements(world, posts[name])[0]]
    assert {is_joint(group) for group in groups} == {True, False}
    assert {is_verbatim(group) for group in groups} == {True, False}
    assert any(post["is_copy"] for group in groups for post in group)
    assert any(not is_begun(group) for group in groups)
    assert any(max(post["at"] for post in group) >= AS_OF and is_begun(group) for group in groups)


def test_the_spread_of_reply_rates_is_the_standard_deviation_of_their_logits(world):
    answered = {"a": 3, "b": 17, "c": 11, "d": 20}
    for name, order in (("acme", 1), ("backwards", -1)):
        world.organization(name, *(f"forum-{name}-{channel}" for channel in answered))
        for channel, count in list(answered.items())[::order]:
            world.load(conversation(world, f"forum-{name}-{channel}", count))
    found = world.measure(AS_OF)["reply_rate_sd"]
    logits = [log((count + 0.5) / (20 - count + 0.5)) for count in answered.values()]
    assert found.value == pytest.approx(stdev(logits), rel=1e-12)
    assert found.n == 4
    other = "from signals.measurements where signal_code = 'reply_rate_sd' and value = $value"
    assert len(world.rows(other, value=found.value)) == 2


def written(world, chance, name):
    """Posts of an organization: their time, channel, source and words."""
    channels = {f"news-{name}": "feeds", f"blog-{name}": "feeds", f"forum-{name}": "forum"}
    world.organization(name, *channels)
    return [
        {
            "channel": channel,
            "source": source,
            "at": chance.choice(EDGES) + chance.randint(-6, 6) * 6 * HOUR,
            "words": f"{name} says {chance.randint(1, 40)}",
        }
        for channel, source in channels.items()
        for _ in range(chance.randint(4, 40))
    ]


def pages(world, posts):
    """One page a channel, with all its posts."""
    for channel in dict.fromkeys(post["channel"] for post in posts):
        own = [post for post in posts if post["channel"] == channel]
        for post in own:
            post["entry"] = world.entry(
                post["at"], content_fingerprint=post["words"], text_length=80
            )
        entries = [post["entry"] for post in own]
        yield world.page(channel, AS_OF + 2 * DAY, entries, listed_from=START - 9 * DAY)


def announcements(world, posts):
    """Linked posts by announcement, and those that stand alone."""
    links = {row.activity_id: row for row in world.rows(ANNOUNCEMENTS)}
    groups, alone = {}, []
    for post in posts:
        link = links.get(post["entry"]["activity_id"])
        if link is None:
            alone.append(post)
        else:
            post["is_copy"] = link.link_reason == "same_document"
            groups.setdefault(link.announcement_key, []).append(post)
    return list(groups.values()), alone


def counted(world, posts, code):
    """Numerator and denominator by the definition."""
    fits = {"campaign_sync_share": is_joint, "verbatim_duplicate_share": is_verbatim}[code]
    groups, alone = announcements(world, posts)
    begun = [group for group in groups if is_begun(group)]
    single = [post for post in alone if START <= post["at"] < AS_OF]
    return sum(map(fits, begun)), len(begun) + len(single)


def is_begun(group):
    return START <= min(post["at"] for post in group) < AS_OF


def is_joint(group):
    return any(abs(one["at"] - other["at"]) <= DAY for one, other in voices(group))


def is_verbatim(group):
    return any(
        one["words"] == other["words"] and one["source"] != other["source"]
        for one, other in voices(group)
    )


def voices(group):
    """Pairs of posts of an announcement that are not one document, read twice."""
    pairs = combinations(group, 2)
    return [(one, other) for one, other in pairs if not (one["is_copy"] and other["is_copy"])]


def conversation(world, channel, answered):
    """Twenty questions of which so many are answered after an hour."""
    asked_at = AS_OF - 20 * DAY
    said, threads = [], []
    for number in range(20):
        thread = f"{channel}-{number}"
        said.append(world.said(thread, asked_at, thread=thread))
        threads.append(
            {"thread_id": thread, "reply_count": 1, "shown_count": 1, "withheld_count": 0}
        )
        if number < answered:
            reply = world.said(
                f"{thread}-answer", asked_at + HOUR, by="organization", parent=thread, thread=thread
            )
            said.append(reply)
    return world.talked(channel, AS_OF, *said, threads=threads, listed_from=START)
