"""One run, as a process of its own, over everything bad at once and fifty good channels."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path
from typing import NamedTuple

import process_memory
import pytest
from corpus_server import serving
from hostile_server import ANY_OTHER, Drip, Endless, HostileServer, hostile, redirect, reply
from small_world import feeds
from warehouse_tables import rows
from watching import rss

pytestmark = pytest.mark.thorough

BAROGRAPH = Path(sys.executable).parent / "barograph"
DEADLINE_SECONDS = 3
GOOD_COUNT = 50
MOST_MEBIBYTES = 200
SETTINGS = f"deadline_seconds = {DEADLINE_SECONDS}\nallow_host = ['127.0.0.1']\n"
SOURCES = Path(process_memory.__file__).parent / "sources"
XML = {"Content_Type": "application/rss+xml"}
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
ANY_END = {"ok", "malformed", "wrong_type"}  # as long as it costs little
#: How each bad channel may end.
BAD = {
    "/zip-bomb": {"too_large"},
    "/zip-bomb-in-chunks": {"too_large"},
    "/laughs": ANY_END,
    "/quadratic": ANY_END,
    "/drip": {"timeout"},
    "/drip-head": {"timeout"},
    "/redirects": {"redirect_loop"},
    "/headers": {"too_large"},
    "/endless-headers": {"too_large", "timeout"},
    "/endless": {"too_large"},
    "/page-0": {"page_loop"},
}


class Finished(NamedTuple):
    """A run and what it cost."""

    exit_code: int
    peak: process_memory.PeakMemory
    data: Path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bombs")
    with hostile() as bad, serving(feeds(GOOD_COUNT)) as good:
        arm(bad)
        (folder / "organizations.toml").write_text(organizations(bad, good))
        (folder / "barograph.toml").write_text(SETTINGS)
        yield collected(folder)


def test_every_bad_channel_ends_typed(finished):
    query = "select address, last_outcome from raw.cursors join raw.channels using (channel_id)"
    outcomes = dict(rows(finished.data, query))
    ends = {path: ended for path in BAD for a, ended in outcomes.items() if a.endswith(path)}
    assert ends.keys() == BAD.keys()
    assert {path: ended for path, ended in ends.items() if ended not in BAD[path]} == {}


def test_no_attempt_lasts_longer_than_the_deadline_and_a_second(finished):
    query = "select requested_url, elapsed_ms from raw.attempts where elapsed_ms > {}"
    assert rows(finished.data, query.format(1000 * (DEADLINE_SECONDS + 1))) == []


def test_the_fifty_good_channels_are_all_read(finished):
    query = """
        select count(*) from raw.cursors join raw.channels using (channel_id)
        where address like '%/feed-%.xml' and last_outcome = 'ok'
    """
    assert rows(finished.data, query) == [(GOOD_COUNT,)]
    listed = sum(document.count(b"<item>") for document in feeds(GOOD_COUNT).values())
    stored = """
        select count(*) from raw.activities join raw.channels using (channel_id)
        where address like '%/feed-%.xml'
    """
    assert rows(finished.data, stored) == [(listed,)]
    assert finished.exit_code == 3  # done, with some channels failed


def test_the_run_and_its_parsers_stay_in_bounded_memory(finished):
    mebibytes = [size >> 20 for size in finished.peak.each_pss_bytes]
    assert len(mebibytes) >= 2
    assert sum(mebibytes) < MOST_MEBIBYTES, f"in each process: {mebibytes}"


def collected(folder: Path) -> Finished:
    ours = ("BAROGRAPH_", "PREFECT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}  # noqa: TID251 - the child gets ours
    command = [BAROGRAPH, "collect", "--now", "--json"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=kept | {"PYTHONPATH": str(SOURCES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with process_memory.watching_memory(process.pid) as peak:
            printed, complaints = process.communicate(timeout=120)
    finally:
        process.kill()
    assert printed, complaints
    return Finished(process.returncode, peak, folder / "data")


def arm(server: HostileServer) -> None:
    """Put everything bad on a server."""
    bomb = zip_bomb()
    chunked = reply(200, b"", Content_Encoding="gzip", Transfer_Encoding="chunked")
    server.on("/zip-bomb", reply(200, bomb, Content_Encoding="gzip"))
    server.on("/zip-bomb-in-chunks", (chunked, b"%x\r\n%b\r\n0\r\n\r\n" % (len(bomb), bomb)))
    server.on("/laughs", reply(200, with_entities('<!ENTITY l0 "ha">' + LAUGHS, "&l29;"), **XML))
    long = f'<!ENTITY a "{"a" * 100_000}">'
    server.on("/quadratic", reply(200, with_entities(long, "&a;" * 100_000), **XML))
    server.on("/drip", (reply(200, Content_Length=10_000), Drip(rss("1"))))
    server.on("/drip-head", Drip(reply(200, rss("1"))))
    server.on("/headers", reply(200, rss("1"), *[b"X-%d: a" % n for n in range(10_000)]))
    server.on("/endless-headers", (b"HTTP/1.1 200 OK\r\n", Endless(b"X-A: a\r\n")))
    server.on("/endless", (reply(200, Content_Length=None), Endless(bytes(1 << 16))))
    server.on(ANY_OTHER, lambda asked: led_on(server, asked.path))


def led_on(server: HostileServer, path: str) -> bytes:
    """An endless chain: of pages under /page-, of redirects elsewhere."""
    stem, _, number = path.rpartition("-") if "-" in path else (path, "", "0")
    following = f"{stem}-{int(number) + 1}"
    if stem == "/page":
        return reply(200, rss(number), X_Next=server.url(following), **XML)
    return redirect(following)


def organizations(bad: HostileServer, good) -> str:
    fine = [("feeds", good.base_url + path) for path in good.documents]
    ill = [("corridor" if path == "/page-0" else "feeds", bad.url(path)) for path in BAD]
    rows_ = ",\n".join(
        f'{{ source = "{source}", address = "{address}" }}' for source, address in [*ill, *fine]
    )
    return f'[[organization]]\nid = "a"\nname = "A"\nchannels = [\n{rows_},\n]\n'


def zip_bomb() -> bytes:
    """Ten megabytes of gzip that would be ten gigabytes of zeros."""
    zeros = bytes(16 << 20)
    deflating = zlib.compressobj(9, wbits=31)
    head = deflating.compress(zeros) + deflating.flush(zlib.Z_FULL_FLUSH)
    block = deflating.compress(zeros) + deflating.flush(zlib.Z_FULL_FLUSH)
    return head + block * 640  # a block after a full flush refers to nothing before it


def with_entities(definitions: str, title: str) -> bytes:
    item = f"<item><guid>1</guid><title>{title}</title></item>"
    head = f'<?xml version="1.0"?><!DOCTYPE rss [{definitions}]>'
    return f'{head}<rss version="2.0"><channel>{item}</channel></rss>'.encode()
