"""Every page in a real browser: both themes, a telephone, the keyboard, and without script."""

from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from benchmark_scripts import script_named
from browsing import (
    DESK,
    OVERFLOW,
    SCREENS,
    barriers,
    chromium,
    outlined,
    region,
    served,
    tab_to,
    visited,
    window,
)

from dashboards.pages.registry import PAGES
from dashboards.site import write_site

pytestmark = pytest.mark.browser
SOMEBODY = "organizations/organization-000004"
STATES = {
    "nobody matches": "?country=ES&industry=health&size=1-9&group=pilot&source=mastodon",
    "unknown value": "?industry=fishing",
    "unknown address": "some/where",
    "unknown organization": "organizations/nobody",
    "one claim and stage": "?claimed=4&observed=3",
    "earlier week": "?week=2026-08-10",
}
CHANGES = {
    "": {"#industry": "finance"},
    "agreement": {"#industry": "finance"},
    SOMEBODY: {"#peers": "size"},
    "compare": {"#org-1": "organization-000004", "#org-2": "organization-000007"},
}
PLACES = [SOMEBODY if page.is_about_one else page.path for page in PAGES]
NARROW = {"viewport": {"width": 320, "height": 640}}


def views(*screens):
    """Every page on each of these screens; pytest opens each once where lists begin alike."""
    seen = [(place, screen) for screen in screens for place in PLACES]
    ids = [f"{place}-{screen}" for place, screen in seen]
    return pytest.mark.parametrize("opened", seen, indirect=True, ids=ids)


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """A snapshot in which every page has something to show."""
    folder = tmp_path_factory.mktemp("invented")
    return script_named("invented_snapshot").write_snapshot(folder, 120, 30)


