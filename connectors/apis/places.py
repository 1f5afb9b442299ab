"""Hosts: which are this machine, and which belong to one another."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(netloc: str) -> bool:
    """Whether a host, with or without a port, is this machine."""
    try:
        name = urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def default_scheme(netloc: str) -> str:
    """How a host is asked that is named without one: https, but not this machine."""
    return "http" if is_loopback(netloc) else "https"


def is_at_or_below(host: str, domain: str) -> bool:
    """Whether a host is a domain or one of its subdomains; an address has none."""
    try:
        ipaddress.ip_address(domain.strip("[]"))
    except ValueError:
        return bool(domain) and (host == domain or host.endswith(f".{domain}"))
    return host == domain
