"""What is special about GitHub: lists of whole repositories, programs, staff, accounts."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from recordedscenario import Answer, Scenario, World, scenario
from recordedworld import Reader

from connectors.apis.acts import act_id, thread_id
from connectors.apis.itinerary import Errand, Itinerary
from connectors.contract import AddressError, AuthorRole, Channel, Evidence, Page, Purpose
from connectors.github import MOST_REPOSITORIES, Connector

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATA = Path(__file__).parent / "data" / "github"
API = "https://api.github.com"
BRIDGE = f"{API}/repos/council/bridge"
ISSUES = f"{BRIDGE}/issues?state=all&sort=updated&direction=desc&per_page=100"
COMMENTS = f"{BRIDGE}/issues/comments?sort=created&direction=desc&per_page=100"
RELEASES = f"{BRIDGE}/releases?per_page=100"
REPOSITORIES = f"{API}/orgs/council/repos?sort=pushed&per_page=100"
ANN, BOB, PIER = ({"login": name, "id": i, "type": "User"} for i, name in enumerate("abp", 11))
CHANNEL = Channel(
    channel_id="council:github:1",
    organization_id="council",
    source="github",
    address="council/bridge",
    homepage="https://www.council.example",
)
ACCOUNT = replace(CHANNEL, address="council")


def days(count):
    return f"{NOW - timedelta(days=count):%Y-%m-%dT%H:%M:%SZ}"


def issue(number, opened=1.0, changed=None, user=ANN, association="NONE", **fields):
    return {
        "number": number,
        "title": "Opening hours",
        "body": None,
        "comments": 0,
        "created_at": days(opened),
        "updated_at": days(opened if changed is None else changed),
        "user": user,
        "author_association": association,
        **fields,
    }


def comment(id_, number, said=1.0, user=BOB, association="NONE", body="Yes."):
    return {
        "id": id_,
        "issue_url": f"{BRIDGE}/issues/{number}",
        "created_at": days(said),
        "updated_at": days(said),
        "user": user,
        "author_association": association,
        "body": body,
    }


def release(id_, made=1.0, **fields):
    return {
        "id": id_,
        "tag_name": f"v{id_}",
        "created_at": days(made),
        "published_at": days(made),
        **fields,
    }


def parsed(url, value, cursor=None, channel=CHANNEL, context="", status=200, **headers):
    page = Page(
        page_id="page",
        channel_id=channel.channel_id,
        requested_url=url,
        url=url,
        status=status,
        headers=tuple(headers.items()),
        body=json.dumps(value).encode(),
        fetched_at=NOW,
        context=context,
    )
    return Connector().parse(page, channel, cursor)


def following(page, host=API):
    return f'<{host}/repositories/7/issues?page={page}>; rel="next", <{host}/?page=9>; rel="last"'


def errands(result):
    return {e[0]: e[1] for e in json.loads(result.cursor.state)["errands"]}


def wholes(result):
    return {t.thread_id: t.shown_count for t in result.threads if t.shown_count is not None}


def thread(number, repository="bridge"):
    return thread_id(CHANNEL, f"github.com/council/{repository}#{number}")


# Addresses


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("council", REPOSITORIES),
        ("https://github.com/council/", REPOSITORIES),
        ("council/bridge", ISSUES),
        ("github.com/council/bridge", ISSUES),
        ("https://www.github.com/council/bridge.git", ISSUES),
        ("http://127.0.0.1:8080/council", "http://127.0.0.1:8080/api/v3/orgs/council/repos?"),
        ("localhost:8080/council/a.b", "http://localhost:8080/api/v3/repos/council/a.b/issues?"),
        ("git.example/council/x", "https://git.example/api/v3/repos/council/x/issues?"),
    ],
)
def test_an_address_leads_to_the_interface_of_its_server(address, read):
    Connector().check_address(address)
    first = next(iter(Connector().plan(replace(CHANNEL, address=address), None)))
    assert first.url.startswith(read)
    assert first.purpose is Purpose.READ


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            " council",
            "a b",
            "council/..",
            "council/a/b",
            "-council",
            "council?x=1",
            "@council",
        ),
        *("https://github.com/", "https://u:p@github.com/council", "ftp://github.com/council"),
        *("https://github.com/council/bridge/issues", "https://github.com/council/bridge#readme"),
    ],
)
def test_other_addresses_are_refused_with_an_example(address):
    with pytest.raises(AddressError, match="council/bridge"):
        Connector().check_address(address)


# Who said what to whom


def test_the_recorded_answers_took_four_and_a_half_hours():
    reader = Reader(Connector(), scenario("github", DATA))
    known = reader.look(reader.scenario.first).activities.values()
    asked = {a.thread_id: a.occurred_at for a in known if a.direction == "to_organization"}
    waits = [
        a.occurred_at - asked[a.thread_id]
        for a in known
        if a.author_evidence == "author_association" and a.kind == "comment"
    ]
    assert waits == [timedelta(hours=4.5)] * 2


@pytest.mark.parametrize(
    ("user", "association", "role", "evidence"),
    [
        (ANN, "NONE", AuthorRole.OUTSIDER, Evidence.NONE),
        (ANN, "CONTRIBUTOR", AuthorRole.OUTSIDER, Evidence.NONE),
        (ANN, "FIRST_TIMER", AuthorRole.OUTSIDER, Evidence.NONE),
        (PIER, "OWNER", AuthorRole.STAFF, Evidence.AUTHOR_ASSOCIATION),
        (PIER, "MEMBER", AuthorRole.STAFF, Evidence.AUTHOR_ASSOCIATION),
        (PIER, "COLLABORATOR", AuthorRole.STAFF, Evidence.AUTHOR_ASSOCIATION),
        ({**PIER, "login": "Council"}, "OWNER", "organization", Evidence.CHANNEL_ACCOUNT),
        ({**PIER, "login": "council-help"}, "NONE", "organization", Evidence.LISTED_ACCOUNT),
        (None, "NONE", AuthorRole.UNKNOWN, Evidence.NONE),
        ({"login": "ghost", "id": 10137, "type": "User"}, "NONE", AuthorRole.UNKNOWN, ""),
        ({**ANN, "type": "Mannequin"}, "NONE", AuthorRole.UNKNOWN, Evidence.NONE),
    ],
)
def test_people_are_told_apart_by_what_github_says_of_them(user, association, role, evidence):
    channel = replace(CHANNEL, own_accounts=("council-help",))
    (act,) = parsed(
        ISSUES, [issue(1, user=user, association=association)], channel=channel
    ).activities
    assert (act.author_role, act.author_evidence) == (role, evidence)


def test_a_person_is_the_same_in_every_repository_and_another_on_another_server():
    here = parsed(ISSUES, [issue(1)]).activities[0].author
    elsewhere = replace(CHANNEL, address="https://git.example/council/bridge")
    url = next(iter(Connector().plan(elsewhere, None))).url
    assert here == "github.com/11"
    assert parsed(COMMENTS, [comment(5, 1, user=ANN)]).activities[0].author == here
    assert parsed(url, [issue(1)], channel=elsewhere).activities[0].author == "git.example/11"


def test_programs_are_left_out_also_as_answers():
    bot = {"login": "ci[bot]", "id": 9, "type": "Bot"}
    old = {"login": "ci[bot]", "id": 9}
    issues = parsed(ISSUES, [issue(1, comments=1), issue(2, user=bot), issue(3, user=old)])
    assert [a.reply_count for a in issues.activities] == [1]
    assert parsed(COMMENTS, [comment(5, 1, user=bot)], issues.cursor).activities == ()


def test_a_release_speaks_for_the_organization_even_when_a_program_published_it():
    made = [release(2, author={"login": "ci[bot]", "id": 9}), release(1, draft=True)]
    (act,) = parsed(RELEASES, made).activities
    assert (act.kind, act.direction, act.author) == ("release", "by_organization", "")


@pytest.mark.parametrize(
    ("opener", "body", "direction"),
    [
        ("NONE", "I see the same.", "among_others"),
        ("MEMBER", "Will it rain?", "to_organization"),
        ("NONE", "@Council, any news?", "to_organization"),
        ("NONE", "@council-fan said so, mail me@council", "among_others"),
    ],
)
def test_a_comment_is_addressed_to_whose_issue_it_is_or_who_is_mentioned(opener, body, direction):
    issues = parsed(ISSUES, [issue(1, association=opener, comments=1)])
    (act,) = parsed(COMMENTS, [comment(5, 1, body=body)], issues.cursor).activities
    assert act.direction == direction
    assert act.parent_id == act_id(CHANNEL, "github.com/council/bridge#1")


def test_what_was_an_issue_before_2013_is_no_pull_request():
    nothing = {"html_url": None, "diff_url": None, "patch_url": None}
    link = {"html_url": "https://github.com/council/bridge/pull/2"}
    acts = parsed(ISSUES, [issue(2, pull_request=link), issue(1, pull_request=nothing)]).activities
    assert [act.kind for act in acts] == ["pull_request", "issue"]


# Which conversations were seen whole


def test_an_issue_is_seen_whole_when_all_comments_since_it_was_opened_are_known():
    issues = parsed(ISSUES, [issue(2, 3, 1, comments=2), issue(1, 9, 2, comments=1)])
    assert wholes(issues) == {}
    newest = [comment(8, 2, 1), comment(7, 2, 2), comment(6, 1, 5)]
    first = parsed(COMMENTS, newest, issues.cursor, link=following(2))
    assert wholes(first) == {thread(2): 2}
    ((url, context),) = errands(first).items()
    older = parsed(url, [comment(5, 1, 8)], first.cursor, context=context)
    assert wholes(older) == {thread(1): 1}


def test_an_issue_read_after_its_comments_is_seen_whole_if_none_is_newer():
    comments = parsed(COMMENTS, [comment(8, 2, 1), comment(7, 1, 2)])
    listed = [issue(3, 0.5, comments=1), issue(2, 3, 1, comments=1), issue(1, 9, 2, comments=1)]
    assert wholes(parsed(ISSUES, listed, comments.cursor)) == {thread(2): 1, thread(1): 1}


def test_a_pull_request_may_be_answered_by_a_review_that_is_not_read():
    link = {"html_url": "https://github.com/council/bridge/pull/1"}
    issues = parsed(ISSUES, [issue(1, pull_request=link)])
    assert [t.is_truncated for t in issues.threads] == [True]
    assert parsed(COMMENTS, [], issues.cursor).threads == ()


# What is deleted


def test_a_list_on_one_page_shows_what_was_deleted_and_a_longer_one_does_not():
    whole = parsed(ISSUES, [issue(2), issue(1, 3)]).extents
    assert [(e.listed_in, e.from_at, e.to_at) for e in whole] == [
        ("bridge/issues", NOW - timedelta(days=3), NOW)
    ]
    assert parsed(ISSUES, [issue(2), issue(1, 3)], link=following(2)).extents == ()
    assert parsed(ISSUES, [issue(2), {"number": "two"}]).extents == ()
    assert parsed(ISSUES, []).extents == ()


def test_what_has_the_second_of_a_pages_edge_may_stand_on_the_next():
    first = parsed(COMMENTS, [comment(9, 1, 1), comment(8, 1, 2)], link=following(2))
    ((url, context),) = errands(first).items()
    older = parsed(url, [comment(7, 1, 2), comment(6, 1, 4)], first.cursor, context=context)
    edge = NOW - timedelta(days=2)
    assert first.extents[0].from_at > edge > older.extents[0].to_at


# The way back through a list


def test_a_first_walk_ends_where_rows_are_not_kept_any_more():
    near = parsed(ISSUES, [issue(2, 399)], link=following(2))
    assert list(errands(near)) == [f"{ISSUES}&page=2"]
    assert near.listing.is_continued
    far = parsed(ISSUES, [issue(2, 401)], link=following(2))
    assert errands(far) == {}


def test_a_later_walk_ends_where_the_last_one_began():
    known = parsed(ISSUES, [issue(1, 10)]).cursor
    first = parsed(ISSUES, [issue(9, 1), issue(8, 2)], known, link=following(2))
    ((url, context),) = errands(first).items()
    further = parsed(url, [issue(7, 3)], first.cursor, context=context, link=following(3))
    ((url, context),) = errands(further).items()
    assert url == f"{ISSUES}&page=3"
    ended = parsed(
        url, [issue(6, 9), issue(1, 10.5)], further.cursor, context=context, link=following(4)
    )
    assert errands(ended) == {}
    assert ended.listing.is_delta


def test_a_walk_that_meets_an_older_one_goes_on_as_far_as_that():
    first = parsed(COMMENTS, [comment(1, 1, 50)], link=following(2))
    ((url, context),) = errands(first).items()
    again = parsed(COMMENTS, [comment(9, 1, 20)], first.cursor, link=following(2))
    assert list(errands(again)) == [url]
    assert json.loads(errands(again)[url])["until"] == json.loads(context)["until"]


def test_a_walk_that_breaks_off_leaves_unknown_what_lies_behind():
    issues = parsed(ISSUES, [issue(2, 3, 1, comments=1), issue(1, 9, 2, comments=1)])
    first = parsed(COMMENTS, [comment(8, 2, 1), comment(7, 1, 5)], issues.cursor, link=following(2))
    ((url, _),) = errands(first).items()
    ended = parsed(url, {}, first.cursor, status=422)
    again = parsed(COMMENTS, [comment(8, 2, 1), comment(7, 1, 5)], ended.cursor, link=following(2))
    assert wholes(again) == {thread(2): 1}


def test_the_place_in_a_list_is_taken_from_a_link_and_never_its_host():
    stranger = following(2, "https://elsewhere.example")
    assert list(errands(parsed(ISSUES, [issue(1)], link=stranger))) == [f"{ISSUES}&page=2"]
    cursor = '<https://api.github.com/repositories/7/issues?after=Y3==%26x&page=2>; rel="next"'
    asked = errands(parsed(ISSUES, [issue(1)], link=cursor))
    assert list(asked) == [f"{ISSUES}&after=Y3%3D%3D%26x&page=2"]


@pytest.mark.parametrize("page", ["1", "0", "-1", "x", "2222222", "٣"])
def test_a_link_that_does_not_lead_on_is_not_followed(page):
    assert errands(parsed(ISSUES, [issue(1)], link=following(page))) == {}


def test_beyond_the_last_page_that_github_serves_a_walk_ends():
    url = f"{ISSUES}&page=400"
    known = Itinerary((Errand(url),)).cursor()
    assert errands(parsed(url, {}, known, status=422)) == {}


# Accounts and profiles


def account_world(names, **answers):
    listed = [{"name": name, "fork": name == "fork", "private": name == "own"} for name in names]
    profile = {"followers": 120, "is_verified": True, "blog": "council.example", "email": "a@b.ex"}
    pages = {REPOSITORIES: listed, f"{API}/orgs/council": profile}
    for number, name in enumerate(names):
        lists = [url.replace("/bridge/", f"/{name}/") for url in (ISSUES, COMMENTS, RELEASES)]
        pages |= dict(zip(lists, ([issue(1)], [], [release(number)]), strict=True))
    json_type = (("content-type", "application/json"),)
    bodies = {
        url: Answer(json.dumps(value).encode(), headers=json_type)
        for url, value in (pages | answers).items()
    }
    return World(bodies)


def reader_of(world, channel=ACCOUNT):
    hosts = frozenset({"api.github.com"})
    made = Scenario(channel, NOW, (), world, world, World({}), {}, has_empty=False, hosts=hosts)
    return Reader(Connector(), made)


def test_of_an_account_the_repositories_pushed_to_last_are_read():
    names = ["bridge", "fork", "ferry", "own", "pool", "park", "trees", "lamps"]
    known = reader_of(world := account_world(names)).look(world)
    read = {url.split("/")[5] for url in known.asked if "/repos/" in url}
    assert read == {"bridge", "ferry", "pool", "park", "trees"}
    assert len(read) == MOST_REPOSITORIES
    assert len(known.asked) == 2 + 3 * MOST_REPOSITORIES
    assert len(known.activities) == 2 * MOST_REPOSITORIES
    assert known.errands == []


def test_a_repository_is_read_on_while_it_is_among_the_ten_that_are_active():
    first = ["bridge", "ferry", "pool", "park", "trees"]
    reader = reader_of(world := account_world(first))
    known = reader.look(world)
    later = reader.look(account_world(["lamps", "roads", *first]), after=known, day=1)
    assert not [url for url in later.asked if "lamps" in url or "roads" in url]
    gone = reader.look(account_world(["lamps", *first[1:]]), after=known, day=1)
    assert [url for url in gone.asked if "/lamps/" in url]


def test_of_an_account_days_are_seen_when_all_its_repositories_were():
    other = ISSUES.replace("bridge", "ferry")
    known = parsed(REPOSITORIES, [{"name": "bridge"}, {"name": "ferry"}], channel=ACCOUNT)
    one = parsed(ISSUES, [issue(1, 30)], known.cursor, ACCOUNT, link=following(2))
    assert one.listing.listed_from is None
    both = parsed(other, [issue(1, 5)], one.cursor, ACCOUNT, link=following(2))
    assert both.listing.listed_from == NOW - timedelta(days=5)
    assert both.listing.is_delta


def test_what_is_no_organization_is_read_as_a_user_account():
    user = {f"{API}/users/council": {"followers": 3, "bio": "We build bridges."}}
    listed = {f"{API}/users/council/repos?sort=pushed&per_page=100": [{"name": "bridge"}]}
    world = account_world(["bridge"], **user, **listed)
    missing = world.but(dict.fromkeys((REPOSITORIES, f"{API}/orgs/council"), Answer(b"{}", 404)))
    reader = reader_of(missing)
    known = reader.look(missing)
    assert known.last_presence()["follower_count"] == 3
    assert known.last_presence()["has_description"]
    assert len(known.activities) == 2
    assert reader.look(missing, after=known, day=1).asked[0] == next(iter(listed))


@pytest.mark.parametrize(
    ("is_verified", "blog", "homepage", "expected"),
    [
        (
            True,
            "https://council.example/en",
            "https://www.council.example",
            (True, "organization_badge"),
        ),
        (True, "https://other.example", "https://www.council.example", (False, "")),
        (False, "https://council.example", "https://www.council.example", (False, "")),
        (True, "https://council.example", "", (None, "")),
        (None, "https://council.example", "https://www.council.example", (None, "")),
    ],
)
def test_an_account_is_verified_when_its_proved_domain_is_the_homepages(
    is_verified, blog, homepage, expected
):
    channel = replace(ACCOUNT, homepage=homepage)
    profile = {"followers": 1, "is_verified": is_verified, "blog": blog}
    (presence,) = parsed(f"{API}/orgs/council", profile, channel=channel).presences
    assert (presence.is_verified, presence.verification) == expected


def test_the_stars_of_a_repository_are_its_followers():
    shown = {"name": "bridge", "stargazers_count": 48, "homepage": "council.example", "forks": 2}
    (presence,) = parsed(BRIDGE, shown).presences
    assert (presence.follower_count, presence.has_site_link) == (48, True)
    assert presence.is_verified is None


# Real recordings

LISTED = {
    "issues": ISSUES,
    "comments": COMMENTS,
    "releases": RELEASES,
    "repositories": REPOSITORIES,
}


def kind_of(value):
    names = value.keys()
    if "event" in names or isinstance(value.get("user"), str):
        return ""  # from a timeline, or from a search of 2012
    if {"comments", "number", "title", "created_at", "user"} <= names and "head" not in names:
        return "issues"
    if {"issue_url", "body", "user"} <= names and "#issuecomment" in str(value.get("html_url")):
        return "comments"
    if {"tag_name", "assets_url"} <= names:
        return "releases"
    if {"full_name", "forks_count", "pushed_at"} <= names:
        return "repositories"
    return "profiles" if {"login", "followers"} <= names else ""


def things(value):
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from things(part)


@pytest.fixture(scope="module")
def recorded(real_data):
    found = {}
    files = sorted((real_data / "api" / "github").glob("*.json"))
    if not files:
        pytest.skip("REAL RECORDINGS OF GITHUB ABSENT")
    for file in files:
        for value in things(json.loads(file.read_text("utf-8"))):
            found.setdefault(kind_of(value), []).append(value)
    return found


@pytest.mark.parametrize("kind", LISTED)
def test_real_things_are_read_without_drift(recorded, kind):
    result = parsed(LISTED[kind], recorded[kind], channel=ACCOUNT)
    assert result.drifts == ()
    people = [v for v in recorded[kind] if "[bot]" not in v.get("user", {}).get("login", "")]
    if kind != "repositories":
        assert len(result.activities) == len(people) > 3


def test_real_profiles_and_repositories_are_read_without_drift(recorded):
    for value in recorded["profiles"]:
        result = parsed(f"{API}/orgs/council", value, channel=ACCOUNT)
        assert result.drifts == ()
        assert result.presences[0].follower_count == value["followers"]
    for value in recorded["repositories"]:
        assert parsed(BRIDGE, value).presences[0].follower_count == value.get("stargazers_count")


def test_no_real_person_leaves_the_connector(recorded):
    people = {v["user"]["login"] for k in ("issues", "comments") for v in recorded[k]}
    words = people | {v["body"][:40] for v in recorded["issues"] if len(v["body"] or "") > 40}
    issues = parsed(ISSUES, recorded["issues"])
    comments = parsed(COMMENTS, recorded["comments"], issues.cursor)
    for result in (issues, comments):
        # both are taken off at the door (flows.door)
        kept = [{**asdict(act), "author": "", "link_host": ""} for act in result.activities]
        text = json.dumps([kept, result.cursor.state, repr(result.threads)], default=str)
        assert not [word for word in words if word in text]
