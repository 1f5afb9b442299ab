"""The invented WordPress sites: one an organization, below `/sites/NAME`.

In the form of the REST interface of WordPress 6: `/wp-json/`, `/wp-json/wp/v2/posts` and
`/wp-json/wp/v2/comments`, newest first by the site's own time. A comment that was taken back is
gone, and what replied to it stands directly below the post.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flows.demo.residents import digest, pseudonym
from flows.demo.site import json_resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.demo.conversation import Conversation, Remark
    from flows.demo.organization import DemoOrganization, DemoProfile
    from flows.demo.site import Resource

_FIRST_POST = 41
_FIRST_COMMENT = 101
_EDITOR_ID, _AUTHOR_COUNT = 2, 2  # accounts that write posts; the first one answers comments
_USUAL_PER_PAGE, _MOST_PER_PAGE = 10, 100
_AVATAR_SIZES = (24, 48, 96)
_NOWHERE = 0


@dataclass(frozen=True, slots=True)
class _Comment:
    """A remark as the site keeps it; `parent` is 0 directly below a post."""

    comment_id: int
    post_id: int
    parent: int
    remark: Remark


class WordPress:
    """One site: which of its addresses answers what."""

    def __init__(self, organization: DemoOrganization, profile: DemoProfile) -> None:
        self._organization, self._profile = organization, profile
        self._posts = dict(enumerate(profile.conversations, _FIRST_POST))
        self._comments = _comments(self._posts)

    def resource(self, path: str, query: Mapping[str, str], base_url: str) -> Resource | None:
        """What stands at an address below the site's; None for nothing."""
        root = f"{base_url}/sites/{self._profile.name}"
        match path.strip("/"):
            case "wp-json":
                return json_resource(_only(query, self._index(root)))
            case "wp-json/wp/v2/posts":
                posts = [self._post(number, talk, root) for number, talk in self._posts.items()]
                return _page(posts, query)
            case "wp-json/wp/v2/comments":
                return _page([self._comment(one, root) for one in self._comments], query)
        return None

    def _index(self, root: str) -> dict[str, Any]:
        return {
            "name": self._organization.name,
            "description": f"News of {self._organization.name}",
            "url": root,
            "home": root,
            "gmt_offset": 0,
            "timezone_string": str(self._organization.zone),
            "namespaces": ["wp/v2"],
            "site_logo": 0,
            "site_icon": 17,
            "site_icon_url": f"{root}/icon.png",
            "_links": {"help": [{"href": "https://developer.wordpress.org/rest-api/"}]},
        }

    def _post(self, number: int, talk: Conversation, root: str) -> dict[str, Any]:
        at, link = talk.opening.at, f"{root}/?p={number}"
        text = f"<p>{escape(talk.opening.text)}</p>\n"
        return self._dates(at) | {
            "id": number,
            "guid": {"rendered": link},
            "modified": self._local(at),
            "modified_gmt": _universal(at),
            "slug": f"post-{number}",
            "status": "publish",
            "type": "post",
            "link": link,
            "title": {"rendered": escape(talk.title)},
            "content": {"rendered": text, "protected": False},
            "excerpt": {"rendered": text, "protected": False},
            "author": _EDITOR_ID + number % _AUTHOR_COUNT,
            "featured_media": 0,
            "comment_status": "open",
            "ping_status": "closed",
            "sticky": False,
            "template": "",
            "format": "standard",
            "meta": [],
            "categories": [1],
            "tags": [],
            "_links": _links(root, "posts", number),
        }

    def _comment(self, comment: _Comment, root: str) -> dict[str, Any]:
        remark = comment.remark
        name = self._organization.name if remark.is_own else pseudonym(remark.speaker)
        link = f"{root}/?p={comment.post_id}#comment-{comment.comment_id}"
        return self._dates(remark.at) | {
            "id": comment.comment_id,
            "post": comment.post_id,
            "parent": comment.parent,
            "author": _EDITOR_ID if remark.is_own else _NOWHERE,
            "author_name": name,
            "author_url": "",
            "content": {"rendered": f"<p>{escape(remark.text)}</p>\n"},
            "link": link,
            "status": "approved",
            "type": "comment",
            "author_avatar_urls": {str(size): _avatar(name, size) for size in _AVATAR_SIZES},
            "meta": [],
            "_links": _links(root, "comments", comment.comment_id),
        }

    def _dates(self, moment: datetime) -> dict[str, str]:
        return {"date": self._local(moment), "date_gmt": _universal(moment)}

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._organization.zone).replace(tzinfo=None).isoformat()


def _comments(posts: Mapping[int, Conversation]) -> list[_Comment]:
    """All comments of a site, numbered by time; those that were taken back have had a number."""
    said = sorted(
        (remark.at, post_id, place)
        for post_id, talk in posts.items()
        for place, remark in enumerate(talk.remarks)
        if place
    )
    numbers = {(post, n): i for i, (_, post, n) in enumerate(said, _FIRST_COMMENT)}
    shown = {(post, n): posts[post].remarks[n] for post, n in numbers}
    shown = {key: remark for key, remark in shown.items() if remark.is_shown}
    return [
        _Comment(numbers[post, n], post, _parent(numbers, shown, post, remark), remark)
        for (post, n), remark in shown.items()
    ]


def _parent(
    numbers: Mapping[tuple[int, int], int],
    shown: Mapping[tuple[int, int], Remark],
    post: int,
    remark: Remark,
) -> int:
    """Number of the comment that one replies to; 0 for the post, and for what is gone."""
    key = (post, remark.parent or 0)
    return numbers[key] if key in shown else _NOWHERE


def _page(entries: Sequence[dict[str, Any]], query: Mapping[str, str]) -> Resource:
    """A page of a list, newest first by local time, as the query wants it."""
    number, before = int(query.get("page", "1")), query.get("before", "")
    size = min(int(query.get("per_page", _USUAL_PER_PAGE)), _MOST_PER_PAGE)
    kept = [entry for entry in entries if not before or entry["date"] < before]
    kept.sort(key=lambda entry: (entry["date"], entry["id"]), reverse=True)
    page_count = -(-len(kept) // size)
    if number > max(page_count, 1):
        return _beyond()
    shown = kept[(number - 1) * size : number * size]
    totals = (("X-WP-Total", str(len(kept))), ("X-WP-TotalPages", str(page_count)))
    return json_resource([_only(query, entry) for entry in shown], *totals)


def _beyond() -> Resource:
    refusal = {
        "code": "rest_post_invalid_page_number",
        "message": "The page number requested is larger than the number of pages available.",
        "data": {"status": 400},
    }
    return json_resource(refusal, status=HTTPStatus.BAD_REQUEST)


def _only(query: Mapping[str, str], entry: dict[str, Any]) -> dict[str, Any]:
    """The fields that were asked for, or all."""
    names = [name for name in query.get("_fields", "").split(",") if name]
    return {name: entry[name] for name in names if name in entry} if names else entry


def _universal(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def _avatar(name: str, size: int) -> str:
    return f"https://secure.gravatar.example/avatar/{digest(name)}?s={size}&d=mm&r=g"


def _links(root: str, kind: str, number: int) -> dict[str, Any]:
    collection = f"{root}/wp-json/wp/v2/{kind}"
    return {
        "self": [{"href": f"{collection}/{number}"}],
        "collection": [{"href": collection}],
    }
