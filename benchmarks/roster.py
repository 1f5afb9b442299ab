"""Who takes part: the contestants that this machine has, and why others are missing."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from peers import barograph, lemon24, limit, newsboat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contest import Contestant

NAMES = ("limit", "newsboat", "reader", "barograph")


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant that can run, with its version, and how to set it up afresh."""

    version: str
    set_up: Callable[[], Contestant]


@dataclass(frozen=True, slots=True)
class Absence:
    """A contestant that cannot run, and what would let it."""

    name: str
    reason: str


def call_roll(names: Sequence[str], reader_python: str | None) -> list[Entrant | Absence]:
    """The named contestants in the order of `NAMES`, present or absent.

    `reader_python` is the Python of an environment with lemon24/reader.
    """
    calls: dict[str, Callable[[], Entrant | str]] = {
        "limit": _call_limit,
        "newsboat": _call_newsboat,
        "reader": partial(_call_reader, reader_python),
        "barograph": _call_barograph,
    }
    answers = ((name, calls[name]()) for name in NAMES if name in names)
    return [Absence(name, told) if isinstance(told, str) else told for name, told in answers]


def _call_limit() -> Entrant | str:
    curl = limit.find_curl()
    if curl is None:
        return "curl is not installed"
    parsed_by = f"lxml {version('lxml')}"
    return Entrant(f"{limit.read_version(curl)}, {parsed_by}", partial(limit.Limit, curl))


def _call_newsboat() -> Entrant | str:
    program = newsboat.find_newsboat()
    if program is None:
        return "newsboat is not installed"
    return Entrant(newsboat.read_version(program), partial(newsboat.Newsboat, program))


def _call_reader(python: str | None) -> Entrant | str:
    if python is None:
        return "no environment with reader: give --reader-python or --install-peers"
    try:
        return Entrant(lemon24.read_version(python), partial(lemon24.Reader, python))
    except (OSError, subprocess.CalledProcessError):
        return f"reader cannot be imported by {python}"


def _call_barograph() -> Entrant | str:
    command = barograph.find_command()
    if command is None:
        return "the command barograph is not installed beside this Python"
    return Entrant(f"barograph {version('barograph')}", partial(barograph.Barograph, command))
