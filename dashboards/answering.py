"""Answering a request from the snapshot of this moment: page, data or drawing, once computed.

What was computed is kept compressed under the snapshot's name and the address, so an entry can
never be stale; a reader who has it already gets 304.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from starlette.responses import RedirectResponse, Response

from dashboards.links import Links
from dashboards.pages.page import NoSuchOrganizationError, Visit
from dashboards.reading.header import known
from dashboards.rendering import FOLDER, render
from dashboards.twins import as_csv, as_json, as_svg, figure_as_json, page_metadata
from warehouse.snapshots import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from dashboards.figures import Figure
    from dashboards.pages.page import Content, Page

MOST_KEPT_BYTES = 24 * 1024**2
_LEVEL = 5  #: of compression; 6 takes a third more time for 1 % less
_TYPES = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}
#: One page is made while another waits for its queries; more only hold each other up.
_MADE_AT_A_TIME = 2
_SHOWN = {".py", ".sql", ".html", ".css", ".js"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a page a request is for.

    Attributes:
        page: which.
        form: `html`, `csv`, `json` or `svg`.
        figure: a name; "" for the page, or all of its figures.
        organization_id: where the page is about one.
    """

    page: Page
    form: str = "html"
    figure: str = ""
    organization_id: str = ""

    @property
    def place(self) -> str:
        """The path of the page, without the leading slash."""
        path = self.page.path
        return f"{path}/{self.organization_id}" if self.page.is_about_one else path


class UnknownFigureError(LookupError):
    """An address names a figure that its page does not have, or that has no such form."""


