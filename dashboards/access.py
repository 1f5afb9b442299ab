"""Who may read the dashboard: this machine, who knows a password, or whom a proxy lets in.

Nothing is served to a network without one of the latter two. A web page elsewhere must not read
the dashboard of this machine through its visitor's browser either, so that on the loopback
address the Host header has to be a name of this machine.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse

from dashboards.ratelimits import RateLimit

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

HEALTH_PATH = "/healthz"  #: answers whoever asks, and tells nothing
FEWEST_CHARACTERS = 12  #: of a password
MOST_FAILURES, FAILURE_SECONDS = 20, 900.0  #: wrong passwords of one client
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_PASSWORD, _HEADER = "password:", "header:"
_WAYS = (
    f'"{_PASSWORD}…" with at least {FEWEST_CHARACTERS} characters, or "{_HEADER}X-Forwarded-User" '
    "behind a proxy that authenticates and sets this header itself"
)
_SETTING = "dashboard_access"


class AccessSettingError(ValueError):
    """The setting does not say who may read; the message holds no part of it."""


class Access(Protocol):
    """A rule for who may read."""

    def refusal(self, request: HTTPConnection) -> Response | None:
        """The answer to a request that is refused; None lets it pass."""
        ...

    def client(self, request: HTTPConnection) -> str:
        """The address that a request comes from."""
        ...


def access_for(setting: str, host: str) -> Access:
    """The rule for a server that listens at `host`.

    Args:
        setting: `password:…`, `header:NAME`, or "" where only this machine can reach it.
        host: name or address to listen at.

    Raises:
        AccessSettingError: the setting is missing where it is needed, or is none of these.
    """
    if setting.startswith(_PASSWORD):
        return _password_access(setting.removeprefix(_PASSWORD))
    if setting.startswith(_HEADER):
        return _proxy_access(setting.removeprefix(_HEADER).strip())
    if setting:
        message = f"{_SETTING} is not understood; give {_WAYS}"
        raise AccessSettingError(message)
    if not is_loopback(host):
        message = (
            f"--host {host}: others could read the dashboard, so the setting {_SETTING} (or "
            f"BAROGRAPH_{_SETTING.upper()}) must say who may: {_WAYS}"
        )
        raise AccessSettingError(message)
    return LoopbackAccess()


def is_loopback(name: str) -> bool:
    """Whether a host name or address can only mean the machine itself."""
    bare = name.removeprefix("[").removesuffix("]").casefold()
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return bare == "localhost" or bare.endswith(".localhost")


@dataclass(frozen=True, slots=True)
class LoopbackAccess:
    """Whoever reaches the loopback address, under a name of this machine."""

    def refusal(self, request: HTTPConnection) -> Response | None:
        """Refuse names that lead here by somebody else's doing (DNS rebinding)."""
        host = request.headers.get("host", "")
        name = re.sub(r":\d*$", "", host)
        if is_loopback(name):
            return None
        return _refused(421, "This dashboard answers to names of its own machine only.")

    def client(self, request: HTTPConnection) -> str:
        """The address of the other end."""
        return _peer(request)


@dataclass(frozen=True, slots=True)
class PasswordAccess:
    """Whoever knows the password, by HTTP Basic; the user name does not matter."""

    password: str = field(repr=False)
    failures: RateLimit = field(default_factory=lambda: RateLimit(MOST_FAILURES, FAILURE_SECONDS))

    def refusal(self, request: HTTPConnection) -> Response | None:
        """Ask for the password; after too many wrong ones no more is looked at for a while."""
        given = _given_password(request.headers.get("authorization", ""))
        if given is None:
            return _password_wanted()
        client = self.client(request)
        if wait := self.failures.wait_seconds(client):
            text = "Too many wrong passwords came from this address. Try again later."
            return _refused(429, text, {"retry-after": str(wait)})
        if hmac.compare_digest(given, self.password.encode()):
            return None
        self.failures.take(client)
        return _password_wanted()

    def client(self, request: HTTPConnection) -> str:
        """The address of the other end."""
        return _peer(request)


@dataclass(frozen=True, slots=True)
class ProxyAccess:
    """Whom a proxy has authenticated; it must overwrite the header, and be the only way here."""

    header: str

    def refusal(self, request: HTTPConnection) -> Response | None:
        """Refuse requests that the proxy did not mark."""
        if request.headers.get(self.header, "").strip():
            return None
        return _refused(403, "This dashboard is read through the proxy in front of it.")

    def client(self, request: HTTPConnection) -> str:
        """The address that the proxy saw: the last one that it wrote down."""
        forwarded = request.headers.get("x-forwarded-for", "")
        return forwarded.rpartition(",")[2].strip()[:60] or _peer(request)


class Guard:
    """Let only those requests through that the rule allows; say whom they are from."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is refused; hand on all others."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        is_health = scope["path"] == HEALTH_PATH
        refusal = None if is_health else self._access.refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app({**scope, "client": (self._access.client(request), 0)}, receive, send)


def _password_access(password: str) -> PasswordAccess:
    if len(password) < FEWEST_CHARACTERS:
        message = f"{_SETTING}: the password has fewer than {FEWEST_CHARACTERS} characters"
        raise AccessSettingError(message)
    return PasswordAccess(password)


def _proxy_access(header: str) -> ProxyAccess:
    if not _HEADER_NAME.fullmatch(header):
        message = f"{_SETTING}: no name of a header follows {_HEADER!r}; give {_WAYS}"
        raise AccessSettingError(message)
    return ProxyAccess(header)


def _given_password(authorization: str) -> bytes | None:
    kind, _, encoded = authorization.partition(" ")
    if kind.casefold() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded.partition(b":")[2]


def _password_wanted() -> Response:
    challenge = 'Basic realm="Barograph", charset="UTF-8"'
    return _refused(401, "This dashboard asks for a password.", {"www-authenticate": challenge})


def _refused(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    kept = {"cache-control": "no-store", **(headers or {})}
    return PlainTextResponse(f"{text}\n", status_code=status, headers=kept)


def _peer(request: HTTPConnection) -> str:
    return request.client.host if request.client else "unknown"
