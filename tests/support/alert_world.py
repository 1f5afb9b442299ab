"""A project whose warehouse a test fills row by row, and watches at any hour it likes."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flows.alerting.conditions import CONDITIONS
from flows.alerting.watch import watch
from flows.project import Project
from flows.settings import load_settings
from warehouse.db import open_warehouse, transaction
from warehouse.register import register_organizations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from flows.alerting.watch import Watched
    from warehouse.db import Connection

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MONDAY = date(2026, 11, 16)
ONCE = ["opened", "recovered"]  #: what is told of a condition that began and ended once
SEEN = {"ok", "not_modified", "unchanged"}
#: What a column holds of which a test says nothing, by the beginning of its type.
BLANKS = {"VARCHAR[]": [], "VARCHAR": "", "BOOLEAN": False, "BLOB": b"", "DOUBLE": 0.0}


class AlertWorld:
    """Rows go in by `put` and the words below; `look` is what the end of a run does."""

    def __init__(self, folder: Path, connection: Connection, **settings: Any) -> None:
        self.folder, self.connection, self.now = folder, connection, NOON
        self.settings = load_settings(folder, settings)
        self.project = Project(self.settings.data_folder)
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}
        self._made = 0

    @property
    def at(self) -> datetime:
        """The present as the warehouse stores it."""
        return self.now.replace(tzinfo=None)

    def put(self, table: str, **values: Any) -> None:
        """One row; columns that are never NULL get something that means nothing."""
        kinds = self._columns(table)
        row = {name: _blank(kind) for name, (kind, may_be_null) in kinds.items() if not may_be_null}
        row |= values
        marks = ", ".join(f"${name}" for name in row)
        self.connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", row)

    def _columns(self, table: str) -> dict[str, tuple[str, bool]]:
        if table not in self._kinds:
            found = self.connection.execute(f"describe {table}").fetchall()
            self._kinds[table] = {name: (kind, null == "YES") for name, kind, null, *_ in found}
        return self._kinds[table]

    def list(self, channels: Mapping[str, Iterable[str]], role: str = "official") -> None:
        """Put organizations on the list, each with channels named `source:anything`."""
        records = [
            {
                "organization_id": name,
                "name": f"The {name}",
                "channels": [_channel(name, channel, role) for channel in listed],
            }
            for name, listed in channels.items()
        ]
        register_organizations(self.connection, records, self.now)

    def ask(self, channel: str, outcome: str = "ok", *, since: timedelta = HOUR) -> None:
        """One attempt now; what it sees reaches back so far."""
        self._made += 1
        shared = {"channel_id": channel, "url": "https://h.example/", "fetched_at": self.at}
        page = {"page_id": f"p{self._made}", "outcome": outcome, "purpose": "read"}
        self.put("raw.attempts", **shared, **page)
        known = self.connection.execute(
            "delete from raw.cursors where channel_id = ? returning last_seen_at", [channel]
        ).fetchone()
        seen_at = self.at if outcome in SEEN else known and known[0]
        moments = {"last_attempt_at": self.at, "last_seen_at": seen_at}
        self.put("raw.cursors", channel_id=channel, last_outcome=outcome, rhythm="{}", **moments)
        if outcome in SEEN:
            self.see(channel, since)
            self.put("raw.listings", channel_id=channel, observed_at=self.at, parser="strict")

    def see(self, channel: str, since: timedelta) -> None:
        """Show the channel from so long ago until now."""
        spans = self.connection.execute(
            "delete from raw.seen_spans where channel_id = ? and until_day >= ? returning from_day",
            [channel, (self.at - since).date()],
        ).fetchall()
        from_day = min([(self.at - since).date(), *(day for (day,) in spans)])
        self.put("raw.seen_spans", channel_id=channel, from_day=from_day, until_day=self.at.date())

    def act(self, channel: str, ago: timedelta, **changes: Any) -> None:
        """An act of the organization so long ago."""
        self._made += 1
        self.put(
            "raw.activities",
            **{
                "activity_id": f"a{self._made}",
                "channel_id": channel,
                "direction": "by_organization",
                "occurred_at": self.at - ago,
                **changes,
            },
        )

    def run(self, state: str = "completed", error: str = "") -> None:
        """The record of a run that has just ended."""
        self.put(
            "raw.runs",
            run_id=f"run-{self.now:%m%dT%H%M%S}",
            started_at=self.at,
            ended_at=None if state == "running" else self.at,
            state=state,
            command="run",
            error=error,
        )

    def estimate(
        self, organization: str, week: date, stage: int, share: float = 0.9, **changes: Any
    ) -> None:
        """An estimate of a week that gives one stage this probability."""
        others = (1 - share) / 5
        probabilities = {f"probability_{c}": share if c == stage else others for c in range(1, 7)}
        given = {
            "organization_id": organization,
            "as_of_week": week,
            "stage_code": stage,
            "stage_label": f"Stage{stage}",
            "set90_low": max(1, stage - 1),
            "set90_high": stage,
            "model_version": "m1",
            "estimated_at": datetime.combine(week, datetime.min.time()),
        }
        self.put("estimates.stages", **given | probabilities | changes)

    def watch_only(self, *codes: str) -> None:
        """Judge these conditions and no others, which saves a test of many looks most of them."""
        others = tuple(code for code in CONDITIONS if code not in codes)
        self.settings = replace(self.settings, alert_except=others)

    def look(self, after: timedelta = timedelta(), run_id: str = "run", **how: Any) -> Watched:
        """Let time pass, and look."""
        self.now += after
        return watch(self.project, self.settings, self.connection, self.now, run_id, **how)

    def log(self, kind: str = "") -> list[dict[str, Any]]:
        """What the log holds, of one kind or all."""
        path = self.project.alert_log
        records = map(json.loads, path.read_text().splitlines() if path.exists() else ())
        return [record for record in records if kind in {"", record["kind"]}]

    def told(self, code: str) -> list[str]:
        """Kinds of the messages of one condition, in the order of the log."""
        return [record["kind"] for record in self.log() if record.get("condition_code") == code]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.connection.execute(query).fetchall()


def _channel(organization: str, channel: str, role: str) -> dict[str, str]:
    return {
        "channel_id": channel,
        "organization_id": organization,
        "source": channel.partition(":")[0],
        "address": f"https://{organization}.example/{channel.partition(':')[2]}?key=secret",
        "role": role,
    }


def _blank(kind: str) -> Any:
    for beginning, blank in BLANKS.items():
        if kind.startswith(beginning):
            return blank
    return datetime(2026, 1, 1) if kind.startswith("TIMESTAMP") else 0  # noqa: DTZ001 - as stored


@contextmanager
def alert_world(folder: Path, **settings: Any) -> Iterator[AlertWorld]:
    """A world in a new folder, or in one that has been there."""
    project = Project(folder / "data")
    with open_warehouse(project.warehouse) as connection:
        yield AlertWorld(folder, connection, **settings)


def ask_all(world: AlertWorld, channels: list[str], failing: int = 0) -> None:
    """One attempt at each channel, of which the first ones fail."""
    with transaction(world.connection):  # each row by itself would go to the disk
        for place, name in enumerate(channels):
            world.ask(name, "timeout" if place < failing else "not_modified", since=DAY)