@pytest.fixture(scope="module")
def address(invented, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    with served(invented, inbox=folder / "inbox", drafts=folder / "drafts") as started:
        yield started


@pytest.fixture(scope="module")
def windows(browser):
    """One for each kind of screen."""
    with ExitStack() as stack:
        yield {
            screen: stack.enter_context(window(browser, **settings))
            for screen, settings in {**SCREENS, "narrow": NARROW}.items()
        }


@pytest.fixture(scope="module")
def opened(request, windows, address):
    """A page on a screen, for all tests that only look."""
    place, screen = request.param
    windows[screen].go(address + place, quiet=True)
    return windows[screen]


@views("telephone", "light", "dark", "narrow")
def test_a_page_fits_and_asks_nobody_else(opened, address):
    assert opened.page.evaluate(OVERFLOW) == 0
    assert opened.complaints == []
    assert {urlsplit(url).netloc for url in opened.requests} == {urlsplit(address).netloc}
    assert opened.page.title().endswith(" · Barograph")
    assert opened.page.locator("h1").count() == 1
    shown = opened.page.inner_text("body").replace("None of ", "")
    assert not {"nan", "None", "undefined", "Markup"} & set(shown.split())


@views("telephone")
def test_no_text_of_a_chart_is_too_small_to_read_on_a_telephone(opened):
    heights = opened.page.evaluate(
        "[...document.querySelectorAll('svg text')].filter(t => t.getClientRects().length)"
        ".map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().d)"
    )
    assert min(heights, default=12) >= 11


@views("telephone")
def test_every_target_is_large_enough(opened):
    small = (
        "[...document.querySelectorAll('nav a, form button, form select, form input, summary')]"
        ".filter(e => e.type !== 'hidden' && e.getClientRects().length)"
        ".filter(e => e.getBoundingClientRect().height < 24 && "
        "(!e.labels || ![...e.labels].some(l => l.getBoundingClientRect().height >= 24)))"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert opened.page.evaluate(small) == []


@views("telephone", "light", "dark")
def test_a_page_has_no_barrier_that_axe_knows(opened):
    assert barriers(opened.page) == []


@pytest.mark.parametrize("place", STATES.values(), ids=STATES)
def test_no_state_of_a_page_has_a_barrier(browser, address, place):
    with visited(browser, address + place, **SCREENS["dark"]) as visit:
        assert barriers(visit.page) == []


@pytest.mark.parametrize("place", ["", "agreement"])
def test_a_filter_swaps_only_the_result_and_keeps_the_focus(browser, address, place):
    with visited(browser, address + place) as visit:
        visit.page.evaluate("document.querySelector('header').dataset.kept = 'yes'")
        visit.page.focus("#industry")
        visit.page.select_option("#industry", "finance")
        visit.page.wait_for_url("**industry=finance")
        visit.page.wait_for_function(
            "document.querySelector('#status').innerText.includes('finance')"
        )
        assert visit.page.evaluate("document.querySelector('header').dataset.kept") == "yes"
        assert visit.page.evaluate("document.activeElement.id") == "industry"
        said = visit.page.inner_text("#said[role=status]")
        assert said == visit.page.inner_text("#status")
        assert visit.complaints == []


@pytest.mark.parametrize("place", CHANGES)
def test_an_address_shows_the_same_to_somebody_else(browser, address, place):
    with visited(browser, address + place) as visit:
        for control, value in CHANGES[place].items():
            visit.page.select_option(control, value)
        if place == "compare":
            visit.page.click("text=Compare >> nth=-1")
        visit.page.wait_for_url(f"**{list(CHANGES[place].values())[-1]}**")
        visit.page.wait_for_load_state("networkidle")
        shared, seen = visit.page.url, region(visit.page)
        with visited(browser, shared) as fresh:
            assert region(fresh.page) == seen
        with visited(browser, shared, java_script_enabled=False) as plain:
            assert region(plain.page) == seen


def test_back_and_forward_restore_what_was_seen(browser, address):
    with visited(browser, address) as visit:
        everyone = visit.page.inner_text("#status")
        visit.page.select_option("#industry", "finance")
        visit.page.wait_for_url("**industry=finance")
        narrowed = visit.page.inner_text("#status")
        assert narrowed != everyone
        visit.page.go_back()
        expect_status(visit.page, everyone)
        assert urlsplit(visit.page.url).query == ""
        visit.page.go_forward()
        expect_status(visit.page, narrowed)
        assert visit.page.input_value("#industry") == "finance"


def test_filters_sorting_and_pages_work_without_script(browser, address):
    with visited(browser, address, java_script_enabled=False) as visit:
        visit.page.select_option("#industry", "finance")
        visit.page.check("#source-feeds")
        visit.page.click("#filters button")
        assert visit.page.url == f"{address}?industry=finance&source=feeds"
        visit.page.click("thead >> text=Posts per week")
        assert urlsplit(visit.page.url).query.endswith("sort=posts")
        visit.page.goto(address)
        visit.page.click("nav[aria-label='Pages of the table'] >> text=2")
        assert visit.page.url == f"{address}?page=2#organizations"


def test_the_keyboard_alone_filters_sorts_and_opens_an_organization(browser, address):
    with visited(browser, address) as visit:
        page = visit.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        assert outlined(page)
        page.keyboard.press("Enter")
        tab_to(page, "document.activeElement.id === 'industry'")
        assert outlined(page)
        page.keyboard.type("finance")
        page.keyboard.press("Tab")
        page.wait_for_url("**industry=finance")
        tab_to(page, "document.activeElement.textContent.startsWith('Posts per week')")
        assert outlined(page)
        page.keyboard.press("Enter")
        page.wait_for_url("**sort=posts**")
        tab_to(page, "document.activeElement.closest('table.organizations tbody th')")
        page.keyboard.press("Enter")
        page.wait_for_url("**/organizations/**")
        assert page.locator("h1").inner_text().startswith("Organization")


def test_a_hostile_name_does_nothing_on_any_page(browser, publish, town):
    name = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
    link = publish({**town[0], "name": name}, *town[1:])
    with served(link) as started:
        for place in ("", "agreement", "organizations/organization-0000"):
            with visited(browser, started + place) as visit:
                assert visit.page.evaluate("window.hacked") is None
                assert visit.complaints == []


def test_a_static_site_opens_from_disk_and_asks_for_nothing(browser, publish, town, tmp_path):
    index = write_site(publish(*town), tmp_path / "site").first_page
    for path in sorted(index.parent.rglob("*.html"))[:12]:
        with visited(browser, path.as_uri()) as visit:
            assert visit.complaints == []
            assert visit.requests == [path.as_uri()]
            assert visit.page.evaluate("getComputedStyle(document.body).fontSize") == "15px"
            assert visit.page.locator("script, form").count() == 0


def test_paper_shows_the_numbers_of_the_screen_and_cuts_no_row(browser, address):
    with visited(browser, address, **DESK) as visit:
        numbers = "[...document.querySelectorAll('.facts dd')].map(e => e.textContent.trim())"
        on_screen = visit.page.evaluate(numbers)
        visit.page.emulate_media(media="print")
        assert visit.page.evaluate(numbers) == on_screen
        assert (
            visit.page.evaluate(
                "getComputedStyle(document.querySelector('.organizations tr')).breakInside"
            )
            == "avoid"
        )
        assert not visit.page.locator("nav, .filters, .skip").filter(visible=True).count()
        assert visit.page.pdf(format="A4").startswith(b"%PDF")


def expect_status(page, text):
    page.wait_for_function("text => document.querySelector('#status').innerText === text", arg=text)
