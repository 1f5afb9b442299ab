"""What was known when: past measurements come out again, whatever has been learned since."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from warehouse.build import build, set_variables
from warehouse.facts import OF_ALL_TIME, RECENT, forget_facts
from warehouse.register import register_organizations
from warehouse.verifying import recorded_clocks, verify

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def acme(world):
    """An organization with a feed that posted twice a week, and a forum."""
    set_variables(world.connection, {"blurring_secret": "s3cret"})
    world.organization("acme", "news", "forum")
    return world


def posts(world, weeks=30, **changes):
    return [
        world.entry(AS_OF - week * WEEK + day * DAY, activity_id=f"p{week}-{day}", **changes)
        for week in range(1, weeks)
        for day in (1, 3)
    ]


def question(world, number, *, hours=None, author="", at=None):
    """A question and, after so many hours, its answer."""
    name, at = f"q{number}", at or AS_OF - 40 * DAY + number * HOUR
    asked = world.said(name, at, thread=name, author_key=author or f"person{number % 7}")
    if hours is None:
        return [asked]
    by = {"by": "organization", "parent": name, "thread": name}
    return [asked, world.said(f"a{name}", at + hours * HOUR, **by)]


def views(*entries):
    threads = {entry["thread_id"] for entry in entries}
    fixed = {"is_truncated": False, "withheld_count": 0}
    return [
        {"thread_id": name, "reply_count": 1, "shown_count": 1, **fixed} for name in sorted(threads)
    ]


def talk(world, at, *entries, **page):
    world.talk("forum", at, *entries, threads=views(*entries), **page)


def build_at(world, known_at, as_of=AS_OF):
    build(world.connection, world.clock(as_of, known_at))


def problems(world):
    """Of every build: what comes out otherwise today."""
    clocks = recorded_clocks(world.connection, every=True)
    assert clocks
    return [row for clock in clocks for row in verify(world.connection, clock).differences]


def values(world, known_at, *codes):
    clock = world.clock(AS_OF, known_at)
    verified = verify(world.connection, clock)
    assert verified.differences == []
    found = world.measure(AS_OF, known_at)
    return [found[code].value for code in codes]


def test_a_late_arrival_changes_the_number_and_not_what_was_known_before(acme):
    acme.read("news", AS_OF, *posts(acme))
    build_at(acme, AS_OF + HOUR)
    late = acme.entry(AS_OF - 2 * DAY, activity_id="late")
    acme.read("news", AS_OF + DAY, *posts(acme), late)
    build_at(acme, AS_OF + 2 * DAY)
    before, after = (
        acme.measure(AS_OF, AS_OF + hours * HOUR)["posts_per_week"] for hours in (2, 50)
    )
    assert (before.numerator, after.numerator) == (26, 27)
    former = acme.rows("from signals.former_measurements where signal_code = 'posts_per_week'")
    assert [row.numerator for row in former] == [26]
    assert former[0].known_until == (AS_OF + 2 * DAY).replace(tzinfo=None)
    assert problems(acme) == []


def test_an_edit_a_moved_date_and_new_counters_leave_the_past_as_it_was(acme):
    acme.read("news", AS_OF, *posts(acme, like_count=3))
    build_at(acme, AS_OF + HOUR)
    changed = posts(acme, like_count=9, content_fingerprint="second", kind="repost")
    acme.read("news", AS_OF + DAY, *changed)
    build_at(acme, AS_OF + 2 * DAY)
    before, after = (acme.measure(AS_OF, AS_OF + hours * HOUR) for hours in (2, 50))
    assert before["posts_per_week"].numerator == 26
    assert after["posts_per_week"].numerator == 0
    with acme.built(AS_OF, AS_OF + 2 * HOUR):
        assert {row.like_count for row in acme.rows("from raw.activities")} == {3}
    with acme.built(AS_OF, AS_OF + 50 * HOUR):
        assert {row.like_count for row in acme.rows("from raw.activities")} == {9}
    assert problems(acme) == []


def test_what_was_deleted_since_still_counts_in_the_past_and_names_nobody(acme):
    entries = [e for n in range(30) for e in question(acme, n, hours=5 if n % 3 else None)]
    talk(acme, AS_OF, *entries)
    build_at(acme, AS_OF + HOUR)
    gone = [{"activity_id": name} for name in ("q1", "aq1", "q2", "aq4", "q6")]
    acme.load(acme.talked("forum", AS_OF + DAY, deletions=gone))
    build_at(acme, AS_OF + 2 * DAY)
    before, after = (
        acme.measure(AS_OF, AS_OF + hours * HOUR)["reply_rate_72h"] for hours in (2, 50)
    )
    assert (before.numerator, before.denominator) == (20, 30)
    assert (after.numerator, after.denominator) == (17, 27)
    assert problems(acme) == []
    left = acme.rows("from raw.former_activities where is_withdrawn")
    assert len(left) == 5
    kept = repr(left)
    assert not [name for name in ("'q1'", "'aq1'", "person", "page-") if name in kept]
    # who asked twice is still one person, and an answer still belongs to its question
    assert len({row.author_key for row in left} - {""}) == 3


def test_without_the_secret_nothing_links_what_is_left_to_anything(world):
    world.organization("acme", "news", "forum")
    talk(world, AS_OF, *question(world, 1, hours=2), *question(world, 8, hours=2))
    world.load(world.talked("forum", AS_OF + DAY, deletions=[{"activity_id": "q1"}]))
    world.load(world.talked("forum", AS_OF + DAY, deletions=[{"activity_id": "q8"}]))
    left = world.rows("from raw.former_activities where is_withdrawn")
    assert len({row.author_key for row in left}) == 2  # the same person


def test_a_list_of_organizations_counts_as_it_was_read_then(acme):
    acme.read("news", AS_OF, *posts(acme))
    build_at(acme, AS_OF + HOUR)
    acme.listed_at = AS_OF + DAY
    acme.organization("acme", "news", timezone="Asia/Tokyo")  # without its forum
    acme.organization("other", "blog")
    build_at(acme, AS_OF + 2 * DAY)
    assert problems(acme) == []
    with acme.built(AS_OF, AS_OF + 2 * HOUR):
        assert len(acme.rows("from staging.channels")) == 2
        assert [row.timezone for row in acme.rows("from staging.organizations")] == ["UTC"]
    with acme.built(AS_OF, AS_OF + 50 * HOUR):
        channels = {row.channel_id for row in acme.rows("from staging.channels")}
        assert channels == {"news", "blog"}


def test_the_groups_of_an_organization_are_known_as_they_were_listed_then(acme):
    for day, groups in enumerate((("north",), ("north", "coast"))):
        acme._listed["acme"]["groups"] = groups
        acme.listed_at = AS_OF + day * DAY
        register_organizations(acme.connection, list(acme._listed.values()), acme.listed_at)
    for hours, expected in ((1, ["north"]), (25, ["north", "coast"])):
        with acme.built(AS_OF, AS_OF + hours * HOUR):
            assert [row.groups for row in acme.rows("from raw.organizations")] == [expected]


def test_a_channel_that_comes_back_on_the_list_was_not_on_it_in_between(acme):
    for day, channels in enumerate((["news", "forum"], ["news"], ["news", "forum"])):
        acme.listed_at = AS_OF + day * DAY
        acme.organization("acme", *channels)
    for hours, expected in ((1, 2), (25, 1), (49, 2)):
        with acme.built(AS_OF, AS_OF + hours * HOUR):
            assert len(acme.rows("from staging.channels")) == expected


def test_an_answer_that_was_seen_later_was_open_before(acme):
    talk(acme, AS_OF - 30 * DAY, *question(acme, 1))
    talk(acme, AS_OF, *question(acme, 1, hours=15 * 24))
    states = []
    for known_at in (AS_OF - 29 * DAY, AS_OF + HOUR):
        with acme.built(AS_OF, known_at):
            (row,) = acme.rows("from rollups.conversations")
            states.append((row.answer_state, row.observed_until))
    assert states[0] == ("open", (AS_OF - 30 * DAY).replace(tzinfo=None))
    assert states[1][0] == "answered"


def test_verifying_notices_a_number_that_was_changed(acme):
    acme.read("news", AS_OF, *posts(acme))
    build_at(acme, AS_OF + HOUR)
    acme.connection.execute(
        "update signals.measurements set value = value + 1 where signal_code = 'posts_per_week'"
    )
    assert [(row["side"], row["value"]) for row in problems(acme)] == [
        ("stored", 3.0),
        ("measured again", 2.0),
    ]


def test_how_much_was_seen_is_kept_with_every_week_and_can_be_proved(acme):
    acme.see("news", AS_OF - 5 * WEEK, AS_OF - WEEK)
    build_at(acme, AS_OF + HOUR, as_of=AS_OF - WEEK)
    build_at(acme, AS_OF + 2 * HOUR)
    acme.see("forum", AS_OF - 20 * WEEK, AS_OF + DAY)
    build_at(acme, AS_OF + 2 * DAY)
    build_at(acme, AS_OF + 3 * DAY)
    kept = acme.rows("from signals.evidence order by as_of_week, known_at")
    assert [(row.observed_week_count, row.readable_channel_count) for row in kept] == [
        (4, 1),
        (5, 1),
        (13, 2),
    ]
    assert problems(acme) == []
    acme.connection.execute(
        "update signals.evidence set observed_week_count = 12 where known_at = $moment",
        {"moment": (AS_OF + 2 * DAY).replace(tzinfo=None)},
    )
    found = [(row["side"], row["signal_code"], row["value"]) for row in problems(acme)]
    assert found[:2] == [
        ("stored", "observed_week_count", 12),
        ("measured again", "observed_week_count", 13),
    ]


def test_a_week_of_before_evidence_was_kept_is_still_proved(acme):
    acme.read("news", AS_OF, *posts(acme))
    build_at(acme, AS_OF + HOUR)
    acme.connection.execute("delete from signals.evidence")
    assert problems(acme) == []


def test_a_build_that_finds_nothing_new_keeps_every_number_and_its_moment(acme):
    acme.read("news", AS_OF, *posts(acme))
    build_at(acme, AS_OF + HOUR)
    before = acme.rows("from signals.measurements order by all")
    build_at(acme, AS_OF + DAY)
    assert acme.rows("from signals.measurements order by all") == before
    assert acme.rows("from signals.former_measurements") == []


def test_any_history_is_repeated_to_the_last_bit_and_built_from_nothing_alike(acme):
    dice = random.Random(1)
    acme.organization("other", "blog", "forum2")
    moment = AS_OF - 10 * WEEK
    for _ in range(6):
        moment += dice.randint(1, 9) * DAY
        happen(acme, dice, moment)
        if dice.random() < 0.7:
            build_at(acme, moment + HOUR, as_of=moment)
    build_at(acme, moment + 2 * HOUR, as_of=moment)
    assert problems(acme) == []
    grown = everything(acme)
    forget_facts(acme.connection)
    build_at(acme, moment + 2 * HOUR, as_of=moment)
    assert everything(acme) == grown


def everything(world):
    tables = (*(f"facts.{name}" for name in (*OF_ALL_TIME, *RECENT)), "signals.measurements")
    return [world.rows(f"from {table} order by all") for table in tables]


def happen(world, dice, moment):
    """One look at one channel: something new, something edited, something late, something gone."""
    channel = dice.choice(["news", "forum", "blog", "forum2"])
    if channel.startswith("forum"):
        numbers = [f"{channel}{dice.randint(0, 25)}" for _ in range(12)]
        entries = []
        for number in dict.fromkeys(numbers):
            at = moment - dice.randint(1, 700) * HOUR
            entries += question(
                world,
                number,
                hours=dice.choice([None, 2, 30, 90]),
                at=at,
                author=f"person{dice.randint(1, 6)}",
            )
        gone = [{"activity_id": f"q{channel}{dice.randint(0, 25)}"} for _ in range(3)]
        world.load(world.talked(channel, moment, *entries, threads=views(*entries), deletions=gone))
    else:
        entries = [
            world.entry(
                moment - dice.randint(1, 400) * HOUR,
                activity_id=f"{channel}-{dice.randint(0, 60)}",
                kind=dice.choice(["post", "post", "repost"]),
                content_fingerprint=str(dice.randint(1, 3)),
                like_count=dice.randint(0, 5),
            )
            for _ in range(20)
        ]
        world.read(channel, moment, *{e["activity_id"]: e for e in entries}.values())
