"""Whom never to ask: the setting `opt_out` and the file opt-out.txt of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.fetching.optout import OptOut
from flows.errors import InputError

if TYPE_CHECKING:
    from flows.settings import Settings

FILE_NAME = "opt-out.txt"


def read_opt_outs(settings: Settings) -> tuple[str, ...]:
    """All entries, checked.

    Raises:
        InputError: an entry is neither a domain nor an address; names the line.
    """
    path = settings.folder / FILE_NAME
    try:
        OptOut.from_entries(settings.opt_out)
    except ValueError as error:
        problem = f"setting opt_out: {error}"
        raise InputError(problem) from error
    try:
        text = path.read_text("utf-8-sig") if path.exists() else ""
        OptOut.from_text(text)
    except ValueError as error:  # also a file that is no text
        problem = f"{path}: {error}"
        raise InputError(problem) from error
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return (*settings.opt_out, *filter(None, lines))
