"""Which addresses we contact: the public internet, and private hosts only by permission.

The check sits where the socket is made, on the very address that will be connected to, so
that neither a redirect nor a second DNS answer can lead inside.
"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_AddrInfo = tuple[int, int, int, str, tuple[Any, ...]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: All of IPv6 that is given out to the public (RFC 4291 §2.4, IANA).
_UNICAST = ipaddress.ip_network("2000::/3")
#: The host of the request that a new connection is made for.
requested_host: ContextVar[str] = ContextVar("requested_host", default="")


class RefusedAddressError(OSError):
    """An address or scheme that the guard does not let through."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The permission to contact private hosts: names, addresses (any port) and networks."""

    names: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def allowing(cls, hosts: Iterable[str]) -> Guard:
        """A guard that lets through `hosts`: names, addresses or networks in CIDR form."""
        names: set[str] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for host in hosts:
            try:
                networks.append(ipaddress.ip_network(host.strip("[]"), strict=False))
            except ValueError:
                names.add(host.lower())
        return cls(frozenset(names), tuple(networks))

    def permits_name(self, host: str) -> bool:
        """Whether `host`, as written in a URL, stands on the list of permitted hosts."""
        return _permits(self, host)

    def check_url(self, url: str) -> str:
        """The host of `url`.

        Raises:
            RefusedAddressError: neither http nor https, no host, a port that is none, no URL at
                all, or one with a user name or a password, which would be sent to the host.
        """
        if has_credentials(url):
            message = (
                "an address with a user name or a password in it is not asked: "
                "only what is public is watched; give the address without them"
            )
            raise RefusedAddressError(message)
        with suppress(ValueError):
            parts = urlsplit(url)
            if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
                return parts.hostname
        message = (
            f"{url}: only http and https addresses are contacted, "
            "with a host and, if any, a port that exists"
        )
        raise RefusedAddressError(message)

    def check_address(self, host: str, address: str) -> None:
        """Let a connection to `address`, made for `host`, through.

        Raises:
            RefusedAddressError: the address is private and not permitted.
        """
        ip = ipaddress.ip_address(address.split("%", 1)[0])
        if host.lower() in self.names or _lies_in(ip, self.networks) or _is_public(ip):
            return
        # The same words for each address of a host: of different ones, the connecting
        # library makes a new error that is no longer ours.
        message = (
            f"{host} is at a private address, which is not contacted; "
            f"if it is yours, allow it with --allow-host {host}"
        )
        raise RefusedAddressError(message)

    def open_socket(self, addr_info: _AddrInfo) -> socket.socket:
        """Make the socket for a checked address (aiohttp's `socket_factory`)."""
        family, kind, protocol, _, address = addr_info
        self.check_address(requested_host.get(), str(address[0]))
        return socket.socket(family, kind, protocol)


def has_credentials(url: str) -> bool:
    """Whether a user name or a password stands before the host of `url`, if only an empty one."""
    with suppress(ValueError):
        return "@" in urlsplit(url).netloc
    return False


@lru_cache(maxsize=4096)
def _permits(guard: Guard, host: str) -> bool:
    """`Guard.permits_name`, which is asked several times for every request."""
    try:
        ip = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.lower() in guard.names
    return _lies_in(ip, guard.networks)


def _lies_in(ip: IPv4Address | IPv6Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(ip in network for network in networks)


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return _is_public(ip.ipv4_mapped)
        if ip in _NAT64:
            return _is_public(IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip not in _UNICAST or (ip.sixtofour and not _is_public(ip.sixtofour)):
            return False
    return ip.is_global and not ip.is_multicast
