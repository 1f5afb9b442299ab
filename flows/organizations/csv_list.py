"""Organizations from CSV: one row a channel, an organization's rows share its id."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from flows.errors import InputError
from flows.organizations.model import (
    CHANNEL_KEYS,
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

_KNOWN = ORGANIZATION_KEYS + CHANNEL_KEYS


def read_csv(path: Path, text: str) -> list[Organization]:
    """The organizations of a CSV text with a header row; `,` or `;` between cells.

    A row without source and address lists an organization without channels. What later rows
    of the same organization leave empty is taken from its first row; what they contradict is
    an error.

    Raises:
        InputError: every problem, with its line.
    """
    reading = _Reading(path)
    reading.rows(text)
    if reading.problems:
        raise InputError(*reading.problems)
    return reading.organizations()


class _Reading:
    """Collects rows by organization, and problems."""

    def __init__(self, path: Path) -> None:
        self.problems: list[str] = []
        self._path = path
        self._fields: dict[str, dict[str, str]] = {}
        self._lines: dict[str, int] = {}
        self._channels: dict[str, list[Channel]] = {}

    def rows(self, text: str) -> None:
        first_line = text.partition("\n")[0]
        delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
        rows = csv.DictReader(io.StringIO(text), delimiter=delimiter, restkey="", strict=True)
        try:
            self._read(rows)
        except csv.Error as error:
            sentence = f"not valid CSV: {error}; look for a quotation mark without its partner"
            self._report(rows.line_num + 1, sentence)  # the row after the last that was read

    def _read(self, rows: csv.DictReader[str]) -> None:
        header = [name.strip() for name in rows.fieldnames or ()]
        rows.fieldnames = header
        if self._check_header(header):
            for row in rows:
                self._row(rows.line_num, row)

    def organizations(self) -> list[Organization]:
        return [
            make_organization(fields, tuple(self._channels[identifier]))
            for identifier, fields in self._fields.items()
        ]

    def _check_header(self, header: list[str]) -> bool:
        named = dict.fromkeys(filter(None, header))
        wrong = [unknown_key_problem(name, _KNOWN) for name in named if name not in _KNOWN]
        wrong += [f"two columns {name!r}; remove one" for name in named if header.count(name) > 1]
        if "" in header:
            wrong.append("a column without a name; name it, or remove the comma before it")
        if "id" not in header:
            wrong.append("no column 'id'; the first line must name the columns")
        self.problems += [f"{self._path}:1: {sentence}" for sentence in wrong]
        return not wrong

    def _row(self, line: int, row: dict[str, str | list[str] | None]) -> None:
        if row.get(""):
            self._report(line, "more cells than the header has columns; put quotes around commas")
            return
        cells = {key: value.strip() for key, value in row.items() if isinstance(value, str)}
        if not any(cells.values()):
            return
        fields = {key: cells.get(key, "") for key in ORGANIZATION_KEYS}
        problems = [sentence for _, sentence in organization_problems(fields)]
        problems += self._contradictions(fields)
        channel = {key: cells[key] for key in CHANNEL_KEYS if cells.get(key)}
        if channel:
            problems += [sentence for _, sentence in channel_problems(channel)]
        for sentence in problems:
            self._report(line, sentence)
        if not problems:
            self._keep(line, fields, channel)

    def _keep(self, line: int, fields: dict[str, str], channel: dict[str, str]) -> None:
        identifier = fields["id"]
        if identifier not in self._fields:
            self._fields[identifier], self._lines[identifier] = fields, line
            self._channels[identifier] = []
        if not channel:
            return
        made = make_channel(identifier, channel)
        if made.channel_id in {channel.channel_id for channel in self._channels[identifier]}:
            self._report(line, f"address {made.address!r} is listed twice; remove one")
        self._channels[identifier].append(made)

    def _contradictions(self, fields: dict[str, str]) -> list[str]:
        first = self._fields.get(fields["id"])
        if first is None:
            return []
        line = self._lines[fields["id"]]
        return [
            f"{key} {value!r} of id {fields['id']!r} differs from {first[key]!r} on line {line}; "
            "make them equal, or give each organization its own id"
            for key, value in fields.items()
            if value and value != first[key]
        ]

    def _report(self, line: int, sentence: str) -> None:
        self.problems.append(f"{self._path}:{line}: {sentence}")
