"""Marts about collecting and evidence: what was asked, what was seen, and what never is a zero."""

from datetime import UTC, date, datetime, timedelta

import pytest

from warehouse.build import build_marts
from warehouse.register import record_run

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday: the last full week is that of 26 October
LAST, BEFORE = date(2026, 10, 26), date(2026, 10, 19)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def test_a_week_tells_how_much_of_it_was_seen_of_the_organizations_measured_in_it(world):
    world.organization("gone", "gone-news")
    world.see("gone-news", AS_OF - 30 * DAY, AS_OF - HOUR)
    delist(world, "gone")
    world.organization("acme", "news", "forum")
    world.organization("bee", "bee-news")
    world.see("news", AS_OF - 3 * DAY, AS_OF - HOUR)  # Friday to Sunday of the last week
    world.see("forum", AS_OF - 2 * WEEK, AS_OF - 6 * DAY + HOUR)  # the week before, and two days
    for weeks in (1, 0):
        world.build(AS_OF - weeks * WEEK)
    estimated(world, "acme", LAST, is_abstained=False)
    estimated(world, "bee", LAST, is_abstained=True)
    found = {row.as_of_week: row for row in mart(world, "weeks")}
    assert list(found) == [BEFORE, LAST]
    assert vars(found[BEFORE]) == {
        "as_of_week": BEFORE,
        "organization_count": 2,
        "reached_count": 1,
        "seen_day_count": 7,
        "channel_day_count": 21,
        "estimate_count": 0,
        "abstained_count": 0,
        "model_version": "",
    }
    assert (found[LAST].reached_count, found[LAST].seen_day_count) == (1, 5)
    assert (found[LAST].estimate_count, found[LAST].abstained_count) == (2, 1)
    assert found[LAST].model_version == "m-1"


def test_a_source_tells_whom_it_reached_and_how_the_last_attempts_ended(world):
    world.organization("acme", "news", "more", "forum")
    world.organization("bee", "bee-news", "shut", "slow", "late", "held")
    ends = {"shut": "disallowed", "late": "timeout", "held": "held", "slow": "blocked"}
    world.read("news", AS_OF - DAY, world.entry(AS_OF - 2 * DAY), world.entry(AS_OF - 3 * DAY))
    world.read("more", AS_OF - 8 * DAY, world.entry(AS_OF - 9 * DAY))
    for channel, outcome in ends.items():
        page = world.page(channel, AS_OF - HOUR, outcome=outcome)
        page["attempts"][0]["status_code"] = 429 if outcome == "blocked" else 0
        world.load(page)
    seen_at(world)
    world.build(AS_OF)
    feeds, forum = mart(world, "sources")
    assert vars(feeds) == {
        "source": "feeds",
        "channel_count": 7,
        "organization_count": 2,
        "reached_organization_count": 1,
        "seen_channel_count": 1,
        "last_success_at": naive(AS_OF - DAY),
        "next_due_at": naive(AS_OF - 7 * DAY),
        "activity_count_28d": 3,
        "robots_count": 1,
        "rate_limited_count": 2,
        "failed_count": 1,
    }
    assert (forum.source, forum.channel_count, forum.reached_organization_count) == ("forum", 1, 0)
    assert (forum.last_success_at, forum.next_due_at, forum.activity_count_28d) == (None,) * 3
    found = [(row.source, row.outcome, row.channel_count) for row in mart(world, "source_outcomes")]
    assert found == [
        ("feeds", "", 1),
        ("feeds", "blocked", 1),
        ("feeds", "disallowed", 1),
        ("feeds", "held", 1),
        ("feeds", "ok", 2),
        ("feeds", "timeout", 1),
        ("forum", "", 1),
    ]


def test_a_channel_that_does_not_let_us_in_is_no_limit_of_requests(world):
    world.organization("acme", "news")
    page = world.page("news", AS_OF - HOUR, outcome="blocked")
    page["attempts"][0]["status_code"] = 403
    world.load(page)
    world.build(AS_OF)
    (feeds,) = mart(world, "sources")
    assert (feeds.rate_limited_count, feeds.failed_count) == (0, 1)


