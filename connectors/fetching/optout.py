"""The operator's opt-out list: hosts and pages that asked to be left alone, and are not asked.

An entry is a domain, which stands for itself and all its subdomains at any port, or the
beginning of a URL, which stands for all addresses that begin so, over http and https alike; a
port counts only where the entry names one. In doubt an entry covers more rather than less.
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import SplitResult, unquote, urlsplit

import idna

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_NAME = 253
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}|localhost")
_ACCOUNT = re.compile(r"(?:acct:)?@?([^@/\s]+)@([^@/\s]+)")
_COMMENT = re.compile(r"(?:^|\s)#.*")


class _Place(NamedTuple):
    """Where an address points: host in its one spelling, path with its query, decoded."""

    host: str
    port: int | None  #: None when the address names none and has no scheme that implies one
    path: str


class _Prefix(NamedTuple):
    entry: str
    port: int | None
    path: str


@dataclass(frozen=True, slots=True)
class OptOut:
    """Who is not to be asked; make one with `from_text` or `from_entries`."""

    domains: Mapping[str, str] = field(default_factory=dict)  #: domain → entry as written
    prefixes: Mapping[str, tuple[_Prefix, ...]] = field(default_factory=dict)  #: by host

    @classmethod
    def from_entries(cls, entries: Iterable[str]) -> Self:
        """The list of `entries`; blank ones are passed over.

        Raises:
            ValueError: an entry is neither a domain nor the beginning of a URL.
        """
        return cls._of(("entry", number, entry) for number, entry in enumerate(entries, 1))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The list in a file: one entry a line, `#` begins a comment.

        Raises:
            ValueError: a line is neither a domain nor the beginning of a URL.
        """
        lines = enumerate(text.removeprefix("\ufeff").splitlines(), 1)
        return cls._of(("line", number, _COMMENT.sub("", line)) for number, line in lines)

    @classmethod
    def _of(cls, entries: Iterable[tuple[str, int, str]]) -> Self:
        domains: dict[str, str] = {}
        prefixes: dict[str, tuple[_Prefix, ...]] = {}
        for kind, number, text in entries:
            if not (entry := text.strip()):
                continue
            place = _entry_place(entry, f"{kind} {number}")
            if "://" in entry or place.path != "/":
                known = prefixes.get(place.host, ())
                prefixes[place.host] = (*known, _prefix(entry, place))
            else:
                domains.setdefault(place.host, entry)
        return cls(domains, prefixes)

    def names(self, url_or_host: str) -> str:
        """The entry that covers an address, "" when none does.

        `url_or_host` may be a URL, a host with or without a port, or an account such as
        `@name@host`, which counts as the page `https://host/@name`.
        """
        if not self.domains and not self.prefixes:
            return ""
        place = _place(url_or_host)
        if place is None:
            return ""
        return self._domain_entry(place.host) or self._prefix_entry(place)

    def _domain_entry(self, host: str) -> str:
        while host:
            if host in self.domains:
                return self.domains[host]
            host = host.partition(".")[2]
        return ""

    def _prefix_entry(self, place: _Place) -> str:
        covering = (
            prefix.entry
            for prefix in self.prefixes.get(place.host, ())
            if place.path.startswith(prefix.path)
            and (prefix.port is None or place.port is None or prefix.port == place.port)
        )
        return next(covering, "")


def _entry_place(entry: str, where: str) -> _Place:
    """Where an entry of the list points.

    Raises:
        ValueError: with the line and the remedy, for whoever keeps the list.
    """
    text = entry if "://" in entry else entry.removeprefix("*.").removeprefix(".")
    place = None if _ACCOUNT.fullmatch(text) or _is_network(text) else _place(text)
    if place and _is_host(place.host) and _is_web(text):
        return place
    message = (
        f"{where} of the opt-out list, {entry!r}, is neither a domain nor the beginning of a URL: "
        "write for example example.org (which includes its subdomains), 192.0.2.7 or "
        "https://example.org/blog"
    )
    raise ValueError(message)


def _prefix(entry: str, place: _Place) -> _Prefix:
    """An entry's port counts when it is written; the one that its scheme implies does not."""
    parts = _split(entry)
    return _Prefix(entry, parts.port, place.path)


def _place(address: str) -> _Place | None:
    """Where an address points; None when it names no host."""
    with suppress(ValueError):
        parts = _split(address.strip())
        if parts.hostname:
            port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
            return _Place(_host(parts.hostname), port, _path(parts))
    return None


def _split(address: str) -> SplitResult:
    """An address as a URL, whichever way it is written."""
    if account := _ACCOUNT.fullmatch(address):
        return urlsplit(f"https://{account[2]}/@{account[1]}")
    if "://" in address:
        return urlsplit(address)
    with suppress(ValueError):
        return urlsplit(f"//[{ipaddress.IPv6Address(address)}]")
    return urlsplit(f"//{address}")


def _host(name: str) -> str:
    """A host in the one spelling that is compared: as the DNS has it (RFC 5891)."""
    name = name.lower()
    if not name.isascii():
        with suppress(idna.IDNAError, UnicodeError):
            name = idna.encode(name, uts46=True).decode()
    with suppress(ValueError):
        return ipaddress.ip_address(name).compressed
    return name.rstrip(".")


def _path(parts: SplitResult) -> str:
    """Path and query, percent-encoding undone and `.` and `..` followed."""
    segments: list[str] = []
    for segment in unquote(parts.path).lstrip("/").split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment != ".":
            segments.append(segment)
    query = f"?{unquote(parts.query)}" if parts.query else ""
    return f"/{'/'.join(segments)}{query}"


def _is_host(name: str) -> bool:
    with suppress(ValueError):
        return bool(ipaddress.ip_address(name))
    return len(name) <= _LONGEST_NAME and _DOMAIN.fullmatch(name) is not None


def _is_network(text: str) -> bool:
    """Whether it is a network in CIDR form, which must not be taken for a host and a path."""
    with suppress(ValueError):
        return "/" in text and bool(ipaddress.ip_network(text, strict=False))
    return False


def _is_web(text: str) -> bool:
    scheme, separator, _ = text.partition("://")
    return not separator or scheme.lower() in _DEFAULT_PORTS
