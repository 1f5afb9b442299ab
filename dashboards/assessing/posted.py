"""The body of a form, read within limits before anything is made of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect

from dashboards.assessing.refusals import RefusedError

if TYPE_CHECKING:
    from starlette.requests import Request

MOST_BYTES = 65_536
MOST_FIELDS = 120
MOST_SECONDS = 30  #: for a body to arrive
_TYPE = "application/x-www-form-urlencoded"


async def posted_fields(request: Request) -> dict[str, str]:
    """The fields of a form; of several with one name the first.

    Raises:
        RefusedError: it is no form, too large, too slow, or not text.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != _TYPE:
        raise RefusedError(415, "This is no form", f"Send it as {_TYPE}.")
    try:
        async with asyncio.timeout(MOST_SECONDS):
            body = await _body(request)
    except TimeoutError as error:
        text = "The form took too long to arrive. Send it again."
        raise RefusedError(408, "This took too long", text) from error
    except ClientDisconnect as error:
        raise RefusedError(400, "This did not arrive", "Send the form again.") from error
    return _fields(body)


async def _body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > MOST_BYTES:
        raise _too_large()
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise _too_large()
    return bytes(body)


def _fields(body: bytes) -> dict[str, str]:
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError as error:
        raise RefusedError(400, "This is no text", "Send the form as UTF-8.") from error
    except ValueError as error:
        text = f"It has more than {MOST_FIELDS} fields. Nothing was kept."
        raise RefusedError(413, "This form is too large", text) from error
    return dict(reversed(pairs))


def _too_large() -> RefusedError:
    text = f"It has more than {MOST_BYTES // 1024} KB. Nothing was kept; shorten the note."
    return RefusedError(413, "This form is too large", text)
