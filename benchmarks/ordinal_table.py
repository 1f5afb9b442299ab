"""The tables of the ordinal benchmark, from its stored predictions."""

from __future__ import annotations

import platform
from collections import defaultdict
from dataclasses import dataclass, fields
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from ordinal import DATA_SETS, Partition, Prediction, partitions_of
from ordinal_roster import CANDIDATES, OURS

from classifiers import metrics
from classifiers.decisions import class_frequencies, decided_positions
from classifiers.members import with_half_a_row
from classifiers.nonconformity import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

BEGIN = "<!-- benchmark: begin -->"
END = "<!-- benchmark: end -->"

_TITLES = {
    "esl": "ESL (488 rows, 4 features, 9 classes)",
    "swd": "SWD (1,000 rows, 10 features, 4 classes)",
    "lev": "LEV (1,000 rows, 4 features, 5 classes)",
    "era": "ERA (1,000 rows, 4 features, 9 classes)",
    "balance_scale": "balance-scale (625 rows, 4 features, 3 classes)",
}
_HEADER = (
    "model",
    "MAE",
    "AMAE",
    "adjusted: MAE",
    "AMAE",
    "QWK",
    "RPS",
    "log loss",
    "TCE",
    "s a fit",
    "partitions",
)
_SET_HEADER = ("model", "score", "partitions", "coverage", "least by set", "size", "worst class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one model reaches on one data set: means over partitions, None without probabilities.

    Attributes:
        mae_spread: standard deviation of the error between partitions.
        tce: of the rows of all partitions together, as one partition has too few.
    """

    mae: float
    mae_spread: float
    amae: float
    adjusted_mae: float | None
    adjusted_amae: float | None
    qwk: float
    rps: float | None
    log_loss: float | None
    tce: float | None
    seconds: float
    partition_count: int


class SetFigures(NamedTuple):
    """Coverage, mean size and coverage of the worst class of one model's sets on one set."""

    coverage: float
    size: float
    worst: float
    partition_count: int


class Judged(NamedTuple):
    """One acceptance figure: at most, or within two bounds."""

    name: str
    measured: float | None
    low: float
    high: float


def write_section(document: Path, predictions: Sequence[Prediction]) -> None:
    """Replace what stands between the markers of `document`, or make the document."""
    text = document.read_text("utf-8") if document.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{_section(predictions)}\n{END}{after}", "utf-8")


def figures_of(
    predictions: Sequence[Prediction], partitions: Mapping[int, Partition]
) -> Figures | None:
    """The figures of one model on one data set; None when it never fitted."""
    good = [one for one in predictions if not one.failure]
    if not good:
        return None
    errors = [_point_errors(one, partitions[one.partition]) for one in good]
    mae, amae, qwk = np.mean(errors, axis=0)
    soft = _soft_figures(good, partitions) if good[0].probabilities else dict.fromkeys(_SOFT)
    return Figures(
        mae=mae,
        mae_spread=float(np.std([each[0] for each in errors])),
        amae=amae,
        qwk=qwk,
        seconds=float(np.median([one.seconds for one in good])),
        partition_count=len(good),
        **soft,
    )


def set_figures_of(
    predictions: Sequence[Prediction], partitions: Mapping[int, Partition], method: str
) -> SetFigures | None:
    """Figures of one model's 90 % sets on one data set; None when it has none."""
    measured = [one for one in predictions if one.sets]
    if not measured:
        return None
    true = np.concatenate([partitions[one.partition].test_y for one in measured])
    low, high = (
        np.concatenate([one.sets[method][end] for one in measured if one.sets]) for end in (0, 1)
    )
    classes = _classes(partitions)
    sets = (low[:, None] <= classes) & (classes <= high[:, None])
    by_class = metrics.set_coverage(true, sets, classes=classes, by=true)
    return SetFigures(
        metrics.set_coverage(true, sets, classes=classes),
        metrics.set_size(sets),
        min(by_class.values()),
        len(measured),
    )


_SOFT = ("adjusted_mae", "adjusted_amae", "rps", "log_loss", "tce")


def _point_errors(one: Prediction, partition: Partition) -> tuple[float, float, float]:
    classes = np.union1d(partition.y, partition.test_y)
    pair = partition.test_y, np.asarray(one.predicted)
    return (
        metrics.mean_absolute_stage_error(*pair),
        metrics.macro_averaged_mean_absolute_error(*pair),
        metrics.quadratic_weighted_kappa(*pair, classes=classes),
    )


def _soft_figures(
    predictions: Sequence[Prediction], partitions: Mapping[int, Partition]
) -> dict[str, float]:
    classes = _classes(partitions)
    rows = []
    pooled: list[tuple[Any, Any]] = []
    for one in predictions:
        partition = partitions[one.partition]
        shares = with_half_a_row(np.asarray(one.probabilities), len(partition.y))
        shares /= shares.sum(axis=1, keepdims=True)  # they were stored with five digits
        pooled.append((partition.test_y, shares))
        rows.append(_soft_errors(partition, shares, classes))
    true, shares = (np.concatenate(part) for part in zip(*pooled, strict=True))
    tce = metrics.threshold_calibration_error(true, shares, classes=classes)
    return dict(zip(_SOFT, [*np.mean(rows, axis=0), tce], strict=True))


def _soft_errors(partition: Partition, shares: Any, classes: Any) -> tuple[float, ...]:  # noqa: ANN401
    codes = np.searchsorted(classes, partition.y)
    prior = class_frequencies(codes, np.ones(len(codes)), len(classes))
    adjusted = classes[decided_positions(shares, "prior_adjusted", prior)]
    return (
        metrics.mean_absolute_stage_error(partition.test_y, adjusted),
        metrics.macro_averaged_mean_absolute_error(partition.test_y, adjusted),
        metrics.ranked_probability_score(partition.test_y, shares, classes=classes),
        metrics.log_loss(partition.test_y, shares, classes=classes),
    )


def _classes(partitions: Mapping[int, Partition]) -> Any:  # noqa: ANN401
    first = partitions[0]
    return np.union1d(first.y, first.test_y)


def _section(predictions: Sequence[Prediction]) -> str:
    by_pair: dict[tuple[str, str], list[Prediction]] = defaultdict(list)
    for one in predictions:
        by_pair[one.data_set, one.model].append(one)
    partitions = {name: {one.number: one for one in partitions_of(name)} for name in DATA_SETS}
    found = {
        pair: figures
        for pair, rows in by_pair.items()
        if (figures := figures_of(rows, partitions[pair[0]]))
    }
    sets = {
        (*pair, method): figures
        for pair, rows in by_pair.items()
        for method in SCORES
        if (figures := set_figures_of(rows, partitions[pair[0]], method))
    }
    count = 1 + max(one.partition for one in predictions)
    parts = [_introduction(count), _summary(found)]
    parts += [_data_set_table(name, found) for name in DATA_SETS]
    parts += [_set_table(sets), _acceptance(found, sets), _failures(predictions)]
    return "\n\n".join(part for part in parts if part)


def _introduction(partition_count: int) -> str:
    packages = ("scikit-learn", "statsmodels", "skordinal")
    software = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        "Written by `python benchmarks/ordinal.py FOLDER --write` from the predictions that the "
        f"same script stores. Python {platform.python_version()}, {software}. Every set is cut "
        f"{partition_count} times into 75 % training and 25 % test, by class and with fixed seeds; "
        "all models get the same standardized features. Our models keep their defaults; those of "
        "skordinal choose from a small grid by three folds inside the training rows and the mean "
        "absolute error. The class is the median of the probabilities, where a model has any; "
        "*adjusted* is the decision `prior_adjusted`, with the same division for every model. "
        "Before scoring, half a row is spread over the classes of every model's probabilities, so "
        "that no log loss is infinite. RPS is divided by the number of thresholds; TCE is that of "
        "the test rows of all partitions together. Seconds are processor time of one fit without "
        "the search, on a machine that had other work as well: take them as orders of magnitude."
    )


