"""Whether estimates widen when evidence gets worse, or jump.

An estimate that knows what it does not know gets wider by at least as much as its error grows,
and stays where it was on average.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.abstention import abstain_for_evidence
from classifiers.decisions import median_positions
from classifiers.evaluating.pipeline import CLASSES, Drawn, held_in
from classifiers.evaluating.scores import Resampler
from classifiers.evaluating.stresses import stresses
from classifiers.features import feature_matrix_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.estimates import SignalRow
    from classifiers.evaluating.labelled_table import FloatArray, IntArray, LabelledTable
    from classifiers.evaluating.pipeline import BoolArray
    from classifiers.evaluating.scores import Score
    from classifiers.evaluating.stresses import Stress
    from classifiers.model import StageModel

FEWEST_ROWS = 20  #: organizations, for a verdict
MOST_SHIFT = 0.25  #: stages that estimates may move by on average, either way

_LEVEL = 0.9
_STAGES = np.array(CLASSES, dtype=np.float64)


class StressVerdict(StrEnum):
    """What estimates do when evidence gets worse."""

    WIDENS = "widens"  #: the spread grows at least as much as the error; the mean stays
    JUMPS = "jumps"  #: the interval shows that one of both does not hold
    UNCLEAR = "not clear"  #: one of both does not hold, but chance could be the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StressTest:
    """Estimates under one stress, beside those of the same organizations without it.

    Growths are shares: 0.1 is a tenth more. What needs labels is None without them.

    Attributes:
        name, change: which stress, and what is done.
        changed_share: organizations of which any signal changed.
        error_change: of the mean absolute error of points, in stages.
        root_error_growth: of the root mean squared error of the mean estimate.
        spread_growth: of the mean predicted standard deviation.
        excess_spread: spread growth minus error growth, or the spread growth without labels;
            from 0 on estimates widen enough.
        shift: of the mean estimate, in stages.
        coverage, size: of the 90 % sets under the stress.
        coverage_before, size_before: of those without it.
        verdict: by `excess_spread` >= 0 and a `shift` of at most `MOST_SHIFT`.
    """

    name: str
    change: str
    changed_share: float
    spread_growth: Score
    excess_spread: Score
    shift: Score
    size: Score
    size_before: Score
    verdict: StressVerdict
    error_change: Score | None = None
    root_error_growth: Score | None = None
    coverage: Score | None = None
    coverage_before: Score | None = None


def stress_labelled(
    table: LabelledTable, views: Sequence[Drawn], found: Sequence[Stress], resampler: Resampler
) -> list[StressTest]:
    """Stress labelled organizations.

    Args:
        table: the labels.
        views: what was said of its rows as they are, and under each stress, by models that have
            not seen them, see `pipeline.out_of_fold_views`.
        found: the stresses, in that order.
        resampler: of the organizations.
    """
    rows = [_rows(drawn) for drawn in views]
    errors = [_errors(drawn, table.stage_codes) for drawn in views]
    return [
        _told(stress, table.X, _Compared(rows[0], after, resampler), (errors[0], its_errors))
        for stress, after, its_errors in zip(found, rows[1:], errors[1:], strict=True)
    ]


def stress_measured(measured: Sequence[SignalRow], model: StageModel) -> list[StressTest]:
    """Stress measured organizations of which enough was seen; no label is needed.

    Returns:
        Nothing where there are fewer than `FEWEST_ROWS`.
    """
    codes = model.signal_codes
    kept = [row for row in measured if not abstain_for_evidence(row, codes).reason]
    if len(kept) < FEWEST_ROWS:
        return []
    matrix = feature_matrix_of(kept, codes)
    resampler = Resampler(np.array([row.organization_id for row in kept]))
    before = _rows(_said(model, matrix))
    return [
        _told(stress, matrix, _Compared(before, _rows(_said(model, stress.X)), resampler))
        for stress in stresses(matrix, codes)
    ]


def _said(model: StageModel, X: FloatArray) -> Drawn:
    probabilities = model.classifier.predict_proba(X)
    return Drawn(probabilities, {_LEVEL: held_in(model.calibration, probabilities, _LEVEL)}, "")


class _Rows(NamedTuple):
    """What each row of some estimates adds to the figures that need no label."""

    means: FloatArray
    spreads: FloatArray
    sizes: FloatArray


class _Errors(NamedTuple):
    """And to those that need one."""

    distances: FloatArray
    squares: FloatArray
    held: FloatArray


class _Compared(NamedTuple):
    """Estimates of the same organizations before and under a stress."""

    before: _Rows
    after: _Rows
    resampler: Resampler

    def spread_growth(self, weights: FloatArray) -> FloatArray:
        growth: FloatArray = (weights @ self.after.spreads) / (weights @ self.before.spreads) - 1
        return growth


def _told(
    stress: Stress,
    X: FloatArray,
    compared: _Compared,
    errors: tuple[_Errors, _Errors] | None = None,
) -> StressTest:
    mean, figure = compared.resampler.mean, compared.resampler.figure
    shift = mean(compared.after.means - compared.before.means)
    spread_growth = figure(compared.spread_growth)
    of_labels = _of_labels(compared, errors) if errors else {"excess_spread": spread_growth}
    return StressTest(
        name=stress.name,
        change=stress.change,
        changed_share=_changed_share(X, stress.X),
        spread_growth=spread_growth,
        shift=shift,
        size=mean(compared.after.sizes),
        size_before=mean(compared.before.sizes),
        verdict=_verdict(of_labels["excess_spread"], shift),
        **of_labels,
    )


def _of_labels(compared: _Compared, errors: tuple[_Errors, _Errors]) -> dict[str, Score]:
    before, after = errors

    def root_growth(weights: FloatArray) -> FloatArray:
        return np.asarray(np.sqrt((weights @ after.squares) / (weights @ before.squares)) - 1)

    def excess(weights: FloatArray) -> FloatArray:
        return np.asarray(compared.spread_growth(weights) - root_growth(weights))

    mean, figure = compared.resampler.mean, compared.resampler.figure
    return {
        "error_change": mean(after.distances - before.distances),
        "root_error_growth": figure(root_growth),
        "excess_spread": figure(excess),
        "coverage": mean(after.held),
        "coverage_before": mean(before.held),
    }


def _rows(drawn: Drawn) -> _Rows:
    probabilities = drawn.probabilities
    means = probabilities @ _STAGES
    variances = probabilities @ _STAGES**2 - means**2
    sizes = _in_set(drawn).sum(axis=1).astype(np.float64)
    return _Rows(means, np.sqrt(np.maximum(variances, 0.0)), sizes)


def _errors(drawn: Drawn, stage_codes: IntArray) -> _Errors:
    distances = np.abs(median_positions(drawn.probabilities) + 1.0 - stage_codes)
    squares = (drawn.probabilities @ _STAGES - stage_codes) ** 2
    held = _in_set(drawn)[np.arange(len(stage_codes)), stage_codes - 1]
    return _Errors(distances, squares, held.astype(np.float64))


def _in_set(drawn: Drawn) -> BoolArray:
    """The sets; every stage where there are none."""
    return drawn.sets.get(_LEVEL, np.ones_like(drawn.probabilities, dtype=bool))


def _changed_share(before: FloatArray, after: FloatArray) -> float:
    is_same = (before == after) | (np.isnan(before) & np.isnan(after))
    return float((~is_same).any(axis=1).mean())


def _verdict(excess: Score, shift: Score) -> StressVerdict:
    if (excess.value or 0.0) >= 0 and abs(shift.value or 0.0) <= MOST_SHIFT:
        return StressVerdict.WIDENS
    is_too_narrow = excess.high is not None and excess.high < 0
    return StressVerdict.JUMPS if is_too_narrow or _is_far(shift) else StressVerdict.UNCLEAR


def _is_far(shift: Score) -> bool:
    if shift.low is None or shift.high is None:
        return False
    return shift.low > MOST_SHIFT or shift.high < -MOST_SHIFT
