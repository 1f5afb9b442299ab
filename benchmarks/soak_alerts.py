"""What was told in a soak run: each condition once when it began, and once when it was over."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from soak_warehouse import rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from soak_server import Told

#: What each kind of message is called in the log.
_KINDS = {"opened", "recovered"}


class Episode(NamedTuple):
    """A condition from its beginning to its end, by the log (UTC)."""

    code: str
    subject: str
    opened_at: datetime
    recovered_at: datetime | None


class Alerts(NamedTuple):
    """What was told.

    Attributes:
        episodes: by the log, in the order of their beginning.
        message_count: messages in the log.
        repeated_in_log: messages that stand in the log more than once.
        unpaired: alerts that were told to begin or to end other than once.
        not_in_table: alerts of the log that the warehouse does not know, and the other way round.
        letter_count: letters that the webhook was to get, by the warehouse.
        missing_letters: those that it never took.
        second_copies: copies beyond the first that it took.
        refused_tries: posts that it refused.
    """

    episodes: list[Episode]
    message_count: int
    repeated_in_log: list[str]
    unpaired: list[str]
    not_in_table: list[str]
    letter_count: int
    missing_letters: int
    second_copies: int
    refused_tries: int

    def of(self, code: str) -> list[Episode]:
        """The episodes of one condition."""
        return [episode for episode in self.episodes if episode.code == code]


def alerts_told(data: Path, told: Iterable[Told]) -> Alerts:
    """What the log, the table and the webhook say of each alert."""
    log = [record for record in _log(data) if record.get("kind") in _KINDS]
    by_message = Counter(record["message_id"] for record in log)
    known = {name for (name,) in rows(data, "select alert_id from raw.alerts")}
    logged = {record["alert_id"] for record in log}
    letters = rows(
        data, "select distinct batch_id from raw.alert_messages where channel = 'webhook'"
    )
    told = list(told)
    taken = Counter(one.key for one in told if one.is_taken)
    return Alerts(
        episodes=_episodes(log),
        message_count=len(by_message),
        repeated_in_log=[name for name, count in by_message.items() if count > 1],
        unpaired=_unpaired(log),
        not_in_table=sorted(known ^ logged),
        letter_count=len(letters),
        missing_letters=len(letters) - len(taken),
        second_copies=taken.total() - len(taken),
        refused_tries=sum(not one.is_taken for one in told),
    )


def _log(data: Path) -> list[dict[str, Any]]:
    """Lines of the log; one that a kill cut off is none, and stands again whole after it."""
    path = data / "alerts.log"
    found = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        with suppress(ValueError):
            found.append(json.loads(line))
    return found


def _unpaired(log: list[dict[str, Any]]) -> list[str]:
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for record in log:
        kinds[record["alert_id"]].append(record["kind"])
    once = (["opened"], ["opened", "recovered"])
    return [f"{name}: {told}" for name, told in kinds.items() if told not in once]


def _episodes(log: list[dict[str, Any]]) -> list[Episode]:
    ended = {
        one["alert_id"]: _moment(one["recovered_at"]) for one in log if one["kind"] == "recovered"
    }
    found = [
        Episode(
            one["condition_code"],
            one["subject_id"],
            _moment(one["opened_at"]),
            ended.get(one["alert_id"]),
        )
        for one in log
        if one["kind"] == "opened"
    ]
    return sorted(found, key=lambda episode: episode.opened_at)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
