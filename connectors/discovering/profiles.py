"""The public profiles of accounts: does the account exist, and does it name the site?

Only interfaces that anybody may ask without a key. What a profile says beyond that is not
looked at and kept nowhere.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from connectors.apis.places import default_scheme
from connectors.contract import Outcome, Purpose, Request
from connectors.discovering.account import Clue, ClueKind

if TYPE_CHECKING:
    from connectors.contract import Page
    from connectors.discovering.account import Account
    from connectors.discovering.site import Site

JSON_ACCEPT = "application/json, application/jrd+json;q=0.9, */*;q=0.1"
_BLUESKY = "https://public.api.bsky.app"
_GITHUB = "https://api.github.com"


class Miss(NamedTuple):
    """A request that brought nothing to read: how it ended, and a sentence."""

    outcome: Outcome
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a profile came to: clues, whether it exists, or why it must not be listed."""

    clues: tuple[Clue, ...] = ()
    is_there: bool | None = None  #: None: it could not be looked at
    refusal: str = ""


def asking(url: str, accept: str = JSON_ACCEPT) -> Request:
    """A request that may fail without harm."""
    return Request(url=url, accept=accept, purpose=Purpose.DISCOVERY)


def json_object(page: Page) -> dict[str, Any]:
    """The JSON object of a page; an empty one for everything else."""
    with suppress(ValueError, RecursionError):
        value = json.loads(page.body)
        return value if isinstance(value, dict) else {}
    return {}


def web_finger_request(account: Account) -> Request:
    """Asks the server of a Mastodon account whether it knows the name."""
    resource = quote(f"acct:{account.address[1:]}", safe="")
    return asking(f"{_server(account)}/.well-known/webfinger?resource={resource}")


def profile_request(account: Account) -> Request | None:
    """Asks for the public profile of an account; None where that takes a key or a login."""
    if account.source == "mastodon":
        bare = quote(account.address[1:].partition("@")[0], safe="")
        return asking(f"{_server(account)}/api/v1/accounts/lookup?acct={bare}")
    if account.source == "bluesky":
        return asking(_bluesky_address(account.address))
    if account.source == "github":
        is_repository = "/" in account.address
        place = "repos" if is_repository else "orgs"
        return asking(f"{_GITHUB}/{place}/{quote(account.address)}")
    if account.source == "lemmy":
        bare = quote(account.address[1:].partition("@")[0], safe="")
        return asking(f"{_server(account)}/api/v3/community?name={bare}")
    return None


def _bluesky_address(address: str) -> str:
    """Of the profile at the public AppView, or at the one that the address names."""
    base, _, actor = address.rpartition("/profile/")
    return f"{base or _BLUESKY}/xrpc/app.bsky.actor.getProfile?actor={quote(actor, safe='')}"


def web_finger_verdict(reply: Page | Miss) -> Verdict:
    """What the WebFinger answer says: a server that knows the account links to its actor."""
    if isinstance(reply, Miss):
        return Verdict(is_there=_absence(reply))
    links = json_object(reply).get("links")
    known = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    is_there = any(
        link.get("rel") == "self" and "json" in str(link.get("type", "")) for link in known
    )
    clue = (Clue(ClueKind.WEBFINGER, reply.url),) if is_there else ()
    return Verdict(clue, is_there=is_there)


def profile_verdict(account: Account, reply: Page | Miss, site: Site) -> Verdict:
    """What a profile says: that the account exists, and whether it names the site."""
    if isinstance(reply, Miss):
        is_there = _absence(reply)
        gone = _NO_ORGANIZATION if account.source == "github" and is_there is False else ""
        return Verdict(is_there=is_there, refusal=gone)
    profile = json_object(reply)
    if _MARKS.get(account.source, "") not in profile:
        return Verdict()  # an answer, but none of this platform
    return _read(account, profile, reply.url, site)


#: A field that every profile of the platform has.
_MARKS = {"mastodon": "acct", "bluesky": "did", "github": "id", "lemmy": "community_view"}
_NO_ORGANIZATION = "no organization's account: it is a person's, or there is none"


def _absence(miss: Miss) -> bool | None:
    """False when the server says that there is no such thing; None when it says nothing."""
    return False if miss.outcome in {Outcome.NOT_FOUND, Outcome.GONE} else None


def _read(account: Account, profile: dict[str, Any], url: str, site: Site) -> Verdict:
    clues = []
    if account.source == "github" and _owner_type(profile) == "User":
        return Verdict(is_there=True, refusal=_NO_ORGANIZATION)
    if account.source == "mastodon" and _has_verified(profile, site):
        clues.append(Clue(ClueKind.VERIFIED_LINK, url))
    if account.source == "bluesky" and site.has_domain(f"https://{profile.get('handle', '')}"):
        clues.append(Clue(ClueKind.DOMAIN_HANDLE, url))
    if any(site.is_named_in(text) for text in _self_description(account.source, profile)):
        clues.append(Clue(ClueKind.LINK_BACK, url))
    return Verdict(tuple(clues), is_there=True)


def _owner_type(profile: dict[str, Any]) -> str:
    owner = profile.get("owner")
    return str((owner if isinstance(owner, dict) else profile).get("type", ""))


def _fields(profile: dict[str, Any]) -> list[dict[str, Any]]:
    fields = profile.get("fields")
    return [f for f in fields if isinstance(f, dict)] if isinstance(fields, list) else []


def _has_verified(profile: dict[str, Any], site: Site) -> bool:
    """Whether the server has checked a link to the site; it must be the field's whole link."""
    return any(
        field.get("verified_at") and site.is_named_in(str(field.get("value", "")))
        for field in _fields(profile)
    )


def _self_description(source: str, profile: dict[str, Any]) -> list[str]:
    """The texts in which an account says who it is; never its own address on its server."""
    if source == "mastodon":
        values = [profile.get("note"), *(field.get("value") for field in _fields(profile))]
    elif source == "lemmy":
        view = profile.get("community_view")
        community = view.get("community") if isinstance(view, dict) else None
        described = community if isinstance(community, dict) else {}
        values = [described.get("description"), described.get("sidebar")]
    else:
        values = [profile.get(name) for name in ("description", "blog", "homepage")]
    return [value for value in values if isinstance(value, str)]


def _server(account: Account) -> str:
    """Where the account lives: the host in its address, over http on this machine only."""
    host = account.address.rpartition("@")[2]
    return f"{default_scheme(host)}://{host}"