def test_a_run_that_ends_after_its_as_of_has_reached_what_it_reached(world):
    """The moment of a run is taken before anything is asked."""
    world.organization("acme", "news")
    world.read("news", AS_OF + 9 * DAY, world.entry(AS_OF - DAY))
    seen_at(world)
    world.build(AS_OF)
    (feeds,) = mart(world, "sources")
    assert (feeds.seen_channel_count, feeds.activity_count_28d) == (1, 1)
    assert [row.day for row in mart(world, "source_days")] == [date(2026, 11, 11)]


def test_what_was_first_seen_29_days_ago_or_stands_twice_is_not_counted(world):
    world.organization("acme", "news")
    world.read("news", AS_OF - 29 * DAY, world.entry(AS_OF - 30 * DAY))
    entry = world.entry(AS_OF - 28 * DAY)
    world.read("news", AS_OF - 27 * DAY, entry, world.entry(AS_OF, is_repeated=True))
    seen_at(world)
    world.build(AS_OF)
    (feeds,) = mart(world, "sources")
    assert feeds.activity_count_28d == 1


def test_a_day_of_a_source_counts_channels_and_attempts_and_an_idle_day_is_left_out(world):
    world.organization("gone", "gone-news")
    world.load(world.page("gone-news", AS_OF - 2 * DAY))
    delist(world, "gone")
    world.organization("acme", "news", "more")
    day = AS_OF - 2 * DAY
    world.load(world.page("news", AS_OF - 28 * DAY - HOUR))  # the 29th day back
    world.load(world.page("news", AS_OF - 27 * DAY))
    world.load(world.page("news", day, outcome="timeout"), world.page("news", day + HOUR))
    world.load(world.page("more", day, outcome="server_error"))
    detail, guess, right = (world.page("more", day + n * HOUR, outcome=o) for n, o in TRIED)
    detail["attempts"][0]["purpose"] = "detail"
    guess["attempts"][0]["purpose"] = right["attempts"][0]["purpose"] = "discovery"
    world.load(detail, guess, right)
    world.build(AS_OF)
    found = [tuple(vars(row).values()) for row in mart(world, "source_days")]
    assert found == [
        ("feeds", date(2026, 10, 6), 1, 1, 1, 0),
        ("feeds", date(2026, 10, 31), 2, 2, 4, 2),
    ]


#: Hours and outcomes: a detail, a guess where a feed may be, and one that was right.
TRIED = ((1, "ok"), (2, "not_found"), (3, "ok"))


def test_runs_are_the_latest_sixty_with_the_interrupted_ones(world):
    for number in range(62):
        run(world, number, state="interrupted" if number == 61 else "completed")
    world.build(AS_OF)
    found = mart(world, "runs")
    assert [row.run_id for row in found] == [f"run-{n:02d}" for n in range(61, 1, -1)]
    assert (found[0].state, found[0].ended_at, found[0].failed_count) == ("interrupted", None, None)
    assert (found[1].state, found[1].due_count, found[1].failed_count) == ("completed", 7, 1)


def test_a_run_counts_the_activities_that_it_was_the_first_to_show(world):
    world.organization("acme", "news")
    for number in (1, 2, 3):
        run(world, number)
    old = world.entry(AS_OF - 9 * DAY)
    first = world.page("news", started(1) + HOUR, [old, world.entry(AS_OF - 8 * DAY)])
    again = world.page("news", started(2) + HOUR, [old, world.entry(AS_OF - 7 * DAY)])
    for number, page in ((1, first), (2, again)):
        page["attempts"][0]["run_id"] = f"run-{number:02d}"
        world.load(page)
    world.build(AS_OF)
    assert [row.activity_count for row in mart(world, "runs")] == [None, 1, 2]


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("", ""),
        (
            "WarehouseBusyError: /srv/somebody/data/warehouse.duckdb: another run is writing",
            "WarehouseBusyError: warehouse.duckdb: another run is writing",
        ),
        ("[Errno 13] denied: '/a/b/c' and (/d/e)", "[Errno 13] denied: 'c' and (e)"),
        ("ValueError: https://a.example/b/c was odd", "ValueError: https://a.example/b/c was odd"),
    ],
)
def test_an_error_of_a_run_does_not_tell_where_files_lie(world, error, shown):
    run(world, 1, error=error)
    world.build(AS_OF)
    assert [row.error for row in mart(world, "runs")] == [shown]


