"""The command line. Every command is a few lines: read options, call a function, print.

Heavy libraries are imported by the commands that need them, so that `--help` is instant.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flows.job import Order, Session
    from flows.settings import Settings

ALL_WELL, NOTHING_DONE, INPUT_ERROR, SOME_FAILED = 0, 1, 2, 3

_MOST_PROBLEMS = 20  # lines of errors that still help

_EPILOG = """\b
Exit codes: 0 all well, 1 nothing could be done, 2 usage or input error,
            3 done, with some channels failed.
Start with `barograph demo`; then `barograph init` and `barograph run`."""


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="barograph")
def main() -> None:
    """Record how organizations use social media in public, week after week.

    Barograph collects what organizations publish, measures it, estimates from outside which
    of six stages of social business each has reached, and sets that beside what each claims.
    The current folder is the project: organizations.toml says who is watched, data/ holds
    everything that was collected.
    """


def _options(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped here
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


_data = click.option("--data", metavar="DIR", help="Data folder (default: data).")
_organizations = click.option(
    "--organizations", metavar="FILE", help="Who is watched: .toml, .csv or .opml."
)
_as_of = click.option(
    "--as-of", metavar="DATE", help="Compute signals as of the end of this day (default: now)."
)
_now = click.option(
    "--now", "ask_all", is_flag=True, help="Also ask channels that are not due yet; holds count."
)
_allow_host = click.option(
    "--allow-host",
    multiple=True,
    metavar="HOST",
    help="A private host that may be asked: name, address or network. Repeatable.",
)
_claims = click.option("--claims", metavar="FILE", help="Claimed stages (default: claims.csv).")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")


def _guarded(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn what a command returns or raises into an exit code and one clear message."""

    @wraps(command)
    def guarded(**options: Any) -> None:  # noqa: ANN401 - click's options
        sys.exit(_run_guarded(command, options))

    return guarded


def _run_guarded(command: Callable[..., int | None], options: dict[str, Any]) -> int:
    from flows.errors import InputError, NothingDoneError
    from warehouse.build import ChecksFailedError, NotBuiltError
    from warehouse.db import WarehouseBusyError, WarehouseMissingError

    try:
        return command(**options) or ALL_WELL
    except InputError as error:
        for problem in error.problems[:_MOST_PROBLEMS]:
            click.echo(f"error: {problem}", err=True)
        if (more := len(error.problems) - _MOST_PROBLEMS) > 0:
            click.echo(f"error: and {more} more problems", err=True)
        return INPUT_ERROR
    except (
        NothingDoneError,
        ChecksFailedError,
        NotBuiltError,
        WarehouseBusyError,
        WarehouseMissingError,
    ) as error:
        click.echo(f"error: {error}", err=True)
        return NOTHING_DONE
    except OSError as error:  # no permission, a full disk, a file where a folder should be
        click.echo(f"error: {error.filename or 'system'}: {error.strerror or error}", err=True)
        return NOTHING_DONE


def _settings(**overrides: Any) -> Settings:  # noqa: ANN401 - options as given
    from flows.settings import load_settings

    return load_settings(Path.cwd(), overrides)


def _moment(as_of: str | None) -> datetime | None:
    from flows.clock import read_as_of
    from flows.errors import InputError

    if as_of is None:
        return None
    try:
        return read_as_of(as_of)
    except ValueError as error:
        problem = f"--as-of {as_of!r} is no date such as 2026-11-21"
        raise InputError(problem) from error


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=_json_text))


def _json_text(value: object) -> str:
    """Moments of the warehouse are UTC and do not say so; a machine must be told."""
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)


@contextmanager
def _stopwatch() -> Iterator[Callable[[], float]]:
    start = time.monotonic()
    yield lambda: round(time.monotonic() - start, 3)


@main.command()
@_guarded
def init() -> int:
    """Write barograph.toml, organizations.toml and claims.csv to start from.

    Files that are there already are left alone.
    """
    from flows.scaffold import write_scaffold

    for path, is_new in write_scaffold(Path.cwd()):
        click.echo(f"{'wrote' if is_new else 'kept '} {path.name}")
    click.echo("Next: put your organizations into organizations.toml, then `barograph run`.")
    return ALL_WELL


