"""That a form was sent from a page of ours: a sealed field, a cookie, and where it came from."""

from __future__ import annotations

import hmac
import secrets
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dashboards.assessing.privatefiles import create_private
from dashboards.assessing.tokens import is_token, new_token

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

COOKIE = "barograph_form"
_KEY_BYTES = 32


class FormKey:
    """The key that seals forms; in a file, so that a restart breaks no open form."""

    def __init__(self, path: Path) -> None:
        self._path, self._key, self._lock = path, b"", threading.Lock()

    def seal(self, visitor: str, form: str) -> str:
        """The seal of a form for the browser with this cookie."""
        return hmac.new(self._read(), f"{visitor}/{form}".encode(), "sha256").hexdigest()

    def is_sealed(self, visitor: str, form: str, seal: str) -> bool:
        """Whether the seal is ours; takes the same time however wrong it is."""
        is_right = hmac.compare_digest(self.seal(visitor, form).encode(), seal.encode())
        return is_right and is_token(visitor) and is_token(form)

    def _read(self) -> bytes:
        with self._lock:
            if not self._key:
                create_private(self._path, secrets.token_hex(_KEY_BYTES))
                self._key = self._path.read_bytes()
            return self._key


def visitor_of(request: Request) -> str:
    """The visitor's cookie; a new value where there is none."""
    given = request.cookies.get(COOKIE, "")
    return given if is_token(given) else new_token()


def remember(response: Response, visitor: str, *, is_secure: bool) -> None:
    """Give the visitor the cookie; other sites cannot have it sent, and no script reads it."""
    response.set_cookie(
        COOKIE, visitor, path="/", httponly=True, samesite="strict", secure=is_secure
    )


def comes_from_here(request: Request) -> bool | None:
    """Whether the browser says that the form is a page of ours; None where it says nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return None
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host", "")
