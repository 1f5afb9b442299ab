"""The page docs/shift.md with its plots, and flows/shiftfigures.json, from what shift.py measured.

    python benchmarks/shift_report.py     # writes page and plots anew from shiftfigures.json

Everything is written from the figures in that one file, so page, plots and model cards agree.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from shift_aims import judged, verdict_words  # beside this script
from shift_figures import figures_of
from shift_plot import draw_coverage, draw_error

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Case = dict[str, Any]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "shift.md"
PLOTS = ROOT / "docs" / "shift"
FIGURES = ROOT / "flows" / "shiftfigures.json"

_HEAD = """# From one kind of world to another

Written by `python benchmarks/shift.py FOLDER --write`, measured on {measured_on}. A model learns
from one simulator and is judged in worlds of the other ([estimating.md](estimating.md)): what is
left of it there is the nearest thing to reality that can be had without labels. It is no
measurement of reality, and constants of the model were chosen with such figures in view, so take
them for the better side. Labels of the new world carry experts' errors (24 % lie one stage off);
what is judged is the true stage of other organizations of that world.

Each figure is a mean over worlds with its 95 % interval (1.96 standard errors over worlds);
brackets hold bootstrap intervals that draw worlds. *Worst world*: lowest coverage of one world.
*Worst stage*: lowest coverage of one stage, all worlds together. *TCE*: threshold calibration
error, the mean over thresholds of the distance between predicted and observed cumulative share in
ten bins of equal mass. Pooled, it is taken over the organizations of all worlds together, with
the middle of a percent for the probabilities in it, and draws of worlds only add to it. That of a
world contains the noise of 800 organizations, about 0.03. *Labels alone*: a linear ordinal model
of the labels without any simulation.

![Mean absolute error by number of labels; the tables have all numbers](shift/error.svg)

![Coverage of 90 % sets by number of labels; the tables have all numbers](shift/coverage.svg)
"""
_VIEWS_HEAD = """
A view that is hidden from all organizations must widen the estimates (mean predicted standard
deviation) by at least as much as it adds to their error (root mean squared, of the mean):
"""
_AIMS_HEAD = """## Acceptance figures

