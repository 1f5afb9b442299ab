"""What one look finds of a condition and a subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class State(StrEnum):
    """How a subject stands towards a condition."""

    RAISED = "raised"  #: beyond the limit at which the condition begins
    CLEAR = "clear"  #: on the good side of the limit at which it ends
    BETWEEN = "between"  #: neither, or not known: whatever was, stays


class Subject(NamedTuple):
    """Whom a condition may hold for: `kind` is source, channel, organization or project."""

    kind: str
    subject_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How one subject stands now.

    Attributes:
        code: the condition's.
        subject: who is judged.
        organization_id: whose it is; None where it is about no single organization.
        state: beyond a limit, back from it, or neither.
        value: what was found, in the unit of the limit; None where there is no number.
        limit_value: the limit at which the condition begins.
        parts: what its message tells besides, by name.
    """

    code: str
    subject: Subject
    organization_id: str | None
    state: State
    value: float | None = None
    limit_value: float | None = None
    parts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlert:
    """An alert that was told to begin and not yet to end; times UTC without a zone."""

    alert_id: str
    code: str
    subject: Subject
    organization_id: str | None
    severity: str
    opened_at: datetime
    last_seen_at: datetime
    limit_value: float | None
    title: str
