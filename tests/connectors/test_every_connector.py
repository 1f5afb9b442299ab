"""What holds for every source: a connector gets these tests by existing.

Each reads the connector's recorded scenario (`data/<source>/scenario.toml`) through
`recordedworld`, which does what a run does, without a network. At the end the suite is turned
against itself: an invented connector with one mistake at a time must be caught.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from datetime import UTC, date, timedelta
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from invented_source.connector import Connector as Invented
from recordeddamage import (
    MUTATIONS,
    NEW_FIELD,
    OTHER_PAGES,
    cuts,
    emptied,
    json_value,
    mutated,
    with_changed_types,
    with_new_fields,
)
from recordedscenario import Answer, World, scenario
from recordedworld import Reader

import connectors
from connectors.contract import (
    AddressError,
    AuthorRole,
    Cursor,
    Direction,
    Evidence,
    FoundThrough,
    Outcome,
    Purpose,
    ThreadShape,
)

TESTS = Path(__file__).parent
REPOSITORY = TESTS.parent.parent
INVENTED = TESTS.parent / "support" / "invented_source"
REVIEWED_FOR = timedelta(days=180)
A_DAY = 1.0
AN_HOUR = 1 / 24
KINDS = {
    *("post", "reply", "repost", "question", "answer", "comment", "topic", "issue"),
    *("pull_request", "release", "review"),
}
#: What an author's role may rest on.
EVIDENCE = {
    AuthorRole.ORGANIZATION: {Evidence.CHANNEL_ACCOUNT, Evidence.LISTED_ACCOUNT},
    AuthorRole.STAFF: set(Evidence) - {Evidence.NONE, Evidence.CHANNEL_ACCOUNT},
    AuthorRole.OUTSIDER: {Evidence.NONE},
    AuthorRole.UNKNOWN: {Evidence.NONE},
}
SAME_EVERYWHERE = (
    *("kind", "direction", "author", "author_role", "occurred_at", "parent_id", "thread_id"),
    *("thread_shape", "is_question", "text_length", "content_fingerprint", "is_accepted_answer"),
)
TERMS = {
    **dict.fromkeys(("name", "terms_url", "reviewed_by", "purpose", "interest", "balancing"), str),
    **dict.fromkeys(("terms_dated", "reviewed_on", "next_review"), date),
    **dict.fromkeys(("enabled", "may_derive"), bool),
    "questions": dict,
}
QUESTIONS = {"expected", "searchable", "harm", "aggregated", "deleted"}
JUNK = (
    *("", " ", "ftp://x", "javascript:alert(1)", "http://", "https:///", "\0", "?", "#"),
    *("a" * 3000, "https://" + "a" * 3000),
)


class Recorded(Reader):
    """A connector, its scenario, and what clean runs over it give; those are kept."""

    def __repr__(self):
        return f"<what is recorded of {self.connector.source}>"

    @cached_property
    def first(self):
        return self.look(self.scenario.first)

    @cached_property
    def later(self):
        return self.look(self.scenario.later, after=self.first, day=A_DAY)

    @cached_property
    def sights(self):
        """Every page that the connector is given, with the world that it comes from."""
        return [(self.scenario.first, s) for s in self.first.sights] + [
            (self.scenario.later, s) for s in self.later.sights
        ]


@cache
def recorded(source):
    if source == "invented":
        return invented()
    return Recorded(connectors.load(source), scenario(source, TESTS / "data" / source))


def invented(mistake=""):
    return Recorded(Invented(mistake), scenario("invented", INVENTED))


@pytest.fixture(params=(*connectors.names(), "invented"))
def case(request):
    try:
        return recorded(request.param)
    except LookupError as error:
        pytest.fail(str(error))


# What it says of itself


@pytest.mark.parametrize("source", connectors.names())
def test_a_connector_is_called_like_its_module_and_numbers_its_versions(source):
    connector = connectors.load(source)
    assert connector.source == source
    assert re.fullmatch(r"[1-9]\d*", connector.version)


@pytest.mark.parametrize("source", connectors.names())
def test_the_terms_of_a_source_were_reviewed_and_will_be_again(source):
    file = REPOSITORY / "connectors" / "terms" / f"{source}.toml"
    assert file.exists(), f"nobody reviewed the terms of {source}: write connectors/terms/"
    terms = tomllib.loads(file.read_text("utf-8"))
    assert terms.keys() - {"reason", "kept_days"} == TERMS.keys()
    assert terms["enabled"] or terms.get("reason"), "say why it is switched off"
    assert {name: type(terms[name]) for name in TERMS} == TERMS
    assert terms["questions"].keys() == QUESTIONS
    assert all(str(text).strip() for text in (*terms.values(), *terms["questions"].values()))
    assert terms["terms_url"].startswith("https://")
    assert terms["terms_dated"] <= terms["reviewed_on"] < terms["next_review"]
    assert terms["next_review"] - terms["reviewed_on"] <= REVIEWED_FOR


@pytest.mark.parametrize("source", connectors.names())
def test_a_page_tells_users_what_is_read(source):
    page = "fetching.md" if source == "feeds" else f"connectors/{source}.md"
    assert (REPOSITORY / "docs" / page).exists(), f"write docs/{page}: what is read and what not"


def test_what_is_planted_stands_in_the_recorded_pages(case):
    worlds = (case.scenario.first, case.scenario.later)
    bodies = b"\n".join(a.body for world in worlds for a in world.answers.values())
    text = bodies.decode("utf-8", "replace").casefold()
    assert case.scenario.planted, "plant names and texts of private persons in the pages"
    assert not [word for word in case.scenario.planted if word.casefold() not in text]


# Addresses and requests


def test_its_address_is_accepted(case):
    case.connector.check_address(case.scenario.channel.address)


def test_junk_is_refused_with_an_address_as_it_should_be(case):
    good = case.scenario.channel.address
    half = len(good) // 2
    broken = (f"{good[:half]}{bad}{good[half:]}" for bad in ("\n", "\0", "\t", " "))
    said = {junk: refusal(junk, case.connector) for junk in (*JUNK, *broken, f"{good}\n")}
    assert not [junk[:80] for junk, message in said.items() if message is None], "accepted"
    vague = {m[:300] for m in said.values() if not is_accepted_in(m, case.connector)}
    assert not vague, "no address in these messages would do"


def refusal(address, connector):
    """What is said against an address; None when it is accepted."""
    try:
        connector.check_address(address)
    except AddressError as error:
        return str(error)
    return None


def is_accepted_in(message, connector):
    """Whether one of the words is an address that the connector takes."""
    words = {word.strip("\"'`.,;:()<>") for word in message.split()}
    return any(refusal(word, connector) is None for word in words)


def test_plans_are_the_same_every_time(case):
    channel = case.scenario.channel
    for cursor in (None, case.first.cursor, case.later.cursor):
        planned = list(case.connector.plan(channel, cursor))
        assert planned == list(case.connector.plan(channel, cursor))
        assert len({r.url for r in planned}) == len(planned)
        assert any(r.purpose is Purpose.READ for r in planned)
    assert list(case.connector.plan(channel, None)) == list(
        case.connector.plan(channel, Cursor(state=""))
    )


def test_a_page_is_read_alike_every_time(case):
    for _, sight in case.sights:
        assert case.again(sight, sight.page.body).parsed == sight.parsed


def test_no_page_leads_to_another_host(case):
    """Every request of every look is vetted; here all links of all pages lead elsewhere."""
    for world in (case.scenario.first, case.scenario.later):
        elsewhere = World({url: leading_away(url, a) for url, a in world.answers.items()})
        case.look(elsewhere, after=case.look(elsewhere), day=A_DAY)


def leading_away(url, answer):
    """The answer with its own host replaced in every link."""
    own, other = urlsplit(url).netloc, "elsewhere.example"
    links = re.compile(rb"(?<=//)" + re.escape(own.encode()) + rb"(?=[/?\"'<>\s])")
    headers = tuple((k, v.replace(f"//{own}", f"//{other}")) for k, v in answer.headers)
    return Answer(links.sub(other.encode(), answer.body), answer.status, headers)


# What comes out


def test_the_first_read_gives_what_was_counted_by_hand(case):
    assert counted(case.first, case.scenario.expected["first"]) == case.scenario.expected["first"]


def test_a_day_later_the_figures_are_those_counted_by_hand(case):
    assert counted(case.later, case.scenario.expected["later"]) == case.scenario.expected["later"]


def counted(known, wanted):
    """The figures that are wanted, as they came out."""
    acts = list(known.activities.values())
    to_organization = [a for a in acts if a.direction == Direction.TO_ORGANIZATION]
    answers = [a for a in acts if a.direction == Direction.BY_ORGANIZATION]
    figures = {
        "activities": len(acts),
        "by_organization": len(answers),
        "to_organization": len(to_organization),
        "questions": sum(a.is_question is True for a in to_organization),
        "answered": sum(any(answers_to(b, a) for b in answers) for a in to_organization),
        **known.last_presence(),
    }
    missing = {"activities", "by_organization", "to_organization", "questions", "answered"}
    assert missing <= set(wanted), "the scenario must expect all of the first five figures"
    return {name: figures.get(name) for name in wanted}


def answers_to(answer, act):
    """Whether the organization's act answers another, as the warehouse has it."""
    if not answer.occurred_at or not act.occurred_at:
        return False
    if act.thread_shape == ThreadShape.TREE:
        return answer.parent_id == act.activity_id and answer.occurred_at >= act.occurred_at
    is_in_thread = act.thread_shape == ThreadShape.LIST and answer.thread_id == act.thread_id
    return is_in_thread and answer.occurred_at > act.occurred_at