What was asked for beforehand, beside what was measured; the verdicts are computed. A mean is
judged by itself; *in doubt*: an interval holds the limit. Self-assessments are measured in
[self-assessments.md](self-assessments.md), audits in [evaluation.md](evaluation.md).
"""
_ERRORS = (
    ("MAE", "mae"),
    ("macro MAE", "macro_mae"),
    ("off by two", "off_by_two"),
    ("RPS", "rps"),
    ("TCE of a world", "tce"),
)


def write_report(rows: list[dict[str, Any]]) -> None:
    """Write figures, page and plots anew from all rows of shift.jsonl."""
    figures = figures_of(rows, datetime.now(UTC).date().isoformat())
    FIGURES.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    write_pages(figures)


def write_pages(figures: dict[str, Any]) -> None:
    """Write page and plots anew from kept figures."""
    PLOTS.mkdir(exist_ok=True)
    PAGE.write_text(page(figures), encoding="utf-8")
    for name, text in plots(figures).items():
        (PLOTS / name).write_text(text, encoding="utf-8")


def page(figures: dict[str, Any]) -> str:
    """The whole page as Markdown."""
    parts = [_HEAD.format(measured_on=figures["measured_on"])]
    for learned in dict.fromkeys(case["learned"] for case in figures["directions"]):
        own = [case for case in figures["directions"] if case["learned"] == learned]
        parts += _direction(own)
    if figures["shipped"]:
        parts += _shipped(figures)
    head = ["figure", "from, to", "labels", "asked", "measured", "verdict"]
    parts += [_AIMS_HEAD, _table(head, judged(figures, name_of), text_columns=6)]
    return "\n".join(parts).rstrip() + "\n"


def plots(figures: dict[str, Any]) -> dict[str, str]:
    """The plots by the names of their files."""
    draw: dict[str, Callable[..., str]] = {"error": draw_error, "coverage": draw_coverage}
    return {f"{name}.svg": write(figures, name_of) for name, write in draw.items()}


def name_of(simulator: str) -> str:
    """What a simulator is called."""
    return simulator.replace("_", " ")


def _direction(cases: list[Case]) -> Iterator[str]:
    first = cases[0]
    worlds = min(case["world_count"] for case in cases)
    learned, judged_in = name_of(first["learned"]), name_of(first["judged"])
    yield f"## Learned from {learned}, judged in {worlds} worlds of {judged_in}\n"
    yield _errors_table("labels", {str(case["label_count"]): case for case in cases})
    yield ""
    yield _alone_table(cases)
    yield ""
    yield _sets_table("labels", {str(case["label_count"]): case for case in cases})
    yield ""
    if "views" in first:
        yield from _unlabelled(first)


def _shipped(figures: dict[str, Any]) -> Iterator[str]:
    yield "## The shipped model, in new worlds of both kinds\n"
    yield (
        f"`{figures['model_version']}` learned from both simulators. It is judged without labels,\n"
        "in worlds that it has not seen, though of kinds that it has.\n"
    )
    cases = {name_of(case["judged"]): case for case in figures["shipped"]}
    yield _errors_table("worlds of", cases)
    yield ""
    yield _sets_table("worlds of", cases)
    yield ""
    for kind, case in cases.items():
        yield f"### In {case['world_count']} worlds of {kind}\n"
        yield from _unlabelled(case)


def _errors_table(first: str, cases: dict[str, Case]) -> str:
    head = [first, *[title for title, _ in _ERRORS], "TCE, pooled"]
    lines = (
        [name, *[_mean(case, key) for _, key in _ERRORS], _around(case["pooled_tce"])]
        for name, case in cases.items()
    )
    return _table(head, lines)


def _alone_table(cases: list[Case]) -> str:
    head = ["labels", "MAE", "labels alone, MAE", "ours less labels alone, paired"]
    lines = (
        [
            str(case["label_count"]),
            *[_mean(case, key) for key in ("mae", "labels_alone_mae")],
            _mean(case, "mae_less_labels_alone", "+"),
        ]
        for case in cases
        if case["label_count"]
    )
    return _table(head, lines)


def _sets_table(first: str, cases: dict[str, Case]) -> str:
    head = [first, "coverage of 90 % sets", "worst world", "size", "worst stage", "bias"]
    return _table(head, ([name, *_sets_cells(case)] for name, case in cases.items()))


def _sets_cells(case: Case) -> list[str]:
    worst = case["worst_stage"]
    stage = Stage(worst["stage_code"]).label
    return [
        _mean(case, "coverage"),
        f"{case['worst_world_coverage']:.3f}",
        _mean(case, "set_size"),
        f"{stage}: {worst['coverage']:.2f} (n = {worst['n']})",
        _mean(case, "bias", "+"),
    ]


def _unlabelled(case: Case) -> Iterator[str]:
    yield (
        f"Without labels the model errs by {_mean(case, 'mae')}, the published rule by\n"
        f"{_mean(case, 'rule_mae')}, the best constant stage by {_mean(case, 'majority_mae')}.\n"
        f"The model's error is {_around(case['rule_ratio'])} of the rule's.\n{_VIEWS_HEAD}"
    )
    head = ["hidden", "MAE", "growth of s.d.", "growth of RMSE", "difference", "widens enough"]
    yield _table(head, ([name, *_view_cells(view)] for name, view in case["views"].items()))
    yield ""


def _view_cells(view: dict[str, list[float | None]]) -> list[str]:
    growth = [_percent(view[name]) for name in ("spread_growth", "rmse_growth", "excess")]
    excess, half = view["excess"]
    is_close = abs(excess or 0.0) <= (half or 0.0)
    verdict = verdict_words(is_reached=(excess or 0.0) >= 0, is_close=is_close)
    return [_with_half(view["mae"]), *growth, verdict]


def _mean(case: Case, name: str, sign: str = "") -> str:
    return _with_half(case["means"][name], sign)


def _with_half(found: list[float | None], sign: str = "") -> str:
    mean, half = found
    return f"{mean:{sign}.3f}" + ("" if half is None else f" ± {half:.3f}")


def _percent(found: list[float | None]) -> str:
    mean, half = found
    return f"{100 * (mean or 0.0):+.1f}" + ("" if half is None else f" ± {100 * half:.1f}") + " %"


def _around(found: list[float]) -> str:
    value, low, high = found
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _table(head: list[str], lines: Iterable[list[str]], text_columns: int = 1) -> str:
    rules = ["---" if at < text_columns else "---:" for at in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rules, *lines])


if __name__ == "__main__":
    write_pages(json.loads(FIGURES.read_text("utf-8")))
