"""What happens in which hour of a soak run, by its seed: known before it begins."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from soak_server import Span
from soak_world import START

if TYPE_CHECKING:
    from datetime import datetime

RUN = ("run", "--json")
CHECK = ("alerts", "--check")
#: In every second hour runs ask all channels, so that the server has more to spoil.
ASK_ALL = "--now"
#: What is killed, and how often it is chosen.
_VICTIMS: dict[tuple[str, ...], int] = {
    RUN: 12,
    ("collect", "--json"): 2,
    ("build",): 2,
    ("publish",): 2,
    CHECK: 2,
}
_TWICE_SHARE = 0.2
#: Out for less, an outage may end before most channels were asked in it.
LEAST_OUT_HOURS = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """The course of a soak run; hours are simulated and counted from 0.

    Attributes:
        hours: how many there are.
        seed: decides about everything that is random.
        gone: hours in which one channel is not found: from the first until before the second.
        disk_hour: in which the disk is full.
        bad_hour: in which three runs are killed one after another.
        out: hours in which the server answers every request for a feed with an error.
    """

    hours: int
    seed: int
    gone: tuple[int, int]
    disk_hour: int
    bad_hour: int
    out: tuple[int, int]

    @classmethod
    def of(cls, hours: int, seed: int) -> Plan:
        """The plan of 48 hours, or its likeness in fewer or more."""

        def at(hour: int) -> int:
            return round(hour * hours / 48)

        return cls(hours, seed, (at(6), at(18)), at(20), at(24), (at(30), at(34)))

    @property
    def gone_span(self) -> Span:
        """The moments in which one channel is not found."""
        return Span(moment(self.gone[0]), moment(self.gone[1]))

    @property
    def out_span(self) -> Span:
        """The moments in which the server is out."""
        return Span(moment(self.out[0]), moment(self.out[1]))

    @property
    def has_outage(self) -> bool:
        """Whether the server is out for long enough to be told."""
        return self.out[1] - self.out[0] >= LEAST_OUT_HOURS

    def victims(self, hour: int) -> list[tuple[str, ...]]:
        """The commands that are killed in an hour."""
        if hour in {self.bad_hour, self.disk_hour}:
            return [RUN] * (3 if hour == self.bad_hour else 1)
        chosen = self.chance(hour)
        count = 2 if chosen.random() < _TWICE_SHARE else 1
        if hour == 0:
            return [RUN] * count  # nothing is there yet that the others could work on
        return chosen.choices(list(_VICTIMS), list(_VICTIMS.values()), k=count)

    def in_hour(self, hour: int, arguments: tuple[str, ...]) -> tuple[str, ...]:
        """A command as it is given in an hour."""
        asks_all = hour % 2 == 1 and arguments[0] in {"run", "collect"}
        return (*arguments, ASK_ALL) if asks_all else arguments

    def chance(self, hour: int, what: str = "") -> random.Random:
        """What is random in an hour."""
        return random.Random(f"{self.seed} {hour} {what}")


def moment(hour: int, minute: int = 0) -> datetime:
    """A simulated moment (UTC)."""
    return START + timedelta(hours=hour, minutes=minute)
