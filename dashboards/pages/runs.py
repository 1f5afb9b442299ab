"""Whether collection is complete and fresh: sources, days, weeks, runs and failed channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.pages import runs_figures, runs_words
from dashboards.pages.page import Content, Page
from dashboards.reading import collection as reading

if TYPE_CHECKING:
    from dashboards.pages.page import Visit

SHOWN_RUNS = 10  #: on the page itself; the table has all


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel that was not seen, in words."""

    channel: reading.ChannelNotSeen
    outcome: str
    attempted: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What the template needs beside the figures.

    `finding` is empty when no channel was asked yet.
    """

    reach: reading.Reach
    finding: list[str]
    week_words: list[str]
    runs: list[reading.Run]
    channels: list[ChannelRow]

    @property
    def has_prefect(self) -> bool:
        """Whether a Prefect server shows any of the runs."""
        return any(run.flow_run_url for run in self.runs)


def gather(visit: Visit) -> Content:
    """All that the snapshot tells of how it was collected."""
    collected = runs_figures.Collected(
        reach=reading.reach(visit.snapshot),
        sources=reading.sources(visit.snapshot),
        days=reading.source_days(visit.snapshot),
        outcomes=reading.source_outcomes(visit.snapshot),
        weeks=reading.week_reach(visit.snapshot),
        runs=reading.runs(visit.snapshot),
        channels=reading.channels_not_seen(visit.snapshot),
    )
    shown = Runs(
        reach=collected.reach,
        finding=_finding(visit, collected),
        week_words=runs_words.week_finding(collected.weeks),
        runs=collected.runs[:SHOWN_RUNS],
        channels=[_channel_row(each) for each in collected.channels],
    )
    figures = runs_figures.all_figures(collected, visit.header)
    return Content(title="Runs", figures=figures, shown=shown)


RUNS = Page(name="runs", path="runs", label="Runs", gather=gather)


def _finding(visit: Visit, collected: runs_figures.Collected) -> list[str]:
    if not collected.reach.asked_channel_count:
        return []
    found = [
        runs_words.reach_finding(collected.reach, visit.header),
        runs_words.age_finding(collected.reach, visit.header),
    ]
    if collected.runs:
        found.append(runs_words.run_finding(collected.runs[0]))
    return found


def _channel_row(channel: reading.ChannelNotSeen) -> ChannelRow:
    return ChannelRow(
        channel=channel,
        outcome=runs_words.outcome_label(channel.last_outcome),
        attempted=runs_words.moment(channel.last_attempt_at),
        seen=runs_words.moment(channel.last_seen_at),
    )
