"""JSON answers: decoded, checked against what the connector knows, drift recorded.

A connector declares what it reads as `msgspec.Struct` classes; fields that the platform is
known to send and that we do not need stand in the class variable `unread`. A field in neither
is recorded as new. A thing whose needed fields have another type is quarantined: it is left
out and recorded, and the rest of the page is read.
"""

from __future__ import annotations

import re
import types
import typing
from functools import cache
from typing import Any, ClassVar, TypeVar, get_args, get_origin

import msgspec

from connectors.contract import Drift, Outcome, PageError

if typing.TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.contract import Page

_EXPECTED = re.compile(r"^(.*?)(?: - at `\$?(.*?)`)?$", re.DOTALL)
_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what connectors declare; JSON names are the attribute names or `rename`d."""

    unread: ClassVar[frozenset[str]] = frozenset()


T = TypeVar("T", bound=Shape)


def decoded(page: Page) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value of a page.

    Raises:
        PageError: it is no JSON: `wrong_type` for a web page, `malformed` for anything else.
    """
    try:
        return msgspec.json.decode(page.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(page, error) from error


def _not_json(page: Page, error: Exception) -> PageError:
    if page.body.lstrip()[:1] == b"<":
        message = "a web page came where JSON was expected: is the address right?"
        return PageError(Outcome.WRONG_TYPE, message)
    return PageError(Outcome.MALFORMED, f"no valid JSON: {error}")


class Payload:
    """Reads values of one page as shapes and keeps account of the drift."""

    def __init__(self) -> None:
        self._drifts: dict[Drift, None] = {}

    @property
    def drifts(self) -> tuple[Drift, ...]:
        """What was not as known, each once, in the order in which it was met."""
        return tuple(self._drifts)

    def whole(self, value: object, kind: type[T]) -> T:
        """The value that a page stands or falls with.

        Raises:
            PageError: it does not have the needed fields.
        """
        try:
            return self._read(value, kind)
        except msgspec.ValidationError as error:
            message = f"the answer is not what this source serves: {_told(error)}"
            raise PageError(Outcome.MALFORMED, message) from error

    def each(self, values: object, kind: type[T]) -> list[T]:
        """The values of a list that can be read; the others are quarantined.

        Raises:
            PageError: there is no list.
        """
        if not isinstance(values, list):
            message = f"the answer is not what this source serves: no list of {kind.__name__}"
            raise PageError(Outcome.MALFORMED, message)
        read = (self.maybe(value, kind) for value in values)
        return [value for value in read if value is not None]

    def maybe(self, value: object, kind: type[T]) -> T | None:
        """The value, or None when it had to be quarantined."""
        try:
            return self._read(value, kind)
        except msgspec.ValidationError as error:
            self._quarantine(kind, error)
            return None

    def _read(self, value: object, kind: type[T]) -> T:
        read = msgspec.convert(value, kind)
        for path, found in _unknown(value, kind, kind.__name__):
            self._drifts[Drift(kind="new_field", path=path, found=found)] = None
        return read

    def _quarantine(self, kind: type[Shape], error: msgspec.ValidationError) -> None:
        said, path = _parts(error)
        drift = Drift(kind="changed_type", path=f"{kind.__name__}{path}", found=said)
        self._drifts[drift] = None


def _parts(error: msgspec.ValidationError) -> tuple[str, str]:
    """What the decoder said and where; positions in lists do not matter."""
    match = _EXPECTED.match(str(error))
    said, path = match.groups() if match else (str(error), "")
    return said, re.sub(r"\[\d+\]", "[]", path or "")


def _told(error: msgspec.ValidationError) -> str:
    said, path = _parts(error)
    return f"{said} at {path}" if path else said


def _unknown(value: object, kind: type[Shape], path: str) -> Iterable[tuple[str, str]]:
    """Fields of a value and of the shapes in it that nobody knows, with their JSON types."""
    if not isinstance(value, dict):
        return
    known = _fields(kind)
    for name, inner in value.items():
        if name in known:
            for part in inner if isinstance(inner, list) else (inner,):
                if known[name] is not None:
                    yield from _unknown(part, known[name], f"{path}.{name}")
        elif name not in kind.unread:
            yield f"{path}.{name}", _TYPES[type(inner)]


@cache
def _fields(kind: type[Shape]) -> dict[str, Any]:
    """JSON names of a shape's fields, with the shape that stands there, if one does."""
    return {f.encode_name: _shape_in(f.type) for f in msgspec.structs.fields(kind)}


def _shape_in(annotation: object) -> type[Shape] | None:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation
    if get_origin(annotation) in {list, tuple, typing.Union, types.UnionType}:
        found = (_shape_in(part) for part in get_args(annotation))
        return next((shape for shape in found if shape), None)
    return None
