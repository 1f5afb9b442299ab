"""Which character set the bytes of an XML document are in."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from feedparser.encodings import parse_content_type

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF8, "utf-8"),
)
_DECLARATION = re.compile(rb"^<\?.*encoding=['\"](.*?)['\"].*\?>")
_BYTE_ORDER_NAMES = {"u16", "utf-16", "utf16", "utf_16", "iso-10646-ucs-2", "ucs-2", "csunicode"}
_XML_TYPES = {"xml", "xml-dtd", "xml-external-parsed-entity"}


class Decoded(NamedTuple):
    """A document in UTF-8 whatever it came in; an XML declaration in it no longer counts."""

    utf8: bytes
    encoding: str  #: what it came in, lower case
    note: str  #: disagreement between header, declaration and bytes; "" when there is none


def decode_xml(body: bytes, content_type: str) -> Decoded | None:
    """The document in UTF-8; None when the usual character sets do not fit.

    Takes the first that fits of: what RFC 3023 says (charset of the content type, else for
    `application/…` the XML declaration, else for `text/…` US-ASCII), the XML declaration,
    the byte order mark, UTF-8: the order of feedparser, whose notes it repeats.
    """
    mark, data = _without_mark(body)
    declared = _declared(data, mark)
    ruled = _by_rfc3023(content_type, declared)
    for encoding in dict.fromkeys(filter(None, (ruled, declared, mark, "utf-8"))):
        utf8 = _to_utf8(data, encoding)
        if utf8 is not None:
            return Decoded(utf8, encoding.lower(), _note(content_type, ruled, encoding))
    return None


def _without_mark(body: bytes) -> tuple[str, bytes]:
    """The encoding that a byte order mark tells ("" without one), and the bytes after it."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return encoding, body[len(mark) :]
    return "", body


def _declared(data: bytes, mark: str) -> str:
    """The encoding of the XML declaration, lower case; "" without one."""
    start = data if mark in {"", "utf-8"} else data[:1024].decode(mark, "ignore").encode()
    match = _DECLARATION.match(start)
    encoding = match[1].decode("ascii", "replace").lower() if match else ""
    if mark and encoding in _BYTE_ORDER_NAMES:
        return mark
    return "gb18030" if encoding == "gb2312" else encoding


def _by_rfc3023(content_type: str, declared: str) -> str:
    """The encoding by RFC 3023; for other types the declaration, else UTF-8."""
    media_type, charset = parse_content_type(content_type)
    if media_type.startswith("text/"):
        encoding = charset or "us-ascii"
    elif _is_xml(media_type):
        encoding = charset or declared or "utf-8"
    else:
        encoding = declared or "utf-8"
    return "gb18030" if encoding.lower() == "gb2312" else encoding


def _is_xml(media_type: str) -> bool:
    """Whether a media type is one of XML: `application/xml`, `text/xml`, `…+xml`."""
    kind, _, name = media_type.partition("/")
    return kind in {"application", "text"} and (
        name.endswith("+xml") or (name in _XML_TYPES and (kind, name) != ("text", "xml-dtd"))
    )


def _to_utf8(data: bytes, encoding: str) -> bytes | None:
    """Bytes in UTF-8; None when they are not in `encoding`, or nobody knows it."""
    try:
        text = data.decode(encoding)
        return data if encoding.lower() in {"utf-8", "us-ascii"} else text.encode("utf-8")
    except (UnicodeError, LookupError, ValueError):
        return None


def _note(content_type: str, ruled: str, encoding: str) -> str:
    """What header, declaration and bytes disagree about, in feedparser's words."""
    if encoding != ruled:
        return f"document declared as {ruled}, but parsed as {encoding}"
    if content_type and not _is_xml(parse_content_type(content_type)[0]):
        return f"{content_type} is not an XML media type"
    return ""
