"""Where on a site further accounts are likely to be named, and software that tells itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.discovering.account import Account
from connectors.discovering.site import bare_host

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.discovering.site import Site
    from connectors.discovering.sitepage import SiteLink, SitePage

MOST_FURTHER_PAGES = 3
MOST_OWN_PLACES = 2
# What pages that list accounts are called, in the languages of most readers; best first.
_DIRECTORY = re.compile(
    r"social[\s_-]?(?:media|networks?|channels?)|sociale[\s_-]?(?:media|netwerken)|soziale[\s_-]"
    r"?(?:medien|netzwerke)|r(?:é|e)seaux[\s_-]?sociaux|redes[\s_-]?so(?:c)?iales|redes[\s_-]?soci"
    r"ais|social[\s_-]?kanalen|follow[\s_-]?us|volg[\s_-]?ons|suivez[\s_-]?nous|folgen",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"conta(?:c|k)t|kontakt|contatti|contato|yhteys", re.IGNORECASE)
_ABOUT = re.compile(
    r"\babout\b|over[\s_-]ons|(?:ü|ue)ber[\s_-]uns|(?:à|a|qui)[\s_-]?propos|qui[\s_-]sommes"
    r"|chi[\s_-]siamo|qui(?:é|e)nes[\s_-]somos|sobre[\s_-]|om[\s_-]oss|\bo[\s_-]nas\b",
    re.IGNORECASE,
)
_FORUM = {"forum", "forums", "community", "discuss", "discourse", "talk", "users", "ask"}
_BLOG = {"blog", "blogs", "news", "newsroom", "press", "presse", "nieuws", "stories"}
_FORUM_PATH = re.compile(r"/(?:forums?|community|discuss|discourse)/?$", re.IGNORECASE)
_FORUM_PAGES = re.compile(r"/(?:latest|categories|top|new|c/.*|t/.*|about)?/?$")
_MOST_WORDS_LENGTH = 60


def is_directory(url: str) -> bool:
    """Whether the address of a page says that it lists accounts."""
    return bool(_DIRECTORY.search(urlsplit(url).path))


def further_pages(page: SitePage, site: Site) -> list[str]:
    """Pages of the same host where accounts are likely to be listed, best first."""
    ranked: dict[str, int] = {}
    for link in page.links:
        rank = _rank(link)
        if rank is not None and site.has_host(link.url) and link.url != page.url:
            ranked[link.url] = min(rank, ranked.get(link.url, rank))
    return sorted(ranked, key=ranked.__getitem__)[:MOST_FURTHER_PAGES]


def _rank(link: SiteLink) -> int | None:
    said = f"{link.words[:_MOST_WORDS_LENGTH]} {urlsplit(link.url).path}"
    patterns = (_DIRECTORY, _CONTACT, _ABOUT)
    return next((rank for rank, pattern in enumerate(patterns) if pattern.search(said)), None)


def own_places(page: SitePage, site: Site) -> list[str]:
    """The roots of the organization's own forum and blog, where they have hosts of their own."""
    forums = dict.fromkeys(_root(link.url) for link in page.links if _is_forum(link, site))
    blogs = dict.fromkeys(
        _root(link.url) for link in page.links if _is_below(link.url, site, _BLOG)
    )
    return [*list(forums)[:1], *list(blogs)[:1]][:MOST_OWN_PLACES]


def _is_forum(link: SiteLink, site: Site) -> bool:
    host = bare_host(link.url)
    is_hosted = host.endswith((".discourse.group", ".trydiscourse.com")) and link.is_framed
    is_path = site.has_host(link.url) and bool(_FORUM_PATH.search(urlsplit(link.url).path))
    return is_hosted or is_path or _is_below(link.url, site, _FORUM)


def _is_below(url: str, site: Site, labels: Iterable[str]) -> bool:
    host = bare_host(url)
    return not site.has_host(url) and site.has_domain(url) and host.partition(".")[0] in labels


def _root(url: str) -> str:
    parts = urlsplit(url)
    path = (
        _FORUM_PAGES.sub("", parts.path) if _FORUM_PATH.search(parts.path) is None else parts.path
    )
    return f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}/"


def forum_account(page: SitePage) -> Account | None:
    """The forum that a page belongs to, where it says that Discourse made it."""
    if not page.generator.lower().startswith("discourse"):
        return None
    root = _root(page.url).rstrip("/")
    return Account(source="discourse", address=root, url=root)


def wordpress_account(api_url: str, api: dict[str, Any], site: Site) -> Account | None:
    """The WordPress whose interface answered; None where it is another thing or elsewhere."""
    namespaces = api.get("namespaces")
    if not isinstance(namespaces, list) or "wp/v2" not in namespaces:
        return None
    root = re.split(r"/wp-json(?:/|$)|/index\.php\?rest_route=|/?\?rest_route=", api_url)[0]
    if root == api_url or not site.has_domain(root):
        return None
    return Account(source="wordpress", address=root, url=root)


def software(document: dict[str, Any]) -> str:
    """What a NodeInfo document says the server runs, in lower case; "" for nothing."""
    named = document.get("software")
    name = named.get("name", "") if isinstance(named, dict) else ""
    return name.lower() if isinstance(name, str) and name.isprintable() else ""


def node_info_address(document: dict[str, Any], site: Site) -> str:
    """Where the newest NodeInfo document is, on the site's own host; "" for nowhere."""
    links = document.get("links")
    listed = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    own = [str(link.get("href", "")) for link in listed if "nodeinfo" in str(link.get("rel", ""))]
    return max((url for url in own if site.has_host(url)), default="")
