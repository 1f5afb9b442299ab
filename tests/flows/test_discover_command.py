"""`barograph discover` and `barograph import-accounts`, as somebody at a keyboard meets them."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile_server import hostile, redirect, reply

from flows.cli import main
from flows.organizations import read_organizations

ALLOWED = ("--allow-host", "localhost", "--allow-host", "127.0.0.1")
HOME = """<!doctype html><html><head><title>Town Hall</title>
<link rel="https://api.w.org/" href="/shop/wp-json/">
<link rel="alternate" type="application/rss+xml" href="/shop/feed/">
<link rel="alternate" type="application/rss+xml" href="/news.xml"></head><body>
<footer><a rel="me" href="{server}/@townhall">Mastodon</a>
<a href="https://x.com/townhall">X</a></footer>
<p>As <a href="https://bsky.app/profile/nextdoor.example">the neighbours</a> do.</p></html>"""
DATA = Path(__file__).parent.parent / "connectors" / "data" / "discovery"
REGISTRY = (DATA / "registry.csv").read_text("utf-8")


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """Runs the command inside this process, in a project folder of its own."""
    for name in [name for name in os.environ if name.startswith("BAROGRAPH_")]:  # noqa: TID251 - ours
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        return CliRunner().invoke(main, [str(a) for a in arguments], prog_name="barograph")

    return call


@pytest.fixture(scope="module")
def town():
    """A site on one server and its Mastodon account on another, both on this machine."""
    with hostile() as site, hostile() as social:
        home, host = site.url("/", "localhost"), f"127.0.0.1:{social.port}"
        page = HOME.format(server=f"http://{host}").encode()
        site.on("/", reply(200, page, Content_Type="text/html"))
        site.on("/old", redirect(home))
        site.on("/shop/wp-json/", json_reply({"namespaces": ["wp/v2"]}))
        site.on("/report.pdf", reply(200, b"%PDF-1.7", Content_Type="application/pdf"))
        site.on("/walled", reply(403))
        finger = {"links": [{"rel": "self", "type": "application/activity+json"}]}
        acct = f"acct%3Atownhall%40{host.replace(':', '%3A')}"
        social.on(f"/.well-known/webfinger?resource={acct}", json_reply(finger))
        profile = {"acct": "townhall", "note": "", "fields": [{"value": home, "verified_at": None}]}
        social.on("/api/v1/accounts/lookup?acct=townhall", json_reply(profile))
        yield site, f"@townhall@{host}"


def json_reply(value):
    return reply(200, json.dumps(value).encode(), Content_Type="application/json")


def test_a_site_becomes_a_list_that_can_be_read(tmp_path, invoke, town):
    site, account = town
    home = site.url("/", "localhost")
    done = invoke("discover", site.url("/old", "localhost"), *ALLOWED, "--output", "found.toml")
    assert (done.exit_code, done.stdout) == (0, "")
    (organization,) = read_organizations(tmp_path / "found.toml")
    assert (organization.organization_id, organization.homepage) == ("town-hall", home)
    listed = [(channel.source, channel.address) for channel in organization.channels]
    assert listed == [
        ("feeds", f"{home}news.xml"),
        ("mastodon", account),
        ("wordpress", f"{home}shop"),
    ]
    text = (tmp_path / "found.toml").read_text()
    assert "  # evidence: feed-link, own-domain; confidence: high\n  { source" in text
    assert "evidence: rel-me, site-link, webfinger, link-back; confidence: high" in text
    assert "# the channel of the source wordpress has the same posts; evidence: feed-link" in text
    assert "# no connector: not collected; evidence: site-link; confidence: medium" in text


def test_what_a_machine_may_read(invoke, town):
    site, account = town
    done = invoke("discover", site.url("/", "localhost"), *ALLOWED, "--json")
    (organization,) = json.loads(done.stdout)["organizations"]
    channels = {channel["source"]: channel for channel in organization["channels"]}
    mastodon = channels["mastodon"]
    assert mastodon["address"] == account
    assert mastodon["is_two_way"]
    assert mastodon["evidence"] == ["rel-me", "site-link", "webfinger", "link-back"]
    assert mastodon["seen_at"][0] == {"evidence": "rel-me", "at": site.url("/", "localhost")}
    assert (channels["bluesky"]["confidence"], channels["bluesky"]["is_channel"]) == ("low", False)
    assert not channels["x"]["is_two_way"]


def test_public_hosts_are_not_asked_without_a_contact(invoke, town):
    done = invoke("discover", "https://example.org")
    assert done.exit_code == 2
    assert "no contact is set, so example.org is not asked" in done.stderr
    site, _ = town  # names a Bluesky account, whose profile is public
    assert invoke("discover", site.url("/", "localhost"), *ALLOWED).exit_code == 0


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/none", "HTTP 404 Reason; give the address of the homepage"),
        ("/walled", "the site does not let programs in; list its channels by hand"),
        ("/report.pdf", "is no web page but application/pdf; give the address of the homepage"),
    ],
)
def test_a_site_that_cannot_be_read_is_told(invoke, town, path, told):
    done = invoke("discover", town[0].url(path, "localhost"), *ALLOWED)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: http://localhost:")
    assert told in done.stderr


def test_a_host_that_nobody_knows_is_told(invoke):
    done = invoke("discover", "http://nowhere.invalid/", "--allow-host", "nowhere.invalid")
    assert done.exit_code == 1
    assert "check the address and your connection" in done.stderr


def test_a_site_that_wants_no_programs_is_left_alone(invoke):
    with hostile() as server:
        server.on("/robots.txt", reply(200, b"User-agent: *\nDisallow: /\n"))
        done = invoke("discover", server.url("/", "localhost"), *ALLOWED)
        assert server.requests() == []
    assert done.exit_code == 1
    assert "does not want to be read by programs; list its channels by hand" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("discover", "https://"), "is no address of a website, such as https://example.org"),
        (("discover", "ftp://example.org"), "is no address of a website"),
        (("discover", "example.org", "--wikidata", "42"), "'42' is no Wikidata item such as Q42"),
        (("discover", "example.org", "--wikidata-file", "x"), "x: cannot be read: No such file"),
        (("discover", "example.org", "--output", "there"), "or replace it with --force"),
        (("import-accounts", "none.csv"), "none.csv: cannot be read: No such file"),
        (("import-accounts", "there"), "there:1: no column that names the organization; say whi"),
        (("import-accounts", "there", "--columns", "a=y"), "--columns a=y: write MEANING=COLUMN"),
        (
            ("import-accounts", "there", "--columns", "url=Link"),
            "no column 'Link', which --columns names; there are A, B",
        ),
    ],
)
def test_a_mistake_at_the_keyboard_is_told(tmp_path, invoke, arguments, told):
    (tmp_path / "there").write_text("A,B\nx,y\n")
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert (tmp_path / "there").read_text() == "A,B\nx,y\n"


def test_a_register_becomes_a_list_that_can_be_read(tmp_path, invoke):
    (tmp_path / "registry.csv").write_text(REGISTRY)
    done = invoke("import-accounts", "registry.csv", "--output", "found.toml", "--json")
    assert done.exit_code == 0, done.stderr
    bread, water, air = json.loads(done.stdout)["organizations"]
    assert [each["name"] for each in (bread, water, air)] == [
        'Dept. of "Bread"',
        "Dept. of Water",
        "Dept. of Air",
    ]
    assert addresses(bread) == ["x https://x.com/bread", "youtube UCabcdefghijklmnopqrstuv"]
    assert addresses(water) == [
        "github water",
        "x https://x.com/water",
        "ideascale https://water.ideascale.example/",
    ]
    assert air["channels"][0]["seen_at"] == [
        {"evidence": "registry", "at": "registry.csv:8 Service_URL"}
    ]
    read = read_organizations(tmp_path / "found.toml")
    identifiers = [each.organization_id for each in read]
    assert identifiers == ["dept-of-bread", "dept-of-water", "dept-of-air"]
    assert read[2].channels[0].address == "https://air.example/feed.xml"


def test_a_table_with_a_column_for_each_platform(tmp_path, invoke):
    """As a query of Wikidata gives it, with columns of our own choice beside it."""
    (tmp_path / "query.csv").write_text(
        "qid;orgLabel;website;country;Mastodon address;X username;Toots\n"
        "Q1;Council;https://council.example;nl;council@social.example;council;\n"
        "Q2;Museum;;Netherlands;;;@museum@art.example\n"
        "Q3;Library;;;;;no such thing\n"
    )
    done = invoke("import-accounts", "query.csv", "--columns", "mastodon=Toots", "--json")
    council, museum, _ = json.loads(done.stdout)["organizations"]
    assert (council["homepage"], council["country"]) == ("https://council.example", "NL")
    assert addresses(council) == ["mastodon @council@social.example", "x https://x.com/council"]
    assert (addresses(museum), museum["country"]) == (["mastodon @museum@art.example"], "")
    assert done.exit_code == 3
    assert (
        "left out: query.csv:4: column 'Toots': 'no such thing' is no account at mastodon; "
        "give the whole address, with https://"
    ) in done.stderr


def test_wikidata_s_own_json_is_a_register_too(tmp_path, invoke):
    claim = {"rank": "normal", "mainsnak": {"datavalue": {"value": "https://m.example/feed"}}}
    label = {"en": {"language": "en", "value": "Museum\n# of\x07 Corners"}}
    entity = {"id": "Q7", "labels": label, "claims": {"P1019": [claim]}}
    (tmp_path / "Q7.json").write_text(json.dumps({"entities": {"Q7": entity}}))
    done = invoke("import-accounts", "Q7.json")
    assert done.exit_code == 0
    (organization,) = tomllib.loads(done.stdout)["organization"]
    assert organization["id"] == "museum-of-corners"
    assert organization["channels"] == [
        {"source": "feeds", "address": "https://m.example/feed", "evidence": "wikidata"}
    ]


def test_no_file_is_replaced_unless_that_is_said(tmp_path, invoke):
    (tmp_path / "registry.csv").write_text(REGISTRY)
    arguments = ("import-accounts", "registry.csv", "--output", "found.toml")
    assert [invoke(*arguments).exit_code for _ in range(2)] == [0, 2]
    assert invoke(*arguments, "--force").exit_code == 0


def addresses(organization):
    return [f"{each['source']} {each['address']}" for each in organization["channels"]]
