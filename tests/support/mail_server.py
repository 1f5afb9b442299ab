"""A mail server on loopback that keeps what it is sent, and misbehaves as it is told."""

from __future__ import annotations

import socketserver
import threading
import time
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from email.message import EmailMessage


class Received(NamedTuple):
    """A letter that was taken."""

    sender: str
    recipients: list[str]
    message: EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Takes letters; `refused` are recipients that it does not take, `answers` other replies.

    `answers` gives for a command (`GREETING`, `MAIL`, `DATA`, `END`, …) what is said instead;
    None says nothing and waits, `DRIP` sends a byte every tenth of a second and never ends.
    With `security` it speaks TLS: from the first byte, or where `is_upgraded`, after STARTTLS.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, security: ssl.SSLContext | None = None, *, is_upgraded: bool = False
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.security, self.is_upgraded = security, is_upgraded
        self.received: list[Received] = []
        self.commands: list[str] = []
        self.refused: set[str] = set()
        self.answers: dict[str, str | None] = {}
        self.stopped = threading.Event()

    @property
    def address(self) -> str:
        """As the setting `alert_smtp` takes it."""
        scheme = "smtps" if self.security and not self.is_upgraded else "smtp"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """Whoever hangs up in the middle is what some tests are about."""


class _Handler(socketserver.StreamRequestHandler):
    server: MailServer

    def setup(self):
        if self.server.security and not self.server.is_upgraded:
            self._encrypt()
        super().setup()

    def _encrypt(self):
        """From the next byte on; whoever does not trust us hangs up then."""
        self.request = self.server.security.wrap_socket(
            self.request, server_side=True, do_handshake_on_connect=False
        )

    def finish(self):
        with suppress(OSError):
            super().finish()
        self.request.close()

    def handle(self):
        self._sender, self._recipients = "", []
        if not self._say("GREETING", "220 mail.example ESMTP"):
            return
        while line := self.rfile.readline().decode("ascii", "replace").strip():
            self.server.commands.append(line)
            word = line.split(" ")[0].split(":")[0].upper()
            if not self._do(word, line) or word == "QUIT":
                return

    def _do(self, word, line):
        if word in {"EHLO", "HELO"}:
            more = "250-STARTTLS\r\n" if self.server.is_upgraded else ""
            return self._say(word, f"250-mail.example\r\n250-AUTH PLAIN\r\n{more}250 SIZE 1000000")
        if word == "STARTTLS":
            return self._upgrade()
        if word == "MAIL":
            self._sender = line.partition("<")[2].partition(">")[0]
        if word == "RCPT":
            return self._recipient(line.partition("<")[2].partition(">")[0])
        if word == "DATA":
            return self._data()
        said = {"QUIT": "221 bye", "AUTH": "235 welcome"}
        return self._say(word, said.get(word, "250 ok"))

    def _upgrade(self):
        self._say("STARTTLS", "220 go on")
        self.rfile.close()
        self.wfile.close()
        self._encrypt()
        socketserver.StreamRequestHandler.setup(self)
        return True

    def _recipient(self, address):
        if address in self.server.refused:
            return self._say("RCPT", "550 no such person")
        self._recipients.append(address)
        return self._say("RCPT", "250 ok")

    def _data(self):
        if not self._say("DATA", "354 go on") or "DATA" in self.server.answers:
            return True
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if "END" not in self.server.answers:
            message = message_from_bytes(b"".join(lines), policy=default)
            self.server.received.append(Received(self._sender, self._recipients, message))
        return self._say("END", "250 taken")

    def _say(self, word, usual):
        """Whether the conversation goes on."""
        answer = self.server.answers.get(word, usual)
        if answer is None:
            self.server.stopped.wait(30)
            return False
        if answer == "DRIP":
            return self._drip()
        self.wfile.write(f"{answer}\r\n".encode())
        return True

    def _drip(self):
        with suppress(OSError):
            while not self.server.stopped.is_set():
                self.wfile.write(b"2")
                time.sleep(0.1)
        return False


@contextmanager
def mail_server(
    security: ssl.SSLContext | None = None, *, is_upgraded: bool = False
) -> Iterator[MailServer]:
    """A running `MailServer`."""
    with MailServer(security, is_upgraded=is_upgraded) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            server.shutdown()
            thread.join()
