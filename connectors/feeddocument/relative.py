"""Addresses in a document that has no address of its own."""

from __future__ import annotations

import re

from feedparser.urls import _urljoin, make_safe_absolute_uri

#: Stands in for the feed's own address while it is read, so that an id like `12345` stays
#: what it is when the feed moves, and a link can still be told to be relative. A scheme that
#: no feed uses, because joining leaves addresses of other schemes as they are.
NO_BASE = "sftp://relative.invalid/here/"
_NO_HOST = "sftp://relative.invalid/"
_NO_SCHEME = "sftp://"
_PARTS = r"[A-Za-z0-9._~%+,:@!$'()*=&/-]"
_WHOLE = re.compile(
    rf"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/{_PARTS}*)?(?:\?{_PARTS}+)?(?:#{_PARTS}+)?"
)


def joined(base: str, address: str) -> str:
    """An address as it reads from a base (RFC 3986), by feedparser's own rule.

    An address that is whole stays as it is, and is told at a tenth of the cost of joining.
    """
    if address.startswith(("tag:", "urn:")) or _WHOLE.fullmatch(address):
        return address
    return str(_urljoin(base, address))


def inner_base(base: str, declared: str) -> str:
    """The base inside an element with this xml:base; one of an unknown scheme is passed over."""
    return str(make_safe_absolute_uri(base, declared) or base)


def unjoined(address: str) -> str:
    """An address as the document gives it, where no base in the document says more."""
    if not address.startswith(_NO_SCHEME):
        return address
    if address.startswith(NO_BASE):
        return address.removeprefix(NO_BASE)
    if address.startswith(_NO_HOST):
        return "/" + address.removeprefix(_NO_HOST)
    return "//" + address.removeprefix(_NO_SCHEME)
