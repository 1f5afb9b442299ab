"""The command that shows what is measured: the catalogue of signals and their latest values."""

from __future__ import annotations

from itertools import groupby
from textwrap import fill
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
    from collections.abc import Iterable, Mapping

    from classifiers.signals import Signal, Unobtainable
    from flows.signalling import Question

_WIDTH = 100  # characters of a line of words
_INDENT = " " * 12
_ORGANIZATION = click.option("--organization", metavar="ORG", help="Only the values of this one.")
_WEEK = click.option(
    "--week", metavar="DATE", help="Values of the week that holds this day (default: the latest)."
)
_UNOBTAINABLE = click.option(
    "--unobtainable", is_flag=True, help="What the stage model asks for and nobody can measure yet."
)


@click.command()
@click.argument("code", default="")
@options(_ORGANIZATION, _WEEK, _UNOBTAINABLE, DATA, JSON)
@guarded
def signals(
    code: str,
    organization: str | None,
    week: str | None,
    *,
    unobtainable: bool,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - options as given
) -> int:
    """Show what is measured, and what came of it.

    Without CODE: the catalogue of signals by family. With CODE: all about one signal and, once
    something was collected, its values, each with what it rests on. With --organization: all
    values of one organization.
    """
    from flows.signalling import Question, monday_of

    asked = Question(code=code, organization_id=organization or "", week=monday_of(week))
    if unobtainable:
        _show_unobtainable(as_json=as_json)
    elif code or asked.needs_measurements:
        _show_values(asked, given, as_json=as_json)
    else:
        _show_catalogue(as_json=as_json)
    return ALL_WELL


def _show_unobtainable(*, as_json: bool) -> None:
    from classifiers.signals import UNOBTAINABLE
    from flows.signalling import catalogue_record

    if as_json:
        print_json({"unobtainable": catalogue_record()["unobtainable"]})
        return
    for entry in UNOBTAINABLE:
        _show_entry(entry)
        click.echo()


def _show_catalogue(*, as_json: bool) -> None:
    from classifiers.signals import UNOBTAINABLE
    from flows.signalling import catalogue_record
    from flows.terminal import console

    if as_json:
        print_json(catalogue_record())
        return
    console().print(_catalogue_table())
    click.echo(
        "\n`barograph signals CODE` tells all about one. "
        f"{len(UNOBTAINABLE)} more cannot be had yet: `barograph signals --unobtainable`.\n"
        "* With fewer, the value is drawn towards peers and flagged; elsewhere it is undefined."
    )


def _catalogue_table() -> Any:  # noqa: ANN401 - a rich table
    from rich.table import Table

    from classifiers.signals import SIGNALS

    table = Table(header_style="bold", pad_edge=False, box=None)
    for name in ("Signal", "Metric", "Unit"):
        table.add_column(name, no_wrap=True)
    for name in ("Weeks", "Least n"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("With the stage", no_wrap=True)
    table.add_column("Tells apart", no_wrap=True)
    for family, found in groupby(SIGNALS, key=lambda signal: signal.family):
        table.add_row(f"[bold]{family.capitalize()}[/bold]")
        for signal in found:
            table.add_row(*_catalogue_cells(signal))
    return table


def _catalogue_cells(signal: Signal) -> list[str]:
    least = f"{signal.minimum_count}{'*' if signal.is_pooled_when_small else ''}"
    return [
        f"  {signal.code}",
        signal.metric,
        signal.unit,
        str(signal.window_weeks),
        least,
        signal.direction.value,
        signal.separates,
    ]


def _show_values(asked: Question, given: dict[str, Any], *, as_json: bool) -> None:
    from flows.signalling import entry_named, entry_record

    entry = entry_named(asked.code) if asked.code else None
    found = _values(asked, given)
    if as_json:
        about = {"signal": entry_record(entry)} if entry else {}
        print_json({**about, "measurements": found})
        return
    if entry:
        _show_entry(entry)
    if found:
        _show_measurements(found)
    else:
        click.echo("\nNothing was measured here.")


def _values(asked: Question, given: dict[str, Any]) -> list[dict[str, Any]]:
    """What was measured; nothing where nothing was collected and the catalogue will do."""
    from flows.signalling import read_measurements
    from warehouse.db import WarehouseMissingError

    try:
        with project_warehouse(given, read_only=True) as (_, connection):
            return read_measurements(connection, asked)
    except WarehouseMissingError:
        if asked.needs_measurements:
            raise
        return []


def _show_entry(entry: Signal | Unobtainable) -> None:
    click.echo(f"{entry.code}: {entry.label}")
    for name, text in _lines(entry):
        if text:
            line = fill(text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
            click.echo(f"  {name:<10}{line.removeprefix(_INDENT)}")


def _lines(entry: Signal | Unobtainable) -> Iterable[tuple[str, str]]:
    from classifiers.signals import Unobtainable

    yield "what", entry.definition
    yield "family", f"{entry.family} {entry.metric}".strip()
    if isinstance(entry, Unobtainable):
        yield "why not", entry.why
        yield "needed", entry.needed
    else:
        yield from _signal_lines(entry)


def _signal_lines(signal: Signal) -> Iterable[tuple[str, str]]:
    yield "formula", signal.formula
    yield "unit", signal.unit
    yield "window", f"{signal.window_weeks} full weeks up to the as-of week"
    yield "least n", _least(signal)
    yield "stage", signal.expectation
    yield "apart", signal.separates
    stages = [f"{number}: {found}" for number, found in enumerate(signal.ranges, 1) if found]
    yield "usual", "; ".join(stages)
    yield "caution", signal.caution
    yield "source", signal.source
    yield "model", f"{signal.model}{', read by the estimator' if signal.is_feature else ''}"


def _least(signal: Signal) -> str:
    if signal.is_pooled_when_small:
        return f"{signal.minimum_count}; below, drawn towards peers and flagged"
    return f"{signal.minimum_count}{'; below, undefined' if signal.minimum_count > 1 else ''}"


def _show_measurements(found: list[dict[str, Any]]) -> None:
    from flows.terminal import console

    click.echo(f"\nWeek of Monday {found[0]['as_of_week']}, and the weeks before it:")
    console().print(_measurement_table(found))


def _measurement_table(found: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - a rich table
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    for name in ("Organization", "Signal"):
        table.add_column(name, no_wrap=True)
    for name in ("Value", "From", "n", "95 % interval", "Seen"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Note", no_wrap=True)
    for row in found:
        table.add_row(*_measurement_cells(row))
    return table


def _measurement_cells(row: Mapping[str, Any]) -> list[str]:
    return [
        row["organization_id"],
        row["signal_code"],
        _number(row["value"]),
        _pair(row["numerator"], row["denominator"], " / "),
        str(row["n"]),
        _pair(row["lower"], row["upper"], " to "),
        "-" if row["coverage_share"] is None else f"{row['coverage_share']:.0%}",
        row["missing_reason"] or ("drawn towards peers" if row.get("is_pooled") else ""),
    ]


def _pair(first: float | None, second: float | None, between: str) -> str:
    if first is None and second is None:
        return "-"
    return f"{_number(first)}{between}{_number(second)}"


def _number(value: float | None) -> str:
    from flows.terminal import number

    return number(value, ".4g")
