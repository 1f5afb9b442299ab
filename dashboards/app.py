"""The dashboard as a web application: addresses in, finished pages out.

It reads published snapshots only; questionnaires are all that it writes, as files. So any number
of processes may run beside each other and beside the flows. Handlers are synchronous: they run in
Starlette's thread pool, where DuckDB works without holding up other requests.
"""

from __future__ import annotations

import logging
import secrets
import webbrowser
from functools import partial
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboards.access import HEALTH_PATH, Access, Guard
from dashboards.answering import Kept, NoSuchOrganizationError, UnknownFigureError, Wanted, answer
from dashboards.asked import UnknownValueError
from dashboards.assessing.intake import Intake
from dashboards.assessing.refusals import RefusedError, refusal_page
from dashboards.assessing.routes import assess_routes
from dashboards.links import Links
from dashboards.pages import message
from dashboards.pages.notice import notice_page
from dashboards.pages.registry import PAGES
from dashboards.rendering import FOLDER
from warehouse.snapshots import (
    NewerSnapshotError,
    OtherSnapshotError,
    Snapshot,
    SnapshotMissing,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dashboards.pages.page import Page

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
_FORMS = ("csv", "json", "svg")
_LOG = logging.getLogger(__name__)


def create_app(
    snapshot_path: Path,
    *,
    inbox: Path | None = None,
    drafts: Path | None = None,
    access: Access | None = None,
) -> Starlette:
    """The dashboard of one published snapshot.

    Args:
        snapshot_path: the link that publishing switches, or a snapshot file itself. It is
            resolved for every request, so a new snapshot shows without a restart; it need
            not exist yet.
        inbox: the project's folder of files to import, where questionnaires are handed in.
        drafts: private folder for unfinished questionnaires and for what was sent; without
            it and an inbox there is no self-assessment.
        access: who may read; None: whoever reaches it.
    """
    intake = Intake(inbox, drafts) if inbox and drafts else None
    application = Starlette(
        routes=[
            Route(HEALTH_PATH, _health),
            *assess_routes(intake),
            *_routes(),
            Route("/notice", _notice),
            Mount("/static", StaticFiles(directory=FOLDER / "static")),
        ],
        middleware=[
            Middleware(_SecurityHeaders),
            *([Middleware(Guard, access=access)] if access else []),
            Middleware(GZipMiddleware, minimum_size=600),
        ],
        exception_handlers={
            404: _not_found,
            UnknownFigureError: _not_found,
            SnapshotMissing: _no_snapshot,
            OtherSnapshotError: _other_snapshot,
            NewerSnapshotError: _newer_snapshot,
            UnknownValueError: _unknown_value,
            NoSuchOrganizationError: _no_such_organization,
            RefusedError: refusal_page,
            Exception: _failure,
        },
    )
    application.state.snapshot_path = snapshot_path
    application.state.kept = Kept()
    return application


def serve(application: Starlette, host: str, port: int, *, open_browser: bool = False) -> None:
    """Run the dashboard until interrupted.

    Args:
        application: from `create_app`.
        host: address to listen at; the loopback address keeps the pages to this machine.
        port: port to listen at.
        open_browser: show the page in the user's browser once the server answers.

    Raises:
        SystemExit: the address cannot be listened at; the log says why.
    """
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        log_level="warning",
        proxy_headers=False,  # whom a proxy speaks for is read by `dashboards.access`, if at all
    )
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


def _routes() -> list[Route]:
    routes = [
        Route("/organizations", _to_the_table),
        Route("/organizations.{form}", partial(_twin, PAGES[0], "organizations")),
    ]
    for page in PAGES:
        routes += _routes_of(page)
    return routes


def _routes_of(page: Page) -> list[Route]:
    """The page itself, all of its data, and each of its figures."""
    place = page.path or "benchmark"
    if page.is_about_one:
        place += "/{organization_id}"
    return [
        Route(f"/{place}.{{form}}", partial(_twin, page, "")),
        Route(f"/{place if page.path else ''}", partial(_page, page)),
        Route(f"/{place}/{{figure}}.{{form}}", partial(_twin, page, None)),
    ]


def _page(page: Page, request: Request) -> Response:
    organization_id = request.path_params.get("organization_id", "")
    return answer(request, Wanted(page=page, organization_id=organization_id))


def _twin(page: Page, figure: str | None, request: Request) -> Response:
    asked = request.path_params
    if asked["form"] not in _FORMS:
        raise UnknownFigureError(asked["form"])
    name = asked["figure"] if figure is None else figure
    wanted = Wanted(
        page=page,
        form=asked["form"],
        figure=name,
        organization_id=asked.get("organization_id", ""),
    )
    return answer(request, wanted)


def _health(_request: Request) -> Response:
    """Answers without data and without asking who it is."""
    return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})


def _to_the_table(_request: Request) -> Response:
    return RedirectResponse("./#organizations", status_code=303)


def _links(request: Request) -> Links:
    """Links of a message, at whatever address it is shown."""
    return Links(
        place=request.url.path.removeprefix(request.scope.get("root_path", "")).lstrip("/")
    )


def _said(words: Callable[[Links], str], status: int) -> Callable[[Request, Exception], Response]:
    return lambda request, _error: HTMLResponse(words(_links(request)), status_code=status)


_not_found = _said(message.not_found, 404)


def _notice(request: Request) -> Response:
    snapshot = Snapshot.open(request.app.state.snapshot_path)
    return HTMLResponse(notice_page(snapshot, _links(request)))


_no_snapshot = _said(message.no_snapshot, 503)
_other_snapshot = _said(message.older_snapshot, 503)


def _newer_snapshot(request: Request, error: Exception) -> Response:
    return HTMLResponse(message.newer_snapshot(str(error), _links(request)), status_code=503)


def _no_such_organization(request: Request, error: Exception) -> Response:
    return HTMLResponse(message.no_such_organization(str(error), _links(request)), status_code=404)


def _unknown_value(request: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownValueError)
    return HTMLResponse(message.unknown_value(error, _links(request)), status_code=422)


def _failure(request: Request, error: Exception) -> Response:
    failure_id = secrets.token_hex(4)
    _LOG.error("page %s failed (id %s)", request.url.path, failure_id, exc_info=error)
    text = message.failure(failure_id, _links(request))
    # Starlette answers this outside of all middleware.
    return HTMLResponse(text, status_code=500, headers=SECURITY_HEADERS)
