"""Commands about expert codes: labels, and below it import, template and agreement."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    FILE,
    JSON,
    guarded,
    options,
    print_json,
    project_warehouse,
    without_command,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.reliability import RaterAgreement

_PARTS = {"all": "All codes", "blind": "Blind (documents)", "not_blind": "Not blind"}
_ORGANIZATION = click.option(
    "--organization", "organizations", multiple=True, metavar="ORG", help="Only this. Repeatable."
)
_SAW = click.option(
    "--saw",
    type=click.Choice(["documents", "public", "both"]),
    help="What the rater is going to see; written into every row.",
)


@click.group(invoke_without_command=True)
@options(DATA, JSON)
@click.pass_context
def labels(context: click.Context, /, **given: Any) -> None:  # noqa: ANN401 - options as given
    """Stages that experts gave to organizations, for training and judging models.

    Without a command: how many codes there are, by stage, by rater and by what was seen.
    docs/labels.md tells how to make good ones.
    """
    without_command(context, overview, given)


@guarded
def overview(as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Show how many codes there are."""
    from flows.labels import labels_overview

    with _labelled_warehouse(given) as (_, connection):
        found = labels_overview(connection)
    if as_json:
        print_json(found)
    else:
        _show_overview(found)
    return ALL_WELL


@labels.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@options(DATA, JSON)
@guarded
def import_(files: tuple[Path, ...], as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Take expert codes from CSV or JSON: all rows, or none.

    Safe to repeat. A code of the same rater, organization, day and codebook that differs
    corrects the former, which is kept.
    """
    from flows.labels import import_labels

    with project_warehouse(given) as (project, connection):
        done = import_labels(project, connection, files)
    if as_json:
        print_json(done._asdict())
        return ALL_WELL
    click.echo(
        f"{done.new_count} new, {done.corrected_count} corrected, "
        f"{done.unchanged_count} known already, {done.blank_row_count} rows not coded yet"
    )
    return ALL_WELL


@labels.command()
@click.argument("file", type=FILE)
@click.option("--rater", default="", metavar="CODE", help="Short code of the rater; no name.")
@click.option("--about", default="", metavar="DATE", help="Last day that the codes speak of.")
@click.option("--codebook", default="", metavar="VERSION", help="The rules that are followed.")
@options(_SAW, _ORGANIZATION, DATA)
@guarded
def template(file: Path, organizations: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401 - options as given
    """Write a sheet for one rater to fill in, as CSV.

    It has a row for each listed organization and shows no estimate, no claim and nobody else's
    code. A file that is there is never replaced.
    """
    from flows.errors import InputError
    from flows.labels import template_text
    from warehouse.durable import write_text

    prepared = {name: given.pop(name) or "" for name in ("rater", "saw", "about", "codebook")}
    if file.exists():
        problem = f"{file}: is there already; name another file, or move it away"
        raise InputError(problem)
    with project_warehouse(given) as (_, connection):
        text = template_text(connection, organizations, prepared)
    write_text(file, text)
    click.echo(f"wrote {file}; `barograph labels import {file}` reads what was filled in")
    return ALL_WELL


@labels.command()
@options(DATA, JSON)
@guarded
def agreement(as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Tell how well raters agree, and what that allows a model.

    Krippendorff's alpha with its interval, by what raters saw; every pair of raters; and how
    close to one rater a model could come that is always right.
    """
    from dataclasses import asdict

    from flows.labels import agreement_of_raters

    with _labelled_warehouse(given) as (_, connection):
        found = agreement_of_raters(connection)
    if as_json:
        print_json({name: asdict(part) for name, part in found.items()})
    else:
        _show_agreement(found)
    return ALL_WELL


@contextmanager
def _labelled_warehouse(given: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The project and its warehouse, with the codes that its archive has."""
    from flows.labels import learn_labels

    with project_warehouse(given) as (project, connection):
        learn_labels(project, connection)
        yield project, connection


def _show_overview(found: dict[str, Any]) -> None:
    if not found["code_count"]:
        click.echo("No expert codes yet: `barograph labels template FILE` writes a sheet to fill.")
        return
    click.echo(
        f"{found['code_count']} codes of {found['organization_count']} organizations, "
        f"{found['double_coded_count']} of them by two or more raters; "
        f"{found['corrected_count']} corrected"
    )
    for name, key in (("by_stage", "label"), ("by_rater", "rater"), ("by_saw", "saw")):
        click.echo(name.capitalize().replace("_", " "))
        for row in found[name]:
            click.echo(f"{row['code_count']:>8}  {row[key]}")


def _show_agreement(found: dict[str, RaterAgreement]) -> None:
    from flows.ratersreport import agreement_sentences, agreement_table, pair_table, rater_table
    from flows.terminal import console

    whole = found["all"]
    if whole.pair_count:
        named = [(title, found[name]) for name, title in _PARTS.items()]
        console().print(agreement_table(named))
        console().print(rater_table(whole), pair_table(whole), sep="\n\n")
    for sentence in agreement_sentences(whole):
        click.echo(f"\n{sentence}")


@labels.command("next")
@options(DATA, JSON)
@click.option("--count", default=10, show_default=True, help="How many to propose.")
@guarded
def next_(count: int, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Propose which organizations to code next.

    Those from whose label the current model would learn most, given the labels before it: two
    that look alike are not both proposed first. No estimate is shown, so that raters stay blind.
    """
    from flows.labels import next_labels

    with _labelled_warehouse(given) as (project, connection):
        found = next_labels(project, connection, count)
    if as_json:
        print_json(found)
        return ALL_WELL
    for row in found:
        click.echo(f"{row['organization_id']}  (+{row['gain_bits']:.2f} bits)")
    if not found:
        click.echo("nobody to propose: every organization of which enough is seen has a label")
    return ALL_WELL
