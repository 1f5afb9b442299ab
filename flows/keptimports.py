"""Imports of what people wrote down: archived before the warehouse takes them in.

One file an import, so that a crash loses nothing and a replay has them too.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from flows.clock import naive, now
from flows.errors import NothingDoneError
from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class KeptImport(NamedTuple):
    """One import as it was archived; its moment is in UTC, without a zone."""

    path: Path
    imported_at: datetime
    record: Mapping[str, Any]

    def damaged(self, error: Exception) -> NothingDoneError:
        """What to raise when a row of it cannot be understood."""
        return _damaged(self.path, error)


class KeptImports(NamedTuple):
    """A folder of the archive with all imports of one kind, oldest first by name."""

    folder: Path

    def keep(self, record: Mapping[str, Any], after: datetime | None) -> datetime:
        """Archive an import; returns its moment, which is later than `after` in any case."""
        last = after or datetime.min  # noqa: DTZ901 - as the warehouse has it
        moment = max(naive(now()), last + timedelta(microseconds=1))  # the clock may have gone back
        text = json.dumps(
            {"imported_at": moment, **record}, default=_iso, ensure_ascii=False, indent=1
        )
        write_text(self.folder / f"{moment:%Y%m%dT%H%M%S%fZ}.json", text)
        return moment

    def after(self, moment: datetime | None) -> Iterator[KeptImport]:
        """Imports later than a moment, oldest first; all of them without one.

        Raises:
            NothingDoneError: a file is damaged.
        """
        for path in sorted(self.folder.glob("[!.]*.json")):
            kept = _read(path)
            if moment is None or kept.imported_at > moment:
                yield kept


def _read(path: Path) -> KeptImport:
    try:
        record = json.loads(path.read_text("utf-8"))
        return KeptImport(path, naive(datetime.fromisoformat(record["imported_at"])), record)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> NothingDoneError:
    message = f"{path}: is damaged ({error}); restore it from a copy of the archive"
    return NothingDoneError(message)


def _iso(value: date) -> str:
    return value.replace(tzinfo=UTC).isoformat() if isinstance(value, datetime) else str(value)
