"""The pages of the demo world's platforms have the forms that the real ones have."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from demo_pages import Visitor, platform_pages
from demo_world import WORLD

from connectors.bluesky import Connector as Bluesky
from flows.demo.organization import Platform

BASE_URL = "http://127.0.0.1:8000"
VISITOR = Visitor(WORLD, BASE_URL)
ZILVERDUIN = "/api/v1/accounts/{}/statuses".format(
    VISITOR.read("/api/v1/accounts/lookup?acct=gemeente_zilverduin")["id"]
)
MAISON = "/sites/maison-brindelune/wp-json"
SOLVANE = "/forum/solvane-mutual"


def test_mastodon_pages_lead_on_to_the_beginning_and_no_status_comes_twice():
    seen, address = [], f"{ZILVERDUIN}?limit=40"
    while address:
        page = VISITOR.ask(address)
        seen += [status["id"] for status in VISITOR.read(address)]
        following = re.search(r'<([^>]*)>; rel="next"', dict(page.headers).get("Link", ""))
        address = following and "{0.path}?{0.query}".format(urlsplit(following[1]))
    assert (
        len(seen)
        == len(set(seen))
        == VISITOR.read(ZILVERDUIN.removesuffix("/statuses"))["statuses_count"]
    )
    assert seen == sorted(seen, key=int, reverse=True)


def test_mastodon_gives_twenty_statuses_unless_asked_and_forty_at_most():
    assert len(VISITOR.read(ZILVERDUIN)) == 20
    assert len(VISITOR.read(f"{ZILVERDUIN}?limit=400")) == 40


def test_mastodon_shows_what_stands_above_and_below_a_status():
    statuses = VISITOR.read(f"{ZILVERDUIN}?limit=40")
    reply = next(status for status in statuses if status["in_reply_to_id"])
    context = VISITOR.read(f"/api/v1/statuses/{reply['id']}/context")
    assert context["ancestors"][-1]["id"] == reply["in_reply_to_id"]
    root = context["ancestors"][0]["id"]
    below = VISITOR.read(f"/api/v1/statuses/{root}/context")["descendants"]
    assert reply["id"] in {status["id"] for status in below}


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/accounts/lookup?acct=nobody", 404),
        ("/api/v1/accounts/1", 404),
        ("/api/v1/statuses/1/context", 404),
        ("/xrpc/app.bsky.actor.getProfile?actor=nobody.example", 400),
        ("/xrpc/app.bsky.feed.getPostThread?uri=at://did:plc:x/app.bsky.feed.post/1", 400),
        (f"{SOLVANE}/t/999.json", 404),
        ("/forum/hollowmere-buses/latest.json", 403),
        (f"{MAISON}/wp/v2/posts?page=99", 400),
    ],
)
def test_what_is_not_there_is_answered_as_the_platform_does(address, status):
    assert VISITOR.ask(address).status == status


def test_a_bluesky_account_has_a_did_that_the_network_could_have_given():
    did = VISITOR.read("/xrpc/app.bsky.actor.getProfile?actor=oakanvil.example")["did"]
    assert re.fullmatch(r"did:plc:[a-z2-7]{24}", did)
    Bluesky().check_address(f"{BASE_URL}/profile/{did}")


def test_a_bluesky_feed_leads_on_to_the_beginning_newest_first():
    address = "/xrpc/app.bsky.feed.getAuthorFeed?actor=oakanvil.example&limit=30"
    page = VISITOR.read(address)
    feed = page["feed"]
    while "cursor" in page:
        page = VISITOR.read(f"{address}&cursor={page['cursor']}")
        feed += page["feed"]
    dates = [item["post"]["record"]["createdAt"] for item in feed]
    assert dates == sorted(dates, reverse=True)
    profile = VISITOR.read("/xrpc/app.bsky.actor.getProfile?actor=oakanvil.example")
    assert len({item["post"]["uri"] for item in feed}) == len(feed) == profile["postsCount"]


def test_the_key_of_a_bluesky_post_tells_its_moment():
    feed = VISITOR.read("/xrpc/app.bsky.feed.getAuthorFeed?actor=oakanvil.example")["feed"]
    post = feed[0]["post"]
    number = 0
    for letter in post["uri"].rpartition("/")[2]:
        number = number * 32 + "234567abcdefghijklmnopqrstuvwxyz".index(letter)
    moment = datetime.fromtimestamp((number >> 10) / 1_000_000, UTC)
    assert moment == datetime.fromisoformat(post["record"]["createdAt"])


def test_a_forum_lists_thirty_topics_a_page_and_shows_twenty_posts_of_one():
    first = VISITOR.read(f"{SOLVANE}/latest.json")["topic_list"]
    second = VISITOR.read(f"{SOLVANE}/latest.json?page=1")["topic_list"]
    assert len(first["topics"]) == 30
    assert first["more_topics_url"] == "/latest?no_definitions=true&page=1"
    assert "more_topics_url" not in second
    topics = [*first["topics"], *second["topics"]]
    longest = max(topics, key=lambda topic: topic["posts_count"])
    pages = [VISITOR.read(f"{SOLVANE}/t/{longest['id']}.json?page={n}") for n in (1, 2)]
    shown = [post["id"] for page in pages for post in page["post_stream"]["posts"]]
    assert len(shown) > 20
    assert shown == pages[0]["post_stream"]["stream"][: len(shown)]


def test_a_wordpress_site_gives_what_is_asked_for_and_says_how_much_there_is():
    page = VISITOR.ask(f"{MAISON}/wp/v2/posts?per_page=100&_fields=id,date")
    posts = VISITOR.read(f"{MAISON}/wp/v2/posts?per_page=100&_fields=id,date")
    totals = dict(page.headers)
    assert {tuple(post) for post in posts} == {("id", "date")}
    assert len(posts) == 100 < int(totals["X-WP-Total"])
    assert totals["X-WP-TotalPages"] == "2"
    before = posts[-1]["date"]
    older = VISITOR.read(f"{MAISON}/wp/v2/posts?per_page=100&before={before}")
    assert len(older) == int(totals["X-WP-Total"]) - 100
    assert max(post["date"] for post in older) < before


def test_a_wordpress_site_tells_local_time_and_utc_apart():
    newest, *_ = VISITOR.read(f"{MAISON}/wp/v2/posts")
    local, utc = map(datetime.fromisoformat, (newest["date"], newest["date_gmt"]))
    assert (local - utc).total_seconds() == 3600  # Paris in November


def test_only_hosts_for_examples_are_named_and_people_have_pseudonyms():
    for platform, body in platform_pages(WORLD, BASE_URL):
        text = body.decode().replace("\\/", "/")
        hosts = {
            urlsplit(address).netloc for address in re.findall(r"https?://[^\s\"'<>\\]+", text)
        }
        outside = {host for host in hosts if not host.endswith(".example")}
        assert outside <= {"127.0.0.1:8000", "github.com", "developer.wordpress.org"}, platform
        if platform is Platform.WORDPRESS:
            names = set(re.findall(r'"author_name":"([^"]*)"', text))
            people = {name for name in names if "invented" not in name}
            assert all(re.fullmatch(r"[a-z]+\d{3}", name) for name in people)
