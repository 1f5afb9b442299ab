"""The tables of docs/shift.md, from what benchmarks/shift.py measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAGE = Path(__file__).parents[1] / "docs" / "shift.md"
_HEAD = """# From one kind of world to another

Written by `python benchmarks/shift.py FOLDER --write`. A model learns from one simulator and is
judged in worlds of the other ([estimating.md](estimating.md)): what is left of it there is the
nearest thing to reality that can be had without labels. Labels of the new world carry experts'
errors (24 % lie one stage off); the true stage is what is judged. Each figure is a mean over
worlds with its 95 % interval (1.96 standard errors); *worst world* is the lowest of them. The
worst stage is pooled over worlds.
"""
_NAMES = {"graded_response": "graded response", "capability": "capability"}
_COLUMNS = (
    ("MAE", "mae"),
    ("macro MAE", "macro_mae"),
    ("off by two", "off_by_two"),
    ("RPS", "rps"),
    ("TCE", "tce"),
    ("labels alone, MAE", "labels_alone_mae"),
)


def write_report(rows: list[dict[str, Any]]) -> None:
    """Write the page anew from all rows."""
    parts = [_HEAD]
    for learned in _NAMES:
        own = [row for row in rows if row["learned"] == learned]
        if own:
            parts += _direction(learned, own)
    PAGE.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _direction(learned: str, rows: list[dict[str, Any]]) -> list[str]:
    other = next(name for name in _NAMES if name != learned)
    counts = sorted({row["label_count"] for row in rows})
    by_count = {n: [row for row in rows if row["label_count"] == n] for n in counts}
    worlds = len(by_count[counts[0]])
    return [
        f"## Learned from {_NAMES[learned]}, judged in {worlds} worlds of {_NAMES[other]}\n",
        _table(["labels", *[name for name, _ in _COLUMNS]], map(_errors, by_count.values())),
        "",
        _table(
            ["labels", "coverage of 90 % sets", "worst world", "size", "worst stage", "bias"],
            map(_sets, by_count.values()),
        ),
        "",
        *(_cold(by_count[0]) if 0 in by_count else []),
    ]


def _errors(rows: list[dict[str, Any]]) -> list[str]:
    return [str(rows[0]["label_count"]), *[_mean(rows, key) for _, key in _COLUMNS]]


def _sets(rows: list[dict[str, Any]]) -> list[str]:
    held = np.sum([row["held_by_stage"] for row in rows], axis=0)
    counted = np.sum([row["count_by_stage"] for row in rows], axis=0)
    return [
        str(rows[0]["label_count"]),
        _mean(rows, "coverage"),
        f"{min(row['coverage'] for row in rows):.3f}",
        _mean(rows, "set_size", 2),
        f"{(held / np.maximum(counted, 1)).min():.2f}",
        _mean(rows, "bias"),
    ]


def _cold(rows: list[dict[str, Any]]) -> list[str]:
    views = list(rows[0]["views"])
    lines = [
        [view, *[_over(rows, view, key) for key in ("mae", "rmse", "spread")]] for view in views
    ]
    rule, majority = _mean(rows, "rule_mae"), _mean(rows, "majority_mae")
    return [
        f"Without labels the published rule errs by {rule}, the best constant stage by {majority}.",
        "A view that is hidden from all organizations widens the estimates:\n",
        _table(["hidden", "MAE", "RMSE of the mean", "predicted s.d."], lines),
        "",
    ]


def _over(rows: list[dict[str, Any]], view: str, key: str) -> str:
    return _with_interval([row["views"][view][key] for row in rows])


def _mean(rows: list[dict[str, Any]], key: str, digits: int = 3) -> str:
    return _with_interval([row[key] for row in rows if row.get(key) is not None], digits)


def _with_interval(values: list[float], digits: int = 3) -> str:
    if not values:
        return "-"
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return f"{np.mean(values):.{digits}f} ± {1.96 * error:.{digits}f}"


def _table(head: list[str], lines: Iterable[list[str]]) -> str:
    rule = ["---:"] * len(head)
    row: Callable[[list[str]], str] = lambda cells: f"| {' | '.join(cells)} |"  # noqa: E731
    return "\n".join([row(head), row(rule), *map(row, lines)])
