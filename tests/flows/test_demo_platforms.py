"""What the collector finds on the demo world's platforms is what happened there, exactly."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import demo_world
import pytest
from collecting import Collecting

from flows.demo.organization import Platform
from flows.demo.project import write_project
from flows.demo.residents import pseudonym
from flows.demo.server import serve_world
from flows.demo.talk import so_far

AS_OF = datetime(2026, 11, 20, tzinfo=UTC)
EARLIER = AS_OF - timedelta(weeks=2)
NOW = AS_OF + timedelta(hours=33)
#: One organization a platform with a long history, and a closed forum; without their feeds.
CAST = (
    "institut-calvernon",
    "oakanvil",
    "solvane-mutual",
    "maison-brindelune",
    "hollowmere-buses",
)


def cast():
    chosen = [one for one in demo_world.WORLD.organizations if one.organization_id in CAST]
    organizations = tuple(replace(one, channels=()) for one in chosen)
    return replace(demo_world.WORLD, organizations=organizations, claims=())


def changed(world, change):
    """The world with every conversation as `change` makes it; None leaves one out."""
    return replace(
        world,
        organizations=tuple(
            replace(one, profiles=tuple(changed_profile(p, change) for p in one.profiles))
            for one in world.organizations
        ),
    )


def changed_profile(profile, change):
    talks = (change(profile, talk) for talk in profile.conversations)
    return replace(profile, conversations=tuple(talk for talk in talks if talk))


def two_weeks_before(_, talk):
    earlier = replace(talk, remarks=so_far(talk.remarks, EARLIER))
    return earlier if earlier.remarks else None


def with_one_taken_back(profile, talk):
    """Without one reply below the newest post that has any that nobody replied to.

    A forum leaves everything in its place; that a post was taken back is seen when somebody
    speaks in the topic again.
    """
    if profile.platform is Platform.DISCOURSE or talk is not newest_with_leaf(profile):
        return talk
    place = leaf(talk)
    remarks = list(talk.remarks)
    remarks[place] = replace(remarks[place], is_deleted=True)
    return replace(talk, remarks=tuple(remarks))


def newest_with_leaf(profile):
    talks = [talk for talk in profile.conversations if talk.opening.is_own and leaf(talk)]
    return max(talks, key=lambda talk: talk.opening.at, default=None)


def leaf(talk):
    """Place of the last reply of a resident to the first remark that nobody replied to."""
    if any(not remark.is_shown for remark in talk.remarks):
        return 0
    parents = {remark.parent for remark in talk.remarks}
    places = [n for n, r in enumerate(talk.remarks) if r.parent == 0 and not r.is_own]
    return max(set(places) - parents, default=0)


BEFORE = cast()
WORLD = changed(BEFORE, with_one_taken_back)
PROFILES = [
    pytest.param(one.organization_id, profile, id=profile.platform)
    for one in WORLD.organizations
    for profile in one.profiles
    if not profile.is_closed
]
#: Until when an answer would have been seen.
OBSERVED = "select occurred_at, observed_until from rollups.conversations"


class Inbound(NamedTuple):
    """Something that was said to an organization, and when that was first answered."""

    at: datetime
    is_question: bool
    answered_at: datetime | None
    is_base: bool  #: counts for how often the organization answers

    def hours_open(self, until):
        return ((self.answered_at or until[self.at]) - self.at) / timedelta(hours=1)


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The cast after three runs of the real collector over HTTP, and the signals of it.

    The first one found the world as it was two weeks earlier, and before the last one somebody
    took back what they had said.
    """
    first = changed(BEFORE, two_weeks_before)
    with pytest.MonkeyPatch.context() as patch, serve_world(first) as server:
        collecting = Collecting(tmp_path_factory.mktemp("platforms"), patch)
        collecting.clock.moment = EARLIER
        write_project(WORLD, collecting.folder, server.base_url, server.forum_urls)
        results = [collecting.run()]
        server.move_on(BEFORE)
        results.append(collecting.run(after=NOW - timedelta(days=1) - EARLIER))
        server.move_on(WORLD)
        results.append(collecting.run(after=timedelta(days=1)))
        collecting.build()
        yield collecting, results


def test_every_platform_is_read_but_the_forum_that_wants_a_login(collected):
    collecting, (first, *_) = collected
    assert list(first["failures"].values()) == [
        "the forum shows nothing without an account; only public forums can be read"
    ]
    assert collecting.rows("select count(*) from raw.attempts where outcome = 'held'") == [(0,)]


def test_a_later_look_finds_what_is_new_and_another_one_what_was_taken_back(collected):
    _, (first, second, third) = collected
    assert first["activities_added"] > 500
    assert second["activities_added"] > 40
    assert third["activities_added"] <= 0
    assert BEFORE != WORLD


def test_no_page_is_other_than_its_platform_sends_it(collected):
    collecting, _ = collected
    assert collecting.rows("select source, path from raw.drifts") == []


@pytest.mark.parametrize(("organization_id", "profile"), PROFILES)
def test_all_that_an_organization_said_is_found(collected, organization_id, profile):
    found = rows(
        collected,
        "select occurred_at, kind in ('post', 'topic') from raw.activities "
        f"where direction = 'by_organization' and organization_id = '{organization_id}'",
    )
    assert Counter((at, begins) for at, begins in found) == Counter(
        (remark.at, remark.parent is None)
        for talk in profile.conversations
        for _, remark in talk.shown()
        if remark.is_own
    )


