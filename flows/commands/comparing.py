"""The command that sets claimed stages beside observed ones."""

from __future__ import annotations

from dataclasses import asdict
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
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.agreement import Comparison, Gap
    from classifiers.comparing.report import AgreementReport
    from flows.counterpart import Counterpart

_RULES = ("cumulative", "weakest", "median", "direct")


@click.command()
@click.option(
    "--rule",
    type=click.Choice(_RULES),
    help="Compare the claims by this scoring rule (default: the claim that counts).",
)
@click.option(
    "--report",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the whole report there: HTML, Markdown, JSON, CSV.",
)
@options(CLAIMS, DATA, JSON)
@guarded
def compare(rule: str | None, folder: Path | None, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Set claimed stages beside observed ones.

    Tells how far claims lie from what is observed, beside what honest claims would show, and who
    claims more, or less, than its prediction set allows. docs/agreement.md defines every number.
    """
    from flows.agreement import about_comparison, full_comparison, report_record
    from flows.agreementfiles import write_comparison
    from flows.compare import compare_stages
    from flows.counterpart import compare_without_claims
    from flows.inbox import inbox_sentences, take_in_claims
    from flows.written import note_written

    instrument = f"altimeter_{rule}" if rule else ""
    with project_warehouse(given) as (project, connection):
        taken = take_in_claims(project, project_settings(**given), connection)
        comparison = compare_stages(connection)
        without = compare_without_claims(project, connection)
        report = full_comparison(project, connection, instrument)
        record = report_record(report, about_comparison(connection, instrument))
    if notice_url := project_settings(**given).notice_url:
        record["about"]["notice_url"] = notice_url
    warn(taken.problems)
    paths = write_comparison(folder, record) if folder else []
    if folder:
        note_written(project, "report", folder)
    if as_json:
        found = {"without_self_assessments": without and asdict(without)}
        told = {name: record[name] for name in ("about", "statistics", "matrix")}
        print_json(asdict(comparison) | found | told)
        return ALL_WELL
    for sentence in (*inbox_sentences(taken), *_sentences(comparison, report, without)):
        click.echo(sentence)
    if paths:
        click.echo(f"\nReport: {paths[-1]}, with its numbers in {paths[0].name}, {paths[1].name}")
    return ALL_WELL


def _sentences(
    comparison: Comparison, report: AgreementReport, without: Counterpart | None
) -> Iterator[str]:
    from flows.agreementtext import six_lines
    from flows.counterpart import counterpart_sentences
    from flows.terminal import taught_sentences

    yield from six_lines(report)
    for gap in comparison.gaps:
        if gap.position in {"above", "below"}:
            yield f"  {gap.organization_id}: claims {_gap_words(gap)}"
    yield from (
        counterpart_sentences(comparison, without) if without else taught_sentences(comparison)
    )


def _gap_words(gap: Gap) -> str:
    from classifiers.stages import Stage

    nearest = gap.gap_low if gap.position == "above" else -(gap.gap_high or 0)
    word = "more" if gap.position == "above" else "less"
    return f"{Stage(gap.claimed_code).label}, {nearest} stages {word} than its 90 % set allows"
