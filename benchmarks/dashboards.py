"""What pages cost: processor time on the server, bytes, time to paint, many readers, memory.

    python benchmarks/dashboards.py [--sizes 2000x52,20000x104] [--folder DIR] [--write]

Each figure stands beside its limit. Processor time is counted in the server's own process, so it
depends little on what else the machine does; times in the browser and of ten readers do.
Snapshots are invented once in `--folder` and used again. `--write` renews the table in
docs/performance.md.
"""

from __future__ import annotations

import argparse
import http.client
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from documents import table, write_section
from invented_snapshot import write_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

REPEATS = 5
USERS, ASKING_SECONDS, PAUSE_SECONDS = 10, 12.0, 0.2
PAGE_DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
PAGES = {
    "benchmark": "/",
    "benchmark, one industry": "/?industry=finance",
    "organization": "/organizations/organization-000017",
    "compare": "/compare?org=organization-000001&org=organization-000002&org=organization-000003",
    "agreement": "/agreement",
    "self-assessment": "/assess",
    "quality": "/quality",
    "runs": "/runs",
    "method": "/method",
}
_SERVER = """
import sys, time
sys.modules["pandas"] = None  # for development only; DuckDB would load it, users do not have it
from pathlib import Path
import uvicorn
from dashboards.answering import Kept
from dashboards.app import create_app

snapshot = Path(sys.argv[1])
folders = {name: snapshot.parent / name for name in ("inbox", "drafts")}
application = create_app(snapshot, **folders)

async def measured(scope, receive, send):
    if scope["type"] != "http":
        return await application(scope, receive, send)
    if (b"x-fresh", b"1") in scope["headers"]:
        application.state.kept = Kept()
    started, held = time.process_time(), []

    async def send_counted(message):
        held.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            spent = f"{1000 * (time.process_time() - started):.2f}".encode()
            held[0].setdefault("headers", []).append((b"x-cpu-ms", spent))
            for each in held:
                await send(each)
            held.clear()

    await application(scope, receive, send_counted)

uvicorn.run(measured, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", lifespan="off")
"""


class Measure(NamedTuple):
    """One figure beside its limit."""

    what: str
    value: float
    limit: float
    unit: str


class Answer(NamedTuple):
    """One answer of the server: bytes as they travelled."""

    status: int
    byte_count: int
    cpu_ms: float
    body: bytes
    etag: str


def main() -> None:
    """Measure every size that is asked for, and print a table for each."""
    asked = _arguments()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="barograph-dashboards-"))
    tables = {}
    for size in asked.sizes.split(","):
        organizations, weeks = map(int, size.split("x"))
        link = write_snapshot(folder / size, organizations, weeks)
        factor = 1 if organizations <= 2000 else 2  # noqa: PLR2004 - the size of the aim
        tables[size] = measures(link, factor)
        print(_table(size, tables[size]))
    if asked.write:
        _write(tables)
    if not asked.folder:
        shutil.rmtree(folder)


def measures(link: Path, factor: float) -> list[Measure]:
    """All figures of one snapshot; limits are multiplied by `factor`."""
    with _server(link) as (port, process_id):
        return [
            *_pages(port, factor),
            *_in_browser(port, factor),
            _many_readers(port, factor),
            Measure("memory of the server, highest", _peak_mb(process_id), 200 * factor, "MB"),
        ]


def _pages(port: int, factor: float) -> Iterator[Measure]:
    """Processor time and bytes of every page, made anew and kept."""
    for name, address in PAGES.items():
        for _ in range(2):
            _ask(port, address, fresh=True)
        fresh = statistics.median(_ask(port, address, fresh=True).cpu_ms for _ in range(REPEATS))
        kept = statistics.median(_ask(port, address).cpu_ms for _ in range(REPEATS))
        yield Measure(f"{name}: made anew", fresh, 60 * factor, "ms CPU")
        yield Measure(f"{name}: asked again", kept, 5 * factor, "ms CPU")
        yield Measure(f"{name}: with styles and script", _weight_kb(port, address), 60, "KB")


def _weight_kb(port: int, address: str) -> float:
    page = _ask(port, address)
    text = page.body.decode()
    parts = re.findall(r'(?:href|src)="(?:\.\./)*(static/[^"]+)"', text)
    assert parts, f"{address} names no styles"
    return (page.byte_count + sum(_ask(port, f"/{part}").byte_count for part in parts)) / 1000


