"""Commands about self-assessments: claims, and below it import and template; assess."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    CLAIMS,
    DATA,
    JSON,
    guarded,
    options,
    print_json,
    project_settings,
    project_warehouse,
    warn,
    without_command,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from classifiers.assessing.instrument import Instrument

_INSTRUMENT = click.option(
    "--instrument",
    type=click.Choice(["altimeter", "esm3"]),
    default="altimeter",
    show_default=True,
    help="Which questionnaire.",
)


@click.group(invoke_without_command=True)
@options(CLAIMS, DATA, JSON)
@click.pass_context
def claims(context: click.Context, /, **given: Any) -> None:  # noqa: ANN401 - options as given
    """What organizations say of themselves: filled-in questionnaires, and stages they name.

    Without a command: the stage that each organization claims, by every scoring rule, and how far
    its respondents agree. docs/claims.md tells more.
    """
    without_command(context, overview, given)


@guarded
def overview(as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Show what is claimed."""
    from flows.claimsoverview import claims_overview, overview_sentences
    from flows.inbox import take_in_claims

    with project_warehouse(given) as (project, connection):
        taken = take_in_claims(project, project_settings(**given), connection)
        found = claims_overview(connection)
    warn(taken.problems)
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(overview_sentences(found)))
    return ALL_WELL


@claims.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option(
    "--layout",
    type=click.Choice(["barograph", "limesurvey", "googleforms"]),
    help="How the files are laid out (default: known by their headers).",
)
@click.option("--organization", default="", metavar="ORG", help="Whom rows without an id mean.")
@options(CLAIMS, DATA, JSON)
@guarded
def import_(
    files: tuple[Path, ...],
    layout: str | None,
    organization: str,
    as_json: bool,  # noqa: FBT001 - an option
    **given: Any,  # noqa: ANN401 - options as given
) -> int:
    """Take filled-in questionnaires from CSV, XLSX or JSON: all rows, or none.

    Understands our own templates and the exports of LimeSurvey and Google Forms. Safe to repeat.
    Answers of the same respondent and day that differ correct the former, which are kept.
    Answers are private unless the column public says yes.
    """
    from flows.claims import renew_claims
    from flows.inbox import ReadingManner, import_answers

    with project_warehouse(given) as (project, connection):
        manner = ReadingManner(layout or "", organization)
        taken = import_answers(project, connection, files, manner)
        renew_claims(project_settings(**given), connection)
    if as_json:
        print_json(taken._asdict() | {"imported": taken.imported._asdict()})
        return ALL_WELL
    new, corrected, unchanged = taken.imported
    click.echo(
        f"{new} new, {corrected} corrected, {unchanged} known already; "
        f"{taken.blank_row_count} rows not filled in, {taken.draft_count} never sent off"
    )
    if taken.left_out_columns:
        click.echo(f"not read, for no question of ours: {', '.join(taken.left_out_columns)}")
    return ALL_WELL


@claims.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options(_INSTRUMENT)
@click.option(
    "--organization", "organizations", multiple=True, metavar="ORG", help="Only this. Repeatable."
)
@options(DATA)
@guarded
def template(file: Path, instrument: str, organizations: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401 - options as given
    """Write a questionnaire to fill in; the name of FILE says in which form.

    .csv: one row an organization, and the questions in a second file beside it. .xlsx: the same
    as two sheets. .googleforms.txt, .limesurvey.txt: questions to copy into such a survey, whose
    export `barograph claims import` understands. A file that is there is never replaced.
    """
    from classifiers.assessing.instrument import read_instrument

    paths = _write_template(file, read_instrument(instrument), _listed(organizations, given))
    for path in paths:
        click.echo(f"wrote {path}")
    click.echo("`barograph claims import FILE` reads what was filled in")
    return ALL_WELL


def _listed(organizations: tuple[str, ...], given: dict[str, Any]) -> list[str]:
    from flows.errors import InputError
    from warehouse.reading import rows

    with project_warehouse(given) as (_, connection):
        listed = [row["organization_id"] for row in rows(connection, "listed_organizations")]
    unknown = [one for one in organizations if one not in listed]
    if unknown:
        problems = (f"--organization {one!r}: not on the list of organizations" for one in unknown)
        raise InputError(*problems)
    return list(dict.fromkeys(organizations)) or listed


def _write_template(file: Path, instrument: Instrument, organizations: list[str]) -> list[Path]:
    from classifiers.assessing import answer_templates as templates
    from flows.errors import InputError
    from warehouse.durable import write_file

    texts: dict[str, Callable[[], dict[Path, bytes]]] = {
        ".csv": lambda: {
            file: templates.template_text(instrument, organizations).encode(),
            file.with_suffix(".questions.csv"): templates.questions_text(instrument).encode(),
        },
        ".xlsx": lambda: {file: templates.template_workbook(instrument, organizations)},
        ".googleforms.txt": lambda: {file: templates.google_form_text(instrument).encode()},
        ".limesurvey.txt": lambda: {file: templates.limesurvey_text(instrument).encode()},
    }
    made = next((make for end, make in texts.items() if file.name.endswith(end)), None)
    if made is None:
        problem = f"{file}: end its name in one of {', '.join(texts)}"
        raise InputError(problem)
    contents = made()
    there = [path for path in contents if path.exists()]
    if there:
        problem = f"{there[0]}: is there already; name another file, or move it away"
        raise InputError(problem)
    for path, content in contents.items():
        write_file(path, lambda unfinished, content=content: unfinished.write_bytes(content))  # type: ignore[misc]
    return list(contents)


@click.command()
@click.argument("organization", metavar="ORG")
@options(_INSTRUMENT)
@click.option("--respondent", default="1", show_default=True, help="Short code; no name.")
@click.option("--role", default="", help="Function of who answers, such as marketing; no name.")
@click.option("--evidence", is_flag=True, help="Ask for a link to evidence with each answer.")
@click.option("--public", is_flag=True, help="The claim may be shown to others by name.")
@options(CLAIMS, DATA)
@guarded
def assess(organization: str, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Answer a questionnaire about ORG in the terminal.

    Every answer is kept at once: stop with q (or Ctrl-C), and the same command goes on from
    there. The observed stage is not shown before all answers are in.
    """
    from flows.assess import Asked, ask, check_asked, take_in

    asked = Asked(
        organization_id=organization,
        **{name: given.pop(name) for name in ("instrument", "respondent", "role")},
        asks_for_evidence=given.pop("evidence"),
        is_public=given.pop("public"),
    )
    with project_warehouse(given, read_only=True) as (project, connection):
        check_asked(connection, asked)
    done = ask(project, asked)
    if done is None:
        click.echo("\nKept. The same command goes on from here.")
        return ALL_WELL
    with project_warehouse(given) as (project, connection):
        told = take_in(project, connection, project_settings(**given), done)
    click.echo("\n".join(("", *told)))
    return ALL_WELL
