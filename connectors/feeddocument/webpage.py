"""Web pages that come in place of a feed: where the feed may be."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import etree

from connectors.contract import Outcome, PageError, Purpose, Request
from connectors.feeddocument.links import link_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: The Accept header of every request for a feed, best known formats first.
FEED_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
CANDIDATE_LIMIT = 8  #: so many addresses are tried for one page at most

_READ_LENGTH = 262_144
_ADDRESS_LENGTH = 2048
_LINK_LIMIT = 500  # keeps a page that is nothing but links from taking seconds
_WORDS_LIMIT = 8
_FEED_TYPE = re.compile(r"(?:application|text)/(?:x[-.])?(?:rss|atom|rdf|feed)(?:\+(?:xml|json))?")
_VAGUE_TYPES = {"", "application/xml", "text/xml", "application/json"}
_FEED_WORD = re.compile(r"(?<![a-z])(?:rss|atom|feeds?)(?![a-z])", re.IGNORECASE)
_FEED_SCHEME = re.compile(r"feed:(?=//)|feed:(?://)?(?=https?:)", re.IGNORECASE)
_FEED_PATH = re.compile(r"/(?:feeds?|rss|atom)/?\Z|\.(?:rss|atom|rdf|xml)\Z|feed\.json\Z")
_FEED_QUERY = re.compile(r"(?:\A|&)(?:feed|format|type|alt)=(?:rss|atom|feed)")
_OTHER_XML = re.compile(r"sitemap|opensearch")
_FEED_TEXT_WORD_COUNT = 4
# "Comment" as most European languages have it; a commentary is a post.
_COMMENTS = re.compile(r"[ck]om+ent(?!ary|aries|ator)|reacties|replies", re.IGNORECASE)
_PARTIAL = re.compile(
    r"/(?:categor(?:y|ies)|tags?|topics?|labels?|authors?|search)/|/default/-/"
    r"|[?&](?:s|q|cat|tag|author|search)=|\b(?:category|tag|author|search results)\b",
    re.IGNORECASE,
)
# Lists of posts: below any other page WordPress answers `feed` with the comments on that page.
_LIST_OF_POSTS = re.compile(
    r"/(?:news|newsroom|blogs?|press|presse|prensa|media|stories|posts|articles|updates|aktuelles"
    r"|nachrichten|nieuws|actualites|noticias|notizie|nyheter|(?:category|tag|author)/[^/]+)/\Z",
    re.IGNORECASE,
)
# Where each generator puts the feed of the whole site, by the first word of its name.
_GENERATOR_PLACES = {
    "blogger": "feeds/posts/default",
    "discourse": "latest.rss",
    "drupal": "rss.xml",
    "ghost": "rss/",
    "hugo": "index.xml",
    "jekyll": "feed.xml",
    "joomla!": "?format=feed&type=rss",
    "pelican": "feeds/all.atom.xml",
    "wix.com": "blog-feed.xml",
    "wordpress": "feed/",
}
# Where feeds are at the root of a site, beside a list of posts and beside another page.
_AT_ROOT = ("feed", "feed.xml", "rss.xml", "index.xml", "atom.xml", "rss", "blog/feed", "news/rss")
_AT_LIST = ("feed", "rss.xml", "index.xml", "?format=rss")
_AT_PAGE = ("index.xml", "feed.xml", "rss.xml", "?format=rss")
# Hosts of many organizations, where the page's address tells the feed's.
_HOST_PLACES = {
    r"https?://(?:www\.)?medium\.com/(?!feed/)(@?[^/?#]+)": "/feed/",
    r"https?://(?:www\.|m\.)?youtube\.com/channel/([\w-]+)": "/feeds/videos.xml?channel_id=",
}


def web_page_error(body: bytes, url: str, asked_url: str = "") -> PageError:
    """The error for a web page, with a request for the feed that it most likely stands for.

    Candidates are the feeds that the page announces, then links in it that look like feeds,
    then addresses that generators are known to use on the page's own host; best first,
    `CANDIDATE_LIMIT` at most, never `url` (the page's own) nor `asked_url` (what led to it).
    """
    page, known = _read_page(body, url), set[str]()
    _unknown((url, asked_url), known)
    announced, linked, guessed = (
        _unknown(addresses, known)
        for addresses in (_announced(page), _linked(page), _guessed(page))
    )
    candidates = (*announced, *linked, *guessed)[:CANDIDATE_LIMIT]
    message = f"a web page, not a feed; {_found(len(announced), len(linked), candidates)}"
    if not candidates:
        return PageError(Outcome.WRONG_TYPE, message)
    first, *others = candidates
    instead = Request(
        url=first, accept=FEED_ACCEPT, purpose=Purpose.DISCOVERY, alternatives=tuple(others)
    )
    return PageError(Outcome.WRONG_TYPE, message, instead)


def feed_addresses(body: bytes, url: str) -> list[str]:
    """Absolute addresses of the feeds that a page announces, best first.

    Reads `rel="alternate"` and `rel="feed"` in the first 256 KiB; `url` is the page's own
    address. The feed of its own section comes before that of the whole site, then come feeds
    of categories, authors and searches. Feeds of comments are left out.
    """
    return _unknown(_announced(_read_page(body, url)), set())


def _found(announced_count: int, linked_count: int, candidates: Sequence[str]) -> str:
    if announced_count:
        feeds = "1 feed" if announced_count == 1 else f"{announced_count} feeds"
        return f"it announces {feeds}: trying {candidates[0]} first"
    if linked_count:
        links = "1 link looks" if linked_count == 1 else f"{linked_count} links look"
        return f"it announces no feed, but {links} like one: trying {candidates[0]} first"
    todo = "trying well-known addresses" if candidates else "give the address of its feed"
    return f"it announces no feed: {todo}"


class _Link(NamedTuple):
    """A `<link>` or `<a>`; `words` are its title, its label and the text in it."""

    tag: str
    attributes: Mapping[str, str]
    words: list[str]


class _Page:
    """What a page says of feeds, gathered while lxml reads it (a parser target).

    No tree is built: that takes quadratic time in the number of an element's attributes, and
    it ends where elements stand too deep.
    """

    def __init__(self, url: str) -> None:
        self.url = url  #: "" when nobody can contact it
        self.base_href = ""
        self.places: list[str] = []  #: where the generators that it names put their feed
        self.links: list[_Link] = []
        self._open_words: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in {"a", "link"} and "href" in attributes:
            words = [attributes.get(name, "") for name in ("title", "aria-label")]
            self.links.append(_Link(tag, attributes, words))
            self._open_words = words if tag == "a" else self._open_words
        elif tag == "base":
            self.base_href = self.base_href or attributes.get("href", "")
        elif tag == "meta" and attributes.get("name", "").lower() == "generator":
            generator = attributes.get("content", "").lower().partition(" ")[0]
            place = _GENERATOR_PLACES.get(generator, "")
            self.places += [place] if place and place not in self.places else []
        elif tag == "img":
            self.data(attributes.get("alt", ""))

    def end(self, tag: str) -> None:
        if tag == "a":
            self._open_words = None

    def data(self, text: str) -> None:
        if self._open_words is not None and len(self._open_words) < _WORDS_LIMIT:
            self._open_words.append(text)

    def close(self) -> None:
        """Nothing is left to do at the end of a page."""


def _read_page(body: bytes, url: str) -> _Page:
    page = _Page(_address("", url))
    parser = etree.HTMLParser(target=page, encoding="utf-8")  # type: ignore[arg-type] # no comment()
    with suppress(etree.LxmlError):  # what came before the error is gathered
        parser.feed(body[:_READ_LENGTH])
        parser.close()
    return page


def _announced(page: _Page) -> list[str]:
    return _best_first(filter(_is_announced, page.links), page)


def _linked(page: _Page) -> list[str]:
    """Links that look like feeds, on the page's own host: elsewhere they may be anybody's."""
    links = (link for link in page.links if link.tag == "a" and _looks_like_feed(link))
    return [address for address in _best_first(links, page) if _host(address) == _host(page.url)]


def _is_announced(link: _Link) -> bool:
    rels = link.attributes.get("rel", "").lower().split()
    media_type = link.attributes.get("type", "").partition(";")[0].strip().lower()
    if {"alternate", "feed"}.isdisjoint(rels):
        return False
    if _FEED_TYPE.fullmatch(media_type):
        return True
    if media_type not in _VAGUE_TYPES:
        return False
    said = " ".join((*link.words, link.attributes["href"]))
    return "feed" in rels or ("hreflang" not in link.attributes and bool(_FEED_WORD.search(said)))


def _looks_like_feed(link: _Link) -> bool:
    path, _, query = link.attributes["href"].partition("#")[0].strip().lower().partition("?")
    if _OTHER_XML.search(path):
        return False
    words = re.findall(r"\w+", " ".join(link.words).lower())
    is_named = len(words) <= _FEED_TEXT_WORD_COUNT and not {"rss", "atom"}.isdisjoint(words)
    return is_named or bool(_FEED_PATH.search(path) or _FEED_QUERY.search(query))


def _best_first(links: Iterable[_Link], page: _Page) -> list[str]:
    """Absolute addresses of links; equally good ones in the order of the page."""
    base = _address(page.url, page.base_href) or page.url
    considered = islice(links, _LINK_LIMIT)
    found = ((_address(base, link.attributes["href"]), link.words) for link in considered)
    named = ((address, _named(address, words)) for address, words in found if address)
    # What others say to an organization must never be counted as what it says itself.
    own = ((address, name) for address, name in named if not _COMMENTS.search(name))
    ranked = [(_rank(address, name, page), address) for address, name in own]
    return [address for _, address in sorted(ranked, key=lambda pair: pair[0])]


def _named(address: str, words: Sequence[str]) -> str:
    parts = urlsplit(address)
    return " ".join((*words, f"{parts.path}?{parts.query}"))


def _rank(address: str, named: str, page: _Page) -> tuple[int, ...]:
    """What a feed is preferred by; the smaller the better."""
    parts = urlsplit(address)
    section = _section(page.url)
    is_elsewhere = _host(address) != _host(page.url)
    depth = 0 if is_elsewhere else _shared_depth(section, parts.path)
    is_own = depth == section.count("/") - 1 > 0
    return (
        _PARTIAL.search(named) is not None and not is_own,
        -depth,
        not address.endswith(tuple(f"/{place}" for place in page.places)),
        is_elsewhere,
    )


def _section(url: str) -> str:
    """The path that everything below a page starts with: `/news/` for `/news/index.html`."""
    parent, _, name = urlsplit(url).path.rpartition("/")
    return f"{parent}/" if "." in name or not name else f"{parent}/{name}/"


def _shared_depth(section: str, feed_path: str) -> int:
    """How many names of a section's path a feed's path starts with, its suffix left out."""
    directory, _, name = feed_path.rpartition("/")
    feed_names = [*directory.split("/")[1:], name.partition(".")[0]]
    pairs = zip(section.split("/")[1:-1], feed_names, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _guessed(page: _Page) -> list[str]:
    """Well-known addresses on the page's own host."""
    parts = urlsplit(page.url)
    # Written out, because a path that starts with // would be joined as another host.
    site = f"{parts.scheme}://{parts.netloc}"
    addresses = (_address("", site + place) for place in _well_known_places(page))
    return [address for address in addresses if address]


def _well_known_places(page: _Page) -> list[str]:
    for pattern, place in _HOST_PLACES.items():
        if match := re.match(pattern, page.url):
            return [place + match[1]]
    section = _section(page.url)
    is_list = _LIST_OF_POSTS.search(section) is not None
    near = () if section == "/" else _AT_LIST if is_list else _AT_PAGE
    return [
        *(section + place for place in page.places if is_list),
        *(f"/{place}" for place in page.places),
        *(section + place for place in near),
        *(f"/{place}" for place in _AT_ROOT),
    ]


def _address(base: str, href: str) -> str:
    """An absolute http(s) address without fragment; "" for one that nobody can contact."""
    with suppress(ValueError):
        href = _FEED_SCHEME.sub("", href.strip(), count=1).replace("\\", "/").replace(" ", "%20")
        parts = urlsplit(urljoin(base, href))._replace(fragment="")
        address = parts.geturl()
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        is_plain = address.isprintable() and len(address) <= _ADDRESS_LENGTH
        return address if is_web and is_plain and parts.username is None else ""
    return ""


def _host(address: str) -> str:
    """Host without `www.`, and port unless it is a default one."""
    parts = urlsplit(address)
    name = (parts.hostname or "").removeprefix("www.")
    return name if parts.port in {None, 80, 443} else f"{name}:{parts.port}"


def _unknown(addresses: Iterable[str], known: set[str]) -> list[str]:
    """Addresses that lead to nothing known yet, each once; they are known from then on."""
    fresh = []
    for address in addresses:
        key = link_key(address).rstrip("/")
        if key not in known:
            known.add(key)
            fresh.append(address)
    return fresh
