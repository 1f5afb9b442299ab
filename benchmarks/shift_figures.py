"""What many worlds say together: figures with 95 % intervals over worlds, from rows of shift.py.

What stands here once is read by the page, its plots, its acceptance table and the model card. A
mean comes as [mean, half width], where the half width is 1.96 standard errors over worlds; a
ratio or a pooled figure as [value, low, high], by a bootstrap that draws worlds.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    Row = dict[str, Any]

BOTH = "both"  #: simulators, as the shipped model learned from
BIN_COUNT = 10  #: of a calibration curve, of equal mass
RESAMPLE_COUNT = 2000  #: of the bootstrap over worlds
POOLED_RESAMPLE_COUNT = 300  #: the same, of the pooled calibration error, which takes longer
DIGITS = 4
#: Figures of every row, means over worlds.
NAMES = (
    *("mae", "macro_mae", "off_by_two", "rps", "tce", "coverage", "set_size", "bias"),
    *("majority_mae", "labels_alone_mae", "rule_mae"),
)


def figures_of(rows: Sequence[Row], day: str) -> dict[str, Any]:
    """All figures, rounded: both directions by number of labels, and the shipped model.

    Args:
        rows: lines of shift.jsonl.
        day: on which they were measured, YYYY-MM-DD.

    Raises:
        ValueError: there are no rows, or they are of two versions of one model.
    """
    versions = _versions(rows)
    cases = list(_cases(rows))
    return {
        "measured_on": day,
        "world_count": min(case["world_count"] for case in cases),
        "labelled_world_count": min(
            (case["world_count"] for case in cases if case["label_count"]), default=0
        ),
        "model_version": versions.get(BOTH, ""),
        "directions": [case for case in cases if case["learned"] != BOTH],
        "shipped": [case for case in cases if case["learned"] == BOTH],
    }


def mean_of(values: Sequence[float]) -> list[float | None]:
    """The mean and the half width of its interval, which one value does not have."""
    half = 1.96 * np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else None
    return [_rounded(float(np.mean(values))), None if half is None else _rounded(float(half))]


def pooled_calibration_error(calibration: FloatArray) -> float:
    """Threshold calibration error of all rows together.

    Mean over thresholds of |predicted - observed| in ten bins of equal mass. The middle of a
    percent stands for the probabilities in it; a percent across an edge is shared out.

    Args:
        calibration: shape (n_thresholds, 2, 100): rows by percent, and those at or below.
    """
    return float(np.mean([_binned_error(*threshold) for threshold in calibration]))


def _binned_error(rows: FloatArray, below: FloatArray) -> float:
    stated = rows * (np.arange(len(rows)) + 0.5) / len(rows)
    reached = np.concatenate([[0.0], np.cumsum(rows)])
    edges = np.linspace(0, reached[-1], BIN_COUNT + 1)
    gaps = np.concatenate([[0.0], np.cumsum(stated - below)])
    return float(np.abs(np.diff(np.interp(edges, reached, gaps))).sum() / reached[-1])


def _versions(rows: Sequence[Row]) -> dict[str, str]:
    found = defaultdict(set)
    for row in rows:
        found[row["learned"]].add(row["model_version"])
    mixed = {name: sorted(versions) for name, versions in found.items() if len(versions) > 1}
    if mixed or not found:
        message = f"rows of several versions, measure in an empty folder: {mixed}"
        raise ValueError(message if mixed else "no rows: nothing was measured")
    return {name: versions.pop() for name, versions in found.items()}


def _cases(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    by_case: dict[tuple[str, str, int], list[Row]] = defaultdict(list)
    for row in rows:
        by_case[row["learned"], row["judged"], row["label_count"]].append(row)
    order = {
        name: place for place, name in enumerate(dict.fromkeys(row["learned"] for row in rows))
    }
    for key in sorted(by_case, key=lambda case: (order[case[0]], *case[1:])):
        learned, judged, count = key
        before = [n for one, two, n in by_case if (one, two) == key[:2] and n < count]
        former = by_case[learned, judged, max(before)] if before else []
        yield _case(by_case[key], former)


def _case(rows: list[Row], former: list[Row]) -> dict[str, Any]:
    found = {name: mean_of(own) for name in NAMES if (own := _values(rows, name))}
    case = {
        **{name: rows[0][name] for name in ("learned", "judged", "label_count")},
        "world_count": len(rows),
        "row_count": int(_counts(rows).sum()),
        "means": found | _paired(rows, former),
        "pooled_tce": _pooled_tce(rows),
        "worst_world_coverage": _rounded(min(row["coverage"] for row in rows)),
        "worst_stage": _worst_stage(rows),
    }
    return case | (_unlabelled(rows) if "views" in rows[0] else {})


def _values(rows: list[Row], name: str) -> list[float]:
    return [row[name] for row in rows if row.get(name) is not None]


def _paired(rows: list[Row], former: list[Row]) -> dict[str, list[float | None]]:
    """Differences within worlds: to labels alone, and to the next smaller number of labels."""
    alone = [row["mae"] - row["labels_alone_mae"] for row in rows if "labels_alone_mae" in row]
    before = {row["world"]: row["rps"] for row in former}
    fallen = [row["rps"] - before[row["world"]] for row in rows if row["world"] in before]
    pairs = {"mae_less_labels_alone": alone, "rps_less_fewer_labels": fallen}
    return {name: mean_of(values) for name, values in pairs.items() if values}


def _pooled_tce(rows: list[Row]) -> list[float]:
    counts = np.array([row["calibration"] for row in rows], dtype=np.float64)
    draws = _draws(len(rows))[:POOLED_RESAMPLE_COUNT]
    drawn = [pooled_calibration_error(np.tensordot(w, counts, 1)) for w in draws]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return [_rounded(pooled_calibration_error(counts.sum(axis=0))), _rounded(low), _rounded(high)]


def _draws(world_count: int) -> npt.NDArray[np.int64]:
    """How often each world is drawn, shape (RESAMPLE_COUNT, world_count)."""
    shares = np.full(world_count, 1 / world_count)
    return np.random.default_rng(0).multinomial(world_count, shares, RESAMPLE_COUNT)


def _counts(rows: list[Row]) -> npt.NDArray[np.int64]:
    return np.sum([row["count_by_stage"] for row in rows], axis=0)


def _worst_stage(rows: list[Row]) -> dict[str, Any]:
    held, counted = np.sum([row["held_by_stage"] for row in rows], axis=0), _counts(rows)
    shares = np.where(counted > 0, held / np.maximum(counted, 1), np.inf)
    at = int(shares.argmin())
    return {"stage_code": at + 1, "coverage": _rounded(shares[at]), "n": int(counted[at])}


def _unlabelled(rows: list[Row]) -> dict[str, Any]:
    names = [name for name in rows[0]["views"] if name != "none"]
    return {
        "rule_ratio": _ratio(_values(rows, "mae"), _values(rows, "rule_mae")),
        "views": {name: _view(rows, name) for name in names},
    }


def _ratio(ours: list[float], theirs: list[float]) -> list[float]:
    """Ratio of the means, and its interval."""
    draws = _draws(len(ours))
    low, high = np.quantile((draws @ np.array(ours)) / (draws @ np.array(theirs)), (0.025, 0.975))
    return [_rounded(np.mean(ours) / np.mean(theirs)), _rounded(low), _rounded(high)]


def _view(rows: list[Row], name: str) -> dict[str, Any]:
    spread, error = (_growth(rows, name, key) for key in ("spread", "rmse"))
    return {
        "mae": mean_of([row["views"][name]["mae"] for row in rows]),
        "spread_growth": mean_of(spread.tolist()),
        "rmse_growth": mean_of(error.tolist()),
        "excess": mean_of((spread - error).tolist()),
    }


def _growth(rows: list[Row], name: str, key: str) -> FloatArray:
    hidden, whole = (np.array([row["views"][v][key] for row in rows]) for v in (name, "none"))
    return np.asarray(hidden / whole - 1)


def _rounded(value: float) -> float:
    return round(float(value), DIGITS) + 0.0  # no minus before a zero
