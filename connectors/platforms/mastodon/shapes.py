"""What Mastodon's client interface answers, also where other servers speak it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, ClassVar

from connectors.apis.payload import Shape
from connectors.feeddocument.links import link_host
from connectors.feeddocument.text import plain_text

#: Akkoma and Pleroma, Pixelfed, and the family of Misskey add these to accounts.
_ACCOUNT_FORKS = frozenset(
    {
        "accepts_direct_messages_from",
        "akkoma",
        "birthday",
        "display_name_html",
        "enable_rss",
        "follow_requests_count",
        "fqn",
        "header_bg",
        "is_admin",
        "last_fetched_at",
        "local",
        "location",
        "mute_expires_at",
        "note_text",
        "permissions",
        "pleroma",
        "pronouns",
        "theme",
        "website",
    }
)
_ACCOUNT_UNREAD = _ACCOUNT_FORKS | frozenset(
    {
        "attribution_domains",
        "avatar",
        "avatar_description",
        "avatar_static",
        "bot",
        "created_at",
        "discoverable",
        "display_name",
        "emojis",
        "feature_approval",
        "fields",
        "followers_count",
        "following_count",
        "group",
        "header",
        "header_description",
        "header_static",
        "hide_collections",
        "id",
        "indexable",
        "last_status_at",
        "limited",
        "locked",
        "memorial",
        "moved",
        "noindex",
        "note",
        "role",
        "roles",
        "show_featured",
        "show_media",
        "show_media_replies",
        "source",
        "statuses_count",
        "suspended",
        "uri",
        "url",
        "username",
    }
)
_STATUS_FORKS = frozenset(
    {
        "akkoma",
        "bookmarks_count",
        "comments_disabled",
        "content_type",
        "context_id",
        "conversation_id",
        "created_at_raw",
        "emoji_reactions",
        "entities",
        "expires_at",
        "friendica",
        "interaction_policy",
        "liked_by",
        "local",
        "local_only",
        "media_attachments_count",
        "parent",
        "pf_type",
        "pinned_at",
        "place",
        "pleroma",
        "quote_id",
        "quote_url",
        "reactions",
        "taggedPeople",
        "tagged_people",
        "text",
        "with_rblog",
    }
)
_STATUS_UNREAD = _STATUS_FORKS | frozenset(
    {
        "application",
        "bookmarked",
        "collection",
        "emojis",
        "favourited",
        "filtered",
        "media_attachments",
        "muted",
        "pinned",
        "poll",
        "quote",
        "quote_approval",
        "quote_approval_policy",
        "quotes_count",
        "reblogged",
        "sensitive",
        "tagged_collections",
        "tags",
        "uri",
        "url",
    }
)
#: Pictures that servers show for an account without one.
_NO_AVATAR = re.compile(
    r"/missing\.png|/avatars/generated/|/default_avatars/|/avatars/default|/identicon|"
    r"/images/avi\.png"
)
_HREF = re.compile(r"\bhref\s*=\s*[\"']?(https?://[^\"'\s<>]+)", re.IGNORECASE)
#: An e-mail address (no handle), a number with its country, or a link to a contact page.
_CONTACT = re.compile(
    r"\b(?:mailto|tel):|(?<![@\w.+-])[\w.+-]+@[\w-]+\.\w|\+\d[\d ()/.-]{6,}\d|"
    r"\bhref\s*=\s*[\"']?[^\"'\s<>]*(?:contact|kontakt|contatt|contat)",
    re.IGNORECASE,
)


class Field(Shape, frozen=True, kw_only=True):
    """A line of a profile; `verified_at` when its link names the profile in turn."""

    name: str = ""
    value: str = ""
    verified_at: str | None = None


class Moved(Shape, frozen=True, kw_only=True):
    """The account that another one has moved to."""

    unread: ClassVar[frozenset[str]] = _ACCOUNT_UNREAD

    acct: str


class Account(Shape, frozen=True, kw_only=True):
    """An account, with its profile."""

    unread: ClassVar[frozenset[str]] = _ACCOUNT_UNREAD

    id: str
    acct: str
    note: str | None = None
    avatar: str | None = None
    fields: list[Field] | None = None
    followers_count: int | None = None
    statuses_count: int | None = None
    discoverable: bool | None = None
    noindex: bool | None = None
    moved: Moved | None = None

    @property
    def has_avatar(self) -> bool | None:
        """Whether it shows a picture of its own; None where the server shows none."""
        return None if self.avatar is None else not _NO_AVATAR.search(f"/{self.avatar}")

    @property
    def has_description(self) -> bool | None:
        """Whether it says who it is."""
        return None if self.note is None else bool(plain_text(self.note))

    @property
    def has_contact(self) -> bool | None:
        """True where it says how to reach the people behind it; None where it does not."""
        return True if _CONTACT.search(self._profile) else None

    def links_to(self, host: str) -> bool | None:
        """Whether its profile links to a host; None when that cannot be told."""
        if not host or (self.note is None and self.fields is None):
            return None
        return host in _hosts(self._profile)

    def proves(self, host: str) -> bool | None:
        """Whether a host has proved to be behind it by linking back (rel="me")."""
        if not host or self.fields is None:
            return None
        return any(field.verified_at and host in _hosts(field.value) for field in self.fields)

    @property
    def _profile(self) -> str:
        return " ".join([self.note or "", *(field.value for field in self.fields or ())])


class Mention(Shape, frozen=True, kw_only=True):
    """An account that a status names."""

    unread: ClassVar[frozenset[str]] = frozenset({"username", "url"})

    id: str
    acct: str = ""


class Boosted(Shape, frozen=True, kw_only=True):
    """What somebody else wrote and was passed on; nothing of it is read."""

    unread: ClassVar[frozenset[str]] = _STATUS_UNREAD | frozenset(
        {
            "account",
            "card",
            "content",
            "created_at",
            "edited_at",
            "favourites_count",
            "in_reply_to_account_id",
            "in_reply_to_id",
            "language",
            "mentions",
            "reblog",
            "reblogs_count",
            "replies_count",
            "spoiler_text",
            "visibility",
        }
    )

    id: str


class Status(Shape, frozen=True, kw_only=True):
    """A post, a reply or a boost."""

    unread: ClassVar[frozenset[str]] = _STATUS_UNREAD

    id: str
    created_at: str
    account: Account
    visibility: str
    content: str | None = None
    spoiler_text: str | None = None
    edited_at: str | None = None
    language: str | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    replies_count: int | None = None
    favourites_count: int | None = None
    reblogs_count: int | None = None
    reblog: Boosted | None = None
    mentions: tuple[Mention, ...] = ()
    card: Any = None  #: a preview of the page that it links to

    @property
    def preview(self) -> str:
        """The page that it links to as its server found it, past redirections; "" for none."""
        url = self.card.get("url") if isinstance(self.card, dict) else None
        return url if isinstance(url, str) else ""

    @property
    def is_public(self) -> bool:
        """Whether it is for everybody; nothing else should be shown to us anyway."""
        return self.visibility in {"public", "unlisted"}

    @property
    def above(self) -> str:
        """What it answers; "" for nothing, and when that has been deleted."""
        return self.in_reply_to_id or ""

    @property
    def is_reply(self) -> bool:
        """Whether it answers something, be it gone by now."""
        return bool(self.in_reply_to_id or self.in_reply_to_account_id)

    @property
    def kind(self) -> str:
        """The word for what it is."""
        if self.reblog is not None:
            return "repost"
        return "reply" if self.is_reply else "post"


class Context(Shape, frozen=True, kw_only=True):
    """What stands before and after a status in its conversation."""

    ancestors: list[Any]
    descendants: list[Any]


class Users(Shape, frozen=True, kw_only=True):
    """How many people use a server."""

    active_month: int | None = None


class Usage(Shape, frozen=True, kw_only=True):
    """How a server is used."""

    users: Users


class Instance(Shape, frozen=True, kw_only=True):
    """A server: who runs it, and by which rules."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {
            "account_domain",
            "api_versions",
            "approval_required",
            "configuration",
            "contact",
            "contact_account",
            "custom_css",
            "debug",
            "description",
            "description_text",
            "domain",
            "email",
            "friendica",
            "icon",
            "invites_enabled",
            "languages",
            "max_toot_chars",
            "platform",
            "pleroma",
            "random_stats",
            "registrations",
            "short_description",
            "source_url",
            "stats",
            "terms",
            "terms_text",
            "thumbnail",
            "title",
            "uri",
            "urls",
            "version",
            "wrapstodon",
        }
    )

    usage: Usage
    rules: list[Any] | None = None


class Link(Shape, frozen=True, kw_only=True):
    """A link of a WebFinger answer."""

    unread: ClassVar[frozenset[str]] = frozenset({"template", "properties", "titles"})

    rel: str = ""
    type: str = ""
    href: str = ""


class WebFinger(Shape, frozen=True, kw_only=True):
    """Where an account of a domain lives (RFC 7033)."""

    unread: ClassVar[frozenset[str]] = frozenset({"subject", "aliases", "properties"})

    links: list[Link]


def _hosts(html: str) -> set[str]:
    return {link_host(link) for link in hrefs(html)}


def hrefs(html: str) -> list[str]:
    """The addresses that a text in HTML links to."""
    return [unescape(link) for link in _HREF.findall(html)]
