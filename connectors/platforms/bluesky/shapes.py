"""What Bluesky's servers answer: the AppView's views, and records as repositories keep them.

Records are open: any program may put fields of its own into them. So only views are watched
for new fields; of a record what we know is taken (`known`), and what stands deeper in it is a
plain `Struct`, whose other fields nobody looks at.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from connectors.apis.dates import moment
from connectors.apis.payload import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIDES = "!no-unauthenticated"  #: the account asks to be shown to members only
_TID = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH = 13
_CLOCK_BITS = 10


def known(record: dict[str, Any], kind: type[Shape]) -> dict[str, Any]:
    """The part of an open record that a shape knows."""
    return {name: record[name] for name in _names(kind) if name in record}


@cache
def _names(kind: type[Shape]) -> tuple[str, ...]:
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))


class Refusal(Shape, frozen=True):
    """Why a server did not answer."""

    error: str = ""
    message: str = ""


class Label(Shape, frozen=True):
    """A mark on an account, by itself or by somebody else."""

    val: str = ""
    neg: bool = False
    unread: ClassVar[frozenset[str]] = frozenset({"cid", "cts", "exp", "sig", "src", "uri", "ver"})


class Account(Shape, frozen=True, rename="camel"):
    """Who wrote something."""

    did: str
    handle: str = ""
    labels: list[Label] | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("$type", "associated", "avatar", "createdAt", "debug", "displayName", "pronouns"),
            *("status", "verification", "viewer"),
        }
    )

    @property
    def is_hidden(self) -> bool:
        """Whether the account asks not to be shown to those who are not logged in."""
        return any(label.val == _HIDES and not label.neg for label in self.labels or ())


class Badge(Shape, frozen=True, rename="camel"):
    """What others vouch for."""

    verified_status: str = ""
    trusted_verifier_status: str = ""
    unread: ClassVar[frozenset[str]] = frozenset({"$type", "verifications"})

    @property
    def is_valid(self) -> bool:
        """Whether the badge is shown."""
        return "valid" in {self.verified_status, self.trusted_verifier_status}


class Profile(Account, frozen=True, rename="camel"):
    """An account as its own page shows it."""

    avatar: Any = None
    description: str | None = None
    website: str | None = None
    followers_count: int | None = None
    posts_count: int | None = None
    verification: Badge | None = None
    unread: ClassVar[frozenset[str]] = Account.unread | {
        *("banner", "followsCount", "indexedAt", "joinedViaStarterPack", "pinnedPost"),
    }


class SelfLabels(Shape, frozen=True):
    """The marks that an account puts on itself."""

    values: list[Label] | None = None
    unread: ClassVar[frozenset[str]] = frozenset({"$type"})


class ProfileRecord(Shape, frozen=True):
    """A profile as the account's own repository keeps it."""

    avatar: Any = None
    description: str | None = None
    website: str | None = None
    labels: SelfLabels | None = None


class Link(msgspec.Struct, frozen=True):
    """The address of another post."""

    uri: str = ""


class ReplyTo(msgspec.Struct, frozen=True):
    """What a post says it replies to, and what its conversation began with."""

    parent: Link = Link()
    root: Link = Link()


class Feature(msgspec.Struct, frozen=True):
    """What a passage of a text stands for: an account or an address, or something else."""

    did: str = ""
    uri: str = ""


class Facet(msgspec.Struct, frozen=True):
    """A passage of a text that stands for something."""

    features: list[Feature] = []


class Embed(msgspec.Struct, frozen=True):
    """What is shown below a text; a card of a link, beside a quote or alone, is read."""

    external: Link | None = None
    media: Embed | None = None

    @property
    def link(self) -> str:
        """Where the card leads."""
        beside = self.media.link if self.media else ""
        return self.external.uri if self.external else beside


class PostRecord(Shape, frozen=True, rename="camel"):
    """A post as its author wrote it."""

    text: str
    created_at: str | None = None
    langs: list[str] | None = None
    reply: ReplyTo | None = None
    facets: list[Facet] | None = None
    embed: Embed | None = None

    @property
    def parent(self) -> str:
        """Address of what it replies to; "" when it begins a conversation."""
        return self.reply.parent.uri if self.reply else ""

    @property
    def root(self) -> str:
        """Address of what its conversation began with; "" when it begins one."""
        return (self.reply.root.uri if self.reply else "") or self.parent

    @property
    def language(self) -> str:
        """The first language that it names."""
        return self.langs[0] if self.langs else ""

    @property
    def link(self) -> str:
        """The first address that it links to, in its text or as a card."""
        written = next((feature.uri for feature in self._features() if feature.uri), "")
        return written or self._card

    @property
    def links(self) -> tuple[str, ...]:
        """All addresses that it links to, that of its card first."""
        return (self._card, *(feature.uri for feature in self._features()))

    @property
    def _card(self) -> str:
        return self.embed.link if self.embed else ""

    @property
    def mentions(self) -> frozenset[str]:
        """The DIDs of the accounts that it names."""
        return frozenset(feature.did for feature in self._features() if feature.did)

    def _features(self) -> Iterator[Feature]:
        return (feature for facet in self.facets or () for feature in facet.features)


