"""The invented Discourse forums: one an organization, below `/forum/NAME`, as visitors see them.

In the form of Discourse 2026: `/latest.json`, `/t/ID.json` and `/about.json`. Whoever speaks
for the organization is a moderator. A post that was taken back leaves its place behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flows.demo.conversation import ORGANIZATION
from flows.demo.residents import digest, pseudonym
from flows.demo.site import json_resource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flows.demo.conversation import Conversation, Remark
    from flows.demo.organization import DemoOrganization, DemoProfile
    from flows.demo.site import Resource

_TOPICS_PER_PAGE = 30
_POSTS_PER_PAGE = 20
_FIRST_TOPIC = 10
_STAFF_ID = 2
_FIRST_RESIDENT_ID = 200
_POSTS_OF_TOPIC = 1000  # identifiers of posts are the topic's with three digits
_TAKEN_BACK = "<p>(post deleted by author)</p>"


@dataclass(frozen=True, slots=True)
class _Topic:
    """A conversation as the forum keeps it."""

    topic_id: int
    talk: Conversation

    @property
    def slug(self) -> str:
        """The title as it stands in addresses."""
        words = "".join(c if c.isalnum() else " " for c in self.talk.title.lower())
        return "-".join(words.split())

    @property
    def bumped_at(self) -> datetime:
        """When somebody last said something in it."""
        return self.talk.remarks[-1].at

    @property
    def post_ids(self) -> list[int]:
        """Identifiers of its posts, in their order."""
        count = len(self.talk.remarks)
        return [self.topic_id * _POSTS_OF_TOPIC + place + 1 for place in range(count)]


class Discourse:
    """One forum: which of its addresses answers what."""

    def __init__(self, organization: DemoOrganization, profile: DemoProfile) -> None:
        self._organization, self._profile = organization, profile
        self._topics = {
            number: _Topic(number, talk)
            for number, talk in enumerate(profile.conversations, _FIRST_TOPIC)
        }

    def resource(self, path: str, query: Mapping[str, str]) -> Resource | None:
        """What stands at an address below the forum's; None for nothing."""
        if self._profile.is_closed:
            refusal = "You need to be logged in to do that."
            return _refused(HTTPStatus.FORBIDDEN, "not_logged_in", refusal)
        page = int(query.get("page", "0"))
        match path.strip("/").split("/"):
            case ["latest.json"]:
                return json_resource(self._latest(page))
            case ["about.json"]:
                return json_resource(self._about())
            case ["t", name]:
                topic = self._topics.get(int(name.removesuffix(".json")))
                return json_resource(self._topic(topic, max(page, 1))) if topic else _missing()
        return None

    # -- lists ------------------------------------------------------------------------

    def _latest(self, page: int) -> dict[str, Any]:
        topics = sorted(self._topics.values(), key=lambda topic: topic.bumped_at, reverse=True)
        first = page * _TOPICS_PER_PAGE
        shown = topics[first : first + _TOPICS_PER_PAGE]
        answer: dict[str, Any] = {
            "can_create_topic": False,
            "per_page": _TOPICS_PER_PAGE,
            "top_tags": [],
            "topics": [self._listed(topic) for topic in shown],
        }
        if first + _TOPICS_PER_PAGE < len(topics):
            answer["more_topics_url"] = f"/latest?no_definitions=true&page={page + 1}"
        return {"users": [], "primary_groups": [], "flair_groups": [], "topic_list": answer}

    def _listed(self, topic: _Topic) -> dict[str, Any]:
        user = self._user(topic.talk.opening)
        return self._heading(topic) | {
            "bumped": True,
            "bumped_at": _written(topic.bumped_at),
            "unseen": False,
            "pinned": False,
            "unpinned": None,
            "bookmarked": None,
            "liked": None,
            "last_poster_username": self._user(topic.talk.remarks[-1])["username"],
            "has_accepted_answer": False,
            "posters": [
                {
                    "extras": None,
                    "description": "Original Poster",
                    "user_id": user["id"],
                    "primary_group_id": None,
                    "flair_group_id": None,
                }
            ],
        }

    def _heading(self, topic: _Topic) -> dict[str, Any]:
        """What a list and the topic itself both say of it."""
        title, remarks = topic.talk.title, topic.talk.remarks
        return {
            "id": topic.topic_id,
            "title": title,
            "fancy_title": escape(title),
            "slug": topic.slug,
            "posts_count": len(remarks),
            "reply_count": sum(bool(remark.parent) for remark in remarks),
            "highest_post_number": len(remarks),
            "image_url": None,
            "created_at": _written(remarks[0].at),
            "last_posted_at": _written(remarks[-1].at),
            "archetype": "regular",
            "visible": True,
            "closed": False,
            "archived": False,
            "tags": [],
            "tags_descriptions": {},
            "views": 40 + 7 * len(remarks),
            "like_count": 0,
            "has_summary": False,
            "category_id": 5,
            "pinned_globally": False,
            "featured_link": None,
        }

    # -- a topic ----------------------------------------------------------------------

    def _topic(self, topic: _Topic, page: int) -> dict[str, Any]:
        first = (page - 1) * _POSTS_PER_PAGE
        places = range(len(topic.talk.remarks))[first : first + _POSTS_PER_PAGE]
        opening, newest = topic.talk.opening, topic.talk.remarks[-1]
        return self._heading(topic) | {
            "post_stream": {
                "posts": [self._post(topic, place) for place in places],
                "stream": topic.post_ids,
            },
            "timeline_lookup": [[1, 3]],
            "suggested_topics": [],
            "word_count": 90,
            "deleted_at": None,
            "user_id": self._user(opening)["id"],
            "pinned_at": None,
            "pinned_until": None,
            "slow_mode_seconds": 0,
            "draft": None,
            "draft_key": f"topic_{topic.topic_id}",
            "draft_sequence": None,
            "unpinned": None,
            "pinned": False,
            "current_post_number": first + 1,
            "deleted_by": None,
            "actions_summary": [{"id": 4, "count": 0, "hidden": False, "can_act": False}],
            "chunk_size": _POSTS_PER_PAGE,
            "bookmarked": False,
            "topic_timer": None,
            "message_bus_last_id": 0,
            "participant_count": len({remark.speaker for remark in topic.talk.remarks}),
            "show_read_indicator": False,
            "thumbnails": None,
            "slow_mode_enabled_until": None,
            "summarizable": False,
            "details": {
                "can_edit": False,
                "notification_level": 1,
                "participants": [],
                "created_by": self._user(opening),
                "last_poster": self._user(newest),
            },
        }

    def _post(self, topic: _Topic, place: int) -> dict[str, Any]:
        remark, number = topic.talk.remarks[place], place + 1
        user, is_staff = self._user(remark), remark.is_own
        return {
            "id": topic.post_ids[place],
            "name": user["name"],
            "username": user["username"],
            "avatar_template": user["avatar_template"],
            "created_at": _written(remark.at),
            "cooked": _TAKEN_BACK if remark.is_deleted else f"<p>{escape(remark.text)}</p>",
            "post_number": number,
            "post_type": 1,
            "updated_at": _written(remark.at),
            "reply_count": sum(other.parent == place for other in topic.talk.remarks),
            # Who replies to the topic as a whole names no post.
            "reply_to_post_number": remark.parent + 1 if remark.parent else None,
            "quote_count": 0,
            "incoming_link_count": 0,
            "reads": 9,
            "readers_count": 8,
            "score": 1.8,
            "yours": False,
            "topic_id": topic.topic_id,
            "topic_slug": topic.slug,
            "display_username": user["name"],
            "primary_group_name": None,
            "flair_name": None,
            "flair_url": None,
            "flair_bg_color": None,
            "flair_color": None,
            "flair_group_id": None,
            "badges_granted": [],
            "version": 1,
            "can_edit": False,
            "can_delete": False,
            "can_recover": False,
            "can_see_hidden_post": False,
            "can_wiki": False,
            "read": True,
            "user_title": None,
            "bookmarked": False,
            "actions_summary": [],
            "moderator": is_staff,
            "admin": False,
            "staff": is_staff,
            "user_id": user["id"],
            "hidden": False,
            "trust_level": 4 if is_staff else 2,
            "deleted_at": None,
            "user_deleted": remark.is_deleted,
            "edit_reason": None,
            "can_view_edit_history": True,
            "wiki": False,
            "post_url": f"/t/{topic.slug}/{topic.topic_id}/{number}",
            "can_accept_answer": False,
            "can_unaccept_answer": False,
            "accepted_answer": False,
            "topic_accepted_answer": None,
        }

    def _user(self, remark: Remark) -> dict[str, Any]:
        is_staff = remark.speaker == ORGANIZATION
        name = f"{self._profile.name}-desk" if is_staff else pseudonym(remark.speaker)
        colour = digest(name)[:6]
        return {
            "id": _STAFF_ID if is_staff else _FIRST_RESIDENT_ID + remark.speaker,
            "username": name,
            "name": name,
            "avatar_template": f"/letter_avatar_proxy/v4/letter/{name[0]}/{colour}/{{size}}.png",
        }

    # -- the forum --------------------------------------------------------------------

    def _about(self) -> dict[str, Any]:
        remarks = [remark for topic in self._topics.values() for remark in topic.talk.remarks]
        speakers = {remark.speaker for remark in remarks}
        stats = {
            "topics_count": len(self._topics),
            "posts_count": len(remarks),
            "users_count": self._profile.follower_count,
            "active_users_30_days": len(speakers),
            "participating_users_30_days": len(speakers) // 3,
            "likes_count": 0,
        }
        return {
            "users": [],
            "categories": [],
            "about": {
                "stats": stats,
                "description": f"The forum of {self._organization.name}.",
                "extended_site_description": "",
                "banner_image": None,
                "site_creation_date": "2022-01-01T08:00:00.000Z",
                "title": f"Forum of {self._organization.name}",
                "locale": self._organization.language,
                "version": "2026.1.0",
                "https": False,
                "can_see_about_stats": True,
                "contact_url": "",
                "contact_email": f"forum@{self._profile.name}.example",
                "moderator_ids": [_STAFF_ID],
                "admin_ids": [],
                "category_moderators": [],
            },
        }


def _missing() -> Resource:
    message = "The requested URL or resource could not be found."
    return _refused(HTTPStatus.NOT_FOUND, "not_found", message)


def _refused(status: HTTPStatus, kind: str, message: str) -> Resource:
    return json_resource({"errors": [message], "error_type": kind}, status=status)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
