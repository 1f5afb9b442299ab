"""The register of alerts: what holds now beside what is open, and what that changes. Pure.

An alert opens where a condition is found to hold and none is open, and ends where it is found
to hold no more. In between, and where nothing is known, everything stays as it was: so of each
condition and subject, beginnings and ends alternate, whatever is found in whatever order.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from flows.alerting.conditions import CONDITIONS
from flows.alerting.judgement import Judgement, OpenAlert, State, Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

_ID_HEX = 24


class Ending(StrEnum):
    """Why an alert is over."""

    RECOVERED = "recovered"  #: the condition holds no more
    UNWATCHED = "unwatched"  #: its subject is not on the list any more
    LAPSED = "lapsed"  #: for long it was neither found to hold nor found to be over
    SWITCHED_OFF = "switched_off"  #: the setting `alert_except` names its condition


class Still(NamedTuple):
    """An open alert whose condition holds on."""

    alert: OpenAlert
    judgement: Judgement


class Ended(NamedTuple):
    """An alert that is over; with what was found, where it was looked at."""

    alert: OpenAlert
    ending: Ending
    judgement: Judgement | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What one look changes."""

    opened: tuple[Judgement, ...] = ()
    still: tuple[Still, ...] = ()
    ended: tuple[Ended, ...] = ()


def compare(
    open_alerts: Sequence[OpenAlert],
    judgements: Iterable[Judgement],
    watched: Collection[Subject],
    moment: datetime,
    switched_off: Collection[str] = (),
) -> Changes:
    """What changes when these judgements are made while these alerts are open.

    Args:
        open_alerts: each condition and subject once.
        judgements: those of one look; a subject without one is not known of.
        watched: everybody on the list; whoever is not ends its alerts.
        moment: of the look, UTC without a zone.
        switched_off: conditions that are not to be told; theirs end in silence.
    """
    wanted = {(one.code, one.subject): one for one in judgements if one.code not in switched_off}
    known = {(one.code, one.subject) for one in open_alerts}
    raised = [one for key, one in wanted.items() if one.state is State.RAISED and key not in known]
    still, ended = [], []
    for alert in open_alerts:
        found = wanted.get((alert.code, alert.subject))
        ending = _ending(alert, found, watched, moment, switched_off)
        if ending:
            ended.append(Ended(alert, ending, found))
        elif found and found.state is State.RAISED:
            still.append(Still(alert, found))
    return Changes(tuple(raised), tuple(still), tuple(ended))


def _ending(
    alert: OpenAlert,
    found: Judgement | None,
    watched: Collection[Subject],
    moment: datetime,
    switched_off: Collection[str],
) -> Ending | None:
    if alert.code in switched_off or alert.code not in CONDITIONS:
        return Ending.SWITCHED_OFF
    if found and found.state is not State.BETWEEN:
        return Ending.RECOVERED if found.state is State.CLEAR else None
    if not found and _watched_subject(alert.subject) not in watched:
        return Ending.UNWATCHED
    has_lapsed = moment - alert.last_seen_at > CONDITIONS[alert.code].lapse
    return Ending.LAPSED if has_lapsed else None


def _watched_subject(subject: Subject) -> Subject:
    """A server is watched with its source, whose name comes first."""
    if subject.kind != "source":
        return subject
    return Subject(subject.kind, subject.subject_id.partition(":")[0])


def without_hidden(
    judgements: Iterable[Judgement], hidden_sources: Collection[Subject], hidden: Collection[str]
) -> Iterator[Judgement]:
    """The judgements that say something while sources are out.

    What is hidden is neither begun nor ended: it counts as not known.

    Args:
        judgements: of conditions other than the outage itself.
        hidden_sources: the sources that are out, with all their channels.
        hidden: organizations with a channel there.
    """
    for one in judgements:
        is_hidden = one.subject in hidden_sources or (
            one.subject.kind == "organization" and one.organization_id in hidden
        )
        if not (is_hidden and CONDITIONS[one.code].is_hidden_by_outage):
            yield one


def digest(*parts: object) -> str:
    """A name that follows from its parts, so that the same thing has it at every try."""
    text = "\n".join(map(str, parts))
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_HEX]
