"""An account that an organization may have, and what speaks for its being the organization's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


class ClueKind(StrEnum):
    """What can speak for an account: a closed list, one word each."""

    SITE_LINK = "site-link"  #: linked in the header, footer or navigation of the site
    TEXT_LINK = "text-link"  #: linked in the text of a page
    DIRECTORY_LINK = "directory-link"  #: linked in the site's own list of its accounts
    REL_ME = "rel-me"  #: linked with rel="me": "this is me as well"
    JSON_LD = "json-ld"  #: named by the site's structured data as the same organization
    FEED_LINK = "feed-link"  #: announced by the site as its feed
    API_LINK = "api-link"  #: announced by the site as its own interface
    ATPROTO_DID = "atproto-did"  #: the site names the account that has its domain as handle
    GENERATOR = "generator"  #: the page says which software made it
    WEBFINGER = "webfinger"  #: its server knows the account
    NODEINFO = "nodeinfo"  #: its server says which software it runs
    OWN_DOMAIN = "own-domain"  #: it lives on the domain of the site
    DOMAIN_HANDLE = "domain-handle"  #: its handle is the domain, and its server checked that
    LINK_BACK = "link-back"  #: its public profile names the site
    VERIFIED_LINK = "verified-link"  #: its server checked that the site links to it with rel="me"
    WIKIDATA = "wikidata"  #: a Wikidata item that names this site as the official one
    WIKIDATA_OTHER = "wikidata-other-site"  #: a Wikidata item that names another site, or none
    REGISTRY = "registry"  #: a list of accounts that somebody keeps


class Confidence(StrEnum):
    """How sure it is that an account is the organization's."""

    HIGH = "high"  #: proved both ways
    MEDIUM = "medium"  #: the site claims it where sites claim accounts, or a register does
    LOW = "low"  #: only mentioned


_SITE_CLAIMS = {
    ClueKind.SITE_LINK,
    ClueKind.DIRECTORY_LINK,
    ClueKind.REL_ME,
    ClueKind.JSON_LD,
    ClueKind.FEED_LINK,
    ClueKind.API_LINK,
    ClueKind.ATPROTO_DID,
}
_SITE_SAYS = _SITE_CLAIMS | {ClueKind.TEXT_LINK}
#: Each of these is proof from both sides by itself.
_BOTH_SIDES = {ClueKind.OWN_DOMAIN, ClueKind.DOMAIN_HANDLE, ClueKind.VERIFIED_LINK}
_REGISTERS = {ClueKind.WIKIDATA, ClueKind.REGISTRY}


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that speaks for an account, and the address where it was seen."""

    kind: ClueKind
    seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as an address names it; `source` may be a platform without a connector."""

    source: str
    address: str  #: as its connector wants it; else the address of its profile
    url: str  #: where it can be looked at
    role: str = "official"
    needs: str = ""  #: what has to be found out before it can be collected
    is_guess: bool = False  #: recognized by its shape alone: its server must confirm it

    @property
    def key(self) -> tuple[str, str]:
        """What two spellings of the same account share."""
        address = self.address if self.source in {"youtube", "feeds"} else self.address.lower()
        return self.source, address.rstrip("/")


@dataclass(frozen=True, slots=True)
class Found:
    """An account with everything that speaks for it."""

    account: Account
    clues: tuple[Clue, ...]

    @property
    def kinds(self) -> tuple[ClueKind, ...]:
        """The kinds of clues, each once, in the order in which they were met."""
        return tuple(dict.fromkeys(clue.kind for clue in self.clues))

    @property
    def confidence(self) -> Confidence:
        """How sure it is that the account is the organization's."""
        return confidence(self.kinds)

    @property
    def is_two_way(self) -> bool:
        """Whether the site speaks for the account and the account for the site."""
        return self.confidence is Confidence.HIGH


def confidence(kinds: Collection[ClueKind]) -> Confidence:
    """How sure clues of these kinds make it."""
    said = set(kinds)
    if said & _BOTH_SIDES or (said & _SITE_SAYS and ClueKind.LINK_BACK in said):
        return Confidence.HIGH
    if said & (_SITE_CLAIMS | _REGISTERS):
        return Confidence.MEDIUM
    return Confidence.LOW
