"""Commands about models: train one, list them, choose one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    JSON,
    guarded,
    options,
    print_json,
    project_warehouse,
)

if TYPE_CHECKING:
    from classifiers.model import StageModel


@click.command()
@options(DATA, JSON)
@click.option("--cold-start", "is_cold", is_flag=True, help="Use no label, even where there are.")
@click.option("--seed", default=0, show_default=True, help="Of the simulated worlds.")
@click.option(
    "--source",
    type=click.Choice(["auto", "simulator", "recalibrated", "offset", "stack"]),
    default="auto",
    show_default=True,
    help="What labels may say; auto decides by cross-validation and tells why.",
)
@guarded
def train(is_cold: bool, seed: int, source: str, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Train the model that estimates are made by.

    Without labels it learns from simulated worlds alone (--cold-start); expert codes that were
    imported with `barograph labels import` correct it. The model, its card and a line in the
    register are written, and the next `barograph estimate` uses it.
    """
    from flows.train import models, train_cold, train_with_labels

    with project_warehouse(given) as (project, connection):
        model = (
            train_cold(project, connection, seed)
            if is_cold
            else train_with_labels(project, connection, seed, source)
        )
        [row, *_] = models(connection)
        folder = project.models
    if as_json:
        print_json(row)
        return ALL_WELL
    _tell(model, row)
    click.echo(f"card  {folder / model.model_version}.md")
    return ALL_WELL


@click.command()
@click.argument("model_version", required=False)
@options(DATA, JSON)
@guarded
def models(model_version: str | None, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """List the trained models, the current one first.

    With MODEL_VERSION, that one becomes the current one, and the next `barograph estimate`
    uses it.
    """
    from flows.train import learn_models, use_model
    from flows.train import models as registered

    with project_warehouse(given) as (project, connection):
        learn_models(project, connection)
        if model_version:
            use_model(connection, model_version)
        found = registered(connection)
    if as_json:
        print_json(found)
        return ALL_WELL
    for row in found:
        click.echo(_line(row))
    if not found:
        click.echo("no model yet; `barograph train --cold-start` makes one")
    return ALL_WELL


def _tell(model: StageModel, row: dict[str, Any]) -> None:
    import json

    click.echo(f"model {model.model_version}: {row['label_count']} labels, source {model.source}")
    for trial in json.loads(row["trials"]):
        chosen = "chosen" if trial["is_chosen"] else "not chosen"
        click.echo(
            f"  {trial['source']}: ranked probability score {trial['ranked_probability_score']:.4f}"
            f" out of fold, better by {trial['better_than_former']:+.4f}"
            f" (standard error {trial['standard_error']:.4f}): {chosen}"
        )


def _line(row: dict[str, Any]) -> str:
    mark = "*" if row["is_current"] else " "
    evaluated = "evaluated" if row["evaluation"] else "not evaluated"
    return (
        f"{mark} {row['model_version']}  {row['source']}, {row['label_count']} labels, "
        f"trained {row['trained_at']:%Y-%m-%d %H:%M}, {evaluated}"
    )
