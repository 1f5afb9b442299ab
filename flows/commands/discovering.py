"""Commands that propose a list of organizations: discover and import-accounts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    ALLOW_HOST,
    DATA,
    JSON,
    SOME_FAILED,
    guarded,
    options,
    print_json,
    project_settings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.organizations.proposal import ProposedOrganization

_MOST_PROBLEMS = 20  # lines that still help
_PATH = click.Path(path_type=Path, dir_okay=False)
_OUTPUT = click.option(
    "--output", type=_PATH, metavar="FILE", help="Write the list there instead of printing it."
)
_FORCE = click.option("--force", is_flag=True, help="Replace the file of --output.")


@click.command()
@click.argument("homepage")
@click.option("--wikidata", metavar="Q…", default="", help="Also ask Wikidata for this item.")
@click.option(
    "--wikidata-file", type=_PATH, metavar="FILE", help="Read the item from a file instead."
)
@options(_OUTPUT, _FORCE, DATA, ALLOW_HOST, JSON)
@guarded
def discover(
    homepage: str,
    wikidata: str,
    wikidata_file: Path | None,
    output: Path | None,
    *,
    force: bool,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - options as given
) -> int:
    """Propose an organization's channels from its website.

    Looks at the site, its feeds and structured data, at well-known addresses and, where one is
    named, at a Wikidata item; then at the public profiles of the accounts, to see whether they
    name the site in turn. Prints a list of organizations that `run` can read.
    """
    from flows.discovering import discover as discover_channels
    from flows.discovering import make_quest

    _check_output(output, force=force)
    quest = make_quest(homepage, wikidata, wikidata_file)
    organization = discover_channels(quest, project_settings(**given))
    _deliver([organization], homepage, output, as_json=as_json)
    return ALL_WELL


@click.command("import-accounts")
@click.argument("file", type=_PATH)
@click.option(
    "--columns",
    metavar="MAP",
    default="",
    help="Which column is what, such as organization=Agency,url=Link.",
)
@options(_OUTPUT, _FORCE, JSON)
@guarded
def import_accounts(
    file: Path, columns: str, output: Path | None, *, force: bool, as_json: bool
) -> int:
    """Make a list of organizations from a register of accounts.

    FILE is CSV as the U.S. Digital Registry or Govdirectory's queries give it, or JSON of
    Wikidata. Nothing is asked. docs/discovery.md lists the columns that are known.
    """
    from flows.organizations.account_list import read_account_list, read_columns

    _check_output(output, force=force)
    listed = read_account_list(file, read_columns(columns))
    _deliver(listed.organizations, file.name, output, as_json=as_json)
    for problem in listed.left_out[:_MOST_PROBLEMS]:
        click.echo(f"left out: {problem}", err=True)
    if (more := len(listed.left_out) - _MOST_PROBLEMS) > 0:
        click.echo(f"left out: and {more} more", err=True)
    return SOME_FAILED if listed.left_out else ALL_WELL


def _check_output(output: Path | None, *, force: bool) -> None:
    """Before anything is asked.

    Raises:
        InputError: there is such a file already.
    """
    from flows.errors import InputError

    if output is not None and output.exists() and not force:
        problem = f"{output}: there is such a file; name another one, or replace it with --force"
        raise InputError(problem)


def _deliver(
    organizations: Sequence[ProposedOrganization],
    origin: str,
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    from flows.organizations.proposal import as_toml

    text = as_toml(organizations, origin)
    if output is not None:
        from warehouse.durable import write_text

        write_text(output, text)
    if as_json:
        print_json({"organizations": [each.record() for each in organizations]})
    elif output is None:
        click.echo(text, nl=False)
    click.echo(_summary(organizations, output), err=True)


def _summary(organizations: Sequence[ProposedOrganization], output: Path | None) -> str:
    channels = [channel for each in organizations for channel in each.channels]
    usable = sum(not channel.obstacle for channel in channels)
    proved = sum(channel.found.is_two_way for channel in channels)
    where = f"; written to {output}" if output else ""
    return (
        f"organizations: {len(organizations)}, channels that can be collected: {usable}, "
        f"other accounts: {len(channels) - usable}, proved both ways: {proved}{where}"
    )
