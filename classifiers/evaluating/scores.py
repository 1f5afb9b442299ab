"""Figures with intervals: organizations are drawn anew, with all their labels.

A figure is computed from what each row adds to it, so that thousands of resamples are a product
of matrices. Where folds were dealt several times, a row's part is its mean over the repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.decisions import median_positions
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from classifiers.evaluating.labelled_table import FloatArray, IntArray, TextArray
    from classifiers.evaluating.pipeline import BoolArray, Drawn

RESAMPLE_COUNT = 2000
BIN_COUNT = 10  #: of a calibration curve

_STAGES = np.array([stage.value for stage in Stage])
_THRESHOLD_COUNT = len(_STAGES) - 1
_SMALLEST_PROBABILITY = 1e-15
_CHANCE_COUNT = 200
_NORMAL_QUANTILE = 1.959964  # of 97.5 %
_MEANS = {
    "mean_absolute_error": "distance",
    "bias": "gap",
    "off_by_two_share": "is_far",
    "ranked_probability_score": "ranked_probability_score",
    "log_loss": "log_loss",
}


class Score(NamedTuple):
    """A figure, its interval (95 % unless said otherwise), and how many labels it rests on.

    Bounds are None where fewer than two organizations can be drawn; the value is None where
    the figure is not defined.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowParts:
    """What each row adds to the figures, as means over the repeats.

    Attributes:
        stage_codes: what raters said.
        losses: by name, shape (n_rows,).
        shares: of the repeats in which each stage was the point, (n_rows, n_stages).
        calibration: stated minus true, in the bin that the statement is in, (n_rows,
            n_thresholds * BIN_COUNT).
        deviation: standard deviation of the stated stage, in stages.
        held: by level, share of the repeats in which the set held the stage.
        sizes: by level, stages in the set.
    """

    stage_codes: IntArray
    losses: Mapping[str, FloatArray]
    shares: FloatArray
    calibration: FloatArray
    deviation: FloatArray
    held: Mapping[float, FloatArray]
    sizes: Mapping[float, FloatArray]


