"""Screenshots of every page: `make screenshots`; `--docs` renews the three of the README.

Pages are those of an invented snapshot of 120 organizations and 40 weeks, or of `--snapshot`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmark_scripts import script_named
from browsing import SCREENS, chromium, served, visited

from dashboards.pages.registry import PAGES

ROOT = Path(__file__).parents[2]
DOCUMENT_PAGES = {
    "benchmark": "",
    "organization": "organizations/organization-000046",
    "agreement": "agreement",
}
DOCUMENT_SCREEN = {"viewport": {"width": 1280, "height": 1000}}


def main() -> None:
    """Make what was asked for, and say where it lies."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        snapshot = asked.snapshot or script_named("invented_snapshot").write_snapshot(
            folder / "snapshot", 120, 40
        )
        places = {"inbox": folder / "inbox", "drafts": folder / "drafts"}
        with chromium() as browser, served(snapshot, **places) as address:
            if asked.docs:
                _of_documents(browser, address)
            else:
                _of_all(browser, address, asked.folder, asked.organization)


def _of_all(browser, address, folder, organization):
    folder.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        place = f"{page.path}/{organization}" if page.is_about_one else page.path
        if page.name == "comparison":
            place += f"?org={organization}&org=organization-000003&org=organization-000005"
        for name, screen in SCREENS.items():
            with visited(browser, address + place, **screen) as visit:
                path = folder / f"{page.name}-{name}.png"
                visit.page.screenshot(path=path, full_page=True)
                print(path)  # noqa: T201 - a script


def _of_documents(browser, address):
    folder = ROOT / "docs" / "dashboard"
    folder.mkdir(exist_ok=True)
    for name, place in DOCUMENT_PAGES.items():
        with visited(browser, address + place, **DOCUMENT_SCREEN) as visit:
            visit.page.screenshot(path=folder / f"{name}.png")
            print(folder / f"{name}.png")  # noqa: T201 - a script


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "screenshots")
    parser.add_argument("--snapshot", type=Path, help="a published snapshot of your own")
    parser.add_argument("--organization", default="organization-000046")
    parser.add_argument("--docs", action="store_true", help="the three of the README alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
