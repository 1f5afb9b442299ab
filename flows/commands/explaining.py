"""The command that tells why an organization has its estimate, down to archived pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    FILE,
    JSON,
    count_option,
    guarded,
    options,
    print_json,
    project_warehouse,
)

if TYPE_CHECKING:
    from pathlib import Path

_WEEK = click.option(
    "--week", metavar="DATE", help="The estimate of the week that holds this day (default: latest)."
)
_MOST = count_option("--most", (1, 100), 5, help="Acts of each kind to show at most.")
_BUNDLE = click.option(
    "--bundle", type=FILE, metavar="FILE.zip", help="Also write all of it, with its evidence."
)
_CHECK = click.option(
    "--check", type=FILE, metavar="FILE.zip", help="Check a bundle instead: whole, and unchanged?"
)


@click.command()
@click.argument("organization", metavar="[ORG]", default="")
@options(_WEEK, _MOST, _BUNDLE, _CHECK, DATA, JSON)
@guarded
def explain(
    organization: str,
    bundle: Path | None,
    check: Path | None,
    *,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - options as given
) -> int:
    """Tell why an organization's stage is estimated as it is, down to the archived pages.

    What speaks for and against each threshold between stages, the signals behind it, what is
    missing, and where it was read. With --bundle, all of it in one file that others can check.
    """
    from flows.errors import InputError

    if check:
        _check(check, as_json=as_json)
    elif organization:
        _explain(organization, bundle, given, as_json=as_json)
    else:
        problem = "name an organization, or a bundle with --check FILE.zip"
        raise InputError(problem)
    return ALL_WELL


def _check(path: Path, *, as_json: bool) -> None:
    from flows.evidencebundle import check_bundle

    count = check_bundle(path)
    if as_json:
        print_json({"file": str(path), "is_whole": True, "file_count": count})
    else:
        click.echo(f"{path}: {count} files, all as they were")


def _explain(
    organization: str, bundle: Path | None, given: dict[str, Any], *, as_json: bool
) -> None:
    from flows.evidencebundle import write_bundle
    from flows.explaining import explain as explain_one
    from flows.signalling import monday_of
    from flows.written import note_written

    week, most = monday_of(given.pop("week")), given.pop("most")
    with project_warehouse(given, read_only=True) as (project, connection):
        explained = explain_one(project, connection, organization, week, most)
    sums = write_bundle(project.archive, explained, bundle) if bundle else {}
    if bundle:
        note_written(project, "bundle", bundle)
    if as_json:
        print_json(explained.record)
        return
    _show(explained.record)
    if bundle:
        click.echo(
            f"\nwrote {bundle}, {len(sums)} files; `barograph explain --check {bundle}` checks it"
        )


def _show(record: dict[str, Any]) -> None:
    from flows.explanationreport import sections, show
    from flows.terminal import console

    show(sections(record), console())