class Resampler:
    """Draws organizations with replacement; the same draws for every figure, so differences pair.

    Args:
        groups: organization, or parent group, of each row.
        resample_count: how often.
        seed: of the draws.
        level: of the intervals.
    """

    def __init__(
        self,
        groups: TextArray,
        resample_count: int = RESAMPLE_COUNT,
        seed: int = 0,
        level: float = 0.95,
    ) -> None:
        found, places = np.unique(groups, return_inverse=True)
        shares = np.full(len(found), 1 / max(len(found), 1))
        counts = np.random.default_rng(seed).multinomial(len(found), shares, resample_count)
        self._weights = np.vstack([np.ones(len(groups)), counts[:, places]])
        self._is_drawable = len(found) > 1
        self._bounds = (0.5 - level / 2, 0.5 + level / 2)

    def figure(
        self, compute: Callable[[FloatArray], FloatArray], is_counted: BoolArray | None = None
    ) -> Score:
        """A figure with its interval.

        Args:
            compute: from weights of rows, (n_draws, n_rows), the figure of each draw.
            is_counted: rows that count; None for all.
        """
        width = self._weights.shape[1]
        counted = np.ones(width, dtype=bool) if is_counted is None else is_counted
        if not counted.any():
            return Score(None, None, None, 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            values = compute(np.asarray(self._weights * counted, dtype=np.float64))
        drawn = values[1:][np.isfinite(values[1:])]
        value = _number(values[0])
        if not self._is_drawable or not len(drawn):
            return Score(value, None, None, int(counted.sum()))
        low, high = np.quantile(drawn, self._bounds)
        return Score(value, float(low), float(high), int(counted.sum()))

    def mean(self, values: FloatArray, is_counted: BoolArray | None = None) -> Score:
        """The mean of what rows add."""
        return self.figure(lambda weights: weights @ values / weights.sum(axis=1), is_counted)


def row_parts(drawn: Sequence[Drawn], stage_codes: IntArray) -> RowParts:
    """What each row adds to the figures, from the probabilities and sets of every repeat."""
    each = [_losses(one.probabilities, stage_codes) for one in drawn]
    levels = drawn[0].sets.keys()
    points = [median_positions(one.probabilities) for one in drawn]
    return RowParts(
        stage_codes=stage_codes,
        losses={name: np.mean([one[name] for one in each], axis=0) for name in each[0]},
        shares=np.mean([np.eye(len(_STAGES))[point] for point in points], axis=0),
        calibration=np.mean([_calibration(d.probabilities, stage_codes) for d in drawn], axis=0),
        deviation=np.mean([_deviation(one.probabilities) for one in drawn], axis=0),
        held={level: _mean_held(drawn, level, stage_codes) for level in levels},
        sizes={k: np.mean([d.sets[k].sum(axis=1) for d in drawn], axis=0) for k in levels},
    )


def point_scores(parts: RowParts, resampler: Resampler) -> dict[str, Score]:
    """The figures of points and probabilities, by name."""
    scores = {name: resampler.mean(parts.losses[part]) for name, part in _MEANS.items()}
    scores["macro_mean_absolute_error"] = resampler.figure(lambda w: _macro(parts, w))
    scores["quadratic_weighted_kappa"] = resampler.figure(lambda w: _kappa(parts, w))
    scores["threshold_calibration_error"] = resampler.figure(lambda w: _miscalibration(parts, w))
    return scores


def set_scores(parts: RowParts, resampler: Resampler) -> dict[str, dict[str, Score]]:
    """Coverage and mean size of the sets by level ("0.9"), and the coverage of each stage."""
    return {
        f"{level:g}": {
            "coverage": resampler.mean(parts.held[level]),
            "size": resampler.mean(parts.sizes[level]),
            **{
                f"coverage_{stage.name.lower()}": resampler.mean(
                    parts.held[level], parts.stage_codes == stage.value
                )
                for stage in Stage
            },
        }
        for level in parts.held
    }


def weighted_kappa(first: FloatArray, second: FloatArray, weights: FloatArray) -> FloatArray:
    """Quadratic weighted kappa of each draw; see `reliability.quadratic_kappa`.

    Args:
        first: shares of the stages that one side says of each row, shape (n_rows, n_stages).
        second: of the other side.
        weights: of rows, shape (n_draws, n_rows).
    """
    squares = (np.subtract.outer(_STAGES, _STAGES) ** 2).astype(np.float64)
    observed = weights @ np.einsum("ri,ij,rj->r", first, squares, second)
    sides = weights @ first, weights @ second
    expected = np.einsum("bi,ij,bj->b", sides[0], squares, sides[1]) / weights.sum(axis=1)
    kappa: FloatArray = 1 - observed / expected
    return kappa


def calibration_curves(drawn: Drawn, stage_codes: IntArray) -> list[list[dict[str, float]]]:
    """For each threshold the bins: stated share at or below the stage, share that was, and n.

    The bounds `low` and `high` of the true share are those of Wilson (95 %; 1927, Probable
    inference, Journal of the American Statistical Association 22).
    """
    stated, is_below = _below(drawn.probabilities, stage_codes)
    return [_curve(stated[:, at], is_below[:, at]) for at in range(_THRESHOLD_COUNT)]


def calibration_error_by_chance(drawn: Drawn, seed: int = 0) -> Score:
    """Threshold calibration error where every statement is true, with its 95 % range.

    Stages are drawn from the stated probabilities: bins of few rows err by chance alone, and the
    error of a model is to be read beside this.
    """
    stated = np.cumsum(drawn.probabilities, axis=1)[:, :-1]
    generator = np.random.default_rng(seed)
    errors = []
    for _ in range(_CHANCE_COUNT):
        places = (generator.random((len(stated), 1)) > stated).sum(axis=1)
        parts = _calibration(drawn.probabilities, places + 1)
        errors.append(np.abs(parts.sum(axis=0)).sum() / len(stated) / _THRESHOLD_COUNT)
    low, high = np.quantile(errors, (0.025, 0.975))
    return Score(float(np.mean(errors)), float(low), float(high), len(stated))


def abstention_curve(parts: RowParts, resampler: Resampler) -> list[dict[str, float | int | None]]:
    """Error of the rows that are kept when the least sure are left out."""
    order = np.argsort(parts.deviation, kind="stable")
    points = []
    for share in (1.0, 0.9, 0.75, 0.5, 0.25):
        kept = np.zeros(len(order), dtype=bool)
        kept[order[: max(1, round(share * len(order)))]] = True
        score = resampler.mean(parts.losses["distance"], kept)
        points.append({"kept_share": share, **score._asdict()})
    return points


def _losses(probabilities: FloatArray, stage_codes: IntArray) -> dict[str, FloatArray]:
    gaps = (median_positions(probabilities) + 1 - stage_codes).astype(np.float64)
    stated, is_below = _below(probabilities, stage_codes)
    of_stage = probabilities[np.arange(len(stage_codes)), stage_codes - 1]
    return {
        "gap": gaps,
        "distance": np.abs(gaps),
        "is_far": (np.abs(gaps) > 1).astype(np.float64),
        "ranked_probability_score": ((stated - is_below) ** 2).mean(axis=1),
        "log_loss": -np.log(np.maximum(of_stage, _SMALLEST_PROBABILITY)),
    }


def _below(probabilities: FloatArray, stage_codes: IntArray) -> tuple[FloatArray, FloatArray]:
    stated = np.cumsum(probabilities, axis=1)[:, :-1]
    return stated, (stage_codes[:, np.newaxis] <= _STAGES[:-1]).astype(np.float64)


def _deviation(probabilities: FloatArray) -> FloatArray:
    mean = probabilities @ _STAGES
    return np.asarray(np.sqrt(np.maximum(probabilities @ _STAGES**2 - mean**2, 0.0)))


def _mean_held(drawn: Sequence[Drawn], level: float, stage_codes: IntArray) -> FloatArray:
    rows = np.arange(len(stage_codes))
    held: FloatArray = np.mean([one.sets[level][rows, stage_codes - 1] for one in drawn], axis=0)
    return held


def _bins(stated: FloatArray) -> IntArray:
    edges = np.quantile(stated, np.linspace(0, 1, BIN_COUNT + 1)[1:-1])
    return np.searchsorted(edges, stated, side="left")


def _calibration(probabilities: FloatArray, stage_codes: IntArray) -> FloatArray:
    stated, is_below = _below(probabilities, stage_codes)
    parts = np.zeros((len(stated), _THRESHOLD_COUNT, BIN_COUNT))
    for at in range(_THRESHOLD_COUNT):
        bins = _bins(stated[:, at])
        parts[np.arange(len(stated)), at, bins] = stated[:, at] - is_below[:, at]
    return parts.reshape(len(stated), -1)


def _curve(stated: FloatArray, is_below: FloatArray) -> list[dict[str, float]]:
    bins = _bins(stated)
    return [
        {
            "stated_share": float(stated[bins == one].mean()),
            **_wilson(int(is_below[bins == one].sum()), int((bins == one).sum())),
        }
        for one in np.unique(bins)
    ]


def _wilson(count: int, n: int) -> dict[str, float]:
    share, square = count / n, _NORMAL_QUANTILE**2 / n
    middle = (share + square / 2) / (1 + square)
    reach = np.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    low, high = min(share, middle - reach), max(share, middle + reach)  # of 0 and 1 by rounding
    return {"true_share": share, "low": float(low), "high": float(high), "n": n}


def _macro(parts: RowParts, weights: FloatArray) -> FloatArray:
    is_of = (parts.stage_codes[:, np.newaxis] == _STAGES).astype(np.float64)
    masses = weights @ is_of
    sums = weights @ (is_of * parts.losses["distance"][:, np.newaxis])
    means: FloatArray = np.nanmean(np.where(masses > 0, sums / masses, np.nan), axis=1)
    return means


def _kappa(parts: RowParts, weights: FloatArray) -> FloatArray:
    return weighted_kappa(np.eye(len(_STAGES))[parts.stage_codes - 1], parts.shares, weights)


def _miscalibration(parts: RowParts, weights: FloatArray) -> FloatArray:
    offsets = np.abs(weights @ parts.calibration).sum(axis=1)
    errors: FloatArray = offsets / weights.sum(axis=1) / _THRESHOLD_COUNT
    return errors


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
