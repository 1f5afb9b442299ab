"""The questionnaire in a real browser: by keyboard, without script, in both themes."""

import pytest
from browsing import (
    OVERFLOW,
    SCREENS,
    barriers,
    chromium,
    outlined,
    region,
    served,
    tab_to,
    visited,
)
from questionnaires import ORGANIZATION

from classifiers.assessing.instrument import read_instrument

pytestmark = pytest.mark.browser
FORM = f"assess/esm3?organization={ORGANIZATION}"
#: What Chromium notes of an answer that says which questions are open.
REFUSED = "status of 422"
QUESTIONS = "form.questionnaire fieldset[role=radiogroup]"


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


@pytest.fixture
def address(publish, town, inbox, tmp_path):
    with served(publish(*town), inbox=inbox, drafts=tmp_path / "drafts") as started:
        yield started


def test_the_keyboard_alone_answers_corrects_and_sends(browser, address, inbox):
    with visited(browser, f"{address}assess") as visit:
        page = visit.page
        tab_to(page, "document.activeElement.id === 'organization'")
        assert outlined(page)
        page.keyboard.type("Organization 00")
        tab_to(page, "document.activeElement.name === 'instrument'")
        page.keyboard.press("ArrowDown")
        tab_to(page, "document.activeElement.innerText === 'Go on'")
        page.keyboard.press("Enter")
        page.wait_for_url("**/assess/esm3**")
        answer_by_keyboard(page, leave_out="ORG2")
        tab_to(page, "document.activeElement.value === 'send'")
        assert outlined(page)
        page.keyboard.press("Enter")
        page.wait_for_selector("#problems")
        assert page.evaluate("document.activeElement.id") == "problems"
        tab_to(page, "document.activeElement.closest('#problems li')")
        page.keyboard.press("Enter")
        tab_to(page, "document.activeElement.name === 'ORG2'")
        page.keyboard.press("Space")
        tab_to(page, "document.activeElement.value === 'send'")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=What you claim")
        assert not [said for said in visit.complaints if REFUSED not in said]
    assert len([path for path in inbox.iterdir() if path.is_file()]) == 1


def test_what_is_answered_is_counted_without_a_new_page(browser, address):
    with visited(browser, address + FORM) as visit:
        total = len(read_instrument("esm3").items)
        assert visit.page.inner_text("#progress") == f"0 of {total} answered"
        visit.page.locator("input[type=radio]").first.check()
        visit.page.wait_for_function(
            "text => document.querySelector('#progress').innerText === text",
            arg=f"1 of {total} answered",
        )
        assert visit.complaints == []


def test_it_is_answered_and_sent_without_script(browser, address, inbox):
    with visited(browser, address + FORM, java_script_enabled=False) as visit:
        answer_all(visit.page)
        assert visit.page.locator("#problems").count() == 0
        assert visit.page.locator("h1").inner_text() != ""
    assert len([path for path in inbox.iterdir() if path.is_file()]) == 1


def test_the_address_of_a_result_shows_the_same_to_whom_it_is_given(browser, address):
    with visited(browser, address + FORM) as visit:
        answer_all(visit.page)
        visit.page.select_option("#peers-chosen", "size")
        visit.page.wait_for_url("**size**")
        visit.page.wait_for_load_state("networkidle")
        with visited(browser, visit.page.url, java_script_enabled=False) as other:
            assert region(other.page) == region(visit.page)


@pytest.mark.parametrize(
    ("instrument", "screen"), [("esm3", "light"), ("altimeter", "dark"), ("altimeter", "telephone")]
)
def test_no_step_has_a_barrier_or_leaves_the_screen(browser, address, instrument, screen):
    with visited(browser, f"{address}assess?instrument={instrument}", **SCREENS[screen]) as visit:
        page = visit.page
        assert hindrances(page) == []
        page.goto(f"{address}assess/{instrument}?organization={ORGANIZATION}")
        assert hindrances(page) == []
        page.click("button[value=send]")
        page.wait_for_selector("#problems")
        assert hindrances(page) == []
        page.click("button[value=save]")
        page.wait_for_selector("text=Saved; not sent yet.")
        assert hindrances(page) == []
        answer_all(page)
        page.wait_for_load_state("networkidle")
        assert page.locator("form.questionnaire").count() == 0
        assert hindrances(page) == []
        assert not [said for said in visit.complaints if REFUSED not in said]


def answer_by_keyboard(page, leave_out):
    """Tabs to every question and presses the space bar on its first answer."""
    for name in question_names(page):
        if name != leave_out:
            tab_to(page, f"document.activeElement.name === '{name}'")
            page.keyboard.press("Space")


def answer_all(page):
    """The first answer to every question, sent."""
    for name in question_names(page):
        page.check(f"input[name={name}] >> nth=0")
    page.click("button[value=send]")


def question_names(page):
    """Of every question of the form but whether others may see it, in order."""
    names = page.evaluate(
        f"[...document.querySelectorAll('{QUESTIONS}')].map(e => e.querySelector('input').name)"
    )
    return [name for name in names if name != "public"]


def hindrances(page):
    overflow = page.evaluate(OVERFLOW)
    return [*barriers(page), *([f"{overflow} px too wide"] if overflow else [])]
