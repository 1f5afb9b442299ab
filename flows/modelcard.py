"""The card of a trained model: what it is for, what it was made of, and what it cannot do."""

from __future__ import annotations

import json
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Any

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.model import StageModel

_SOURCES = {
    "simulator": "simulated worlds alone; no label was used",
    "recalibrated": "simulated worlds, recalibrated by labels (one slope, five shifts)",
    "offset": "simulated worlds as an offset; labels also speak through the features, shrunken",
    "stack": "an ensemble of the offset model, boosted trees, a forest and a kernel model",
}
_FEW = 20


def model_card(
    model: StageModel, row: Mapping[str, Any], table: LabelledTable | None = None
) -> str:
    """The card as Markdown, written beside the model's file."""
    text = (resources.files("flows") / "modelcard.md").read_text("utf-8")
    return Template(text).substitute(
        model_version=model.model_version,
        trained_at=f"{row['trained_at']:%Y-%m-%d %H:%M} UTC",
        source=_SOURCES[model.source],
        seed=model.seed,
        file_sha256=row["file_sha256"],
        labels_sha256=row["labels_sha256"] or "none",
        signals=", ".join(model.signal_codes),
        labels=_labels(model),
        saw=_saw(table),
        trials=_trials(json.loads(row["trials"])),
        sets=_sets(model),
        warnings=_warnings(model),
    )


def _labels(model: StageModel) -> str:
    if not sum(model.label_counts):
        return "None. Everything that this model says rests on assumptions (see Simulators)."
    counts = zip(Stage, model.label_counts, strict=True)
    return "\n".join(f"- {stage.value} {stage.label}: {count}" for stage, count in counts)


def _saw(table: LabelledTable | None) -> str:
    if table is None:
        return ""
    kinds = sorted(set(table.saw.tolist()))
    told = ", ".join(f"{(table.saw == kind).sum()} saw {kind}" for kind in kinds)
    return f"What the raters saw: {told}."


def _trials(trials: list[dict[str, Any]]) -> str:
    if not trials:
        return "Nothing was tried: there were too few labels, or the kind of model was given."
    head = "| model | ranked probability score, out of fold | better by | standard error | chosen |"
    lines = [
        f"| {t['source']} | {t['ranked_probability_score']:.4f} | {t['better_than_former']:+.4f} "
        f"| {t['standard_error']:.4f} | {'yes' if t['is_chosen'] else 'no'} |"
        for t in trials
    ]
    return "\n".join([head, "| --- | ---: | ---: | ---: | --- |", *lines])


def _sets(model: StageModel) -> str:
    thresholds = model.calibration.thresholds
    return ", ".join(f"{level:.0%}: {mass:.3f}" for level, mass in sorted(thresholds.items()))


def _warnings(model: StageModel) -> str:
    few = [
        stage.label for stage, count in zip(Stage, model.label_counts, strict=True) if count < _FEW
    ]
    lines = []
    if few:
        lines.append(
            f"- Fewer than {_FEW} labels at {', '.join(few)}: coverage of these stages is not "
            "shown to hold, and it is below that of the others."
        )
    if model.label_counts[-1] < _FEW:
        lines.append("- Strategic and Converged differ inside the organization, not in public.")
    return "\n".join(lines) or "- None."
