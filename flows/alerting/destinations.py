"""Where alerts are sent, from the settings; what cannot be meant is refused by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from flows.alerting.conditions import CONDITIONS
from flows.errors import InputError

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from flows.settings import Settings

#: One address as it may stand in a header and in an SMTP command.
_MAIL_ADDRESS = re.compile(
    r"[^\s@<>,;:\"()\\\x00-\x20\x7f]+@[A-Za-z0-9.-]+|[^\s@<>,;]+@\[[0-9a-fA-F.:]+\]"
)
_MAIL_PORTS = {"smtp": 25, "smtps": 465}
_NO_SERVER = (
    "is no mail server such as smtp://localhost:25 or smtps://user:password@mail.example.org:465"
)
_NEEDED = "names the server that takes it, such as smtp://localhost:25"
_NO_HOOK = "is no address such as https://hooks.example.org/services/…"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Who takes e-mail; the password shows itself to nobody who prints this."""

    host: str
    port: int
    is_tls: bool  #: from the first byte on; otherwise TLS begins when the server offers it
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """By whom, from whom and to whom e-mail goes."""

    server: MailServer
    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An address that takes messages; it is a secret, and only its host is shown."""

    host: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destinations:
    """Where alerts go besides the log, and which conditions are not told."""

    mailing: Mailing | None = None
    hook: Hook | None = None
    switched_off: frozenset[str] = frozenset()


def destinations(settings: Settings) -> Destinations:
    """Where alerts of a project go.

    Raises:
        InputError: every problem of every setting, by its name; no secret is shown.
    """
    problems: list[str] = []
    found = Destinations(
        mailing=_mailing(settings, problems),
        hook=_hook(settings.alert_webhook, problems),
        switched_off=_switched_off(settings, problems),
    )
    if problems:
        raise InputError(*problems)
    return found


def _switched_off(settings: Settings, problems: list[str]) -> frozenset[str]:
    unknown = [code for code in settings.alert_except if code not in CONDITIONS]
    known = ", ".join(CONDITIONS)
    problems += [f"alert_except: unknown condition {code!r}; known: {known}" for code in unknown]
    return frozenset(settings.alert_except)


def _mailing(settings: Settings, problems: list[str]) -> Mailing | None:
    recipients = settings.alert_email
    bad = [("alert_email", text) for text in recipients if not _is_address(text)]
    if settings.alert_from and not _is_address(settings.alert_from):
        bad.append(("alert_from", settings.alert_from))
    problems += [f"{name}: {text!r} is no e-mail address" for name, text in bad]
    server = _mail_server(settings.alert_smtp, problems)
    if recipients and not settings.alert_smtp:
        problems.append(f"alert_email is set and alert_smtp is not; alert_smtp {_NEEDED}")
    if settings.alert_smtp and not recipients:
        problems.append("alert_smtp is set and alert_email is not, so nobody would be written to")
    if not (recipients and server) or bad:
        return None
    return Mailing(server=server, sender=_sender(settings), recipients=recipients)


def _sender(settings: Settings) -> str:
    """Who writes: as set, or the project's contact, or the first of those who are written to."""
    if settings.alert_from:
        return settings.alert_from
    return settings.contact if _is_address(settings.contact) else settings.alert_email[0]


def _is_address(text: str) -> bool:
    return bool(_MAIL_ADDRESS.fullmatch(text))


def _mail_server(text: str, problems: list[str]) -> MailServer | None:
    place = _place(text)
    if not text:
        return None
    if place is None or place.scheme not in _MAIL_PORTS or not place.hostname:
        problems.append(f"alert_smtp {_NO_SERVER}; it is not shown here")
        return None
    return MailServer(
        host=place.hostname,
        port=place.port or _MAIL_PORTS[place.scheme],
        is_tls=place.scheme == "smtps",
        user=unquote(place.username or ""),
        password=unquote(place.password or ""),
    )


def _hook(text: str, problems: list[str]) -> Hook | None:
    place = _place(text)
    if not text:
        return None
    if place is None or place.scheme not in {"http", "https"} or not place.hostname:
        problems.append(f"alert_webhook {_NO_HOOK}; it is not shown here")
        return None
    return Hook(host=place.hostname, url=text)


def _place(text: str) -> SplitResult | None:
    """A URL in its parts; None for what is none, or holds what cannot be sent."""
    if not text.isascii() or any(character <= " " for character in text):
        return None
    try:
        place = urlsplit(text)
        _ = place.port  # raises when it is no number
    except ValueError:
        return None
    return place
