"""Where questionnaires are kept until the project takes them in, and how many may come.

The web process never opens the warehouse. What was sent is kept twice: as a file in the project's
inbox, which the next run imports, and as a record of what was sent, which its result page shows.
The record is made first and exactly once, and names the file, so that a form that is sent twice,
even by two processes at a time, gives one file.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashboards.assessing.privatefiles import create_private, remove_older, write_private
from dashboards.assessing.refusals import RefusedError
from dashboards.assessing.seals import FormKey
from dashboards.assessing.tokens import derived_token, is_token, short_code
from dashboards.ratelimits import RateLimit

if TYPE_CHECKING:
    from pathlib import Path

    from dashboards.assessing.form import Form

KEPT_DAYS = 30  #: drafts and records, from when they were last written
MOST_WAITING = 1000  #: files in the inbox
MOST_DRAFTS = 2000
SUBMISSIONS_AN_HOUR, SAVES_AN_HOUR = 10, 60  #: of one client
_HOUR = 3600.0
_INBOX_SUFFIXES = (".csv", ".json", ".xlsx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A form that is kept: its instrument, version, token, fields, and when it was written."""

    instrument: str
    version: str
    token: str
    fields: dict[str, str]
    written_at: datetime
    file_name: str = ""  #: in the inbox; "" for a draft


class Intake:
    """Drafts, records and the inbox of one project.

    Args:
        inbox: the project's folder of files to import.
        folder: for drafts, records and the key; private.
    """

    def __init__(self, inbox: Path, folder: Path) -> None:
        self.key = FormKey(folder / "form.key")
        self._inbox, self._drafts, self._sent = inbox, folder / "drafts", folder / "sent"
        self._submissions = RateLimit(SUBMISSIONS_AN_HOUR, _HOUR)
        self._saves = RateLimit(SAVES_AN_HOUR, _HOUR)
        self._tidied_at, self._lock = -_HOUR, threading.Lock()

    def save(self, form: Form, client: str) -> None:
        """Keep a form that is not finished, under its token.

        Raises:
            RefusedError: too many from this client, or in all.
        """
        path = self._draft_path(form.token)
        if not path.exists() and _count(self._drafts) >= MOST_DRAFTS:
            raise _full(_NO_ROOM_TO_SAVE)
        _check(self._saves.take(client), f"{SAVES_AN_HOUR} times an hour")
        self._tidy()
        write_private(path, _written(form))

    def draft(self, token: str) -> Kept | None:
        """A form that was saved; None where there is none any more."""
        return _read(self._draft_path(token)) if is_token(token) else None

    def submit(self, form: Form, client: str) -> str:
        """Hand a finished form to the project, once; returns the token of its record.

        The same form with other answers is another submission: the import takes it for a
        correction, because it names the same respondent and day.

        Raises:
            RefusedError: too many from this client, or too many files wait.
        """
        content = _content(form)
        token = derived_token(form.token, content)
        if self.sent(token) is None:
            self._check_room(client)
            self._tidy()
            create_private(self._sent_path(token), _written(form, _file_name(form)))
        record = self.sent(token)
        assert record is not None
        if not any((folder / record.file_name).exists() for folder in self._places()):
            write_private(self._inbox / record.file_name, content)
        self._draft_path(form.token).unlink(missing_ok=True)
        return token

    def sent(self, token: str) -> Kept | None:
        """What was sent under a token; None where it is not known, or not any more."""
        return _read(self._sent_path(token)) if is_token(token) else None

    def is_waiting(self, record: Kept) -> bool:
        """Whether the file of a record has not been imported yet."""
        return (self._inbox / record.file_name).exists()

    def _places(self) -> tuple[Path, ...]:
        return (self._inbox, self._inbox / "imported")

    def _check_room(self, client: str) -> None:
        if _count(self._inbox, _INBOX_SUFFIXES) >= MOST_WAITING:
            raise _full(_NO_ROOM_TO_SEND)
        _check(self._submissions.take(client), f"{SUBMISSIONS_AN_HOUR} submissions an hour")

    def _tidy(self) -> None:
        """Remove what is too old, at most once an hour."""
        with self._lock:
            if time.monotonic() - self._tidied_at < _HOUR:
                return
            self._tidied_at = time.monotonic()
        for folder in (self._drafts, self._sent):
            remove_older(folder, KEPT_DAYS)

    def _draft_path(self, token: str) -> Path:
        assert is_token(token)
        return self._drafts / f"{token}.json"

    def _sent_path(self, token: str) -> Path:
        return self._sent / f"{token}.json"


def _file_name(form: Form) -> str:
    """Later submissions sort behind earlier ones: of two the import must take the later last."""
    moment = datetime.now(UTC)
    return f"web-{moment:%Y%m%dT%H%M%S%f}-{short_code(form.token)}.json"


def _content(form: Form) -> str:
    return json.dumps([form.record()], ensure_ascii=False, indent=1) + "\n"


def _written(form: Form, file_name: str = "") -> str:
    record = {
        "instrument": form.instrument.code,
        "version": form.instrument.version,
        "token": form.token,
        "fields": dict(form.fields),
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "file_name": file_name,
    }
    return json.dumps(record, ensure_ascii=False, indent=1)


def _read(path: Path) -> Kept | None:
    """A record that was written whole; its age counts, whether or not it was removed yet."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    kept = Kept(**record | {"written_at": datetime.fromisoformat(record["written_at"])})
    is_old = (datetime.now(UTC) - kept.written_at).days >= KEPT_DAYS
    return None if is_old else kept


def _count(folder: Path, suffixes: tuple[str, ...] = (".json",)) -> int:
    return sum(path.suffix.casefold() in suffixes for path in folder.glob("[!.]*"))


def _check(wait_seconds: int, most: str) -> None:
    if wait_seconds:
        minutes = -(-wait_seconds // 60)
        text = (
            f"One address may do this {most}. Try again in {minutes} minutes; your browser's Back "
            "button keeps the answers on your screen."
        )
        raise RefusedError(429, "Too many at a time", text, wait_seconds=wait_seconds)


_NO_ROOM_TO_SAVE = (
    "There are as many drafts as this dashboard keeps. Nothing was saved. Send the answers, or try "
    "again later; your browser's Back button keeps them on your screen."
)
_NO_ROOM_TO_SEND = (
    "As many files wait to be imported as this project takes. Nothing was sent. Go back and save "
    "your answers, and send them later."
)


def _full(text: str) -> RefusedError:
    return RefusedError(503, "There is no room at the moment", text, wait_seconds=int(_HOUR))
