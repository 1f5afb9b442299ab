"""The dashboard as a web application: addresses in, finished pages out.

It reads published snapshots only and keeps no state, so any number of processes may run
beside each other and beside the flows. Handlers are synchronous: they run in Starlette's
thread pool, where DuckDB works without holding up other requests.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import webbrowser
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboards import data, downloads, views
from dashboards.filters import Filters, UnknownValueError, read_filters
from warehouse.snapshots import Snapshot, SnapshotMissing

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER = Path(__file__).parent
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
KEPT_PAGES = 200  #: at about 80 KB each
_LOG = logging.getLogger(__name__)


def create_app(snapshot_path: Path) -> Starlette:
    """The dashboard of one published snapshot.

    Args:
        snapshot_path: the link that publishing switches, or a snapshot file itself. It is
            resolved for every request, so a new snapshot shows without a restart; it need
            not exist yet.
    """
    application = Starlette(
        routes=[
            Route("/", _benchmark),
            Route("/organizations.csv", _organizations_csv),
            Route("/organizations.json", _organizations_json),
            Mount("/static", StaticFiles(directory=FOLDER / "static")),
        ],
        middleware=[Middleware(_SecurityHeaders), Middleware(GZipMiddleware, minimum_size=600)],
        exception_handlers={
            404: _not_found,
            SnapshotMissing: _no_snapshot,
            UnknownValueError: _unknown_value,
            Exception: _failure,
        },
    )
    application.state.snapshot_path = snapshot_path
    application.state.pages = {}
    return application


def serve(snapshot_path: Path, host: str, port: int, *, open_browser: bool = False) -> None:
    """Run the dashboard until interrupted.

    Args:
        snapshot_path: as in `create_app`.
        host: address to listen at; the loopback address keeps the pages to this machine.
        port: port to listen at.
        open_browser: show the page in the user's browser once the server answers.

    Raises:
        SystemExit: the address cannot be listened at; the log says why.
    """
    config = uvicorn.Config(create_app(snapshot_path), host=host, port=port, log_level="warning")
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    _Server(config, address if open_browser else "").run()


class _Server(uvicorn.Server):
    """A server that opens the browser as soon as it answers, not before."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._address:
            webbrowser.open(self._address)


class _SecurityHeaders:
    """Put `SECURITY_HEADERS` on every response, error pages and files too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_guarded)


def _benchmark(request: Request) -> Response:
    def build(snapshot: Snapshot, filters: Filters) -> Response:
        if request.url.query != filters.address():
            return RedirectResponse(f"./?{filters.address()}".rstrip("?"), status_code=303)
        return HTMLResponse(_page(request, snapshot, filters))

    return _answer(request, build)


def _page(request: Request, snapshot: Snapshot, filters: Filters) -> str:
    """A finished page is kept: under the snapshot's name it can never go stale."""
    pages: dict[tuple[str, Filters], str] = request.app.state.pages
    page = pages.get((snapshot.name, filters)) or views.benchmark(snapshot, filters)
    if len(pages) >= KEPT_PAGES:
        pages.clear()
    pages[snapshot.name, filters] = page
    return page


def _organizations_csv(request: Request) -> Response:
    return _answer(request, lambda *asked: _file(request, downloads.as_csv(*asked), "text/csv"))


def _organizations_json(request: Request) -> Response:
    return _answer(
        request, lambda *asked: _file(request, downloads.as_json(*asked), "application/json")
    )


def _file(request: Request, text: str, media_type: str) -> Response:
    name = f"barograph-{request.url.path.rpartition('/')[2]}"
    disposition = f'attachment; filename="{name}"' if media_type == "text/csv" else "inline"
    return Response(text, media_type=media_type, headers={"content-disposition": disposition})


def _answer(request: Request, build: Callable[[Snapshot, Filters], Response]) -> Response:
    """Answer from the current snapshot, with 304 when the reader already has this answer."""
    snapshot = Snapshot.open(request.app.state.snapshot_path)
    tag = _tag(snapshot, request)
    if tag in request.headers.get("if-none-match", ""):
        response = Response(status_code=304)
    else:
        filters = read_filters(request.query_params.multi_items(), data.known_values(snapshot))
        response = build(snapshot, filters)
    response.headers["etag"] = tag
    response.headers["cache-control"] = "no-cache"  # keep it, but ask whether it still holds
    return response


def _tag(snapshot: Snapshot, request: Request) -> str:
    """Weak, because the same answer may travel compressed or not."""
    asked = f"{request.url.path}?{request.url.query} {_look()}"
    return f'W/"{snapshot.name}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"'


@cache
def _look() -> str:
    """Changes when our own code, pages or styles do, so that no reader keeps an old page."""
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in _SHOWN)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


_SHOWN = {".py", ".sql", ".html", ".css"}


def _not_found(request: Request, _error: Exception) -> Response:
    root = f"{request.scope.get('root_path', '')}/"  # the address may lie folders deep
    return HTMLResponse(views.not_found(root), status_code=404)


def _no_snapshot(_request: Request, _error: Exception) -> Response:
    return HTMLResponse(views.no_snapshot(), status_code=503)


def _unknown_value(_request: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownValueError)
    return HTMLResponse(views.unknown_value(error), status_code=422)


def _failure(request: Request, error: Exception) -> Response:
    failure_id = secrets.token_hex(4)
    _LOG.error("page %s failed (id %s)", request.url.path, failure_id, exc_info=error)
    return HTMLResponse(views.failure(failure_id), status_code=500)
