"""The page in a real browser: both themes, a telephone, and a file without a server."""

import shutil
import socket
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import sync_playwright

from dashboards.app import create_app
from dashboards.export import write_site

pytestmark = pytest.mark.browser
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DESK = {"viewport": {"width": 1280, "height": 900}}
TELEPHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.mark.parametrize(
    "screen",
    [
        DESK,
        {**DESK, "color_scheme": "dark"},
        TELEPHONE,
        {"viewport": {"width": 320, "height": 640}},
    ],
    ids=["light", "dark", "telephone", "narrow"],
)
def test_the_page_fits_and_asks_nobody_else(chromium, publish, town, screen):
    with served(publish(*town)) as address, visited(chromium, address, **screen) as visit:
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert visit.page.evaluate(overflow) == 0
        assert visit.complaints == []
        assert {urlsplit(url).netloc for url in visit.requests} == {urlsplit(address).netloc}


def test_no_chart_text_is_too_small_to_read_on_a_telephone(chromium, publish, town):
    with served(publish(*town)) as address, visited(chromium, address, **TELEPHONE) as visit:
        heights = visit.page.evaluate(
            "[...document.querySelectorAll('svg text')].filter(t => t.getClientRects().length)"
            ".map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().d)"
        )
        assert len(heights) > 40
        assert min(heights) >= 11


def test_the_filters_work_without_script(chromium, publish, town):
    with (
        served(publish(*town)) as address,
        visited(chromium, address, java_script_enabled=False) as visit,
    ):
        visit.page.select_option("#industry", "finance")
        visit.page.click("button[type=submit]")
        assert visit.page.url == f"{address}?industry=finance"
        assert "12 of 24 organizations" in visit.page.inner_text("[role=status]")
        visit.page.click("thead >> text=Posts per week")
        assert visit.page.url == f"{address}?industry=finance&sort=posts#organizations"


def test_the_keyboard_reaches_content_filters_and_table(chromium, publish, town):
    with served(publish(*town)) as address, visited(chromium, address) as visit:
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        focused = [tab_to_next(visit.page) for _ in range(40)]
        assert "industry" in focused
        assert "Organizations" in focused


def test_the_exported_page_opens_from_disk(chromium, publish, town, tmp_path):
    path = write_site(publish(*town), tmp_path / "site")
    with visited(chromium, path.as_uri()) as visit:
        assert visit.complaints == []
        assert visit.requests == [path.as_uri()]
        assert visit.page.evaluate("getComputedStyle(document.body).fontSize") == "15px"


@pytest.fixture(scope="module")
def chromium():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(BROWSERS)} found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """One page with what the browser asked for and complained about."""

    def __init__(self, page):
        self.page, self.requests, self.complaints = page, [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))


@contextmanager
def visited(browser, address, **screen):
    context = browser.new_context(**screen)
    visit = Visit(context.new_page())
    visit.page.goto(address, wait_until="networkidle")
    yield visit
    context.close()


@contextmanager
def served(link):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(link), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        await_start(server)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join(timeout=10)


def await_start(server):
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start within 20 seconds"
        time.sleep(0.02)


def tab_to_next(page):
    page.keyboard.press("Tab")
    return page.evaluate(
        "document.activeElement.id || document.activeElement.getAttribute('aria-label')"
    )