def test_an_act_is_the_same_wherever_it_is_met(case):
    """A list may tell less than a thread; but what both tell must agree, or order decides."""
    for known in (case.first, case.later):
        met = {}
        for act in (act for sight in known.sights for act in sight.activities):
            before = met.setdefault(act.activity_id, act)
            differing = {
                name: told
                for name in SAME_EVERYWHERE
                if "" not in (told := (getattr(before, name), getattr(act, name)))
                and None not in told
                and told[0] != told[1]
            }
            assert not differing, f"{act.activity_id}: {differing}"


def test_every_activity_is_whole(case):
    for act in (*case.first.activities.values(), *case.later.activities.values()):
        check_act(act, case)


def check_act(act, case):
    assert re.fullmatch(r"[0-9a-f]{32}", act.activity_id), act
    assert act.kind in KINDS, f"{act.kind}: a new kind belongs into the glossary and here"
    assert act.connector_version == case.connector.version
    assert act.channel_id == case.scenario.channel.channel_id
    assert act.organization_id == case.scenario.channel.organization_id
    assert Evidence(act.author_evidence) in EVIDENCE[AuthorRole(act.author_role)], act
    assert not (act.author_role == AuthorRole.ORGANIZATION and act.author), act
    is_insider = act.author_role in {AuthorRole.ORGANIZATION, AuthorRole.STAFF}
    assert is_insider == (Direction(act.direction) is Direction.BY_ORGANIZATION), act
    assert not act.author_key, "only what stores activities makes keys"
    assert act.listed_in or case.connector.source == "feeds", act
    assert FoundThrough(act.found_through), act
    check_thread(act)
    check_dates_and_counts(act)


