"""The steps of the job after collecting, one command each; and replay."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    AS_OF,
    DATA,
    SOME_FAILED,
    guarded,
    moment_of,
    options,
    project_settings,
    project_warehouse,
)

if TYPE_CHECKING:
    from datetime import datetime


@click.command()
@options(DATA, AS_OF)
@click.option(
    "--since", metavar="DATE", help="Also measure every full week from this day's on: the history."
)
@guarded
def build(as_of: str | None, since: str | None, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Measure all signals anew, and check the tables.

    Nothing is asked; what has been collected is enough. Only what is new since the last build is
    read again.
    """
    from flows.build import build_signals, clocks
    from flows.clock import now
    from flows.recovery import recover
    from flows.terminal import progress

    moment, first = moment_of(as_of) or now(), moment_of(since, "--since")
    with project_warehouse(given) as (project, connection):
        recover(project, connection)
        weeks = len(list(clocks(moment, first, moment)))
        with progress("measuring weeks", weeks, quiet=weeks == 1) as advance:
            counts = build_signals(project, connection, moment, first, advance)
    for name, count in counts.items():
        click.echo(f"{count:>12,}  {name}")
    return ALL_WELL


@click.command()
@options(DATA)
@click.option(
    "--since",
    metavar="DATE",
    help="Also estimate every measured week from this day's on: the history.",
)
@guarded
def estimate(since: str | None, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Estimate observed stages, with their prediction sets.

    Of the history only those weeks that the current model has not estimated since they were last
    measured; `barograph build --since DATE` measures them.
    """
    from flows.estimate import estimate as estimate_all
    from flows.terminal import observed

    first = moment_of(since, "--since")
    with project_warehouse(given) as (project, connection):
        for made in estimate_all(project, connection):
            row = {name: getattr(made, name) for name in made.__dataclass_fields__}
            click.echo(f"{made.organization_id}: {observed(row)}")
            if made.abstention_text:
                click.echo(f"    {made.abstention_text}")
        return _estimate_past(project, connection, first) if first else ALL_WELL


def _estimate_past(project: Any, connection: Any, since: datetime) -> int:  # noqa: ANN401 - as opened
    from flows.estimate import estimate_past, without_evidence

    past = estimate_past(project, connection, since)
    click.echo(
        f"earlier weeks: {len(past.estimated)} estimated, {len(past.up_to_date)} were up to date"
    )
    if not past.without_evidence:
        return ALL_WELL
    click.echo(f"warning: {without_evidence(past.without_evidence)}", err=True)
    return SOME_FAILED


@click.command()
@options(DATA)
@guarded
def publish(**given: Any) -> int:  # noqa: ANN401 - options as given
    """Publish a snapshot: what dashboards, sites and notebooks read."""
    from flows.publicwords import renew_public_words
    from flows.publish import publish as publish_all

    with project_warehouse(given) as (project, connection):
        renew_public_words(project_settings(**given), connection)
        snapshot = publish_all(project, connection)
    click.echo(f"snapshot {snapshot}")
    click.echo("`barograph dashboard` shows it, `barograph site DIR` writes its pages as files.")
    return ALL_WELL


@click.command()
@options(DATA)
@click.option("--from", "origin", metavar="DIR", help="Data folder whose archive is replayed.")
@guarded
def replay(origin: str | None, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Rebuild the warehouse from the archive, without any network.

    With --from, the archive of another data folder is replayed into this one, which must not
    have a warehouse yet; without it, this folder's own warehouse is replaced.
    """
    from flows.replaying import replay_archive

    settings = project_settings(**given)
    count, counts = replay_archive(settings.data_folder, Path(origin) if origin else None)
    click.echo(f"{count} batches replayed, {counts['signals.measurements']} measurements")
    return ALL_WELL
