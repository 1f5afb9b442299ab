"""Errors that end a command with a message for the person at the keyboard."""

from __future__ import annotations


class InputError(Exception):
    """Something the user gave us cannot be used; the message says where and what to do.

    Attributes:
        problems: one line each, with file, line and remedy.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class NothingDoneError(Exception):
    """The command could do nothing at all; the message says why and what to do."""
