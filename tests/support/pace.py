"""Whether requests kept a pace, as a server saw them arrive on a machine with other work.

A request may reach the server late, and then the next one seems to follow too soon. A turn that
was given too early is something else: every later request is early too. So each three requests
are judged by the one that came soonest after its turn.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALLOWANCE_SECONDS = 0.1  # from a turn to the server, for the soonest of three


def assert_spaced(starts: Sequence[float], spacing_seconds: float) -> None:
    """No turn was given before its time: not one in the middle, nor a little of it every time."""
    behind = [start - number * spacing_seconds for number, start in enumerate(starts)]
    soonest = [min(behind[number : number + 3]) for number in range(len(behind) - 2)]
    early = [
        latest - now
        for latest, now in zip(accumulate(soonest, max), soonest, strict=True)
        if latest - now > _ALLOWANCE_SECONDS
    ]
    assert early == [], f"turns that came too early, in seconds: {early}"
