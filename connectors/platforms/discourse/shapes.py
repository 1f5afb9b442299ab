"""Answers of Discourse (2.x to 2026): lists of topics, topics with their posts, statistics.

Plugins add fields of their own; those of the plugins that come with Discourse or are hosted
with it are named as known.
"""

from __future__ import annotations

from typing import Any, ClassVar

from connectors.apis.payload import Shape


class Latest(Shape, frozen=True):
    """A page of `/latest.json`; the topics are read one by one."""

    topic_list: TopicList
    unread: ClassVar[frozenset[str]] = frozenset({"users", "primary_groups", "flair_groups"})


class TopicList(Shape, frozen=True):
    """The list in it; without `more_topics_url` it is the last page."""

    topics: list[Any]
    more_topics_url: str | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("can_create_topic", "draft", "draft_key", "draft_sequence", "per_page", "tags"),
            *("top_tags", "shared_drafts", "for_period", "categories", "filter_option_info"),
            *("fast_edit_supported", "topic_list_filter"),
        }
    )


class ListedTopic(Shape, frozen=True):
    """A topic as lists show it. `bumped_at` is when it last moved to the top."""

    id: int
    bumped_at: str
    posts_count: int = 0
    highest_post_number: int | None = None
    pinned: bool | None = None
    pinned_globally: bool | None = None
    has_accepted_answer: bool | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("title", "fancy_title", "slug", "reply_count", "image_url", "created_at"),
            *("last_posted_at",),
            *("bumped", "archetype", "unseen", "last_read_post_number", "unread", "new_posts"),
            *("unread_posts", "unpinned", "excerpt", "visible", "closed", "archived"),
            *("notification_level", "bookmarked", "liked", "thumbnails", "tags"),
            *("tags_descriptions", "views", "like_count", "op_like_count", "has_summary"),
            *("last_poster_username", "category_id", "featured_link", "posters"),
            *("featured_link_root_domain", "first_post_id", "op_can_like", "op_liked"),
            *("can_have_answer", "vote_count", "can_vote", "user_voted", "assigned_to_user"),
            *("indirectly_assigned_to", "event_starts_at", "event_ends_at", "last_poster"),
            *("is_post_voting", "is_hot", "liked_post_numbers", "participants", "answer_count"),
            *("tags_disable_ads", "is_nested_view", "locale", "includes_destination_category"),
        }
    )


class Topic(Shape, frozen=True):
    """A page of `/t/ID.json`. `accepted_answer` comes from the plugin Solved."""

    id: int
    title: str
    post_stream: PostStream
    posts_count: int = 0
    chunk_size: int = 20
    accepted_answer: AcceptedAnswer | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("timeline_lookup", "suggested_topics", "related_topics", "tags", "fancy_title"),
            *("tags_descriptions", "created_at", "views", "reply_count", "like_count"),
            *("last_posted_at", "visible", "closed", "archived", "has_summary", "archetype"),
            *("slug", "category_id", "word_count", "deleted_at", "user_id", "featured_link"),
            *("pinned_globally", "pinned_at", "pinned_until", "image_url", "draft", "draft_key"),
            *("slow_mode_seconds", "slow_mode_enabled_until", "draft_sequence", "posted"),
            *("unpinned", "pinned", "current_post_number", "highest_post_number", "deleted_by"),
            *("has_deleted", "actions_summary", "bookmarked", "bookmarks", "topic_timer"),
            *("message_bus_last_id", "participant_count", "show_read_indicator", "thumbnails"),
            *("summarizable", "has_cached_summary", "can_vote", "vote_count", "user_voted"),
            *("valid_reactions", "details", "is_nested_view", "locale", "last_read_post_number"),
            *("expandable_first_post", "is_warning", "discourse_zendesk_plugin_zendesk_id"),
            *("discourse_zendesk_plugin_zendesk_url", "ai_persona_name", "is_post_voting"),
            *("featured_link_root_domain", "assigned_to_user", "can_have_answer", "fireplace"),
            *("has_localized_content", "fancy_title_localized", "is_shared_draft", "tags_solved"),
            *("queued_posts_count", "pending_posts", "pending_posts_count", "message_archived"),
            *("topic_accepted_answer", "has_accepted_answer", "suggested_group_name"),
        }
    )


class AcceptedAnswer(Shape, frozen=True):
    """Which post solved the topic."""

    post_number: int | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("username", "name", "excerpt", "title", "accepter_name", "accepter_username"),
            *("accepted_at", "user_id", "avatar_template"),
        }
    )