@pytest.mark.parametrize(("organization_id", "profile"), PROFILES)
def test_all_that_was_said_to_an_organization_is_found_with_its_first_answer(
    collected, organization_id, profile
):
    found = rows(
        collected,
        "select occurred_at, is_question, answered_at, "
        "found_through <> 'answer' and observed_until is not null "
        f"from rollups.conversations where organization_id = '{organization_id}'",
    )
    ((week,),) = rows(collected, "select max(as_of_week) from signals.measurements")
    since = datetime(week.year, week.month, week.day, tzinfo=UTC) - timedelta(weeks=25)
    assert len(found) > 60
    assert Counter(Inbound(*row) for row in found) == Counter(
        one for one in inbound(profile) if one.at >= since
    )


@pytest.mark.parametrize(("organization_id", "profile"), PROFILES)
def test_rates_and_times_are_those_of_the_world(collected, organization_id, profile):
    ((week,),) = rows(collected, "select max(as_of_week) from signals.measurements")
    first = datetime(week.year, week.month, week.day, tzinfo=UTC) - timedelta(weeks=12)
    recent = [one for one in inbound(profile) if first <= one.at < first + timedelta(weeks=13)]
    base = [one for one in recent if one.is_base]
    # What was said shortly before the first look, in an old thread, is watched no longer than that.
    until = dict(rows(collected, f"{OBSERVED} where organization_id = '{organization_id}'"))
    watched = [one for one in base if until[one.at] - one.at >= timedelta(hours=72)]
    assert len(watched) > 0.9 * len(base)
    in_time = [one for one in watched if one.answered_at and one.hours_open(until) <= 72]
    questions = [(one.hours_open(until), one.answered_at) for one in base if one.is_question]
    assert len(watched) >= 20
    assert signals(collected, organization_id) == {
        "reply_rate_72h": (pytest.approx(len(in_time) / len(watched)), len(watched)),
        "response_hours_median": (pytest.approx(median_hours(questions)), len(questions)),
    }


@pytest.mark.parametrize(("organization_id", "profile"), PROFILES)
def test_followers_are_those_of_the_world(collected, organization_id, profile):
    found = rows(
        collected,
        "select max(coalesce(follower_count, member_count)) from raw.presences "
        f"where organization_id = '{organization_id}'",
    )
    assert found == [(profile.follower_count,)]


def test_what_cannot_be_seen_has_no_rate(collected):
    missing = rows(
        collected,
        "select missing_reason, value from signals.measurements "
        "where organization_id = 'hollowmere-buses' and signal_code = 'reply_rate_72h'",
    )
    assert set(missing) == {("unobserved", None)}


def test_no_word_and_no_name_of_a_resident_is_kept(collected):
    tables = ("activities", "threads", "presences", "cursors", "attempts")
    kept = "".join(str(rows(collected, f"select * from raw.{name}")) for name in tables)
    talks = [talk for case in PROFILES for talk in case.values[1].conversations]
    said = {r for talk in talks for r in talk.remarks if not r.is_own}
    assert len(said) > 300
    assert not any(r.text in kept or pseudonym(r.speaker) in kept for r in said)


def test_the_world_has_what_makes_conversations_hard():
    talks = [talk for case in PROFILES for talk in case.values[1].conversations]
    remarks = [remark for talk in talks for remark in talk.remarks]
    assert any(talk.is_elsewhere for talk in talks)
    assert any(remark.is_hidden for remark in remarks)
    assert any(remark.is_deleted for remark in remarks)
    assert max(len(talk.remarks) for talk in talks) > 20  # more than a page of a forum


# ── what is true ─────────────────────────────────────────────────────────────────────────────────


def inbound(profile):
    """Everything that was said to an organization and can be seen, by the rules of a platform."""
    is_list = profile.platform is Platform.DISCOURSE
    for talk in profile.conversations:
        is_whole = not any(remark.is_hidden for remark in talk.remarks)
        for place, remark in talk.shown():
            answered_at = first_answer(talk, place, is_list=is_list)
            is_call = talk.is_elsewhere and place == 0
            if remark.is_own or not ((is_call and answered_at) or is_to_us(talk, place, is_list)):
                continue
            yield Inbound(remark.at, remark.is_question, answered_at, is_whole and not is_call)


def is_to_us(talk, place, is_list):
    parent = talk.remarks[place].parent
    return (is_list and place == 0) or (parent is not None and talk.remarks[parent].is_own)


def first_answer(talk, place, *, is_list):
    answers = (
        remark.at
        for _, remark in talk.shown()
        if remark.is_own
        and (remark.at > talk.remarks[place].at if is_list else remark.parent == place)
    )
    return min(answers, default=None)


def median_hours(questions):
    """Kaplan and Meier's: when half have been answered, the open ones being censored."""
    left = 1.0
    for hours in sorted(hours for hours, answered_at in questions if answered_at):
        at_risk = sum(other >= hours for other, _ in questions)
        left *= 1 - 1 / at_risk
        if left <= 0.5 + 1e-9:
            return hours
    return None


# ── builders ─────────────────────────────────────────────────────────────────────────────────────


def rows(collected, query):
    """Rows of a query; moments with their time zone."""
    return [
        tuple(v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for v in row)
        for row in collected[0].rows(query)
    ]


def signals(collected, organization_id):
    """Value and n of the newest week's signals of dialogue."""
    query = (
        "select signal_code, value, n from signals.measurements "
        f"where organization_id = '{organization_id}' "
        "and signal_code in ('reply_rate_72h', 'response_hours_median') "
        "and as_of_week = (select max(as_of_week) from signals.measurements)"
    )
    return {code: (value, n) for code, value, n in rows(collected, query)}
