"""The figures of the page on collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.charts.daystrip import DAY_COUNT, day_state, day_strip
from dashboards.charts.weekcolumns import Layer, week_columns
from dashboards.figures import Column, Figure
from dashboards.pages.runs_words import (
    duration,
    moment,
    outcome_label,
    outcome_meaning,
    run_state,
    week_sentence,
)
from dashboards.sentences import percent
from dashboards.twins import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from markupsafe import Markup

    from dashboards.reading.collection import (
        ChannelNotSeen,
        Reach,
        Run,
        Source,
        SourceDay,
        SourceOutcome,
        WeekReach,
    )
    from dashboards.reading.header import SnapshotHeader

_HOUR = 3600  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """All rows that the page reads."""

    reach: Reach
    sources: list[Source]
    days: list[SourceDay]
    outcomes: list[SourceOutcome]
    weeks: list[WeekReach]  #: the latest first
    runs: list[Run]
    channels: list[ChannelNotSeen]


def all_figures(collected: Collected, header: SnapshotHeader) -> tuple[Figure, ...]:
    """The figures in the order of the page."""
    return (
        _sources(collected, header),
        _days(collected),
        _outcomes(collected),
        _channels(collected),
        _weeks(collected),
        _runs(collected),
    )


def _sources(collected: Collected, header: SnapshotHeader) -> Figure:
    return Figure(
        name="sources",
        title="Sources",
        definition=(
            "Organizations reached and channels seen within 7 days, activities that were new "
            "within 28 days, and channels by how their last attempt ended."
        ),
        anchor="collection",
        n=collected.reach.channel_count,
        unit="channels",
        window=f"7 and 28 days to {moment(collected.reach.until_at)} UTC",
        columns=_source_columns(header.published_at),
        rows=[_source_row(each, header.published_at) for each in collected.sources],
    )


def _source_columns(published_at: datetime) -> tuple[Column, ...]:
    def due(value: datetime | None) -> str:
        is_late = value is not None and value < published_at
        return f"{moment(value, 'not planned')}{', overdue' if is_late else ''}"

    return (
        Column(name="source", label="Source"),
        _time("last_success_at", "Last success (UTC)", "Latest answer that could be read."),
        Column(
            name="hours_since_success",
            label="Hours before publishing",
            meaning="From the last success to the publishing of the snapshot, in hours.",
            write=lambda value: "never" if value is None else f"{value:,.1f}",
            is_number=True,
        ),
        Column(
            name="next_due_at",
            label="Next due (UTC)",
            meaning="When the first of its channels is to be asked again, UTC.",
            write=due,
        ),
        _count("reached_organization_count", "Organizations reached", "Within 7 days."),
        _count("organization_count", "expected", "Organizations with a channel at this source."),
        _count("seen_channel_count", "Channels seen", "Within 7 days."),
        _count("channel_count", "listed", "Channels on the list."),
        Column(
            name="activity_count_28d",
            label="Activities in 28 days",
            meaning="First seen within 28 days; unknown where no channel was seen in them.",
            write=_number("not seen"),
            is_number=True,
        ),
        _count("robots_count", "Refused", "Closed by robots.txt, opted out, or refused by us."),
        _count("rate_limited_count", "Rate limited", "Held, or told to come later (429)."),
        _count("failed_count", "Failed", "Not seen at the last attempt for another reason."),
    )


def _source_row(each: Source, published_at: datetime) -> tuple[object, ...]:
    last = each.last_success_at
    age = None if last is None else round((published_at - last).total_seconds() / _HOUR, 2)
    return (
        each.source,
        last,
        age,
        each.next_due_at,
        each.reached_organization_count,
        each.organization_count,
        each.seen_channel_count,
        each.channel_count,
        each.activity_count_28d,
        each.robots_count,
        each.rate_limited_count,
        each.failed_count,
    )


def _days(collected: Collected) -> Figure:
    last_day = collected.reach.until_at.date()
    names = (
        "source",
        "day",
        "asked_channel_count",
        "seen_channel_count",
        "attempt_count",
        "failed_attempt_count",
    )
    rows = zip(rows_of(collected.days, names), collected.days, strict=True)
    return Figure(
        name="days",
        title="Four weeks, day by day",
        definition=(
            "Channels of a source that were asked and seen on each UTC day. A day without a row "
            "is one on which nothing was asked."
        ),
        anchor="collection",
        n=collected.reach.channel_count,
        unit="channels",
        window=f"{DAY_COUNT} days to {last_day}",
        columns=(
            Column(name="source", label="Source"),
            Column(name="day", label="Day (UTC)"),
            _count("asked_channel_count", "Channels asked"),
            _count("seen_channel_count", "Channels seen"),
            _count("attempt_count", "Attempts", "An attempt may be repeated on the same day."),
            _count("failed_attempt_count", "Failed attempts"),
            Column(name="state", label="Day in words"),
        ),
        rows=[(*row, day_state(day).value) for row, day in rows],
        drawing=_strip(collected),
    )


def _strip(collected: Collected) -> Markup | str:
    known = [each.source for each in collected.sources]
    names = sorted({*known, *(day.source for day in collected.days)})
    return day_strip(collected.days, names, collected.reach.until_at.date()) if names else ""


def _outcomes(collected: Collected) -> Figure:
    return Figure(
        name="outcomes",
        title="How the last attempts ended",
        definition="Channels by the outcome of the last attempt at each, whenever that was.",
        anchor="collection",
        n=collected.reach.channel_count,
        unit="channels",
        window="the last attempt at each channel",
        columns=(
            Column(name="source", label="Source"),
            Column(name="outcome", label="Outcome", write=outcome_label),
            _count("channel_count", "Channels"),
            Column(name="meaning", label="What it means"),
        ),
        rows=[
            (each.source, each.outcome, each.channel_count, outcome_meaning(each.outcome))
            for each in collected.outcomes
        ],
    )


def _channels(collected: Collected) -> Figure:
    names = (
        "organization_id",
        "name",
        "source",
        "address",
        "last_outcome",
        "last_error",
        "last_attempt_at",
        "last_seen_at",
    )
    total = collected.channels[0].total_count if collected.channels else 0
    return Figure(
        name="channels",
        title="Channels that were not seen at their last attempt",
        definition=(
            "Channels whose last attempt did not show what they hold; those not seen for the "
            "longest come first, those never seen before all."
        ),
        anchor="collection",
        n=total,
        unit="channel" if total == 1 else "channels",
        window="the last attempt at each channel",
        columns=(
            Column(name="organization_id", label="Organization"),
            Column(name="name", label="Name"),
            Column(name="source", label="Source"),
            Column(name="address", label="Address"),
            Column(name="last_outcome", label="Outcome", write=outcome_label),
            Column(name="last_error", label="What was told"),
            _time("last_attempt_at", "Last attempt (UTC)"),
            _time("last_seen_at", "Last seen (UTC)"),
        ),
        rows=rows_of(collected.channels, names),
        note=(
            f"The first {len(collected.channels)} of {total:,}."
            if total > len(collected.channels)
            else ""
        ),
    )


def _weeks(collected: Collected) -> Figure:
    return Figure(
        name="weeks",
        title="Organizations reached by week",
        definition=(
            "Share of the organizations measured in a week of which some channel was seen in "
            "that week itself, and share of the days of their channels that were seen."
        ),
        anchor="coverage",
        n=collected.weeks[0].organization_count if collected.weeks else 0,
        unit="organizations in the last week",
        window=_week_span(collected.weeks),
        columns=(
            Column(name="as_of_week", label="Week of"),
            _count("organization_count", "Organizations"),
            _count("reached_count", "Reached"),
            Column(name="reached_share", label="Share", write=percent, is_number=True),
            _count("seen_day_count", "Channel-days seen"),
            _count("channel_day_count", "Channel-days"),
            Column(name="seen_share", label="Share seen", write=percent, is_number=True),
        ),
        rows=rows_of(
            collected.weeks,
            (
                "as_of_week",
                "organization_count",
                "reached_count",
                "reached_share",
                "seen_day_count",
                "channel_day_count",
                "seen_share",
            ),
        ),
        drawing=_reached_columns(collected.weeks) if collected.weeks else "",
    )


def _reached_columns(weeks: list[WeekReach]) -> Markup:
    oldest_first = weeks[::-1]
    shares = [week.reached_share for week in oldest_first]
    layer = Layer("organizations reached", shares, {"class_": "segment found"})
    dates = [week.as_of_week for week in oldest_first]
    return week_columns("reached", dates, [layer], week_sentence(weeks[0]))


def _week_span(weeks: list[WeekReach]) -> str:
    return f"{len(weeks)} weeks to that of {weeks[0].as_of_week}" if weeks else "no week"


def _runs(collected: Collected) -> Figure:
    return Figure(
        name="runs",
        title="Runs",
        definition=(
            "The latest runs. Asked are the channels that were due, held those that their "
            "servers want left alone, failed those that were not seen in the end."
        ),
        anchor="collection",
        n=len(collected.runs),
        unit="run" if len(collected.runs) == 1 else "runs",
        window="the latest 60 on record",
        columns=_run_columns(),
        rows=[_run_row(each) for each in collected.runs],
    )


def _run_columns() -> tuple[Column, ...]:
    return (
        _time("started_at", "Started (UTC)"),
        _time("ended_at", "Ended (UTC)", missing="not recorded"),
        Column(
            name="duration_seconds",
            label="Took",
            meaning="From start to end, in seconds.",
            write=duration,
            is_number=True,
        ),
        Column(name="state", label="State", write=run_state),
        Column(name="command", label="Command"),
        _count("channel_count", "Listed", "Channels on the list."),
        _count("due_count", "Asked", "Channels that were due."),
        _count("held_count", "Held", "Channels that their servers want left alone."),
        Column(
            name="failed_count",
            label="Failed",
            meaning="Channels that were not seen in the end.",
            write=_number("not recorded"),
            is_number=True,
        ),
        Column(
            name="activity_count",
            label="Activities",
            meaning="Activities that the run brought; unknown when it left no attempt.",
            write=_number("no attempt"),
            is_number=True,
        ),
        Column(name="error", label="Error"),
        Column(name="run_id", label="Run"),
        Column(name="flow_run_url", label="In Prefect", write=lambda url: url or "not there"),
    )


def _run_row(run: Run) -> tuple[object, ...]:
    took = None if run.ended_at is None else (run.ended_at - run.started_at).total_seconds()
    return (
        run.started_at,
        run.ended_at,
        took,
        run.state,
        run.command,
        run.channel_count,
        run.due_count,
        run.held_count,
        run.failed_count,
        run.activity_count,
        run.error,
        run.run_id,
        run.flow_run_url,
    )


def _count(name: str, label: str, meaning: str = "") -> Column:
    return Column(name=name, label=label, meaning=meaning, write=_number(""), is_number=True)


def _time(name: str, label: str, meaning: str = "", missing: str = "never") -> Column:
    return Column(
        name=name, label=label, meaning=meaning, write=lambda value: moment(value, missing)
    )


def _number(missing: str) -> Callable[[int | None], str]:
    return lambda value: missing if value is None else f"{value:,}"
