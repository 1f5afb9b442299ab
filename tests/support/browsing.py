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


@contextmanager
def visited(browser: Browser, address: str, **screen: Any) -> Iterator[Visit]:
    """A fresh browser window at an address."""
    context = browser.new_context(**screen)
    visit = Visit(context.new_page())
    visit.page.goto(address, wait_until="networkidle")
    yield visit
    context.close()


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