def test_a_week_of_evidence_has_zeros_where_it_was_seen_and_nothing_where_it_was_not(world):
    world.organization("acme", "news", "more", "forum")
    posts = [AS_OF - 2 * DAY, AS_OF - 3 * DAY]
    world.see("news", AS_OF - 10 * DAY, AS_OF - HOUR, posts)
    said = [
        world.said("q1", AS_OF - 2 * DAY),
        world.said("q2", AS_OF - 2 * DAY),
        world.said("a1", AS_OF - DAY, by="organization", parent="q1"),
        world.said("x", AS_OF - DAY, direction="among_others"),
    ]
    world.talk("forum", AS_OF - HOUR, *said)
    world.build(AS_OF)
    found = {(row.source, row.week): row for row in mart(world, "activity_weeks")}
    assert len(found) == 2 * 26
    assert min(week for _, week in found) == LAST - 25 * WEEK
    assert counts(found["feeds", LAST]) == (2, None, None, 7, 14)
    assert counts(found["feeds", BEFORE]) == (0, None, None, 3, 14)
    assert counts(found["feeds", BEFORE - WEEK]) == (None, None, None, 0, 14)
    assert counts(found["forum", LAST]) == (0, 1, None, 2, 7), "what a few persons said is not told"
    assert counts(found["forum", BEFORE]) == (None, None, None, 0, 7)


def test_nothing_is_derived_where_the_terms_forbid_it(world):
    world.organization("acme", "videos")
    world.see("videos", AS_OF - 3 * WEEK, AS_OF - HOUR, [AS_OF - DAY])
    world.build(AS_OF)
    last = mart(world, "activity_weeks")[-1]
    assert counts(last) == (None, None, None, 7, 7)


def test_an_organization_tells_its_sources_and_groups_in_order(world):
    world.organization("acme", "news", "forum", "more")
    world.organization("bee")
    world._listed["acme"]["groups"] = ("north", "coast")
    world.organization("cow", "tag")
    world.build(AS_OF)
    found = {row.organization_id: (row.sources, row.groups) for row in mart(world, "organizations")}
    assert found == {
        "acme": (["feeds", "forum"], ["coast", "north"]),
        "bee": ([], []),
        "cow": (["tag"], []),
    }


def counts(row):
    return tuple(vars(row).values())[3:]


def mart(world, name):
    clock = world.clock(AS_OF)
    build_marts(world.connection, clock, {"snapshot_number": 1, "published_at": naive(AS_OF)})
    return world.rows(f"from marts.{name}")


def delist(world, name):
    """The next organization that is listed makes a list without this one."""
    del world._listed[name]
    world.listed_at += DAY


def seen_at(world):
    """What the fetcher remembers of channels that it saw: when, and when it asks again."""
    world.connection.execute(
        """
        update raw.cursors
        set last_seen_at = last_attempt_at, next_due_at = last_attempt_at + interval 1 day
        where last_outcome = 'ok'
        """
    )


def estimated(world, name, week, *, is_abstained):
    world.connection.execute(
        """
        insert into estimates.stages by name
        select
            $name as organization_id,
            $week as as_of_week,
            3 as stage_code,
            $is_abstained as is_abstained,
            '' as abstention_reason,
            '' as abstention_text,
            'm-1' as model_version,
            $week as estimated_at,
        """,
        {"name": name, "week": week, "is_abstained": is_abstained},
    )


def started(number):
    return AS_OF - 30 * DAY + number * DAY / 4


def run(world, number, *, state="completed", error=""):
    is_over = state == "completed"
    record = {
        "run_id": f"run-{number:02d}",
        "started_at": naive(started(number)),
        "ended_at": naive(started(number) + 2 * HOUR) if is_over else None,
        "state": state,
        "command": "run",
        "as_of": naive(AS_OF),
        "is_invented": False,
        "barograph_version": "1",
        "channel_count": 9,
        "due_count": 7,
        "held_count": 2,
        "failed_count": 1 if is_over else None,
        "error": error,
    }
    record_run(world.connection, record)


def naive(moment):
    """As the warehouse stores it."""
    return moment.replace(tzinfo=None)
