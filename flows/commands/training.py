"""Commands about models: train one, list them, choose one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

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
    source_option,
    warn,
    without_command,
)

if TYPE_CHECKING:
    from classifiers.correcting_with_claims import Taught
    from classifiers.model import StageModel


@click.command()
@options(CLAIMS, DATA, JSON)
@click.option("--cold-start", "is_cold", is_flag=True, help="Use no label, even where there are.")
@click.option(
    "--with-self-assessments",
    "with_claims",
    is_flag=True,
    help="Learn from claims too, by way of how far they lie from expert codes.",
)
@click.option("--seed", default=0, show_default=True, help="Of the simulated worlds.")
@source_option("What labels may say; auto decides by cross-validation and tells why.")
@guarded
def train(as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Train the model that estimates are made by.

    Without labels it learns from simulated worlds alone (--cold-start); expert codes that were
    imported with `barograph labels import` correct it. The model, its card and a line in the
    register are written, and the next `barograph estimate` uses it.

    With --with-self-assessments it learns from claims as well, where enough organizations have
    both a claim and a code; the same model without claims is registered beside it.
    docs/self-assessments.md tells what that brings.
    """
    from flows.train import models

    asked = _Asked(*(given.pop(name) for name in _Asked._fields))
    _check_options(asked, given["claims"])
    with project_warehouse(given) as (project, connection):
        if asked.with_claims:
            _take_in_claims(project, connection, given)
        model, taught = _trained(project, connection, asked)
        [row, *_] = models(connection)
    if as_json:
        print_json(row | _as_json(taught))
        return ALL_WELL
    _tell(model, row)
    _tell_taught(taught)
    click.echo(f"card  {project.models / model.model_version}.md")
    return ALL_WELL


class _Asked(NamedTuple):
    """What a model is to be trained on, by the names of the options."""

    is_cold: bool
    with_claims: bool
    seed: int
    source: str


def _check_options(asked: _Asked, claims: str | None) -> None:
    from flows.errors import InputError

    if asked.is_cold and asked.with_claims:
        problem = "--cold-start uses no label and no claim; leave out --with-self-assessments"
        raise InputError(problem)
    if claims and not asked.with_claims:
        problem = "--claims is read for --with-self-assessments only; give both, or neither"
        raise InputError(problem)


def _take_in_claims(
    project: Any,  # noqa: ANN401 - flows.project.Project
    connection: Any,  # noqa: ANN401 - the warehouse
    given: dict[str, Any],
) -> None:
    from flows.inbox import take_in_claims

    warn(take_in_claims(project, project_settings(**given), connection).problems)


def _trained(
    project: Any,  # noqa: ANN401 - flows.project.Project
    connection: Any,  # noqa: ANN401 - the warehouse
    asked: _Asked,
) -> tuple[StageModel, Taught | None]:
    """The model that was asked for, and what claims taught it."""
    from flows.train import train_cold, train_with_claims, train_with_labels

    if asked.is_cold:
        return train_cold(project, connection, asked.seed), None
    if asked.with_claims:
        taught = train_with_claims(project, connection, asked.seed, asked.source)
        model = taught.model
        _warn_of_shift(taught)
    else:
        taught = None
        model = train_with_labels(project, connection, asked.seed, asked.source)
        _warn_of_copies(connection)
    _tell_raters(project, connection, model, taught)
    return model, taught


def _warn_of_shift(taught: Taught) -> None:
    from flows.selfassessmentcard import shift_warnings

    for warning in shift_warnings(taught.summary):
        click.echo(f"warning: {warning}", err=True)


def _tell_raters(
    project: Any,  # noqa: ANN401 - flows.project.Project
    connection: Any,  # noqa: ANN401 - the warehouse
    model: StageModel,
    taught: Taught | None,
) -> None:
    """Write into the cards who the raters were."""
    from flows.evaluate import gather
    from flows.modelcard import read_card, with_raters
    from flows.train import model_path
    from warehouse.durable import write_text

    material = gather(project, connection, model.signal_codes)
    if material.table is None:
        return
    for trained in (model, taught.without) if taught else (model,):
        path = model_path(project.models, trained.model_version).with_suffix(".md")
        write_text(path, with_raters(read_card(path), material.table, material.rater_codes))


def _warn_of_copies(connection: Any) -> None:  # noqa: ANN401 - the warehouse
    from flows.claimants import copied_count

    if count := copied_count(connection):
        click.echo(
            f"warning: all {count} organizations with an expert code and a claim have the same "
            "stage in both. If claims were imported as expert codes, estimates will run high: "
            "correct the codes, and use `barograph train --with-self-assessments`",
            err=True,
        )