class Post(Shape, frozen=True, rename="camel"):
    """A post as the AppView shows it."""

    uri: str
    author: Account
    record: dict[str, Any]
    indexed_at: str = ""
    like_count: int | None = None
    reply_count: int | None = None
    repost_count: int | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("$type", "bookmarkCount", "cid", "debug", "embed", "labels", "quoteCount"),
            *("threadgate", "viewer"),
        }
    )

    @property
    def rkey(self) -> str:
        """Its key within its author's repository."""
        return self.uri.rpartition("/")[2]

    @property
    def placed_at(self) -> datetime | None:
        """The moment that decides its place in lists, which it cannot choose to be later.

        The AppView sorts by the earlier of what the author says and when it saw the post; a
        repository sorts by keys, which tell when they were made.
        """
        if not self.indexed_at:
            return tid_moment(self.rkey)
        said = self.record.get("createdAt")
        both = (moment(said if isinstance(said, str) else ""), moment(self.indexed_at))
        return min((at for at in both if at), default=None)


class Reply(Shape, frozen=True):
    """What a listed post replies to: posts, or the places where they were."""

    root: dict[str, Any]
    parent: dict[str, Any]
    unread: ClassVar[frozenset[str]] = frozenset({"$type", "grandparentAuthor"})


class Reason(Shape, frozen=True, rename="camel"):
    """Why a post stands in a list that is not its author's, or out of its order."""

    by: Account | None = None
    uri: str = ""
    indexed_at: str = ""
    unread: ClassVar[frozenset[str]] = frozenset({"$type", "cid"})


class Item(Shape, frozen=True):
    """One entry of an account's list."""

    post: Post
    reply: Reply | None = None
    reason: Reason | None = None
    unread: ClassVar[frozenset[str]] = frozenset({"$type", "feedContext", "reqId"})

    @property
    def is_repost(self) -> bool:
        """Whether the account only passes on what somebody wrote."""
        return bool(self.reason and self.reason.by)

    @property
    def is_pinned(self) -> bool:
        """Whether it stands on top, out of its order."""
        return bool(self.reason and not self.reason.by)

    @property
    def placed_at(self) -> datetime | None:
        """The moment that decides its place; None for one that stands out of order."""
        if self.is_pinned:
            return None
        return moment(self.reason.indexed_at) if self.reason else self.post.placed_at


class Feed(Shape, frozen=True):
    """One page of an account's list."""

    feed: list[Any]
    cursor: str = ""


class Thread(Shape, frozen=True):
    """A conversation."""

    thread: dict[str, Any]
    unread: ClassVar[frozenset[str]] = frozenset({"threadgate"})


class Node(Shape, frozen=True, rename="camel"):
    """A post in a conversation, with the replies to it; or the place where one was."""

    post: dict[str, Any] | None = None
    replies: list[Any] | None = None
    uri: str = ""
    not_found: bool = False
    blocked: bool = False
    unread: ClassVar[frozenset[str]] = frozenset({"$type", "author", "parent", "threadContext"})


class Repository(Shape, frozen=True, rename="camel"):
    """What a host says of an account's repository."""

    did: str
    handle: str = ""
    handle_is_correct: bool = False
    unread: ClassVar[frozenset[str]] = frozenset({"collections", "didDoc"})


class Record(Shape, frozen=True):
    """One record of a repository."""

    uri: str
    value: dict[str, Any]
    unread: ClassVar[frozenset[str]] = frozenset({"cid"})


class Records(Shape, frozen=True):
    """One page of a repository's records."""

    records: list[Any]
    cursor: str = ""


def tid_moment(key: str) -> datetime | None:
    """When a key was made (keys are microseconds in base 32); None for any other key."""
    if len(key) != _TID_LENGTH or not set(key) <= set(_TID):
        return None
    number = 0
    for character in key:
        number = number * len(_TID) + _TID.index(character)
    try:
        return datetime.fromtimestamp((number >> _CLOCK_BITS) / 1_000_000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
