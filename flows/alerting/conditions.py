"""Which conditions there are: what each is, how serious, and its limits.

A condition begins beyond one limit and ends at an easier one, so that a value that wavers about
a limit raises nobody twice. `warehouse/alerts/<code>.sql` says for whom it holds;
docs/alerts.md explains each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Severity(StrEnum):
    """How soon somebody should look."""

    SERIOUS = "serious"  #: nothing is collected or published while it lasts
    WARNING = "warning"  #: something is lost, or gets worse, while it lasts
    NOTICE = "notice"  #: good to know


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that may hold for a subject, and is told when it begins and when it ends.

    Attributes:
        code: its name in settings, tables and messages.
        about: what it is, in half a sentence.
        severity: how soon somebody should look.
        limits: numbers that its query takes by name, each in the unit that its name says.
        lapse: so long after it was last found to hold, an alert is closed that was not found to
            be over either.
        is_hidden_by_outage: whether it is left open as it is while a source of its subject is out.
    """

    code: str
    about: str
    severity: Severity
    limits: Mapping[str, float] = field(default_factory=dict)
    lapse: timedelta = timedelta(days=90)
    is_hidden_by_outage: bool = False


#: Looked at first: while a source is out, nothing else is told of it.
OUTAGE = "source_out"

_ALL = (
    Condition(
        code=OUTAGE,
        about="most channels of a source fail at the same time",
        severity=Severity.SERIOUS,
        limits={"raise_share": 0.5, "clear_share": 0.25, "least_channel_count": 3},
    ),
    Condition(
        code="run_failed",
        about="two runs in a row came to no end",
        severity=Severity.SERIOUS,
    ),
    Condition(
        code="snapshot_stale",
        about="what dashboards show has not been renewed for long",
        severity=Severity.SERIOUS,
        limits={"clear_part": 0.75},
    ),
    Condition(
        code="error_rate",
        about="many attempts to read a source failed within 24 hours",
        severity=Severity.WARNING,
        limits={"raise_share": 0.25, "clear_share": 0.1, "least_attempt_count": 10},
        is_hidden_by_outage=True,
    ),
    Condition(
        code="coverage_drop",
        about="less of the channels' days was seen in the last week than usual",
        severity=Severity.WARNING,
        limits={"raise_drop": 0.2, "clear_drop": 0.1, "least_week_count": 4},
        is_hidden_by_outage=True,
    ),
    Condition(
        code="schema_drift",
        about="a platform changed fields that we read, and they are left out",
        severity=Severity.WARNING,
        limits={"quiet_days": 3},
    ),
    Condition(
        code="schema_new_field",
        about="a platform shows fields that it did not show before",
        severity=Severity.NOTICE,
        limits={"fresh_days": 7, "known_days": 1},
    ),
    Condition(
        code="budget_low",
        about="little is left of the requests that a server grants",
        severity=Severity.WARNING,
        limits={"raise_share": 0.1, "clear_share": 0.2, "least_minutes": 10},
        lapse=timedelta(days=7),
    ),
    Condition(
        code="channel_silent",
        about="a channel that is seen has been silent for longer than its rhythm lets expect",
        severity=Severity.NOTICE,
        limits={"least_days": 14, "gaps": 4, "least_act_count": 8, "clear_days": 7},
        is_hidden_by_outage=True,
    ),
    Condition(
        code="stage_changed",
        about="public signals have come to be consistent with another stage",
        severity=Severity.NOTICE,
        limits={"least_probability": 0.8, "fresh_weeks": 13},
        is_hidden_by_outage=True,
    ),
    Condition(
        code="signals_worse",
        about="two or more watched signals of an organization got worse",
        severity=Severity.WARNING,
        is_hidden_by_outage=True,
    ),
    Condition(
        code="claim_outside",
        about="a public claim that lay within the 90 % prediction set lies outside of it",
        severity=Severity.NOTICE,
        is_hidden_by_outage=True,
    ),
)
#: All conditions by code, in the order in which they are looked at.
CONDITIONS: Mapping[str, Condition] = {condition.code: condition for condition in _ALL}
