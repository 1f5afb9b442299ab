"""The command that writes what researchers take away: export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    guarded,
    moment_of,
    options,
    project_settings,
    project_warehouse,
)

if TYPE_CHECKING:
    from datetime import date

_AS_OF = click.option(
    "--as-of",
    metavar="WEEK",
    help="Only what was known when the week of this day was last measured.",
)
_SINCE = click.option("--since", metavar="DATE", help="Only what is about this day or later ones.")
_ORGANIZATIONS = click.option(
    "--organizations",
    "organization_ids",
    multiple=True,
    metavar="ID,…",
    help="Only these organizations. Repeatable.",
)
_PUBLIC = click.option(
    "--public", "is_public", is_flag=True, help="Only what everybody may have: nothing of persons."
)
_EXPORTED_AT = click.option(
    "--exported-at",
    metavar="DATE",
    help="Moment to be written into the manifest (default: none, so that exports are equal).",
)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@options(_AS_OF, _SINCE, _ORGANIZATIONS, _PUBLIC, _EXPORTED_AT, DATA)
@guarded
def export(folder: Path, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Write all tables as Parquet and CSV, with what explains, cites and verifies them.

    The same warehouse gives the same bytes. An export of everything can be loaded into an empty
    project by `barograph import --export DIR`.
    """
    from flows.exporting import ExportOrder, export_all
    from flows.written import note_written

    order = ExportOrder(
        as_of=moment_of(given.pop("as_of")),
        since=_day(given.pop("since")),
        organization_ids=_names(given.pop("organization_ids")),
        is_public=given.pop("is_public"),
        exported_at=moment_of(given.pop("exported_at"), "--exported-at"),
    )
    settings = project_settings(**given)
    with project_warehouse(given) as (project, connection):
        counts = export_all(connection, folder, order, settings, project)
    note_written(project, "export", folder)
    for name, count in counts.items():
        click.echo(f"{count:>12,}  {folder / name}.parquet, .csv")
    click.echo(f"`cd {folder} && sha256sum -c checksums.txt` verifies it; README.md explains it.")
    return ALL_WELL


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    named = (name.strip() for part in given for name in part.split(","))
    return tuple(dict.fromkeys(name for name in named if name))


def _day(since: str | None) -> date | None:
    """A day of the calendar.

    Raises:
        InputError: it is none.
    """
    from datetime import date

    from flows.errors import InputError

    try:
        return date.fromisoformat(since) if since else None
    except ValueError as error:
        problem = f"--since {since!r} is no date such as 2026-11-21"
        raise InputError(problem) from error
