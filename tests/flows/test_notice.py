"""The public notice names everything that the law asks for, and is reached from everywhere."""

from __future__ import annotations

import re
import shutil

import pytest
from starlette.testclient import TestClient

from connectors.terms.register import shipped
from dashboards.app import create_app
from flows.fetchplan import fetch_plan
from flows.notice import as_markdown, as_page, notice_texts
from flows.settings import Settings, load_settings

SUBJECTS = {"Riverton <Council>": ["feeds", "mastodon"], "Harbour Trust": ["youtube"]}
#: What Art. 14 wants told (R10), each with words that tell it.
REQUIRED = {
    "who is responsible": "Controller: Example Institute.",
    "contact": "Contact: privacy@institute.example.",
    "purpose": "To describe how organizations use social media in public",
    "legal basis": "Legitimate interest, Art. 6(1)(f) GDPR",
    "balance of each source": shipped()["mastodon"].balancing,
    "categories": "In place of the person a key",
    "where it comes from": "Only what can be read in public without an account",
    "recipients": "Who receives it",
    "how long, responses": "names and words: 7 days at most",
    "how long, acts": "with keys in place of persons: 400 days",
    "how long, limited sources": "Everything of YouTube: 30 days",
    "access": "Access (Art. 15)",
    "rectification": "Rectification (Art. 16)",
    "erasure": "Erasure (Art. 17)",
    "restriction": "Restriction of processing (Art. 18)",
    "objection": "Objection (Art. 21)",
    "complaint": "data protection authority",
    "no decisions": "Nothing is decided about persons",
    "why not told one by one": "Art. 14(5)(b) GDPR",
    "how to stay out": "robots.txt",
    "organizations": "Harbour Trust",
}


@pytest.fixture(scope="module")
def texts():
    settings = Settings(controller="Example Institute", contact="privacy@institute.example")
    return notice_texts(settings, SUBJECTS, shipped())


@pytest.mark.parametrize("item", REQUIRED)
def test_the_notice_tells_what_the_law_wants_told(texts, item):
    told = " ".join(p for text in texts for p in (text.heading, *text.paragraphs, *text.items))
    assert REQUIRED[item] in told


def test_only_sources_that_are_used_are_weighed(texts):
    (basis,) = [text for text in texts if text.heading == "On which legal basis"]
    assert [item.partition(".")[0] for item in basis.items] == ["Feeds", "Mastodon", "YouTube"]


def test_what_is_not_set_is_said_to_be_missing():
    told = as_markdown(notice_texts(Settings(), SUBJECTS, shipped()))
    assert "not stated yet: set controller in barograph.toml" in told.replace("\\", "")


def test_an_accepted_amendment_lifts_the_limit():
    amended = {
        **shipped(),
        "youtube": shipped()["youtube"].decided({"is_amended": True, "reason": "accepted"}),
    }
    assert "30 days" not in as_markdown(notice_texts(Settings(), SUBJECTS, amended))


def test_names_do_no_harm_in_the_page_nor_in_markdown(texts):
    assert "Riverton &lt;Council&gt;" in as_page(texts)
    assert "<Council>" not in as_page(texts)
    assert "Riverton \\<Council\\>" in as_markdown(texts)


def test_the_page_stands_alone(texts):
    page = as_page(texts)
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="https?:', page)


@pytest.fixture(scope="module")
def published(finished, tmp_path_factory, barograph_in):
    """A project whose notice has been published with its snapshot."""
    folder = tmp_path_factory.mktemp("noticed") / "here"
    shutil.copytree(finished, folder)
    (folder / "barograph.toml").write_text(
        'controller = "Example Institute"\ncontact = "privacy@institute.example"\n'
        'notice_url = "https://institute.example/notice"\n'
    )
    done = barograph_in(folder, "publish")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_command_writes_both_forms_and_says_what_is_not_set(published, barograph_in, tmp_path):
    done = barograph_in(published, "notice", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "Example Institute" in (tmp_path / "out" / "notice.md").read_text()
    assert "Example Institute" in (tmp_path / "out" / "notice.html").read_text()
    assert done.stderr == ""


def test_every_page_leads_to_the_notice_and_the_dashboard_serves_it(published):
    app = create_app(published / "data" / "snapshots" / "snapshot.duckdb")
    with TestClient(app) as browser:
        assert 'href="notice"' in browser.get("/").text
        assert 'href="../notice"' in browser.get("/organizations/a").text
        page = browser.get("/notice")
    assert page.status_code == 200
    assert "Controller: Example Institute." in page.text
    assert "Art. 14(5)(b) GDPR" in page.text


def test_a_site_has_the_notice_as_a_file_that_its_pages_lead_to(published, barograph_in, tmp_path):
    assert barograph_in(published, "site", tmp_path / "site").returncode == 0
    assert "Controller: Example Institute." in (tmp_path / "site" / "notice.html").read_text()
    assert 'href="notice.html"' in (tmp_path / "site" / "index.html").read_text()


def test_the_notice_is_named_to_every_server_that_is_asked(published, tmp_path):
    settings = load_settings(published)
    agent = fetch_plan(settings, "1", tmp_path, ()).user_agent
    assert agent == "barograph/1 (+privacy@institute.example; https://institute.example/notice)"
