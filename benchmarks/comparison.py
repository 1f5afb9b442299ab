"""Medians, ratios and what we aim at; pure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from contest import names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contest import Repetition

    Figure = Callable[[Repetition], float]

OURS = "barograph"
MOST_MEGABYTES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One contestant's medians over the repetitions.

    Speeds are by the contestant's own time, `*_command_seconds` by that of the whole
    command; CPU is of the whole command; a megabyte is 10^6 bytes.
    """

    contestant: str
    feed_count: int
    cold_feeds_per_second: float
    cold_command_seconds: float
    cold_cpu_milliseconds_per_feed: float
    peak_megabytes: float
    unchanged_feeds_per_second: float
    unchanged_command_seconds: float
    unchanged_cpu_milliseconds_per_feed: float
    not_modified_share: float
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One thing we set out to reach; `measured` is a median over the repetitions.

    `by_command` is the same ratio by the time of the whole commands, start-up included;
    None where it says nothing (memory). None in `measured` means that a contestant was
    missing.
    """

    name: str
    wanted: str
    measured: float | None
    by_command: float | None
    is_reached: bool | None


class _Figures(NamedTuple):
    measured: float | None
    by_command: float | None


def summarize(rows: Sequence[Sequence[Repetition]]) -> list[Result]:
    """One result a contestant, in the order in which they ran."""
    return [
        _summarize_one([one for row in rows for one in row if one.contestant == name])
        for name in names_of(rows)
    ]


def judge(rows: Sequence[Sequence[Repetition]]) -> list[Aim]:
    """Our aims and whether they are reached; each ratio is taken within one repetition."""
    return [
        _judge_lead("cold, against reader", 15, _compare_cold(rows, "reader")),
        _judge_lead("cold, against newsboat", 10, _compare_cold(rows, "newsboat")),
        _judge_lead("cold, against the limit", 0.25, _compare_cold(rows, "limit")),
        _judge_lead("not modified, against cold", 8, _compare_passes(rows)),
        _judge_memory(_median_of_ours(rows, lambda ours: ours.peak_megabytes)),
    ]


def _summarize_one(runs: Sequence[Repetition]) -> Result:
    def middle(figure: Figure) -> float:
        return median(map(figure, runs))

    feed_count = runs[0].feed_count
    return Result(
        contestant=runs[0].contestant,
        feed_count=feed_count,
        cold_feeds_per_second=middle(lambda run: run.cold_feeds_per_second),
        cold_command_seconds=middle(lambda run: run.cold.usage.elapsed_seconds),
        cold_cpu_milliseconds_per_feed=middle(lambda run: run.cold.usage.cpu_seconds)
        / feed_count
        * 1000,
        peak_megabytes=middle(lambda run: run.peak_megabytes),
        unchanged_feeds_per_second=middle(lambda run: run.unchanged_feeds_per_second),
        unchanged_command_seconds=middle(lambda run: run.unchanged.usage.elapsed_seconds),
        unchanged_cpu_milliseconds_per_feed=middle(lambda run: run.unchanged.usage.cpu_seconds)
        / feed_count
        * 1000,
        not_modified_share=middle(lambda run: run.not_modified_share),
        is_complete=all(run.is_complete for run in runs),
    )


def _compare_cold(rows: Sequence[Sequence[Repetition]], other: str) -> _Figures:
    pairs = [
        (found[OURS], found[other])
        for found in map(_by_name, rows)
        if {OURS, other} <= found.keys()
    ]
    return _Figures(
        _median(
            [ours.cold_feeds_per_second / theirs.cold_feeds_per_second for ours, theirs in pairs]
        ),
        _median([_command_speed(ours) / _command_speed(theirs) for ours, theirs in pairs]),
    )


def _compare_passes(rows: Sequence[Sequence[Repetition]]) -> _Figures:
    return _Figures(
        _median_of_ours(rows, lambda ours: ours.cold.own_seconds / ours.unchanged.own_seconds),
        _median_of_ours(
            rows,
            lambda ours: ours.cold.usage.elapsed_seconds / ours.unchanged.usage.elapsed_seconds,
        ),
    )


def _command_speed(run: Repetition) -> float:
    return run.feed_count / run.cold.usage.elapsed_seconds


def _median_of_ours(rows: Sequence[Sequence[Repetition]], figure: Figure) -> float | None:
    return _median([figure(one) for row in rows for one in row if one.contestant == OURS])


def _by_name(row: Sequence[Repetition]) -> dict[str, Repetition]:
    return {one.contestant: one for one in row}


def _median(figures: Sequence[float]) -> float | None:
    return median(figures) if figures else None


def _judge_lead(name: str, least: float, figures: _Figures) -> Aim:
    return Aim(
        name=name,
        wanted=f"at least {least:g} times",
        measured=figures.measured,
        by_command=figures.by_command,
        is_reached=None if figures.measured is None else figures.measured >= least,
    )


def _judge_memory(megabytes: float | None) -> Aim:
    return Aim(
        name="most memory, MB",
        wanted=f"under {MOST_MEGABYTES}",
        measured=megabytes,
        by_command=None,
        is_reached=None if megabytes is None else megabytes < MOST_MEGABYTES,
    )
