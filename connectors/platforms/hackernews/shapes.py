"""What the Algolia search of Hacker News serves, as far as it is read."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from connectors.apis.payload import Shape


class Search(
    Shape,
    frozen=True,
    kw_only=True,
    rename={"is_exhaustive": "exhaustiveNbHits", "hit_count": "nbHits"},
):
    """One page of a search. It is exhaustive when nothing that fits was passed over."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {
            "exhaustive",
            "exhaustiveTypo",
            "hitsPerPage",
            "nbPages",
            "page",
            "params",
            "processingTimeMS",
            "processingTimingsMS",
            "query",
            "queryAfterRemoval",
            "serverTimeMS",
        }
    )
    hits: list[Any]
    hit_count: int
    is_exhaustive: bool = False


class Story(Shape, frozen=True, kw_only=True, rename={"story_number": "objectID"}):
    """A story as the search lists it; `created_at_i` is in seconds since 1970."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {
            "_highlightResult",
            "_tags",
            "children",
            "comment_text",
            "created_at",
            "parent_id",
            "relevancy_score",
            "story_id",
            "story_title",
            "story_url",
        }
    )
    story_number: Annotated[str, Meta(pattern="^[0-9]{1,15}$")]
    created_at_i: int
    author: str | None = None
    title: str | None = None
    story_text: str | None = None
    url: str | None = None
    points: int | None = None
    num_comments: int | None = None
    updated_at: str | None = None


class Item(Shape, frozen=True, kw_only=True, rename={"number": "id"}):
    """A story or a comment with what hangs below it; without author and text when deleted."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {"created_at_i", "options", "parent_id", "story_id", "title", "type", "url"}
    )
    number: int
    created_at: str | None = None
    author: str | None = None
    text: str | None = None
    points: int | None = None
    children: tuple[Any, ...] = ()
