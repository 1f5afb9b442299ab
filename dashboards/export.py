"""The benchmark as files that need no server: to mail, archive, print or put on a web server."""

from __future__ import annotations

from pathlib import Path

from dashboards import downloads, views
from dashboards.filters import Filters
from warehouse.durable import write_text
from warehouse.snapshots import Snapshot

STYLE_SHEET = Path(__file__).parent / "static" / "app.css"


def write_site(snapshot_path: Path, folder: Path) -> Path:
    """Write `index.html` with its styles inside, and the data beside it as CSV and JSON.

    The page has no script, no form and only relative links. Each file appears whole or not
    at all, the page last, so that a reader never meets a page without its data. Files of
    those names are replaced; others in the folder are left alone.

    Args:
        snapshot_path: the published snapshot, or the link to it.
        folder: made when missing.

    Returns:
        The path of `index.html`.

    Raises:
        SnapshotMissing: nothing was published yet.
    """
    snapshot, everyone = Snapshot.open(snapshot_path), Filters()
    style_sheet = STYLE_SHEET.read_text(encoding="utf-8")
    page = views.benchmark(snapshot, everyone, style_sheet=style_sheet)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "organizations.csv", downloads.as_csv(snapshot, everyone))
    write_text(folder / "organizations.json", downloads.as_json(snapshot, everyone))
    write_text(folder / "index.html", page)
    return folder / "index.html"
