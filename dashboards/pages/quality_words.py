"""What an evaluation found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from classifiers.stages import Stage
from dashboards.sentences import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.reading.quality import Model, SetQuality

HEADLINE_LEVEL = 0.9
LOW_COVERAGE = 0.65  #: of the labels of a stage; sets that hold fewer are told of
FEWEST_FOR_LOW_COVERAGE = 10  #: labels of the stage

#: What taught a model, by the name in the register.
SOURCES = {
    "simulator": "simulated worlds alone",
    "recalibrated": "simulated worlds, their probabilities shifted by expert codes",
    "offset": "simulated worlds, corrected by expert codes through the signals",
    "stack": "simulated worlds and expert codes, joined with other kinds of models",
}
#: Groups of labels, by the name in the evaluation.
GROUP_KINDS = {
    "all": "All labels",
    "stage": "By stage that raters gave",
    "industry": "By industry",
    "size": "By size (employees)",
    "country": "By country",
    "sources": "By sources of the channels",
}
_STAGE_NAMES = {stage.name.lower(): stage.label for stage in Stage}


class MeasureText(NamedTuple):
    """A figure of an evaluation in words."""

    label: str
    definition: str


#: In the order of the page; keys are the evaluation's own names.
MEASURES = {
    "mean_absolute_error": MeasureText(
        "Mean absolute error",
        "Stages between the median of the estimate and the raters; 0 is best.",
    ),
    "macro_mean_absolute_error": MeasureText(
        "Mean absolute error, mean over stages",
        "The same for the labels of each stage, then averaged, so that rare stages count as much.",
    ),
    "bias": MeasureText(
        "Bias",
        "Mean of the median minus the raters, in stages; above 0 estimates are too high.",
    ),
    "off_by_two_share": MeasureText(
        "Off by two stages or more",
        "Share of the labels, 0 to 1, whose median lies two stages or more from the raters.",
    ),
    "quadratic_weighted_kappa": MeasureText(
        "Quadratic weighted kappa",
        "Agreement of median and raters beyond chance; 1 is complete, 0 is chance.",
    ),
    "ranked_probability_score": MeasureText(
        "Ranked probability score",
        "Mean squared error of the stated probabilities at the five thresholds; 0 is best.",
    ),
    "log_loss": MeasureText(
        "Log loss",
        "Minus the logarithm of the probability given to the stage of the raters; 0 is best.",
    ),
    "threshold_calibration_error": MeasureText(
        "Threshold calibration error",
        "Mean distance of stated and observed shares over the bins of the diagram above. Its "
        "interval lies too high, for draws of organizations only add to it.",
    ),
    "calibration_error_by_chance": MeasureText(
        "The same by chance alone",
        "What that error would be if every stated probability were true: what to read it beside.",
    ),
}


def measure_label(measure: str) -> str:
    """The name of a figure on the page."""
    return MEASURES[measure].label if measure in MEASURES else measure.replace("_", " ")


def measure_definition(measure: str) -> str:
    """What a figure says; "" for one that this page does not know."""
    return MEASURES[measure].definition if measure in MEASURES else ""


def source_words(source: str) -> str:
    """What taught a model."""
    return SOURCES.get(source, source)


def group_words(group_name: str) -> str:
    """A group of labels; stages by their labels."""
    return _STAGE_NAMES.get(group_name, group_name or "all")


def kind_words(group_kind: str) -> str:
    """A kind of groups of labels."""
    return GROUP_KINDS.get(group_kind, f"By {group_kind}")


def set_finding(found: SetQuality) -> str:
    """Whether sets held what they promise, beside the interval of what they held."""
    promised = percent(found.level)
    told = f"Its {promised} sets held the stage that raters gave to {percent(found.coverage_share)}"
    if found.lower is None or found.upper is None:
        return f"{told} of them; too few organizations for an interval."
    interval = f"95 % interval {round(100 * found.lower)} to {percent(found.upper)}"
    return f"{told} of them ({interval}): {_beside(found.level, found.lower, found.upper)}"


def size_finding(found: SetQuality) -> str:
    """How much the sets tell; "" where their size is not known."""
    if found.mean_set_size is None:
        return ""
    held = f"A {percent(found.level)} set holds {found.mean_set_size:.1f} of six stages on average"
    return f"{held}; a set of all six would always hold the stage, and tell nothing."


def weak_stages(sets: Sequence[SetQuality]) -> list[str]:
    """Stages whose labels the 90 % sets held far less often than promised."""
    return [
        f"{group_words(each.group_name)}: {percent(each.coverage_share)} (n = {each.n})"
        for each in sets
        if each.group_kind == "stage" and each.level == HEADLINE_LEVEL and _is_low(each)
    ]


def tested_sentence(count: int) -> str:
    """What a model was tested on."""
    return f"Tested on {count:,} labels of organizations that the model had not seen."


def training_sentence(model: Model) -> str:
    """What a model learned from."""
    learned = [f"{model.label_count:,} expert codes" if model.label_count else ""]
    learned.append(f"{model.claim_count:,} self-assessments" if model.claim_count else "")
    beside = " and ".join(filter(None, learned))
    if not beside:
        return "It learned from simulated worlds alone."
    return f"It learned from simulated worlds and {beside}."


def _is_low(each: SetQuality) -> bool:
    share = each.coverage_share
    return each.n >= FEWEST_FOR_LOW_COVERAGE and share is not None and share < LOW_COVERAGE


def _beside(level: float, low: float, high: float) -> str:
    promised = percent(level)
    if low > level:
        return f"more than the {promised} promised, so they are wider than they need be."
    if high < level:
        return f"less than the {promised} promised. Read them as too narrow."
    return f"that agrees with the {promised} promised."
