"""What the Stack Exchange API (version 2.3) serves, as far as it is read."""

from __future__ import annotations

from typing import Any, ClassVar

from connectors.apis.payload import Shape


class Wrapper(Shape, frozen=True, kw_only=True):
    """What every answer is wrapped in; `items` is missing when it tells of an error."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {
            "backoff",
            "error_id",
            "error_message",
            "page",
            "page_size",
            "quota_max",
            "quota_remaining",
            "total",
            "type",
        }
    )
    items: list[Any] | None = None
    has_more: bool = False
    error_name: str = ""


class Owner(Shape, frozen=True, kw_only=True):
    """Who wrote a post: an account of the site, and of the whole network."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {
            "accept_rate",
            "badge_counts",
            "display_name",
            "is_employee",
            "link",
            "profile_image",
            "reputation",
        }
    )
    account_id: int | None = None
    user_id: int | None = None
    user_type: str = ""


#: What any post may have beside what is read, with every filter that is met in practice.
_POST = frozenset(
    {
        "body",
        "body_markdown",
        "can_comment",
        "can_edit",
        "can_flag",
        "can_suggest_edit",
        "collectives",
        "comment_count",
        "comments",
        "community_owned_date",
        "content_license",
        "down_vote_count",
        "downvoted",
        "last_editor",
        "link",
        "locked_date",
        "posted_by_collectives",
        "share_link",
        "tags",
        "up_vote_count",
        "upvoted",
    }
)


class Question(Shape, frozen=True, kw_only=True):
    """A question; `creation_date` and the like are seconds since 1970."""

    unread: ClassVar[frozenset[str]] = _POST | {
        "answers",
        "bounty_amount",
        "bounty_closes_date",
        "bounty_user",
        "can_answer",
        "can_close",
        "close_vote_count",
        "closed_date",
        "closed_details",
        "closed_reason",
        "delete_vote_count",
        "favorite_count",
        "favorited",
        "is_answered",
        "migrated_from",
        "migrated_to",
        "notice",
        "protected_date",
        "reopen_vote_count",
        "view_count",
    }
    question_id: int
    creation_date: int
    last_activity_date: int
    title: str = ""
    owner: Owner | None = None
    answer_count: int = 0
    accepted_answer_id: int | None = None
    last_edit_date: int | None = None
    score: int = 0


class Answer(Shape, frozen=True, kw_only=True):
    """An answer to a question."""

    unread: ClassVar[frozenset[str]] = _POST | {
        "accepted",
        "awarded_bounty_amount",
        "awarded_bounty_users",
        "can_accept",
        "last_activity_date",
        "recommendations",
        "title",
    }
    answer_id: int
    question_id: int
    creation_date: int
    owner: Owner | None = None
    is_accepted: bool = False
    last_edit_date: int | None = None
    score: int = 0


class Tag(Shape, frozen=True, kw_only=True):
    """How many questions a tag has."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {
            "collectives",
            "has_synonyms",
            "is_moderator_only",
            "is_required",
            "last_activity_date",
            "name",
            "synonyms",
            "user_id",
        }
    )
    count: int
