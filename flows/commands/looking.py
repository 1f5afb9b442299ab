"""Commands to look at things: status, dashboard, demo."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    JSON,
    guarded,
    options,
    print_json,
    project_settings,
    project_warehouse,
)
from flows.commands.working import run_directly

if TYPE_CHECKING:
    from dashboards.access import Access


@click.command()
@options(DATA, JSON)
@guarded
def status(as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Show the last run, what failed and why; for cron too.

    0: the last run saw every channel. 3: some channels failed. 1: the last run did not
    complete, or there was none.
    """
    from flows.status import exit_code, read_status

    with project_warehouse(given, read_only=True) as (_, connection):
        found = read_status(connection)
    if as_json:
        print_json(found)
    else:
        _show_status(found)
    return exit_code(found)


def _show_status(found: dict[str, Any]) -> None:
    for run_ in found["runs"][:1]:
        click.echo(
            f"Last run {run_['run_id']}: {run_['state']}, {run_['started_at']:%Y-%m-%d %H:%M} UTC"
        )
        if run_["error"]:
            click.echo(f"  {run_['error']}")
    click.echo("Channels by how the last attempt ended:")
    for row in found["channels"]:
        click.echo(f"  {row['channel_count']:>6}  {row['outcome']}")
    if found["failing"]:
        click.echo("Not seen:")
    for row in found["failing"]:
        seen = f"last seen {row['last_seen_at']:%Y-%m-%d}" if row["last_seen_at"] else "never seen"
        click.echo(f"  {row['organization_id']}  {row['address']}")
        click.echo(f"      {row['last_outcome']}: {row['last_error']} ({seen})")
    if found["moved"]:
        click.echo("Read at another address than the listed one:")
    for row in found["moved"]:
        click.echo(f"  {row['organization_id']}  {row['address']}")
        click.echo(f"      {row['adoption_reason']}: {row['adopted_url']}")
    if found["lossy"]:
        click.echo("More came than the channel shows at a time, so entries were probably missed:")
    for row in found["lossy"]:
        hours = f"now asked every {row['interval_hours']:.1f} hours"
        click.echo(f"  {row['organization_id']}  {row['address']} ({hours})")
    _show_drifts(found["drifts"])
    _show_alerts(found["alerts"])
    _show_schema(found["schema_version"])


def _show_alerts(told: list[dict[str, Any]]) -> None:
    from flows.alerting.listing import open_sentence

    click.echo(open_sentence(told))


def _show_schema(schema: int) -> None:
    from importlib.metadata import version

    from warehouse.migrations import our_schema

    older = "" if schema == our_schema() else f"; `barograph build` brings it to {our_schema()}"
    click.echo(f"Schema of the warehouse: {schema} (Barograph {version('barograph')}){older}")


def _show_drifts(drifts: list[dict[str, Any]]) -> None:
    """What could not be read is told one by one, what is merely new in one line a source."""
    changed = [row for row in drifts if row["drift_kind"] == "changed_type"]
    if changed:
        click.echo("Left out, because the platform's answers have changed (please report it):")
    for row in changed:
        since = f"since {row['first_seen_at']:%Y-%m-%d}, on {row['page_count']} pages"
        click.echo(f"  {row['source']}  {row['path']}: {row['found']} ({since})")
    new = Counter(row["source"] for row in drifts if row["drift_kind"] == "new_field")
    for source, count in new.items():
        click.echo(f"{source}: {count} fields that are new to us; nothing is lost by it")


@click.command()
@options(DATA)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; others than this machine's own need the setting dashboard_access.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8035,
    show_default=True,
    help="Port to listen on.",
)
@click.option("--open/--no-open", "open_browser", default=True, help="Open a browser.")
@click.option("--assess/--no-assess", default=True, help="Offer the questionnaires.")
@guarded
def dashboard(host: str, port: int, open_browser: bool, assess: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Serve the benchmark, all other pages and the questionnaires; Ctrl-C ends it.

    Only this machine can read it, unless the setting dashboard_access says who else may;
    docs/dashboard.md tells more.
    """
    from dashboards.app import create_app, serve

    settings = project_settings(**given)
    project = settings.project
    application = create_app(
        project.snapshot,
        inbox=settings.inbox_folder if assess else None,
        drafts=project.data / "questionnaires" if assess else None,
        access=_access(settings.dashboard_access, host),
    )
    with suppress(KeyboardInterrupt):
        serve(application, host, port, open_browser=open_browser)
    return ALL_WELL


def _access(setting: str, host: str) -> Access:
    """Who may read.

    Raises:
        InputError: the setting is missing, or is none.
    """
    from dashboards.access import AccessSettingError, access_for
    from flows.errors import InputError

    try:
        return access_for(setting, host)
    except AccessSettingError as error:
        raise InputError(str(error)) from None


@click.command()
@click.option("--folder", default="demo", show_default=True, help="Where the demo project goes.")
@guarded
def demo(folder: str) -> int:
    """Run the whole job on an invented world, on this machine."""
    from flows.demonstration import demonstrate

    demonstrate(Path.cwd() / folder, run_directly)
    return ALL_WELL
