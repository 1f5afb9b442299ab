"""Who said what to whom, and when: the same on every platform, whatever its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

#: The number of the organization among the speakers; residents count from 1.
ORGANIZATION = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing that somebody said.

    `parent` is the place in the conversation of what it replies to, None for the first one. A
    remark that is hidden is counted by the platform and shown to nobody; one that was deleted is
    neither, though what replied to it may stand on.
    """

    at: datetime
    speaker: int
    text: str
    is_question: bool = False
    parent: int | None = None
    is_hidden: bool = False
    is_deleted: bool = False

    @property
    def is_own(self) -> bool:
        """Whether the organization said it."""
        return self.speaker == ORGANIZATION

    @property
    def is_shown(self) -> bool:
        """Whether visitors can see it."""
        return not (self.is_hidden or self.is_deleted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Remarks in the order of time, the first one being what the others are about.

    `is_elsewhere`: it was begun by a resident in a place of their own, calling the organization.
    """

    title: str
    remarks: tuple[Remark, ...]
    is_elsewhere: bool = False

    @property
    def opening(self) -> Remark:
        """What began it."""
        return self.remarks[0]

    def shown(self) -> Iterator[tuple[int, Remark]]:
        """What visitors can see, with its place."""
        return ((place, remark) for place, remark in enumerate(self.remarks) if remark.is_shown)
