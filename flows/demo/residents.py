"""The people of the demo world: pseudonyms that no living person has, one for each number."""

from __future__ import annotations

from hashlib import sha256

_BEASTS = ("otter", "heron", "badger", "lynx", "marten", "plover", "stoat", "wren")


def pseudonym(number: int) -> str:
    """What a resident is called on every platform, for example heron217."""
    return f"{_BEASTS[number % len(_BEASTS)]}{number:03}"


def digest(*parts: object) -> str:
    """64 hex digits that are always the same for the same parts."""
    return sha256("/".join(map(str, parts)).encode()).hexdigest()
