"""The log of alerts: one line of JSON a message, and each message once.

It is also the copy from which a warehouse that was made anew takes its alerts back, so that
nothing that was told is told again.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flows.alerting.sending import json_record
from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from flows.alerting.sending import Notice


def append_to_log(path: Path, notices: Sequence[Notice]) -> None:
    """Append the messages that the log does not have yet, and see them on the disk.

    Raises:
        OSError: it cannot be written.
    """
    known = {record.get("message_id") for record in read_log(path)}
    missing = [notice for notice in notices if notice.message_id not in known]
    lines = [json.dumps(json_record(notice), ensure_ascii=False) for notice in missing]
    if lines:
        _append(path, "".join(f"{line}\n" for line in lines))


def log_fault(path: Path, moment: str, problem: str) -> None:
    """Append that looking for alerts failed; where that cannot be written, it is only shown."""
    line = json.dumps({"kind": "fault", "created_at": moment, "text": problem}, ensure_ascii=False)
    with suppress(OSError):
        _append(path, f"{line}\n")


def read_log(path: Path) -> Iterator[dict[str, Any]]:
    """The messages in the log, oldest first; a line that a crash cut off is none."""
    try:
        lines = path.read_text("utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return
    for line in lines:
        with suppress(ValueError):
            record = json.loads(line)
            if isinstance(record, dict):
                yield record


def forget_in_log(path: Path, is_doomed: Callable[[dict[str, Any]], bool]) -> int:
    """Remove messages from the log for good; returns how many there were."""
    records = list(read_log(path))
    kept = [record for record in records if not is_doomed(record)]
    if len(kept) < len(records):
        write_text(path, "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in kept))
    return len(records) - len(kept)


def _append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(f"{_separator(path)}{text}".encode())
        file.flush()
        os.fsync(file.fileno())


def _separator(path: Path) -> str:
    """A line that a crash cut off ends here, so that the next one can be read."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return ""
        file.seek(-1, os.SEEK_END)
        return "" if file.read() == b"\n" else "\n"