def _in_browser(port: int, factor: float) -> Iterator[Measure]:
    """Until the charts are painted in a fresh browser, and until a filter is."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        print("no Chromium on this machine: times to paint are left out", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        painted, filtered = [], []
        for _ in range(REPEATS):
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{port}/", wait_until="load")
            painted.append(page.evaluate(_FIRST_PAINT))
            page.wait_for_load_state("networkidle")  # nobody filters what is being painted
            filtered.append(_filter_ms(page))
            context.close()
        browser.close()
    yield Measure("charts painted, fresh browser", statistics.median(painted), 500 * factor, "ms")
    yield Measure("filter painted", statistics.median(filtered), 200 * factor, "ms")


#: Everything stands in the page that arrives, so the first paint with content shows the charts.
_FIRST_PAINT = """() => new Promise(done => new PerformanceObserver(list => {
    for (const each of list.getEntriesByName('first-contentful-paint')) done(each.startTime);
}).observe({type: 'paint', buffered: true}))"""


def _filter_ms(page: object) -> float:
    """From the choice of an industry to the frame that shows it."""
    return page.evaluate(  # type: ignore[attr-defined]
        """() => new Promise(done => {
            const select = document.querySelector('#industry');
            const started = performance.now();
            new MutationObserver((_, observer) => {
                const status = document.querySelector('#status');
                if (status && status.innerText.includes('health')) {
                    observer.disconnect();
                    const painted = () => done(performance.now() - started);
                    requestAnimationFrame(() => setTimeout(painted));
                }
            }).observe(document.body, {childList: true, subtree: true});
            select.value = 'health';
            select.dispatchEvent(new Event('change', {bubbles: true}));
        })"""
    )


def _many_readers(port: int, factor: float) -> Measure:
    """Ten readers, each with another filter every 200 ms: nobody goes the way of another."""
    page = _ask(port, "/", fresh=True).body.decode()
    industries = re.findall(r'<option value="([a-z-]+)"', page)[:10]
    sizes = re.findall(r'<option value="([0-9+-]+)"', page)[:5]
    seconds: list[float] = []
    end = time.monotonic() + ASKING_SECONDS

    def read(number: int) -> None:
        chosen = random.Random(number)
        while time.monotonic() < end:
            size = chosen.choice(sizes).replace("+", "%2B")
            query = f"/?industry={chosen.choice(industries)}&size={size}"
            started = time.monotonic()
            assert _ask(port, query).status == 200  # noqa: PLR2004 - HTTP
            seconds.append(time.monotonic() - started)
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(USERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    p95 = statistics.quantiles(seconds, n=20)[-1] * 1000
    return Measure(f"{USERS} readers filtering, 95th percentile", p95, 300 * factor, "ms")


def _ask(port: int, address: str, *, fresh: bool = False) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"accept-encoding": "gzip"} | ({"x-fresh": "1"} if fresh else {})
    connection.request("GET", address, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, (address, answer.status)  # noqa: PLR2004 - HTTP
    text = body
    if answer.headers.get("content-encoding") == "gzip":
        import gzip

        text = gzip.decompress(body)
    cpu = float(answer.headers.get("x-cpu-ms", "nan"))
    return Answer(answer.status, len(body), cpu, text, answer.headers.get("etag", ""))


@contextmanager
def _server(link: Path) -> Iterator[tuple[int, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _SERVER, str(link), str(port)]
    with subprocess.Popen(command) as process:
        try:
            _await(port)
            yield port, process.pid
        finally:
            process.terminate()


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = "the dashboard did not start within 60 seconds"
    raise TimeoutError(message)


def _peak_mb(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text("ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


def _table(size: str, found: list[Measure]) -> str:
    rows = [
        (
            one.what,
            f"{one.value:.1f} {one.unit}",
            f"{one.limit:g}",
            f"{one.value / one.limit:.0%}",
        )
        for one in found
    ]
    told = table(("what", "measured", "limit", "of the limit"), rows)
    return f"{size.replace('x', ' organizations x ')} weeks\n\n{told}"


def _write(tables: dict[str, list[Measure]]) -> None:
    body = "\n".join(_table(size, found) for size, found in tables.items())
    write_section(PAGE_DOCUMENT, "dashboards", body)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="2000x52,20000x104")
    parser.add_argument("--folder", type=Path, help="keep the snapshots here, and use them again")
    parser.add_argument("--write", action="store_true", help="renew docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
