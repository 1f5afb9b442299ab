"""A site in, its accounts out: each with exactly what speaks for it."""

import json
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.contract import Outcome, Page
from connectors.discovering.account import ClueKind, confidence
from connectors.discovering.platforms import recognized
from connectors.discovering.profiles import Miss
from connectors.discovering.site import Site
from connectors.discovering.wikidata import ItemError, check_item_id, read_items
from connectors.discovery import MOST_AT_ONE_HOST, MOST_REQUESTS, SiteError, investigate

FOLDER = Path(__file__).parent / "data" / "discovery"
SITES = sorted(path.parent.name for path in FOLDER.glob("*/site.toml"))
NOWHERE = Miss(Outcome.NOT_FOUND, "HTTP 404 Not Found")
VIDEOS = "UCabcdefghijklmnopqrstuv"
NODEINFO = "http://nodeinfo.diaspora.software/ns/schema/2.0"
HOME = "https://council.example/"
SHORT = """<html><footer><a href="https://github.com/example-council">x</a>
<a href="https://social.example/@council">x</a>"""
PERSON = b"""{"id": "Q1", "claims": {"P31": [
    {"rank": "normal", "mainsnak": {"datavalue": {"value": {"id": "Q5"}}}}]}}"""
TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json", ".txt": "text/plain"}


