"""What `barograph evaluate` found of a model, in words and tables for its card."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from classifiers.stages import Stage
from flows.scoretext import shown
from flows.shiftcard import table, unseen_worlds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FIGURES = {
    "mean_absolute_error": "Mean absolute error, stages",
    "macro_mean_absolute_error": "The same, mean over stages",
    "off_by_two_share": "Off by two stages or more",
    "bias": "Bias, stages",
    "quadratic_weighted_kappa": "Quadratic weighted kappa",
    "ranked_probability_score": "Ranked probability score",
    "log_loss": "Log loss",
    "threshold_calibration_error": "Threshold calibration error",
}
_NOT_YET = (
    "Not evaluated yet: run `barograph evaluate`. What models of its kind do in simulated worlds "
    "is in the next section."
)
_WITH_CLAIMS = (
    "`barograph evaluate` judges models that no self-assessment taught. How this one does on "
    "expert codes that it had not seen is under Self-assessments."
)
_NO_SUBGROUPS = "Kinds of organizations: no table, for there is no label to judge them by."


def how_well(row: Mapping[str, Any]) -> str:
    """The section of a model card; `row` as the register has it, or as it is to be registered."""
    if row.get("claim_count"):
        return _WITH_CLAIMS
    found = evaluation_of(row)
    if row["source"] == "simulator":
        return "\n\n".join(_of_simulation(row, found))
    return "\n\n".join(_of_labels(row, found)) if found else _NOT_YET


def evaluation_of(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The last evaluation that the register has of a model; None where there was none."""
    text = row.get("evaluation")
    found: dict[str, Any] | None = json.loads(text) if text else None
    return found


def _of_simulation(row: Mapping[str, Any], found: Mapping[str, Any] | None) -> Iterator[str]:
    """Its figures in unseen worlds; on labels, it is a baseline of the evaluation."""
    yield (
        "No label taught this model, so its own figures are those of simulated worlds that it has "
        "not seen. They say nothing of the error in reality."
    )
    yield unseen_worlds(row["model_version"])
    scores = (found or {}).get("baselines", {}).get("cold_start")
    if found and scores:
        yield f"On {_basis(found)}, none of which it had seen:"
        yield _scores(scores)
    elif found:
        yield _too_few(found)
    else:
        yield "With labels, `barograph evaluate` judges it by them; it has not been run."
    yield _NO_SUBGROUPS


def _of_labels(row: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    if not found["scores"]:
        yield _too_few(found)
        return
    yield (
        f"The last `barograph evaluate`: {_basis(found)}, each judged by a model trained without "
        f"it. {_sources(row, found)}Intervals (95 %) draw organizations; n: labels."
    )
    yield _scores(found["scores"])
    yield _sets(found["sets"])
    yield from _worst_stage(found["sets"])
    yield _subgroups(found["subgroups"])
    warnings = "\n".join(f"- {text}" for text in found["warnings"])
    yield f"What the evaluation warned of:\n\n{warnings}" if warnings else "It warned of nothing."


def _basis(found: Mapping[str, Any]) -> str:
    return f"{found['label_count']} labels of {found['organization_count']} organizations"


def _too_few(found: Mapping[str, Any]) -> str:
    return (
        f"The last `barograph evaluate` had {found['label_count']} labels, too few to tell an "
        "error by; run it again with more."
    )


def _sources(row: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    if found["sources"] == row["source"]:
        return ""
    return (
        f"The folds chose the source {found['sources']}, while this model is of the source "
        f"{row['source']}: the figures are those of the way in which it was trained. "
    )


def _scores(scores: Mapping[str, Any]) -> str:
    lines = [(title, shown(scores[name])) for name, title in _FIGURES.items() if name in scores]
    return table(("figure", "95 % interval"), lines)


def _sets(sets: Mapping[str, Any]) -> str:
    lines = [
        (f"{float(level):.0%} sets", shown(found["coverage"]), shown(found["size"]))
        for level, found in sorted(sets.items())
    ]
    return table(("sets", "share that held the label", "stages in them"), lines)


def _worst_stage(sets: Mapping[str, Any]) -> Iterator[str]:
    from classifiers.evaluating.cautions import FEWEST_OF_A_STAGE, LEAST_STAGE_COVERAGE

    found = {stage: sets["0.9"].get(f"coverage_{stage.name.lower()}") for stage in Stage}
    judged = {stage: each for stage, each in found.items() if each and each["n"]}
    if not judged:
        return
    stage, worst = min(judged.items(), key=lambda one: one[1]["value"])
    yield f"Worst stage of the 90 % sets: {stage.label}, {shown(worst)}."
    if worst["value"] < LEAST_STAGE_COVERAGE:
        yield (
            f"**Warning:** that is below {LEAST_STAGE_COVERAGE:.0%}. Where {stage.label} is "
            "possible, read a 90 % set as ruling nothing out."
        )
    few = [s.label for s in Stage if s not in judged or judged[s]["n"] < FEWEST_OF_A_STAGE]
    if few:
        yield (
            f"**Warning:** fewer than {FEWEST_OF_A_STAGE} labels at {', '.join(few)}: what the "
            "sets hold there is not known."
        )


def _subgroups(subgroups: Mapping[str, Any]) -> str:
    if not any(subgroups.values()):
        from classifiers.evaluating.subgroups import FEWEST_OF_A_KIND

        return (
            "Kinds of organizations: no table, for no two industries, sizes, countries or mixes of "
            f"sources have {FEWEST_OF_A_KIND} labels each."
        )
    lines = [
        (
            f"{dimension}: {kind['kind']}",
            shown(kind["mean_absolute_error"]),
            shown(kind["bias"]),
            shown(kind["coverage_0.9"]),
        )
        for dimension, kinds in subgroups.items()
        for kind in kinds
    ]
    return table(("kind", "mean absolute error", "bias", "90 % sets hold"), lines)
