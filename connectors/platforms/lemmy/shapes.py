"""Answers of Lemmy's interface v3 (0.18, 0.19, and 1.0 where it still has it)."""

from __future__ import annotations

from typing import Any, ClassVar

from connectors.apis.payload import Shape

_VIEWER = {
    *("community", "subscribed", "saved", "read", "hidden", "creator_blocked", "my_vote"),
    *("creator_banned_from_community", "banned_from_community", "unread_comments"),
    *("creator_banned", "image_details", "tags", "can_mod"),
}


class PostList(Shape, frozen=True):
    """A page of `/post/list`. Before 0.19 there is no `next_page`."""

    posts: list[Any]
    next_page: str | None = None
    unread: ClassVar[frozenset[str]] = frozenset({"prev_page"})


class PostAnswer(Shape, frozen=True):
    """`/post`: one post."""

    post_view: PostView
    unread: ClassVar[frozenset[str]] = frozenset(
        {"community_view", "moderators", "cross_posts", "online"}
    )


class PostView(Shape, frozen=True):
    """A post with its author and counts; before 0.19 nothing says who is a moderator."""

    post: Post
    creator: Person
    counts: PostCounts
    creator_is_moderator: bool | None = None
    creator_is_admin: bool | None = None
    unread: ClassVar[frozenset[str]] = frozenset(_VIEWER)


class Post(Shape, frozen=True):
    """What was posted: a title, and a text or a link."""

    id: int
    name: str
    published: str
    updated: str | None = None
    body: str | None = None
    url: str | None = None
    deleted: bool = False
    removed: bool = False
    featured_community: bool = False
    featured_local: bool = False
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("creator_id", "community_id", "locked", "nsfw", "ap_id", "local", "language_id"),
            *("embed_title", "embed_description", "embed_video_url", "thumbnail_url", "alt_text"),
            *("url_content_type", "scheduled_publish_time", "instance_id", "stickied"),
        }
    )


class PostCounts(Shape, frozen=True):
    """How often a post was answered, and when last."""

    comments: int = 0
    upvotes: int | None = None
    newest_comment_time: str | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("id", "post_id", "score", "downvotes", "published", "newest_comment_time_necro"),
            *("featured_community", "featured_local", "hot_rank", "hot_rank_active"),
            *("community_id", "creator_id", "controversy_rank", "instance_id", "scaled_rank"),
            *("report_count", "unresolved_report_count"),
        }
    )


class Person(Shape, frozen=True):
    """Who wrote it; `actor_id` is the address of the account at its home server."""

    actor_id: str
    deleted: bool = False
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("id", "name", "display_name", "avatar", "banner", "banned", "ban_expires", "bio"),
            *("published", "updated", "local", "admin", "bot_account", "instance_id"),
            *("matrix_user_id", "inbox_url", "shared_inbox_url", "ap_id", "post_count"),
            *("comment_count",),
        }
    )


class CommentList(Shape, frozen=True):
    """A page of `/comment/list`."""

    comments: list[Any]
    unread: ClassVar[frozenset[str]] = frozenset({"next_page", "prev_page"})


class CommentView(Shape, frozen=True):
    """A comment with its author and counts."""

    comment: Comment
    creator: Person
    counts: CommentCounts
    creator_is_moderator: bool | None = None
    creator_is_admin: bool | None = None
    unread: ClassVar[frozenset[str]] = frozenset({*_VIEWER, "post"})


class Comment(Shape, frozen=True):
    """A comment; `path` names what it replies to: "0.12.34" is 34, a reply to 12."""

    id: int
    path: str
    content: str
    published: str
    updated: str | None = None
    deleted: bool = False
    removed: bool = False
    unread: ClassVar[frozenset[str]] = frozenset(
        {"creator_id", "post_id", "ap_id", "local", "distinguished", "language_id"}
    )


class CommentCounts(Shape, frozen=True):
    """How often a comment was answered, by whatever depth."""

    child_count: int | None = None
    upvotes: int | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("id", "comment_id", "score", "downvotes", "published", "hot_rank"),
            *("controversy_rank", "report_count", "unresolved_report_count"),
        }
    )


class CommunityAnswer(Shape, frozen=True):
    """`/community`: the community itself."""

    community_view: CommunityView
    unread: ClassVar[frozenset[str]] = frozenset(
        {"site", "moderators", "discussion_languages", "default_post_language", "online"}
    )


class CommunityView(Shape, frozen=True):
    """A community and its counts."""

    community: Community
    counts: CommunityCounts
    unread: ClassVar[frozenset[str]] = frozenset({"subscribed", "blocked", "banned_from_community"})


class Community(Shape, frozen=True):
    """What a community says of itself."""

    description: str | None = None
    icon: str | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("id", "name", "title", "removed", "published", "updated", "deleted", "nsfw"),
            *("actor_id", "local", "banner", "hidden", "posting_restricted_to_mods"),
            *("instance_id", "visibility", "sidebar", "only_followers_can_vote"),
            *("followers_url", "inbox_url", "shared_inbox_url", "ap_id"),
        }
    )


class CommunityCounts(Shape, frozen=True):
    """How large a community is."""

    subscribers: int | None = None
    posts: int | None = None
    users_active_month: int | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("id", "community_id", "comments", "published", "users_active_day", "hot_rank"),
            *("users_active_week", "users_active_half_year", "subscribers_local"),
            *("report_count", "unresolved_report_count", "interactions_month"),
        }
    )
