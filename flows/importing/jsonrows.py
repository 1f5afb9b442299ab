"""Rows that are JSON objects: one a line, or in one array, plain or assigned in a script."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from flows.errors import InputError
from flows.importing.chunk import CHUNK_ROWS, ObjectChunk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.importing.leftout import LeftOut

_LONGEST_LINE = 16 * 2**20
_LONGEST_DOCUMENT = 2**30
_ASSIGNED = re.compile(r"\s*(?:[\w.$\[\]\"']+\s*=\s*)?(?=[\[{])")
_SPACE_OR_COMMA = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One object a line."""

    name: str
    stream: BinaryIO

    def chunks(self, left_out: LeftOut) -> Iterator[ObjectChunk]:
        """The objects, piece by piece; lines that are none are left out."""
        rows = self._objects(left_out)
        while piece := list(islice(rows, CHUNK_ROWS)):
            numbers, objects = zip(*piece, strict=True)
            yield ObjectChunk(numbers, objects)

    def _objects(self, left_out: LeftOut) -> Iterator[tuple[int, dict[str, Any]]]:
        number = 0
        while line := self.stream.readline(_LONGEST_LINE):
            number += 1
            text = line.decode("utf-8-sig" if number == 1 else "utf-8", "replace").strip()
            value = _value(text) if text else None
            if isinstance(value, dict):
                yield number, value
            elif text:
                left_out.add(f"{self.name}:{number}", "no JSON object")


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """One array of objects, as platforms write it into their archives."""

    name: str
    stream: BinaryIO
    list_at: str = ""  #: where in the document the array stands; "" for the whole

    def chunks(self, left_out: LeftOut) -> Iterator[ObjectChunk]:
        """The objects, piece by piece; their numbers count from 1.

        Raises:
            InputError: there is no array in it, or it breaks off.
        """
        rows = self._objects(left_out)
        while piece := list(islice(rows, CHUNK_ROWS)):
            numbers, objects = zip(*piece, strict=True)
            yield ObjectChunk(numbers, objects)

    def _objects(self, left_out: LeftOut) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, value in enumerate(self._elements(), 1):
            if isinstance(value, dict):
                yield number, value
            else:
                left_out.add(f"{self.name}: row {number}", "no JSON object")

    def _elements(self) -> Iterator[Any]:
        data = self.stream.read(_LONGEST_DOCUMENT + 1)
        if len(data) > _LONGEST_DOCUMENT:
            raise _problem(self.name, "over 1 GiB of JSON; cut it into several files")
        text = data.decode("utf-8-sig", "replace")
        start = _ASSIGNED.match(text)
        if start is None:
            raise _problem(self.name, "no JSON array or object in it")
        if text[start.end()] == "[" and not self.list_at:
            return self._one_by_one(text, start.end() + 1)
        return iter(self._inner(text, start.end()))

    def _one_by_one(self, text: str, position: int) -> Iterator[Any]:
        """The elements of an array without building all of it."""
        decode = json.JSONDecoder().raw_decode
        while True:
            position = _SPACE_OR_COMMA.match(text, position).end()  # type: ignore[union-attr]
            if text[position : position + 1] == "]":
                return
            try:
                value, position = decode(text, position)
            except (ValueError, RecursionError) as error:
                line = text.count("\n", 0, position) + 1
                raise _problem(self.name, f"line {line}: broken JSON ({error})") from error
            yield value

    def _inner(self, text: str, position: int) -> list[Any]:
        try:
            value, _ = json.JSONDecoder().raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            raise _problem(self.name, f"broken JSON ({error}); download it again") from error
        for step in filter(None, self.list_at.split(".")):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, dict):
            return [value]
        if not isinstance(value, list):
            raise _problem(self.name, f"no list at {self.list_at!r} in it")
        return value


def _problem(name: str, what: str) -> InputError:
    return InputError(f"{name}: {what}")


def _value(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
