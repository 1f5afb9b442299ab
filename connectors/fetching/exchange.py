"""One exchange with a server: what was asked and what came back, success or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - dataclass fields are read at run time

from connectors.contract import Outcome, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One attempt to read a URL, with everything that is needed to replay it.

    `status` is 0 when no answer came. `body` is None when there is none to keep: failures
    without a body, 304, and 200 with the bytes we already have (`body_sha256` then names
    them). `redirects` holds one "status url" line per hop, in order.
    """

    page_id: str
    channel_id: str
    requested_url: str
    url: str
    redirects: tuple[str, ...]
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    body_sha256: str
    fetched_at: datetime
    elapsed_ms: int
    byte_count: int
    outcome: Outcome
    error: str = ""
    is_conditional: bool = False  #: validators were sent

    def page(self) -> Page:
        """The stored response as connectors see it."""
        return Page(
            page_id=self.page_id,
            channel_id=self.channel_id,
            requested_url=self.requested_url,
            url=self.url,
            status=self.status,
            headers=self.headers,
            body=self.body or b"",
            fetched_at=self.fetched_at,
        )

    def header(self, name: str) -> str:
        """First value of a response header, "" when absent; `name` in lower case."""
        return next((value for key, value in self.headers if key == name), "")
