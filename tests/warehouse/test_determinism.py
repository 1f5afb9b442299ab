"""The same facts give the same measurements to the last bit, whatever the order and the threads."""

import random
from datetime import UTC, datetime, timedelta

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAMES = [f"org{number}" for number in range(6)]
#: Below twenty of most things, so that much is drawn towards peers, whose means are added up.
TALKS = {"org0": 14}


def test_neither_the_order_of_rows_nor_the_number_of_threads_changes_a_bit(new_world):
    with new_world() as world:
        enlist(world, NAMES)
        pages = list(pages_of(world))
        first = measured(world, pages, ["set threads = 1"])
    with new_world() as world:
        dice = random.Random(2)
        enlist(world, shuffled(dice, NAMES))
        for page in pages:
            page["activities"] = shuffled(dice, page["activities"])
        settings = ["set threads = 2", "pragma verify_parallelism"]
        second = measured(world, shuffled(dice, pages), settings)
    assert len(first) > 20 * len(NAMES)
    assert sum("is_pooled=True" in row for row in first) > 3
    assert sum("missing_reason=''" in row for row in first) > 15 * len(NAMES)
    assert first == second


def enlist(world, names):
    for name in names:
        world.organization(name, *channels_of(name), timezone="Europe/Amsterdam")


def measured(world, pages, settings):
    """All measurements as text, numbers with all their digits."""
    world.load(*pages)
    for setting in ("set variable blurring_secret = 'secret'", *settings):
        world.connection.execute(setting)
    with world.built(AS_OF, AS_OF + DAY):  # a build of the present would set the threads anew
        query = "from signals.measurements order by organization_id, signal_code"
        return [repr(row) for row in world.rows(query)]


def channels_of(name):
    return f"forum-{name}", f"news-{name}"


def pages_of(world):
    """Half a year of posts, talks and looks at profiles, by chance but always the same."""
    dice = random.Random(1)
    for name in NAMES:
        forum, news = channels_of(name)
        moments = [AS_OF - dice.uniform(0, 180) * DAY for _ in range(60)]
        posts = [world.entry(at, **counts(dice)) for at in moments]
        yield profiled(world.page(news, AS_OF, posts, listed_from=AS_OF - 371 * DAY), dice)
        yield profiled(
            world.page(forum, AS_OF, posts_of(world, dice), listed_from=AS_OF - 371 * DAY), dice
        )
        yield talks(world, dice, forum, [f"{name}-{n}" for n in range(TALKS.get(name, 70))])


def posts_of(world, dice):
    return [world.entry(AS_OF - dice.uniform(0, 90) * DAY, **counts(dice)) for _ in range(15)]


def counts(dice):
    return {name: dice.randrange(90) for name in ("like_count", "reply_count", "repost_count")}


def profiled(page, dice):
    looks = [
        {"observed_at": AS_OF - n * DAY, "follower_count": dice.randrange(1, 9999)} for n in (1, 9)
    ]
    page["presences"] = [page["attempts"][0] | look for look in looks]
    return page


def talks(world, dice, forum, names):
    """Conversations that one page shows."""
    view = {"reply_count": 1, "shown_count": 1, "is_truncated": False, "withheld_count": 0}
    entries = [entry for name in names for entry in talk(world, dice, name)]
    views = [view | {"thread_id": name} for name in names]
    return world.talked(forum, AS_OF, *entries, threads=views)


def talk(world, dice, thread):
    """A question, maybe answered by a peer, maybe by the organization, maybe with thanks."""
    at = AS_OF - dice.uniform(5, 170) * DAY
    keys = {who: f"person{dice.randrange(30)}" for who in ("asker", "peer")}
    yield world.said(thread, at, thread=thread, author_key=keys["asker"])
    for who, chance in (("peer", 0.4), ("organization", 0.7), ("asker", 0.5), ("staff", 0.3)):
        if dice.random() < chance:
            at += dice.expovariate(0.1) * HOUR
            by = "outsider" if who in keys else who
            said = {"by": by, "author_key": keys.get(who, ""), "is_question": False}
            yield world.said(f"{thread}-{who}", at, thread=thread, parent=thread, **said)


def shuffled(dice, rows):
    return dice.sample(rows, len(rows))