def check_thread(act):
    assert bool(act.thread_id) >= bool(act.parent_id), f"a parent without a thread: {act}"
    assert bool(act.thread_id) == bool(ThreadShape(act.thread_shape)), act
    assert act.parent_id != act.activity_id, act
    assert re.fullmatch(r"([0-9a-f]{32})?", act.parent_id), act
    assert re.fullmatch(r"([0-9a-f]{32})?", act.thread_id), act


def check_dates_and_counts(act):
    for at in (act.occurred_at, act.published_at, act.updated_at, act.first_seen_at):
        assert at is None or at.tzinfo is UTC, act
    assert bool(act.occurred_at) != bool(act.date_flag), act
    assert re.fullmatch(r"([A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*)?", act.language), act
    assert act.text_length >= 0, act
    assert all(n is None or n >= 0 for n in (act.like_count, act.reply_count, act.repost_count))


def test_what_is_replied_to_is_known_or_in_a_thread_seen_in_part(case):
    """But for what the organization answers elsewhere, and for what was deleted since."""
    for known in (case.first, case.later):
        seen = case.first.activities.keys() | known.activities.keys()
        partly = {v.thread_id for v in known.views.values() if v.is_truncated or v.withheld_count}
        for act in known.activities.values():
            is_unseen = act.parent_id and act.parent_id not in seen
            is_answer = act.direction == Direction.BY_ORGANIZATION
            assert not is_unseen or is_answer or act.thread_id in partly, act


def test_pages_tell_what_window_of_the_list_they_show(case):
    for known in (case.first, case.later):
        shown = [(s.request.purpose, s.parsed.listing) for s in known.sights if s.parsed]
        read = [listing for purpose, listing in shown if listing and purpose is Purpose.READ]
        older = [listing for purpose, listing in shown if listing and purpose is Purpose.DETAIL]
        assert read, "no page for reading has a listing"
        assert all(one.listed_from.tzinfo is UTC for one in read + older if one.listed_from)
        assert all(one.document_format and one.parser for one in read + older)
        assert all(one.is_delta for one in older), "an older page is no full view of the channel"
        assert any(one.is_continued for one in read) >= bool(older), "older pages, unannounced"


