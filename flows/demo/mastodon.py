"""The invented Mastodon server: one for all organizations of the world, as strangers see it.

In the form of Mastodon 4.6: `/api/v1/accounts/lookup`, `/api/v1/accounts/ID` with `/statuses`,
`/api/v1/statuses/ID/context` and `/api/v2/instance`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flows.demo.conversation import ORGANIZATION
from flows.demo.residents import digest, pseudonym
from flows.demo.site import json_resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flows.demo.conversation import Conversation, Remark
    from flows.demo.organization import DemoOrganization, DemoProfile
    from flows.demo.site import Resource

_MOST_PER_PAGE = 40
_USUAL_PER_PAGE = 20
_MOST_CHARACTERS = 500
_FIRST_ACCOUNT = 109_300_000_000_000_001
_FIRST_RESIDENT = 110_200_000_000_000_000
_ACCOUNT_STEP = 1009
_TICKS_BITS = 16  # identifiers are milliseconds with so many bits of chance
_POLICY = {"automatic": ["public"], "manual": [], "current_user": "denied"}


@dataclass(frozen=True, slots=True)
class _Account:
    """An account of the server; `organization` is None for a resident's."""

    account_id: str
    name: str
    organization: DemoOrganization | None
    profile: DemoProfile | None


@dataclass(frozen=True, slots=True)
class _Status:
    """A remark as the server keeps it; `above` is "" for none, and when that was deleted."""

    status_id: str
    remark: Remark
    title: str
    language: str
    account: _Account
    above: str
    answered: _Account | None  #: who said what it replies to
    called: tuple[_Account, ...]  #: whom it names


