"""What a page yields, as it is read: acts, and what it tells of conversations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.apis import wording
from connectors.apis.acts import THE_ORGANIZATION, Act, Author, act_id, activity, thread_id
from connectors.contract import AuthorRole, Evidence, FoundThrough, ThreadShape, ThreadView
from connectors.feeddocument.links import link_host
from connectors.platforms.bluesky.place import place_of
from connectors.platforms.bluesky.reading import VERSION, Reading
from connectors.platforms.bluesky.shapes import Account, Post, PostRecord, known

if TYPE_CHECKING:
    from connectors.contract import Activity


@dataclass(slots=True)
class Gathering:
    """The acts of a page, as they are met, and what else it tells of conversations."""

    reading: Reading
    accounts: frozenset[str] = field(init=False)  #: the organization's, however they are listed
    activities: dict[str, Activity] = field(default_factory=dict)
    counts: dict[str, int | None] = field(default_factory=dict)  #: replies, by root
    withheld: dict[str, set[str]] = field(default_factory=dict)  #: posts, by root
    gone: dict[str, None] = field(default_factory=dict)
    is_whole: bool = True  #: nothing of the page was left out

    def __post_init__(self) -> None:
        listed = (place_of(account).actor.lower() for account in self.reading.channel.own_accounts)
        self.accounts = frozenset((self.reading.did, *listed))

    def record(self, post: Post) -> PostRecord | None:
        """What the author wrote, or None when it had to be quarantined."""
        record = self.reading.payload.maybe(known(post.record, PostRecord), PostRecord)
        self.is_whole = self.is_whole and record is not None
        return record

    def add(self, act: Act) -> None:
        """One act; the first look at it counts."""
        made = activity(act, self.reading.page, self.reading.channel, VERSION)
        self.activities.setdefault(made.activity_id, made)

    def add_post(self, post: Post, record: PostRecord, found: FoundThrough, list_: str) -> None:
        """A post as an act, unless its author asks to be shown to members only."""
        author, root = self._author(post.author), record.root or post.uri
        if post.author.is_hidden and author.role is AuthorRole.OUTSIDER:
            self.withheld.setdefault(root, set()).add(post.uri)
            return
        self.add(
            Act(
                act_id=post.uri,
                kind="reply" if record.parent else "post",
                author=author,
                published=record.created_at,
                listed_in=list_,
                is_addressed=self._is_addressed(record),
                parent_id=record.parent,
                thread_id=root,
                thread_shape=ThreadShape.TREE,
                found_through=found,
                wording=wording.of_text(record.text),
                language=record.language,
                link_host=link_host(record.link),
                links=record.links,
                like_count=post.like_count,
                reply_count=post.reply_count,
                repost_count=post.repost_count,
            )
        )

    def mention(self, root: str, count: int | None) -> None:
        """A conversation that the page names; a count is not forgotten for none."""
        if self.counts.get(root) is None:
            self.counts[root] = count

    def threads(self) -> tuple[ThreadView, ...]:
        """The conversations that a list names."""
        return tuple(
            ThreadView(
                thread_id=self._thread(root),
                reply_count=count,
                withheld_count=len(self.withheld.get(root, ())),
            )
            for root, count in self.counts.items()
        )

    def thread(self, root: str, count: int | None, shown: int) -> ThreadView:
        """The conversation that a page is about."""
        return ThreadView(
            thread_id=self._thread(root),
            reply_count=count,
            shown_count=shown,
            is_truncated=not self.is_whole,
            withheld_count=sum(map(len, self.withheld.values())),
        )

    def gone_ids(self) -> tuple[str, ...]:
        """What the page says has been deleted."""
        return tuple(act_id(self.reading.channel, uri) for uri in self.gone if uri)

    def is_own(self, uri: str) -> bool:
        """Whether a post is by an account of the organization, as far as its address tells."""
        return uri.startswith("at://") and uri.split("/")[2] in self.accounts

    def _thread(self, root: str) -> str:
        return thread_id(self.reading.channel, root)

    def _author(self, account: Account) -> Author:
        if account.did == self.reading.did:
            return THE_ORGANIZATION
        if {account.did, account.handle.lower()} & self.accounts:
            return Author("", AuthorRole.ORGANIZATION, Evidence.LISTED_ACCOUNT)
        return Author(account.did)

    def _is_addressed(self, record: PostRecord) -> bool:
        return bool(record.mentions & self.accounts) or self.is_own(record.parent)