def page(url, body, content_type="text/html", **headers):
    return Page(
        page_id="1",
        channel_id="",
        requested_url=url,
        url=url,
        status=200,
        headers=(("content-type", content_type), *headers.items()),
        body=body if isinstance(body, bytes) else body.encode(),
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def carried_out(investigation, replies):
    """Findings of an investigation on recorded replies, and the addresses that it asked."""
    asked = []
    try:
        request = next(investigation)
        while True:
            asked.append(request.url)
            request = investigation.send(replies.get(request.url, NOWHERE))
    except StopIteration as stopped:
        return stopped.value, asked


def found(body, **others):
    """Accounts on a homepage with this body, as "source address", with their evidence."""
    replies = {HOME: page(HOME, body)} | others
    findings, _ = carried_out(investigate(HOME), replies)
    return {
        f"{each.account.source} {each.account.address}": [kind.value for kind in each.kinds]
        for each in findings.accounts
    }


def recorded(name):
    folder = FOLDER / name
    site = tomllib.loads((folder / "site.toml").read_text("utf-8"))
    replies = {}
    for url, file in site["pages"].items():
        final = site.get("final", url) if url == site["homepage"] else url
        body = (folder / file).read_bytes()
        replies[url] = page(final, body, TYPES[Path(file).suffix])
    return site, replies


@pytest.mark.parametrize("name", SITES)
def test_a_site_gives_exactly_its_accounts_with_evidence_and_confidence(name):
    site, replies = recorded(name)
    findings, asked = carried_out(investigate(site["homepage"], site.get("item", "")), replies)
    assert findings.name == site["name"]
    assert [
        {
            "account": f"{each.account.source} {each.account.address}",
            "confidence": each.confidence.value,
            "evidence": [kind.value for kind in each.kinds],
        }
        for each in findings.accounts
    ] == site["expected"]
    assert set(site["pages"]) <= set(asked)
    assert len(asked) == len(set(asked)) <= MOST_REQUESTS


def test_no_private_person_of_a_page_is_named_in_the_findings():
    site, replies = recorded("council")
    findings, asked = carried_out(investigate(site["homepage"], site["item"]), replies)
    told = repr(findings).lower() + "".join(asked).lower()
    assert [name for name in ("annres", "ann-res", "ann_res", "ann res") if name in told] == []


@pytest.mark.parametrize(
    ("url", "account"),
    [
        ("https://bsky.app/profile/council.example", "bluesky council.example"),
        ("https://bsky.app/profile/did:plc:abcdefgh", "bluesky did:plc:abcdefgh"),
        ("https://bsky.app/profile/council.example/post/3kabc", ""),
        ("http://127.0.0.1:2584/profile/us.test", "bluesky http://127.0.0.1:2584/profile/us.test"),
        ("https://shop.example/profile/us.test", ""),
        ("https://github.com/council", "github council"),
        ("https://github.com/orgs/council/repositories", ""),
        ("https://github.com/council/site.git", "github council/site"),
        ("https://github.com/council/site/issues", "github council/site"),
        ("https://github.com/sponsors/ann", ""),
        ("https://github.com/login", ""),
        (f"https://youtube.com/channel/{VIDEOS}/videos", f"youtube {VIDEOS}"),
        (f"https://www.youtube.com/feeds/videos.xml?channel_id={VIDEOS}", f"youtube {VIDEOS}"),
        ("https://m.youtube.com/@council/videos", "youtube https://youtube.com/@council"),
        ("https://www.youtube.com/watch?v=gl1aHhXnN1k", ""),
        ("https://old.reddit.com/r/council/", "reddit r/council"),
        ("https://www.reddit.com/user/ann", ""),
        ("https://stackoverflow.com/questions/tagged/c%2b%2b", "stackexchange https://stackoverflow.com/questions/tagged/c++"),
        ("https://gis.stackexchange.com/tags/maps/info", "stackexchange https://gis.stackexchange.com/questions/tagged/maps"),
        ("https://stackoverflow.com/questions/1/how", ""),
        ("https://lemmy.example/c/council", "lemmy !council@lemmy.example"),
        ("https://lemmy.example/c/council@other.example", "lemmy !council@other.example"),
        ("https://social.example/@council", "mastodon @council@social.example"),
        ("http://127.0.0.1:3000/@council", "mastodon @council@127.0.0.1:3000"),
        ("https://social.example/web/@council@other.example", "mastodon @council@other.example"),
        ("https://social.example/@council/1093", ""),
        ("https://medium.com/@council", "medium https://medium.com/@council"),
        ("https://council.substack.com/@council", ""),
        ("https://mobile.twitter.com/council?lang=en", "x https://x.com/council"),
        ("https://x.com/council/status/1", ""),
        ("https://x.com/share?url=https://council.example", ""),
        ("https://x.com/intent/follow?screen_name=council", ""),
        ("https://nl-nl.facebook.com/council/", "facebook https://facebook.com/council"),
        ("https://www.facebook.com/pages/Council/123", "facebook https://facebook.com/pages/Council/123"),
        ("https://www.facebook.com/people/Ann/100", ""),
        ("https://www.facebook.com/sharer.php?u=x", ""),
        ("https://www.linkedin.com/company/council/posts", "linkedin https://linkedin.com/company/council"),
        ("https://www.linkedin.com/in/ann", ""),
        ("https://www.tiktok.com/@council", "tiktok https://tiktok.com/@council"),
        ("https://www.instagram.com/p/Cabc/", ""),
        ("https://t.me/share/url?url=x", ""),
        ("https://whatsapp.com/channel/0029Vabcdefghij", "whatsapp https://whatsapp.com/channel/0029Vabcdefghij"),
        ("https://ann:secret@x.com/council", ""),
        ("https://x.com:99999/council", ""),
        ("ftp://x.com/council", ""),
        ("javascript:alert(1)", ""),
        ("https://[broken/@council", ""),
        ("https://notx.com/council", ""),
        ("https://x.com.evil.example/council", ""),
        ("https://x.com/" + "a" * 600, ""),
    ],
)  # fmt: skip
def test_the_account_that_an_address_leads_to(url, account):
    seen = recognized(url)
    assert (f"{seen.source} {seen.address}" if seen else "") == account


@pytest.mark.parametrize(
    ("kinds", "sure"),
    [
        ({"text-link"}, "low"),
        ({"wikidata-other-site", "webfinger"}, "low"),
        ({"link-back"}, "low"),
        ({"site-link"}, "medium"),
        ({"rel-me"}, "medium"),
        ({"registry"}, "medium"),
        ({"wikidata", "link-back"}, "medium"),
        ({"text-link", "link-back"}, "high"),
        ({"json-ld", "link-back"}, "high"),
        ({"verified-link"}, "high"),
        ({"domain-handle"}, "high"),
        ({"feed-link", "own-domain"}, "high"),
    ],
)
def test_proof_from_both_sides_makes_it_sure(kinds, sure):
    assert confidence([ClueKind(kind) for kind in kinds]) == sure


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("https://council.example/news", True),
        ("see WWW.Council.example.", True),
        ("council.example", True),
        ("mail info@council.example", False),
        ("https://council.example.evil.example/", False),
        ("https://evil-council.example", False),
        ("https://council.example:8080/", False),
        ("councilxexample", False),
    ],
)
def test_whether_a_profile_names_the_site(text, is_named):
    assert Site.of(HOME).is_named_in(text) is is_named


