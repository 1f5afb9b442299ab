"""Commands that do the job: init, run, collect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    ALLOW_HOST,
    AS_OF,
    CLAIMS,
    DATA,
    JSON,
    NOTHING_DONE,
    NOW,
    ORGANIZATIONS,
    SOME_FAILED,
    guarded,
    moment_of,
    options,
    print_json,
    project_settings,
    stopwatch,
    warn,
)

if TYPE_CHECKING:
    from flows.job import Order, Session
    from flows.panel import Panel


@click.command()
@click.option(
    "--panel", "name", metavar="NAME", help="List the organizations of a ready panel, not examples."
)
@click.option(
    "--panels", "shows_panels", is_flag=True, help="Show the ready panels, write nothing."
)
@guarded
def init(name: str | None, *, shows_panels: bool) -> int:
    """Write the files of a project to start from.

    These are barograph.toml, organizations.toml and claims.csv.

    Files that are there already are left alone.
    """
    if shows_panels:
        return _show_panels()
    from flows.panel import find_panel
    from flows.scaffold import write_scaffold

    panel = None if name is None else find_panel(name)
    for path, is_new in write_scaffold(Path.cwd(), panel):
        click.echo(f"{'wrote' if is_new else 'kept '} {path.name}")
    click.echo(_next_step(panel))
    return ALL_WELL


def _next_step(panel: Panel | None) -> str:
    if panel is None:
        return "Next: put your organizations into organizations.toml, then `barograph run`."
    return (
        f"{panel.organization_count} organizations with {panel.channel_count} channels, as found "
        f"on {panel.compiled_on}; addresses change.\n"
        "Next: read organizations.toml, set `contact` in barograph.toml, then `barograph run`."
    )


def _show_panels() -> int:
    from flows.panel import panels

    for panel in panels():
        click.echo(f"{panel.name}\n    {panel.sentence}")
        click.echo(
            f"    {panel.organization_count} organizations, {panel.channel_count} channels, "
            f"compiled {panel.compiled_on}"
        )
    click.echo("\n`barograph init --panel NAME` starts a project with one; docs/panels.md.")
    return ALL_WELL


@click.command()
@options(ORGANIZATIONS, CLAIMS, DATA, AS_OF, NOW, ALLOW_HOST, JSON)
@click.option("--prefect", is_flag=True, help="Run as a Prefect flow, with its records.")
@guarded
def run(as_of: str | None, ask_all: bool, as_json: bool, prefect: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Do the whole job: collect, build, estimate, compare, publish.

    Asks every channel that is due, keeps all answers, measures signals, estimates stages and
    publishes the snapshot that dashboards read. Safe to repeat and to interrupt: nothing is lost
    or doubled.
    """
    from flows.errors import NothingDoneError
    from flows.job import make_order
    from flows.objections import left_out_sentence
    from flows.settings import prefect_is_configured

    order = make_order(project_settings(**given), moment_of(as_of), ask_all=ask_all)
    warn(map(left_out_sentence, order.left_out))
    if not (prefect or prefect_is_configured()):
        return run_directly(order, as_json=as_json)
    from flows.monitor import monitor

    overrides = {name: value for name, value in given.items() if value}
    result = monitor(str(Path.cwd()), as_of, ask_all, overrides)
    if not isinstance(result, dict):  # the state of a run that was skipped
        message = "a scheduled run of this project is at work; try again when it has ended"
        raise NothingDoneError(message)
    return _report_outcome(result, as_json=as_json)


def run_directly(order: Order, *, as_json: bool = False) -> int:
    """Do an order inside this process, and print what came of it; returns the exit code."""
    from flows.job import finish, session, summary
    from flows.terminal import organization_figures

    with session(order) as under_way:
        with stopwatch() as seconds:
            _collect(under_way, quiet=as_json)
            elapsed = seconds()
        finished = finish(under_way)
        result = summary(under_way) | {
            "elapsed_seconds": elapsed,
            "snapshot": str(finished.snapshot),
            "organizations": [organization_figures(row) for row in finished.overview],
            "inbox": {"files": len(finished.inbox.files), "problems": finished.inbox.problems},
        }
        if not as_json:
            _show_run(under_way, finished)
        warn(finished.inbox.problems)
    return _report_outcome(result | _alerts(under_way), as_json=as_json)


def _alerts(under_way: Session) -> dict[str, Any]:
    """What the look for alerts at the end of a run came to."""
    watched = under_way.watched
    if watched is None:
        return {}
    warn(watched.problems)
    return {"alerts": watched.record()}


def _collect(under_way: Session, *, quiet: bool) -> None:
    from flows.job import collect_directly, plan
    from flows.terminal import progress

    plan(under_way)
    with progress("collecting", under_way.run.due_count, quiet=quiet) as advance:
        collect_directly(under_way, advance)


def _show_run(under_way: Session, finished: Any) -> None:  # noqa: ANN401 - flows.job.Finished
    from flows.inbox import inbox_sentences
    from flows.terminal import (
        LEGEND,
        comparison_sentences,
        console,
        organizations_table,
        taught_sentences,
    )

    out = console()
    out.print(organizations_table(finished.overview))
    click.echo(f"\n{LEGEND}\n")
    comparison = finished.comparison
    for sentence in (
        *inbox_sentences(finished.inbox),
        *comparison_sentences(comparison),
        *taught_sentences(comparison),
    ):
        click.echo(sentence)
    _show_failures(under_way)


def _show_failures(under_way: Session) -> None:
    notes = under_way.collected.notes
    for channel in under_way.order.channels:
        if note := notes.get(channel.channel_id):
            click.echo(f"\n{channel.organization_id}: {note}")
    errors = under_way.collected.errors
    failures = [c for c in under_way.order.channels if errors.get(c.channel_id)]
    if failures:
        click.echo(f"\nNot seen, {len(failures)} channels, and why:")
    for channel in failures:
        click.echo(f"  {channel.organization_id}  {channel.address}")
        click.echo(f"      {errors[channel.channel_id]}")


def _report_outcome(result: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        print_json(result)
    else:
        click.echo(
            f"\nRun {result['run_id']}: asked {result['asked']} of {result['channels']} channels "
            f"({result['held']} held by their servers), {result['fetched']} new documents, "
            f"{result['not_modified']} unchanged, {result['failed']} failed; "
            f"{result['activities_added']} activities added."
        )
        if "snapshot" in result:
            click.echo(f"Snapshot: {result['snapshot']}; `barograph dashboard` shows it.")
        if "alerts" in result:
            click.echo(_alerts_sentence(result["alerts"]))
    if result["asked"] and result["failed"] == result["asked"]:
        return NOTHING_DONE
    return SOME_FAILED if result["failed"] else ALL_WELL


def _alerts_sentence(told: dict[str, Any]) -> str:
    from flows.alerting.listing import told_sentence

    return told_sentence(told)


@click.command()
@options(ORGANIZATIONS, DATA, NOW, ALLOW_HOST, JSON)
@guarded
def collect(ask_all: bool, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Ask the channels that are due, and keep what they answer."""
    from flows.job import make_order, session, summary
    from flows.objections import left_out_sentence

    order = make_order(project_settings(**given), None, ask_all=ask_all, command="collect")
    warn(map(left_out_sentence, order.left_out))
    with session(order) as under_way, stopwatch() as seconds:
        _collect(under_way, quiet=as_json)
        elapsed = seconds()
    result = summary(under_way) | {"elapsed_seconds": elapsed} | _alerts(under_way)
    if not as_json:
        _show_failures(under_way)
    return _report_outcome(result, as_json=as_json)
