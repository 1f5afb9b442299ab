"""How well raters agree, and how well a model could at best agree with one of them.

Krippendorff's alpha compares the disagreement of raters with that of chance; 1 is full
agreement, 0 is what chance gives (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability).
Ratings are arrays of shape (n_raters, n_units), NaN where a rater gave none.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from classifiers.consensus import CodingRound

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]
    Level = Literal["nominal", "ordinal", "interval"]

RESAMPLE_COUNT = 2000
#: Organizations coded twice that a statement about raters should rest on.
ENOUGH_DOUBLE_CODED = 60
_STAGE_CODES = np.array([stage.value for stage in Stage], dtype=np.float64)
_BOUNDS = (0.025, 0.975)  # of a 95 % interval


class AlphaInterval(NamedTuple):
    """Bounds of a 95 % bootstrap interval, and how many resamples had no alpha."""

    low: float
    high: float
    undefined_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterPair:
    """Two raters and the units that both gave a stage to."""

    first: str
    second: str
    unit_count: int
    kappa: float | None  #: weighted quadratically; None where chance cannot disagree
    mean_difference: float  #: first minus second, in stages


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterAgreement:
    """How far raters agree, over all pairs of codes that two raters gave to the same unit.

    A unit is one organization at one time. Shares, differences, alpha and the ceiling are None
    where no organization was coded twice, or chance could not disagree.

    Attributes:
        code_count: codes, those that name no stage among them.
        undecided_count: codes of raters who could not say.
        double_coded_count: organizations with a unit that two or more raters gave a stage to.
        alpha: Krippendorff's, ordinal, with its bootstrap interval over organizations.
        undefined_resample_count: resamples left out of the interval, having no alpha.
        mean_absolute_difference: between the two codes of a pair, in stages.
        ceiling_low: least mean absolute error, against one rater, of a model that is always
            right; see `perfect_model_error`.
        ceiling_high: the most that it can be.
        pair_counts: pairs by the lower (row) and the higher code (column), from stage 1 on.
    """

    code_count: int
    undecided_count: int
    rater_count: int
    organization_count: int
    double_coded_count: int
    pair_count: int
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    undefined_resample_count: int
    exact_share: float | None
    within_one_share: float | None
    mean_absolute_difference: float | None
    ceiling_low: float | None
    ceiling_high: float | None
    rater_pairs: tuple[RaterPair, ...]
    pair_counts: tuple[tuple[int, ...], ...]


def krippendorff_alpha(ratings: npt.ArrayLike, level: Level = "ordinal") -> float:
    """Krippendorff's alpha; NaN where nothing can be compared, or only one value occurs.

    Args:
        ratings: shape (n_raters, n_units), NaN for missing.
        level: how far apart values are: `nominal` (all alike), `ordinal` (by how many ratings
            lie between them) or `interval` (by their squared difference).

    Raises:
        ValueError: the shape is another, or the level is not one of the three.

    >>> round(krippendorff_alpha([[1, 2, 3, 3], [1, 2, 3, 4]]), 4)
    0.9103
    """
    rows = _checked(ratings, level)
    values = np.unique(rows[~np.isnan(rows)])
    return float(_alphas(_coincidences(rows, values).sum(axis=0), values, level))


def alpha_interval(
    ratings: npt.ArrayLike,
    groups: npt.ArrayLike | None = None,
    *,
    level: Level = "ordinal",
    resample_count: int = RESAMPLE_COUNT,
    random_state: int = 0,
) -> AlphaInterval:
    """Percentile bootstrap interval of alpha, drawing whole groups of units.

    Groups in which nothing can be compared are not drawn. NaN with fewer than two groups.

    Args:
        ratings: as for `krippendorff_alpha`.
        groups: the group of each unit, such as its organization; by default each its own.
        level: as for `krippendorff_alpha`.
        resample_count: how many times to draw.
        random_state: the same seed gives the same interval.
    """
    rows = _checked(ratings, level)
    values = np.unique(rows[~np.isnan(rows)])
    by_group = _grouped(_coincidences(rows, values), groups)
    if len(by_group) < 2:  # noqa: PLR2004 - one group says nothing of how groups vary
        return AlphaInterval(np.nan, np.nan, 0)
    generator = np.random.default_rng(random_state)
    shares = np.full(len(by_group), 1 / len(by_group))
    flat = by_group.reshape(len(by_group), -1)
    drawn = [generator.multinomial(len(flat), shares) @ flat for _ in range(resample_count)]
    shape = (resample_count, len(values), len(values))
    alphas = _alphas(np.reshape(drawn, shape), values, level)
    defined = alphas[~np.isnan(alphas)]
    low, high = np.quantile(defined, _BOUNDS) if len(defined) else (np.nan, np.nan)
    return AlphaInterval(float(low), float(high), resample_count - len(defined))


def quadratic_kappa(table: npt.ArrayLike) -> float:
    """Cohen's kappa with quadratic weights; NaN where chance cannot disagree.

    kappa = 1 - sum (i - j)^2 p_ij / sum (i - j)^2 p_i. p_.j (Cohen 1968, Weighted kappa,
    Psychological Bulletin 70). It depends on how often each value occurs, so it is to be shown
    with the mean difference.

    Args:
        table: counts, shape (n_values, n_values): first rater in rows, second in columns.

    >>> round(quadratic_kappa([[13, 0, 0], [0, 20, 7], [0, 4, 56]]), 7)
    0.8921569
    """
    counts = np.asarray(table, dtype=np.float64)
    places = np.arange(len(counts))
    distances = np.subtract.outer(places, places) ** 2
    by_chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(counts.sum(), 1)
    expected = float((distances * by_chance).sum())
    return 1 - float((distances * counts).sum()) / expected if expected else np.nan


def perfect_model_error(differences: npt.ArrayLike) -> tuple[float, float]:
    """Least and greatest mean absolute error, against one rater, of a model that is always right.

    Let a rater's code be the true stage plus an error e, and the errors of two raters of one
    organization be independent, of one distribution, with mean 0. With D = E|e - e'| the mean
    absolute difference of two raters and S = E(e - e')^2 the mean squared one:

    - D <= E|e| + E|e'|, so that E|e| >= D / 2;
    - D >= E|e - E e'| = E|e|, so that E|e| <= D;
    - S = 2 E e^2 and, errors being whole stages, |e| <= e^2, so that E|e| <= S / 2, which is
      exact where no rater errs by more than one stage.

    With 24 % of codes off by one, D = 0.4224 and S = 0.48: the error lies between 0.21 and 0.24,
    about half of the raters' disagreement. Raters who share a mistake make it look smaller than
    it is; near the ends of the ladder errors have no mean of 0, and it holds only roughly.

    Args:
        differences: of the two codes of each pair, in stages, in either sign; at least one.

    >>> low, high = perfect_model_error([0, 0, 0, 1, -1])
    >>> (low, high)
    (0.2, 0.2)
    """
    sizes = np.abs(np.asarray(differences, dtype=np.float64))
    absolute, squared = float(sizes.mean()), float((sizes**2).mean())
    return absolute / 2, min(absolute, squared / 2)


def rater_agreement(rounds: Sequence[CodingRound]) -> RaterAgreement:
    """Compare the raters of some rounds of coding; organizations are drawn for the interval."""
    codes = [code for coded in rounds for code in coded.codes]
    raters = sorted({code.rater for code in codes})
    ratings = stage_ratings(rounds, raters)
    organizations = np.array([coded.organization_id for coded in rounds], dtype=object)
    pair_counts = _pair_counts(ratings)
    interval = alpha_interval(ratings, organizations)
    return RaterAgreement(
        code_count=len(codes),
        undecided_count=sum(code.stage_code is None for code in codes),
        rater_count=len(raters),
        organization_count=len(set(organizations)),
        double_coded_count=len(set(organizations[(~np.isnan(ratings)).sum(axis=0) > 1])),
        pair_count=int(pair_counts.sum()),
        alpha=_number(krippendorff_alpha(ratings)),
        alpha_low=_number(interval.low),
        alpha_high=_number(interval.high),
        undefined_resample_count=interval.undefined_count,
        **_differences(pair_counts),
        rater_pairs=tuple(_rater_pairs(ratings, raters)),
        pair_counts=tuple(tuple(map(int, row)) for row in pair_counts),
    )


def stage_ratings(rounds: Sequence[CodingRound], raters: Sequence[str]) -> FloatArray:
    """Stage codes by rater (row) and round (column); NaN where there is none, or no stage."""
    places = {rater: place for place, rater in enumerate(raters)}
    ratings = np.full((len(raters), len(rounds)), np.nan)
    for column, coded in enumerate(rounds):
        for code in coded.codes:
            if code.stage_code is not None:
                ratings[places[code.rater], column] = code.stage_code
    return ratings


def _checked(ratings: npt.ArrayLike, level: str) -> FloatArray:
    rows = np.asarray(ratings, dtype=np.float64)
    if rows.ndim != 2:  # noqa: PLR2004 - raters and units
        message = f"ratings have shape {rows.shape}; give one row a rater and one column a unit"
        raise ValueError(message)
    if level not in _DISTANCES:
        message = f"level {level!r} is not known; give one of {', '.join(_DISTANCES)}"
        raise ValueError(message)
    return rows


def _value_counts(rows: FloatArray, values: FloatArray) -> FloatArray:
    """How many raters gave each value to each unit, shape (n_units, n_values)."""
    counts: FloatArray = (rows[:, :, np.newaxis] == values).sum(axis=0).astype(np.float64)
    return counts


def _coincidences(rows: FloatArray, values: FloatArray) -> FloatArray:
    """Pairs of values within each unit, each weighted by 1 / (ratings of the unit - 1)."""
    counts = _value_counts(rows, values)
    pairs = counts[:, :, np.newaxis] * counts[:, np.newaxis, :]
    places = np.arange(len(values))
    pairs[:, places, places] -= counts
    others = np.maximum(counts.sum(axis=1) - 1, 1)  # a single rating has no pairs to weight
    coincidences: FloatArray = pairs / others[:, np.newaxis, np.newaxis]
    return coincidences


def _grouped(coincidences: FloatArray, groups: npt.ArrayLike | None) -> FloatArray:
    """Sums by group, without groups that have no pairs."""
    if groups is not None:
        names, members = np.unique(np.asarray(groups), return_inverse=True)
        sums = np.zeros((len(names), *coincidences.shape[1:]))
        np.add.at(sums, members, coincidences)
        coincidences = sums
    chosen: FloatArray = coincidences[coincidences.sum(axis=(1, 2)) > 0]
    return chosen


def _alphas(coincidences: FloatArray, values: FloatArray, level: str) -> FloatArray:
    totals = coincidences.sum(axis=-1)
    count = totals.sum(axis=-1)
    distances = _DISTANCES[level](totals, values)
    by_chance = totals[..., :, np.newaxis] * totals[..., np.newaxis, :]
    observed = (coincidences * distances).sum(axis=(-2, -1))
    expected = (by_chance * distances).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        alphas: FloatArray = 1 - (count - 1) * observed / expected
    return np.where(expected > 0, alphas, np.nan)


def _squared(positions: FloatArray) -> FloatArray:
    offsets: FloatArray = positions[..., :, np.newaxis] - positions[..., np.newaxis, :]
    return offsets**2


def _ordinal(totals: FloatArray, _: FloatArray) -> FloatArray:
    """Between two values: the ratings between them, and half of those at either."""
    return _squared(np.cumsum(totals, axis=-1) - totals / 2)


_DISTANCES: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "nominal": lambda _, values: 1 - np.eye(len(values)),
    "ordinal": _ordinal,
    "interval": lambda _, values: _squared(values),
}


def _pair_counts(ratings: FloatArray) -> IntArray:
    counts = _value_counts(ratings, _STAGE_CODES)
    products = counts.T @ counts
    same = (counts * (counts - 1)).sum(axis=0) / 2
    return (np.triu(products, k=1) + np.diag(same)).astype(np.intp)


def _differences(pair_counts: IntArray) -> dict[str, float | None]:
    rows, columns = np.indices(pair_counts.shape)
    sizes = np.repeat((columns - rows).ravel(), pair_counts.ravel())
    if not len(sizes):
        names = ("exact_share", "within_one_share", "mean_absolute_difference")
        return dict.fromkeys((*names, "ceiling_low", "ceiling_high"))
    low, high = perfect_model_error(sizes)
    return {
        "exact_share": float((sizes == 0).mean()),
        "within_one_share": float((sizes <= 1).mean()),
        "mean_absolute_difference": float(sizes.mean()),
        "ceiling_low": low,
        "ceiling_high": high,
    }


def _rater_pairs(ratings: FloatArray, raters: Sequence[str]) -> list[RaterPair]:
    pairs = combinations(range(len(raters)), 2)
    found = ((first, second, _both(ratings[[first, second]])) for first, second in pairs)
    return [
        RaterPair(
            first=raters[first],
            second=raters[second],
            unit_count=both.shape[1],
            kappa=_number(quadratic_kappa(_cross_table(both))),
            mean_difference=float((both[0] - both[1]).mean()),
        )
        for first, second, both in found
        if both.shape[1]
    ]


def _both(rows: FloatArray) -> FloatArray:
    both: FloatArray = rows[:, ~np.isnan(rows).any(axis=0)]
    return both


def _cross_table(both: FloatArray) -> IntArray:
    table = np.zeros((len(_STAGE_CODES), len(_STAGE_CODES)), dtype=np.intp)
    places = both.astype(np.intp) - 1
    np.add.at(table, (places[0], places[1]), 1)
    return table


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