def test_a_thread_that_hides_replies_is_seen_in_part(case):
    for view in (*case.first.views.values(), *case.later.views.values()):
        seen = view.shown_count + view.withheld_count
        assert view.is_truncated or view.reply_count is None or seen >= view.reply_count, view
        assert min(view.shown_count, view.withheld_count) >= 0


def test_presences_are_of_the_channel_and_proven_where_they_say_so(case):
    channel = case.scenario.channel
    for presence in (*case.first.presences, *case.later.presences):
        assert presence.channel_id == channel.channel_id
        assert presence.organization_id == channel.organization_id
        assert presence.observed_at.tzinfo is UTC
        assert (presence.is_verified is True) == bool(presence.verification)
        counts = (getattr(presence, f.name) for f in fields(presence) if "count" in f.name)
        assert all(count is None or count >= 0 for count in counts), presence


def test_recorded_pages_hold_nothing_unknown(case):
    assert not case.first.drifts
    assert not case.later.drifts


# Looking again, and being stopped


def test_a_second_look_at_the_same_changes_nothing(case):
    second = case.look(case.scenario.first, after=case.first, day=AN_HOUR)
    third = case.look(case.scenario.first, after=second, day=2 * AN_HOUR)
    assert second.lasting() == case.first.lasting()
    assert third.asked == second.asked
    for look in (case.first, second, case.later):
        assert not look.is_endless
        assert not look.is_circling, "pages for reading lead back to one that was read"
    standing = {request.url for request in case.plan(case.first.cursor)}
    added = [s.request.url for s in second.sights if s.request.purpose is Purpose.DETAIL]
    assert set(added) <= standing, "nothing is new, and yet something more is asked"


def test_all_errands_are_run_in_one_look(case):
    """What still stands on the list was refused: by a status that is no answer to it."""
    for known in (case.first, case.later):
        refused = {url for url, outcome in known.outcomes.items() if outcome is not Outcome.OK}
        assert {errand[0] for errand in known.errands} <= refused


def test_a_page_that_has_not_changed_need_not_come_again(case):
    look = case.look(case.scenario.first, after=case.first, day=AN_HOUR, has_validators=True)
    assert look.lasting() == case.first.lasting()


@pytest.mark.parametrize("has_validators", [False, True])
def test_a_first_look_that_is_killed_anywhere_loses_and_doubles_nothing(case, has_validators):
    for count in range(1, len(case.first.asked) + 1):
        killed = case.look(case.scenario.first, stop_after=count)
        resumed = case.look(
            case.scenario.first, after=killed, day=AN_HOUR, has_validators=has_validators
        )
        assert resumed.lasting() == case.first.lasting(), f"killed after {count} pages"


@pytest.mark.parametrize("has_validators", [False, True])
def test_a_later_look_that_is_killed_anywhere_loses_and_doubles_nothing(case, has_validators):
    world = case.scenario.later
    for count in range(1, len(case.later.asked) + 1):
        killed = case.look(world, after=case.first, day=A_DAY, stop_after=count)
        resumed = case.look(world, after=killed, day=A_DAY + AN_HOUR, has_validators=has_validators)
        assert resumed.lasting() == case.later.lasting(), f"killed after {count} pages"


def test_a_rate_limit_anywhere_loses_and_doubles_nothing(case):
    for url in case.first.asked:
        refused = case.look(case.scenario.first.where(url, Answer(status=429)))
        resumed = case.look(case.scenario.first, after=refused, day=AN_HOUR)
        assert resumed.lasting() == case.first.lasting(), f"429 for {url}"
    for url in case.later.asked:
        world = case.scenario.later
        refused = case.look(world.where(url, Answer(status=429)), after=case.first, day=A_DAY)
        resumed = case.look(world, after=refused, day=A_DAY + AN_HOUR)
        assert resumed.lasting() == case.later.lasting(), f"429 for {url}, a day later"


# Empty, gone, broken


def test_a_channel_that_holds_nothing_yet_is_seen_to_be_empty(case):
    assert case.scenario.has_empty, "the scenario lacks [[empty]]: what an empty channel answers"
    known = case.look(case.scenario.empty)
    assert not known.activities
    read = [s.parsed for s in known.sights if s.request.purpose is Purpose.READ and s.parsed]
    assert 0 in {parsed.listing.entry_count for parsed in read if parsed.listing}
    assert Outcome.OK in known.outcomes.values()


