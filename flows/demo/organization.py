"""The values that the demo world is made of: organizations, their channels, entries and claims.

All of it is invented. Times are timezone-aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from flows.demo.conversation import Conversation


class FeedFormat(StrEnum):
    """The feed dialect that a channel is served in."""

    RSS20 = "rss20"
    RSS091 = "rss091"  #: knows neither dates nor identifiers of entries
    RSS10 = "rss10"  #: the RDF dialect
    ATOM03 = "atom03"
    ATOM10 = "atom10"
    JSON11 = "json11"

    @property
    def content_type(self) -> str:
        """Media type as servers commonly send it, without character set."""
        return _CONTENT_TYPES[self]

    @property
    def extension(self) -> str:
        """Last part of the address: json or xml."""
        return "json" if self is FeedFormat.JSON11 else "xml"


_CONTENT_TYPES = {
    FeedFormat.RSS20: "application/rss+xml",
    FeedFormat.RSS091: "text/xml",
    FeedFormat.RSS10: "application/rdf+xml",
    FeedFormat.ATOM03: "application/xml",
    FeedFormat.ATOM10: "application/atom+xml",
    FeedFormat.JSON11: "application/feed+json",
}


class AnswerKind(StrEnum):
    """What a channel's listed address answers."""

    FEED = "feed"
    MOVED = "moved"  #: 301 to where the feed is now
    WEB_PAGE = "web-page"  #: an HTML page that names the feed
    UNESCAPED = "unescaped"  #: a feed with bare ampersands, not well-formed
    TRUNCATED = "truncated"  #: a feed that breaks off in the middle of an entry
    FORBIDDEN = "forbidden"  #: 403
    NOT_FOUND = "not-found"  #: 404
    SERVER_ERROR = "server-error"  #: 500

    @property
    def is_malformed(self) -> bool:
        """Whether the document is broken on purpose."""
        return self in {AnswerKind.UNESCAPED, AnswerKind.TRUNCATED}

    @property
    def is_served(self) -> bool:
        """Whether a feed document can be had, directly or by way of another address."""
        return self not in {
            AnswerKind.FORBIDDEN,
            AnswerKind.NOT_FOUND,
            AnswerKind.SERVER_ERROR,
        }


class Validators(StrEnum):
    """Which validators a channel's server sends, so that it can be asked conditionally."""

    BOTH = "both"
    ETAG = "etag"
    DATE = "date"  #: Last-Modified only
    NONE = "none"  #: every answer is a full 200


class Temper(StrEnum):
    """How an organization departs from what is usual at its stage."""

    TYPICAL = "typical"
    QUIET = "quiet"  #: posts little, whatever its stage
    AGENCY = "agency"  #: an agency posts much, to plan, in office hours
    DORMANT = "dormant"  #: has been silent for forty weeks


class Platform(StrEnum):
    """Where an organization meets its public, by the name of the source."""

    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    DISCOURSE = "discourse"
    WORDPRESS = "wordpress"


class Audience(StrEnum):
    """How much is said to a profile."""

    LIVELY = "lively"
    THIN = "thin"  #: too little to say how often it is answered


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEntry:
    """One entry as its feed shows it; the dates can be wrong on purpose.

    `published_at` is None where the feed leaves it out, `guid` is "" likewise.
    """

    guid: str
    link: str
    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime | None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoChannel:
    """One feed of an organization.

    `posted_at` is every moment it posted in the whole period, oldest first; `entries` is
    what the feed shows now, in document order. `path` is the address that the organization
    lists, `feed_path` where the document is; they differ where the feed moved or a web page
    stands before it. Both begin with a slash and hold no host.
    """

    name: str
    function: str
    role: str
    feed_format: FeedFormat
    encoding: str
    answer: AnswerKind
    validators: Validators
    is_compressed: bool
    path: str
    feed_path: str
    posted_at: tuple[datetime, ...]
    entries: tuple[DemoEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProfile:
    """An organization on a platform: an account, a forum or a site with comments.

    `name` is its own within the platform. `follower_count` is None where there is no such thing;
    a forum has members. A closed one shows nothing to those who are not logged in.
    """

    platform: Platform
    name: str
    function: str
    follower_count: int | None
    is_closed: bool
    conversations: tuple[Conversation, ...]  #: oldest first

    @property
    def posted_at(self) -> tuple[datetime, ...]:
        """Every moment at which the organization began something, oldest first."""
        openings = (talk.opening for talk in self.conversations)
        return tuple(remark.at for remark in openings if remark.is_own)

    def address(self, base_url: str) -> str:
        """What its channel is listed with, where the world is served at `base_url`."""
        match self.platform:
            case Platform.MASTODON:
                return f"@{self.name}@{base_url.partition('://')[2]}"
            case Platform.BLUESKY:
                return f"{base_url}/profile/{self.name}.example"
            case Platform.DISCOURSE:
                return f"{base_url}/forum/{self.name}"
            case Platform.WORDPRESS:
                return f"{base_url}/sites/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOrganization:
    """An invented organization with its true stage, which nothing outside the world sees."""

    organization_id: str
    name: str
    industry: str
    size: str  #: employees: 1-9, 10-49, 50-249, 250-999, 1000+
    country: str  #: ISO 3166
    language: str  #: BCP 47
    true_stage: int  #: 1 Planning to 6 Converged
    temper: Temper
    zone: ZoneInfo
    channels: tuple[DemoChannel, ...]
    profiles: tuple[DemoProfile, ...]

    @property
    def site(self) -> str:
        """Root of its web site, in the domain that RFC 2606 reserves for examples."""
        return f"https://{self.organization_id}.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClaim:
    """The stage that an organization says it has reached."""

    organization_id: str
    stage: int  #: 1 to 6
    claimed_on: date
    instrument: str
    respondent_role: str
