"""Commands that hand on what was published: as pages, or as a file for analysts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from flows.commands.frame import ALL_WELL, DATA, guarded, options, project_settings


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@options(DATA)
@guarded
def site(folder: Path, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Write all pages as files that need no server: to mail, archive, print or put on the web.

    Every page with its styles inside, and its data beside it as CSV, JSON and SVG; no script, no
    request to anybody. Questionnaires and filters need the dashboard.
    """
    from dashboards.site import all_pages, write_site
    from flows.terminal import progress
    from flows.written import note_written
    from warehouse.snapshots import Snapshot

    project = project_settings(**given).project
    link = _published(project.snapshot)
    count = len(list(all_pages(Snapshot.open(link))))
    with progress("writing pages", count, quiet=False) as advance:
        written = write_site(link, folder, lambda: advance(1))
    note_written(project, "site", folder)
    click.echo(f"{written.page_count} pages, the first of them {written.first_page}")
    return ALL_WELL


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options(DATA)
@guarded
def snapshot(file: Path, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Copy the published snapshot to a DuckDB file of your own, for notebooks and analysts.

    It holds what the dashboard shows and nothing that is private, and stays as it is when the
    next one is published. `notebooks/explore.py` begins with one.
    """
    import shutil

    from flows.written import note_written
    from warehouse.durable import UNFINISHED_SUFFIX

    project = project_settings(**given).project
    found = _published(project.snapshot).resolve()
    unfinished = file.with_name(f".{file.name}{UNFINISHED_SUFFIX}")
    shutil.copyfile(found, unfinished)
    unfinished.replace(file)
    note_written(project, "snapshot", file)
    click.echo(f"{found.stem} as {file}")
    return ALL_WELL


def _published(link: Path) -> Path:
    from flows.errors import NothingDoneError

    if not link.exists():
        problem = f"{link}: no snapshot published yet; run `barograph publish` first"
        raise NothingDoneError(problem)
    return link