def test_a_site_below_a_path_is_not_named_by_its_neighbour():
    site = Site.of("https://gov.example/council/")
    assert site.is_named_in("https://gov.example/council")
    assert not site.is_named_in("https://gov.example/police")
    assert Site.of("https://council.example/en/").is_named_in("council.example")


def test_a_profile_that_names_another_site_proves_nothing():
    profile = (
        b'{"login": "council", "id": 7, "type": "Organization", "blog": "https://else.example"}'
    )
    api = "https://api.github.com/orgs/council"
    seen = found(
        '<html><footer><a href="https://github.com/council">x</a></footer>',
        **{api: page(api, profile, "application/json")},
    )
    assert seen == {"github council": ["site-link"]}


@pytest.mark.parametrize(
    "profile", [b"[]", b"{", b"[" * 5000, b'"x"', b'{"acct": 1, "fields": [3], "note": []}']
)
def test_a_profile_that_is_none_proves_nothing(profile):
    finger = "https://social.example/.well-known/webfinger?resource=acct%3Aus%40social.example"
    known = b'{"links": [{"rel": "self", "type": "application/activity+json"}, 3]}'
    lookup = "https://social.example/api/v1/accounts/lookup?acct=us"
    seen = found(
        '<html><footer><a href="https://social.example/@us">x</a></footer>',
        **{finger: page(finger, known), lookup: page(lookup, profile)},
    )
    assert seen == {"mastodon @us@social.example": ["site-link", "webfinger"]}


def test_a_bluesky_server_on_this_machine_is_asked_itself():
    base = "http://127.0.0.1:2584"
    profile = b'{"did": "did:plc:abc", "handle": "council.example"}'
    lookup = f"{base}/xrpc/app.bsky.actor.getProfile?actor=council.example"
    seen = found(
        f'<html><footer><a href="{base}/profile/council.example">x</a>',
        **{lookup: page(lookup, profile)},
    )
    assert seen == {f"bluesky {base}/profile/council.example": ["site-link", "domain-handle"]}


def test_a_person_s_code_is_left_out_and_so_is_an_account_that_its_server_does_not_know():
    assert found(
        '<html><footer><a href="https://github.com/ann">x</a>'
        '<a href="https://social.example/@gone">x</a></footer>'
    ) == {}  # fmt: skip


def test_more_than_three_accounts_of_a_platform_in_a_text_are_a_list_of_others():
    links = "".join(f'<a href="https://x.com/member{n}">x</a>' for n in range(4))
    assert found(f"<html><p>{links}</p></html>") == {}
    assert len(found(f"<html><p>{links[:105]}</p></html>")) == 3


def test_a_fediverse_server_of_its_own_is_known_by_its_nodeinfo():
    listed = f'{{"links": [{{"rel": "{NODEINFO}", "href": "{HOME}nodeinfo/2.0"}}]}}'
    lookup = f"{HOME}api/v1/accounts/lookup?acct=us"
    seen = found(
        '<html><nav><a href="/@us">x</a></nav>',
        **{
            f"{HOME}.well-known/nodeinfo": page(HOME, listed),
            f"{HOME}nodeinfo/2.0": page(HOME, b'{"software": {"name": "mastodon"}}'),
            f"{HOME}.well-known/webfinger?resource=acct%3Aus%40council.example": Miss(
                Outcome.TIMEOUT, "no complete answer in time"
            ),
            lookup: page(lookup, b'{"acct": "us"}'),
        },
    )
    assert seen == {"mastodon @us@council.example": ["site-link", "own-domain"]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>" + b"<div>" * 100_000,
        b"<html><a href='" + b"x" * 3_000_000,
        b"<html><nav>" + b"<a href='https://x.com/a'>x</a>" * 30_000,
        b"<html>" + b"".join(b'<a href="https://h%d.example/@a">x</a>' % n for n in range(9000)),
        b"<html><nav>"
        + b"".join(b'<a href="https://h%d.example/@a">x</a>' % n for n in range(900)),
        b"<html><nav>" + b"".join(b'<a href="/contact%d">x</a>' % n for n in range(900)),
        b'<html><script type="application/ld+json">' + b'{"a":' * 200_000 + b"</script>",
        b'<html><script type="application/ld+json">{"@type": 3, "sameAs": {}}</script>',
        b'<html><script type="application/ld+json">' * 5000,
        b"<html \x00\xff\xfe <a <a href=//> </a></p></html></html><a href=//x.com/us>",
    ],
)
def test_a_hostile_page_costs_little_time_and_few_requests(body):
    start = time.process_time()
    findings, asked = carried_out(investigate(HOME), {HOME: page(HOME, body)})
    assert time.process_time() - start < 4
    assert len(asked) <= MOST_REQUESTS
    assert sum(url.startswith(HOME) for url in asked) <= MOST_AT_ONE_HOST
    assert len(findings.accounts) <= 60


