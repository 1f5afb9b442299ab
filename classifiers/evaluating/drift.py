"""How far real organizations are from the simulated ones that a model was trained on.

This is the prior predictive check, and it needs no label. It says nothing of whether estimates
are right: a feature within the band can still mean something else than in the simulation. A
feature outside it is a feature that the model has no experience with.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from classifiers.abstention import MINIMUM_COVERAGE_SHARE, abstain_for_evidence
from classifiers.features import feature_matrix_of, feature_names
from classifiers.simulators import SIMULATORS, simulate_organizations
from classifiers.simulators.worlds import join_simulated
from classifiers.training import matrix_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.estimates import SignalRow
    from classifiers.evaluating.labelled_table import FloatArray
    from classifiers.model import StageModel

FEWEST_ROWS = 20  #: real organizations, for the check to say anything
FEWEST_SEEN = 10  #: of them with the feature
LEAST_INSIDE_SHARE = 0.9  #: of the real values within the simulated band; 0.98 is usual
CLEAR_GAP = 0.3  #: between the shares of real and simulated rows that miss a feature

_BAND = (0.01, 0.99)
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_WORLD_COUNT, _PER_WORLD = 20, 50  # of each simulator
_SEED_OF_CHECK = 7  # so that its worlds are none of the training
_RESAMPLE_COUNT = 500
_INTERVAL = (0.025, 0.975)
_MOST_SIMULATED = 4  # simulated rows for each real one, in telling them apart


class FeatureShift(NamedTuple):
    """One feature, real beside simulated."""

    feature: str
    n: int  #: real organizations that have it
    missing_share: float
    missing_share_simulated: float
    inside_share: float | None  #: of the real values, within the simulated 1 to 99 % band
    shift: float | None  #: of the median, in simulated quartile ranges
    quantiles_outside: tuple[float, ...]  #: which of 5, 25, 50, 75, 95 % lie outside that band
    is_outside: bool  #: so many values outside, or gaps so different, that it should be looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftCheck:
    """Real rows against simulated ones.

    Attributes:
        n: real organizations.
        simulated_count: simulated ones.
        separation: chance that a classifier rates a real row as more real than a simulated one
            (area under the curve, on held-out rows); 0.5 when they cannot be told apart. None
            with too few rows.
        separation_low, separation_high: its 95 % interval, drawing rows of both kinds.
        unusual_share: of the real rows, more unusual than the model's limit.
        features: in the order of the columns.
    """

    n: int
    simulated_count: int
    separation: float | None
    unusual_share: float | None
    features: tuple[FeatureShift, ...]
    separation_low: float | None = None
    separation_high: float | None = None

    @property
    def outside(self) -> tuple[str, ...]:
        """Features that should be looked at."""
        return tuple(each.feature for each in self.features if each.is_outside)


def check_against_simulation(rows: Sequence[SignalRow], model: StageModel) -> DriftCheck:
    """Compare measured organizations, of which enough was seen, with simulated ones.

    Args:
        rows: what was measured; those of which too little was seen are left out.
        model: whose signals are compared, and whose limit says what is unusual.
    """
    codes = model.signal_codes
    kept = [row for row in rows if not abstain_for_evidence(row, codes).reason]
    matrix = feature_matrix_of(kept, codes)
    is_unusual = model.evidence.unusualness(matrix) > model.unusual_limit if kept else None
    share = None if is_unusual is None else float(np.mean(is_unusual))
    return drift_check(matrix, _simulated(model.seed), feature_names(codes), share)


def drift_check(
    X: FloatArray,
    simulated: FloatArray,
    names: Sequence[str],
    unusual_share: float | None = None,
) -> DriftCheck:
    """Compare real rows with simulated ones, feature by feature and all together.

    Args:
        X: features of real organizations, NaN where missing.
        simulated: of simulated ones, same columns.
        names: of the columns.
        unusual_share: of the real rows that lie outside of the training population.
    """
    pairs = zip(names, X.T, simulated.T, strict=True)
    separation = _separation(X, simulated)
    return DriftCheck(
        n=len(X),
        simulated_count=len(simulated),
        separation=separation.value,
        separation_low=separation.low,
        separation_high=separation.high,
        unusual_share=unusual_share,
        features=tuple(_shift(*pair) for pair in pairs),
    )


def _simulated(seed: int) -> FloatArray:
    seeds = np.random.SeedSequence([seed, _SEED_OF_CHECK]).spawn(len(SIMULATORS))
    worlds = [
        simulate_organizations(name, _WORLD_COUNT, _PER_WORLD, np.random.default_rng(own))
        for name, own in zip(SIMULATORS, seeds, strict=True)
    ]
    joined = join_simulated(worlds)
    return matrix_of(joined.where(joined.coverage_share >= MINIMUM_COVERAGE_SHARE))


def _shift(name: str, real: FloatArray, simulated: FloatArray) -> FeatureShift:
    seen, invented = real[~np.isnan(real)], simulated[~np.isnan(simulated)]
    missing = 1 - len(seen) / max(len(real), 1)
    missing_simulated = 1 - len(invented) / max(len(simulated), 1)
    is_gap = abs(missing - missing_simulated) > CLEAR_GAP and len(real) >= FEWEST_ROWS
    if len(seen) < FEWEST_SEEN or not len(invented):
        return FeatureShift(
            name, len(seen), missing, missing_simulated, None, None, (), is_outside=is_gap
        )
    low, high = np.quantile(invented, _BAND)
    inside = float(np.mean((seen >= low) & (seen <= high)))
    found = np.quantile(seen, _QUANTILES)
    outside = tuple(q for q, v in zip(_QUANTILES, found, strict=True) if not low <= v <= high)
    return FeatureShift(
        name,
        len(seen),
        missing,
        missing_simulated,
        inside,
        _median_shift(seen, invented),
        outside,
        is_outside=is_gap or inside < LEAST_INSIDE_SHARE,
    )


def _median_shift(seen: FloatArray, invented: FloatArray) -> float | None:
    low, middle, high = np.quantile(invented, (0.25, 0.5, 0.75))
    return float((np.median(seen) - middle) / (high - low)) if high > low else None


class _Separation(NamedTuple):
    value: float | None
    low: float | None
    high: float | None


def _separation(X: FloatArray, simulated: FloatArray) -> _Separation:
    if len(X) < FEWEST_ROWS or len(simulated) < FEWEST_ROWS:
        return _Separation(None, None, None)
    generator = np.random.default_rng(0)
    count = min(len(simulated), _MOST_SIMULATED * len(X))
    chosen = generator.choice(len(simulated), count, replace=False)
    rows = np.vstack([X, simulated[chosen]])
    is_real = np.arange(len(rows)) < len(X)
    forest = RandomForestClassifier(50, min_samples_leaf=5, class_weight="balanced", random_state=0)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    said = cross_val_predict(forest, rows, is_real, cv=folds, method="predict_proba")[:, 1]
    areas = _redrawn_areas(said[is_real], said[~is_real], generator)
    low, high = np.quantile(areas, _INTERVAL)
    return _Separation(float(roc_auc_score(is_real, said)), float(low), float(high))


def _redrawn_areas(
    real: FloatArray, simulated: FloatArray, generator: np.random.Generator
) -> FloatArray:
    """Areas under the curve with rows of both kinds drawn anew."""
    is_above = np.sign(np.subtract.outer(real, simulated)) / 2 + 0.5
    shape = (_RESAMPLE_COUNT, len(real)), (_RESAMPLE_COUNT, len(simulated))
    first, second = (generator.multinomial(n, np.full(n, 1 / n), count) for count, n in shape)
    areas: FloatArray = np.einsum("br,br->b", first @ is_above, second) / is_above.size
    return areas