def test_the_first_entries_of_an_empty_channel_are_found(case):
    before = case.look(case.scenario.empty)
    known = case.look(case.scenario.first, after=before, day=AN_HOUR)
    assert known.activities.keys() == case.first.activities.keys()


@pytest.mark.parametrize("status", [404, 410])
def test_a_channel_that_is_gone_takes_nothing_with_it(case, status):
    body = b'{"error":"Record not found"}' if status == 404 else b"<html><p>Gone</p></html>"
    everything = {url: Answer(body, status) for url in case.scenario.first.answers}
    reads = {url for url in everything if url in case.first.bodies}
    world = case.scenario.first.but({url: everything[url] for url in reads})
    for gone in (world, World({})):
        known = case.look(gone, after=case.first, day=AN_HOUR)
        assert known.activities.keys() == case.first.activities.keys()
        assert not [
            sight for sight in known.sights if sight.parsed and sight.request.url in reads
        ], "a page that is gone was taken for one that could be read"


@pytest.mark.parametrize("status", [404, 410])
def test_a_detail_that_is_gone_takes_at_most_its_own_thread(case, status):
    details = [s.request.url for s in case.later.sights if s.request.purpose is Purpose.DETAIL]
    for url in details:
        world = case.scenario.later.where(url, Answer(b'{"error":"x"}', status))
        known = case.look(world, after=case.first, day=A_DAY)
        again = case.look(world, after=known, day=A_DAY + AN_HOUR)
        third = case.look(world, after=again, day=A_DAY + 2 * AN_HOUR)
        assert third.asked == again.asked, f"{url} is asked in circles"
        kept = case.first.activities.keys() & case.later.activities.keys()
        lost = {case.first.activities[name].thread_id for name in kept - again.activities.keys()}
        assert len(lost) <= 1, f"{url} took the threads {lost}"


def test_a_page_that_broke_off_is_a_typed_error_or_is_read_in_part(case):
    for world, sight in case.sights:
        before = case.first if world is case.scenario.later else None
        for number, body in enumerate(cuts(sight.page.body)):
            broken = case.again(sight, body)
            if number == 0 and broken.error:
                resumes(case, world, before, sight.request.url, body)


def resumes(case, world, before, url, body):
    """A page that was broken for a moment is asked again, and nothing is missing then."""
    answer = world.answer(url).saying(body)
    broken = case.look(world.where(url, answer), after=before, day=A_DAY if before else 0)
    whole = case.look(world, after=broken, day=(A_DAY if before else 0) + AN_HOUR)
    clean = case.later if before else case.first
    assert whole.lasting() == clean.lasting(), f"{url} was broken once"


def test_another_page_in_the_place_of_any_deletes_nothing(case):
    for sight in case.first.sights:
        for body in OTHER_PAGES:
            case.again(sight, body)
    for url in case.first.asked:
        before = shown_before(case.first, url)
        for body in OTHER_PAGES[:6]:
            answer = case.scenario.first.answer(url).saying(body)
            known = case.look(case.scenario.first.where(url, answer))
            assert before <= known.activities.keys(), f"{body!r} for {url}"
            again = case.look(case.scenario.first.where(url, answer), after=case.first, day=AN_HOUR)
            assert again.activities.keys() == case.first.activities.keys(), f"{body!r} for {url}"


def test_an_emptied_page_deletes_nothing_but_what_hangs_on_it(case):
    """A list without entries tells nothing of them; a thread without replies tells of its own."""
    for sight in case.first.sights:
        value = json_value(sight.page.body)
        if value is None:
            continue
        is_list = bool(sight.parsed and sight.parsed.listing)
        for body in emptied(value):
            answer = case.scenario.first.answer(sight.request.url).saying(body)
            world = case.scenario.first.where(sight.request.url, answer)
            known = case.look(world, after=case.first, day=AN_HOUR)
            gone = case.first.activities.keys() - known.activities.keys()
            threads = {case.first.activities[name].thread_id for name in gone}
            assert len(threads) <= (0 if is_list else 1), f"{body[:200]!r} for {sight.request.url}"


def shown_before(known, url):
    """The activities that pages before this one showed."""
    shown = set()
    for sight in known.sights:
        if sight.request.url == url:
            break
        shown |= {a.activity_id for a in sight.activities}
    return shown & known.activities.keys()


