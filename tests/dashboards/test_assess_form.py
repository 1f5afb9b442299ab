"""The questionnaire on the web: what it asks, how it is corrected, saved and gone on with."""

import json
import os
import stat
import time

import pytest
from lxml import html
from questionnaires import (
    DAY,
    altimeter,
    app_of,
    browser_of,
    esm3,
    hidden,
    opened,
    sent,
    text_of,
)

from classifiers.assessing.instrument import INSTRUMENT_CODES, ordered_items, read_instrument
from classifiers.stages import Stage
from dashboards.app import create_app
from dashboards.assessing.tokens import seed_of


@pytest.fixture
def browser(publish, town, tmp_path):
    return browser_of(app_of(publish(*town), tmp_path))


def parsed(response):
    return html.fromstring(response.text)


def test_the_first_step_offers_every_organization_and_both_questionnaires(browser, town):
    page = parsed(browser.get("/assess"))
    names = [each.text for each in page.xpath("//select[@id='organization']/option")]
    assert names == ["Choose …", *(member["name"] for member in town)]
    values = page.xpath("//input[@name='instrument']/@value")
    assert tuple(values) == INSTRUMENT_CODES


@pytest.mark.parametrize("query", ["", "organization=organization-0001", "instrument=esm3"])
def test_a_first_step_with_something_missing_says_so(browser, query):
    response = browser.get(f"/assess/new?{query}&x=y")
    assert response.status_code == 422
    assert "Choose an organization and a questionnaire" in response.text


def test_the_first_step_leads_to_the_form_about_the_organization(browser):
    response = browser.get("/assess/new?organization=organization-0003&instrument=esm3")
    assert response.status_code == 200
    assert str(response.url).endswith("/assess/esm3?organization=organization-0003")
    assert "About Organization 03." in text_of(response)


def test_without_organizations_the_first_step_says_how_they_come(publish, tmp_path):
    response = browser_of(app_of(publish(), tmp_path)).get("/assess")
    assert "This snapshot has no organization to assess" in response.text
    assert "barograph run" in response.text


@pytest.mark.parametrize("address", ["/assess/altimeter?organization=nobody", "/assess/other"])
def test_what_there_is_not_is_not_found(browser, address):
    assert browser.get(address).status_code == 404


def test_a_form_about_nobody_leads_to_the_first_step(browser):
    assert str(browser.get("/assess/altimeter").url).endswith("/assess")


@pytest.mark.parametrize("code", INSTRUMENT_CODES)
def test_every_question_is_asked_in_the_words_of_the_instrument(browser, code):
    instrument = read_instrument(code)
    page, told = opened(browser, code), text_of(opened(browser, code))
    for item in instrument.items:
        assert (item.steps.first if item.steps else item.text) in told
        assert item.warning in told
        assert item.help in told
        if not item.steps:
            assert all(f"{c.text[0].upper()}{c.text[1:]}" in told for c in item.choices)
    for words in (instrument.scope, *instrument.cautions):
        assert words in told
    groups = parsed(page).xpath("//fieldset[.//input[@value='cannot say']]")
    placements = 2 if instrument.placement else 0
    steps = sum(1 for item in instrument.items if item.steps)
    assert len(groups) == len(instrument.items) + placements + steps


def test_statements_come_in_random_order_that_their_form_keeps(browser):
    first, other = opened(browser), opened(browser)
    names = [
        list(dict.fromkeys(parsed(p).xpath("//input[@type='radio']/@name"))) for p in (first, other)
    ]
    assert names[0] != names[1]
    seed = seed_of(hidden(first)["token"])
    items = [item.code for item in ordered_items(read_instrument("altimeter"), seed)]
    assert names[0] == [*items, "stage", "ambition", "public"]


def test_nothing_of_what_is_observed_stands_before_the_answers(browser):
    for response in (browser.get("/assess"), opened(browser), sent(browser, answers={"ST1": "2"})):
        told = text_of(response).replace("Engagement 3 of 6", "")  # the name of a dimension
        assert "90 %" not in told
        assert not [stage.label for stage in Stage if f" {stage.label} " in told]
        assert "/organizations/" not in response.text


def test_it_is_private_unless_the_respondent_says_otherwise(browser):
    checked = parsed(opened(browser)).xpath("//input[@name='public'][@checked]/@value")
    assert checked == ["no"]


