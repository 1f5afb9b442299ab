"""The public notice to those whom the records are about: who, what, why, how long, which rights."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from dashboards.reading.rights import notice
from dashboards.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboards.links import Links
    from dashboards.reading.query import ReadableSnapshot
    from dashboards.reading.rights import NoticeParagraph


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSection:
    """A heading, the paragraphs below it, and a list."""

    heading: str
    paragraphs: list[str]
    items: list[str]


def sections(found: Iterable[NoticeParagraph]) -> list[NoticeSection]:
    """The notice by its headings, in their order."""
    made = []
    for heading, group in groupby(found, key=lambda each: each.heading):
        parts = list(group)
        made.append(
            NoticeSection(
                heading=heading,
                paragraphs=[each.paragraph for each in parts if not each.is_item],
                items=[each.paragraph for each in parts if each.is_item],
            )
        )
    return made


def notice_page(snapshot: ReadableSnapshot, links: Links) -> str:
    """The notice as it was published with a snapshot: no page of numbers, so it stands apart."""
    return render("notice_document.html", notice=sections(notice(snapshot)), links=links)
