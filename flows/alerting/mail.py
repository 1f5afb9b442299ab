"""Sending by e-mail. A letter has the same Message-ID at every try, by which mailboxes know it."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import contextmanager, suppress
from datetime import UTC
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flows.alerting.sending import DEADLINE_SECONDS, STEP_SECONDS, SendingError, deadline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.alerting.destinations import Mailing, MailServer
    from flows.alerting.sending import Letter

_READY = 220
#: A subject stays on its line: where it is folded, some mailboxes show a gap.
_UNFOLDED = SMTP_POLICY.clone(max_line_length=998)


def send_mail(mailing: Mailing, letter: Letter) -> None:
    """Hand a letter over to the mail server.

    Raises:
        SendingError: it was not taken, or not for everybody.
    """
    message = mail_message(mailing, letter)
    host = mailing.server.host
    try:
        with _session(mailing.server) as server:
            # Where some are refused the others have it, and to send it again would double it.
            server.send_message(message, mailing.sender, list(mailing.recipients))
    except smtplib.SMTPRecipientsRefused as error:
        told = f"{host} refuses all recipients"
        raise SendingError(told) from error
    except smtplib.SMTPResponseException as error:
        told = f"{host} answered {error.smtp_code}"
        raise SendingError(told) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        told = f"{host}: {type(error).__name__}"
        raise SendingError(told) from error


def mail_message(mailing: Mailing, letter: Letter) -> EmailMessage:
    """A letter as it travels: plain text, made by a machine, the same at every try."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["Subject"] = f"[Barograph] {letter.heading}"
    message["From"] = mailing.sender
    message["To"] = ", ".join(mailing.recipients)
    moment = letter.notices[0].created_at.replace(tzinfo=UTC)
    message["Date"] = format_datetime(moment)
    message["Message-ID"] = f"<{letter.letter_id}@{mailing.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{letter.body}\n")
    message.policy = _UNFOLDED
    return message


@contextmanager
def _session(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection that is logged in, and ends within the deadline."""
    connection = _connection(server)
    with deadline(lambda: connection.sock, DEADLINE_SECONDS):
        try:
            code, answer = connection.connect(server.host, server.port)
            if code != _READY:
                raise smtplib.SMTPConnectError(code, answer)
            _log_in(connection, server)
            yield connection
            with suppress(smtplib.SMTPException, OSError):  # the letter is theirs already
                connection.quit()
        finally:
            connection.close()


def _connection(server: MailServer) -> smtplib.SMTP:
    """A connection that is not made yet, so that the deadline can reach it."""
    if server.is_tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(timeout=STEP_SECONDS, context=_security())
    else:
        connection = smtplib.SMTP(timeout=STEP_SECONDS)
    # the name that the certificate must bear; only the constructor that connects takes it
    connection._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001
    return connection


def _security() -> ssl.SSLContext:
    return ssl.create_default_context()


def _log_in(connection: smtplib.SMTP, server: MailServer) -> None:
    """Encrypt where there is a way in between, and say who we are where that is asked."""
    is_open = not server.is_tls and not _is_here(server.host)
    connection.ehlo_or_helo_if_needed()
    if is_open and connection.has_extn("starttls"):
        connection.starttls(context=_security())
    elif is_open and server.user:
        told = f"{server.host} offers no encryption, so the password is not sent; use smtps://"
        raise SendingError(told)
    if server.user:
        connection.login(server.user, server.password)


def _is_here(host: str) -> bool:
    """Whether a server is on this machine, where nobody listens in between."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
