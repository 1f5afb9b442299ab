"""One exchange with a server: what was asked and what came back, success or not."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - dataclass fields are read at run time

from connectors.contract import Outcome, Page, Purpose

#: Stands in place of a status for an address whose successor has been adopted.
ADOPTED = "adopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One attempt to read a URL, with everything that is needed to replay it.

    `requested_url` is what the connector planned, `url` the address that answered last.
    `redirects` holds one "status url" line per hop, in order; "adopted url" stands for an
    address that was left aside because its successor is known. `status` is 0 when no answer
    came. `body` is None when there is none to keep: failures without a body, 304, and 200
    with the bytes we already have (`body_sha256` then names them). A body that broke off
    (outcome `truncated`) is kept as far as it came.
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
    purpose: Purpose = Purpose.READ
    context: str = ""  #: the connector's own note on its request

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
            context=self.context,
        )

    @property
    def is_adopted(self) -> bool:
        """Whether the request went to an adopted address instead of the planned one."""
        return bool(self.redirects) and self.redirects[0].startswith(ADOPTED)

    def header(self, name: str) -> str:
        """First value of a response header, "" when absent; `name` in lower case."""
        return next((value for key, value in self.headers if key == name), "")


def new_page_id() -> str:
    """32 hex digits that sort by time, so that a scan for new pages can skip old ones."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
