"""How long we stay away after a failure: by its class, longer each time it repeats.

The classes follow Media Cloud's (hard, soft, temporary), with refusals apart: who does not
let us in is asked less often than who is merely down.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from connectors.contract import Outcome

_MOST_DOUBLINGS = 10


class Backoff(NamedTuple):
    """The pause after the first failure, doubled with each further one up to the longest."""

    first: timedelta
    longest: timedelta


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: The server or the way to it is down: it will be back.
TEMPORARY = Backoff(_HOUR, _DAY)
#: The document is not there or not what it should be: feeds do come back (YouTube's 404s).
SOFT = Backoff(2 * _HOUR, 7 * _DAY)
#: We are not let in: a throttle, a challenge, a wall.
REFUSAL = Backoff(4 * _HOUR, 7 * _DAY)
#: The source wants credentials: only a person can change that.
CREDENTIALS = Backoff(_DAY, 7 * _DAY)
#: robots.txt and our own opt-out list are read anew each day.
RULE = Backoff(_DAY, _DAY)

_BY_OUTCOME = {
    Outcome.UNREACHABLE: TEMPORARY,
    Outcome.TIMEOUT: TEMPORARY,
    Outcome.TRUNCATED: TEMPORARY,
    Outcome.SERVER_ERROR: TEMPORARY,
    Outcome.BLOCKED: REFUSAL,
    Outcome.NEEDS_AUTH: CREDENTIALS,
    Outcome.DISALLOWED: RULE,
    Outcome.OPTED_OUT: RULE,
}


def is_temporary(outcome: Outcome) -> bool:
    """Whether the same request may well succeed in a moment."""
    return _BY_OUTCOME.get(outcome) is TEMPORARY


def pause(outcome: Outcome, failure_count: int) -> timedelta:
    """How long to stay away after the `failure_count`-th failure in a row."""
    backoff = _BY_OUTCOME.get(outcome, SOFT)
    doublings = min(max(failure_count - 1, 0), _MOST_DOUBLINGS)
    return min(backoff.first * (1 << doublings), backoff.longest)
