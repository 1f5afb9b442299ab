"""The card of a trained model: what it is for, what it was made of, and what it cannot do.

A card is written when the model is. What is learned later is told under its own heading:
`evaluated` tells what an evaluation found, `shown_on` whether the model has expired.
"""

from __future__ import annotations

import json
import re
from calendar import isleap
from importlib import resources
from string import Template
from textwrap import fill
from typing import TYPE_CHECKING, Any

from classifiers.stages import Stage, tells_highest_apart
from flows.cardparts import abstention, labels, made_from, raters, simulators, stages, trials
from flows.errors import InputError
from flows.evaluationcard import evaluation_of, how_well
from flows.selfassessmentcard import self_assessments
from flows.shiftcard import both_directions, shift_figures, shift_version, shift_warnings
from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from classifiers.correcting_with_claims import Taught
    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.model import StageModel

_SOURCES = {
    "simulator": "simulated worlds alone",
    "recalibrated": "simulated worlds, recalibrated by labels (one slope, five shifts)",
    "offset": "simulated worlds as an offset; labels also speak through the features, shrunken",
    "stack": "an ensemble of the offset model, boosted trees, a forest and a kernel model",
}
_SIMULATED_SETS = (
    "They are calibrated to hold in nearly every simulated world that the model had not seen, with "
    "something kept for a world of another kind."
)
_LABELLED_SETS = "They are calibrated on the labels, out of fold."
_FEW = 20
_WIDTH = 100
_OWN_LINE = ("#", "|", "- ", "$")  #: how lines begin that do not continue the one before
_HOW_WELL, _RATERS, _UNTIL_WHEN = "How well it does", "Raters", "Until when"


def model_card(
    model: StageModel,
    row: Mapping[str, Any],
    table: LabelledTable | None = None,
    taught: Taught | None = None,
    *,
    libraries: Mapping[str, str] | None = None,
) -> str:
    """The card as Markdown, written beside the model's file.

    Args:
        model: that it is about.
        row: its row of the register.
        table: the labels that it learned from, if any.
        taught: what self-assessments taught it, if any did.
        libraries: versions by name; those that are installed where not given.
    """
    text = (resources.files("flows") / "modelcard.md").read_text("utf-8")
    has_own_sets = sum(model.label_counts) >= _fewest_for_own_sets()
    told = Template(text).safe_substitute(
        model_version=model.model_version,
        trained_on=row["trained_at"].date(),
        source=_SOURCES[model.source],
        labels=labels(model.label_counts),
        raters=raters(table),
        trials=trials(json.loads(row["trials"])),
        how_well=how_well(row),
        shift_version=shift_version(),
        shift=both_directions(),
        sets=_sets(model),
        set_source=_LABELLED_SETS if has_own_sets else _SIMULATED_SETS,
        abstention=abstention(),
        stages=stages(model.label_counts),
        highest=_highest(model.label_counts),
        simulators=simulators(),
        made_from=made_from(model, row, libraries),
        warnings=_warnings(model.label_counts),
        expiry=_expiry(row["trained_at"].date()),
    )
    return _filled(told).replace("$self_assessments", self_assessments(taught))


def expires_on(trained_on: date) -> date:
    """Twelve months later."""
    day = trained_on.day
    if (trained_on.month, day) == (2, 29) and not isleap(trained_on.year + 1):
        day = 28
    return trained_on.replace(year=trained_on.year + 1, day=day)


