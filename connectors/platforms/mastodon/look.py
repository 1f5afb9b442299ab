"""One page, looked at with what is known of the channel."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

from connectors.apis.acts import THE_ORGANIZATION, Act, Author, act_id, activity, thread_id
from connectors.apis.itinerary import Errand
from connectors.apis.payload import Payload
from connectors.apis.wording import Wording, of_html
from connectors.contract import (
    AuthorRole,
    Evidence,
    FoundThrough,
    Outcome,
    PageError,
    Parsed,
    ThreadShape,
)
from connectors.feeddocument.text import language_tag
from connectors.platforms.mastodon.home import GONE, SAID, full, handles, home, next_errands
from connectors.platforms.mastodon.shapes import hrefs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.apis.itinerary import Itinerary
    from connectors.contract import Activity, Channel, Page, Request
    from connectors.platforms.mastodon.shapes import Account, Status

VERSION = "1"
#: Single conversations that a server does not show to strangers.
HIDDEN = (401, 403)
#: The newest statuses whose conversations are remembered.
_MOST_NOTES = 200
#: Mentions say nothing but whom it is for; links of hashtags lead to the server itself.
_MENTION = re.compile(
    r"<a\b(?=[^<>]*\bclass=[\"'][^\"'<>]*\bmention\b)(?![^<>]*\bhashtag\b)[^<>]*>.*?(?:</a>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_HASHTAG = re.compile(r"<a\b(?=[^<>]*\bhashtag\b)[^<>]*>", re.IGNORECASE)


#: Stands for a conversation that is still to be found out.
PENDING = "?"


class Note(NamedTuple):
    """What is remembered of one of the organization's statuses.

    `thread` and `parent` are digests; `thread` is "" for a conversation that begins with it,
    and `PENDING` until that has been read.
    """

    reply_count: int
    thread: str = ""
    parent: str = ""


class Look:
    """What a page says in the channel's terms, and what is to be remembered of it."""

    def __init__(self, page: Page, channel: Channel, itinerary: Itinerary) -> None:
        self.page, self.channel = page, channel
        self.payload = Payload()
        self.itinerary = itinerary.without(page.requested_url)
        self.is_awaited = self.itinerary != itinerary  #: nothing has told yet what it tells
        memory = itinerary.memory
        self.home = home(channel.address)
        self.base = str(memory.get("base", self.home.base))
        self.number = str(memory.get("id", ""))
        self.notes = {name: Note(*note) for name, note in memory.get("notes", {}).items()}
        self._handles = {self.home.handle, *handles(channel.own_accounts)}

    @property
    def told(self) -> dict[str, Any]:
        """The note to ourselves that the request carried."""
        told: dict[str, Any] = json.loads(self.page.context or "{}")
        return told

    def admit(self, account: Account) -> None:
        """Go on only with an account that is there and open to us.

        Raises:
            PageError: it has moved, or asks not to be indexed or discovered.
        """
        if account.moved is not None:
            whereto = f"@{full(account.moved.acct, self.home.domain)}"
            message = f"the account has moved to {whereto}: change the address of the channel"
            raise PageError(Outcome.GONE, message)
        is_closed = account.noindex is True or account.discoverable is False
        if is_closed and not self.channel.is_consented:
            message = (
                "the account asks not to be indexed or discovered (noindex, discoverable): leave "
                "it out, or ask the organization for its consent"
            )
            raise PageError(Outcome.OPTED_OUT, message)

    def parsed(self, found: Parsed, *further: Request) -> Parsed:
        """What was found, with what is to be asked next and kept until then."""
        newest = sorted(self.notes, key=rank)[-_MOST_NOTES:]
        kept = {number: self.notes[number] for number in newest}
        itinerary = self.itinerary.remembering(notes=kept) if kept else self.itinerary
        return replace(
            found,
            drifts=self.payload.drifts,
            next_requests=(*further, *next_errands(itinerary)),
            cursor=itinerary.cursor(),
        )

    # -- names ------------------------------------------------------------------------

    def act(self, number: str | None) -> str:
        """The identity of a status; "" for none."""
        return act_id(self.channel, self._key(number))

    def thread(self, number: str) -> str:
        """The identity of the conversation that a status begins."""
        return thread_id(self.channel, self._key(number))

    def _key(self, number: str | None) -> str:
        """A name for a status that is unique among servers; "" for none."""
        return f"{urlsplit(self.base).netloc}/{number}" if number else ""

    def thread_of(self, number: str) -> str:
        """The conversation that a status belongs to, as far as it is remembered."""
        note = self.notes.get(number)
        return (note.thread if note else PENDING) or self.thread(number)

    def remember(self, status: Status, count: int, thread: str) -> None:
        """Keep in mind how many replies a status of the organization has, and where it belongs."""
        is_first = thread == self.thread(status.id)
        self.notes[status.id] = Note(count, "" if is_first else thread, self.act(status.above))

    def ask(self, number: str, count: int, thread: str, said: Activity | None = None) -> Errand:
        """The errand to read what stands before and after a status.

        `said` goes along when it is not known yet where in a conversation the status belongs:
        it does not stand in the page itself.
        """
        note: dict[str, Any] = {"of": number, "count": count, "thread": thread}
        if said:
            note[SAID] = _features(said)
        return Errand(self.context_url(number), json.dumps(note), (*HIDDEN, *GONE))

    def context_url(self, number: str) -> str:
        """Where what stands before and after a status is."""
        return f"{self.base}/api/v1/statuses/{quote(number, safe='')}/context"

    # -- who speaks to whom -----------------------------------------------------------

    def is_own(self, status: Status) -> bool:
        """Whether it is by the channel's account."""
        return status.account.id == self.number

    def author(self, account: Account) -> Author:
        """Who somebody is; one who wants not to be discovered stays nobody in particular."""
        handle = full(account.acct, self.home.domain)
        if account.id == self.number:
            return THE_ORGANIZATION
        if handle in self._handles:
            return Author("", AuthorRole.ORGANIZATION, Evidence.LISTED_ACCOUNT)
        return Author("" if account.discoverable is False else handle)

    def is_addressed(self, status: Status) -> bool:
        """Whether it answers the channel's account, or names one of the organization."""
        return status.in_reply_to_account_id == self.number or any(
            mention.id == self.number or full(mention.acct, self.home.domain) in self._handles
            for mention in status.mentions
        )

    # -- activities -------------------------------------------------------------------

    def own(self, status: Status, thread: str) -> Activity:
        """A status of the channel's account: its list has all of them.

        It stands alone until the conversation is known that it belongs to.
        """
        act = self._as_act(status, THE_ORGANIZATION, "statuses")
        if thread == PENDING or status.kind == "repost":
            return self._activity(replace(act, parent_id="", thread_shape=ThreadShape.NONE), "")
        return self._activity(act, thread)

    def placed(self, told: Mapping[str, Any], thread: str) -> tuple[Activity, ...]:
        """The status that a conversation was asked for, where it was not known to belong."""
        if SAID not in told:
            return ()
        parent, wording, *rest = told[SAID]
        published, updated, language, likes, replies, reposts = rest
        act = Act(
            act_id=self._key(str(told["of"])),
            kind="reply",
            author=THE_ORGANIZATION,
            published=published,
            updated=updated,
            listed_in="statuses",
            thread_shape=ThreadShape.TREE,
            wording=Wording(*wording),
            language=language,
            like_count=likes,
            reply_count=replies,
            repost_count=reposts,
        )
        return (replace(self._activity(act, thread), parent_id=parent),)

    def said(
        self, status: Status, thread: str, through: FoundThrough, *, is_addressed: bool
    ) -> Activity:
        """A status that stands in a conversation."""
        if self.is_own(status):
            return self.own(status, thread)
        act = self._as_act(status, self.author(status.account), "thread")
        return self._activity(
            replace(act, found_through=through, is_addressed=is_addressed), thread
        )

    def _activity(self, act: Act, thread: str) -> Activity:
        return replace(activity(act, self.page, self.channel, VERSION), thread_id=thread)

    def _as_act(self, status: Status, author: Author, listed_in: str) -> Act:
        return Act(
            act_id=self._key(status.id),
            kind=status.kind,
            author=author,
            published=status.created_at,
            updated=status.edited_at,
            listed_in=listed_in,
            parent_id=self._key(status.above),
            thread_shape=ThreadShape.NONE if status.kind == "repost" else ThreadShape.TREE,
            wording=_wording(status),
            links=(status.preview, *hrefs(_without_names(status))),
            language=language_tag(status.language),
            like_count=status.favourites_count,
            reply_count=status.replies_count,
            repost_count=status.reblogs_count,
        )


def rank(number: str) -> tuple[int, str]:
    """Identifiers in order of time: numbers, ULIDs and the like grow with it."""
    return len(number), number


def _features(said: Activity) -> list[Any]:
    """What is kept of a status of the organization until its conversation is known."""
    return [
        said.parent_id,
        [said.text_length, said.content_fingerprint, said.is_question, said.link_host],
        said.published_at and said.published_at.isoformat(),
        said.updated_at and said.updated_at.isoformat(),
        said.language,
        said.like_count,
        said.reply_count,
        said.repost_count,
    ]


def _wording(status: Status) -> Wording:
    """Features of a text without the names in it; a boost says nothing of its own."""
    if status.reblog is not None:
        return Wording()
    return of_html(_without_names(status), status.spoiler_text or "")


def _without_names(status: Status) -> str:
    """A text in HTML without the accounts that it names, and without the links of hashtags."""
    return _HASHTAG.sub("<span>", _MENTION.sub(" ", status.content or ""))
