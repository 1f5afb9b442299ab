"""Organizations from TOML: one `[[organization]]` table each, channels inside."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, TypeGuard

from flows.errors import InputError
from flows.organizations.model import (
    CHANNEL_KEYS,
    FLAG_KEYS,
    LIST_KEYS,
    ORGANIZATION_KEYS,
    Organization,
    channel_problems,
    make_channel,
    make_organization,
    organization_problems,
    unknown_key_problem,
)

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.contract import Channel

_AT_LINE = re.compile(r"at line ([0-9]+)")
_HEADER = re.compile(r"^\s*\[\[\s*organization\s*\]\]")


def read_toml(path: Path, text: str) -> list[Organization]:
    """The organizations of a TOML text.

    Raises:
        InputError: every problem, with the line that it stands on.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = f"{path}:{_error_line(error, text)}: not valid TOML: {error}"
        raise InputError(problem) from error
    reading = _Reading(path, text)
    organizations = reading.organizations(document)
    if reading.problems:
        raise InputError(*reading.problems)
    return organizations


def _error_line(error: tomllib.TOMLDecodeError, text: str) -> int:
    """The line that the parser's message names; the last one when it met the end."""
    named = _AT_LINE.search(str(error))
    return int(named[1]) if named else len(text.splitlines())


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


class _Reading:
    """Collects organizations and problems; TOML forgets its lines, so they are looked up."""

    def __init__(self, path: Path, text: str) -> None:
        self.problems: list[str] = []
        self._path = path
        self._lines = text.splitlines()
        self._headers = [n for n, line in enumerate(self._lines) if _HEADER.match(line)]
        self._seen: dict[str, int] = {}

    def organizations(self, document: dict[str, Any]) -> list[Organization]:
        for key in document:
            if key != "organization":
                self._report_top(key, unknown_key_problem(key, ("organization",)))
        tables = document.get("organization", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._report_top("organization", "write [[organization]], with two brackets")
            return []
        found = [self._organization(index, table) for index, table in enumerate(tables)]
        return [organization for organization in found if organization]

    def _organization(self, index: int, table: dict[str, Any]) -> Organization | None:
        before = len(self.problems)
        channels = self._channel_tables(index, table)
        fields = self._texts(index, table, ORGANIZATION_KEYS, skip=("channels",))
        for key, sentence in organization_problems(fields):
            self._report(index, key, sentence)
        self._check_duplicate(index, fields.get("id", ""))
        texts = [self._channel(index, channel) for channel in channels]
        if len(self.problems) > before:
            return None
        made = tuple(make_channel(fields["id"], channel) for channel in texts)
        self._check_repeated(index, made)
        return make_organization(fields, made)

    def _channel_tables(self, index: int, table: dict[str, Any]) -> list[object]:
        channels = table.get("channels", [])
        if isinstance(channels, list):
            return channels
        self._report(index, "channels", "channels is a list: channels = [{ source = …, … }]")
        return []

    def _channel(self, index: int, table: object) -> dict[str, str]:
        if not isinstance(table, dict):
            self._report(index, "channels", "a channel is a table { source = …, address = … }")
            return {}
        fields = self._texts(index, table, CHANNEL_KEYS)
        for key, sentence in channel_problems(fields):
            self._report(index, fields.get(key) or fields.get("address") or key, sentence)
        return fields

    def _texts(
        self, index: int, table: dict[str, Any], known: tuple[str, ...], skip: tuple[str, ...] = ()
    ) -> dict[str, str]:
        fields = {}
        for key, value in table.items():
            if key in known and isinstance(value, str):
                fields[key] = value.strip()
            elif key in FLAG_KEYS and key in known and isinstance(value, bool):
                fields[key] = "yes" if value else "no"
            elif key in LIST_KEYS and key in known and _is_texts(value):
                fields[key] = LIST_KEYS[key].join(value)
            elif key in known:
                kind = "a list of texts" if key in LIST_KEYS else "text"
                self._report(index, key, f"{key} = {value!r} must be {kind} in quotes")
            elif key not in skip:
                self._report(index, key, unknown_key_problem(key, known + skip))
        return fields

    def _check_duplicate(self, index: int, identifier: str) -> None:
        if identifier in self._seen:
            first = self._line(self._seen[identifier], identifier)
            sentence = f"id {identifier!r} is used twice (first on line {first}); give each its own"
            self._report(index, "id", sentence)
        elif identifier:
            self._seen[identifier] = index

    def _check_repeated(self, index: int, channels: tuple[Channel, ...]) -> None:
        seen: set[str] = set()
        for channel in channels:
            if channel.channel_id in seen:
                sentence = f"address {channel.address!r} is listed twice; remove one"
                self._report(index, channel.address, sentence)
            seen.add(channel.channel_id)

    def _report(self, index: int, needle: str, sentence: str) -> None:
        self.problems.append(f"{self._path}:{self._line(index, needle)}: {sentence}")

    def _report_top(self, key: str, sentence: str) -> None:
        line = self._find(key, 0, len(self._lines)) or 1
        self.problems.append(f"{self._path}:{line}: {sentence}")

    def _line(self, index: int, needle: str) -> int:
        """The line, counted from 1, of a text in the table of one organization."""
        if index >= len(self._headers):
            return 1
        start = self._headers[index]
        end = self._headers[index + 1] if index + 1 < len(self._headers) else len(self._lines)
        return self._find(needle, start, end) or start + 1

    def _find(self, needle: str, start: int, end: int) -> int | None:
        """The first line, counted from 1, with `needle` as a key, a table or a quoted text."""
        text = re.escape(needle)
        spot = re.compile(rf"(?:^|[\s{{,]){text}\s*=|[\"']{text}[\"']|^\s*\[+\s*{text}\s*\]")
        numbers = (n for n in range(start, end) if spot.search(self._lines[n]))
        return next((number + 1 for number in numbers), None)
