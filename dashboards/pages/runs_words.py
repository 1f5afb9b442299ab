"""Runs, outcomes and ages in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.sentences import percent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from dashboards.reading.collection import Reach, Run, WeekReach
    from dashboards.reading.header import SnapshotHeader

PARTIAL_SHARE = 0.9  #: a week in which fewer organizations were reached is told of
_MINUTE, _HOUR, _DAY = 60, 3600, 86400  # seconds
_DAYS_FROM = 2 * _DAY  # shorter ages are told in hours


class OutcomeText(NamedTuple):
    """How an attempt to read a channel ended, in words."""

    label: str
    meaning: str


#: By the code in the snapshot, `connectors.contract.Outcome`; "" is never asked.
OUTCOMES = {
    "ok": OutcomeText("Read", "A document arrived and was understood."),
    "not_modified": OutcomeText(
        "Not modified", "The server said that nothing has changed since we last asked (304)."
    ),
    "unchanged": OutcomeText(
        "Unchanged", "The very same document came again, so nothing has changed."
    ),
    "wrong_type": OutcomeText(
        "Not what the source serves",
        "Something else came, such as a web page in place of a feed. The address may have moved.",
    ),
    "malformed": OutcomeText("Broken document", "What came was too broken to be read."),
    "blocked": OutcomeText(
        "Not let in",
        "The server did not let us in (403, 429, 451), or showed a challenge, a login or nothing.",
    ),
    "needs_auth": OutcomeText(
        "Needs an account", "The source shows this only to those who log in, which we do not."
    ),
    "disallowed": OutcomeText(
        "Closed by robots.txt",
        "The robots.txt of the server does not want us there. We did not ask.",
    ),
    "opted_out": OutcomeText(
        "Opted out", "The owner asked not to be read, or is on our opt-out list. We did not ask."
    ),
    "held": OutcomeText(
        "Held", "The server asked us to stay away for a while. We did not ask; a later run will."
    ),
    "gone": OutcomeText("Gone", "The server says that the channel was removed for good (410)."),
    "not_found": OutcomeText("Not found", "There is nothing at this address (404)."),
    "client_error": OutcomeText(
        "Refused as wrong", "The server took our request for a mistake (another 4xx)."
    ),
    "server_error": OutcomeText("Server error", "The server failed by its own account (5xx)."),
    "unreachable": OutcomeText(
        "Unreachable", "No connection came about: no such name, or nobody answered there."
    ),
    "insecure": OutcomeText(
        "Not secure", "The certificate did not hold, or a redirect led away from https."
    ),
    "truncated": OutcomeText("Broken off", "The answer broke off, and what came is not used."),
    "timeout": OutcomeText("Too slow", "No complete answer came in time."),
    "too_large": OutcomeText("Too large", "The answer was larger than we accept."),
    "redirect_loop": OutcomeText("Redirects without end", "More redirects than we follow."),
    "page_loop": OutcomeText(
        "Pages without end", "Pages led on for ever, or back to one that was read already."
    ),
    "refused": OutcomeText(
        "Refused by us", "The address is one that we never contact, such as a private network."
    ),
    "": OutcomeText("Never asked", "No run has asked this channel yet."),
}

#: By the state on record: as a word, and as a sentence about the last run.
RUN_STATES = {
    "completed": ("completed", "The last run saw every channel that it asked."),
    "completed_with_failures": (
        "completed, some channels failed",
        "The last run completed, but not every channel could be read.",
    ),
    "failed": ("failed", "The last run failed before its end."),
    "interrupted": ("interrupted", "The last run ended before its work was done."),
    "running": ("under way", "The last run had not ended when this snapshot was made."),
}


def outcome_label(outcome: str) -> str:
    """A way in which an attempt ended."""
    return OUTCOMES[outcome].label if outcome in OUTCOMES else outcome.replace("_", " ")


def outcome_meaning(outcome: str) -> str:
    """The same as a sentence; "" for one that this page does not know."""
    return OUTCOMES[outcome].meaning if outcome in OUTCOMES else ""


def run_state(state: str) -> str:
    """The state of a run."""
    return RUN_STATES[state][0] if state in RUN_STATES else state.replace("_", " ")


def moment(value: datetime | None, missing: str = "never") -> str:
    """A time to the minute, UTC."""
    return missing if value is None else f"{value:%Y-%m-%d %H:%M}"


def span(length: timedelta) -> str:
    """About how long: 40 minutes, 3 hours, 12 days."""
    seconds = length.total_seconds()
    if seconds < _MINUTE:
        return "less than a minute"
    if seconds < _HOUR:
        return _counted(int(seconds // _MINUTE), "minute")
    if seconds < _DAYS_FROM:
        return _counted(int(seconds // _HOUR), "hour")
    return _counted(int(seconds // _DAY), "day")


def duration(seconds: float | None) -> str:
    """How long a run took: 10 s, 3 min 5 s, 1 h 12 min."""
    if seconds is None:
        return "not ended"
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def reach_finding(reach: Reach, header: SnapshotHeader) -> str:
    """How much of the list was seen in the last seven days."""
    channels = f"{reach.seen_channel_count:,} of {reach.channel_count:,} channels were seen"
    organizations = (
        f"{reach.reached_organization_count:,} of {header.organization_count:,} organizations"
    )
    return f"In the 7 days to {moment(reach.until_at)} UTC {channels} and {organizations} reached."


def age_finding(reach: Reach, header: SnapshotHeader) -> str:
    """How old the data were when the snapshot was published."""
    if reach.last_success_at is None:
        return "Nothing was seen yet."
    age = span(header.published_at - reach.last_success_at)
    at = moment(reach.last_success_at)
    return f"The latest answer is of {at} UTC, {age} before this snapshot was published."


def run_finding(run: Run) -> str:
    """How the last run ended."""
    told = RUN_STATES.get(run.state, ("", f"The last run is marked as {run.state}."))[1]
    if run.failed_count:
        return f"{told} {run.failed_count:,} of {run.due_count:,} channels failed."
    return told


def week_sentence(week: WeekReach) -> str:
    """How many organizations were reached in a week."""
    return f"Week of {week.as_of_week}: {percent(week.reached_share)} of organizations reached."


def week_finding(weeks: Sequence[WeekReach]) -> list[str]:
    """How many organizations were reached: last, and where fewest; nothing without weeks.

    Args:
        weeks: the latest first.
    """
    if not weeks:
        return []
    few = [week for week in weeks if (week.reached_share or 0.0) < PARTIAL_SHARE]
    if not few or len(weeks) == 1:
        return [week_sentence(weeks[0])]
    worst = min(few, key=lambda week: week.reached_share or 0.0)
    told = f"Fewer than {percent(PARTIAL_SHARE)} were reached in {len(few)} of {len(weeks)} weeks"
    where = f"fewest in that of {worst.as_of_week}: {percent(worst.reached_share)}."
    return [week_sentence(weeks[0]), f"{told}, {where}"]


def _counted(count: int, one: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"
