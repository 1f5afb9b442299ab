"""What an investigation has gathered so far: accounts, what speaks for them, and notes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.discovering.account import Account, Clue, ClueKind, Confidence, Found
from connectors.discovering.platforms import recognized
from connectors.discovering.sources import is_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.discovering.profiles import Verdict
    from connectors.discovering.site import Site
    from connectors.discovering.sitepage import SitePage

MOST_ACCOUNTS = 60
_MOST_MENTIONS = 3  # of one platform in the text of a page: more is a list of others
_MOST_FEEDS_A_PAGE = 3
_FEDIVERSE_SERVERS = {"mastodon", "gotosocial", "pleroma", "akkoma", "pixelfed", "hometown"}


class Gathered:
    """Accounts by what two spellings of one share, with their clues; notes for the reader."""

    def __init__(self, site: Site) -> None:
        self.software = ""  #: what the site itself runs, as its NodeInfo says
        self.notes: dict[str, None] = {}
        self._site = site
        self._accounts: dict[tuple[str, str], Account] = {}
        self._clues: dict[tuple[str, str], dict[Clue, None]] = {}

    def found(self) -> list[Found]:
        """Accounts that are more than guesses, in order of confidence, source and address."""
        known = (a for a in self._accounts.values() if not a.is_guess)
        found = (Found(account, tuple(self._clues[account.key])) for account in known)
        order = list(Confidence)
        return sorted(found, key=lambda f: (order.index(f.confidence), *f.account.key))

    def by_strength(self) -> list[Account]:
        """Accounts that the site claims before those that it only mentions."""
        keys = sorted(self._accounts, key=self._strength)
        return [self._accounts[key] for key in keys]

    def _strength(self, key: tuple[str, str]) -> int:
        found = Found(self._accounts[key], tuple(self._clues[key]))
        return list(Confidence).index(found.confidence)

    def note(self, sentence: str) -> None:
        """Keep a sentence for the reader, once."""
        self.notes[sentence] = None

    def known(self, source: str, address: str) -> Account | None:
        """The account of this address, if it was met."""
        return self._accounts.get((source, address.lower()))

    def heed(self, account: Account, verdict: Verdict) -> None:
        """Take what a profile said; one that no server confirms stays only where it is claimed."""
        if verdict.refusal or verdict.is_there is False:
            self._drop(account, verdict.refusal)
            return
        for clue in verdict.clues:
            self._clues[account.key][clue] = None
        is_claimed = ClueKind.REL_ME in {clue.kind for clue in self._clues[account.key]}
        if verdict.is_there or is_claimed:
            self._accounts[account.key] = replace(account, is_guess=False)
        elif account.is_guess:
            self.note(f"left out: {account.url}: no server confirms that it is an account")

    def _drop(self, account: Account, refusal: str) -> None:
        """Forget an account; what may be a person's is not named in the note."""
        is_claimed = self._strength(account.key) < list(Confidence).index(Confidence.LOW)
        del self._accounts[account.key], self._clues[account.key]
        if is_claimed and refusal:
            self.note(f"left out: an account at {account.source} is {refusal}")
        elif is_claimed:
            self.note(f"left out: {account.url}: its server does not know it")

    def forum(self, forum: Account, page: SitePage, linked_at: str) -> None:
        """Take a forum that the page at `linked_at` links to and that `page` is of."""
        self.add(forum, ClueKind.GENERATOR, page.url)
        self.add(forum, ClueKind.SITE_LINK, linked_at)
        if any(self._site.has_host(link.url) for link in page.links):
            self.add(forum, ClueKind.LINK_BACK, page.url)

    def feeds(self, page: SitePage) -> None:
        """Take the feeds that a page announces."""
        for url in page.feeds[:_MOST_FEEDS_A_PAGE]:
            account = recognized(url) or Account(source="feeds", address=url, url=url)
            self.add(account, ClueKind.FEED_LINK, page.url)

    def linked(self, page: SitePage) -> None:
        """Take the accounts that a page links to or calls the same as the organization."""
        named = (recognized(url) for url in page.linked_data.same_as(page.url))
        for account in filter(None, named):
            self.add(account, ClueKind.JSON_LD, page.url)
        seen: dict[ClueKind, dict[tuple[str, str], Account]] = {}
        for kind, account in self._links(page):
            seen.setdefault(kind, {})[account.key] = account
        for kind, accounts in seen.items():
            self._keep(kind, accounts.values(), page)

    def _links(self, page: SitePage) -> Iterator[tuple[ClueKind, Account]]:
        """Accounts by how they are linked; of what a text only mentions, no guesses."""
        directory = is_directory(page.url)
        for link in page.links:
            account = recognized(link.url)
            if account is None or "author" in link.rels or not self._is_plausible(account):
                continue
            is_credit = account.source == "github" and "/" in account.address
            if "me" in link.rels:
                yield ClueKind.REL_ME, account
            if link.is_framed and not is_credit:
                yield ClueKind.SITE_LINK, account
            elif "me" not in link.rels and (directory or not account.is_guess):
                yield ClueKind.DIRECTORY_LINK if directory else ClueKind.TEXT_LINK, account

    def _is_plausible(self, account: Account) -> bool:
        """Paths of the site's own that only look like those of the fediverse are many."""
        if not account.is_guess or not self._site.has_host(account.url):
            return True
        wanted = {"lemmy"} if account.source == "lemmy" else _FEDIVERSE_SERVERS
        return self.software in wanted

    def _keep(self, kind: ClueKind, accounts: Iterable[Account], page: SitePage) -> None:
        listed = list(accounts)
        counts = Counter(account.source for account in listed)
        for account in listed:
            if kind is ClueKind.TEXT_LINK and counts[account.source] > _MOST_MENTIONS:
                count, source = counts[account.source], account.source
                self.note(
                    f"{count} accounts at {source} in the text of {page.url} were left out: "
                    "so many are a list of others"
                )
            else:
                self.add(account, kind, page.url)

    def add(self, account: Account, kind: ClueKind, seen_at: str) -> None:
        """Take an account and one thing that speaks for it."""
        if account.key not in self._accounts and len(self._accounts) >= MOST_ACCOUNTS:
            self.note(f"only the first {MOST_ACCOUNTS} accounts were looked at")
            return
        known = self._accounts.setdefault(account.key, account)
        if known.is_guess and not account.is_guess:
            self._accounts[account.key] = account
        clues = self._clues.setdefault(account.key, {})
        clues[Clue(kind, seen_at)] = None
        if self._site.has_domain(account.url):
            clues[Clue(ClueKind.OWN_DOMAIN, account.url)] = None
