"""What an exception of the client library means: an outcome, and a sentence on one line."""

from __future__ import annotations

import ssl
from textwrap import shorten

import aiohttp
from aiohttp import http_exceptions

from connectors.contract import Outcome
from connectors.fetching.failure import FetchError
from connectors.fetching.guard import RefusedAddressError
from connectors.fetching.redirects import readable

_MESSAGE_LENGTH = 200


def diagnosed(error: BaseException) -> FetchError:
    """What an exception of the client library means; the guard's own may be wrapped."""
    if refusal := _refusal(error):
        return FetchError(Outcome.REFUSED, readable(str(refusal)))
    if isinstance(error, TimeoutError):
        return FetchError(Outcome.TIMEOUT, "no complete answer in time")
    if isinstance(error, (ssl.SSLError, aiohttp.ClientSSLError, ssl.CertificateError)):
        return FetchError(Outcome.INSECURE, f"no secure connection: {_reason(error)}")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        message = f"no address is known for the host {error.host}"
        return FetchError(Outcome.UNREACHABLE, message)
    if isinstance(error, aiohttp.ClientConnectorError):
        message = f"cannot connect to {error.host}:{error.port}: {_reason(error)}"
        return FetchError(Outcome.UNREACHABLE, message)
    return _diagnosed_answer(error)


def _diagnosed_answer(error: BaseException) -> FetchError:
    text = _brief(error)
    if isinstance(error, aiohttp.ClientPayloadError):
        return FetchError(Outcome.TRUNCATED, f"the answer broke off: {text}")
    if _is_too_long(error):
        return FetchError(Outcome.TOO_LARGE, f"more or longer headers than we read: {text}")
    if isinstance(error, aiohttp.InvalidURL):
        return FetchError(Outcome.REFUSED, f"no address that can be asked: {text}")
    if isinstance(error, (aiohttp.ClientResponseError, http_exceptions.HttpProcessingError)):
        return FetchError(Outcome.MALFORMED, f"the answer is no HTTP: {text}")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return FetchError(Outcome.UNREACHABLE, "the server hung up without an answer")
    return FetchError(Outcome.UNREACHABLE, f"{type(error).__name__}: {text}".strip(": "))


def _brief(error: BaseException) -> str:
    """The library's words on one line, without what a server can make endless."""
    text = str(getattr(error, "message", "") or error)
    return _on_one_line(text.removeprefix("Response payload is not completed: "))


def _on_one_line(text: str) -> str:
    return shorten(readable(text), _MESSAGE_LENGTH, placeholder=" …")


def _is_too_long(error: BaseException) -> bool:
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, http_exceptions.LineTooLong) or "Too many headers" in str(chain):
            return True
        chain = chain.__cause__ or chain.__context__
    return False


def _refusal(error: BaseException) -> BaseException | None:
    chain: BaseException | None = error
    while chain is not None and not isinstance(chain, RefusedAddressError):
        chain = chain.__cause__ or chain.__context__
    return chain


def _reason(error: BaseException) -> str:
    inner = getattr(error, "os_error", None) or error
    return _on_one_line(str(getattr(inner, "strerror", None) or inner))
