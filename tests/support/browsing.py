"""A real browser on a real server: pages as a reader meets them."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import sync_playwright

from dashboards.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DESK = {"viewport": {"width": 1280, "height": 900}}
SCREENS = {
    "light": DESK,
    "dark": {**DESK, "color_scheme": "dark"},
    "telephone": {"viewport": {"width": 390, "height": 844}},
}
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
    },
    "resultTypes": ["violations"],  # what is in order need not be described
}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium; the test skips where there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(BROWSERS)} found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """One page with what the browser asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, address: str, *, quiet: bool) -> None:
        """Turn to an address and let its scripts run; once `quiet`, it asks for nothing more."""
        self.requests.clear()
        self.complaints.clear()
        self.page.goto(address, wait_until="networkidle" if quiet else "load")


@contextmanager
def window(browser: Browser, **screen: Any) -> Iterator[Visit]:
    """A fresh browser window."""
    context = browser.new_context(**screen)
    yield Visit(context.new_page())
    context.close()


@contextmanager
def visited(
    browser: Browser, address: str, *, quiet: bool = False, **screen: Any
) -> Iterator[Visit]:
    """A fresh browser window at an address."""
    with window(browser, **screen) as visit:
        visit.go(address, quiet=quiet)
        yield visit


@contextmanager
def served(snapshot: Path, **settings: Any) -> Iterator[str]:
    """The dashboard of a snapshot on a port of its own; its address ends with a slash."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app = create_app(snapshot, **settings)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        _await_start(server)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join(timeout=10)


def _await_start(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start within 20 seconds"
        time.sleep(0.02)


def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """Each rule of WCAG 2.0 to 2.2, A and AA, that axe finds broken, with up to four places."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("async rules => (await axe.run(document, rules)).violations", RULES)
    return [(each["id"], [node["html"][:120] for node in each["nodes"]][:4]) for each in found]


def region(page: Page) -> str:
    """What a page shows for its address, without the marks that htmx leaves."""
    text: str = page.evaluate(
        "(() => { const copy = document.querySelector('#view').cloneNode(true);"
        "for (const e of [copy, ...copy.querySelectorAll('*')])"
        " { e.removeAttribute('data-htmx-powered'); if (!e.className) e.removeAttribute('class'); }"
        "return copy.innerHTML; })()"
    )
    return text


def outlined(page: Page) -> bool:
    """Whether a reader sees what has the focus."""
    return bool(page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px")


def tab_to(page: Page, condition: str, most: int = 120) -> None:
    """Press the tabulator until a condition in JavaScript holds."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"!!({condition})"):
            return
    pytest.fail(f"the keyboard does not reach {condition}")
