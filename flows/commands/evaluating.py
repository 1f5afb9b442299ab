"""The command that judges estimates by what raters said: evaluate."""

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
    source_option,
)

if TYPE_CHECKING:
    from pathlib import Path

    from classifiers.evaluation import Evaluation

_REPEATS = count_option("--repeats", (1, 50), 5, help="How often the five folds are dealt anew.")
_PERMUTATIONS = count_option(
    "--permutations",
    (0, 10_000),
    200,
    help="How often labels are dealt anew within industry and size; 1000 for a publication.",
)
_SOURCE = source_option("What labels may say; auto chooses inside each fold, as training does.")
_CUT = click.option(
    "--cut", metavar="DATE", help="Labels about an earlier day train, later ones are held out."
)
_NO_AUDITS = click.option("--no-audits", is_flag=True, help="Leave the audits of leaks out.")
_REPORT = click.option(
    "--report", type=FILE, metavar="FILE", help="Also write everything as Markdown."
)

_NOT_KEPT = (
    "these figures are not kept: self-assessments taught the current model, and what was judged is "
    "the same way of training without them; `barograph models use VERSION` chooses such a model"
)


@click.command()
@options(_REPEATS, _PERMUTATIONS, _SOURCE, _CUT, _NO_AUDITS, _REPORT, DATA, JSON)
@guarded
def evaluate(report: Path | None, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Judge estimates by expert codes, on organizations that the model has not seen.

    Warnings come first; every figure has its interval and n. Without codes it tells how far
    the organizations are from the simulated ones, and what is needed next. docs/evaluation.md
    explains the figures and the audits.
    """
    from flows.evaluationreport import markdown_report, summary_lines
    from warehouse.durable import write_text

    made = _evaluate(given)
    if report:
        write_text(report, markdown_report(made))
    if as_json:
        print_json(made.as_json())
    else:
        for line in summary_lines(made):
            click.echo(line)
    return ALL_WELL


def _evaluate(given: dict[str, Any]) -> Evaluation:
    from classifiers.evaluation import Settings
    from flows.evaluate import Watcher, evaluate_material, gather, store_evaluation
    from flows.modelcard import keep_evaluation
    from flows.terminal import progress
    from flows.train import model_path, the_model
    from warehouse.registry import current_model

    settings = Settings(
        repeat_count=given.pop("repeats"),
        permutation_count=given.pop("permutations"),
        cut=_day(given.pop("cut")),
        with_audits=not given.pop("no_audits"),
    )
    source = given.pop("source")
    with project_warehouse(given) as (project, connection):
        model = the_model(project, connection)
        material = gather(project, connection, model.signal_codes)
    count = settings.permutation_count  # the warehouse is free meanwhile
    with progress("permuting labels", count, quiet=material.table is None) as advance:
        watcher = Watcher(advance, _tell)
        made = evaluate_material(material, model, source, settings, watcher)
    with project_warehouse(given) as (project, connection):
        is_kept = store_evaluation(connection, made)
        row = current_model(connection)
        if is_kept and row:
            path = model_path(project.models, row["model_version"]).with_suffix(".md")
            keep_evaluation(path, row)
    _tell("" if is_kept else _NOT_KEPT)
    return made


def _tell(note: str) -> None:
    if note:
        click.echo(note, err=True)


def _day(text: str | None) -> str:
    from datetime import date

    from flows.errors import InputError

    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        problem = f"--cut {text!r} is no date such as 2026-06-30"
        raise InputError(problem) from error
