"""Profiles are what was last seen of them, and their completeness is a mean without rounding."""

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(weeks=1)
HOUR = timedelta(hours=1)
MARKS = (
    "has_description",
    "has_site_link",
    "has_avatar",
    "has_contact",
    "has_rules",
    "is_linked_back",
)
UNSEEN = dict.fromkeys((*MARKS, "is_verified"))
#: Two looks at one moment that contradict each other.
CONTRADICTION = [
    {"has_avatar": True, "follower_count": 7},
    {"has_avatar": False, "follower_count": 9},
]


@pytest.fixture(scope="module")
def marks():
    """Marks of the channels of ten organizations, at random."""
    chance = random.Random(5)
    return {
        f"org-{number}": [
            [chance.choice([True, False, None]) for _ in MARKS] for _ in range(chance.randint(1, 9))
        ]
        for number in range(10)
    }


@pytest.fixture(scope="module")
def seen(new_world, marks):
    """A built world with these marks, contradictions in both orders, and one of videos."""
    with new_world() as world:
        pages = []
        for name, order in (("acme", 1), ("backwards", -1), ("videos", 1)):
            world.organization(name, f"{name}-channel")
            looks = CONTRADICTION[::order]
            pages += [look(world, f"{name}-channel", AS_OF - WEEK, **one) for one in looks]
        for name, profiles in marks.items():
            channels = {f"{name}-{place}": shown for place, shown in enumerate(profiles)}
            world.organization(name, *channels)
            for channel, shown in channels.items():
                found = dict(zip(MARKS, shown, strict=True))
                pages.append(look(world, channel, AS_OF - WEEK, **found))
        world.load(*pages)
        world.build(AS_OF)
        yield world


def test_looks_at_one_moment_give_one_profile_in_whatever_order_they_came(seen):
    assert profile(seen, "acme") == profile(seen, "backwards") == (True, 9)


def test_nothing_is_told_of_a_profile_from_which_nothing_may_be_derived(seen):
    assert profile(seen, "videos") == (None, None)


def test_completeness_is_the_mean_over_channels_to_the_last_bit(seen, marks):
    rows = seen.rows("from signals.measurements where signal_code = 'profile_complete_share'")
    found = {row.organization_id: row.value for row in rows if row.organization_id in marks}
    assert found == {name: completeness(profiles) for name, profiles in marks.items()}


def test_a_proof_counts_from_the_moment_at_which_it_was_seen(world):
    found_at = AS_OF - 2 * WEEK
    world.organization("acme", "news")
    world.load(
        look(world, "news", AS_OF - 3 * WEEK, is_verified=False),
        look(world, "news", found_at, is_verified=True),
    )
    clocks = [(found_at, None), (found_at + HOUR, None), (AS_OF, found_at - HOUR)]
    found = [world.measure(*clock)["verified_share"].value for clock in clocks]
    assert found == [0, 1, 0]


def profile(world, name):
    (row,) = world.rows("from rollups.profiles where organization_id = $name", name=name)
    return row.has_avatar, row.follower_count


def completeness(profiles):
    """Mean share of marks, of the channels that show any."""
    known = [[mark for mark in shown if mark is not None] for shown in profiles]
    shares = [Fraction(sum(shown), len(shown)) for shown in known if shown]
    return float(sum(shares) / len(shares)) if shares else None


def look(world, channel, at, **marks):
    """A page that shows a profile; what is not given was not shown."""
    page = world.page(channel, at)
    page["presences"] = [{**page["attempts"][0], **UNSEEN, **marks}]
    return page