# Drift


def json_sights(case):
    """The pages that are JSON, which alone can drift by fields, and have something to lose."""
    return [
        (sight, json_value(sight.page.body))
        for _, sight in case.sights
        if sight.parsed
        and json_value(sight.page.body) is not None
        and (sight.parsed.activities or sight.parsed.presences)
    ]


def test_a_new_field_is_noted_and_changes_nothing(case):
    for sight, value in json_sights(case):
        drifted = case.again(sight, json.dumps(with_new_fields(value)).encode())
        assert drifted.parsed, f"{sight.request.url}: {drifted.error}"
        assert drifted.activities == sight.activities
        assert drifted.parsed.presences == sight.parsed.presences
        noted = {d.path for d in drifted.parsed.drifts if d.kind == "new_field"}
        assert any(path.endswith(NEW_FIELD) for path in noted), f"unseen in {sight.request.url}"


def test_a_field_of_another_type_costs_no_more_than_its_own_item(case):
    done = set()
    for sight, value in json_sights(case):
        for changed in with_changed_types(value, done):
            check_changed(sight, changed, case.again(sight, changed.body))


def check_changed(sight, changed, drifted):
    where = f"{changed.place} = {changed.replacement!r} in {sight.request.url}"
    if changed.has_siblings and len(sight.activities) > 2:
        assert drifted.parsed, f"{where}: one item cost the page: {drifted.error}"
        ids = {a.activity_id for a in drifted.activities}
        assert ids & {a.activity_id for a in sight.activities}, f"{where}: all items are lost"
    is_wrong = changed.replacement in ({"unexpected": 1}, "unexpected")
    if drifted.parsed and is_wrong and drifted.activities != sight.activities:
        assert any(d.kind == "changed_type" for d in drifted.parsed.drifts), (
            f"{where}: lost without a word"
        )


@settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    number=st.integers(0, 999),
    steps=st.lists(
        st.tuples(st.sampled_from(MUTATIONS), st.integers(0, 99_999)), min_size=1, max_size=4
    ),
)
@example(number=0, steps=[("deep", 1)])
@example(number=1, steps=[("deep", 2)])
def test_any_page_gives_a_result_or_a_typed_error(case, number, steps):
    sight = case.sights[number % len(case.sights)][1]
    case.again(sight, mutated(sight.page.body, steps))


# The suite itself

MISTAKES = {
    "crashes on null": test_another_page_in_the_place_of_any_deletes_nothing,
    "deletes all on an empty page": test_an_emptied_page_deletes_nothing_but_what_hangs_on_it,
    "follows links": test_no_page_leads_to_another_host,
    "forgets errands": lambda case: (
        test_a_first_look_that_is_killed_anywhere_loses_and_doubles_nothing(
            case, has_validators=False
        )
    ),
    "keeps a name": test_the_first_read_gives_what_was_counted_by_hand,
    "loses the page for an item": test_a_field_of_another_type_costs_no_more_than_its_own_item,
    "reads threads again": test_a_second_look_at_the_same_changes_nothing,
    "never ticks off": test_all_errands_are_run_in_one_look,
    "quotes the page in its errors": test_a_page_that_broke_off_is_a_typed_error_or_is_read_in_part,
    "sees no new fields": test_a_new_field_is_noted_and_changes_nothing,
    "takes gone for read": lambda case: test_a_channel_that_is_gone_takes_nothing_with_it(
        case, 404
    ),
    "takes other threads along": lambda case: (
        test_a_detail_that_is_gone_takes_at_most_its_own_thread(case, 404)
    ),
    "takes any address": test_junk_is_refused_with_an_address_as_it_should_be,
    "walks in circles": test_a_second_look_at_the_same_changes_nothing,
    "reads the clock": test_a_page_is_read_alike_every_time,
    "sees others as the organization": test_every_activity_is_whole,
    "calls a part the whole": test_a_thread_that_hides_replies_is_seen_in_part,
    "never finishes": test_a_second_look_at_the_same_changes_nothing,
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_caught(mistake):
    with pytest.raises((AssertionError, pytest.fail.Exception, TypeError)):
        MISTAKES[mistake](invented(mistake))


def test_a_connector_without_a_scenario_is_told_what_to_write(tmp_path):
    with pytest.raises(LookupError, match=r"write tests/connectors/data/other/scenario\.toml"):
        scenario("other", tmp_path)
