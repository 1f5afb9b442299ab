"""From what a platform says to an `Activity`: identities, dates and directions in one place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from connectors.apis.dates import flag, moment
from connectors.apis.wording import Wording
from connectors.contract import Activity, AuthorRole, Direction, Evidence, FoundThrough
from connectors.feeddocument.sketch import text_sketch
from connectors.feeddocument.target import target_key

if TYPE_CHECKING:
    from connectors.contract import Channel, Page, ThreadShape


class Author(NamedTuple):
    """Who did something. `identity` is the platform's immutable identifier of the person.

    It must be the same wherever the person is met on the platform: with its server's name
    where servers number on their own (Mastodon, Discourse, WordPress).
    """

    identity: str
    role: AuthorRole = AuthorRole.OUTSIDER
    evidence: Evidence = Evidence.NONE


#: What may be one announcement with what stands in another channel.
_PUBLISHED = frozenset({"post", "release"})

#: The account that the channel is about.
THE_ORGANIZATION = Author("", AuthorRole.ORGANIZATION, Evidence.CHANNEL_ACCOUNT)
#: An author that the platform no longer shows.
NOBODY = Author("", AuthorRole.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One public act in the platform's own terms.

    `act_id`, `parent_id` and `thread_id` are identifiers of the platform, unique within it.
    `is_addressed` says that an outsider speaks to the organization. Dates are as written.
    """

    act_id: str
    kind: str
    author: Author
    published: str | float | None
    listed_in: str
    updated: str | float | None = None
    is_addressed: bool = False
    parent_id: str = ""
    thread_id: str = ""
    thread_shape: ThreadShape | str = ""
    found_through: FoundThrough = FoundThrough.LISTING
    wording: Wording = field(default_factory=Wording)
    is_question: bool | None = None  #: when the platform says so itself; else as worded
    is_accepted_answer: bool | None = None
    language: str = ""
    link_host: str = ""
    links: tuple[str, ...] = ()  #: its own page, else the pages it points to, the likeliest first
    like_count: int | None = None
    reply_count: int | None = None
    repost_count: int | None = None


def activity(act: Act, page: Page, channel: Channel, version: str) -> Activity:
    """The activity that an act is for a channel, as a page showed it."""
    published = moment(act.published)
    date_flag = flag(published, page.fetched_at, is_given=act.published not in (None, ""))
    is_question = act.wording.is_question if act.is_question is None else act.is_question
    is_published = act.author.role is AuthorRole.ORGANIZATION and act.kind in _PUBLISHED
    return Activity(
        activity_id=act_id(channel, act.act_id),
        channel_id=channel.channel_id,
        organization_id=channel.organization_id,
        kind=act.kind,
        direction=direction(act.author.role, is_addressed=act.is_addressed),
        occurred_at=None if date_flag else published,
        published_at=published,
        updated_at=moment(act.updated),
        first_seen_at=page.fetched_at,
        time_precision="second" if published else "",
        date_flag=date_flag,
        identity_basis="id",
        is_repeated=False,
        author="" if act.author.role is AuthorRole.ORGANIZATION else act.author.identity,
        author_role=act.author.role,
        author_evidence=act.author.evidence,
        parent_id=act_id(channel, act.parent_id),
        thread_id=thread_id(channel, act.thread_id),
        thread_shape=act.thread_shape,
        listed_in=act.listed_in,
        found_through=act.found_through,
        is_question=is_question,
        is_accepted_answer=act.is_accepted_answer,
        language=act.language,
        text_length=act.wording.text_length,
        link_host=act.link_host or act.wording.link_host,
        link_key=next(filter(None, map(target_key, act.links)), "") if is_published else "",
        content_fingerprint=act.wording.content_fingerprint,
        text_sketch=_sketch(act.wording) if is_published else "",
        like_count=act.like_count,
        reply_count=act.reply_count,
        repost_count=act.repost_count,
        page_id=page.page_id,
        connector_version=version,
    )


def _sketch(wording: Wording) -> str:
    return wording.text_sketch or text_sketch(wording.opening, wording.title)


def direction(role: AuthorRole, *, is_addressed: bool) -> Direction:
    """Between whom something was said."""
    if role in {AuthorRole.ORGANIZATION, AuthorRole.STAFF}:
        return Direction.BY_ORGANIZATION
    return Direction.TO_ORGANIZATION if is_addressed else Direction.AMONG_OTHERS


def act_id(channel: Channel, platform_id: str) -> str:
    """32 hex digits for an act of a platform as one organization's; "" for none.

    Two channels of an organization that meet the same act give it the same identity; two
    organizations do not: what is said by the one may be said to the other.
    """
    return _digest(channel, "act", platform_id)


def thread_id(channel: Channel, platform_id: str) -> str:
    """32 hex digits for a conversation; "" for none."""
    return _digest(channel, "thread", platform_id)


def _digest(channel: Channel, what: str, platform_id: str) -> str:
    if not platform_id:
        return ""
    name = f"{channel.organization_id}\n{channel.source}\n{what}\n{platform_id}"
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