class Kept:
    """Finished answers, compressed; those not asked for the longest go first."""

    def __init__(self, most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._entries: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
        self._most, self._size, self._lock = most_bytes, 0, threading.Lock()
        self._making = threading.BoundedSemaphore(_MADE_AT_A_TIME)

    def get(self, key: tuple[str, ...], make: Callable[[], str]) -> bytes:
        """The answer under a key; made, and kept, if it is not there."""
        if found := self._found(key):
            return found
        with self._making:  # who is first is not held up by all who come after
            if found := self._found(key):
                return found
            body = gzip.compress(make().encode(), _LEVEL, mtime=0)
        self._keep(key, body)
        return body

    def _found(self, key: tuple[str, ...]) -> bytes | None:
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def _keep(self, key: tuple[str, ...], body: bytes) -> None:
        with self._lock:
            self._size += len(body) - len(self._entries.pop(key, b""))
            self._entries[key] = body
            while self._size > self._most and len(self._entries) > 1:
                self._size -= len(self._entries.popitem(last=False)[1])


def answer(request: Request, wanted: Wanted) -> Response:
    """Answer from the current snapshot.

    Raises:
        SnapshotMissing: nothing was published.
        UnknownValueError: a parameter has a value that the page does not know.
        NoSuchOrganizationError: the page is about one that is not in the snapshot.
        UnknownFigureError: the page has no such figure.
    """
    snapshot = Snapshot.open(request.app.state.snapshot_path)
    tag = _tag(snapshot, request)
    if tag in request.headers.get("if-none-match", ""):
        response = Response(status_code=304)
    else:
        response = _response(request, snapshot, wanted)
    response.headers["etag"] = tag
    response.headers["cache-control"] = "no-cache"  # keep it, but ask whether it still holds
    response.headers["vary"] = "accept-encoding"
    return response


def make(snapshot: Snapshot, wanted: Wanted, query: str = "", *, is_live: bool = True) -> str:
    """One page, or a twin, as text; see `answer` for what may be raised.

    Args:
        snapshot: what to show.
        wanted: page, form and figure.
        query: the page's parameters in their own order, see `Asked.address`.
        is_live: False for a file of a static site.
    """
    visit, content = gathered(snapshot, wanted, query, is_live=is_live)
    if wanted.form == "html":
        return page_html(visit, wanted.page, content)
    return twin(visit, content, wanted)


def gathered(
    snapshot: Snapshot, wanted: Wanted, query: str = "", *, is_live: bool = True
) -> tuple[Visit, Content]:
    """What a page shows of a snapshot."""
    asked = wanted.page.asked.read(parse_qsl(query), known(snapshot).values)
    visit = Visit(
        snapshot=snapshot,
        header=known(snapshot).header,
        options=known(snapshot).options,
        asked=asked,
        links=Links(place=wanted.place, query=asked.address(), is_live=is_live),
        organization_id=wanted.organization_id,
        is_whole=not is_live or wanted.form != "html",
    )
    return visit, wanted.page.gather(visit)


def page_html(visit: Visit, page: Page, content: Content, template: str = "") -> str:
    """A gathered page as HTML; `template` is one of its own other than that of its name.

    The snapshot is none of what a template is given: it is kept with that in circles of references,
    and with it an open file that may have been replaced and deleted.
    """
    return render(
        f"pages/{template or page.name}.html",
        page=content.shown,
        content=content,
        figures={figure.name: figure for figure in content.figures},
        filter_options=visit.options,
        organization_id=visit.organization_id,
        header=visit.header,
        asked=visit.asked,
        links=visit.links,
        current=page,
    )


def twin(visit: Visit, content: Content, wanted: Wanted) -> str:
    """A gathered page or one of its figures as CSV, JSON or SVG."""
    about = page_metadata(visit.header, visit.snapshot.name, content.filters)
    if wanted.form == "json" and not wanted.figure:
        return as_json(about, content.figures)
    figure = _figure(content, wanted)
    if wanted.form == "json":
        return figure_as_json(about, figure)
    if wanted.form == "csv":
        return as_csv(figure)
    if not figure.drawing:
        message = f"{figure.name} has nothing to draw"
        raise UnknownFigureError(message)
    return as_svg(figure)


def _figure(content: Content, wanted: Wanted) -> Figure:
    if not wanted.figure and content.figures:
        return content.figures[0]
    for figure in content.figures:
        if figure.name == wanted.figure:
            return figure
    message = f"there is no figure {wanted.figure!r}"
    raise UnknownFigureError(message)


def _response(request: Request, snapshot: Snapshot, wanted: Wanted) -> Response:
    asked = wanted.page.asked.read(request.query_params.multi_items(), known(snapshot).values)
    query = asked.address()
    if wanted.form == "html" and request.url.query != query:
        address = quote(wanted.place.rpartition("/")[2]) or "./"
        return RedirectResponse(f"{address}?{query}".rstrip("?"), status_code=303)
    kept: Kept = request.app.state.kept
    key = (snapshot.name, wanted.form, wanted.place, wanted.figure, query)
    body = kept.get(key, lambda: make(snapshot, wanted, query))
    return _file(request, body, wanted)


def _file(request: Request, body: bytes, wanted: Wanted) -> Response:
    headers = {}
    if wanted.form != "html":
        parts = filter(None, (wanted.place.replace("/", "-") or "benchmark", wanted.figure))
        kind = "inline" if wanted.form in ("json", "svg") else "attachment"
        name = f"barograph-{'-'.join(parts)}.{wanted.form}"
        headers["content-disposition"] = f'{kind}; filename="{name}"'
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    return Response(body, media_type=_TYPES[wanted.form], headers=headers)


def _tag(snapshot: Snapshot, request: Request) -> str:
    """Weak, because the same answer may travel compressed or not."""
    asked = f"{request.url.path}?{request.url.query} {_look()}"
    return f'W/"{snapshot.name}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"'


@cache
def _look() -> str:
    """Changes when our own code, pages or styles do, so that no reader keeps an old page."""
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in _SHOWN)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


__all__ = [
    "Kept",
    "NoSuchOrganizationError",
    "UnknownFigureError",
    "Wanted",
    "answer",
    "gathered",
    "make",
    "page_html",
    "twin",
]
