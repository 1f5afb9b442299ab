"""What every page is: an address, what may be asked of it, and how it is gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashboards.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.figures import Figure
    from dashboards.links import Links
    from dashboards.reading.header import FilterOption, SnapshotHeader
    from dashboards.reading.query import ReadableSnapshot


class NoSuchOrganizationError(LookupError):
    """An address names an organization that the snapshot does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One reader's request for one page.

    Attributes:
        snapshot: what to show.
        header: what it says of itself.
        options: values of the filters, see `reading.header.filter_options`.
        asked: the page's parameters, of the type that the page declares.
        links: where links of this page lead.
        organization_id: from the address; "" for pages about all.
        is_whole: long tables are wanted whole, not page by page: in downloads and static files.
    """

    snapshot: ReadableSnapshot
    header: SnapshotHeader
    options: dict[str, list[FilterOption]] = field(default_factory=dict)
    asked: Any
    links: Links
    organization_id: str = ""
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a page shows.

    Attributes:
        title: of the browser's window.
        figures: everything that can be had as data, the main one first.
        shown: whatever else the template needs; it finds it as `page`.
        filters: what was asked for, for metadata and for paper.
    """

    title: str
    figures: tuple[Figure, ...] = ()
    shown: object = None
    filters: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A kind of page.

    Attributes:
        name: its template is `templates/pages/<name>.html`.
        path: of its address, without the leading slash; "" is the first page.
        label: in the navigation; "" keeps it out of there.
        asked: its parameters.
        gather: from a visit to what is shown.
        is_about_one: its path goes on with the identifier of an organization.
        is_static: a static site has it.
    """

    name: str
    path: str
    label: str
    gather: Callable[[Visit], Content]
    asked: type[Asked] = Asked
    is_about_one: bool = False
    is_static: bool = True


def week_of(visit: Visit) -> str:
    """The week that a visit is about, ISO 8601."""
    return visit.asked.week or f"{visit.header.as_of_week}"
