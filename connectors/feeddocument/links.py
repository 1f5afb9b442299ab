"""Links of entries: made absolute, compared, and reduced to their host."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SCHEME_LESS_HOST = re.compile(r"www\.[^/\s]+\.[^/\s]+", re.IGNORECASE)
_HOST = re.compile(r"https?://(?:www\.)?([A-Za-z0-9.-]+)(?::\d*)?(?:[/?#]|\Z)")
_TRACKING_NAMES = frozenset(
    {
        "dclid",
        "fbclid",
        "gbraid",
        "gclid",
        "gclsrc",
        "igshid",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "msclkid",
        "twclid",
        "wbraid",
        "yclid",
        "_hsenc",
        "_hsmi",
    }
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def absolute_link(link: str, page_url: str) -> str:
    """The address that a link means on a page; "" for none, or for one nobody can read.

    `//host/path` takes the page's scheme, and `www.host/path` is taken for a host, which it
    nearly always is.
    """
    if link.startswith(("https://", "http://")) or not link:
        return link
    if _SCHEME_LESS_HOST.match(link):
        link = "//" + link
    try:
        return link if _ABSOLUTE.match(link) else urljoin(page_url, link)
    except ValueError:
        return ""


def link_host(link: str) -> str:
    """Host of an absolute http(s) link, lower case, without `www.`; "" for any other link."""
    match = _HOST.match(link)
    if match:
        return match[1].lower()
    try:
        parts = urlsplit(link)
        host = parts.hostname if parts.scheme in _DEFAULT_PORTS else None
    except ValueError:
        return ""
    return (host or "").removeprefix("www.")


def link_key(link: str) -> str:
    """What two absolute links share when they lead to the same page.

    http and https are one, host names have no case, and the default port, the fragment and
    tracking parameters (`utm_…`, `fbclid`, `gclid` …) do not count; every other parameter
    does.
    """
    try:
        parts = urlsplit(link)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return link
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return link
    place = host if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"
    query = _telling_query(parts.query)
    return f"//{place}{parts.path or '/'}" + (f"?{query}" if query else "")


def _telling_query(query: str) -> str:
    """A query without its tracking parameters, in its own order."""
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name.startswith("utm_") or name in _TRACKING_NAMES