@main.command()
@_options(_organizations, _claims, _data, _as_of, _now, _allow_host, _json)
@click.option("--prefect", is_flag=True, help="Run as a Prefect flow, with its records.")
@_guarded
def run(as_of: str | None, ask_all: bool, as_json: bool, prefect: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Do the whole job: collect, build, estimate, compare, publish.

    Asks every channel that is due, keeps all answers, measures signals, estimates stages and
    publishes the benchmark page. Safe to repeat and to interrupt: nothing is lost or doubled.
    """
    from flows.job import make_order
    from flows.settings import prefect_is_configured

    order = make_order(_settings(**given), _moment(as_of), ask_all=ask_all)
    if not (prefect or prefect_is_configured()):
        return _run_directly(order, as_json=as_json)
    from flows.monitor import monitor

    overrides = {name: value for name, value in given.items() if value}
    result = monitor(str(Path.cwd()), as_of, ask_all, overrides)
    return _report_outcome(result, as_json=as_json)


def _run_directly(order: Order, *, as_json: bool = False) -> int:
    from flows.job import finish, session, summary

    with session(order) as under_way:
        with _stopwatch() as seconds:
            _collect(under_way, quiet=as_json)
            elapsed = seconds()
        finished = finish(under_way)
        result = summary(under_way) | {"elapsed_seconds": elapsed, "page": str(finished.page)}
        if not as_json:
            _show_run(under_way, finished)
    return _report_outcome(result, as_json=as_json)


def _collect(under_way: Session, *, quiet: bool) -> None:
    from flows.job import collect_directly, plan
    from flows.terminal import progress

    plan(under_way)
    with progress("collecting", under_way.run.due_count, quiet=quiet) as advance:
        collect_directly(under_way, advance)


def _show_run(under_way: Session, finished: Any) -> None:  # noqa: ANN401 - flows.job.Finished
    from flows.terminal import LEGEND, comparison_sentences, console, organizations_table

    out = console()
    out.print(organizations_table(finished.overview))
    click.echo(f"\n{LEGEND}\n")
    for sentence in comparison_sentences(finished.comparison):
        click.echo(sentence)
    _show_failures(under_way)


def _show_failures(under_way: Session) -> None:
    errors = under_way.collected.errors
    failures = [c for c in under_way.order.channels if errors.get(c.channel_id)]
    if failures:
        click.echo(f"\nNot seen, {len(failures)} channels, and why:")
    for channel in failures:
        click.echo(f"  {channel.organization_id}  {channel.address}")
        click.echo(f"      {errors[channel.channel_id]}")


def _report_outcome(result: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        _print_json(result)
    else:
        click.echo(
            f"\nRun {result['run_id']}: asked {result['asked']} of {result['channels']} channels "
            f"({result['held']} held by their servers), {result['fetched']} new documents, "
            f"{result['not_modified']} unchanged, {result['failed']} failed; "
            f"{result['activities_added']} activities added."
        )
        if "page" in result:
            click.echo(f"Page: {result['page']}")
    if result["asked"] and result["failed"] == result["asked"]:
        return NOTHING_DONE
    return SOME_FAILED if result["failed"] else ALL_WELL


@main.command()
@_options(_organizations, _data, _now, _allow_host, _json)
@_guarded
def collect(ask_all: bool, as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Ask the channels that are due and keep what they answer; compute nothing."""
    from flows.job import make_order, session, summary

    order = make_order(_settings(**given), None, ask_all=ask_all, command="collect")
    with session(order) as under_way, _stopwatch() as seconds:
        _collect(under_way, quiet=as_json)
        elapsed = seconds()
    result = summary(under_way) | {"elapsed_seconds": elapsed}
    if not as_json:
        _show_failures(under_way)
    return _report_outcome(result, as_json=as_json)


@main.command()
@_options(_data, _as_of)
@_guarded
def build(as_of: str | None, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Measure all signals anew from what has been collected, and run the checks."""
    from flows.build import build_signals

    moment = _moment(as_of)
    with _warehouse(given) as (_, connection):
        counts = build_signals(connection, moment)
    for name, count in counts.items():
        click.echo(f"{count:>12,}  {name}")
    return ALL_WELL


@contextmanager
def _warehouse(given: dict[str, Any], *, read_only: bool = False) -> Iterator[tuple[Any, Any]]:
    from flows.project import Project
    from warehouse.db import WarehouseMissingError, open_warehouse

    project = Project(_settings(**given).data_folder)
    if not project.warehouse.exists():
        message = f"{project.warehouse}: no warehouse yet; `barograph run` makes it"
        raise WarehouseMissingError(message)
    with open_warehouse(project.warehouse, read_only=read_only) as connection:
        yield project, connection


@main.command()
@_options(_data)
@_guarded
def estimate(**given: Any) -> int:  # noqa: ANN401 - options as given
    """Estimate the observed stage of every organization, with its prediction sets."""
    from flows.estimate import estimate as estimate_all
    from flows.terminal import observed

    with _warehouse(given) as (project, connection):
        for made in estimate_all(project, connection):
            row = {name: getattr(made, name) for name in made.__dataclass_fields__}
            click.echo(f"{made.organization_id}: {observed(row)}")
            if made.abstention_text:
                click.echo(f"    {made.abstention_text}")
    return ALL_WELL


@main.command()
@_options(_claims, _data, _json)
@_guarded
def compare(as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Set claimed stages beside observed ones: who claims more, or less, than its set allows."""
    from dataclasses import asdict

    from flows.compare import compare_stages
    from flows.job import import_claims
    from flows.terminal import comparison_sentences

    with _warehouse(given) as (_, connection):
        import_claims(_settings(**given), connection)
        comparison = compare_stages(connection)
    if as_json:
        _print_json(asdict(comparison))
        return ALL_WELL
    for sentence in comparison_sentences(comparison):
        click.echo(sentence)
    for gap in comparison.gaps:
        if gap.position in {"above", "below"}:
            click.echo(f"  {gap.organization_id}: claims {_gap_words(gap)}")
    return ALL_WELL


def _gap_words(gap: Any) -> str:  # noqa: ANN401 - classifiers.agreement.Gap
    from classifiers.stages import Stage

    nearest = gap.gap_low if gap.position == "above" else -gap.gap_high
    word = "more" if gap.position == "above" else "less"
    return f"{Stage(gap.claimed_code).label}, {nearest} stages {word} than its 90 % set allows"


@main.command()
@_options(_data)
@_guarded
def publish(**given: Any) -> int:  # noqa: ANN401 - options as given
    """Publish a snapshot for dashboards, and the benchmark page as static files."""
    from flows.publish import publish as publish_all

    with _warehouse(given) as (project, connection):
        published = publish_all(project, connection)
    click.echo(f"snapshot {published.snapshot}\npage     {published.page}")
    return ALL_WELL


@main.command()
@_options(_data)
@click.option("--from", "origin", metavar="DIR", help="Data folder whose archive is replayed.")
@_guarded
def replay(origin: str | None, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Rebuild the warehouse from the archive, without any network.

    With --from, the archive of another data folder is replayed into this one, which must not
    have a warehouse yet; without it, this folder's own warehouse is replaced.
    """
    from flows.replaying import replay_archive

    settings = _settings(**given)
    count, counts = replay_archive(settings.data_folder, Path(origin) if origin else None)
    click.echo(f"{count} batches replayed, {counts['signals.measurements']} measurements")
    return ALL_WELL


@main.command()
@_options(_data, _json)
@_guarded
def status(as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Show the last run, channels by state, what failed and why; the exit code tells cron.

    0: the last run saw every channel. 3: some channels failed. 1: the last run did not
    complete, or there was none.
    """
    from flows.status import exit_code, read_status

    with _warehouse(given, read_only=True) as (_, connection):
        found = read_status(connection)
    if as_json:
        _print_json(found)
    else:
        _show_status(found)
    return exit_code(found)


def _show_status(found: dict[str, Any]) -> None:
    for run_ in found["runs"][:1]:
        click.echo(
            f"Last run {run_['run_id']}: {run_['state']}, {run_['started_at']:%Y-%m-%d %H:%M} UTC"
        )
        if run_["error"]:
            click.echo(f"  {run_['error']}")
    click.echo("Channels by how the last attempt ended:")
    for row in found["channels"]:
        click.echo(f"  {row['channel_count']:>6}  {row['outcome']}")
    if found["failing"]:
        click.echo("Not seen:")
    for row in found["failing"]:
        seen = f"last seen {row['last_seen_at']:%Y-%m-%d}" if row["last_seen_at"] else "never seen"
        click.echo(f"  {row['organization_id']}  {row['address']}")
        click.echo(f"      {row['last_outcome']}: {row['last_error']} ({seen})")


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_options(_data)
@_guarded
def export(folder: Path, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Write all tables as Parquet and CSV, with a data dictionary and a manifest."""
    from flows.exporting import export_all

    with _warehouse(given) as (_, connection):
        counts = export_all(connection, folder)
    for name, count in counts.items():
        click.echo(f"{count:>12,}  {folder / name}.parquet, .csv")
    return ALL_WELL


@main.command()
@_options(_data)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8035,
    show_default=True,
    help="Port to listen on.",
)
@click.option("--open/--no-open", "open_browser", default=True, help="Open a browser.")
@_guarded
def dashboard(host: str, port: int, open_browser: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - options as given
    """Serve the benchmark page from the published snapshot; Ctrl-C ends it."""
    from dashboards.app import serve
    from flows.project import Project

    project = Project(_settings(**given).data_folder)
    with suppress(KeyboardInterrupt):
        serve(project.snapshot, host, port, open_browser=open_browser)
    return ALL_WELL


@main.command()
@click.option("--folder", default="demo", show_default=True, help="Where the demo project goes.")
@_guarded
def demo(folder: str) -> int:
    """Watch the whole job run on an invented world, served on this machine; ends by itself."""
    from flows.demonstration import demonstrate

    demonstrate(Path.cwd() / folder, _run_directly)
    return ALL_WELL


if __name__ == "__main__":
    main()
