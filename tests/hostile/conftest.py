"""A hostile server, a watch on one of its channels, and a project that collects from it."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from collecting import Collecting
from hostile_server import hostile
from watching import watching

from connectors.fetching.guard import Guard


@pytest.fixture
def server():
    with hostile() as running:
        yield running


@pytest.fixture
def watch(server):
    """Watches a path of the server, or any address; further arguments are the fetcher's."""
    with ExitStack() as stack:

        def start(path="/feed", **options):
            url = server.url(path) if path.startswith("/") else path
            return stack.enter_context(watching(url, **options))

        yield start


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Makes a project that watches the given addresses; further arguments are settings."""

    def make(*addresses, **settings):
        made = Collecting(tmp_path, monkeypatch, **settings)
        made.list(addresses)
        return made

    return make


@pytest.fixture
def all_public(monkeypatch):
    """Loopback counts as other people's, though it may be asked."""
    monkeypatch.setattr(Guard, "permits_name", lambda *_: False)