def card_figures(row: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The row of a model in the register, with all figures of its card for machines.

    `evaluation` is None before the first one; `shift_figures` are those of
    `shiftfigures.json`, which tell the model version that they were measured with.
    """
    last = expires_on(row["trained_at"].date())
    return {
        **row,
        "trials": json.loads(row["trials"]),
        "evaluation": evaluation_of(row),
        "shift_figures": shift_figures(),
        "expires_on": last.isoformat(),
        "is_expired": today >= last,
    }


def read_card(path: Path) -> str:
    """A written card.

    Raises:
        InputError: it is not there.
    """
    if not path.is_file():
        problem = f"{path}: no such card; train the model again to write one"
        raise InputError(problem)
    return path.read_text("utf-8")


def evaluated(card: str, row: Mapping[str, Any]) -> str:
    """A card with what the last evaluation in the register found; as it is where there was none."""
    return _retold(card, _HOW_WELL, how_well(row)) if row["evaluation"] else card


def keep_evaluation(path: Path, row: Mapping[str, Any]) -> None:
    """Write into a model's card, where it has one, what the last evaluation found.

    Args:
        path: of the card.
        row: of the model in the register.
    """
    if path.is_file():
        write_text(path, evaluated(read_card(path), row))


def with_raters(card: str, table: LabelledTable, rater_codes: Sequence[Mapping[str, int]]) -> str:
    """A card that tells who the raters of its labels were.

    Args:
        card: that lacks them.
        table: the labels.
        rater_codes: of each label, in the order of the table, the stage by rater.
    """
    return _retold(card, _RATERS, raters(table, rater_codes))


def shown_on(card: str, row: Mapping[str, Any], today: date) -> str:
    """A card as it holds on a day: evaluated, and whether its model has expired."""
    told = _expiry(row["trained_at"].date(), today)
    return _retold(evaluated(card, row), _UNTIL_WHEN, told)


def _retold(card: str, title: str, body: str) -> str:
    """A card with one section written anew; at its end where it had none."""
    section = _filled(f"## {title}\n{body.strip()}\n")
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    if not pattern.search(card):
        return f"{card.rstrip()}\n\n{section}"
    told = pattern.sub(lambda _: f"{section}\n", card, count=1)
    return f"{told.rstrip()}\n"


def _filled(text: str) -> str:
    """A text with its paragraphs and lists filled to lines of about equal length."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if not line or line.startswith(_OWN_LINE):
            blocks.append([])
        blocks[-1].append(line)
        if line.startswith(("#", "|", "$")) or not line:
            blocks.append([])
    return "\n".join(_filled_block(block) for block in blocks if block) + "\n"


def _filled_block(lines: list[str]) -> str:
    if lines[0].startswith(("#", "|", "$")):
        return lines[0]
    indent = "  " if lines[0].startswith("- ") else ""
    return fill(
        " ".join(lines),
        _WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fewest_for_own_sets() -> int:
    from classifiers.correcting import FEWEST_FOR_OWN_SETS  # takes long: not for every command

    return FEWEST_FOR_OWN_SETS


def _sets(model: StageModel) -> str:
    thresholds = model.calibration.thresholds
    return ", ".join(
        f"{100 * level:.0f} %: {mass:.3f}" for level, mass in sorted(thresholds.items())
    )


def _highest(label_counts: Sequence[int]) -> str:
    if tells_highest_apart(label_counts):
        return "Labels tell Strategic and Converged apart, so far as public activity shows it."
    return (
        "Strategic and Converged differ inside the organization, not in public, and no labels tell "
        'them apart yet: their point is called "Strategic or Converged".'
    )


def _warnings(label_counts: Sequence[int]) -> str:
    few = [stage.label for stage, n in zip(Stage, label_counts, strict=True) if n < _FEW]
    found = shift_warnings(shift_figures(), with_labels=any(label_counts))
    lines = [f"In simulated worlds: {text}." for text in found]
    if few:
        lines.append(
            f"Fewer than {_FEW} labels at {', '.join(few)}: coverage of these stages is not shown "
            "to hold, and it is below that of the others."
        )
    return "\n".join(f"- {line}" for line in lines) or "- None."


def _expiry(trained_on: date, today: date | None = None) -> str:
    last = expires_on(trained_on)
    told = (
        f"This model expires on {last}, twelve months after training, or when the signals drift "
        "(`barograph evaluate` tells), whichever comes first."
    )
    if today is None:
        return told
    state = "**It has expired**: train again." if today >= last else "It has not expired"
    return f"{told} {state}" if today >= last else f"{told} {state} (as of {today})."
