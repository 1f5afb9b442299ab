"""The split half: every second thread of an organization, estimated apart from the others."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt
    from real_series_estimates import Pooled, StageYear

    FloatArray = npt.NDArray[np.float64]

HALVES = ("odd", "even")
#: Tables of organizations with conversations: what they publish beside them is split as well.
_HALVED = ("github_*.csv.gz", "discourse_*.csv.gz", "commits_archives.csv.gz")
_RESAMPLE_COUNT = 2000
_SEED = 0
_BOUNDS = (0.025, 0.975)
_LINEAR, _QUADRATIC = 1, 2


class Estimate(NamedTuple):
    """A figure with its 95 % interval from organizations drawn again; NaN: it is undefined."""

    value: float
    lower: float
    upper: float


class Agreement(NamedTuple):
    """How far both halves of the same organizations and years say the same."""

    scope: str
    year_count: int
    organization_count: int
    quadratic: Estimate
    linear: Estimate
    same_share: float
    mean_gap: float  #: of the expected stages
    overlap_share: float  #: of years whose 90 % sets share a stage


class _Pair(NamedTuple):
    organization_id: str
    odd: Pooled
    even: Pooled


def halved_files(series: Path) -> list[Path]:
    """The tables among the series whose threads are split."""
    return sorted(path for pattern in _HALVED for path in series.glob(pattern))


def assign_halves(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """The half of each row: threads of an account turn about in the order of their opening.

    All that is said in a thread goes with it. What stands in no thread (a commit) turns about in
    the order of its moments, so that nothing at all is in both halves.
    """
    opened: dict[tuple[str, str, str], str] = {}
    for row in rows:
        key = _unit(row)
        opened[key] = min(row["ts"], opened.get(key, row["ts"]))
    halves, turns = {}, Counter[tuple[str, bool]]()
    for key in sorted(opened, key=lambda each: (opened[each], each)):
        account, thread, _ = key
        halves[key] = HALVES[turns[account, bool(thread)] % 2]
        turns[account, bool(thread)] += 1
    return [halves[_unit(row)] for row in rows]


def _unit(row: Mapping[str, str]) -> tuple[str, str, str]:
    thread = row["thread_id"]
    return row["account"], thread, "" if thread else row["event_id"]


def write_halves(files: Iterable[Path], folder: Path) -> dict[str, list[Path]]:
    """Write both halves of tables, each into a folder of its own; their files by half."""
    written: dict[str, list[Path]] = {half: [] for half in HALVES}
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
        of_row = assign_halves(rows)
        for half in HALVES:
            own = [row for row, its in zip(rows, of_row, strict=True) if its == half]
            written[half].append(_write(folder / half / file.name, own))
    return written


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as text:
        table = csv.DictWriter(text, list(rows[0]) if rows else ())
        table.writeheader()
        table.writerows(rows)
    return path


def agreements(
    shown: Iterable[StageYear], odd: Iterable[StageYear], even: Iterable[StageYear]
) -> list[Agreement]:
    """Agreement of the halves, over more and less of the years.

    Args:
        shown: the years that may be published, estimated from all threads.
        odd: years estimated from one half.
        even: years estimated from the other.
    """
    mates = {year.key: year.pooled for year in even}
    may_be_used = {year.key for year in shown}
    pairs = [
        _Pair(year.organization_id, year.pooled, mate)
        for year in odd
        if year.key in may_be_used and year.pooled and (mate := mates.get(year.key))
    ]
    return [
        agreement(scope, [pair for pair in pairs if all(map(is_in, (pair.odd, pair.even)))])
        for scope, is_in in _SCOPES.items()
    ]


_SCOPES: dict[str, Callable[[Pooled], bool]] = {
    "enough evidence in both halves, whatever is withheld": lambda _: True,
    "of these, withheld in neither half but for the width of the set": (
        lambda pooled: pooled.reason in {"", "wide_set"}
    ),
    "of these, a point in both halves": lambda pooled: not pooled.reason,
}


def agreement(scope: str, pairs: Sequence[tuple[str, Pooled, Pooled]]) -> Agreement:
    """Kappas of median stages and plainer measures; pairs begin with their organization."""
    tables = _tables_by_organization(pairs)
    odd, even = [one for _, one, _ in pairs], [other for _, _, other in pairs]
    both = list(zip(odd, even, strict=True))
    return Agreement(
        scope=scope,
        year_count=len(pairs),
        organization_count=len(tables),
        quadratic=_with_interval(tables, _QUADRATIC),
        linear=_with_interval(tables, _LINEAR),
        same_share=_mean(a.stage_code == b.stage_code for a, b in both),
        mean_gap=_mean(abs(a.expected_stage - b.expected_stage) for a, b in both),
        overlap_share=_mean(a.set90.overlaps(b.set90) for a, b in both),
    )


def _tables_by_organization(pairs: Sequence[tuple[str, Pooled, Pooled]]) -> FloatArray:
    """Cross tables of the median stages, shape (n_organizations, 6, 6)."""
    places = {name: at for at, name in enumerate(sorted({name for name, *_ in pairs}))}
    tables = np.zeros((len(places), len(Stage), len(Stage)))
    for name, odd, even in pairs:
        tables[places[name], odd.stage_code - 1, even.stage_code - 1] += 1
    return tables


def weighted_kappa(tables: npt.ArrayLike, power: int) -> FloatArray:
    """Cohen's kappa of cross tables, a disagreement weighing by its distance to a power.

    1 - sum(w p_ij) / sum(w p_i p_j), w the distance of the classes to the power (Cohen 1968,
    Weighted kappa). NaN where chance cannot disagree.

    Args:
        tables: counts, shape (..., n_classes, n_classes).
        power: 1 for linear weights, 2 for quadratic ones.
    """
    counts = np.asarray(tables, dtype=np.float64)
    places = np.arange(counts.shape[-1])
    weights = np.abs(np.subtract.outer(places, places)) ** power
    margins = counts.sum(axis=-1)[..., :, np.newaxis] * counts.sum(axis=-2)[..., np.newaxis, :]
    total = counts.sum(axis=(-2, -1))
    by_chance = (weights * margins).sum(axis=(-2, -1))
    seen = (weights * counts).sum(axis=(-2, -1)) * total
    kappas: FloatArray = np.where(
        by_chance > 0, 1 - seen / np.where(by_chance > 0, by_chance, 1), np.nan
    )
    return kappas


def _with_interval(tables: FloatArray, power: int) -> Estimate:
    count = len(tables)
    if not count:
        return Estimate(np.nan, np.nan, np.nan)
    generator = np.random.default_rng(_SEED)
    drawn = generator.multinomial(count, np.full(count, 1 / count), size=_RESAMPLE_COUNT)
    kappas = weighted_kappa(np.tensordot(drawn, tables, axes=1), power)
    defined = kappas[~np.isnan(kappas)]
    lower, upper = np.quantile(defined, _BOUNDS) if len(defined) else (np.nan, np.nan)
    return Estimate(float(weighted_kappa(tables.sum(axis=0), power)), float(lower), float(upper))


def _mean(values: Iterable[Any]) -> float:
    found = [float(value) for value in values]
    return sum(found) / len(found) if found else np.nan
