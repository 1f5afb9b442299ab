"""What the commands share: options, settings, and how errors become exit codes."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def guarded(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn what a command returns or raises into an exit code and one clear message."""

    @wraps(command)
    def run_command(**given: Any) -> None:  # noqa: ANN401 - click's options
        sys.exit(_run_guarded(command, given))

    return run_command


def _run_guarded(command: Callable[..., int | None], options: dict[str, Any]) -> int:
    from flows.errors import InputError, NothingDoneError
    from warehouse.build import ChecksFailedError, NotBuiltError
    from warehouse.db import WarehouseBusyError, WarehouseDamagedError, WarehouseMissingError

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
        WarehouseDamagedError,
        WarehouseMissingError,
    ) as error:
        click.echo(f"error: {error}", err=True)
        return NOTHING_DONE
    except OSError as error:  # no permission, a full disk, a file where a folder should be
        click.echo(f"error: {error.filename or 'system'}: {error.strerror or error}", err=True)
        return NOTHING_DONE


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
    from flows.project import Project
    from warehouse.db import WarehouseMissingError

    project = Project(project_settings(**given).data_folder)
    if not project.warehouse.exists():
        message = f"{project.warehouse}: no warehouse yet; `barograph run` makes it"
        raise WarehouseMissingError(message)
    with open_project(project, read_only=read_only) as connection:
        yield project, connection
