"""Pages as they must not come: broken off, of another kind, or changed without notice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_CUTS = 10
_NEAR = 5  # steps to a field that tell it from others; replies stand in replies in replies
#: What comes instead of a page when something is wrong on the way.
OTHER_PAGES = (
    b"<!doctype html><html><head><title>Welcome</title></head><body><p>Hi</p></body></html>",
    b"[]",
    b"{}",
    b"null",
    b"0",
    b'"x"',
    b"",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    bytes(range(256)) * 4,
    b"\xff\xfe{\x00}\x00",
    b'[{"id": "\\ud800"}, null, 7, [], {}]',
)
NEW_FIELD = "a_field_nobody_knows"
#: Values that have another JSON type than most fields, or are odd in their own.
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 10**400, 1e308, "", "\ud800", "\x00", "2026-13-45T99:99:99Z", "a/../?b=#c "),
    *([], {}, [[]], {"": None}, "é\u202e" * 50, [None, 7, "x", {"id": None}]),
)
_DEEP, _DEEP_MARK = 300, "@@deep@@"
MUTATIONS = ("delete", "odd", "double", "deep", "swap", "cut", "smear")


def cuts(body: bytes) -> Iterator[bytes]:
    """The page, broken off at some places."""
    for number in range(1, _CUTS + 1):
        yield body[: len(body) * number // (_CUTS + 1)]


def json_value(body: bytes) -> Any:
    """The JSON object or list that a page is; None for a page of another kind."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) and value else None


def with_new_fields(value: Any) -> Any:
    """The value with a field more in every object."""
    if isinstance(value, dict):
        return {**{k: with_new_fields(v) for k, v in value.items()}, NEW_FIELD: 1}
    return [with_new_fields(v) for v in value] if isinstance(value, list) else value


def emptied(value: Any) -> Iterator[bytes]:
    """The page with all its lists empty, and with each of the outermost alone."""
    yield _bytes(_without_entries(value))
    if isinstance(value, dict):
        for name, part in value.items():
            if isinstance(part, list) and part:
                yield _bytes({**value, name: []})


def _without_entries(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_entries(v) for k, v in value.items()}
    return [] if isinstance(value, list) else value


class Changed(NamedTuple):
    """A page in which one value has another type."""

    place: str
    body: bytes
    replacement: Any
    has_siblings: bool  #: it lies in one object of several in a list


def with_changed_types(value: Any, done: set[tuple[str, ...]]) -> Iterator[Changed]:
    """The page once for each field and other type, but for fields that were `done` before."""
    kind = ",".join(sorted(value)) if isinstance(value, dict) else "list"
    for path, holder, key in list(_places(value)):
        place = [kind, *("[]" if isinstance(step, int) else step for step in path)]
        if tuple(place[-_NEAR:]) in done:
            continue
        done.add(tuple(place[-_NEAR:]))
        original = holder[key]
        for replacement in _others(original):
            holder[key] = replacement
            yield Changed(
                ".".join(place[1:]), _bytes(value), replacement, _has_siblings(value, path)
            )
        holder[key] = original


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Every place in a JSON value: its path, what holds it, and its key there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inner:
        yield (*path, key), value, key
        if isinstance(part, dict | list):
            yield from _places(part, (*path, key))


def _others(original: Any) -> tuple[Any, ...]:
    wrong = "unexpected" if isinstance(original, dict) else {"unexpected": 1}
    swapped = 7 if isinstance(original, str) else "seven"
    return wrong, swapped, None, [original]


def _has_siblings(value: Any, path: tuple[Any, ...]) -> bool:
    """Whether the first list on the way to a place has several objects, and it is in one."""
    for step in path:
        if isinstance(value, list):
            return len(value) > 1 and isinstance(value[step], dict) and step != path[-1]
        value = value[step]
    return False


def mutated(body: bytes, steps: list[tuple[str, int]]) -> bytes:
    """The page with some random changes; JSON pages stay JSON for most of them."""
    for name, number in steps:
        value = json_value(body)
        body = _JSON_STEPS[name](value, number) if value else _smeared(body, number)
    return body


def _spot(value: Any, number: int) -> tuple[Any, Any]:
    spots: list[tuple[Any, Any]] = []
    holders = [value]
    for holder in holders:
        for key, part in holder.items() if isinstance(holder, dict) else enumerate(holder):
            spots.append((holder, key))
            if isinstance(part, dict | list):
                holders.append(part)
    return spots[number % len(spots)]


def _deleted(value: Any, number: int) -> bytes:
    holder, key = _spot(value, number)
    del holder[key]
    return _bytes(value)


def _odd(value: Any, number: int) -> bytes:
    holder, key = _spot(value, number)
    holder[key] = ODD_VALUES[number % len(ODD_VALUES)]
    return _bytes(value)


def _doubled(value: Any, number: int) -> bytes:
    holder, key = _spot(value, number)
    if isinstance(holder, list):
        holder.insert(key, holder[key])
    else:
        holder[f"{key}_again"] = holder[key]
    return _bytes(value)


def _deepened(value: Any, number: int) -> bytes:
    """A thing that holds itself, many times over (a conversation may be made to)."""
    holder, key = _spot(value, number)
    shallow = _bytes(holder[key])
    name = json.dumps(key).encode() if isinstance(key, str) else b'"replies"'
    opened, closed = (b"[{" + name + b":", b"}]") if number % 2 else (b"{" + name + b":", b"}")
    holder[key] = _DEEP_MARK
    deep = opened * _DEEP + shallow + closed * _DEEP
    return _bytes(value).replace(json.dumps(_DEEP_MARK).encode(), deep)


def _swapped(value: Any, number: int) -> bytes:
    """Two figures change places; not words, for a name in another field is a name given away."""
    holder, key = _spot(value, number)
    other, other_key = _spot(value, number * 31 + 7)
    if not {type(holder[key]), type(other[other_key])} & {str, dict, list}:
        holder[key], other[other_key] = other[other_key], holder[key]
    return _bytes(value)


def _cut(value: Any, number: int) -> bytes:
    body = _bytes(value)
    return body[: number % len(body)]


def _smeared(body: bytes, number: int) -> bytes:
    """Some bytes lost and some doubled."""
    if not body:
        return b"&\xff<"
    at = number % len(body)
    return body[:at] + body[at + number % 40 :] + body[at : at + number % 17]


_JSON_STEPS = {
    "delete": _deleted,
    "odd": _odd,
    "double": _doubled,
    "deep": _deepened,
    "swap": _swapped,
    "cut": _cut,
    "smear": lambda value, number: _smeared(_bytes(value), number),
}


def _bytes(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode()
