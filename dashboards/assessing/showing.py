"""Pages of the questionnaire: made for one visitor, kept by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from dashboards.answering import page_html
from dashboards.asked import Asked
from dashboards.links import Links
from dashboards.pages.assess import ASSESS
from dashboards.pages.page import Visit
from dashboards.reading.header import snapshot_header
from warehouse.snapshots import Snapshot

if TYPE_CHECKING:
    from starlette.requests import Request

    from dashboards.pages.page import Content

PRIVATE = {"cache-control": "no-store"}


def visit_of(request: Request, place: str, asked: Asked | None = None) -> Visit:
    """A visit of a page of the questionnaire.

    Args:
        request: whose.
        place: path of the page without the leading slash.
        asked: its parameters.

    Raises:
        SnapshotMissing: nothing was published.
    """
    snapshot = Snapshot.open(request.app.state.snapshot_path)
    wanted = asked or Asked()
    return Visit(
        snapshot=snapshot,
        header=snapshot_header(snapshot),
        asked=wanted,
        links=Links(place=place, query=wanted.address()),
    )


def shown(visit: Visit, template: str, content: Content, status: int = 200) -> HTMLResponse:
    """A page as an answer that no cache may keep."""
    text = page_html(visit, ASSESS, content, template)
    return HTMLResponse(text, status_code=status, headers=PRIVATE)