class PostStream(Shape, frozen=True):
    """Posts of one page, and the ids of all there are (but for very long topics)."""

    posts: list[Any]
    stream: tuple[int, ...] = ()
    unread: ClassVar[frozenset[str]] = frozenset({"gaps", "isMegaTopic", "lastId"})


class Post(Shape, frozen=True):
    """One post. `post_type`: 1 ordinary, 2 of a moderator, 3 what happened, 4 among staff."""

    id: int
    post_number: int
    created_at: str
    updated_at: str | None = None
    user_id: int | None = None
    username: str | None = None
    cooked: str | None = None
    post_type: int = 1
    reply_to_post_number: int | None = None
    reply_count: int | None = None
    admin: bool | None = None
    moderator: bool | None = None
    staff: bool | None = None
    hidden: bool | None = None
    deleted_at: str | None = None
    user_deleted: bool | None = None
    accepted_answer: bool | None = None
    actions_summary: tuple[ActionSummary, ...] = ()
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("name", "avatar_template", "quote_count", "incoming_link_count", "reads", "score"),
            *("readers_count", "yours", "topic_id", "topic_slug", "topic_title"),
            *("topic_html_title", "category_id", "display_username", "primary_group_name"),
            *("flair_name", "flair_url", "flair_bg_color", "flair_color", "flair_group_id"),
            *("primary_group_flair_url", "primary_group_flair_color", "badges_granted"),
            *("primary_group_flair_bg_color", "version", "can_edit", "can_delete"),
            *("can_recover", "can_see_hidden_post", "can_wiki", "link_counts", "read"),
            *("user_title", "title_is_group", "reply_to_user", "bookmarked", "bookmarks", "raw"),
            *("trust_level", "edit_reason", "can_view_edit_history", "wiki", "reviewable_id"),
            *("reviewable_score_count", "reviewable_score_pending_count", "post_url"),
            *("can_accept_answer", "can_unaccept_answer", "topic_accepted_answer", "polls"),
            *("mentioned_users", "reactions", "current_user_reaction", "reaction_users_count"),
            *("current_user_used_main_reaction", "likeable", "can_vote", "user_cakedate"),
            *("user_birthdate", "user_created_at", "user_suspended", "user_status", "notice"),
            *("notice_created_by_user", "cooked_hidden", "hidden_reason_id", "deleted_by"),
            *("action_code", "action_code_who", "action_code_path", "via_email", "avg_time"),
            *("is_auto_generated", "group_moderator", "locked", "locale", "is_localized"),
            *("language", "localization_outdated", "calendar_details", "event", "excerpt"),
            *("truncated", "expandable_first_post", "topic_posts_count", "category_slug"),
            *("topic_filtered_posts_count", "topic_archetype", "polls_votes", "retorts"),
            *("activity_pub_enabled", "post_voting_vote_count", "post_voting_has_votes"),
            *("post_voting_user_voted_direction", "comments", "comments_count", "user_signature"),
            *("created_by", "post_localizations_count", "has_post_localizations", "policy_stats"),
            *("policy_not_accepted_by", "policy_accepted_by", "can_translate", "animated_avatar"),
        }
    )


class ActionSummary(Shape, frozen=True):
    """How often people did something with a post; 2 is a like."""

    id: int
    count: int = 0
    unread: ClassVar[frozenset[str]] = frozenset(
        {"can_act", "hidden", "acted", "can_undo", "can_defer_flags", "can_clear_flags"}
    )


class About(Shape, frozen=True):
    """`/about.json`."""

    about: Statistics
    unread: ClassVar[frozenset[str]] = frozenset({"users", "categories", "category_moderators"})


class Statistics(Shape, frozen=True):
    """What a forum says of itself; names in `stats` differ between versions and plugins."""

    stats: dict[str, Any] | None = None
    description: str | None = None
    contact_url: str | None = None
    contact_email: str | None = None
    unread: ClassVar[frozenset[str]] = frozenset(
        {
            *("title", "locale", "version", "https", "can_see_about_stats", "moderators"),
            *("admins", "category_moderators", "extended_site_description", "banner_image"),
            *("site_creation_date", "can_see_site_contact_details", "admin_ids", "moderator_ids"),
            *("discourse_discover_enrolled", "discourse_hub_enrolled", "logo_url"),
        }
    )
