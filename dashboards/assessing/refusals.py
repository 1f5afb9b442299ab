"""Requests that are not answered, with a page that says why and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from dashboards.links import Links
from dashboards.rendering import render

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


class RefusedError(Exception):
    """A request that is not answered.

    Attributes:
        status: of HTTP.
        heading: what is the matter.
        text: why, and what to do.
        command: to type, where that helps.
        wait_seconds: after which it may be tried again; 0: not stated.
    """

    def __init__(
        self, status: int, heading: str, text: str, *, command: str = "", wait_seconds: int = 0
    ) -> None:
        super().__init__(heading)
        self.status, self.heading, self.text = status, heading, text
        self.command, self.wait_seconds = command, wait_seconds


def refusal_page(request: Request, error: Exception) -> Response:
    """The page of a `RefusedError`."""
    assert isinstance(error, RefusedError)
    place = request.url.path.removeprefix(request.scope.get("root_path", "")).lstrip("/")
    text = render(
        "message.html",
        title=error.heading,
        heading=error.heading,
        text=error.text,
        command=error.command,
        links=Links(place=place),
    )
    headers = {"cache-control": "no-store"}
    if error.wait_seconds:
        headers["retry-after"] = str(error.wait_seconds)
    return HTMLResponse(text, status_code=error.status, headers=headers)
