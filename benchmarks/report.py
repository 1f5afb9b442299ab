"""What a run tells: tables in Markdown for people, one JSON object for machines."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from comparison import judge, summarize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comparison import Aim, Result
    from contest import Contest, Repetition
    from roster import Absence

_COLUMNS = (
    "contestant",
    "feeds",
    "cold feeds/s",
    "command s",
    "CPU ms a feed",
    "peak MB",
    "not modified feeds/s",
    "command s",
    "CPU ms a feed",
    "304",
    "all entries",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one run found out, with the machine and the software it ran on."""

    feed_count: int
    peer_feed_count: int
    entry_count: int
    mean_kibibytes: float
    server: str
    versions: Sequence[str]
    absences: Sequence[Absence]
    rows: Sequence[Sequence[Repetition]]

    @property
    def is_complete(self) -> bool:
        """Whether every contestant held all entries after each pass."""
        return all(one.is_complete for row in self.rows for one in row)

    def to_record(self) -> dict[str, Any]:
        """Everything, down to the single repetitions, as plain values."""
        return {
            "machine": _describe_machine(),
            "corpus": {
                "feeds": self.feed_count,
                "peer_feeds": self.peer_feed_count,
                "entries": self.entry_count,
                "mean_kibibytes": self.mean_kibibytes,
            },
            "server": self.server,
            "versions": list(self.versions),
            "absent": [asdict(absence) for absence in self.absences],
            "results": [asdict(result) for result in summarize(self.rows)],
            "aims": [asdict(aim) for aim in judge(self.rows)],
            "repetitions": [[asdict(one) for one in row] for row in self.rows],
        }

    def to_markdown(self) -> str:
        """The machine, the table of contestants and the aims."""
        parts = [
            self._introduce(),
            _table(_COLUMNS, [_result_cells(result) for result in summarize(self.rows)]),
            "\n".join(f"Not measured: {one.name}: {one.reason}." for one in self.absences),
            _table(
                ("aim", "wanted", "measured", "by whole commands", "reached"),
                [_aim_cells(aim) for aim in judge(self.rows)],
            ),
        ]
        return "\n\n".join(part for part in parts if part)

    def _introduce(self) -> str:
        machine = ", ".join(f"{value}" for value in _describe_machine().values())
        return (
            f"{machine}; {self.server}; {'; '.join(self.versions)}.\n"
            f"{self.feed_count} feeds with {self.entry_count} entries, "
            f"{self.mean_kibibytes:.1f} KiB on average; median of {len(self.rows)} repetitions."
        )


def describe(
    contest: Contest,
    versions: Sequence[str],
    absences: Sequence[Absence],
    rows: Sequence[Sequence[Repetition]],
) -> Report:
    """The report on a contest that has ended."""
    return Report(
        feed_count=len(contest.corpus.feeds),
        peer_feed_count=contest.peer_feed_count,
        entry_count=contest.corpus.entry_count,
        mean_kibibytes=contest.corpus.mean_kibibytes,
        server=contest.server.software,
        versions=versions,
        absences=absences,
        rows=rows,
    )


def _describe_machine() -> dict[str, str]:
    return {
        "cores": f"{os.cpu_count()} cores",
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"Python {platform.python_version()}",
    }


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _result_cells(result: Result) -> list[str]:
    return [
        result.contestant,
        f"{result.feed_count:,}",
        _speed(result.cold_feeds_per_second),
        f"{result.cold_command_seconds:.2f}",
        f"{result.cold_cpu_milliseconds_per_feed:.2f}",
        f"{result.peak_megabytes:.0f}",
        _speed(result.unchanged_feeds_per_second),
        f"{result.unchanged_command_seconds:.2f}",
        f"{result.unchanged_cpu_milliseconds_per_feed:.2f}",
        f"{result.not_modified_share:.0%}",
        "yes" if result.is_complete else "NO",
    ]


def _aim_cells(aim: Aim) -> list[str]:
    reached = {True: "yes", False: "no", None: "not measured"}[aim.is_reached]
    return [aim.name, aim.wanted, _ratio(aim.measured), _ratio(aim.by_command), reached]


def _speed(feeds_per_second: float) -> str:
    return f"{feeds_per_second:,.0f}"


def _ratio(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.3g}"
