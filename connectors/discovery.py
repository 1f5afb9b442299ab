"""Discovery: a homepage in, the organization's channels out, each with what speaks for it.

An investigation is a generator: it yields requests, is sent what each came to, and returns
its findings. It touches no network, so that it can be tested from recorded pages. It asks
little: the homepage, a few pages that it links to, a handful of well-known addresses, and the
public profiles of the accounts that it found, to see whether they name the site in turn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from connectors.contract import Outcome, Page, Request
from connectors.discovering.account import Account, Clue, ClueKind, Found
from connectors.discovering.gathered import Gathered
from connectors.discovering.platforms import recognized
from connectors.discovering.profiles import (
    Miss,
    asking,
    json_object,
    profile_request,
    profile_verdict,
    web_finger_request,
    web_finger_verdict,
)
from connectors.discovering.site import Site, bare_host
from connectors.discovering.sitepage import SitePage, read_site_page
from connectors.discovering.sources import (
    forum_account,
    further_pages,
    node_info_address,
    own_places,
    software,
    wordpress_account,
)
from connectors.discovering.wikidata import Item, ItemError, entity_request, read_items

HTML_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
MOST_REQUESTS = 30  #: in all
MOST_AT_ONE_HOST = 15
MOST_PROFILES = 10  #: so many accounts are looked at for a link back
_DID = re.compile(rb"\s*(did:(?:plc|web):[A-Za-z0-9._:%-]{3,200})\s*")
_DOMAIN = re.compile(r"(?!.*\.\d+$)[a-z0-9-]+(?:\.[a-z0-9-]+)+")

Reply = Page | Miss
Steps = Generator[Request, Reply, None]
Investigation = Generator[Request, Reply, "Findings"]


class SiteError(Exception):
    """A site that nothing can be learned of; the message says why and what to do."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What an investigation came to; `accounts` are in order of confidence."""

    homepage: str
    name: str
    accounts: tuple[Found, ...]
    notes: tuple[str, ...] = ()
    item: Item | None = None


def investigate(homepage: str, item_id: str = "", item: Item | None = None) -> Investigation:
    """Look for the channels of the organization that a homepage belongs to.

    Args:
        homepage: an absolute http or https address.
        item_id: a Wikidata item to ask for as well; "" for none.
        item: a Wikidata item that is known already.

    Raises:
        SiteError: the homepage cannot be had, or is no web page.
    """
    reply = yield Request(url=homepage, accept=HTML_ACCEPT)
    if isinstance(reply, Miss):
        raise SiteError(reply.outcome, reply.message)
    inquiry = _Inquiry(_home(reply), Site.of(homepage, reply.url), item)
    yield from inquiry.steps(item_id)
    return inquiry.findings()


def _home(reply: Page) -> SitePage:
    page = _site_page(reply)
    if page is None:
        given = reply.header("content-type").partition(";")[0] or "something else"
        message = f"{reply.url} is no web page but {given}; give the address of the homepage"
        raise SiteError(Outcome.WRONG_TYPE, message)
    return page


def _site_page(reply: Page) -> SitePage | None:
    is_html = "html" in reply.header("content-type").lower()
    start = reply.body[:2048].lstrip().lower()
    looks_like_html = b"<html" in start or start.startswith(b"<!doctype html")
    if not (is_html or looks_like_html) or b"<rss" in start or b"<feed" in start:
        return None
    links = ",".join(value for name, value in reply.headers if name == "link")
    return read_site_page(reply.body, reply.url, links)


