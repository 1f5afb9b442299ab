"""The site of an organization: which addresses are its own, and whether a text names it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from connectors.apis.places import is_at_or_below

#: The first part of a path that only chooses a language: /en/, /nl-be/.
_LANGUAGE = re.compile(r"/[a-z]{2}(?:[-_][a-z]{2})?/?(?:index\.\w+|home/?)?$", re.IGNORECASE)
_PAGE_NAME = re.compile(r"/[^/]*\.[a-z]{2,5}$|/$", re.IGNORECASE)
_DEFAULT_PORTS = {None, 80, 443}


@dataclass(frozen=True, slots=True)
class Site:
    """Hosts (without `www.`, with a port that is no default one) and the path that it is below.

    A site has a path where several organizations share a host; a link to another path of that
    host is then no link to this organization.
    """

    hosts: tuple[str, ...]
    path: str = ""

    @classmethod
    def of(cls, *urls: str) -> Site:
        """The site whose homepage has these addresses, before and after redirects."""
        hosts = dict.fromkeys(bare_host(url) for url in urls)
        return cls(tuple(hosts), min((_folder(urlsplit(url).path) for url in urls), key=len))

    @property
    def name(self) -> str:
        """The host by which the site is best known."""
        return self.hosts[0]

    def has_host(self, url: str) -> bool:
        """Whether an address lies on the very host of the site."""
        return bare_host(url) in self.hosts

    def has_domain(self, url: str) -> bool:
        """Whether an address lies on the domain of the site or on one below it."""
        host = _without_port(bare_host(url))
        return bool(host) and any(is_at_or_below(host, _without_port(own)) for own in self.hosts)

    def is_named_in(self, text: str) -> bool:
        """Whether a text names the site, by an address or by its host alone; mail does not."""
        return bool(self._naming().search(text))

    def _naming(self) -> re.Pattern[str]:
        hosts = "|".join(map(re.escape, self.hosts))
        path = re.escape(self.path)
        return re.compile(
            rf"(?<![\w.@-])(?:www\.)?(?:{hosts}){path}(?![\w-]|\.\w|:\d)", re.IGNORECASE
        )


def bare_host(url: str) -> str:
    """Host of an address without `www.`, with its port unless that is a default one."""
    with suppress(ValueError):
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        return host if parts.port in _DEFAULT_PORTS else f"{host}:{parts.port}"
    return ""


def _folder(path: str) -> str:
    return "" if _LANGUAGE.fullmatch(path) else _PAGE_NAME.sub("", path)


def _without_port(host: str) -> str:
    return host.rpartition(":")[0] if ":" in host else host