def _as_json(taught: Taught | None) -> dict[str, Any]:
    if taught is None:
        return {}
    from dataclasses import asdict

    from flows.selfassessmentcard import shift_warnings

    return {
        "self_assessments": asdict(taught.summary),
        "without_self_assessments": taught.without.model_version,
        "warnings": shift_warnings(taught.summary),
    }


def _tell_taught(taught: Taught | None) -> None:
    if taught is None:
        return
    from flows.selfassessmentcard import shift_sentences

    for sentence in shift_sentences(taught.summary):
        click.echo(f"  {sentence}")
    without = taught.without.model_version
    click.echo(f"  without self-assessments: {without} (`barograph models use {without}`)")


class _Register(click.Group):
    """A group that says what to do with a version where a command belongs."""

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names."""
        if arguments[0] not in self.commands:
            message = (
                f"no command {arguments[0]!r}; `barograph models show VERSION` prints a model's "
                "card, `barograph models use VERSION` makes it the current one"
            )
            raise click.UsageError(message, context)
        return super().resolve_command(context, arguments)


@click.group(cls=_Register, invoke_without_command=True)
@options(DATA, JSON)
@click.pass_context
def models(context: click.Context, /, **given: Any) -> None:  # noqa: ANN401 - options as given
    """The trained models: list them, show their cards, choose one.

    Without a command: all of them, the current one first.
    """
    without_command(context, _list, given)


@guarded
def _list(as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    from flows.train import learn_models
    from flows.train import models as registered

    with project_warehouse(given) as (project, connection):
        learn_models(project, connection)
        found = registered(connection)
    _tell_register(found, as_json=as_json)
    return ALL_WELL


@models.command()
@click.argument("model_version", required=False, metavar="[VERSION]")
@options(DATA, JSON)
@guarded
def show(model_version: str | None, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Print a model's card, that of the current one by default.

    What it is for and not for, what taught it, what it does in worlds and on labels that it had
    not seen, when it abstains, and until when it may be used. With --json: its row in the
    register and the figures.
    """
    from flows.clock import now
    from flows.modelcard import card_figures, read_card, shown_on
    from flows.train import learn_models, model_path

    today = now().date()
    with project_warehouse(given) as (project, connection):
        learn_models(project, connection)
        row = _registered(connection, model_version)
        path = model_path(project.models, row["model_version"]).with_suffix(".md")
    if as_json:
        print_json(card_figures(row, today) | {"card": str(path)})
    else:
        click.echo(shown_on(read_card(path), row, today), nl=False)
    return ALL_WELL


@models.command()
@click.argument("model_version", metavar="VERSION")
@options(DATA, JSON)
@guarded
def use(model_version: str, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Make a model the current one: the next `barograph estimate` uses it."""
    from flows.train import learn_models, use_model
    from flows.train import models as registered

    with project_warehouse(given) as (project, connection):
        learn_models(project, connection)
        use_model(connection, model_version)
        found = registered(connection)
    _tell_register(found, as_json=as_json)
    return ALL_WELL


def _registered(connection: Any, model_version: str | None) -> dict[str, Any]:  # noqa: ANN401 - the warehouse
    """A row of the register, by default the current model's."""
    from flows.errors import InputError, NothingDoneError
    from flows.train import models as registered

    found = {row["model_version"]: row for row in registered(connection)}
    if not found:
        problem = "no model yet; `barograph train --cold-start` makes one"
        raise NothingDoneError(problem)
    if model_version and model_version not in found:
        problem = f"no model {model_version!r}; there are: {', '.join(found)}"
        raise InputError(problem)
    return found[model_version] if model_version else next(iter(found.values()))


def _tell_register(found: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for row in found:
        click.echo(_line(row))
    if not found:
        click.echo("no model yet; `barograph train --cold-start` makes one")


def _tell(model: StageModel, row: dict[str, Any]) -> None:
    import json

    click.echo(f"model {model.model_version}: {_taught_by(row)}, source {model.source}")
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
        f"{mark} {row['model_version']}  {row['source']}, {_taught_by(row)}, "
        f"trained {row['trained_at']:%Y-%m-%d %H:%M}, {evaluated}"
    )


def _taught_by(row: dict[str, Any]) -> str:
    labels = f"{row['label_count']} labels"
    return f"{labels} and {row['claim_count']} self-assessments" if row["claim_count"] else labels
