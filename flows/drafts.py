"""Questionnaires that are being filled in: kept after every answer, until they are complete."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from classifiers.assessing.answers import Answers
from classifiers.assessing.instrument import ordered_items, read_instrument
from flows.errors import InputError
from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from classifiers.assessing.instrument import Item


class DraftName(NamedTuple):
    """What a draft is known by: one respondent's answers to one instrument."""

    organization_id: str
    instrument: str
    respondent: str

    def path(self, folder: Path) -> Path:
        """Its file."""
        return folder / f"{self.organization_id}.{self.instrument}.{self.respondent}.json"

    @property
    def seed(self) -> int:
        """Of the order of items, so that who goes on finds the same order again."""
        return sum(map(ord, "/".join(self)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What has been answered so far."""

    name: DraftName
    version: str  #: of the instrument
    respondent_role: str
    is_public: bool
    begun_on: date
    given: Mapping[str, int] = field(default_factory=dict)
    cannot_say: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()  #: seen, and left without an answer
    evidence: Mapping[str, str] = field(default_factory=dict)
    placed: Mapping[str, int | None] = field(default_factory=dict)  #: direct and ambition stage

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in the order in which this respondent is asked."""
        return ordered_items(read_instrument(self.name.instrument), self.name.seed)

    @property
    def open_items(self) -> list[Item]:
        """Items that were not put to the respondent yet."""
        seen = {*self.given, *self.cannot_say, *self.skipped}
        return [item for item in self.items if item.code not in seen]

    def with_answer(self, code: str, value: int | None, evidence: str = "") -> Draft:
        """With one more answer; None is a respondent who cannot say."""
        said = self.without(code)
        if value is None:
            return replace(said, cannot_say=(*said.cannot_say, code))
        links = {**said.evidence, code: evidence} if evidence else said.evidence
        return replace(said, given={**said.given, code: value}, evidence=links)

    def with_skipped(self, code: str) -> Draft:
        """With one more item that the respondent leaves open."""
        said = self.without(code)
        return replace(said, skipped=(*said.skipped, code))

    def without(self, code: str) -> Draft:
        """As if an item had not been asked yet."""
        return replace(
            self,
            given={name: value for name, value in self.given.items() if name != code},
            cannot_say=tuple(name for name in self.cannot_say if name != code),
            skipped=tuple(name for name in self.skipped if name != code),
            evidence={name: link for name, link in self.evidence.items() if name != code},
        )

    def with_placement(self, question: str, stage_code: int | None) -> Draft:
        """With the answer to `direct` or `ambition`; None where it was left open."""
        return replace(self, placed={**self.placed, question: stage_code})

    def answers(self, answered_on: date) -> Answers:
        """What was answered, as it is kept once the questionnaire is complete."""
        return Answers(
            organization_id=self.name.organization_id,
            instrument=self.name.instrument,
            instrument_version=self.version,
            respondent=self.name.respondent,
            respondent_role=self.respondent_role,
            answered_on=answered_on,
            given=self.given,
            cannot_say=frozenset(self.cannot_say),
            evidence=self.evidence,
            direct_stage_code=self.placed.get("direct"),
            ambition_stage_code=self.placed.get("ambition"),
            is_public=self.is_public,
        )


def read_draft(folder: Path, name: DraftName) -> Draft | None:
    """A draft that was begun; None when there is none.

    Raises:
        InputError: its file is damaged, or the questions have changed since it was begun.
    """
    path = name.path(folder)
    try:
        record = json.loads(path.read_text("utf-8"))
        tuples = {key: tuple(record[key]) for key in ("cannot_say", "skipped")}
        begun_on = date.fromisoformat(record["begun_on"])
        draft = Draft(**{**record, **tuples, "name": name, "begun_on": begun_on})
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, ValueError) as error:
        problem = f"{path}: this draft is damaged ({error}); remove it and begin again"
        raise InputError(problem) from error
    if draft.version != read_instrument(name.instrument).version:
        problem = f"{path}: the questions have changed since it was begun; remove it, begin again"
        raise InputError(problem)
    return draft


def write_draft(folder: Path, draft: Draft) -> None:
    """Keep a draft as it stands."""
    record = asdict(draft) | {"begun_on": draft.begun_on.isoformat()}
    del record["name"]
    write_text(draft.name.path(folder), json.dumps(record, ensure_ascii=False, indent=1))
