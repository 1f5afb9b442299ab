"""Asking the items of an instrument one after another, in a terminal.

Nothing of what is known about the organization is shown before all answers are in: who sees the
observed stage first would answer towards it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from classifiers.assessing.answers import evidence_problem
from classifiers.assessing.instrument import read_instrument

if TYPE_CHECKING:
    from collections.abc import Callable

    from classifiers.assessing.instrument import Instrument, Item, Question
    from flows.drafts import Draft

HELP = """\
Type the number of an answer; ? if you cannot say; Enter to leave it open; b to go back;
q to stop: what you have answered is kept, and the same command goes on from there."""
_CANNOT_SAY, _BACK, _STOP, _OPEN = "?", "b", "q", ""
_YES, _NO = "y", "n"


class StoppedError(Exception):
    """The respondent wants to go on later."""


class Manner(NamedTuple):
    """How to ask: whether for links to evidence too, and how to keep what was answered."""

    asks_for_evidence: bool
    keep: Callable[[Draft], None]


def interview(draft: Draft, manner: Manner) -> Draft:
    """Ask what is still open of a draft, keep it after each answer, and return it complete.

    Raises:
        StoppedError: the respondent wants to go on later; everything so far is kept.
    """
    instrument = read_instrument(draft.name.instrument)
    past: list[str] = []
    group = ""
    while draft.open_items:
        item = next(item for item in draft.items if item in draft.open_items)
        if item.dimension_code != group:
            group = item.dimension_code
            _show_group(instrument, group)
        reply = _ask_item(item, draft)
        if reply == _BACK:
            draft = draft.without(past.pop()) if past else draft
        else:
            draft = _answered(draft, item, reply, manner)
            past.append(item.code)
        manner.keep(draft)
    return _placed(draft, instrument, manner)


def _show_group(instrument: Instrument, code: str) -> None:
    place, dimension = next(
        (place, each) for place, each in enumerate(instrument.dimensions, 1) if each.code == code
    )
    click.echo(f"\n{dimension.label} ({place} of {len(instrument.dimensions)})")
    click.echo(dimension.question)


def _ask_item(item: Item, draft: Draft) -> str:
    number = len(draft.items) - len(draft.open_items) + 1
    click.echo(f"\n{number}/{len(draft.items)}  {item.text or item.label}")
    for remark in (item.help, item.warning, item.evidence and f"Evidence: {item.evidence}"):
        if remark:
            click.echo(f"      {remark}")
    if item.steps:
        return _ask_steps(item)
    for choice in item.choices:
        click.echo(f"      {choice.value}  {choice.text}")
    return _choose({str(value) for value in item.values})


def _ask_steps(item: Item) -> str:
    """Two questions with yes or no, which cannot be mistaken for a level."""
    if item.steps is None:
        return _OPEN
    first = _choose({_YES, _NO}, f"{item.steps.first} (y/n)")
    if first != _YES:
        return "1" if first == _NO else first
    second = _choose({_YES, _NO}, f"{item.steps.second} (y/n)")
    return {_YES: "2", _NO: "3"}.get(second, second)


def _choose(allowed: set[str], question: str = "answer") -> str:
    """One of the replies that are allowed, or of those that always are."""
    while True:
        reply = click.prompt(f"      {question}", default="", show_default=False)
        reply = str(reply).strip().casefold()
        if reply == _STOP:
            raise StoppedError
        if reply in allowed | {_CANNOT_SAY, _BACK, _OPEN}:
            return reply
        click.echo(f"      {reply!r} is no answer. {HELP}")


def _answered(draft: Draft, item: Item, reply: str, manner: Manner) -> Draft:
    if reply == _OPEN:
        return draft.with_skipped(item.code)
    if reply == _CANNOT_SAY:
        return draft.with_answer(item.code, None)
    value = int(reply)
    wants_evidence = manner.asks_for_evidence and value > min(item.values)
    return draft.with_answer(item.code, value, _ask_evidence() if wants_evidence else "")


def _ask_evidence() -> str:
    while True:
        link = click.prompt("      link to evidence (Enter: none)", default="", show_default=False)
        if not link or not (problem := evidence_problem(str(link))):
            return str(link)
        click.echo(f"      {problem}; give an address such as https://example.org/policy")


def _placed(draft: Draft, instrument: Instrument, manner: Manner) -> Draft:
    for name, question in (("direct", instrument.placement), ("ambition", instrument.ambition)):
        if question and name not in draft.placed:
            draft = draft.with_placement(name, _ask_placement(question))
            manner.keep(draft)
    return draft


def _ask_placement(question: Question) -> int | None:
    click.echo(f"\n{question.question}")
    for choice in question.choices:
        click.echo(f"      {choice.value}  {choice.text}")
    reply = _choose({str(choice.value) for choice in question.choices})
    return int(reply) if reply.isdigit() else None