class _Inquiry:
    """One investigation: what was found so far, and what was asked."""

    def __init__(self, home: SitePage, site: Site, item: Item | None) -> None:
        self._home, self._site, self._item = home, site, item
        self._gathered = Gathered(site)
        self._asked = Counter({bare_host(home.url): 1})
        self._read = {home.url}

    def steps(self, item_id: str) -> Steps:
        """Everything after the homepage."""
        yield from self._node_info()
        yield from self._page(self._home)
        for url in (*further_pages(self._home, self._site), *own_places(self._home, self._site)):
            yield from self._visit(url)
        yield from self._domain_handle()
        yield from self._wikidata(item_id)
        yield from self._profiles()

    def findings(self) -> Findings:
        """What there is to tell in the end."""
        item_name = self._item.label if self._item else ""
        return Findings(
            homepage=self._home.url,
            name=self._home.name or item_name or self._site.name,
            accounts=tuple(self._gathered.found()),
            notes=tuple(self._gathered.notes),
            item=self._item,
        )

    def _ask(self, request: Request) -> Generator[Request, Reply, Reply]:
        host = bare_host(request.url)
        if self._asked.total() >= MOST_REQUESTS or self._asked[host] >= MOST_AT_ONE_HOST:
            self._gathered.note(f"not asked, enough was asked already: {request.url}")
            return Miss(Outcome.HELD, "enough was asked already")
        self._asked[host] += 1
        return (yield request)

    def _node_info(self) -> Steps:
        root = f"{urlsplit(self._home.url).scheme}://{urlsplit(self._home.url).netloc}"
        reply = yield from self._ask(asking(f"{root}/.well-known/nodeinfo"))
        url = "" if isinstance(reply, Miss) else node_info_address(json_object(reply), self._site)
        if not url:
            return
        reply = yield from self._ask(asking(url))
        self._gathered.software = "" if isinstance(reply, Miss) else software(json_object(reply))
        if self._gathered.software:
            self._gathered.note(
                f"the site itself runs {self._gathered.software}, as its NodeInfo says"
            )

    def _visit(self, url: str) -> Steps:
        if url in self._read:
            return
        self._read.add(url)
        reply = yield from self._ask(asking(url, HTML_ACCEPT))
        page = None if isinstance(reply, Miss) else _site_page(reply)
        if isinstance(reply, Miss):
            self._gathered.note(f"not read: {url}: {reply.message}")
        elif page is not None and self._is_news(page, url):
            self._read.add(page.url)
            yield from self._page(page)

    def _is_news(self, page: SitePage, asked_url: str) -> bool:
        """Whether a page is the organization's, and none that was read by another address."""
        is_ours = self._site.has_domain(page.url) or forum_account(page) is not None
        return is_ours and (page.url == asked_url or page.url not in self._read)

    def _page(self, page: SitePage) -> Steps:
        forum = forum_account(page)
        if forum is not None:
            self._gathered.forum(forum, page, self._home.url)
        else:
            self._gathered.feeds(page)
        if forum is None or self._site.has_host(page.url):
            self._gathered.linked(page)
        if page.api_url and self._site.has_domain(page.api_url):
            yield from self._wordpress(page)

    def _wordpress(self, page: SitePage) -> Steps:
        if page.api_url in self._read:
            return
        self._read.add(page.api_url)
        reply = yield from self._ask(asking(page.api_url))
        api = {} if isinstance(reply, Miss) else json_object(reply)
        if account := wordpress_account(page.api_url, api, self._site):
            self._gathered.add(account, ClueKind.API_LINK, page.url)

    def _domain_handle(self) -> Steps:
        if not _DOMAIN.fullmatch(self._site.name):
            return
        scheme = urlsplit(self._home.url).scheme
        url = f"{scheme}://{self._site.name}/.well-known/atproto-did"
        reply = yield from self._ask(asking(url, "text/plain, */*;q=0.1"))
        match = None if isinstance(reply, Miss) else _DID.fullmatch(reply.body[:400])
        if match is None:
            return
        did = match[1].decode("ascii")
        known = self._gathered.known("bluesky", did)
        handle = recognized(f"https://bsky.app/profile/{self._site.name}")
        if account := known or handle:
            self._gathered.add(account, ClueKind.ATPROTO_DID, url)

    def _wikidata(self, item_id: str) -> Steps:
        if item_id:
            reply = yield from self._ask(entity_request(item_id))
            self._item = self._read_item(item_id, reply)
        elif named := self._named_item():
            self._gathered.note(
                f"the site names {named} as its Wikidata item: --wikidata {named} asks it"
            )
        if self._item is None:
            return
        is_ours = any(self._site.has_host(url) for url in self._item.websites)
        if not is_ours:
            websites = ", ".join(self._item.websites) or "none"
            self._gathered.note(f"{self._item.url} names another official website: {websites}")
        kind = ClueKind.WIKIDATA if is_ours else ClueKind.WIKIDATA_OTHER
        for account in self._item.accounts:
            self._gathered.add(account, kind, self._item.url)

    def _read_item(self, item_id: str, reply: Reply) -> Item | None:
        if isinstance(reply, Miss):
            self._gathered.note(f"Wikidata item {item_id} was not read: {reply.message}")
            return None
        try:
            return read_items(reply.body)[0]
        except ItemError as error:
            self._gathered.note(f"Wikidata item {item_id} was not used: {error}")
            return None

    def _named_item(self) -> str:
        same = self._home.linked_data.same_as(self._home.url)
        matches = (re.match(r"https?://www\.wikidata\.org/(?:wiki|entity)/(Q\d+)", s) for s in same)
        return next((match[1] for match in matches if match), "")

    def _profiles(self) -> Steps:
        wanted = [a for a in self._gathered.by_strength() if profile_request(a)]
        for account in wanted[:MOST_PROFILES]:
            yield from self._check(account)
        for account in wanted[MOST_PROFILES:]:
            self._gathered.note(f"its profile was not looked at: {account.url}")

    def _check(self, account: Account) -> Steps:
        """Ask for a profile; at Mastodon servers first whether they know the name at all."""
        clues: tuple[Clue, ...] = ()
        is_there: bool | None = None
        if account.source == "mastodon":
            verdict = web_finger_verdict((yield from self._ask(web_finger_request(account))))
            clues, is_there = verdict.clues, verdict.is_there
        request = profile_request(account)
        if is_there is not False and request is not None:
            reply = yield from self._ask(request)
            verdict = profile_verdict(account, reply, self._site)
            is_known = verdict.is_there or (is_there and verdict.is_there is None)
            is_there = is_known or verdict.is_there
            verdict = replace(verdict, clues=(*clues, *verdict.clues), is_there=is_there)
        self._gathered.heed(account, verdict)
