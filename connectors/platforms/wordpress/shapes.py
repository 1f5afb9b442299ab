"""What WordPress's REST interface answers (https://developer.wordpress.org/rest-api/reference/)."""

from __future__ import annotations

from typing import Any, ClassVar

from connectors.apis.payload import Shape


class Rendered(Shape, frozen=True, kw_only=True):
    """A text as the site shows it, in HTML."""

    unread: ClassVar[frozenset[str]] = frozenset({"protected", "raw", "block_version"})

    rendered: str = ""


class Post(Shape, frozen=True, kw_only=True):
    """One published post. `date` is local, `date_gmt` UTC; both without offset."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {
            "_links",
            "categories",
            "class_list",
            "comment_status",
            "excerpt",
            "featured_media",
            "format",
            "generated_slug",
            "guid",
            "meta",
            "modified",
            "permalink_template",
            "ping_status",
            "slug",
            "status",
            "sticky",
            "tags",
            "template",
            "type",
        }
    )

    id: int
    date: str | None = None
    date_gmt: str | None = None
    modified_gmt: str | None = None
    link: str = ""
    author: int = 0
    title: Rendered = Rendered()
    content: Rendered = Rendered()


class Comment(Shape, frozen=True, kw_only=True):
    """One approved comment. `author` is 0 for who wrote without an account on the site."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {"_links", "author_name", "author_url", "link", "meta", "status", "type"}
    )

    id: int
    post: int
    parent: int = 0
    author: int = 0
    date: str | None = None
    date_gmt: str | None = None
    content: Rendered = Rendered()
    # An empty PHP array is [] in JSON; a site may switch single sizes off.
    author_avatar_urls: dict[str, Any] | list[Any] | None = None


class Index(Shape, frozen=True, kw_only=True):
    """What a site says of itself."""

    unread: ClassVar[frozenset[str]] = frozenset(
        {
            "_links",
            "authentication",
            "gmt_offset",
            "image_output_formats",
            "image_size_threshold",
            "image_sizes",
            "jpeg_interlaced",
            "name",
            "namespaces",
            "page_for_posts",
            "page_on_front",
            "png_interlaced",
            "gif_interlaced",
            "routes",
            "show_on_front",
            "site_icon_url",
            "timezone_string",
        }
    )

    description: str = ""
    url: str = ""
    home: str = ""
    site_icon: int | None = None
    site_logo: int | None = None