class Mastodon:
    """The server: which of its addresses answers what."""

    def __init__(self, profiles: Iterable[tuple[DemoOrganization, DemoProfile]]) -> None:
        self._accounts: dict[str, _Account] = {}
        self._residents: dict[int, _Account] = {}
        self._statuses: dict[str, _Status] = {}
        self._below: defaultdict[str, list[_Status]] = defaultdict(list)
        self._by_account: defaultdict[str, list[_Status]] = defaultdict(list)
        self._reply_counts: defaultdict[str, int] = defaultdict(int)
        for place, (organization, profile) in enumerate(profiles):
            number = str(_FIRST_ACCOUNT + place * _ACCOUNT_STEP)
            account = _Account(number, profile.name, organization, profile)
            self._accounts[number] = account
            for talk in profile.conversations:
                self._keep(talk, account, organization.language)

    def resource(self, path: str, query: Mapping[str, str], base_url: str) -> Resource:
        """What stands at an address below `/api`."""
        found: Resource | None = None
        match path.strip("/").split("/"):
            case ["api", "v1", "accounts", "lookup"]:
                found = self._shown(self._named(query.get("acct", "")), base_url)
            case ["api", "v1", "accounts", number]:
                found = self._shown(self._accounts.get(number), base_url)
            case ["api", "v1", "accounts", number, "statuses"] if number in self._accounts:
                found = self._listed(number, query, base_url)
            case ["api", "v1", "statuses", number, "context"] if number in self._statuses:
                found = json_resource(self._context(number, base_url))
            case ["api", "v2", "instance"]:
                found = json_resource(self._instance(base_url))
        missing = {"error": "Record not found"}
        return found or json_resource(missing, status=HTTPStatus.NOT_FOUND)

    # -- keeping ----------------------------------------------------------------------

    def _keep(self, talk: Conversation, account: _Account, language: str) -> None:
        numbers = [_number(talk, place, account.name) for place in range(len(talk.remarks))]
        speakers = [self._speaker(remark.speaker, account) for remark in talk.remarks]
        for place, remark in enumerate(talk.remarks):
            parent = remark.parent
            answered = None if parent is None else speakers[parent]
            is_gone = parent is not None and talk.remarks[parent].is_deleted
            above = "" if parent is None or is_gone else numbers[parent]
            if above and not remark.is_deleted:
                self._reply_counts[above] += 1
            if not remark.is_shown:
                continue
            called = (account,) if talk.is_elsewhere and parent is None else ()
            status = _Status(
                status_id=numbers[place],
                remark=remark,
                title=talk.title if remark.is_own and parent is None else "",
                language=language,
                account=speakers[place],
                above=above,
                answered=answered,
                called=(answered,) if answered else called,
            )
            self._statuses[status.status_id] = status
            self._below[above].append(status)
            self._by_account[status.account.account_id].append(status)

    def _speaker(self, speaker: int, account: _Account) -> _Account:
        if speaker == ORGANIZATION:
            return account
        if speaker not in self._residents:
            number = str(_FIRST_RESIDENT + speaker * _ACCOUNT_STEP)
            resident = _Account(number, pseudonym(speaker), None, None)
            self._residents[speaker] = self._accounts[number] = resident
        return self._residents[speaker]

    def _named(self, name: str) -> _Account | None:
        name = name.partition("@")[0].lower()
        return next((a for a in self._accounts.values() if a.name.lower() == name), None)

    # -- answering --------------------------------------------------------------------

    def _shown(self, account: _Account | None, base_url: str) -> Resource | None:
        return json_resource(self._account(account, base_url)) if account else None

    def _listed(self, number: str, query: Mapping[str, str], base_url: str) -> Resource:
        limit = min(int(query.get("limit", _USUAL_PER_PAGE)), _MOST_PER_PAGE)
        below = int(query.get("max_id") or 1 << 63)
        statuses = sorted(self._by_account[number], key=lambda s: int(s.status_id), reverse=True)
        page = [s for s in statuses if int(s.status_id) < below][:limit]
        shown = [self._status(status, base_url) for status in page]
        if not page:
            return json_resource(shown)
        here = f"{base_url}/api/v1/accounts/{number}/statuses?limit={limit}"
        links = [f'<{here}&min_id={page[0].status_id}>; rel="prev"']
        if len(page) == limit:
            links.insert(0, f'<{here}&max_id={page[-1].status_id}>; rel="next"')
        return json_resource(shown, ("Link", ", ".join(links)))

    def _context(self, number: str, base_url: str) -> dict[str, Any]:
        above: list[_Status] = []
        status = self._statuses[number]
        while status.above in self._statuses:
            status = self._statuses[status.above]
            above.insert(0, status)
        return {
            "ancestors": [self._status(one, base_url) for one in above],
            "descendants": [self._status(one, base_url) for one in self._descendants(number)],
        }

    def _descendants(self, number: str) -> Iterator[_Status]:
        for status in self._below[number]:
            yield status
            yield from self._descendants(status.status_id)

    # -- forms ------------------------------------------------------------------------

    def _status(self, status: _Status, base_url: str) -> dict[str, Any]:
        home = f"{base_url}/users/{status.account.name}"
        answered = status.answered
        return {
            "id": status.status_id,
            "created_at": _written(status.remark),
            "in_reply_to_id": status.above or None,
            "in_reply_to_account_id": answered.account_id if answered else None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": status.language,
            "uri": f"{home}/statuses/{status.status_id}",
            "url": f"{base_url}/@{status.account.name}/{status.status_id}",
            "replies_count": self._reply_counts[status.status_id],
            "reblogs_count": 0,
            "favourites_count": int(digest(status.status_id)[:2], 16) % 9,
            "quotes_count": 0,
            "edited_at": None,
            "content": _content(status, base_url),
            "filtered": [],
            "reblog": None,
            "application": {"name": "Web", "website": None},
            "account": self._account(status.account, base_url),
            "media_attachments": [],
            "mentions": [_mention(account, base_url) for account in status.called],
            "tags": [],
            "emojis": [],
            "tagged_collections": [],
            "quote": None,
            "card": None,
            "poll": None,
            "quote_approval": _POLICY,
        }

    def _account(self, account: _Account, base_url: str) -> dict[str, Any]:
        statuses = self._by_account[account.account_id]
        newest = max((s.remark.at for s in statuses), default=None)
        picture = f"{base_url}/avatars/original/missing.png"
        followers = account.profile.follower_count if account.profile else 12
        return {
            "id": account.account_id,
            "username": account.name,
            "acct": account.name,
            "display_name": account.organization.name if account.organization else account.name,
            "locked": False,
            "bot": False,
            "discoverable": True,
            "indexable": False,
            "group": False,
            "created_at": "2022-11-06T00:00:00.000Z",
            "note": _note(account),
            "url": f"{base_url}/@{account.name}",
            "uri": f"{base_url}/users/{account.name}",
            "avatar": picture,
            "avatar_static": picture,
            "avatar_description": "",
            "header": f"{base_url}/headers/original/missing.png",
            "header_static": f"{base_url}/headers/original/missing.png",
            "header_description": "",
            "followers_count": followers,
            "following_count": 7,
            "statuses_count": len(statuses),
            "last_status_at": newest and newest.date().isoformat(),
            "hide_collections": None,
            "show_media": True,
            "show_media_replies": True,
            "show_featured": True,
            "noindex": False,
            "feature_approval": _POLICY,
            "emojis": [],
            "roles": [],
            "fields": _fields(account, base_url),
        }

    def _instance(self, base_url: str) -> dict[str, Any]:
        domain = base_url.partition("://")[2]
        return {
            "domain": domain,
            "title": "Mastodon of the demo world",
            "version": "4.6.0",
            "source_url": "https://github.com/mastodon/mastodon",
            "description": "An invented server.",
            "usage": {"users": {"active_month": len(self._residents)}},
            "thumbnail": {"url": f"{base_url}/preview.png", "blurhash": None, "versions": {}},
            "icon": [],
            "languages": ["en"],
            "configuration": {"statuses": {"max_characters": _MOST_CHARACTERS}},
            "registrations": {"enabled": False, "approval_required": False, "message": None},
            "api_versions": {"mastodon": 10},
            "contact": {"email": "", "account": None},
            "rules": [{"id": "1", "text": "Stay civil.", "hint": "", "translations": {}}],
        }


