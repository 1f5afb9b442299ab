"""How invented conversations come about: what people say, and what becomes of it.

Every remark has a moment of its own in its conversation, in whole seconds, and none lies ahead
of the world.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from flows.demo.conversation import ORGANIZATION, Conversation, Remark

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from random import Random

    from flows.demo.manner import Manner
    from flows.demo.phrases import Phrasebook

_RESIDENT_COUNT = 240
_QUESTION_SHARE = 0.55
_FURTHER_SHARE = 0.3  # of the answers; the same person comes back
_FURTHER_QUESTION_SHARE = 0.5
_REACTION_HOURS = 5.0  # median, after what it reacts to
_SPREAD = 1.0  # of the logarithm of a delay
_ONE_SECOND = timedelta(seconds=1)


class Begun(NamedTuple):
    """How a conversation begins."""

    at: datetime
    title: str
    text: str


@dataclass(slots=True)
class Talk:
    """Draws conversations: with one public, in one manner, until a moment."""

    manner: Manner
    phrases: Phrasebook
    until: datetime
    rng: Random

    def below_post(self, begun: Begun, reaction_count: int) -> Conversation:
        """What people say below something that the organization posted."""
        opening = Remark(at=begun.at, speaker=ORGANIZATION, text=begun.text)
        draft = _Draft([opening])
        for _ in range(reaction_count):
            self._react(draft)
        return self._finished(begun.title, draft)

    def asked(self, at: datetime, *, is_answered: bool = False) -> Conversation:
        """What comes of something that a resident brings up.

        Args:
            at: when.
            is_answered: whatever the organization's manner is.
        """
        opening = self._said(at, None, self._resident())
        draft = _Draft([opening])
        self._answer(draft, 0, is_certain=is_answered)
        return self._finished(opening.text, draft)

    def _react(self, draft: _Draft) -> None:
        at = self._later(draft.remarks[0].at, _REACTION_HOURS)
        self._answer(draft, draft.add(self._said(at, 0, self._resident())))

    def _answer(self, draft: _Draft, place: int, *, is_certain: bool = False) -> None:
        """The organization, and others, reply to a remark, or nobody does."""
        said = draft.remarks[place]
        if said.is_question and self.rng.random() < self.manner.peer_share:
            at = self._later(said.at, _REACTION_HOURS)
            draft.add(self._remark(at, place, self._resident(), "peer"))
        share = self.manner.question_share if said.is_question else self.manner.remark_share
        if not is_certain and self.rng.random() >= share:
            return
        at = self._later(said.at, self.manner.median_hours)
        answer = draft.add(self._remark(at, place, ORGANIZATION, "answer"))
        if self.rng.random() < _FURTHER_SHARE:
            self._go_on(draft, answer, said.speaker)

    def _go_on(self, draft: _Draft, place: int, speaker: int) -> None:
        """The same person again, with thanks or a further question."""
        at = self._later(draft.remarks[place].at, _REACTION_HOURS)
        kind = "further" if self.rng.random() < _FURTHER_QUESTION_SHARE else "thanks"
        said = draft.add(self._remark(at, place, speaker, kind))
        if kind == "further":
            self._answer(draft, said)

    def _said(self, at: datetime, parent: int | None, speaker: int) -> Remark:
        kind = "question" if self.rng.random() < _QUESTION_SHARE else "remark"
        return self._remark(at, parent, speaker, kind)

    def _remark(self, at: datetime, parent: int | None, speaker: int, kind: str) -> Remark:
        return Remark(
            at=at,
            speaker=speaker,
            text=self.phrases.say(kind),
            is_question=kind in {"question", "further"},
            parent=parent,
        )

    def _resident(self) -> int:
        return self.rng.randint(1, _RESIDENT_COUNT)

    def _later(self, moment: datetime, median_hours: float) -> datetime:
        hours = median_hours * math.exp(self.rng.gauss(0.0, _SPREAD))
        return moment + timedelta(seconds=max(60, round(hours * 3600)))

    def _finished(self, title: str, draft: _Draft) -> Conversation:
        remarks = in_order(remark for remark in draft.remarks)
        return Conversation(title=title, remarks=so_far(remarks, self.until))


@dataclass(slots=True)
class _Draft:
    """Remarks as they occur to us; `parent` is a place among them."""

    remarks: list[Remark]

    def add(self, remark: Remark) -> int:
        """Write one down; returns its place."""
        self.remarks.append(remark)
        return len(self.remarks) - 1


def in_order(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Remarks by time, each in a second of its own, with `parent` following."""
    drafted = list(remarks)
    places = sorted(range(len(drafted)), key=lambda place: (drafted[place].at, place))
    moved = {old: new for new, old in enumerate(places)}
    ordered: list[Remark] = []
    for old in places:
        said = drafted[old]
        at = max(said.at, ordered[-1].at + _ONE_SECOND) if ordered else said.at
        parent = None if said.parent is None else moved[said.parent]
        ordered.append(replace(said, at=at, parent=parent))
    return tuple(ordered)


def so_far(remarks: tuple[Remark, ...], until: datetime) -> tuple[Remark, ...]:
    """What has been said by a moment; a reply is later than what it replies to."""
    return tuple(remark for remark in remarks if remark.at < until)


def hide_one(talk: Conversation) -> Conversation:
    """One remark that visitors are not shown: the last of a resident that nobody replied to."""
    replied = {remark.parent for remark in talk.remarks}
    places = [n for n, r in enumerate(talk.remarks) if n not in replied and not r.is_own and n]
    return _marked(talk, replace(talk.remarks[places[-1]], is_hidden=True)) if places else talk


def delete_one(talk: Conversation) -> Conversation:
    """One remark that its author took back, though only the organization had replied to it."""
    parents = [remark.parent for remark in talk.remarks]
    for place, remark in enumerate(talk.remarks):
        replies = [n for n, parent in enumerate(parents) if parent == place]
        is_answered = [talk.remarks[n].is_own for n in replies] == [True]
        if place and not remark.is_own and is_answered and replies[0] not in parents:
            return _marked(talk, replace(remark, is_deleted=True))
    return talk


def _marked(talk: Conversation, marked: Remark) -> Conversation:
    """The same with one remark, the one of its moment, in another state."""
    remarks = tuple(marked if one.at == marked.at else one for one in talk.remarks)
    return replace(talk, remarks=remarks)
