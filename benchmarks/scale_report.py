"""What was measured of whole runs, as the tables of docs/performance.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from documents import table
from scale_growth import growth_table, shared_servers_table

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
FULL_SIZE = 1000  #: organizations that the limits are meant for
#: Parts of a run that lie within another one.
WITHIN = {"loading": "collecting", "training": "estimating"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """One run over all channels.

    Memory is the highest sum of PSS over all processes of the run, in 10^6 bytes; `parts` tells
    what each part took in the main process.
    """

    name: str
    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float
    server_cpu_seconds: float
    requests: dict[str, dict[str, int]]  #: by kind of address, then status
    body_bytes: int
    counts: dict[str, int]  #: what the run itself tells
    disk_megabytes: dict[str, float]  #: by entry of the data folder
    parts: dict[str, dict[str, Any]]

    @property
    def request_count(self) -> int:
        """All requests that the server answered."""
        return sum(sum(statuses.values()) for statuses in self.requests.values())

    @property
    def not_modified_count(self) -> int:
        """Those that it answered with 304."""
        return sum(statuses.get("304", 0) for statuses in self.requests.values())

    def rest_seconds(self, measure: str) -> float:
        """Start, imports and end of the main process: what lies in no part."""
        inner = (
            part[measure] for name, part in self.parts.items() if name not in {"whole", *WITHIN}
        )
        return float(self.parts["whole"][measure] - sum(inner))

    @property
    def parser_cpu_seconds(self) -> float:
        """CPU of all processes but the main one."""
        return self.cpu_seconds - float(self.parts["whole"]["cpu_seconds"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleFigures:
    """All runs over one world."""

    organization_count: int
    channel_count: int
    server_requests_per_second: float  #: by a plain client, before the first run
    server_peak_megabytes: float
    runs: list[RunFigures]


class Limit(NamedTuple):
    """What is promised of 1,000 organizations with six channels."""

    run_name: str
    what: str
    field: str
    most: float
    unit: str


LIMITS = (
    Limit("cold", "time, all new", "wall_seconds", 600, "s"),
    Limit("cold", "memory, all new", "peak_megabytes", 1000, "MB"),
    Limit("unchanged", "time, nothing changed", "wall_seconds", 60, "s"),
    Limit("unchanged", "memory, nothing changed", "peak_megabytes", 1000, "MB"),
)


def within_limits(found: ScaleFigures) -> bool:
    """Whether what is promised of 1,000 organizations holds for these, so far as they go."""
    return all(_value(found, limit) <= limit.most for limit in _limits_of(found))


def markdown(found: Sequence[ScaleFigures]) -> str:
    """All tables, for the sizes that were measured, smallest first."""
    largest = found[-1]
    blocks = [
        _runs(found),
        _limits(largest),
        _parts(largest),
        _requests(largest),
        _disk(largest),
        shared_servers_table(largest),
        *([growth_table(found)] if len(found) > 1 else []),
    ]
    return "\n".join(blocks)


def _limits_of(found: ScaleFigures) -> list[Limit]:
    names = {each.name for each in found.runs}
    return [limit for limit in LIMITS if limit.run_name in names]


def _value(found: ScaleFigures, limit: Limit) -> float:
    chosen = next(one for one in found.runs if one.name == limit.run_name)
    return float(getattr(chosen, limit.field))


def _runs(found: Sequence[ScaleFigures]) -> str:
    head = (
        "run",
        "wall s",
        "CPU s",
        "peak MB",
        "requests",
        "304",
        "MB of bodies",
        "new activities",
    )
    rows = [
        (
            f"{one.organization_count:,} organizations, {each.name}",
            f"{each.wall_seconds:.1f}",
            f"{each.cpu_seconds:.1f}",
            f"{each.peak_megabytes:,.0f}",
            f"{each.request_count:,}",
            f"{each.not_modified_count:,}",
            f"{each.body_bytes / 1e6:,.1f}",
            f"{each.counts['activities_added']:,}",
        )
        for one in found
        for each in one.runs
    ]
    return table(head, rows)


def _limits(found: ScaleFigures) -> str:
    rows = [
        (
            limit.what,
            f"{_value(found, limit):,.1f} {limit.unit}",
            f"{limit.most:g} {limit.unit}",
            f"{_value(found, limit) / limit.most:.0%}",
        )
        for limit in _limits_of(found)
    ]
    size = f"{found.organization_count:,} organizations"
    meant = "" if found.organization_count == FULL_SIZE else f"; limits are those of {FULL_SIZE:,}"
    return table((f"{size}{meant}", "measured", "limit", "of the limit"), rows)


def _parts(found: ScaleFigures) -> str:
    """Wall and CPU seconds of each part, and the highest memory of the main process in it."""
    head = ["part of a run"]
    for each in found.runs:
        head += [f"{each.name}: wall s", "CPU s", "MB"]
    names = [name for name in found.runs[0].parts if name not in {"whole", *WITHIN}]
    rows = []
    for name in names:
        rows.append([name, *_cells(found, name)])
        rows += [[f"… of it {k}", *_cells(found, k)] for k, v in WITHIN.items() if v == name]
    rest, parsers = ["start and end"], ["parsers, beside the rest"]
    for each in found.runs:
        seconds = (each.rest_seconds("wall_seconds"), each.rest_seconds("cpu_seconds"))
        rest += [*(f"{one:.1f}" for one in seconds), ""]
        parsers += ["", f"{each.parser_cpu_seconds:.1f}", ""]
    return table(head, [*rows, rest, parsers])


def _cells(found: ScaleFigures, name: str) -> list[str]:
    cells = []
    for each in found.runs:
        part = each.parts[name]
        seconds = (part["wall_seconds"], part["cpu_seconds"])
        cells += [*(f"{one:.1f}" for one in seconds), f"{part['peak_megabytes']:,.0f}"]
    return cells


def _requests(found: ScaleFigures) -> str:
    """Requests for each organization, by what was asked."""
    kinds = sorted({kind for each in found.runs for kind in each.requests})
    rows = []
    for kind in kinds:
        cells: list[str] = []
        for each in found.runs:
            statuses = each.requests.get(kind, {})
            total = sum(statuses.values()) / found.organization_count
            known = statuses.get("304", 0) / found.organization_count
            cells += [f"{total:.2f}", f"{known:.2f}"]
        rows.append([kind, *cells])
    head = ["requests an organization"]
    for each in found.runs:
        head += [each.name, "304"]
    used = ", ".join(f"{each.server_cpu_seconds:.1f} s ({each.name})" for each in found.runs)
    served = (
        f"The server used {used} of CPU and held {found.server_peak_megabytes:,.0f} MB; a plain "
        f"client got {found.server_requests_per_second:,.0f} documents a second from it before.\n"
    )
    return f"{table(head, rows)}\n{served}"


def _disk(found: ScaleFigures) -> str:
    names = sorted({name for each in found.runs for name in each.disk_megabytes})
    rows = [
        [name, *(f"{each.disk_megabytes.get(name, 0):,.1f}" for each in found.runs)]
        for name in names
    ]
    total = [f"{sum(each.disk_megabytes.values()):,.1f}" for each in found.runs]
    head = ["MB on disk after the run", *(each.name for each in found.runs)]
    return table(head, [*rows, ["all", *total]])
