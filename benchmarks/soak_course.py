"""The course of a soak run: what is started, killed and looked at, hour by hour."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from soak_archived import Archived
from soak_clock import VARIABLE, Clock
from soak_launch import PATIENCE_SECONDS
from soak_plan import ASK_ALL, CHECK, RUN, Plan, moment
from soak_traces import Traces
from soak_warehouse import acts, last_states

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from soak_disk import Disk
    from soak_launch import Ended, Launcher
    from soak_server import Site

ALL_WELL, NOTHING_DONE, SOME_FAILED = 0, 1, 3
#: What only a run that came to its end prints.
_DONE = '"state": "completed'
#: Simulated seconds that pass in one second of a process.
SPEED = 60.0
_TRIES = 3
#: By then nobody is asked to stay away any more.
_REST_HOURS = 3
#: By this part of a run its channels have been asked and what they answered is loaded.
_ASKED_SHARE = 0.45
_GUESS_SECONDS = {"run": 6.0, "collect": 3.0, "build": 4.0, "publish": 4.0, "alerts": 1.5}
#: More than `alert_stale_hours` of the project.
_OLD_AFTER = timedelta(minutes=80)
#: Bytes that are left on the full disk for one run after another.
_LEFT_BYTES = (0, 300_000, 2_000_000)


class Step(NamedTuple):
    """A process of the course: when it was started (simulated), and what became of it."""

    hour: int
    at: datetime
    arguments: tuple[str, ...]
    ended: Ended
    reached: str  #: how far a killed one had come
    archived: Archived  #: the answers that it archived

    @property
    def command(self) -> str:
        """Its command."""
        return self.arguments[0]

    @property
    def is_done(self) -> bool:
        """Whether it did all that it had to; a run of which every channel failed ends with 1."""
        ended = self.ended
        is_run_done = ended.code == NOTHING_DONE and _DONE in ended.output
        return ended.code in {ALL_WELL, SOME_FAILED} or is_run_done

    def must_keep(self, path: str) -> bool:
        """Whether nothing may be lost that it was shown on a path."""
        return self.archived.must_keep(path, is_done=self.is_done)

    @property
    def is_whole_run(self) -> bool:
        """Whether it is a run that came to its end."""
        return self.arguments[: len(RUN)] == RUN and self.is_done


@dataclass(slots=True)
class Course:
    """A soak run under way, and what it has seen.

    Attributes:
        plan: what is to happen.
        site: the server.
        disk: where the project is.
        launcher: starts processes.
        steps: processes, in their order.
        doubled: acts that were found twice, with the hour.
        vanished: acts that were there and were not any more, with the hour.
        expected_failing: how often two runs in a row had failed, by the rule of docs/alerts.md.
    """

    plan: Plan
    site: Site
    disk: Disk
    launcher: Launcher
    after_hour: Callable[[int, Course], None] = lambda _hour, _course: None
    steps: list[Step] = field(default_factory=list)
    doubled: list[tuple[int, object]] = field(default_factory=list)
    vanished: list[tuple[int, object]] = field(default_factory=list)
    expected_failing: int = 0
    _known: set[tuple[str, datetime]] = field(default_factory=set)
    _is_failing: bool = False
    _seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def data(self) -> Path:
        """The project's data folder."""
        return self.disk.folder / "data"

    def go(self) -> None:
        """All hours, and the end: faults are over, and one run brings in what is left."""
        for hour in range(self.plan.hours):
            self._to(hour)
            if hour == self.plan.disk_hour and self.disk.is_own:
                self._full_disk(hour)
            else:
                self._usual(hour)
            self.after_hour(hour, self)
        self.site.is_kind = True
        self._to(self.plan.hours + _REST_HOURS)
        self.run(self.plan.hours, (*RUN, ASK_ALL))
        self._look_into(self.plan.hours)

    def _usual(self, hour: int) -> None:
        for victim in self.plan.victims(hour):
            self._kill(hour, victim)
        self._to(hour, 10)
        self._check(hour)
        self._to(hour, 20)
        ended = self.run(hour, self.plan.in_hour(hour, RUN))
        if self.steps[-1].is_whole_run:
            self._seconds["run"].append(ended.seconds)
            self._look_into(hour)

    def _full_disk(self, hour: int) -> None:
        """Three runs on a full disk, one of which is killed; then there is room again."""
        begun_at = self.site.clock.now()
        for place, left in enumerate(_LEFT_BYTES):
            self._to(hour, 15 * place)
            self.disk.fill(left)
            if place == 1:
                self._kill(hour, RUN)
            self.run(hour, RUN)
            self.run(hour, CHECK)
            self.disk.free()
        # What was published before that hour is too old by then, however slow this machine is.
        self.site.clock = self.site.clock.until(begun_at + _OLD_AFTER)
        self._check(hour)

    def _check(self, hour: int) -> None:
        """A look for alerts between runs; now and then it is killed, and done again."""
        chosen = self.plan.chance(hour, "check")
        if chosen.random() < 0.2:  # noqa: PLR2004 - a fifth of the looks
            self._kill(hour, CHECK)
        if (self.data / "warehouse.duckdb").exists():
            self.run(hour, CHECK)
            self._expect()

    def _kill(self, hour: int, arguments: tuple[str, ...]) -> None:
        """Start a command and kill it at work; one that ends before is started again."""
        chosen = self.plan.chance(hour, f"kill {len(self.steps)}")
        usual = self._usual_seconds(arguments[0])
        for _ in range(_TRIES):
            # Asking and loading, in which most could be lost, are the shorter part of a run.
            latest = chosen.choice((_ASKED_SHARE, 1.0))
            given = self.plan.in_hour(hour, arguments)
            ended = self.run(hour, given, chosen.uniform(0.1, latest) * usual)
            if ended.is_killed:
                return
            usual = ended.seconds * 0.8

    def _usual_seconds(self, command: str) -> float:
        known = self._seconds["run"]
        guess = _GUESS_SECONDS[command]
        if not known:
            return guess
        return statistics.median(known[-5:]) * guess / _GUESS_SECONDS["run"]

    def run(
        self, hour: int, arguments: Sequence[str], kill_after: float = PATIENCE_SECONDS
    ) -> Ended:
        """Start a command at the present simulated moment."""
        traces = Traces.of(self.data)
        self.site.step = len(self.steps)
        begun_at = self.site.clock.now()
        environment = {VARIABLE: self.site.clock.text, "TMPDIR": str(self.disk.folder / "tmp")}
        ended = self.launcher(arguments, self.disk.folder, environment, kill_after)
        found = Traces.of(self.data)
        reached = found.since(traces) if ended.is_killed else ""
        archived = Archived.of(self.data, found.files["pages"] - traces.files["pages"])
        self.steps.append(Step(hour, begun_at, tuple(arguments), ended, reached, archived))
        return ended

    def to_be_kept(self) -> set[tuple[str, datetime]]:
        """Paths and moments of the entries that may not be lost."""
        return {
            (path, at)
            for path, moments in self.site.shown.items()
            for at, numbers in moments.items()
            if any(self.steps[number].must_keep(path) for number in numbers)
        }

    def _to(self, hour: int, minute: int = 0) -> None:
        self.site.clock = self.site.clock.until(moment(hour, minute))

    def _look_into(self, hour: int) -> None:
        """Nothing is there twice, and nothing that was there has gone."""
        found = acts(self.data)
        self.doubled += [(hour, act) for act, count in found.items() if count > 1]
        self.vanished += [(hour, act) for act in self._known - set(found)]
        self._known |= set(found)
        self._expect()

    def _expect(self) -> None:
        """Whether two runs in a row came to no end, as a look at this moment must find it."""
        states = last_states(self.data)
        failed = [state in {"failed", "interrupted"} for state in states]
        if len(failed) == 2 and all(failed) and not self._is_failing:  # noqa: PLR2004 - two in a row
            self._is_failing = True
            self.expected_failing += 1
        elif failed and not failed[0]:
            self._is_failing = False


def new_clock(speed: float = SPEED) -> Clock:
    """The clock at the beginning of a course."""
    return Clock.at(moment(0), speed)
