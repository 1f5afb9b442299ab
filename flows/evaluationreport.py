"""What an evaluation found, in words: a page for the terminal, and a report in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.stages import Stage
from flows.robustnessreport import consensus_lines, consensus_part, stress_lines, stress_parts
from flows.scoretext import bullets, shown, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from classifiers.evaluating.drift import DriftCheck
    from classifiers.evaluating.scores import Score
    from classifiers.evaluation import Evaluation

_NAMES = {
    "mean_absolute_error": "Mean absolute error, stages",
    "macro_mean_absolute_error": "The same, mean over stages",
    "quadratic_weighted_kappa": "Quadratic weighted kappa",
    "off_by_two_share": "Off by two stages or more",
    "bias": "Bias, stages",
    "ranked_probability_score": "Ranked probability score",
    "log_loss": "Log loss",
    "threshold_calibration_error": "Threshold calibration error",
    "calibration_error_by_chance": "The same by chance alone",
}


def summary_lines(evaluation: Evaluation) -> Iterator[str]:
    """A short text: warnings first, then the figures, each with its interval and n."""
    yield from (f"WARNING  {text}" for text in evaluation.warnings)
    if evaluation.scores:
        yield ""
        yield _basis(evaluation)
        yield from (f"{name:<32}{text}" for name, text in _score_rows(evaluation.scores))
        yield from (f"{name:<32}{text}" for name, text in _set_rows(evaluation))
        yield ""
        yield "Model minus baseline, ranked probability score (below 0 the model is better):"
        yield from (f"  {name:<30}{text}" for name, text in _difference_rows(evaluation))
        yield ""
        yield from (f"{audit.verdict:<14}{audit.name}: {audit.text}" for audit in evaluation.audits)
        yield from _permutation_lines(evaluation)
        yield ""
        yield from consensus_lines(evaluation.against_consensus)
    if evaluation.stress:
        yield ""
        yield "Evidence made worse (spread growth less error growth; shift of the estimate):"
        yield from stress_lines(evaluation.stress)
    if evaluation.drift:
        yield ""
        yield from _drift_lines(evaluation.drift)


def markdown_report(evaluation: Evaluation) -> str:
    """The whole evaluation as a Markdown document."""
    parts = [
        "# Evaluation of observed stages",
        bullets("Warnings", evaluation.warnings or ("none",)),
        *((_reading(evaluation), *_labelled_parts(evaluation)) if evaluation.scores else ()),
        *stress_parts(evaluation.stress),
        _drift_part(evaluation.drift),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _labelled_parts(evaluation: Evaluation) -> Iterator[str]:
    yield _basis(evaluation)
    yield table(
        "Figures on held-out organizations",
        ("figure", "95 % interval"),
        [
            *_score_rows(evaluation.scores),
            *_set_rows(evaluation),
        ],
    )
    yield table("Coverage by stage, 90 % sets", ("stage", "share held"), _stage_rows(evaluation))
    yield table(
        "Model minus baseline, ranked probability score",
        ("baseline", "difference; below 0 the model is better"),
        _difference_rows(evaluation),
    )
    yield table(
        "Baselines, mean absolute error", ("baseline", "stages"), _baseline_rows(evaluation)
    )
    heading = ("threshold", "stated → true (95 % interval; n) by tenth of the statements")
    yield table("Calibration", heading, _curves(evaluation))
    yield from _robustness_parts(evaluation)


def _robustness_parts(evaluation: Evaluation) -> Iterator[str]:
    yield table("Later labels", ("split", "mean absolute error"), _temporal_rows(evaluation))
    yield bullets("Permutation test", _permutation_lines(evaluation) or ("left out",))
    audits = [(f"{a.name}: {a.verdict}", a.text) for a in evaluation.audits]
    yield table("Audits", ("audit", "what was found"), audits)
    yield table(
        "Error by number of labels", ("labels", "mean absolute error"), _learning(evaluation)
    )
    yield table(
        "Error when the least sure are left out", ("kept", "mean absolute error"), _kept(evaluation)
    )
    heading = ("kind", "error in stages, and drawn towards the common mean", "bias")
    yield table("Kinds of organizations", heading, _kinds(evaluation))
    yield table("By what raters saw", ("raters", "error in stages", "bias"), _raters(evaluation))
    yield bullets("Ceiling", _ceiling(evaluation))
    yield consensus_part(evaluation.against_consensus)


def _basis(evaluation: Evaluation) -> str:
    by_stage = zip(Stage, evaluation.stage_counts, strict=True)
    counts = ", ".join(f"{stage.label} {count}" for stage, count in by_stage)
    return (
        f"{evaluation.label_count} labels of {evaluation.organization_count} organizations "
        f"({counts}); source chosen in the folds: {evaluation.sources}; "
        f"folds dealt {evaluation.settings.repeat_count} times."
    )


def _score_rows(scores: Mapping[str, Score]) -> list[tuple[str, str]]:
    return [(title, shown(scores[name])) for name, title in _NAMES.items() if name in scores]


def _set_rows(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [
        (f"{float(level):.0%} sets, {figure}", shown(scores[figure]))
        for level, scores in evaluation.sets.items()
        for figure in ("coverage", "size")
    ]


def _stage_rows(evaluation: Evaluation) -> list[tuple[str, str]]:
    scores = evaluation.sets.get("0.9", {})
    found = [(stage.label, scores.get(f"coverage_{stage.name.lower()}")) for stage in Stage]
    return [(name, shown(score)) for name, score in found if score]


def _difference_rows(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " "), shown(found["ranked_probability_score"]))
        for name, found in evaluation.differences.items()
    ]


def _baseline_rows(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " "), shown(scores["mean_absolute_error"]))
        for name, scores in evaluation.baselines.items()
    ]


def _curves(evaluation: Evaluation) -> list[tuple[str, str]]:
    stages = list(Stage)
    return [
        (
            f"{stages[at].label} or below",
            " · ".join(
                f"{b['stated_share']:.2f} → {b['true_share']:.2f} "
                f"({b['low']:.2f} to {b['high']:.2f}; {b['n']})"
                for b in curve
            ),
        )
        for at, curve in enumerate(evaluation.calibration)
    ]


def _temporal_rows(evaluation: Evaluation) -> list[tuple[str, str]]:
    told = evaluation.temporal
    rows = [("labels before it train", f"{told['cut']}: {told['training_count']}")]
    for name in ("newcomers", "returning"):
        why_not = told[name].get("why_not")
        scores = told[name].get("scores", {})
        text = f"not possible: {why_not}" if why_not else shown(scores["mean_absolute_error"])
        rows.append((name, text))
    return rows


def _permutation_lines(evaluation: Evaluation) -> list[str]:
    test = evaluation.permutation
    if test is None:
        return []
    return [
        (
            f"labels dealt anew {test.permutation_count} times within industry and size "
            f"({test.source} fixed): p = {test.p:.3f}; ranked probability score {test.score:.3f}, "
            f"permuted {test.permuted_mean:.3f} on average; {test.movable_share:.0%} of "
            f"{test.n} organizations could change"
        )
    ]


def _learning(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [(f"{p['training_count']} ({p['source']})", shown(p)) for p in evaluation.learning]


def _kept(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [(f"{point['kept_share']:.0%}", shown(point)) for point in evaluation.abstention]


def _kinds(evaluation: Evaluation) -> list[tuple[str, ...]]:
    return [
        (
            f"{dimension}: {row['kind']}",
            f"{shown(row['mean_absolute_error'])}; drawn {row['shrunken_error']:.2f}",
            shown(row["bias"]),
        )
        for dimension, rows in evaluation.subgroups.items()
        for row in rows
    ]


def _raters(evaluation: Evaluation) -> list[tuple[str, ...]]:
    return [
        (row["kind"], shown(row["mean_absolute_error"]), shown(row["bias"]))
        for row in evaluation.by_rater
    ]


def _ceiling(evaluation: Evaluation) -> list[str]:
    ceiling = evaluation.ceiling
    coded = f"{ceiling.double_coded_count} organizations were coded by two raters"
    if ceiling.low is None or ceiling.high is None:
        return [f"{coded}; nothing is known of what raters allow"]
    allowed = (
        f"{coded}; a model that is always right would differ from one rater by "
        f"{ceiling.low:.2f} to {ceiling.high:.2f} stages"
    )
    if ceiling.alpha is None or ceiling.alpha_low is None or ceiling.alpha_high is None:
        return [allowed]
    alpha = f"{ceiling.alpha:.2f} ({ceiling.alpha_low:.2f} to {ceiling.alpha_high:.2f})"
    return [allowed, f"Krippendorff's alpha of the raters, ordinal: {alpha}"]


def _reading(evaluation: Evaluation) -> str:
    """How to read what follows."""
    settings = evaluation.settings
    drawn = (
        "Every figure is of organizations that the model had not seen. In brackets: 95 % interval, "
        f"from {settings.resample_count} draws of organizations with all of their labels; n: "
        "labels, if nothing else is said."
    )
    dealt = (
        f"Five folds, dealt {settings.repeat_count} times; stratified by stage; an organization is "
        "never on both sides. Source, correction and sets are learned anew in each fold."
    )
    fixed = (
        "Learning curve, permutations and audits use one fixed source; stress tests the folds of "
        "the first deal."
    )
    return bullets("How to read this", [drawn, dealt, fixed])


def _drift_lines(drift: DriftCheck) -> list[str]:
    told = f"{drift.n} measured organizations beside {drift.simulated_count} simulated ones"
    if drift.separation is None:
        return [f"{told}: too few to tell them apart by"]
    return [
        (
            f"{told}: a classifier tells them apart with an area under the curve of "
            f"{drift.separation:.2f} ({drift.separation_low or 0:.2f} to "
            f"{drift.separation_high or 1:.2f}; 0.5: not at all)"
        ),
        f"{drift.unusual_share or 0:.1%} are unlike all that the model was trained on",
    ]


def _drift_part(drift: DriftCheck | None) -> str:
    if drift is None:
        return ""
    lines = bullets("Real beside simulated organizations (needs no label)", _drift_lines(drift))
    cells = [
        (
            f"{each.feature}{' (look)' if each.is_outside else ''}",
            (
                f"{_share(each.inside_share)}; {_amount(each.shift)}; missing "
                f"{each.missing_share:.0%}, simulated {each.missing_share_simulated:.0%}; {each.n}"
            ),
        )
        for each in drift.features
    ]
    heading = ("feature", "inside the 1 to 99 % band; shift of the median in quartile ranges; n")
    return f"{lines}\n\n{table('Features', heading, cells)}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _amount(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}"
