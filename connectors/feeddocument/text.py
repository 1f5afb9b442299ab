"""Plain text out of the titles and bodies of entries."""

from __future__ import annotations

import hashlib
import html
import re
from contextlib import suppress
from functools import lru_cache

# `[^<>]*` and the `\Z` alternatives keep every match linear: no input makes it backtrack.
_TAG = re.compile(r"<([/!?]?[A-Za-z][A-Za-z0-9]*)[^<>]*>")
_INVISIBLE = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_INVISIBLE_START = re.compile(r"<(?:!--|s[ct]|S[CT])")
_REFERENCE = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]{0,31});?")
_INLINE_TAGS = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span "
    "strike strong sub sup time tt u var wbr"
)
_INLINE = {
    written
    for tag in _INLINE_TAGS.split()
    for written in (tag, f"/{tag}", tag.upper(), f"/{tag.upper()}")
}
# One search for each first byte: a literal start is found several times faster.
_SUSPECT_BYTES = (
    (b"\xc2", re.compile(rb"\xc2[\x80-\x9f]")),
    (b"\xc3", re.compile(rb"\xc3[\x82-\xb4](?:\xc2|<!|<\?|\]\]>)")),
    (b"&#", re.compile(rb"&#(?:0*1[2-9]\d|[xX]0*[89a-bA-B][0-9a-fA-F]);")),
)
_C1_CONTROLS = re.compile("[\x80-\x9f]")
_LANGUAGE = re.compile(r"[a-z]{1,8}(?:-[a-z0-9]{1,8})*")


def _windows_1252(code: int) -> str:
    """The character that Windows 1252 has at a code where Latin 1 has a control."""
    return bytes([code]).decode("cp1252", "ignore") or chr(code)


_WINDOWS_1252 = {code: _windows_1252(code) for code in range(0x80, 0xA0)}


def repaired(text: str) -> str:
    """Text with the two usual encoding accidents of feeds undone.

    UTF-8 that was taken for Latin 1 and encoded again is decoded once more; Windows 1252
    characters that stand as C1 controls become what they mean. feedparser does the same,
    so both paths read the same text.
    """
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_WINDOWS_1252) if _C1_CONTROLS.search(text) else text


def may_need_repair(utf8: bytes) -> bool:
    """Whether `repaired` could change any text of a document in UTF-8.

    It could where a C1 control stands, or a letter that starts a sequence of UTF-8 with one
    that goes on with it, perhaps over the border of a CDATA section.
    """
    return any(start in utf8 and suspect.search(utf8) for start, suspect in _SUSPECT_BYTES)


def plain_text(text: str) -> str:
    """Text without markup, with entities as characters and single spaces.

    Block elements part words, inline elements do not.
    """
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = _REFERENCE.sub(_character, text)
    return " ".join(text.split())


@lru_cache(maxsize=1024)
def _meaning(reference: str) -> str:
    return html.unescape(reference)


def _character(reference: re.Match[str]) -> str:
    return _meaning(reference[0])


def _without_tags(text: str) -> str:
    if _INVISIBLE_START.search(text):
        text = _INVISIBLE.sub(" ", text)
    pieces = _TAG.split(text)
    pieces[1::2] = ["" if tag in _INLINE else " " for tag in pieces[1::2]]
    return "".join(pieces)


def longest_text(bodies: list[str]) -> str:
    """The plain text with most characters among several bodies; "" for no body."""
    if len(bodies) == 1:
        return plain_text(bodies[0])
    longest = ""
    for body in sorted(set(bodies), key=len, reverse=True):
        if len(body) < len(longest):  # markup removal only ever shortens
            break
        text = plain_text(body)
        longest = max(longest, text, key=lambda candidate: (len(candidate), candidate))
    return longest


def fingerprint(text: str) -> str:
    """16 hex digits (BLAKE2b) that equal texts share; ASCII letters count in either case.

    Folding the bytes is ten times faster than folding the text, and headlines that differ
    in case only (all capitals in one place) are what it is for.
    """
    if not text:
        return ""
    folded = text.encode("utf-8", "replace").lower()
    return hashlib.blake2b(folded, digest_size=8).hexdigest()


def language_tag(declared: str | None) -> str:
    """A declared language as lower-case BCP 47; "" when there is none or it is no tag."""
    tag = (declared or "").strip().replace("_", "-").lower()
    return tag if _LANGUAGE.fullmatch(tag) else ""
