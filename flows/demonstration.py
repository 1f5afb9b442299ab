"""`barograph demo`: the whole job on an invented world, over real HTTP on this machine."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from dashboards.site import write_site
from flows.agreement import about_comparison, full_comparison, report_record
from flows.agreementfiles import write_comparison
from flows.agreementtext import six_lines
from flows.build import build_signals
from flows.clock import now
from flows.demo.initiatives import write_initiatives
from flows.demo.project import write_project
from flows.demo.questionnaires import write_questionnaires
from flows.demo.server import serve_world
from flows.demo.world import build_world
from flows.estimate import estimate_past
from flows.job import make_order
from flows.opening import open_project
from flows.publish import publish
from flows.settings import load_settings
from flows.written import note_written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flows.settings import Settings


#: Weeks so far apart share no activity, so that moves can be told.
_HISTORY = timedelta(weeks=14)
_EXAMPLE = "quillhaven"  # has initiatives and a questionnaire
_KEPT = "models"  # the trained model depends on nothing in the world


def demonstrate(folder: Path, run: Callable[..., int]) -> None:
    """Build the world, serve it, run the job on it in `folder`, and stop.

    Args:
        folder: the demo's project; its data of an earlier demo are removed first.
        run: does the whole job for an order and prints what came of it.
    """
    _clear(folder / "data")
    for name in ("inbox", "site"):
        shutil.rmtree(folder / name, ignore_errors=True)
    world = build_world(now())
    with serve_world(world) as server:
        write_project(world, folder, server.base_url, server.forum_urls)
        write_questionnaires(world, folder, now().date())
        write_initiatives(folder)
        click.echo(
            f"{len(world.organizations)} invented organizations are served at {server.base_url}; "
            "none of them exists.\n"
        )
        settings = load_settings(folder, {"allow_host": ("127.0.0.1",)})
        run(make_order(settings, None, ask_all=True, command="demo", is_invented=True))
    _look_back(settings)
    _compare(settings)
    site = write_site(settings.project.snapshot, folder / "site")
    note_written(settings.project, "site", folder / "site")
    _what_next(folder, site.first_page)


def _look_back(settings: Settings) -> None:
    """Measure and estimate the weeks before, so that the pages have a history to show."""
    project, moment = settings.project, now()
    since = moment - _HISTORY
    with open_project(project) as connection:
        build_signals(project, connection, moment, since)
        estimate_past(project, connection, since)
        publish(project, connection)


def _compare(settings: Settings) -> None:
    """End with what the product is for: claims beside observation, and a report to read."""
    project = settings.project
    with open_project(project) as connection:
        report = full_comparison(project, connection)
        record = report_record(report, about_comparison(connection))
    paths = write_comparison(settings.folder / "report", record)
    note_written(project, "report", settings.folder / "report")
    click.echo("")
    for sentence in six_lines(report):
        click.echo(sentence)
    click.echo(f"Report: {paths[-1]}")


def _clear(data: Path) -> None:
    for path in data.glob("*") if data.exists() else ():
        if path.name == _KEPT:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _what_next(folder: Path, page: Path) -> None:
    program, place = _program(), shlex.quote(os.path.relpath(folder))
    data = f"--data {place}/data"
    steps = {
        f"{program} dashboard {data}": "the same pages with filters and questionnaires, at http://127.0.0.1:8035/",
        f"{program} status {data}": "what was seen, what was not, and why",
        f"{program} roadmap {_EXAMPLE} {data}": "what comes next for one organization",
        f"{program} initiatives {_EXAMPLE} --file {place}/initiatives.csv {data}": (
            "which of its initiatives come first, and how sure that is"
        ),
        f"{program} export {place}/out {data}": "all tables as Parquet and CSV",
        f"{program} init": "start watching organizations of your own",
    }
    width = max(map(len, steps))
    click.echo("\nThe failures above are part of the world: a feed is gone, a server is down …")
    click.echo("Next:")
    for command, purpose in steps.items():
        click.echo(f"  {command:<{width}}  {purpose}")
    click.echo(f"\nThe pages, as files: {page.as_uri()}")


def _program() -> str:
    """The command as the reader can type it here."""
    if shutil.which("barograph"):
        return "barograph"
    return os.path.relpath(sys.argv[0])
