"""The dashboard as files that need no server: to mail, archive, print or put on a web server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.answering import Wanted, gathered, page_html, twin
from dashboards.links import Links
from dashboards.pages.notice import notice_page
from dashboards.pages.registry import PAGES
from dashboards.reading.organizations import organization_ids
from warehouse.durable import write_text
from warehouse.snapshots import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Site(NamedTuple):
    """What was written."""

    first_page: Path
    page_count: int


def write_site(
    snapshot_path: Path, folder: Path, advance: Callable[[], None] = lambda: None
) -> Site:
    """Write every page with its styles inside, and the data beside them as CSV, JSON and SVG.

    Pages have no script, no form and only relative links. Each file appears whole or not at all,
    `index.html` last, so that a reader never meets a page without what it links to. Files of
    those names are replaced; others in the folder are left alone.

    Args:
        snapshot_path: the published snapshot, or the link to it.
        folder: made when missing.
        advance: told after each page.

    Raises:
        SnapshotMissing: nothing was published yet.
    """
    snapshot = Snapshot.open(snapshot_path)
    wanted = list(all_pages(snapshot))
    write_text(folder / "notice.html", notice_page(snapshot, Links(place="notice", is_live=False)))
    for each in reversed(wanted):
        _write_page(snapshot, each, folder)
        advance()
    return Site(folder / "index.html", len(wanted))


def all_pages(snapshot: Snapshot) -> Iterator[Wanted]:
    """Every page of a static site, the first one first."""
    for page in PAGES:
        if page.is_static and not page.is_about_one:
            yield Wanted(page=page)
        elif page.is_static:
            for name in organization_ids(snapshot):
                yield Wanted(page=page, organization_id=name)


def _write_page(snapshot: Snapshot, wanted: Wanted, folder: Path) -> None:
    visit, content = gathered(snapshot, wanted, is_live=False)
    data, place = folder / "data", wanted.place or "benchmark"
    _write(data / f"{place.replace('/', '-')}.json", twin(visit, content, _as(wanted, "json")))
    if not wanted.organization_id:
        _write(data / f"{place}.csv", twin(visit, content, _as(wanted, "csv")))
        for figure in content.figures:
            for form in ("csv", "json", *(["svg"] if figure.drawing else [])):
                one = _as(wanted, form, figure.name)
                _write(data / f"{place}-{figure.name}.{form}", twin(visit, content, one))
    _write(folder / f"{wanted.place or 'index'}.html", page_html(visit, wanted.page, content))


def _as(wanted: Wanted, form: str, figure: str = "") -> Wanted:
    return Wanted(
        page=wanted.page, form=form, figure=figure, organization_id=wanted.organization_id
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
