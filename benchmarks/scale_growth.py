"""How the cost of a run grows with the organizations, and what a straight line says of 10,000."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from documents import table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scale_report import RunFigures, ScaleFigures

TARGET = 10_000  #: organizations
_RUNS = 2  # all new, nothing changed; the third lies between them
_GROWING = ("loading", "building", "estimating", "publishing")  # parts that are told
_SHARED = ("bluesky", "mastodon")  # an account of each organization, many on one server


class Line(NamedTuple):
    """The straight line through two measured sizes: what is always there, and an organization's."""

    fixed: float
    each: float

    def at(self, count: int) -> float:
        """What it says of so many organizations."""
        return self.fixed + self.each * count


def line_through(first: tuple[int, float], second: tuple[int, float]) -> Line:
    """The line through two points of organizations and cost."""
    each = (second[1] - first[1]) / (second[0] - first[0])
    return Line(second[1] - each * second[0], each)


def growth_table(found: Sequence[ScaleFigures]) -> str:
    """CPU seconds, memory and disk at each size, what one more organization costs, and 10,000.

    The line goes through the smallest and the largest size. Where an organization costs more
    between the last two sizes than between the first two, growth is faster than linear.
    """
    sizes = [one.organization_count for one in found]
    steps = [f"{a:,} to {b:,}" for a, b in pairwise(sizes)]
    units = [f"{step}, each 1,000 more" for step in steps]
    head = ["cost", *(f"{size:,}" for size in sizes), *units, f"{TARGET:,} by a line"]
    rows: list[list[str]] = []
    for place, each in enumerate(found[0].runs[:_RUNS]):
        for name, measure in _measures().items():
            values = [measure(one.runs[place]) for one in found]
            points = list(zip(sizes, values, strict=True))
            slopes = [line_through(a, b).each * 1000 for a, b in pairwise(points)]
            far = line_through(points[0], points[-1]).at(TARGET)
            numbers = [_number(value) for value in (*values, *slopes, far)]
            rows.append([f"{each.name}: {name}", *numbers])
    return table(head, rows)


def shared_servers_table(found: ScaleFigures) -> str:
    """How long one server is asked that has all accounts of a platform, at the pace of strangers.

    One request a second, as public hosts are asked (docs/fetching.md); the counts are measured.
    """
    head = ["all accounts on one server, one request a second"]
    for run in found.runs:
        head += [f"{run.name}: requests an account", "1,000: hours", f"{TARGET:,}: hours"]
    rows: list[list[str]] = []
    for kind in _SHARED:
        cells = [kind]
        for run in found.runs:
            each = sum(run.requests.get(kind, {}).values()) / found.organization_count
            hours = (each * count / 3600 for count in (1000, TARGET))
            cells += [f"{each:.2f}", *(f"{one:.1f}" for one in hours)]
        rows.append(cells)
    return table(head, rows)


def _measures() -> dict[str, Callable[[RunFigures], float]]:
    return {
        "wall s": lambda one: one.wall_seconds,
        "CPU s": lambda one: one.cpu_seconds,
        "CPU s of parsers": lambda one: one.parser_cpu_seconds,
        **{f"CPU s of {name}": _cpu_of(name) for name in _GROWING},
        "peak MB": lambda one: one.peak_megabytes,
        "MB on disk": lambda one: sum(one.disk_megabytes.values()),
        "requests": lambda one: one.request_count,
    }


def _cpu_of(name: str) -> Callable[[RunFigures], float]:
    return lambda one: float(one.parts[name]["cpu_seconds"])


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"  # noqa: PLR2004 - digits