def test_unanswered_questions_are_told_with_links_to_their_fields(browser):
    answers = altimeter()
    left_open = [answers.pop("ST2"), answers.pop("ambition")]
    response = sent(browser, answers=answers)
    page = parsed(response)
    links = page.xpath("//div[@id='problems']//li/a")
    assert (response.status_code, len(links)) == (422, len(left_open))
    for link in links:
        field = page.get_element_by_id(link.get("href").removeprefix("#"))
        group = field.xpath("ancestor::fieldset")[0]
        assert field.get("name") in ("ST2", "ambition")
        assert group.get("aria-invalid") == "true"
        assert "Choose an answer" in page.get_element_by_id(group.get("aria-describedby")).text
    assert page.xpath("//title")[0].text.startswith("Error: ")
    assert page.xpath("//div[@id='problems']")[0].get("autofocus") is not None
    assert len(page.xpath("//fieldset[@aria-invalid]")) == 2


def test_what_was_filled_in_stays_when_something_is_wrong(browser):
    answers = altimeter(respondent_role="@home", note="two\nlines", respondent="1", public="yes")
    page = parsed(sent(browser, answers=answers))
    chosen = {each.get("name"): each.get("value") for each in page.xpath("//input[@checked]")}
    assert {name: chosen[name] for name in ("ST1", "stage", "public")} == {
        "ST1": "2",
        "stage": "4",
        "public": "yes",
    }
    assert page.get_element_by_id("respondent_role").get("value") == "@home"
    assert page.get_element_by_id("note").text.strip() == "two\nlines"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("respondent_role", "ann@example.org", "An address of a person is no role"),
        ("respondent_role", "x" * 61, "A role of 61 characters is no role"),
        ("respondent_role", "=cmd()", "Begin with a letter or a digit"),
        ("respondent_role", "press\x00", "control character"),
        ("respondent", "two words", "is no short code"),
        ("respondent", "+1", "Begin with a letter or a digit"),
        ("answered_on", "20 November", "is not a date"),
        ("answered_on", "2999-01-01", "is still to come"),
        ("answered_on", "", "Give the day"),
        ("note", "x" * 2001, "is too long"),
        ("note", "=1+1", "for a formula"),
        ("note", "bell\x07", "control character"),
        ("public", "perhaps", "neither yes nor no"),
        ("ST1", "7", "is no answer"),
        ("stage", "9", "9"),
    ],
)
def test_a_field_with_a_problem_says_what_to_do(browser, field, value, told):
    response = sent(browser, answers=altimeter(**{field: value}))
    assert response.status_code == 422
    assert told in text_of(response)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://", "ftp://a.example", "a b", "https://a@b.example"]
)
def test_evidence_is_a_web_address(browser, link):
    response = sent(browser, "esm3", esm3(EMP1_evidence=link))
    assert response.status_code == 422
    assert "is no web address" in text_of(response)


def test_steps_that_contradict_each_other_are_told(browser):
    response = sent(browser, "esm3", esm3(BUS3a="no", BUS3b="yes"))
    assert "Rules that never were are said to be needed" in text_of(response)


def test_after_a_no_the_second_step_needs_no_answer(browser):
    response = sent(browser, "esm3", esm3(BUS3a="no", BUS3b=""))
    assert "/assess/results/" in str(response.url)


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ({}, 0),
        ({"EMP1": "2"}, 1),
        ({"BUS3a": "yes"}, 0),
        ({"BUS3a": "no"}, 1),
        ({"EMP1": "cannot say", "BUS3a": "yes", "BUS3b": "no"}, 2),
    ],
)
def test_progress_counts_questions_with_an_answer(browser, said, count):
    response = browser.post("/assess/esm3/progress", data={"token": "x", **said})
    assert f"{count} of 12 answered" in response.text
    assert "<html" not in response.text


