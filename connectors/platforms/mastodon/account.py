"""Who the account is: lookup, WebFinger, profile, and the server where it is their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.apis.payload import decoded
from connectors.contract import Outcome, PageError, Parsed, Presence
from connectors.feeddocument.links import link_host
from connectors.platforms.mastodon.home import GONE, instance, lookup, newest, origin, read
from connectors.platforms.mastodon.shapes import Account, Instance, WebFinger

if TYPE_CHECKING:
    from connectors.platforms.mastodon.look import Look

_PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
_ACTIVE_DAYS = 28  # what servers call a month


def looked_up(look: Look) -> Parsed:
    """Who it is; a domain that has no such account is asked where its accounts live."""
    is_web_page = look.page.body.lstrip()[:1] == b"<"
    if look.base == look.home.base and (look.page.status in GONE or is_web_page):
        return look.parsed(Parsed(), read(look.home.webfinger_url))
    account = look.payload.whole(decoded(look.page), Account)
    look.admit(account)
    look.itinerary = look.itinerary.remembering(id=account.id, base=look.base)
    further = (newest(look.base, account.id), *instance(look.base, look.channel))
    return look.parsed(Parsed(presences=(_presence(account, look),)), *further)


def found_server(look: Look) -> Parsed:
    """WebFinger: the account lives on another server than its name says.

    Raises:
        PageError: it names no other, so that the account is not to be found.
    """
    answer = look.payload.whole(decoded(look.page), WebFinger)
    places = {link.rel: link.href for link in reversed(answer.links)}
    base = origin(places.get("self") or places.get(_PROFILE_PAGE, ""))
    if base in {"", look.home.base}:
        message = f"no server says that {look.channel.address} is there: is it written right?"
        raise PageError(Outcome.NOT_FOUND, message)
    look.itinerary = look.itinerary.remembering(base=base)
    return look.parsed(Parsed(), lookup(look.home, base))


def profiled(look: Look) -> Parsed:
    """The account as it is today."""
    account = look.payload.whole(decoded(look.page), Account)
    look.admit(account)
    return look.parsed(Parsed(presences=(_presence(account, look),)))


def served(look: Look) -> Parsed:
    """The organization's own server: how many are active there, and whether it has rules."""
    server = look.payload.whole(decoded(look.page), Instance)
    presence = Presence(
        channel_id=look.channel.channel_id,
        organization_id=look.channel.organization_id,
        observed_at=look.page.fetched_at,
        page_id=look.page.page_id,
        active_member_count=server.usage.users.active_month,
        active_days=_ACTIVE_DAYS,
        has_rules=None if server.rules is None else bool(server.rules),
    )
    return look.parsed(Parsed(presences=(presence,)))


def _presence(account: Account, look: Look) -> Presence:
    host = link_host(look.channel.homepage)
    is_verified = account.proves(host)
    return Presence(
        channel_id=look.channel.channel_id,
        organization_id=look.channel.organization_id,
        observed_at=look.page.fetched_at,
        page_id=look.page.page_id,
        follower_count=account.followers_count,
        post_count=account.statuses_count,
        is_verified=is_verified,
        verification="rel_me" if is_verified else "",
        has_description=account.has_description,
        has_site_link=account.links_to(host),
        has_avatar=account.has_avatar,
        has_contact=account.has_contact,
        is_linked_back=True if is_verified else None,  # the server found the site's rel="me"
    )
