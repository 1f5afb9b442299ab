"""Entity bombs: documents of a few bytes that expand into gigabytes.

Parsers bound the damage, each in its own way and after seconds and tens of megabytes. Real feeds
declare an entity or two for letters; whatever could grow beyond the document is refused unread.
"""

from __future__ import annotations

import re

from connectors.contract import Outcome, PageError

_ENTITY = re.compile(rb"""<!ENTITY\s+([^\s"'%]+)\s+(?:"([^"]*)"|'([^']*)')""")
_REFERENCE = re.compile(rb"&([^\s;&<#][^\s;&<]{0,255});")
_PARAMETER = re.compile(rb"<!ENTITY\s+%")
_WIDE = tuple("<!ENTITY".encode(encoding) for encoding in ("utf-16-le", "utf-16-be"))
#: What declared entities may add to any document.
_FREE_BYTES = 1 << 16


def refuse_bomb(body: bytes) -> None:
    """Let a document through whose own entities cannot make it grow without bound.

    Raises:
        PageError: entities within entities, or more text from them than the document has.
    """
    if b"<!ENTITY" not in body:
        if any(declaration in body for declaration in _WIDE):
            raise _bomb()
        return
    declared = {name: one or other for name, one, other in _ENTITY.findall(body)}
    is_nested = any(_REFERENCE.search(value) for value in declared.values())
    if is_nested or _PARAMETER.search(body) or _added_bytes(body, declared) > _most_bytes(body):
        raise _bomb()


def _added_bytes(body: bytes, declared: dict[bytes, bytes]) -> int:
    return sum(len(declared.get(match[1], b"")) for match in _REFERENCE.finditer(body))


def _most_bytes(body: bytes) -> int:
    return max(_FREE_BYTES, len(body))


def _bomb() -> PageError:
    message = "the document declares entities that expand without bound, and was not read"
    return PageError(Outcome.MALFORMED, message)
