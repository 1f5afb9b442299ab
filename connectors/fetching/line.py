"""Who runs and who waits at one host: the rule by which all processes give turns. Pure.

Tickets are served in the order in which they were drawn. A process draws one at a time for
all its tasks at a host, so that processes take turns however much each of them has to ask.
Nothing is reserved ahead: a ticket whose holder died or gave up costs the others no turn.
Times are seconds of the monotonic clock, which all processes of one boot share.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.fetching.pacing import Pace

#: A running request that takes longer stands still (its process is stopped, say): a fetch has
#: a deadline of a minute.
LONGEST_TURN_SECONDS = 600.0
#: Who does not ask for so long stands still too, and goes back to the end of the line.
LONGEST_SILENCE_SECONDS = 60.0
#: The head of the line asks again after this at the latest, well before it would count as silent.
LONGEST_PAUSE_SECONDS = 10.0
_SHORTEST_POLL_SECONDS = 0.005
_LONGEST_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Line:
    """The turns at one host.

    `started_at` is the latest start of all; `running` has the start of each request under
    way, `waiting` when each ticket was last asked for, in the order of drawing.
    """

    started_at: float | None = None
    running: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)

    def written(self) -> bytes:
        """The line as one line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"


def ask(
    line: Line, ticket: str, pace: Pace, now: float, is_present: Callable[[str], bool]
) -> tuple[Line, float]:
    """Ask whether it is the turn of `ticket`, which joins the line when it asks first.

    Returns:
        The line afterwards, and the seconds until it makes sense to ask again: 0 when the
        turn has come, and the ticket runs.
    """
    line = _with_waiting(line, ticket, now, is_present)
    if next(iter(line.waiting)) != ticket:
        return line, poll_seconds(pace)
    if len(line.running) >= pace.parallel:
        line = _without_ended(line, now, is_present)
    if len(line.running) >= pace.parallel:
        return line, poll_seconds(pace)
    if (due := _due_seconds(line, pace, now)) > 0:
        return line, min(due, LONGEST_PAUSE_SECONDS)
    return _with_start(line, ticket, now), 0.0


def read_line(content: bytes, now: float) -> Line:
    """The line that `content` begins with.

    What cannot be read counts as a start at this moment: better a pause too many.
    """
    if not content:
        return Line()
    try:
        return _line(json.loads(content.split(b"\n", 1)[0]))
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
        return Line(started_at=now)


def poll_seconds(pace: Pace) -> float:
    """How often who is not at the head of the line looks whether it is by now."""
    return min(max(pace.spacing_seconds / 4, _SHORTEST_POLL_SECONDS), _LONGEST_POLL_SECONDS)


def _with_waiting(line: Line, ticket: str, now: float, is_present: Callable[[str], bool]) -> Line:
    """The line with `ticket` in it, and without those before it that wait no longer."""
    waiting = line.waiting | {ticket: now}
    for other, asked_at in tuple(waiting.items()):
        if _is_recent(asked_at, now, LONGEST_SILENCE_SECONDS) and (
            other == ticket or is_present(other)
        ):
            break
        del waiting[other]
    return replace(line, waiting=waiting)


def _without_ended(line: Line, now: float, is_present: Callable[[str], bool]) -> Line:
    running = {
        ticket: started_at
        for ticket, started_at in line.running.items()
        if _is_recent(started_at, now, LONGEST_TURN_SECONDS) and is_present(ticket)
    }
    return replace(line, running=running)


def _due_seconds(line: Line, pace: Pace, now: float) -> float:
    if line.started_at is None or line.started_at > now:  # written before the last boot
        return 0.0
    return line.started_at + pace.spacing_seconds - now


def _with_start(line: Line, ticket: str, now: float) -> Line:
    waiting = {other: at for other, at in line.waiting.items() if other != ticket}
    return Line(started_at=now, running=line.running | {ticket: now}, waiting=waiting)


def _line(found: Any) -> Line:  # noqa: ANN401 - anything may stand in a damaged file
    started_at = found["started_at"]
    return Line(
        started_at=None if started_at is None else float(started_at),
        running={ticket: float(at) for ticket, at in found["running"].items()},
        waiting={ticket: float(at) for ticket, at in found["waiting"].items()},
    )


def _is_recent(moment: float, now: float, seconds: float) -> bool:
    return 0 <= now - moment <= seconds
