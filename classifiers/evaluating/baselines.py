"""What a model has to be better than, trained on the same folds."""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold

from classifiers.decisions import class_frequencies, median_positions
from classifiers.evaluating.pipeline import CLASSES, Drawn, Pipeline
from classifiers.members import probabilities_over
from classifiers.one_thread import one_thread
from classifiers.rules import published_rule_stages
from classifiers.training import build_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifiers.evaluating.labelled_table import FloatArray, IntArray, LabelledTable

#: Baselines that name one stage and state no probabilities.
POINT_ONLY = ("majority", "published_rule")

_EDGES = np.linspace(0, 1, 9)[1:-1]  # of the bins of a single feature: eight of about equal size


def baselines(simulator: Any) -> Mapping[str, Pipeline]:  # noqa: ANN401 - scikit-learn publishes no types
    """All baselines by name; `simulator` is the classifier fitted to simulated worlds."""
    return {
        "majority": majority,
        "prevalence": prevalence,
        "best_signal": best_signal,
        "published_rule": published_rule,
        "labels_alone": labels_alone,
        "cold_start": ColdStartAlone(simulator),
    }


def majority(training: LabelledTable, X: FloatArray) -> Drawn:
    """The median stage of the training labels, for everybody."""
    shares = _prevalences(training)
    point = median_positions(shares[np.newaxis])
    return _said(np.eye(len(CLASSES))[np.repeat(point, len(X))])


def prevalence(training: LabelledTable, X: FloatArray) -> Drawn:
    """How often each stage occurs among the training labels, for everybody."""
    return _said(np.tile(_prevalences(training), (len(X), 1)))


def best_signal(training: LabelledTable, X: FloatArray) -> Drawn:
    """The one feature that does best within the training rows, by eight bins."""
    errors = [_error_within(training, at) for at in range(training.X.shape[1])]
    return single_feature(training, X, int(np.argmin(errors)))


def single_feature(training: LabelledTable, X: FloatArray, at: int) -> Drawn:
    """How often each stage occurs among training rows with such a value of one feature."""
    return _said(_binned_says(training.X[:, at], training.stage_codes, X[:, at]))


def published_rule(training: LabelledTable, X: FloatArray) -> Drawn:
    """The published criteria, measured by the ranks among the training rows."""
    stages = published_rule_stages(training.X, X, training.signal_codes)
    return _said(np.eye(len(CLASSES))[stages - 1])


def labels_alone(training: LabelledTable, X: FloatArray) -> Drawn:
    """The linear ordinal model, trained on the labels without any simulation."""
    with one_thread():
        own = clone(build_evidence()).set_params(alpha=5.0, alpha_deviation=np.inf)
        is_empty = np.isnan(training.X).all(axis=0)  # such a column has no scale
        known, asked = (np.where(is_empty, 0.0, each) for each in (training.X, X))
        own.fit(known, training.stage_codes, training.weights)
        return _said(probabilities_over(own, asked, np.array(CLASSES)))


@dataclass(frozen=True, slots=True)
class ColdStartAlone:
    """The simulation, without any label."""

    simulator: Any

    def __call__(self, training: LabelledTable, X: FloatArray) -> Drawn:  # noqa: ARG002 - a Pipeline
        """What it says of the rows `X`; `training` is not looked at."""
        with one_thread():
            return _said(probabilities_over(self.simulator, X, np.array(CLASSES)))


def _said(probabilities: FloatArray) -> Drawn:
    return Drawn(probabilities, {}, "")


def _prevalences(training: LabelledTable) -> FloatArray:
    return class_frequencies(training.stage_codes - 1, training.weights, len(CLASSES))


def _error_within(training: LabelledTable, at: int) -> float:
    values, codes = training.X[:, at], training.stage_codes
    if np.isnan(values).all():
        return np.inf
    folds = StratifiedKFold(2, shuffle=True, random_state=0).split(values, np.ones(len(codes)))
    errors = []
    for known, held_out in folds:
        said = _binned_says(values[known], codes[known], values[held_out])
        errors.append(np.abs(median_positions(said) + 1 - codes[held_out]).mean())
    return float(np.mean(errors))


def _binned_says(values: FloatArray, stage_codes: IntArray, others: FloatArray) -> FloatArray:
    """Frequencies of the stages in the bin of each value; missing values have one of their own."""
    seen = values[~np.isnan(values)]
    edges = np.unique(np.quantile(seen, _EDGES)) if len(seen) else seen
    known, asked = _bins(values, edges), _bins(others, edges)
    counts = np.zeros((len(edges) + 2, len(CLASSES)))
    np.add.at(counts, (known, stage_codes - 1), 1.0)
    everywhere = counts.sum(axis=0) / counts.sum()
    masses = counts.sum(axis=1, keepdims=True)
    shares: FloatArray = (counts + everywhere) / (masses + 1)
    return shares[asked]


def _bins(values: FloatArray, edges: FloatArray) -> IntArray:
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))
