"""Commands that keep what is owed to those whom the records are about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    ORGANIZATIONS,
    guarded,
    options,
    project_settings,
    project_warehouse,
    warn,
)

if TYPE_CHECKING:
    from flows.forgetting.asking import Asked
    from flows.purging import Removed


@click.command()
@options(DATA)
@click.option("--dry-run", "is_dry", is_flag=True, help="Only tell what would go.")
@guarded
def purge(*, is_dry: bool, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Remove what has been kept for its time; every run does so at its end.

    Responses go after archive_days (7) where people speak, single acts after event_days (400),
    everything of a source whose terms set a limit when that is over. Sums, signals and
    estimates stay.
    """
    from flows.clock import now
    from flows.purging import purge_project, would_remove
    from flows.recovery import recover

    settings = project_settings(**given)
    with project_warehouse(given) as (project, connection):
        if is_dry:
            click.echo(_told(would_remove(project, connection, now(), settings), "would go"))
            return ALL_WELL
        recover(project, connection)
        click.echo(_told(purge_project(project, connection, now(), settings), "removed"))
    return ALL_WELL


def _told(removed: Removed, verb: str) -> str:
    rows = removed.rows
    return (
        f"{verb}: {removed.response_count} responses, {rows.activity_count} acts, "
        f"{rows.former_activity_count} earlier versions, "
        f"{rows.thread_view_count} looks at conversations, "
        f"{rows.presence_count} observations of channels"
    )


@click.command()
@options(DATA, ORGANIZATIONS)
@click.option("--source", metavar="SOURCE", help="Platform of the person, such as mastodon.")
@click.option("--account", metavar="ACCOUNT", help="The person's account there, such as @ann@host.")
@click.option("--key", metavar="HEX", help="A person's key, as in an export.")
@click.option("--organization", "organization_id", metavar="ID", help="An organization.")
@click.option("--rewrite", "is_rewriting", is_flag=True, help="Also copies that were written.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@guarded
def forget(
    source: str | None,
    account: str | None,
    key: str | None,
    organization_id: str | None,
    *,
    is_rewriting: bool,
    is_sure: bool,
    **given: Any,  # noqa: ANN401 - options as given
) -> int:
    """Erase a person or an organization, and take in nothing of them any more.

    From archive, warehouse and snapshots; exports and other copies are named, or written anew
    with --rewrite. An interrupted one is finished by the same command. docs/privacy.md tells what
    is kept so that nothing comes back: hashes.
    """
    from flows.errors import NothingDoneError
    from flows.forgetting.act import forget as erase
    from flows.forgetting.asking import Asked, subject_of

    settings = project_settings(**given)
    project = settings.project
    asked = Asked(source or "", account or "", key or "", organization_id or "")
    subject = subject_of(project, settings, asked)
    if not (is_sure or click.confirm(_question(asked), err=True)):
        message = "nothing was erased"
        raise NothingDoneError(message)
    done = erase(project, settings, subject, is_rewriting=is_rewriting)
    for line in done.told():
        click.echo(line)
    return ALL_WELL


def _question(asked: Asked) -> str:
    return f"Erase everything of {asked.told}? It cannot be taken back."


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@options(DATA)
@guarded
def notice(folder: Path, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Write the public notice to those whose words are read: notice.html and notice.md.

    It follows from the settings (controller, contact, notice_url), the list of organizations and
    the register of terms. Check it, and publish it; dashboard and site show it as well.
    """
    from flows.notice import as_markdown, as_page, project_notice
    from flows.written import note_written
    from warehouse.durable import write_text

    settings = project_settings(**given)
    with project_warehouse(given) as (project, connection):
        texts = project_notice(settings, connection)
    for name, text in (("notice.html", as_page(texts)), ("notice.md", as_markdown(texts))):
        write_text(folder / name, text)
        note_written(project, "notice", folder / name)
        click.echo(f"wrote {folder / name}")
    unset = [name for name in ("controller", "contact") if not getattr(settings, name)]
    warn(f"{name} is not set in barograph.toml; the notice must name it" for name in unset)
    return ALL_WELL


@click.command()
@click.argument("organization_id", metavar="ORGANIZATION")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@options(DATA)
@guarded
def dossier(organization_id: str, folder: Path, **given: Any) -> int:  # noqa: ANN401 - as given
    """Write everything that is held about one organization, to be sent to it.

    Tables as CSV, all of them as JSON, and index.html to read. What it wants put right goes into
    corrections.csv, what it replies into replies.csv (docs/privacy.md).
    """
    from flows.dossier import write_dossier
    from flows.written import note_written

    settings = project_settings(**given)
    with project_warehouse(given) as (project, connection):
        counts = write_dossier(connection, settings, organization_id, folder)
    note_written(project, "dossier", folder)
    for name, count in counts.items():
        click.echo(f"{count:>12,}  {folder / name}.csv")
    click.echo(f"{folder / 'index.html'} shows all of it.")
    return ALL_WELL