def test_an_unfinished_form_is_kept_privately_and_gone_on_with(browser, tmp_path):
    answers = {"ST1": "2", "GO4": "cannot say", "respondent_role": "=1+1", "answered_on": DAY}
    response = sent(browser, answers=answers, wanted="save")
    files = list((tmp_path / "kept" / "drafts").iterdir())
    assert response.status_code == 200
    assert "Saved; not sent yet." in text_of(response)
    assert "2 of 38 answered" in text_of(response)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (files[0], files[0].parent)] == [
        0o600,
        0o700,
    ]
    assert not (tmp_path / "inbox").exists()
    again = parsed(browser.get(str(response.url)))
    chosen = {e.get("name"): e.get("value") for e in again.xpath("//input[@checked]")}
    assert chosen == {"ST1": "2", "GO4": "cannot say", "public": "no"}
    assert again.get_element_by_id("respondent_role").get("value") == "=1+1"


def test_a_draft_that_is_sent_is_a_draft_no_more(browser, tmp_path):
    saved = sent(browser, answers={"ST1": "2"}, wanted="save")
    done = sent(browser, page=saved)
    assert "/assess/results/" in str(done.url)
    assert list((tmp_path / "kept" / "drafts").iterdir()) == []
    assert browser.get(str(saved.url)).status_code == 404


def test_saving_again_keeps_one_draft(browser, tmp_path):
    saved = sent(browser, answers={"ST1": "2"}, wanted="save")
    again = sent(browser, answers={"ST1": "2", "ST2": "0"}, wanted="save", page=saved)
    assert str(again.url) == str(saved.url)
    assert len(list((tmp_path / "kept" / "drafts").iterdir())) == 1


def test_drafts_are_removed_after_thirty_days(publish, town, tmp_path):
    browser = browser_of(app_of(publish(*town), tmp_path))
    sent(browser, answers={"ST1": "2"}, wanted="save")
    (old,) = (tmp_path / "kept" / "drafts").iterdir()
    long_ago = time.time() - 31 * 86_400
    os.utime(old, (long_ago, long_ago))
    later = browser_of(app_of(publish(*town), tmp_path))
    sent(later, answers={"ST1": "1"}, wanted="save")
    assert not old.exists()
    assert len(list((tmp_path / "kept" / "drafts").iterdir())) == 1


def test_a_draft_that_is_too_old_is_shown_to_nobody_though_its_file_is_there(browser, tmp_path):
    saved = sent(browser, answers={"ST1": "2"}, wanted="save")
    (path,) = (tmp_path / "kept" / "drafts").iterdir()
    record = json.loads(path.read_text()) | {"written_at": "2020-01-01T00:00:00+00:00"}
    path.write_text(json.dumps(record))
    assert browser.get(str(saved.url)).status_code == 404


def test_a_draft_of_other_questions_says_to_begin_again(browser, tmp_path):
    saved = sent(browser, answers={"ST1": "2"}, wanted="save")
    (path,) = (tmp_path / "kept" / "drafts").iterdir()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": "0"}))
    response = browser.get(str(saved.url))
    assert (response.status_code, "questions have changed" in response.text) == (410, True)


def test_forms_are_kept_by_no_cache(browser):
    assert opened(browser).headers["cache-control"] == "no-store"
    assert sent(browser).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "address", ["/assess", "/assess/altimeter", "/assess/results/x/levels.csv"]
)
def test_where_it_is_switched_off_the_page_tells_the_command(publish, town, address):
    response = browser_of(create_app(publish(*town))).get(address)
    assert response.status_code == 404
    assert "barograph assess ORGANIZATION" in response.text


def test_without_a_snapshot_the_page_tells_the_command(tmp_path):
    browser = browser_of(app_of(tmp_path / "nothing.duckdb", tmp_path))
    for address in ("/assess", "/assess/altimeter?organization=x"):
        response = browser.get(address)
        assert (response.status_code, "barograph publish" in response.text) == (503, True)


def test_an_organization_with_a_hostile_name_is_shown_as_text(publish, tmp_path):
    names = ("<script>alert(1)</script>", '" autofocus onfocus="x', "L" * 200, "שלום &")
    members = [{"name": name} for name in names]
    browser = browser_of(app_of(publish(*members), tmp_path))
    for number, name in enumerate(names):
        response = opened(browser, organization=f"organization-{number:04d}")
        assert name in text_of(response)
        assert "<script>alert" not in response.text
        assert not parsed(response).xpath("//*[@onfocus]")


def test_no_field_hides_a_property_of_its_form_from_scripts(browser):
    names = set(parsed(opened(browser, "esm3")).xpath("//form//*/@name"))
    assert not names & {"form", "action", "method", "id", "name", "target", "elements", "submit"}
