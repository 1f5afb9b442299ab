"""Whom never to ask: the setting `opt_out` and the file opt-out.txt of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.fetching.optout import OptOut
from flows.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flows.settings import Settings

FILE_NAME = "opt-out.txt"


def read_opt_outs(settings: Settings) -> tuple[str, ...]:
    """All entries, checked; those of `robots_exempt`, which are written alike, are checked too.

    Raises:
        InputError: an entry is neither a domain nor the beginning of a URL; names the line.
    """
    _checked("setting robots_exempt", lambda: OptOut.from_entries(settings.robots_exempt))
    given = _checked("setting opt_out", lambda: OptOut.from_entries(settings.opt_out))
    path = settings.folder / FILE_NAME
    listed = _checked(str(path), lambda: OptOut.from_text(_text(path)))
    return (*_entries(given), *_entries(listed))


def _checked(origin: str, read: Callable[[], OptOut]) -> OptOut:
    try:
        return read()
    except UnicodeDecodeError as error:
        problem = f"{origin}: not UTF-8 ({error}); save it as UTF-8 text"
        raise InputError(problem) from error
    except ValueError as error:
        problem = f"{origin}: {error}"
        raise InputError(problem) from error


def _text(path: Path) -> str:
    return path.read_text("utf-8-sig") if path.exists() else ""


def _entries(listed: OptOut) -> tuple[str, ...]:
    """What was read, and no second reading of it: the list must cover all that it says."""
    prefixes = (prefix.entry for known in listed.prefixes.values() for prefix in known)
    return (*listed.domains.values(), *prefixes)
