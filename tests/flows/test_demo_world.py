"""The demo world is repeatable, holds all six stages and has the oddities it says."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from statistics import median

import pytest
from demo_world import WORLD

from flows.demo.oddities import Oddity, apply_oddity
from flows.demo.organization import AnswerKind, DemoEntry, FeedFormat, Temper
from flows.demo.site import build_site
from flows.demo.world import build_world

AS_OF = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def test_the_same_day_and_seed_make_the_same_world():
    assert build_world(AS_OF) == WORLD


def test_another_process_with_another_hash_seed_makes_the_same_documents():
    ran = subprocess.run(
        [sys.executable, "-c", _DIGEST_CODE],
        env={"PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == _digest(WORLD)


def test_another_seed_or_day_makes_another_world():
    assert _digest(build_world(AS_OF, seed=7)) != _digest(WORLD)
    assert _digest(build_world(AS_OF + timedelta(days=1))) != _digest(WORLD)


def test_a_moment_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        build_world(AS_OF.replace(tzinfo=None))


def test_all_six_stages_have_at_least_three_organizations():
    stages = Counter(organization.true_stage for organization in WORLD.organizations)
    assert set(stages) == {1, 2, 3, 4, 5, 6}
    assert min(stages.values()) >= 3


def test_every_format_answer_and_temper_occurs():
    channels = [channel for _, channel in _all_channels()]
    assert {channel.feed_format for channel in channels} == set(FeedFormat)
    assert {channel.answer for channel in channels} == set(AnswerKind)
    assert {organization.temper for organization in WORLD.organizations} == set(Temper)


def test_posts_lie_in_the_sixty_weeks_before_the_world_stands_still():
    for _, channel in _all_channels():
        assert all(
            WORLD.as_of - timedelta(weeks=60, days=1) <= moment < WORLD.as_of
            for moment in channel.posted_at
        )


def test_higher_stages_tend_to_post_more_and_miss_fewer_weeks():
    posts = {stage: median(_posts_per_week(stage)) for stage in (1, 2, 3, 4)}
    weeks = {stage: median(_active_week_share(stage)) for stage in (1, 2, 4)}
    assert posts[1] < posts[2] < posts[3] < posts[4]
    assert weeks[1] < weeks[2] < weeks[4]


def test_stages_overlap_in_posts_per_week():
    assert max(_posts_per_week(2, *Temper)) > min(_posts_per_week(5, *Temper))


def test_press_offices_at_stage_two_keep_office_hours_and_stage_six_does_not():
    assert _weekend_share(2) < 0.06 < _weekend_share(6)


def test_the_dormant_organization_has_been_silent_for_forty_weeks():
    dormant = next(one for one in WORLD.organizations if one.temper is Temper.DORMANT)
    newest = max(max(channel.posted_at) for channel in dormant.channels)
    assert newest < WORLD.as_of - timedelta(weeks=40)


def test_a_campaign_opens_with_one_link_on_every_channel_of_a_coordinated_organization():
    oakanvil = _organization("oakanvil")
    sightings = Counter(
        entry.link
        for channel in oakanvil.channels
        for entry in channel.entries
        if "/campaign/" in entry.link
    )
    assert max(sightings.values()) >= 2


def test_no_campaign_link_stands_below_stage_four():
    links = [
        entry.link
        for organization, channel in _all_channels()
        if organization.true_stage < 4
        for entry in channel.entries
    ]
    assert links
    assert not any("/campaign/" in link for link in links)


def test_most_profiles_hear_enough_for_a_rate_and_the_rest_too_little():
    counts = {one.organization_id: _recent_inbound_count(one) for one in _with_profiles()}
    lively_count = sum(count >= 20 for count in counts.values())
    assert 0.6 < lively_count / len(counts) < 0.8
    assert 0 in counts.values()


def test_profiles_reach_back_half_a_year():
    began = [talks[0].opening.at for one in _with_profiles() if (talks := _of(one))]
    assert all(WORLD.as_of - timedelta(weeks=28) <= at for at in began)
    assert sorted(began)[len(began) // 2] < WORLD.as_of - timedelta(weeks=26)


def test_higher_stages_answer_more_and_sooner():
    shares = {stage: median(_answered_shares(stage)) for stage in (2, 3, 5, 6)}
    assert shares[2] < 0.2
    assert 0.3 < shares[3] < shares[6]
    hours = {stage: median(_hours(stage)) for stage in (2, 3, 6)}
    assert hours[6] < hours[3] < hours[2]


def test_a_reply_is_later_than_what_it_replies_to_and_nothing_lies_ahead():
    for talk in _talks():
        moments = [remark.at for remark in talk.remarks]
        assert moments == sorted(set(moments))
        assert moments[-1] < WORLD.as_of
        assert all((remark.parent is None) == (n == 0) for n, remark in enumerate(talk.remarks))
        assert all(remark.parent < n for n, remark in enumerate(talk.remarks) if n)


def test_what_asks_has_a_question_mark_and_nothing_else_that_a_resident_says():
    said = [remark for talk in _talks() for remark in talk.remarks if not remark.is_own]
    assert all(("?" in remark.text) == remark.is_question for remark in said)
    assert len({remark.text for remark in said}) > 500


def test_a_hidden_or_deleted_remark_is_a_residents():
    marred = [r for talk in _talks() for r in talk.remarks if not r.is_shown]
    assert len(marred) > 20
    assert not any(remark.is_own for remark in marred)


def test_claims_name_existing_organizations_and_some_make_none():
    claimed = [claim.organization_id for claim in WORLD.claims]
    known = {organization.organization_id for organization in WORLD.organizations}
    assert len(claimed) == len(set(claimed))
    assert set(claimed) <= known
    assert len(known) - len(claimed) == 5


def test_most_claims_are_near_the_truth_and_more_lie_above_than_below():
    truth = {one.organization_id: one.true_stage for one in WORLD.organizations}
    gaps = [claim.stage - truth[claim.organization_id] for claim in WORLD.claims]
    assert sum(abs(gap) <= 1 for gap in gaps) > len(gaps) / 2
    assert sum(gap > 0 for gap in gaps) > sum(gap < 0 for gap in gaps) > 0
    assert all(1 <= claim.stage <= 6 for claim in WORLD.claims)


def test_entries_without_guid_keep_all_else():
    (odd,) = apply_oddity(Oddity.NO_GUID, (_entry(),))
    assert odd.guid == ""
    assert odd.link == _entry().link


def test_every_fourth_date_is_missing():
    odd = apply_oddity(Oddity.NO_DATE, tuple(_entry(n) for n in range(8)))
    assert [n for n, entry in enumerate(odd) if entry.published_at is None] == [0, 4]


def test_a_mistyped_year_lies_ahead_of_the_world():
    odd = apply_oddity(Oddity.FUTURE, (_entry(0), _entry(1)))
    assert odd[0].published_at > AS_OF + timedelta(days=300)
    assert odd[1].published_at < AS_OF


def test_the_oldest_entry_is_pinned_on_top():
    odd = apply_oddity(Oddity.PINNED, tuple(_entry(n) for n in range(3)))
    assert [entry.guid for entry in odd] == ["post-2", "post-0", "post-1"]


def test_every_tenth_entry_stands_twice():
    odd = apply_oddity(Oddity.DUPLICATES, tuple(_entry(n) for n in range(11)))
    assert len(odd) == 13
    assert odd[0] == odd[1]


def test_an_empty_feed_has_no_entries():
    assert apply_oddity(Oddity.EMPTY, (_entry(),)) == ()


def test_the_world_shows_every_oddity():
    shown = {channel.path: channel.entries for _, channel in _all_channels()}
    assert all(not entry.guid for entry in shown["/waterschap-tussendiep/nieuws.xml"])
    assert any(entry.published_at is None for entry in shown["/mistlemoor/news.xml"])
    assert shown["/oakanvil/workshops.xml"][0].published_at > AS_OF + timedelta(days=1)
    assert len(set(shown["/maison-brindelune/press.xml"])) < 66
    assert shown["/ballyglimmer/updates.xml"] == ()
    wijken = shown["/gemeente-zilverduin/wijken.xml"]
    assert wijken[0].published_at == min(entry.published_at for entry in wijken)


# ── builders ─────────────────────────────────────────────────────────────────────────────────────

_DIGEST_CODE = """
from datetime import UTC, datetime
from hashlib import sha256
from flows.demo.site import build_site
from flows.demo.world import build_world
world = build_world(datetime(2026, 11, 20, tzinfo=UTC))
site = build_site(world)
said = repr([one.profiles for one in world.organizations]).encode()
print(sha256(b"".join(site[path].body for path in sorted(site)) + said).hexdigest())
"""


def _digest(world):
    site = build_site(world)
    said = repr([one.profiles for one in world.organizations]).encode()
    return sha256(b"".join(site[path].body for path in sorted(site)) + said).hexdigest()


def _all_channels():
    return [(one, channel) for one in WORLD.organizations for channel in one.channels]


def _organization(organization_id):
    return next(one for one in WORLD.organizations if one.organization_id == organization_id)


def _with_profiles():
    return [one for one in WORLD.organizations if one.profiles]


def _of(one):
    return [talk for profile in one.profiles for talk in profile.conversations]


def _talks(*stages):
    chosen = [o for o in WORLD.organizations if not stages or o.true_stage in stages]
    return [talk for one in chosen for talk in _of(one)]


def _inbound(talk):
    """Places of what a resident said to the organization where all can see it."""
    return [
        n
        for n, remark in talk.shown()
        if not (remark.is_own or talk.is_elsewhere)
        and (remark.parent is None or talk.remarks[remark.parent].is_own)
    ]


def _recent_inbound_count(one):
    since = WORLD.as_of - timedelta(weeks=13)
    return sum(talk.remarks[n].at >= since for talk in _of(one) for n in _inbound(talk))


def _answers(talk, place):
    return [r.at - talk.remarks[place].at for r in talk.remarks if r.is_own and r.parent == place]


def _answered_shares(stage):
    """Share of what was said to each lively organization of a stage that it answered."""
    for one in _with_profiles():
        answered = [bool(_answers(talk, n)) for talk in _of(one) for n in _inbound(talk)]
        if one.true_stage == stage and len(answered) > 60:
            yield sum(answered) / len(answered)


def _hours(stage):
    return [
        delay / timedelta(hours=1)
        for talk in _talks(stage)
        for n in _inbound(talk)
        for delay in _answers(talk, n)
    ]


def _posts_per_week(stage, *tempers):
    return [
        sum(len(channel.posted_at) for channel in one.channels) / 60
        for one in WORLD.organizations
        if one.true_stage == stage and one.temper in (tempers or (Temper.TYPICAL,))
    ]


def _active_week_share(stage):
    return [
        len({moment.isocalendar()[:2] for channel in one.channels for moment in channel.posted_at})
        / 60
        for one in WORLD.organizations
        if one.true_stage == stage and one.temper is Temper.TYPICAL
    ]


def _weekend_share(stage):
    days = [
        moment.weekday()
        for one, channel in _all_channels()
        if one.true_stage == stage
        for moment in channel.posted_at
    ]
    return sum(day >= 5 for day in days) / len(days)


def _entry(position=0):
    return DemoEntry(
        guid=f"post-{position}",
        link=f"https://somewhere.example/{position}",
        title="A post",
        paragraphs=("Some text.",),
        published_at=AS_OF - timedelta(days=1 + position),
    )
