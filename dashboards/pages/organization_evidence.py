"""Where an organization was read: its channels, what was seen there, and its claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.charts.activityweeks import activity_weeks
from dashboards.figures import Column, Figure
from dashboards.pages.organization_answers import web_address
from dashboards.sentences import NOT_SEEN, stage_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.reading.evidence import ActivityWeek, ListedChannel, PublicClaim

#: How the last attempt to read a channel ended, after "last asked:".
OUTCOMES = {
    "": "not asked yet",
    "ok": "read",
    "not_modified": "read, nothing new",
    "unchanged": "read, nothing new",
    "wrong_type": "answers with something else than the source serves",
    "malformed": "answers with a document that cannot be understood",
    "blocked": "does not let us in",
    "needs_auth": "asks for an account",
    "disallowed": "not asked: robots.txt does not want it",
    "opted_out": "not asked: on the list of those who do not want it",
    "held": "not asked for now: its host wants to be left alone",
    "gone": "gone for good",
    "not_found": "not found at this address",
    "client_error": "refuses the request",
    "server_error": "has an error of its own",
    "unreachable": "cannot be reached",
    "insecure": "has no secure connection",
    "truncated": "broke off before the end",
    "timeout": "did not answer in time",
    "too_large": "answers with more than is accepted",
    "redirect_loop": "leads round in circles",
    "page_loop": "has pages that lead round in circles",
    "refused": "not asked: an address that is never contacted",
}
_INSTRUMENTS = {
    "altimeter_direct": "chosen among the six stages",
    "altimeter_cumulative": "from answers to the 36 statements",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """One channel as the page shows it; `link` is "" where its address is no web page."""

    channel: ListedChannel
    link: str
    outcome: str
    last_seen: str


def channel_rows(found: Sequence[ListedChannel]) -> list[ChannelRow]:
    """The channels with their last outcome in words."""
    return [
        ChannelRow(
            channel=channel,
            link=web_address(channel.address),
            outcome=OUTCOMES.get(channel.last_outcome, channel.last_outcome.replace("_", " ")),
            last_seen=f"{channel.last_seen_at:%Y-%m-%d}" if channel.last_seen_at else "never",
        )
        for channel in found
    ]


def channels_figure(rows: Sequence[ChannelRow]) -> Figure:
    """One row a listed channel."""
    return Figure(
        name="channels",
        title="Channels",
        definition="The listed channels of the organization, and how each was last read (UTC).",
        anchor="coverage",
        n=len(rows),
        unit="channels" if len(rows) != 1 else "channel",
        window="everything known at this snapshot",
        columns=(
            Column(name="source", label="Source"),
            Column(name="address", label="Address"),
            Column(name="role", label="Role"),
            Column(name="function", label="Function"),
            Column(name="last_seen_at", label="Last seen"),
            Column(name="last_outcome", label="Last asked"),
            Column(name="activity_count", label="Acts kept", is_number=True),
            Column(
                name="is_lossy",
                label="May be incomplete",
                meaning="Between two looks more appeared than the channel lists.",
            ),
        ),
        rows=[
            (
                row.channel.source,
                row.channel.address,
                row.channel.role,
                row.channel.function,
                row.channel.last_seen_at,
                row.outcome,
                row.channel.activity_count,
                row.channel.is_lossy,
            )
            for row in rows
        ],
    )


def activity_figure(rows: Sequence[ActivityWeek]) -> Figure:
    """One row a source and week, the latest week first."""
    weeks = sorted({row.week for row in rows})
    return Figure(
        name="activity",
        title="Seen by source and week",
        definition=(
            "Posts of the organization, its replies, and what others said to it, by source and "
            "week (UTC). A week of which no day was seen has no counts; a week that was seen and "
            "had none has 0. Where a source shows no dialogue, replies are not seen."
        ),
        anchor="activity",
        n=len(weeks),
        unit="weeks",
        window=f"{weeks[0]} to {weeks[-1]}" if weeks else "no week",
        columns=(
            Column(name="week", label="Week of"),
            Column(name="source", label="Source"),
            *(
                Column(name=f"{name}_count", label=label, write=_count, is_number=True)
                for name, label in (
                    ("post", "Posts"),
                    ("reply", "Replies"),
                    ("received", "Received"),
                )
            ),
            Column(name="covered_day_count", label="Channel days seen", is_number=True),
            Column(name="channel_day_count", label="of", is_number=True),
        ),
        rows=[
            (
                row.week,
                row.source,
                row.post_count,
                row.reply_count,
                row.received_count,
                row.covered_day_count,
                row.channel_day_count,
            )
            for row in sorted(rows, key=lambda row: (row.week, row.source), reverse=True)
        ],
        drawing=activity_weeks(rows) if rows else "",
    )


def claims_figure(found: Sequence[PublicClaim]) -> Figure:
    """One row a public claim, the latest first."""
    return Figure(
        name="claims",
        title="Claims",
        definition=(
            "Stages that the organization gave itself in public. The one that counts is laid "
            "beside the estimate."
        ),
        anchor="claims",
        n=len(found),
        unit="public claims" if len(found) != 1 else "public claim",
        window="everything known at this snapshot",
        columns=(
            Column(name="claimed_on", label="Claimed on", write=_day),
            Column(name="stage", label="Claimed stage"),
            Column(name="instrument", label="How"),
            Column(
                name="is_headline", label="Counts", write=lambda value: "yes" if value else "no"
            ),
        ),
        rows=[
            (
                claim.claimed_on,
                stage_label(claim.stage_code),
                _INSTRUMENTS.get(claim.instrument, claim.instrument),
                claim.is_headline,
            )
            for claim in reversed(found)
        ],
    )


def _count(count: int | None) -> str:
    return NOT_SEEN if count is None else f"{count:,}"


def _day(day: object) -> str:
    return "day not given" if day is None else str(day)
