"""The invented Bluesky AppView: profiles, feeds of accounts and conversations, over XRPC.

Identifiers and forms are the network's: DIDs of the method plc, keys of records that tell the
time (TID), views of `app.bsky.*`.
"""

from __future__ import annotations

from base64 import b32encode
from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flows.demo.conversation import ORGANIZATION
from flows.demo.residents import digest, pseudonym
from flows.demo.site import json_resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flows.demo.conversation import Conversation, Remark
    from flows.demo.organization import DemoOrganization, DemoProfile
    from flows.demo.site import Resource

_METHODS = "xrpc"
_MOST_PER_PAGE = 100
_USUAL_PER_PAGE = 50
_MOST_CHARACTERS = 300
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_KEY_LENGTH = 13
_CLOCK_BITS = 10


@dataclass(frozen=True, slots=True)
class _Account:
    """An account; `organization` is None for a resident's."""

    did: str
    handle: str
    organization: DemoOrganization | None
    profile: DemoProfile | None


@dataclass(frozen=True, slots=True)
class _Post:
    """A remark as the network keeps it; `above` and `root` are addresses, "" for none."""

    uri: str
    remark: Remark
    text: str
    language: str
    account: _Account
    above: str
    root: str
    called: str  #: DID of whom it names


class Bluesky:
    """The AppView: which of its addresses answers what."""

    def __init__(self, profiles: Iterable[tuple[DemoOrganization, DemoProfile]]) -> None:
        self._accounts: dict[str, _Account] = {}
        self._posts: dict[str, _Post] = {}
        self._below: defaultdict[str, list[_Post]] = defaultdict(list)
        self._by_account: defaultdict[str, list[_Post]] = defaultdict(list)
        self._reply_counts: defaultdict[str, int] = defaultdict(int)
        for organization, profile in profiles:
            handle = f"{profile.name}.example"
            account = _Account(_did(handle), handle, organization, profile)
            self._accounts[account.did] = account
            for talk in profile.conversations:
                self._keep(talk, account, organization.language)

    def resource(self, path: str, query: Mapping[str, str]) -> Resource | None:
        """What stands at an address; None for nothing."""
        match path.strip("/").split("/"):
            case [first, "app.bsky.actor.getProfile"] if first == _METHODS:
                account = self._named(query.get("actor", ""))
                return json_resource(self._profile(account)) if account else _no_profile()
            case [first, "app.bsky.feed.getAuthorFeed"] if first == _METHODS:
                account = self._named(query.get("actor", ""))
                return json_resource(self._feed(account, query)) if account else _no_profile()
            case [first, "app.bsky.feed.getPostThread"] if first == _METHODS:
                return self._thread(query.get("uri", ""))
        return None

    # -- keeping ----------------------------------------------------------------------

    def _keep(self, talk: Conversation, account: _Account, language: str) -> None:
        speakers = [self._speaker(remark.speaker, account) for remark in talk.remarks]
        uris = [
            f"at://{speaker.did}/app.bsky.feed.post/{_key(talk, place, account.did)}"
            for place, speaker in enumerate(speakers)
        ]
        for place, remark in enumerate(talk.remarks):
            above = "" if remark.parent is None else uris[remark.parent]
            if above and not remark.is_deleted:
                self._reply_counts[above] += 1
            if not remark.is_shown:
                continue
            is_call = talk.is_elsewhere and remark.parent is None
            is_post = remark.is_own and remark.parent is None
            words = f"{talk.title}: {remark.text}" if is_post else remark.text
            post = _Post(
                uri=uris[place],
                remark=remark,
                text=(f"@{account.handle} {words}" if is_call else words)[:_MOST_CHARACTERS],
                language=language,
                account=speakers[place],
                above=above,
                root=uris[0] if above else "",
                called=account.did if is_call else "",
            )
            self._posts[post.uri] = post
            self._below[above].append(post)
            self._by_account[post.account.did].append(post)

    def _speaker(self, speaker: int, account: _Account) -> _Account:
        if speaker == ORGANIZATION:
            return account
        handle = f"{pseudonym(speaker)}.bsky.social"
        resident = _Account(_did(handle), handle, None, None)
        return self._accounts.setdefault(resident.did, resident)

    def _named(self, actor: str) -> _Account | None:
        by_handle = (a for a in self._accounts.values() if a.handle == actor.lower())
        return self._accounts.get(actor) or next(by_handle, None)

    # -- answering --------------------------------------------------------------------

    def _feed(self, account: _Account, query: Mapping[str, str]) -> dict[str, Any]:
        limit = min(int(query.get("limit", _USUAL_PER_PAGE)), _MOST_PER_PAGE)
        before = query.get("cursor", "")
        posts = sorted(self._by_account[account.did], key=lambda post: post.remark.at, reverse=True)
        rest = [post for post in posts if not before or _written(post.remark) < before]
        page = rest[:limit]
        answer: dict[str, Any] = {"feed": [self._item(post) for post in page]}
        if len(rest) > limit:
            answer["cursor"] = _written(page[-1].remark)
        return answer

    def _item(self, post: _Post) -> dict[str, Any]:
        item: dict[str, Any] = {"post": self._view(post)}
        if post.above:
            item["reply"] = {"root": self._seen(post.root), "parent": self._seen(post.above)}
        return item

    def _seen(self, uri: str) -> dict[str, Any]:
        if uri not in self._posts:
            kind = "app.bsky.feed.defs#notFoundPost"
            return {"$type": kind, "uri": uri, "notFound": True}
        return self._view(self._posts[uri]) | {"$type": "app.bsky.feed.defs#postView"}

    def _thread(self, uri: str) -> Resource:
        if uri not in self._posts:
            refusal = {"error": "NotFound", "message": f"Post not found: {uri}"}
            return json_resource(refusal, status=HTTPStatus.BAD_REQUEST)
        return json_resource({"thread": self._node(self._posts[uri])})

    def _node(self, post: _Post) -> dict[str, Any]:
        return {
            "$type": "app.bsky.feed.defs#threadViewPost",
            "post": self._view(post),
            "replies": [self._node(reply) for reply in self._below[post.uri]],
            "threadContext": {},
        }

    # -- forms ------------------------------------------------------------------------

    def _view(self, post: _Post) -> dict[str, Any]:
        return {
            "uri": post.uri,
            "cid": _cid(post.uri),
            "author": _author(post.account),
            "record": _record(post),
            "bookmarkCount": 0,
            "replyCount": self._reply_counts[post.uri],
            "repostCount": 0,
            "likeCount": int(digest(post.uri)[:2], 16) % 12,
            "quoteCount": 0,
            "indexedAt": _written(post.remark),
            "labels": [],
        }

    def _profile(self, account: _Account) -> dict[str, Any]:
        about = f"News of {account.organization.name}." if account.organization else ""
        site = f"\n{account.organization.site}" if account.organization else ""
        return _author(account) | {
            "description": f"{about}{site}",
            "indexedAt": "2026-01-02T09:00:11.120Z",
            "followersCount": account.profile.follower_count if account.profile else 12,
            "followsCount": 31,
            "postsCount": len(self._by_account[account.did]),
            "verification": {
                "verifications": [],
                "verifiedStatus": "none",
                "trustedVerifierStatus": "none",
            },
        }


