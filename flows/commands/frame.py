"""What the commands share: options, settings, and how errors become exit codes."""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flows.settings import Settings

ALL_WELL, NOTHING_DONE, INPUT_ERROR, SOME_FAILED = 0, 1, 2, 3

_MOST_PROBLEMS = 20  # lines of errors that still help


def options(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several of the options below, in the order in which help shows them."""

    def decorate(command: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped here
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


DATA = click.option("--data", metavar="DIR", help="Data folder (default: data).")
ORGANIZATIONS = click.option(
    "--organizations", metavar="FILE", help="Who is watched: .toml, .csv or .opml."
)
AS_OF = click.option(
    "--as-of", metavar="DATE", help="Compute signals as of the end of this day (default: now)."
)
NOW = click.option(
    "--now", "ask_all", is_flag=True, help="Also ask channels that are not due yet; holds count."
)
ALLOW_HOST = click.option(
    "--allow-host",
    multiple=True,
    metavar="HOST",
    help="A private host that may be asked: name, address or network. Repeatable.",
)
CLAIMS = click.option("--claims", metavar="FILE", help="Claimed stages (default: claims.csv).")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
FILE = click.Path(dir_okay=False, path_type=Path)  #: type of an option that names a file
#: What labels may say: those of `classifiers.coldstart`, which takes too long to import for help.
SOURCES = ("auto", "simulator", "recalibrated", "offset", "stack")


def count_option(
    name: str,
    between: tuple[int, int],
    default: int,
    help: str,  # noqa: A002 - as click calls it
) -> Callable[[Any], Any]:
    """An option that takes a whole number `between` two, both included."""
    kind = click.IntRange(*between)
    return click.option(name, type=kind, default=default, show_default=True, help=help)


def source_option(help: str) -> Callable[[Any], Any]:  # noqa: A002 - as click calls it
    """The option that says what labels may say."""
    kind = click.Choice(SOURCES)
    return click.option("--source", type=kind, default="auto", show_default=True, help=help)


def without_command(
    context: click.Context, shown: Callable[..., None], given: dict[str, Any]
) -> None:
    """What a group of commands does by itself: with no command behind it, what `shown` does.

    Raises:
        UsageError: options stand before a command, which would not see them.
    """
    if context.invoked_subcommand is None:
        context.invoke(shown, **given)
    elif any(given.values()):
        message = f"give options behind `{context.invoked_subcommand}`"
        raise click.UsageError(message)


def guarded(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn what a command returns or raises into an exit code and one clear message."""

    @wraps(command)
    def run_command(**given: Any) -> None:  # noqa: ANN401 - click's options
        sys.exit(_run_guarded(command, given))

    return run_command


def _run_guarded(command: Callable[..., int | None], options: dict[str, Any]) -> int:
    from flows.errors import InputError

    try:
        return command(**options) or ALL_WELL
    except InputError as error:
        for problem in error.problems[:_MOST_PROBLEMS]:
            click.echo(f"error: {problem}", err=True)
        if (more := len(error.problems) - _MOST_PROBLEMS) > 0:
            click.echo(f"error: and {more} more problems", err=True)
        return INPUT_ERROR
    except _nothing_done_errors() as error:
        click.echo(f"error: {error}", err=True)
        return NOTHING_DONE
    except Exception as error:
        sentence = _disk_sentence(error)
        if not sentence:
            raise
        click.echo(f"error: {sentence}", err=True)
        return NOTHING_DONE


def _disk_sentence(error: Exception) -> str:
    """What the system refused, and of a full disk what to do; "" for what is no such error.

    The database tells of a full disk in errors of its own.
    """
    for one in _each(error):
        if os.strerror(errno.ENOSPC) in str(one):
            return (
                "the disk is full. What was collected is kept; make room, and start again: the "
                f"next run goes on with what this one could not finish ({_first_line(one)})"
            )
    if isinstance(error, OSError):  # no permission, a file where a folder should be
        return f"{error.filename or 'system'}: {error.strerror or error}"
    return ""


def _each(error: Exception) -> Iterator[Exception]:
    """What went wrong: what is done side by side fails as a group."""
    if isinstance(error, ExceptionGroup):
        for one in error.exceptions:
            yield from _each(one)
    else:
        yield error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _nothing_done_errors() -> tuple[type[Exception], ...]:
    """Errors whose message says all that a user needs."""
    from flows.errors import NothingDoneError
    from warehouse import build, db, lake, snapshots

    return (
        NothingDoneError,
        build.ChecksFailedError,
        build.NotBuiltError,
        db.WarehouseBusyError,
        db.WarehouseDamagedError,
        db.WarehouseMissingError,
        db.WarehouseNewerError,
        db.WarehouseOlderError,
        db.WarehouseUpgradeError,
        db.NoSpaceError,
        lake.LakeExtensionsError,
        lake.LakeUnreachableError,
        snapshots.NewerSnapshotError,
    )


def project_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - options as given
    """Settings of the project in the current folder, with what the command line overrides."""
    from flows.settings import load_settings

    return load_settings(Path.cwd(), overrides)


def moment_of(as_of: str | None, option: str = "--as-of") -> datetime | None:
    """The moment that a date given with an option names: the end of that day; None without one.

    Raises:
        InputError: it is no date.
    """
    from flows.clock import read_as_of
    from flows.errors import InputError

    if as_of is None:
        return None
    try:
        return read_as_of(as_of)
    except ValueError as error:
        problem = f"{option} {as_of!r} is no date such as 2026-11-21"
        raise InputError(problem) from error


def warn(problems: Iterable[str]) -> None:
    """Tell what was left out, a line each, where it does not mix with results."""
    for problem in problems:
        click.echo(f"warning: {problem}", err=True)


def print_json(value: object) -> None:
    """Print a value for machines; moments are UTC and end in Z."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=_json_value))


def _json_value(value: object) -> str:
    """Moments of the warehouse are UTC and do not say so; a machine must be told."""
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """A function that tells the seconds since the start."""
    start = time.monotonic()
    yield lambda: round(time.monotonic() - start, 3)


@contextmanager
def project_warehouse(
    given: dict[str, Any], *, read_only: bool = False
) -> Iterator[tuple[Any, Any]]:
    """The project of the current folder and its open warehouse, which must be there.

    Raises:
        WarehouseMissingError: nothing has been collected yet.
    """
    from flows.opening import open_project
    from warehouse.db import WarehouseMissingError

    project = project_settings(**given).project
    if not (project.lake or project.warehouse.exists()):
        message = f"{project.warehouse}: no warehouse yet; `barograph run` makes it"
        raise WarehouseMissingError(message)
    with open_project(project, read_only=read_only) as connection:
        yield project, connection
