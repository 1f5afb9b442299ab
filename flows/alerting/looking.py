"""Looking at everything once: all conditions, the outages first, beside what is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.alerting.budgets import BODY_SOURCES, told_budgets
from flows.alerting.conditions import CONDITIONS, OUTAGE
from flows.alerting.freshness import published_at, stale_hours
from flows.alerting.judgement import State, Subject
from flows.alerting.judging import judge
from flows.alerting.register import compare, without_hidden
from flows.alerting.remembering import open_alerts
from flows.clock import naive
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from flows.alerting.budgets import Told
    from flows.alerting.judgement import Judgement, OpenAlert
    from flows.alerting.register import Changes
    from flows.project import Project
    from flows.settings import Settings
    from warehouse.db import Connection


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a project at one moment (UTC); `problems` gains what cannot be judged."""

    project: Project
    settings: Settings
    connection: Connection
    moment: datetime
    problems: list[str] = field(default_factory=list)

    def changes(self, switched_off: Collection[str]) -> Changes:
        """What changes by it, beside what is open."""
        known = open_alerts(self.connection)
        outages = self._judged(OUTAGE)
        others = [
            judgement
            for code in CONDITIONS
            if code != OUTAGE and code not in switched_off
            for judgement in self._judged(code)
        ]
        places = rows(self.connection, "alert_sources")
        seen = without_hidden(others, *_hidden(_out(outages, known), places))
        watched = {
            Subject(row["subject_kind"], row["subject_id"])
            for row in rows(self.connection, "alert_subjects")
        }
        return compare(known, [*outages, *seen], watched, naive(self.moment), switched_off)

    def _judged(self, code: str) -> list[Judgement]:
        try:
            return judge(self.connection, code, self._given(code))
        except Exception as error:  # noqa: BLE001 - the other conditions can still be judged
            self.problems.append(f"{code} could not be judged: {type(error).__name__}: {error}")
            return []

    def _given(self, code: str) -> dict[str, Any]:
        """What the query of a condition may take, by name."""
        given: dict[str, Any] = {**CONDITIONS[code].limits, "moment": naive(self.moment)}
        if code == "snapshot_stale":
            given["published_at"] = published_at(self.project.snapshot)
            given["limit_hours"] = stale_hours(self.settings, self.connection)
        if code == "budget_low":
            given["told"] = [told._asdict() for told in _told(self.project, self.connection)]
        return given


def _told(project: Project, connection: Connection) -> list[Told]:
    """What servers told the last run of their budgets."""
    last = rows(connection, "last_runs")
    if not last:
        return []
    listed = rows(connection, "alert_sources")
    body = {row["channel_id"] for row in listed if row["source"] in BODY_SOURCES}
    return told_budgets(project.archive, last[0]["run_id"], last[0]["started_at"], body)


def _out(outages: Iterable[Judgement], known: Iterable[OpenAlert]) -> set[str]:
    """Sources that are out now: found so, or told so and not found to be back."""
    states = {one.subject.subject_id: one.state for one in outages}
    told = {alert.subject.subject_id for alert in known if alert.code == OUTAGE}
    raised = {source for source, state in states.items() if state is State.RAISED}
    return raised | {source for source in told if states.get(source) is not State.CLEAR}


def _hidden(
    out: Collection[str], places: Iterable[dict[str, Any]]
) -> tuple[set[Subject], set[str]]:
    """Of which subjects and organizations nothing can be said while sources are out."""
    there = [row for row in places if row["source"] in out]
    subjects = {Subject("source", source) for source in out}
    subjects |= {Subject("channel", row["channel_id"]) for row in there}
    return subjects, {row["organization_id"] for row in there}