def _number(talk: Conversation, place: int, name: str) -> str:
    """An identifier that grows with time, and stays the same when more is said."""
    milliseconds = int(talk.remarks[place].at.timestamp() * 1000)
    ticks = int(digest(name, talk.opening.at, place), 16) % (1 << _TICKS_BITS)
    return str((milliseconds << _TICKS_BITS) + ticks)


def _written(remark: Remark) -> str:
    return f"{remark.at:%Y-%m-%dT%H:%M:%S}.000Z"


def _content(status: _Status, base_url: str) -> str:
    names = "".join(
        f'<span class="h-card" translate="no"><a href="{base_url}/@{account.name}"'
        f' class="u-url mention">@<span>{account.name}</span></a></span> '
        for account in status.called
    )
    text = f"{status.title}: {status.remark.text}" if status.title else status.remark.text
    return f"<p>{names}{escape(text[:_MOST_CHARACTERS])}</p>"


def _mention(account: _Account, base_url: str) -> dict[str, str]:
    return {
        "id": account.account_id,
        "username": account.name,
        "url": f"{base_url}/@{account.name}",
        "acct": account.name,
    }


def _note(account: _Account) -> str:
    return f"<p>News of {escape(account.organization.name)}.</p>" if account.organization else ""


def _fields(account: _Account, base_url: str) -> list[dict[str, str | None]]:
    """The link to the homepage, which links back: a profile in two-way proof."""
    if account.organization is None:
        return []
    url = f"{base_url}/{account.organization.organization_id}/"
    value = f'<a href="{url}" target="_blank" rel="nofollow noopener me" translate="no">{url}</a>'
    return [{"name": "Web", "value": value, "verified_at": "2025-05-04T09:12:33.000+00:00"}]
