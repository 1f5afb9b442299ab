"""Who an account is: as an AppView shows it, or as its own repository keeps it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.apis.payload import decoded
from connectors.contract import Outcome, PageError, Parsed, Presence, Purpose, Request
from connectors.platforms.bluesky.place import asking, list_request, record_request
from connectors.platforms.bluesky.reading import Reading, heed, refuse, valid_did
from connectors.platforms.bluesky.shapes import (
    Account,
    Profile,
    ProfileRecord,
    Record,
    Refusal,
    Repository,
    known,
)

if TYPE_CHECKING:
    from connectors.contract import Channel

#: How a host that belongs to no index refuses a view (with 400).
_NO_INDEX = b'"message":"No service configured'


def read_profile(reading: Reading) -> Parsed:
    """An account as the AppView shows it; a host that is none sends us to the repository."""
    page = reading.page
    if page.status in {401, 403} or _NO_INDEX in page.body:
        return _to_the_repository(reading)
    refuse(page)
    profile = reading.payload.whole(decoded(page), Profile)
    did = valid_did(profile.did)
    heed(reading.channel, is_hidden=profile.is_hidden)
    reads = () if reading.did else (list_request(reading.place, did, is_repository=False),)
    itinerary = reading.itinerary.remembering(did=did, is_repository=False)
    badge = profile.verification
    presence = _presence(
        reading,
        profile,
        _verification(profile.handle, reading.channel, has_badge=bool(badge and badge.is_valid)),
        (profile.followers_count, profile.posts_count),
    )
    return reading.parsed(itinerary, *reads, presences=(presence,))


def _to_the_repository(reading: Reading) -> Parsed:
    page = reading.page
    if not page.body.lstrip().startswith(b"{"):
        outcome = Outcome.BLOCKED if page.status == 403 else Outcome.NEEDS_AUTH  # noqa: PLR2004
        raise PageError(outcome, "the server does not let us in, and is no host of the network")
    url = reading.place.url("com.atproto.repo.describeRepo", repo=reading.place.actor)
    request = asking(url, "repository", Purpose.READ, 400)
    return reading.parsed(reading.itinerary, request)


def read_repository(reading: Reading) -> Parsed:
    """What a host says of an account. Its profile is read before anything else is asked."""
    refuse(reading.page)
    found = reading.payload.whole(decoded(reading.page), Repository)
    did = valid_did(found.did)
    reads = () if reading.did else (record_request(reading.place, did, Purpose.READ),)
    handle = found.handle if found.handle_is_correct else ""
    return reading.parsed(reading.itinerary.remembering(handle=handle), *reads)


def read_record(reading: Reading) -> Parsed:
    """The profile as the account's repository keeps it; there may be none."""
    profile = _profile_record(reading)
    labels = profile.labels.values if profile.labels else None
    is_hidden = Account(did=reading.note, labels=labels).is_hidden
    reads: tuple[Request, ...] = ()
    if not reading.did:
        heed(reading.channel, is_hidden=is_hidden)
        reads = (list_request(reading.place, reading.note, is_repository=True),)
    memory = {"did": reading.note, "is_repository": True, "is_hidden": is_hidden}
    handle = str(reading.itinerary.memory.get("handle", ""))
    presence = _presence(reading, profile, _verification(handle, reading.channel))
    return reading.parsed(reading.itinerary.remembering(**memory), *reads, presences=(presence,))


def _profile_record(reading: Reading) -> ProfileRecord:
    answer = decoded(reading.page)
    if reading.page.status // 100 == 2:  # noqa: PLR2004 - success
        value = reading.payload.whole(answer, Record).value
        return reading.payload.whole(known(value, ProfileRecord), ProfileRecord)
    if reading.payload.whole(answer, Refusal).error != "RecordNotFound":
        refuse(reading.page)
    return ProfileRecord()


def _presence(
    reading: Reading,
    profile: Profile | ProfileRecord,
    verification: tuple[bool | None, str],
    counts: tuple[int | None, int | None] = (None, None),
) -> Presence:
    host = _homepage_host(reading.channel)
    about = f"{profile.description or ''} {profile.website or ''}"
    (is_verified, proof), (followers, posts) = verification, counts
    return Presence(
        channel_id=reading.channel.channel_id,
        organization_id=reading.channel.organization_id,
        observed_at=reading.page.fetched_at,
        page_id=reading.page.page_id,
        follower_count=followers,
        post_count=posts,
        is_verified=is_verified,
        verification=proof,
        has_description=bool((profile.description or "").strip()),
        has_site_link=_names(host, about) if host else None,
        has_avatar=bool(profile.avatar),
        is_linked_back=True if proof == "domain_handle" else None,  # the domain names the account
    )


def _verification(
    handle: str, channel: Channel, *, has_badge: bool = False
) -> tuple[bool | None, str]:
    """A handle is a domain that has confirmed the account: is it the organization's own?"""
    host = _homepage_host(channel)
    if host and f".{handle.lower()}".endswith(f".{host}"):
        return True, "domain_handle"
    if has_badge:
        return True, "organization_badge"
    return (False if host or handle.endswith(".bsky.social") else None), ""


def _homepage_host(channel: Channel) -> str:
    homepage = channel.homepage
    parts = urlsplit(homepage if "//" in homepage else f"//{homepage}")
    return (parts.hostname or "").removeprefix("www.")


def _names(host: str, text: str) -> bool:
    """Whether a text names a host, and not merely one below it or a mail address."""
    name = rf"(?<![\w.@-])(?:www\.)?{re.escape(host)}(?![\w-]|\.\w)"
    return re.search(name, text, re.IGNORECASE) is not None
