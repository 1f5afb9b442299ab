"""What all ways of sending share: one message or several of one look, and how sending fails."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from socket import socket

#: A receiver that has not taken a message by then is given up for this time.
DEADLINE_SECONDS = 20.0
#: Of one connection or answer; shorter, so that the error says which.
STEP_SECONDS = 10.0
_MOST_SHOWN = 20


class SendingError(Exception):
    """A message could not be sent now; the text says why, without any secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message of an alert, to be sent by one channel; times UTC without a zone.

    `message_id` is the same at every try.
    """

    message_id: str
    kind: str  #: opened, recovered
    alert_id: str
    code: str
    severity: str
    subject_kind: str
    subject_id: str
    organization_id: str | None
    opened_at: datetime
    opened_run_id: str
    recovered_at: datetime | None
    recovered_run_id: str
    ending: str
    value: float | None
    limit_value: float | None
    created_at: datetime
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What one look found, as one message: a heading, and the notices.

    `letter_id` follows from its notices, so that it is the same at every try.
    """

    letter_id: str
    notices: Sequence[Notice]

    @property
    def heading(self) -> str:
        """One line that says the most important."""
        first = self.notices[0]
        begun = sum(notice.kind == "opened" for notice in self.notices)
        over = len(self.notices) - begun
        if len(self.notices) == 1:
            return _title(first)
        counts = [f"{begun} alerts began"] * bool(begun) + [f"{over} are over"] * bool(over)
        return f"{', '.join(counts)}: {first.title}, and more"

    @property
    def body(self) -> str:
        """All notices in words, the first ones whole; of a single one the heading is the title."""
        shown = [_whole(notice) for notice in self.notices[:_MOST_SHOWN]]
        if len(shown) > 1:
            titles = map(_title, self.notices)
            shown = [f"{title}\n{text}" for title, text in zip(titles, shown, strict=False)]
        if (more := len(self.notices) - _MOST_SHOWN) > 0:
            shown.append(f"and {more} more; `barograph alerts` lists all that are open")
        return "\n\n".join(shown)


def _whole(notice: Notice) -> str:
    return f"{notice.text}\n({notice.code}, alert {notice.alert_id})"


def _title(notice: Notice) -> str:
    return f"{notice.severity}: {notice.title}" if notice.kind == "opened" else notice.title


@contextmanager
def deadline(connected: Callable[[], socket | None], seconds: float) -> Iterator[None]:
    """Hang up after so many seconds, however slowly the other side goes on.

    Args:
        connected: gives the socket as soon as there is one.
        seconds: until then.
    """
    timer = threading.Timer(seconds, _hang_up, (connected,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _hang_up(connected: Callable[[], socket | None]) -> None:
    if (found := connected()) is not None:
        with suppress(OSError):
            found.shutdown(SHUT_RDWR)


def json_record(notice: Notice) -> dict[str, Any]:
    """A notice as plain values; moments are ISO 8601 and end in Z."""
    return {
        "message_id": notice.message_id,
        "kind": notice.kind,
        "alert_id": notice.alert_id,
        "condition_code": notice.code,
        "severity": notice.severity,
        "subject_kind": notice.subject_kind,
        "subject_id": notice.subject_id,
        "organization_id": notice.organization_id,
        "opened_at": _iso(notice.opened_at),
        "opened_run_id": notice.opened_run_id,
        "recovered_at": _iso(notice.recovered_at),
        "recovered_run_id": notice.recovered_run_id,
        "ending": notice.ending,
        "value": notice.value,
        "limit_value": notice.limit_value,
        "created_at": _iso(notice.created_at),
        "title": notice.title,
        "text": notice.text,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.isoformat()}Z"
