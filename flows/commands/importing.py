"""The command that takes tables from elsewhere: import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    JSON,
    ORGANIZATIONS,
    SOME_FAILED,
    guarded,
    options,
    print_json,
    project_settings,
)

if TYPE_CHECKING:
    from flows.importing.order import Imported


@click.command("import")
@click.argument(
    "files",
    nargs=-1,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--mapping", metavar="NAME|FILE", help="What the columns mean (docs/importing.md).")
@click.option(
    "--set",
    "constants",
    multiple=True,
    metavar="FIELD=VALUE",
    help="A field that is the same in all rows, such as organization=city-of-x. Repeatable.",
)
@options(ORGANIZATIONS, DATA, JSON)
@click.option("--dry-run", is_flag=True, help="Read and count, but change nothing.")
@click.option(
    "--export",
    "exported",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Instead of files: a whole export, into a project without any data.",
)
@guarded
def import_(
    files: tuple[Path, ...],
    exported: Path | None,
    mapping: str | None,
    constants: tuple[str, ...],
    as_json: bool,  # noqa: FBT001
    dry_run: bool,  # noqa: FBT001
    **given: Any,  # noqa: ANN401
) -> int:
    """Take tables of activities or presences from elsewhere.

    CSV, Parquet, JSON Lines, or the archive that a platform delivers; in our own columns (as
    `export` writes them), or with a mapping. Safe to repeat: nothing is doubled. Afterwards,
    `barograph build` measures anew.

    With --export all tables of an export, as they were, into an empty project (docs/data-out.md).
    """
    if exported:
        _check_alone(files, mapping, constants, is_dry=dry_run)
        return _restore(exported, given["data"], as_json=as_json)
    if not files:
        message = "name files, or an export with --export DIR"
        raise click.UsageError(message)
    from flows.importing.job import import_files
    from flows.importing.order import ImportOrder

    order = ImportOrder(
        settings=project_settings(**given),
        files=files,
        mapping=mapping or "",
        constants=dict(map(_constant, constants)),
        is_dry=dry_run,
    )
    imported = import_files(order)
    if as_json:
        print_json(imported.summary())
    else:
        _show(imported)
    return SOME_FAILED if imported.left_out.total else ALL_WELL


def _check_alone(*options: object, is_dry: bool) -> None:
    if any(options) or is_dry:
        message = "--export takes a whole export: leave out files, --mapping, --set and --dry-run"
        raise click.UsageError(message)


def _restore(folder: Path, data: str | None, *, as_json: bool) -> int:
    from flows.errors import InputError
    from flows.restoring import NOT_CARRIED, restore

    settings = project_settings(data=data)
    if settings.warehouse:
        problem = "--export fills a warehouse file: leave out the setting `warehouse`"
        raise InputError(problem)
    restored = restore(settings.data_folder, folder)
    if as_json:
        told = {"manifest": restored.manifest, "rows": restored.row_counts}
        print_json(told | {"left_out": restored.left_out._asdict()})
        return ALL_WELL
    for name, count in restored.row_counts.items():
        click.echo(f"{count:>12,}  {name}")
    click.echo(f"All tables are as they were exported (week {restored.manifest['as_of_week']}).")
    organizations, people = restored.left_out
    if organizations or people:
        click.echo(
            "Then left out, for they are on this project's list of objections: organizations "
            f"({organizations}), keys of people ({people})."
        )
    click.echo("What an export cannot carry:")
    for sentence in NOT_CARRIED:
        click.echo(f"  {sentence}")
    click.echo("Next: `barograph publish`, then `barograph dashboard`.")
    return ALL_WELL


def _constant(given: str) -> tuple[str, str]:
    """A field and its value.

    Raises:
        InputError: there is no equals sign in it.
    """
    from flows.errors import InputError

    name, sign, value = given.partition("=")
    if not sign or not name:
        problem = f"--set {given!r}: write a field and its value, such as organization=city-of-x"
        raise InputError(problem)
    return name.strip(), value.strip()


def _show(imported: Imported) -> None:
    landed = imported.landed
    known = landed.known_count + landed.repeated_count
    verb = "would be added" if not imported.run_id else "added"
    click.echo(
        f"{imported.row_count} rows read: {landed.added_count} {verb}, {known} known already, "
        f"{imported.left_out.total} left out, {imported.skipped_count} not meant."
    )
    if landed.gone_count:
        click.echo(f"{landed.gone_count} stay out: their source has deleted them since.")
    for note in imported.notes:
        click.echo(f"note: {note}")
    if imported.organizations:
        click.echo(f"New organizations, {len(imported.organizations)}: {_some(imported)}")
    _show_channels(imported)
    _show_left_out(imported)
    if imported.run_id:
        click.echo(f"Run {imported.run_id}. Next: `barograph build`.")


def _some(imported: Imported) -> str:
    names = imported.organizations
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""  # noqa: PLR2004 - one line
    return ", ".join(names[:10]) + more


def _show_channels(imported: Imported) -> None:
    assumed = False
    for one in imported.seen:
        tally, channel, period = one.tally, one.tally.channel, one.period
        whose = f"{channel.organization_id}  {channel.source}  {channel.address}"
        line = f"  {whose}: {tally.count} rows"
        if period is not None:
            assumed |= period.is_assumed
            mark = " (assumed)" if period.is_assumed else ""
            line += f", covers {period.from_at:%Y-%m-%d} to {period.until_at:%Y-%m-%d}{mark}"
        if flags := ", ".join(f"{count} {flag}" for flag, count in sorted(tally.flags.items())):
            line += f"; dates that cannot be counted by: {flags}"
        click.echo(line)
    if assumed:
        click.echo(
            "(assumed): nothing says which span the file covers, so it is taken to hold everything "
            "between the first and the last event of each channel. If that is not so, import with "
            "--set covered_from=… --set covered_until=…, or [period] in the mapping."
        )


def _show_left_out(imported: Imported) -> None:
    if not imported.left_out.total:
        return
    click.echo(f"Left out, {imported.left_out.total} rows:", err=True)
    for reason, count in imported.left_out.counts.most_common():
        click.echo(f"  {count:>6}  {reason}", err=True)
    click.echo("The first of them:", err=True)
    for example in imported.left_out.examples:
        click.echo(f"  {example}", err=True)
