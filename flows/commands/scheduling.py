"""The command that runs the whole job by itself: schedule."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    ALLOW_HOST,
    DATA,
    ORGANIZATIONS,
    guarded,
    options,
    project_settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flows.scheduling.serving import Service
    from flows.scheduling.timetable import Timetable
    from flows.settings import Settings


@click.command()
@click.argument("when", required=False)
@options(ORGANIZATIONS, DATA, ALLOW_HOST)
@click.option("--timezone", metavar="ZONE", help="Zone of the times, e.g. Europe/Amsterdam.")
@click.option("--name", help="Name of the schedule at Prefect (default: that of this folder).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4200,
    show_default=True,
    help="Port of the pages with runs and logs; another one where it is taken.",
)
@click.option(
    "--show", "instead", flag_value="show", help="Print when runs are due, and do nothing else."
)
@click.option(
    "--deployment",
    "instead",
    flag_value="deployment",
    help="Write prefect.yaml for a work pool, and do nothing else.",
)
@click.option("--catch-up/--no-catch-up", default=True, help="Run at once if a run was missed.")
@guarded
def schedule(
    when: str | None,
    timezone: str | None,
    name: str | None,
    port: int,
    instead: str | None,
    catch_up: bool,  # noqa: FBT001 - options as given
    **given: Any,  # noqa: ANN401
) -> int:
    """Run the whole job again and again, WHEN it is due, until Ctrl-C or SIGTERM.

    WHEN is a cron expression ('17 */6 * * *') or words: hourly, daily, nightly, weekly, 'every
    15 minutes', 'daily at 07:30', 'every weekday at 6:45'. Without it the setting `schedule`
    counts, which is hourly at first. A run asks only the channels that are due.

    A Prefect server of the project's own starts along with it and shows runs, logs and tables;
    where PREFECT_API_URL names one, that one is used. docs/operations.md tells how to start it
    with the machine.
    """
    from flows.scheduling.serving import Service

    settings = project_settings(**given, schedule=when, timezone=timezone)
    service = Service(
        name=name or settings.folder.name,
        folder=settings.folder,
        timetable=_timetable(settings),
        overrides={key: value for key, value in given.items() if value},
    )
    _show_times(service.timetable)
    if instead == "deployment":
        _write_deployment(service)
    elif not instead:
        _serve(settings, service, port, catch_up=catch_up)
    return ALL_WELL


def _timetable(settings: Settings) -> Timetable:
    from flows.scheduling.timetable import read_timetable

    return read_timetable(settings.schedule, settings.timezone, str(settings.folder))


def _show_times(timetable: Timetable) -> None:
    from zoneinfo import ZoneInfo

    from flows.clock import now

    zone = ZoneInfo(timetable.timezone)
    times = [f"{due.astimezone(zone):%a %Y-%m-%d %H:%M}" for due in timetable.after(now())]
    click.echo(f"Runs are due at {', '.join(times)} … ({timetable.cron}, {timetable.timezone})")


def _write_deployment(service: Service) -> None:
    from flows.errors import InputError
    from flows.scheduling.deployment import FILE_NAME, WORK_POOL, deployment_text
    from warehouse.durable import write_text

    path = service.folder / FILE_NAME
    if path.exists():
        problem = f"{path} is there already; remove it to have it written anew"
        raise InputError(problem)
    write_text(path, deployment_text(service))
    click.echo(f"wrote {FILE_NAME}; with a Prefect server in PREFECT_API_URL, and once a pool is")
    click.echo(f"there (`prefect work-pool create {WORK_POOL} --type process`):")
    click.echo("  prefect --no-prompt deploy --all")
    click.echo(f"  prefect worker start --pool {WORK_POOL}")


def _serve(settings: Settings, service: Service, port: int, *, catch_up: bool) -> None:
    from flows.job import make_order
    from flows.scheduling.serving import is_behind, serve

    make_order(settings, None)  # what cannot be collected is told now, not tonight
    project = settings.project
    with _prefect(settings.folder, port) as address, suppress(KeyboardInterrupt):
        click.echo(f"Runs, logs and tables: {address}/deployments; Ctrl-C ends the schedule.")
        behind = catch_up and is_behind(project, service.timetable)
        if behind:
            click.echo("A run was missed while the schedule did not run: it starts now.")
        serve(service, catch_up=behind)
    click.echo("The schedule has ended; nothing runs until it is started again.")


@contextmanager
def _prefect(folder: Path, port: int) -> Iterator[str]:
    """The address of the Prefect server that is used: the one that is set, or one of our own."""
    from flows.scheduling.prefectserver import prefect_server
    from flows.settings import prefect_api_url, prefect_home, prepare_prefect, report_to_prefect

    prepare_prefect(folder)
    if url := prefect_api_url():
        yield url.removesuffix("/api")
        return
    with prefect_server(prefect_home(), port) as address:
        report_to_prefect(f"{address}/api")
        yield address
