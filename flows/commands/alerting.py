"""The command about alerts: what is open, look now, and try whether messages arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    JSON,
    NOTHING_DONE,
    SOME_FAILED,
    guarded,
    options,
    print_json,
    project_settings,
    project_warehouse,
    warn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flows.alerting.trial import Tried

_CHECK = click.option(
    "--check",
    "look",
    is_flag=True,
    help="Look at everything now, and send what is to be sent; for cron too.",
)
_TRY = click.option(
    "--try", "attempt", is_flag=True, help="Send a trial message everywhere, and say what came."
)
_ALL = click.option("--all", "every", is_flag=True, help="Also those that are over.")


@click.command()
@options(_CHECK, _TRY, _ALL, DATA, JSON)
@guarded
def alerts(look: bool, attempt: bool, every: bool, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Show what is wrong now, and since when.

    Every run looks for it at its end, and tells when something begins and when it is over: in
    data/alerts.log, by e-mail, to a webhook, and to Prefect. docs/alerts.md tells which
    conditions there are. 0: nothing is open. 3: something is. 1: it could not be looked at.
    With --try, 0: all messages arrived. 3: some did. 1: none did.
    """
    if look and attempt:
        message = "give --check or --try, not both"
        raise click.UsageError(message)
    if attempt:
        return _try(given, as_json=as_json)
    if look:
        _look(given)
    return _show(given, every=every, as_json=as_json)


def _look(given: dict[str, Any]) -> None:
    """Look now, as a run does at its end.

    Raises:
        NothingDoneError: a run is at work; it looks itself when it ends, if it ever does.
    """
    from flows.alerting.freshness import age_sentence
    from flows.alerting.watch import watch
    from flows.clock import now
    from flows.errors import NothingDoneError
    from flows.project import Project
    from flows.recovery import close_killed_runs
    from warehouse.db import WarehouseBusyError

    settings = project_settings(**given)
    try:
        with project_warehouse(given) as (project, connection):
            close_killed_runs(project, connection)
            watched = watch(project, settings, connection, now(), is_patient=False)
    except WarehouseBusyError as error:
        age = age_sentence(Project(settings.data_folder).snapshot, now())
        message = f"{error}. {age}"
        raise NothingDoneError(message) from error
    warn(watched.problems)


def _show(given: dict[str, Any], *, every: bool, as_json: bool) -> int:
    from flows.alerting.listing import alerts_overview

    with project_warehouse(given, read_only=True) as (_, connection):
        found = alerts_overview(connection, every=every)
    if as_json:
        print_json(found)
    else:
        _show_alerts(found)
    return SOME_FAILED if found["open_count"] else ALL_WELL


def _show_alerts(found: dict[str, Any]) -> None:
    if not found["alerts"]:
        click.echo("Nothing is open.")
    for alert in found["alerts"]:
        _show_alert(alert)
    for row in found["undelivered"]:
        since = f"since {row['since']:%Y-%m-%d %H:%M} UTC"
        click.echo(
            f"{row['message_count']} messages could not be sent by {row['channel']} {since}: "
            f"{row['last_error']}"
        )


def _show_alert(alert: dict[str, Any]) -> None:
    span = f"since {alert['opened_at']:%Y-%m-%d %H:%M} UTC"
    if alert["recovered_at"]:
        span = (
            f"{alert['opened_at']:%Y-%m-%d %H:%M} to {alert['recovered_at']:%Y-%m-%d %H:%M} UTC, "
            f"{alert['ending'].replace('_', ' ')}"
        )
    click.echo(f"{alert['severity']:<8} {alert['title']} ({alert['condition_code']}, {span})")
    for line in alert["text"].splitlines():
        click.echo(f"         {line}")


def _try(given: dict[str, Any], *, as_json: bool) -> int:
    from flows.alerting.trial import try_all
    from flows.clock import now

    tried = try_all(project_settings(**given), now())
    if as_json:
        print_json([one._asdict() for one in tried])
    else:
        _show_tried(tried)
    arrived = sum(not one.error for one in tried)
    if arrived == len(tried):
        return ALL_WELL
    return SOME_FAILED if arrived else NOTHING_DONE


def _show_tried(tried: Iterable[Tried]) -> None:
    for one in tried:
        click.echo(f"{one.channel:<8} {one.error or 'arrived'}: {one.place}")
