"""What an evaluation found, in words: a page for the terminal, and a report in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    if evaluation.drift:
        yield ""
        yield from _drift_lines(evaluation.drift)


def markdown_report(evaluation: Evaluation) -> str:
    """The whole evaluation as a Markdown document."""
    parts = [
        "# Evaluation of observed stages",
        _list("Warnings", evaluation.warnings or ("none",)),
        *(_labelled_parts(evaluation) if evaluation.scores else ()),
        _drift_part(evaluation.drift),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def shown(score: Score | Mapping[str, Any]) -> str:
    """A figure with its interval and n."""
    told = score if isinstance(score, dict) else score._asdict()  # type: ignore[union-attr]  # a Score
    if told["value"] is None:
        return f"not defined (n = {told['n']})"
    interval = "" if told["low"] is None else f" ({told['low']:.3f} to {told['high']:.3f})"
    return f"{told['value']:.3f}{interval}, n = {told['n']}"


def _labelled_parts(evaluation: Evaluation) -> Iterator[str]:
    yield _basis(evaluation)
    yield _table(
        "Figures on held-out organizations",
        ("figure", "95 % interval"),
        [
            *_score_rows(evaluation.scores),
            *_set_rows(evaluation),
        ],
    )
    yield _table("Coverage by stage, 90 % sets", ("stage", "share held"), _stage_rows(evaluation))
    yield _table(
        "Model minus baseline, ranked probability score",
        ("baseline", "difference; below 0 the model is better"),
        _difference_rows(evaluation),
    )
    yield _table(
        "Baselines, mean absolute error", ("baseline", "stages"), _baseline_rows(evaluation)
    )
    yield _table("Calibration", ("threshold", "stated → true (n) by tenth"), _curves(evaluation))
    yield from _robustness_parts(evaluation)


def _robustness_parts(evaluation: Evaluation) -> Iterator[str]:
    yield _table("Later labels", ("split", "mean absolute error"), _temporal_rows(evaluation))
    yield _list("Permutation test", _permutation_lines(evaluation) or ("left out",))
    audits = [(f"{a.name}: {a.verdict}", a.text) for a in evaluation.audits]
    yield _table("Audits", ("audit", "what was found"), audits)
    yield _table(
        "Error by number of labels", ("labels", "mean absolute error"), _learning(evaluation)
    )
    yield _table(
        "Error when the least sure are left out", ("kept", "mean absolute error"), _kept(evaluation)
    )
    yield _table("Kinds of organizations", ("kind", "error, shrunken; bias; n"), _kinds(evaluation))
    yield _table("By what raters saw", ("raters", "error; bias; n"), _raters(evaluation))
    yield _list("Ceiling", [_ceiling(evaluation)])


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
                f"{b['stated_share']:.2f} → {b['true_share']:.2f} ({b['n']})" for b in curve
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


def _kinds(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [
        (
            f"{dimension}: {row['kind']}",
            (
                f"{row['mean_absolute_error']:.2f}, {row['shrunken_error']:.2f}; "
                f"{row['bias']:+.2f}; {row['n']}"
            ),
        )
        for dimension, rows in evaluation.subgroups.items()
        for row in rows
    ]


def _raters(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [
        (row["kind"], f"{row['mean_absolute_error']:.2f}; {row['bias']:+.2f}; {row['n']}")
        for row in evaluation.by_rater
    ]


def _ceiling(evaluation: Evaluation) -> str:
    ceiling = evaluation.ceiling
    coded = f"{ceiling.double_coded_count} organizations were coded by two raters"
    if ceiling.low is None or ceiling.high is None:
        return f"{coded}; nothing is known of what raters allow"
    return (
        f"{coded}; a model that is always right would differ from one rater by "
        f"{ceiling.low:.2f} to {ceiling.high:.2f} stages"
    )


def _drift_lines(drift: DriftCheck) -> list[str]:
    told = f"{drift.n} measured organizations beside {drift.simulated_count} simulated ones"
    if drift.separation is None:
        return [f"{told}: too few to tell them apart by"]
    return [
        (
            f"{told}: a classifier tells them apart with an area under the curve of "
            f"{drift.separation:.2f} (0.5: not at all)"
        ),
        f"{drift.unusual_share or 0:.1%} are unlike all that the model was trained on",
    ]


def _drift_part(drift: DriftCheck | None) -> str:
    if drift is None:
        return ""
    lines = _list("Real beside simulated organizations (needs no label)", _drift_lines(drift))
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
    return f"{lines}\n\n{_table('Features', heading, cells)}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _amount(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}"


def _list(title: str, lines: Iterable[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines)


def _table(title: str, heading: tuple[str, str], cells: Iterable[tuple[str, str]]) -> str:
    body = "\n".join(f"| {_cell(name)} | {_cell(text)} |" for name, text in cells)
    if not body:
        return ""
    return f"## {title}\n\n| {heading[0]} | {heading[1]} |\n|---|---|\n{body}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
