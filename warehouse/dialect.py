"""What a lake's tables can hold, of what those of a file can."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"--[^\n]*")  # no text of ours has two dashes
_ENUMERATION = re.compile(r"\benum\s*\([^)]*\)", re.IGNORECASE)
_DEFAULT = re.compile(r"\s+default\s+(?:cast\([^)]*\)|'[^']*'|\w+)", re.IGNORECASE)
_CHECK = re.compile(r"\bcheck\s*\(", re.IGNORECASE)


def for_lake(sql: str) -> str:
    """A file of the schema without checks of values, enumerations and defaults.

    Nothing that is read depends on them: the checks of every build hold the values, words are
    words, and who inserts names every column.
    """
    bare = _COMMENT.sub("", sql)
    return _without_checks(_DEFAULT.sub("", _ENUMERATION.sub("varchar", bare)))


def _without_checks(sql: str) -> str:
    kept, position = [], 0
    for match in _CHECK.finditer(sql):
        if match.start() < position:
            continue  # within the one before
        kept.append(sql[position : match.start()])
        position = _end_of_brackets(sql, match.end())
    return "".join([*kept, sql[position:]])


def _end_of_brackets(sql: str, position: int) -> int:
    """The place behind the bracket that closes the one before `position`."""
    depth = 1
    while depth:
        depth += {"(": 1, ")": -1}.get(sql[position], 0)
        position += 1
    return position