def _summary(found: Mapping[tuple[str, str], Figures]) -> str:
    rows = []
    for candidate in CANDIDATES:
        own = [found.get((name, candidate.name)) for name in DATA_SETS]
        if all(own):
            ranks = [_mean_rank(found, candidate.name, key) for key in ("mae", "rps")]
            means = [_mean_of(own, key) for key in ("mae", "amae", "rps", "log_loss")]
            rows.append([candidate.name, *(_number(each, 1) for each in ranks)])
            rows[-1] += [_number(each, 3) for each in means]
    header = ("model", "mean rank by MAE", "by RPS", "mean MAE", "AMAE", "RPS", "log loss")
    return "**All five sets**\n\n" + _table(header, rows)


def _mean_of(figures: Iterable[Figures | None], key: str) -> float | None:
    values = [getattr(one, key) for one in figures]
    return None if None in values else float(np.mean(values))


def _mean_rank(found: Mapping[tuple[str, str], Figures], model: str, key: str) -> float | None:
    ranks = []
    for name in DATA_SETS:
        own = getattr(found[name, model], key)
        others = [getattr(one, key) for (of, _), one in found.items() if of == name]
        if own is None:
            return None
        ranks.append(1 + sum(other < own for other in others if other is not None))
    return float(np.mean(ranks))


