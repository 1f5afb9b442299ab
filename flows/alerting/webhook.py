"""Sending to a webhook: the JSON that Slack takes, and others (Mattermost, Rocket.Chat) after it.

A redirect is not followed: the address is a secret, and nobody else is to have it.
"""

from __future__ import annotations

import json
import ssl
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flows.alerting.sending import DEADLINE_SECONDS, STEP_SECONDS, SendingError, deadline

if TYPE_CHECKING:
    from flows.alerting.destinations import Hook
    from flows.alerting.sending import Letter

_SUCCESS, _REDIRECT, _MOVED_END = 200, 300, 400


def send_to_hook(hook: Hook, letter: Letter) -> None:
    """Post a letter to the webhook; the header `Idempotency-Key` is the same at every try.

    Raises:
        SendingError: it was not taken.
    """
    try:
        status = _posted(hook, letter)
    except (HTTPException, OSError, ValueError) as error:
        told = f"{hook.host}: {type(error).__name__}"
        raise SendingError(told) from error
    if _SUCCESS <= status < _REDIRECT:
        return
    told = f"{hook.host} answered {status}"
    if _REDIRECT <= status < _MOVED_END:
        told += ", a redirect, which is not followed; set alert_webhook to its own address"
    raise SendingError(told)


def _posted(hook: Hook, letter: Letter) -> int:
    """The status that the webhook answers."""
    place = urlsplit(hook.url)
    path = f"{place.path or '/'}{f'?{place.query}' if place.query else ''}"
    connection = _connection(hook)
    with closing(connection), deadline(lambda: connection.sock, DEADLINE_SECONDS):
        connection.request("POST", path, hook_body(letter), _headers(letter))
        with closing(connection.getresponse()) as answer:
            return answer.status


def _connection(hook: Hook) -> HTTPConnection:
    place = urlsplit(hook.url)
    if place.scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(hook.host, place.port, timeout=STEP_SECONDS, context=context)
    return HTTPConnection(hook.host, place.port, timeout=STEP_SECONDS)


def _headers(letter: Letter) -> dict[str, str]:
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": letter.letter_id,
        "User-Agent": f"barograph/{version('barograph')}",
    }


def hook_body(letter: Letter) -> bytes:
    """What is posted: `text`, with the three characters escaped that would command Slack."""
    text = f"*{letter.heading}*\n{letter.body}"
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    return json.dumps({"text": text}, ensure_ascii=False).encode()