def _no_profile() -> Resource:
    refusal = {"error": "InvalidRequest", "message": "Profile not found"}
    return json_resource(refusal, status=HTTPStatus.BAD_REQUEST)


def _record(post: _Post) -> dict[str, Any]:
    record: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "createdAt": _written(post.remark),
        "langs": [post.language],
        "text": post.text,
    }
    if post.above:
        record["reply"] = {"parent": _reference(post.above), "root": _reference(post.root)}
    if post.called:
        end = len(post.text.partition(" ")[0].encode())
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": post.called}
        record["facets"] = [{"features": [feature], "index": {"byteStart": 0, "byteEnd": end}}]
    return record


def _key(talk: Conversation, place: int, did: str) -> str:
    """A key that tells the moment, and stays the same when more is said."""
    clock = int(digest(did, talk.opening.at, place), 16) % (1 << _CLOCK_BITS)
    number = (int(talk.remarks[place].at.timestamp() * 1_000_000) << _CLOCK_BITS) + clock
    letters = []
    for _ in range(_KEY_LENGTH):
        number, letter = divmod(number, len(_SORTABLE))
        letters.append(_SORTABLE[letter])
    return "".join(reversed(letters))


def _reference(uri: str) -> dict[str, str]:
    return {"cid": _cid(uri), "uri": uri}


def _author(account: _Account) -> dict[str, Any]:
    name = account.organization.name if account.organization else account.handle.partition(".")[0]
    picture = f"https://cdn.bsky.example/img/avatar/plain/{account.did}/{_cid(account.did)}@jpeg"
    return {
        "did": account.did,
        "handle": account.handle,
        "displayName": name,
        "avatar": picture,
        "associated": {
            "chat": {"allowIncoming": "all"},
            "activitySubscription": {"allowSubscriptions": "followers"},
        },
        "labels": [],
        "createdAt": "2024-11-02T08:14:09.311Z",
    }


def _did(handle: str) -> str:
    return f"did:plc:{_letters(handle)[:24]}"


def _cid(uri: str) -> str:
    return f"bafyrei{_letters(uri)[:52]}"


def _letters(*parts: object) -> str:
    return b32encode(bytes.fromhex(digest(*parts)) * 2).decode().lower()


def _written(remark: Remark) -> str:
    return f"{remark.at:%Y-%m-%dT%H:%M:%S}.000Z"