def changed(value):
    """A JSON value as often as it has parts, each time with another part of another type."""
    yield from (None, 3, [{"x": 3}])
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            for other in changed(part):
                copy = value.copy()
                copy[key] = other
                yield copy


@pytest.mark.parametrize("file", sorted(path.name for path in FOLDER.glob("council/*.json")))
def test_an_answer_of_other_types_than_expected_does_no_harm(file):
    site, replies = recorded("council")
    (url,) = (url for url, name in site["pages"].items() if name == file)
    replies[HOME] = page(HOME, SHORT)
    for answer in changed(json.loads(replies[url].body)):
        others = replies | {url: page(url, json.dumps(answer), TYPES[".json"])}
        findings, _ = carried_out(investigate(HOME, site["item"]), others)
        assert findings.homepage == HOME


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Miss(Outcome.NOT_FOUND, "HTTP 404 Not Found"), "HTTP 404 Not Found"),
        (page(HOME, b"%PDF-1.7", "application/pdf"), "no web page but application/pdf"),
        (page(HOME, b"<rss></rss>", "text/html"), "no web page but text/html"),
        (page(HOME, b"", ""), "no web page but something else"),
    ],
)
def test_a_homepage_that_cannot_be_read_is_told(reply, told):
    with pytest.raises(SiteError, match=told):
        carried_out(investigate(HOME), {HOME: reply})


def test_a_wikidata_item_of_another_site_is_a_weak_lead():
    document = (FOLDER / "council" / "wikidata.json").read_bytes()
    (item,) = read_items(document)
    home = "https://other.example/"
    findings, _ = carried_out(investigate(home, item=item), {home: page(home, "<html></html>")})
    assert {each.confidence.value for each in findings.accounts} == {"low"}
    assert any("names another official website" in note for note in findings.notes)


def test_what_wikidata_calls_deprecated_or_ended_is_left_out():
    (item,) = read_items((FOLDER / "council" / "wikidata.json").read_bytes())
    assert item.label == "Example Council"
    assert [f"{a.source} {a.address}" for a in item.accounts] == [
        "feeds https://council.example/news.xml",
        "mastodon @council@social.example",
        "x https://x.com/ExampleCouncil",
        "instagram https://instagram.com/council.pictures",
    ]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (b"", "no valid JSON"),
        (b"[]", "no entity of Wikidata"),
        (b"3", "no entity of Wikidata"),
        (b'{"entities": {"Q1": {"id": "Q1"}}}', "no entity of Wikidata"),
        (
            PERSON,
            "Q1 is a person; only organizations are watched",
        ),
    ],
)
def test_a_document_that_is_no_organization_of_wikidata_is_told(document, told):
    with pytest.raises(ItemError, match=told):
        read_items(document)


def test_an_item_without_statements_is_an_organization_without_accounts():
    (item,) = read_items(b'{"entities": {"Q7": {"id": "Q7", "claims": [], "labels": []}}}')
    assert (item.label, item.accounts, item.websites) == ("Q7", (), ())


def test_the_identifier_of_an_item():
    assert check_item_id(" q42 ") == "Q42"
    for wrong in ("", "42", "Q0", "P31", "Q4/../x"):
        with pytest.raises(ItemError, match="no Wikidata item such as Q42"):
            check_item_id(wrong)
