"""Charts over time on a telephone: they fit, or show their end and not their beginning."""

import pytest
from benchmark_scripts import script_named
from browsing import OVERFLOW, chromium, served, visited

pytestmark = pytest.mark.browser
SOMEBODY = "organizations/organization-000004"
SCREENS = {width: {"viewport": {"width": width, "height": 844}} for width in (390, 320)}
REACH = """chart => {
    const box = chart.closest('.chart-scroll');
    const [inner, outer] = [chart, box].map(each => each.getBoundingClientRect());
    return {scrolled: box.scrollWidth - box.clientWidth, end: inner.right - outer.right};
}"""
NAMES = """chart => {
    const outer = chart.closest('.chart-scroll').getBoundingClientRect();
    return [...chart.querySelectorAll('text')].filter(each => each.getClientRects().length)
        .map(each => [each.textContent, each.getBoundingClientRect()])
        .filter(([_, own]) => own.left < outer.left - 1 || own.right > outer.right + 1)
        .map(([words, _]) => words);
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("invented")
    with served(script_named("invented_snapshot").write_snapshot(folder, 120, 52)) as started:
        yield started


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize("chart", [".stage-history", ".activity-weeks"])
def test_the_course_of_an_organization_fits_with_all_its_words(browser, address, chart, screen):
    with visited(browser, address + SOMEBODY, **screen) as visit:
        drawn = visit.page.locator(f"svg{chart}")
        assert drawn.evaluate(REACH)["end"] <= 0.5
        assert drawn.evaluate(NAMES) == []
        assert drawn.locator("text:not([text-anchor])").filter(visible=True).count() >= 2
        assert visit.page.evaluate(OVERFLOW) == 0


def test_four_weeks_of_collecting_show_the_last_days_and_whose_they_are(browser, address):
    with visited(browser, f"{address}runs", **SCREENS[390]) as visit:
        strip = visit.page.locator("svg.day-strip")
        reach = strip.evaluate(REACH)
        assert reach["scrolled"] > 0
        assert abs(reach["end"]) <= 0.5
        assert not {"bluesky", "feeds", "mastodon"} & set(strip.evaluate(NAMES))
        assert visit.page.evaluate(OVERFLOW) == 0
