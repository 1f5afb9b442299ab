"""Parser processes: one that dies takes no batch with it, and none outlives the run."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from corpus_server import organizations_toml, serving
from deadly_channel import DeadlyChannel
from small_world import feeds, rss

from connectors.contract import Channel, Outcome
from connectors.fetching.exchange import Exchange
from flows import parsing
from flows.parsers import Parsers
from flows.parsing import BatchSource
from flows.rows import exchange_columns
from warehouse.archive import Archive

BAROGRAPH = Path(sys.executable).parent / "barograph"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_page_that_kills_its_parser_is_named_and_the_rest_of_its_batch_is_kept(tmp_path):
    archive = Archive(tmp_path / "archive")
    source = _archived(archive, tmp_path / "landing")
    with Parsers(archive) as parsers:
        landed = asyncio.run(parsers.parse(source))
    assert landed.outcomes == {"a": "ok", "b": "malformed", "c": "ok"}
    assert "kills the parser" in landed.errors["b"]
    assert archive.poisoned() == {"page-b"}
    assert landed.activity_count == 2 * 5


def test_a_poisoned_page_is_not_tried_again(tmp_path):
    archive = Archive(tmp_path / "archive")
    source = _archived(archive, tmp_path / "landing")
    archive.poison(["page-b"])
    landed = parsing.parse_batch(replace(source, poisoned=archive.poisoned()))
    assert landed.outcomes["b"] == "malformed"


@pytest.mark.skipif(not Path("/proc").exists(), reason="NO /proc: cannot look for processes")
def test_no_parser_outlives_a_run_that_is_killed(tmp_path):
    with serving(feeds(40)) as server:
        text = organizations_toml(server.base_url, list(server.documents), 4)
        (tmp_path / "organizations.toml").write_text(text)
        command = [BAROGRAPH, "collect", "--now", "--allow-host", "127.0.0.1"]
        run = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
        parsers = _wait_for(lambda: _descendants(run.pid))
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    assert parsers
    assert _wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in parsers))


def _archived(archive, landing):
    """Three archived pages; whoever parses the middle one dies."""
    exchanges = [_exchange(name, rss(5, name=name)) for name in "abc"]
    path = archive.pages_path("run-00000-000", NOW)
    archive.write_pages(path, exchange_columns(exchanges))
    return BatchSource(
        path=path,
        file_id=path.stem,
        archive_file=archive.relative(path),
        run_id="run",
        landing=landing,
        channels={"a": _channel("a"), "b": DeadlyChannel("b"), "c": _channel("c")},
        states={},
    )


def _channel(name):
    return Channel(channel_id=name, organization_id="o", source="feeds", address="http://x.example")


def _exchange(name, body):
    return Exchange(
        page_id=f"page-{name}",
        channel_id=name,
        requested_url="http://x.example",
        url="http://x.example",
        redirects=(),
        status=200,
        headers=(("content-type", "application/rss+xml"),),
        body=body,
        body_sha256=name,
        fetched_at=NOW,
        elapsed_ms=1,
        byte_count=len(body),
        outcome=Outcome.OK,
    )


def _descendants(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return found + [grandchild for child in found for grandchild in _descendants(child)]


def _wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    return condition()
