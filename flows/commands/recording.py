"""The command that proves the record: what was measured then comes out again today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flows.commands.frame import (
    ALL_WELL,
    DATA,
    JSON,
    NOTHING_DONE,
    guarded,
    moment_of,
    options,
    print_json,
    project_warehouse,
)

if TYPE_CHECKING:
    from warehouse.verifying import Verified

_MOST_DIFFERENCES = 20  # lines that still help
_PURGED = "cannot be measured again: their events were removed under the retention rule"


@click.command()
@options(DATA, JSON)
@click.option("--week", metavar="DATE", help="Only the week that holds this day (default: all).")
@click.option("--every", is_flag=True, help="Every build, not only the last of each week.")
@guarded
def verify(week: str | None, *, every: bool, as_json: bool, **given: Any) -> int:  # noqa: ANN401 - options as given
    """Measure past weeks again, from what was known then, and compare.

    What arrived, was edited or was deleted since makes no difference: every number must come out
    as it was stored. 0: all do. 1: some do not, and are shown. Nothing is changed.
    """
    from flows.build import verify_weeks

    with project_warehouse(given, read_only=True) as (_, connection):
        found = verify_weeks(connection, moment_of(week, "--week"), every=every)
    if as_json:
        print_json([_record(verified) for verified in found])
    else:
        _show(found)
    return NOTHING_DONE if any(verified.differences for verified in found) else ALL_WELL


def _record(verified: Verified) -> dict[str, Any]:
    return {
        "as_of_week": verified.clock.as_of_week.isoformat(),
        "as_of": verified.clock.as_of.isoformat(),
        "known_at": verified.clock.known_at.isoformat(),
        "measurements": verified.measurement_count,
        "purged": verified.purged_count,
        "differences": verified.differences,
    }


def _show(found: list[Verified]) -> None:
    if not found:
        click.echo("No build is recorded yet; `barograph build` makes the first.")
    for verified in found:
        known = f"{verified.clock.known_at:%Y-%m-%d %H:%M:%S} UTC"
        differing = len({_name(row) for row in verified.differences})
        outcome = f"{differing} differ" if differing else "all equal, to the last bit"
        week = f"week of {verified.clock.as_of_week}, as known at {known}"
        if verified.measurement_count or not verified.purged_count:
            click.echo(f"{week}: {verified.measurement_count} measurements, {outcome}")
        if verified.purged_count:
            click.echo(f"{week}: {verified.purged_count} measurements {_PURGED}")
        for row in verified.differences[:_MOST_DIFFERENCES]:
            click.echo(f"    {_name(row)}: {row['side']}: {row['value']} (n {row['n']})")


def _name(row: dict[str, Any]) -> str:
    return f"{row['organization_id']} {row['signal_code']}"