def _data_set_table(data_set: str, found: Mapping[tuple[str, str], Figures]) -> str:
    own = {c.name: found[data_set, c.name] for c in CANDIDATES if (data_set, c.name) in found}
    best = {field.name: _best(own.values(), field.name) for field in fields(Figures)}
    rows = [[name, *_cells(figures, best)] for name, figures in own.items()]
    return f"**{_TITLES[data_set]}**\n\n{_table(_HEADER, rows)}"


def _best(figures: Iterable[Figures], key: str) -> float:
    values = [getattr(one, key) for one in figures if getattr(one, key) is not None]
    return max(values) if key == "qwk" else min(values, default=0.0)


def _cells(figures: Figures, best: Mapping[str, float]) -> list[str]:
    keys = ("mae", "amae", "adjusted_mae", "adjusted_amae", "qwk", "rps", "log_loss", "tce")
    cells = []
    for key in keys:
        value = getattr(figures, key)
        text = _number(value, 4 if key == "rps" else 3)
        text = f"**{text}**" if value == best[key] else text
        cells.append(f"{text} ± {figures.mae_spread:.3f}" if key == "mae" else text)
    return [*cells, f"{figures.seconds:.2f}", str(figures.partition_count)]


def _set_table(sets: Mapping[tuple[str, str, str], SetFigures]) -> str:
    rows = []
    for candidate in OURS:
        for method in SCORES:
            own = [
                sets[key] for name in DATA_SETS if (key := (name, candidate.name, method)) in sets
            ]
            if len(own) == len(DATA_SETS):
                means = np.mean([each[:3] for each in own], axis=0)
                least = min(each.coverage for each in own)
                counts = str(min(each.partition_count for each in own))
                coverage, size, worst = (f"{mean:.3f}" for mean in means)
                rows.append([candidate.name, method, counts, coverage, f"{least:.3f}", size, worst])
    if not rows:
        return ""
    title = "**90 % sets** (cross-conformal, 5 folds; means over the five sets)"
    return f"{title}\n\n{_table(_SET_HEADER, rows)}"


def _acceptance(
    found: Mapping[tuple[str, str], Figures], sets: Mapping[tuple[str, str, str], SetFigures]
) -> str:
    rows = []
    for judged in _judged(found, sets):
        name, measured, low, high = judged
        bound = f"at most {high:.2f}" if low < 0 else f"{low:.2f} to {high:.2f}"
        reached = "not measured" if measured is None else "yes" if low <= measured <= high else "no"
        rows.append([name, bound, _number(measured, 3), reached])
    return "**Aims**\n\n" + _table(("figure", "wanted", "measured", "reached"), rows)


def _judged(
    found: Mapping[tuple[str, str], Figures], sets: Mapping[tuple[str, str, str], SetFigures]
) -> Iterable[Judged]:
    linear, ensemble = OURS[0].name, OURS[-1].name
    wanted = [(ensemble, name, "mae", most) for name, most in _ENSEMBLE_ERRORS.items()]
    wanted += [(linear, name, "mae", most) for name, most in _LINEAR_ERRORS.items()]
    wanted += [(model, "swd", "adjusted_amae", 0.52) for model in (linear, ensemble)]
    wanted += [(linear, name, "tce", 0.03) for name in ("esl", "swd")]
    for model, name, key, most in wanted:
        measured = getattr(found.get((name, model)), key, None)
        yield Judged(f"{model}, {name}: {key.replace('_', ' ')}", measured, -1.0, most)
    for model in (linear, ensemble):
        own = [sets[key].coverage for name in DATA_SETS if (key := (name, model, "greedy")) in sets]
        mean = float(np.mean(own)) if len(own) == len(DATA_SETS) else None
        yield Judged(f"{model}: coverage of 90 % sets", mean, 0.88, 0.94)


_ENSEMBLE_ERRORS = {"esl": 0.31, "swd": 0.45, "lev": 0.44, "era": 1.26, "balance_scale": 0.08}
_LINEAR_ERRORS = {"esl": 0.32, "swd": 0.47, "lev": 0.44, "era": 1.25}


def _failures(predictions: Iterable[Prediction]) -> str:
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in predictions:
        if one.failure:
            counts[one.model, one.data_set, one.failure.partition(":")[0]] += 1
    lines = [
        f"- {model} on {name}: {count} x {what}" for (model, name, what), count in counts.items()
    ]
    return "Fits that failed:\n\n" + "\n".join(lines) if lines else ""


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
