"""How models do in simulated worlds that they did not learn from, in words and tables for a card.

The figures are in `shiftfigures.json`, which `benchmarks/shift.py` writes together with
docs/shift.md: means over worlds as [mean, half width of the 95 % interval], pooled figures and
ratios as [value, low, high].
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LEAST_STAGE_COVERAGE = 0.65  #: of the 90 % sets; a stage below it is warned of
FEWEST_OF_A_STAGE = 100  #: simulated organizations, for the coverage of a stage to be known

_NAMES = {"graded_response": "graded response", "capability": "capability"}
_SHIPPED = (
    ("Mean absolute error, stages", "mae"),
    ("The same, mean over stages", "macro_mae"),
    ("Off by two stages or more", "off_by_two"),
    ("Bias, stages", "bias"),
    ("Ranked probability score", "rps"),
    ("Coverage of 90 % sets", "coverage"),
    ("Size of 90 % sets, stages", "set_size"),
    ("For comparison, error of the published rule", "rule_mae"),
    ("For comparison, error of the best constant stage", "majority_mae"),
)
_COLUMNS = ("mae", "off_by_two", "rps", "coverage", "set_size")
_HEAD = (
    *("labels", "mean absolute error", "off by two", "ranked probability score"),
    *("90 % sets hold", "stages in them", "worst world", "worst stage"),
)


@cache
def shift_figures() -> dict[str, Any]:
    """What was measured with the version of the model that ships with this package."""
    text = (resources.files("flows") / "shiftfigures.json").read_text("utf-8")
    figures: dict[str, Any] = json.loads(text)
    return figures


def unseen_worlds(model_version: str) -> str:
    """What the shipped model does, without labels, in new worlds of both kinds."""
    figures = shift_figures()
    cases = figures["shipped"]
    if not cases:
        return "Not measured: `python benchmarks/shift.py FOLDER --write` does."
    head = ["without labels, 95 % intervals over worlds", *map(_worlds, cases)]
    lines = [[title, *[_mean(case, key) for case in cases]] for title, key in _SHIPPED]
    lines.append(["Threshold calibration error, pooled", *map(_pooled, cases)])
    lines.append(["Coverage in the worst world", *map(_worst_world, cases)])
    lines.append(["Coverage of the worst stage", *map(_worst_stage, cases)])
    return "\n\n".join([_measured_with(figures, model_version), table(head, lines)])


def both_directions() -> str:
    """What a model of one kind of world does in worlds of the other, by number of labels."""
    by_direction: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for case in shift_figures()["directions"]:
        by_direction.setdefault((case["learned"], case["judged"]), []).append(case)
    return "\n\n".join(_direction(*key, cases) for key, cases in by_direction.items())


def shift_version() -> str:
    """With which version of the shipped model, and when, the figures were measured."""
    figures = shift_figures()
    return (
        f"Measured on {figures['measured_on']}, when the shipped model was "
        f"`{figures['model_version']}`."
    )


def shift_warnings(figures: Mapping[str, Any], *, with_labels: bool) -> list[str]:
    """Stages of which the sets hold too little, or too few cases were judged.

    Args:
        figures: see `shift_figures`.
        with_labels: of models that learned from labels, else of those without.
    """
    cases = [
        case
        for case in (*figures["directions"], *figures["shipped"])
        if (case["label_count"] > 0) == with_labels
    ]
    return [*_of_coverage(cases), *_of_few(cases)]


def _of_coverage(cases: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for case in cases:
        worst = case["worst_stage"]
        if worst["coverage"] < LEAST_STAGE_COVERAGE:
            yield (
                f"with {case['label_count']} labels, {_from_to(case)}, 90 % sets hold "
                f"{_stage(case)} in only {worst['coverage']:.2f} of {worst['n']} cases"
            )


def _of_few(cases: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    fewest = min((case["worst_stage"]["n"] for case in cases), default=FEWEST_OF_A_STAGE)
    if fewest < FEWEST_OF_A_STAGE:
        yield f"coverage of the worst stage rests on as few as {fewest} organizations"


def _measured_with(figures: Mapping[str, Any], model_version: str) -> str:
    measured = figures["model_version"]
    if measured == model_version:
        return f"Measured on {figures['measured_on']} with this very version."
    return (
        f"Measured on {figures['measured_on']} with `{measured}`, which is **not** this version: "
        "take the figures for those of a model of the same kind."
    )


def _direction(learned: str, judged: str, cases: Sequence[Mapping[str, Any]]) -> str:
    worlds = min(case["world_count"] for case in cases)
    title = (
        f"Learned from {_NAMES[learned]}, judged in {worlds} worlds of {_NAMES[judged]}, by labels "
        "of the new world:"
    )
    lines = [
        [
            str(case["label_count"]),
            *[_mean(case, key) for key in _COLUMNS],
            _worst_world(case),
            _worst_stage(case),
        ]
        for case in cases
    ]
    return f"{title}\n\n{table(_HEAD, lines)}"


def table(head: Sequence[str], lines: Iterable[Sequence[str]], text_columns: int = 1) -> str:
    """A table in Markdown; the first columns are text, the others numbers, to the right."""
    rules = ["---" if at < text_columns else "---:" for at in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rules, *lines))


def _worlds(case: Mapping[str, Any]) -> str:
    return f"{case['world_count']} worlds of {_NAMES[case['judged']]}"


def _from_to(case: Mapping[str, Any]) -> str:
    learned = _NAMES.get(case["learned"], "the shipped model")
    return f"from {learned} to {_NAMES[case['judged']]}"


def _mean(case: Mapping[str, Any], name: str) -> str:
    mean, half = case["means"][name]
    return f"{mean:.3f}" if half is None else f"{mean:.3f} ± {half:.3f}"


def _pooled(case: Mapping[str, Any]) -> str:
    value, low, high = case["pooled_tce"]
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _worst_world(case: Mapping[str, Any]) -> str:
    return f"{case['worst_world_coverage']:.3f}"


def _worst_stage(case: Mapping[str, Any]) -> str:
    worst = case["worst_stage"]
    return f"{_stage(case)} {worst['coverage']:.2f} (n = {worst['n']})"


def _stage(case: Mapping[str, Any]) -> str:
    return Stage(case["worst_stage"]["stage_code"]).label
