"""Stack Exchange: what is special about it; the rest is in `test_every_connector`."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import load
from connectors.apis.itinerary import Itinerary
from connectors.contract import (
    AddressError,
    Channel,
    Direction,
    Evidence,
    Outcome,
    Page,
    PageError,
)

DATA = Path(__file__).parent / "data" / "stackexchange"
FETCHED = datetime(2026, 3, 2, 12, tzinfo=UTC)
BORN = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp())
CHANNEL = Channel(
    channel_id="council:stackexchange:1",
    organization_id="council",
    source="stackexchange",
    address="stackoverflow.com/council-kit",
    own_accounts=("https://stackoverflow.com/users/501/council-kit-team",),
)
CONNECTOR = load("stackexchange")


@pytest.mark.parametrize(
    ("address", "site", "tag"),
    [
        ("stackoverflow.com/example-lib", "stackoverflow", "example-lib"),
        ("stackoverflow/example-lib", "stackoverflow", "example-lib"),
        ("https://stackoverflow.com/questions/tagged/c%2b%2b", "stackoverflow", "c++"),
        ("https://unix.stackexchange.com/questions/tagged/sh?tab=Votes", "unix", "sh"),
        ("ru.stackoverflow.com/память", "ru.stackoverflow", "память"),
        ("meta.unix.stackexchange.com/Bug", "meta.unix", "bug"),
        ("mathoverflow.net/questions/tagged/nt.number-theory", "mathoverflow.net", None),
        ("http://127.0.0.1:8080/askubuntu.com/snap", "askubuntu", "snap"),
    ],
)
def test_a_site_and_a_tag_are_found_in_an_address(address, site, tag):
    query = parse_qs(urlsplit(read_url(address)).query)
    assert query["site"] == [site]
    assert query["tagged"] == [tag or "nt.number-theory"]


def test_another_server_is_asked_where_the_address_names_one():
    assert read_url("http://127.0.0.1:8080/stackoverflow.com/x").startswith(
        "http://127.0.0.1:8080/2.3/questions?"
    )


@pytest.mark.parametrize(
    "address",
    [
        "stackoverflow.com",
        "https://stackoverflow.com/questions/1234/how",
        "https://stackoverflow.com/questions/tagged/a+b",
        "https://stackoverflow.com/questions/tagged/c#",
        "stackoverflow.com/a b",
        "https://example.org/",
    ],
)
def test_anything_else_is_no_tag(address):
    with pytest.raises(AddressError, match=r"stackoverflow\.com/example-lib"):
        CONNECTOR.check_address(address)


def test_an_answer_by_the_staff_stands_as_long_after_its_question_as_the_dates_say():
    (question, *_), answers = listed("active.json").activities, answered("answers.json").activities
    by_staff = next(a for a in answers if a.direction == Direction.BY_ORGANIZATION)
    assert by_staff.parent_id == question.activity_id
    assert by_staff.occurred_at - question.occurred_at == timedelta(hours=2, minutes=30)
    assert by_staff.author_evidence == Evidence.LISTED_ACCOUNT
    assert by_staff.is_accepted_answer is True


def test_one_person_is_the_same_on_all_sites_of_the_network():
    elsewhere = replace(CHANNEL, address="superuser.com/council-kit")
    here, there = (listed("active.json", channel=c).activities[0] for c in (CHANNEL, elsewhere))
    assert here.author == there.author == "account 7001"
    assert here.activity_id != there.activity_id


def test_an_account_listed_for_another_site_is_nobody_of_ours():
    others = replace(CHANNEL, own_accounts=("https://superuser.com/users/501/x",))
    ours = replace(CHANNEL, own_accounts=("https://stackexchange.com/users/7900/x",))
    assert not by_organization(listed("active.json", channel=others))
    assert len(by_organization(listed("active.json", channel=ours))) == 1


def test_answers_of_many_questions_are_asked_for_in_one_request():
    parsed = parse(wrapper([question(n, answers=2) for n in range(1, 46)]))
    (batch,) = [r.url for r in parsed.next_requests if "/answers" in r.url]
    assert batch.count(";") == 44
    many = parse(wrapper([question(n, answers=30) for n in range(1, 8)]))
    batches = [urlsplit(r.url).path for r in many.next_requests if "/answers" in r.url]
    assert [path.count(";") + 1 for path in batches] == [3, 3, 1]


def test_a_question_with_more_answers_than_a_page_is_read_whole():
    first = parse(wrapper([question(1, answers=130)]))
    page1 = wrapper([answer(n, 1) for n in range(100)], has_more=True)
    seen = follow(first, "/answers", page1)
    assert not seen.threads
    assert not seen.extents
    rest = follow(seen, "/answers", wrapper([answer(n, 1) for n in range(100, 130)]))
    (view,) = rest.threads
    assert (view.reply_count, view.shown_count, view.is_truncated) == (130, 130, False)


def test_a_thread_with_fewer_answers_than_counted_is_censored():
    seen = follow(parse(wrapper([question(1, answers=2)])), "/answers", wrapper([answer(5, 1)]))
    assert seen.threads[0].is_truncated
    assert not seen.extents


def test_answers_are_asked_for_again_only_when_there_are_more_or_one_is_accepted():
    first = follow(parse(wrapper([question(1, answers=1)])), "/answers", wrapper([answer(5, 1)]))
    same = parse(wrapper([question(1, answers=1)]), cursor=first.cursor)
    accepted = parse(wrapper([question(1, answers=1, accepted=5)]), cursor=first.cursor)
    assert not [r for r in same.next_requests if "/answers" in r.url]
    assert [r for r in accepted.next_requests if "/answers" in r.url]


def test_what_happened_between_two_reads_is_walked_through_and_no_further():
    known = parse(wrapper([question(1)], has_more=False))
    news = wrapper([question(n, active=BORN + n) for n in (9, 8)], has_more=True)
    gap = parse(news, cursor=known.cursor)
    assert gap.listing.is_continued
    (url,) = [r.url for r in gap.next_requests if "min=" in r.url]
    assert f"min={BORN}&max={BORN + 8}" in url
    done = follow(gap, "min=", wrapper([question(8, active=BORN + 8), question(7)]))
    assert not [r for r in done.next_requests if "min=" in r.url]


def test_a_page_of_one_single_second_does_not_hold_up_the_walk():
    first = parse(wrapper([question(1)], has_more=True))
    page = wrapper([question(n) for n in (3, 2)], has_more=True)
    once = follow(first, "sort=creation", page)
    twice = follow(once, f"todate={BORN}", page)
    assert any(f"todate={BORN - 1}" in request.url for request in twice.next_requests)


def test_a_page_with_something_unreadable_claims_no_deletion():
    items = [question(1), {"question_id": "x"}]
    parsed = parse(wrapper(items))
    assert len(parsed.activities) == 1
    assert not parsed.extents
    assert [drift.kind for drift in parsed.drifts] == ["changed_type"]


def test_the_size_of_a_tag_is_asked_for_once_a_day():
    first = parse(wrapper([question(1)]))
    again = follow(first, "/info", wrapper([{"name": "council-kit", "count": 1}]))
    soon = parse(wrapper([question(1)]), cursor=again.cursor, at=FETCHED + timedelta(hours=6))
    late = parse(wrapper([question(1)]), cursor=again.cursor, at=FETCHED + timedelta(hours=13))
    assert not soon.next_requests
    assert [urlsplit(r.url).path for r in late.next_requests] == ["/2.3/tags/council-kit/info"]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("throttle_violation", Outcome.BLOCKED),
        ("access_denied", Outcome.NEEDS_AUTH),
        ("bad_parameter", Outcome.MALFORMED),
    ],
)
def test_a_refusal_by_the_interface_is_told_as_such(name, outcome):
    body = json.dumps({"error_id": 502, "error_message": "x", "error_name": name})
    with pytest.raises(PageError, match=name) as refusal:
        parse(body)
    assert refusal.value.outcome is outcome


def test_every_real_recording_is_read_without_a_surprise(real_data):
    paths = sorted((real_data / "api" / "stackexchange").glob("*page*.json"))
    assert paths
    for path in [*paths, real_data / "api/stackexchange/perceval__stackexchange_question.json"]:
        recorded = json.loads(path.read_bytes())
        parsed = parse(path.read_bytes())
        assert len(parsed.activities) == len(recorded["items"]), path.name
        assert not parsed.drifts, path.name
        names = {item["owner"]["display_name"] for item in recorded["items"]}
        assert not [name for name in names if name in repr(parsed)], path.name


def read_url(address):
    return next(CONNECTOR.plan(replace(CHANNEL, address=address), None)).url


def listed(name, channel=CHANNEL):
    return parse((DATA / name).read_bytes(), channel=channel)


def answered(name):
    return follow(listed("active.json"), "/answers", (DATA / name).read_bytes())


def parse(body, *, channel=CHANNEL, cursor=None, at=FETCHED):
    request = next(CONNECTOR.plan(channel, cursor))
    return CONNECTOR.parse(page(request, body, at), channel, cursor)


def follow(parsed, part, body):
    """What comes of the first request that a page led to, and whose address has a part."""
    request = next(r for r in parsed.next_requests if part in r.url)
    assert request.url in {e.url for e in Itinerary.from_cursor(parsed.cursor).errands}
    return CONNECTOR.parse(page(request, body, FETCHED), CHANNEL, parsed.cursor)


def page(request, body, at):
    return Page(
        page_id="p",
        channel_id=CHANNEL.channel_id,
        requested_url=request.url,
        url=request.url,
        status=200,
        headers=(),
        body=body.encode() if isinstance(body, str) else body,
        fetched_at=at,
        context=request.context,
    )


def wrapper(items, *, has_more=False):
    return json.dumps({"items": items, "has_more": has_more, "quota_remaining": 9})


def question(number, *, answers=0, accepted=None, active=BORN):
    written = {
        "question_id": number,
        "creation_date": BORN,
        "last_activity_date": active,
        "answer_count": answers,
    }
    return written | ({"accepted_answer_id": accepted} if accepted else {})


def answer(number, question_id):
    return {"answer_id": 1000 + number, "question_id": question_id, "creation_date": BORN}


def by_organization(parsed):
    return [a for a in parsed.activities if a.direction == Direction.BY_ORGANIZATION]
