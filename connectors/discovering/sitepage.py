"""One page of a site: its links and where in the page they stand, feeds, structured data."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree

from connectors.discovering.linkeddata import LinkedData, read_linked_data
from connectors.feeddocument.webpage import feed_addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

_READ_LENGTH = 2 << 20
_LINK_LIMIT = 2000
_SCRIPT_LIMIT = 20
_SCRIPT_LENGTH = 262_144
_WORDS_LENGTH = 120
_NAME_LENGTH = 200
_ADDRESS_LENGTH = 2048
_API = "https://api.w.org/"
_FRAME_TAGS = {"header", "footer", "nav"}
_FRAME_ROLES = {"banner", "contentinfo", "navigation"}
# Class names and ids of what frames every page of a site, and of its rows of icons.
_FRAME_NAMES = re.compile(
    r"(?:^|[\s_-])(?:site-?header|header|footer|colophon|nav|navbar|navigation|topbar|menu"
    r"|socials?|social-?(?:media|links?|icons?|menu|nav)|follow-?us)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SHARED = re.compile(r"(?:^|[\s_-])(?:share|sharing|comments?)(?:$|[\s_-])", re.IGNORECASE)
_TITLE_PARTS = re.compile(r"\s+[|\u2013\u2014\u00b7:-]\s+")  # with dashes and the middle dot
_TITLE_FILLERS = {"home", "homepage", "home page", "welcome", "startseite", "start", "accueil"}
_TEXT_TAGS = {"article", "blockquote"}
_VOID = {"link", "meta", "img", "br", "hr", "input", "base", "source", "area", "wbr", "col"}


@dataclass(frozen=True, slots=True)
class SiteLink:
    """One link: where to, in which words, and where in the page."""

    url: str
    words: str
    rels: frozenset[str]
    is_framed: bool  #: in the header, the footer or the navigation


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """What a page says of the organization and of where else it is."""

    url: str
    name: str = ""
    generator: str = ""
    api_url: str = ""  #: of WordPress, where the page announces it
    links: tuple[SiteLink, ...] = ()
    feeds: tuple[str, ...] = ()
    linked_data: LinkedData = field(default_factory=LinkedData)


def read_site_page(body: bytes, url: str, link_header: str = "") -> SitePage:
    """What a web page says, from its first 2 MiB; broken ones as far as they can be read."""
    target = _Target(url)
    parser = etree.HTMLParser(target=target, encoding="utf-8")  # type: ignore[arg-type] # no comment()
    with suppress(etree.LxmlError):  # what came before the error is gathered
        parser.feed(body[:_READ_LENGTH])
        parser.close()
    data = read_linked_data(target.scripts)
    return SitePage(
        url=url,
        name=_named(target, data),
        generator=target.meta.get("generator", ""),
        api_url=_api_in_header(link_header, url) or target.api_url,
        links=tuple(target.links),
        feeds=tuple(feed_addresses(body, url)),
        linked_data=data,
    )


def _named(target: _Target, data: LinkedData) -> str:
    title = _TITLE_PARTS.split(" ".join("".join(target.title).split()))
    telling = [part for part in title if part.lower() not in _TITLE_FILLERS]
    # "Council | News of the town" at the front, "Contact | Council" on any other page
    place = 0 if urlsplit(target.url).path in {"", "/"} else -1
    said = target.meta.get("og:site_name", "") or (telling or [""])[place]
    return (data.name_at(target.url) or said)[:_NAME_LENGTH].strip()


def _api_in_header(value: str, url: str) -> str:
    for part in value.split(","):
        match = re.match(r"\s*<([^<>]+)>\s*;(.*)", part)
        if match and _API in match[2]:
            return absolute(url, match[1])
    return ""


def absolute(base: str, href: str) -> str:
    """An absolute http(s) address without fragment; "" for one that nobody can contact."""
    with suppress(ValueError):
        parts = urlsplit(urljoin(base, href.strip()))._replace(fragment="")
        address = parts.geturl()
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        is_plain = address.isprintable() and " " not in address
        is_short = len(address) <= _ADDRESS_LENGTH
        return address if is_web and is_plain and is_short and parts.username is None else ""
    return ""


class _Target:
    """Gathers what lxml reads (a parser target); no tree is built, which hostile pages abuse."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.base = url
        self.links: list[SiteLink] = []
        self.meta: dict[str, str] = {}
        self.title: list[str] = []
        self.scripts: list[str] = []
        self.api_url = ""
        self._open: list[tuple[str, int]] = []  #: tags with what each does to the frame
        self._anchor: tuple[str, frozenset[str], list[str]] | None = None
        self._script: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "link":
            self._link(attributes)
        elif tag == "a":
            self._begin_anchor(attributes)
        elif tag == "meta":
            name = attributes.get("name") or attributes.get("property") or ""
            self.meta.setdefault(name.lower(), attributes.get("content", "").strip())
        elif tag == "base":
            self.base = absolute(self.url, attributes.get("href", "")) or self.base
        elif tag == "script" and "ld+json" in attributes.get("type", ""):
            self._script = []
        elif tag in {"img", "svg"}:
            self.data(attributes.get("alt", "") or attributes.get("aria-label", ""))
        if tag not in _VOID:
            self._open.append((tag, _framing(tag, attributes)))

    def end(self, tag: str) -> None:
        if tag == "a":
            self._end_anchor()
        elif tag == "script" and self._script is not None:
            self._end_script(self._script)
        while tag not in _VOID and self._open and self._open.pop()[0] != tag:
            pass

    def data(self, text: str) -> None:
        if self._script is not None:
            self._script.append(text)
        elif self._anchor is not None:
            self._anchor[2].append(text[:_WORDS_LENGTH])
        elif self._open and self._open[-1][0] == "title" and not self.links:
            self.title.append(text)

    def close(self) -> None:
        """Nothing is left to do at the end of a page."""

    def _link(self, attributes: Mapping[str, str]) -> None:
        rels = _rels(attributes)
        url = absolute(self.base, attributes.get("href", ""))
        if _API in rels:
            self.api_url = self.api_url or url
        elif "me" in rels and len(self.links) < _LINK_LIMIT:
            self._keep(url, "", rels, is_framed=False)

    def _begin_anchor(self, attributes: Mapping[str, str]) -> None:
        self._end_anchor()
        href = attributes.get("href", "")
        words = [attributes.get("title", ""), attributes.get("aria-label", "")]
        is_wanted = href and len(self.links) < _LINK_LIMIT
        self._anchor = (href, _rels(attributes), words) if is_wanted else None

    def _end_anchor(self) -> None:
        if self._anchor is None:
            return
        href, rels, words = self._anchor
        self._anchor = None
        said = " ".join(" ".join(words).split())[:_WORDS_LENGTH]
        self._keep(absolute(self.base, href), said, rels, is_framed=self._is_framed())

    def _keep(self, url: str, words: str, rels: frozenset[str], *, is_framed: bool) -> None:
        if url:
            self.links.append(SiteLink(url, words, rels, is_framed))

    def _is_framed(self) -> bool:
        """By the innermost element that says anything."""
        return next((framing > 0 for _, framing in reversed(self._open) if framing), False)

    def _end_script(self, parts: list[str]) -> None:
        self._script = None
        if len(self.scripts) < _SCRIPT_LIMIT:
            self.scripts.append("".join(parts)[:_SCRIPT_LENGTH])


def _rels(attributes: Mapping[str, str]) -> frozenset[str]:
    return frozenset(attributes.get("rel", "").lower().split())


def _framing(tag: str, attributes: Mapping[str, str]) -> int:
    """1 for what frames a page, -1 for what is its text, 0 for what says nothing."""
    named = f"{attributes.get('class', '')} {attributes.get('id', '')}"
    if tag in _TEXT_TAGS or _SHARED.search(named):
        return -1
    is_frame = (
        tag in _FRAME_TAGS
        or attributes.get("role", "") in _FRAME_ROLES
        or (tag not in {"body", "html", "main"} and _FRAME_NAMES.search(named))
    )
    return 1 if is_frame else 0
