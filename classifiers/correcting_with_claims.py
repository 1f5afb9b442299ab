"""Training with experts' codes and with what organizations say of themselves.

Self-assessments teach only through a model of how far they lie from experts' codes
(`noisy_labels`), which organizations with both tell. The model learns from the whole, and every
organization that it learned from is estimated by a part that has seen neither its code nor its
self-assessment.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from classifiers.coldstart import FEWEST_ROWS, ColdStartOrdinalClassifier, Trial
from classifiers.correcting import calibrated_on, corrected
from classifiers.decisions import median_positions
from classifiers.model import version_of
from classifiers.noisy_labels import (
    FEWEST_ANCHORS,
    NoisyLabelOrdinalClassifier,
    SelfReportWarning,
)
from classifiers.nonconformity import rps_scores
from classifiers.one_thread import one_thread
from classifiers.out_of_fold import stratified_folds
from classifiers.self_assessments import set_beside
from classifiers.shift_summary import HeldOutCodes, summarize_shift
from classifiers.stages import Stage

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.model import StageModel
    from classifiers.out_of_fold import Fold
    from classifiers.partial_evidence import PartialEvidenceClassifier
    from classifiers.self_assessments import ReportedTable, SelfAssessments
    from classifiers.shift_summary import ShiftSummary

    FloatArray = npt.NDArray[np.float64]
    TextArray = npt.NDArray[np.str_]

SOURCES_WITH_CLAIMS = ("recalibrated", "offset")  #: that may learn from self-assessments

_FOLD_COUNT = 5
_ROUND_COUNT = 3  # two more moved the error by 0.001 stages in the world that was tried
_CLASSES = tuple(stage.value for stage in Stage)


class TooFewAnchorsError(ValueError):
    """Too few organizations have both an expert's code and a self-assessment."""

    def __init__(self, anchor_count: int) -> None:
        super().__init__(
            f"{anchor_count} organizations have both an expert's code and a self-assessment, at "
            f"least {FEWEST_ANCHORS} are needed to tell how far self-assessments are off"
        )
        self.anchor_count = anchor_count


class Taught(NamedTuple):
    """A model that learned from self-assessments too, and the same without them."""

    model: StageModel
    without: StageModel  #: learned from the same codes alone, in the same way
    summary: ShiftSummary


def correct_with_claims(
    cold: StageModel, table: LabelledTable, said: SelfAssessments, source: str = "auto"
) -> Taught:
    """The cold-start model, corrected by experts' codes and by self-assessments.

    Args:
        cold: a model of simulated worlds alone.
        table: organizations with an expert's code.
        said: organizations that gave themselves a stage.
        source: one of `SOURCES_WITH_CLAIMS`, or "auto" for the one that does better on codes
            that it has not seen.

    Raises:
        TooFewAnchorsError: fewer than `noisy_labels.FEWEST_ANCHORS` organizations have both.
        ValueError: another source.
    """
    reported = set_beside(table, said)
    names = _sources(source, reported)
    _check_anchors(reported)
    with one_thread():
        found = corrected(cold, table, source)
        folds = _folds(reported)
        tried = [_try(cold.evidence, reported, folds, name) for name in names]
        trials = _trials(tried, reported)
        chosen = max(at for at, trial in enumerate(trials) if trial.is_chosen)
        whole = _learn(cold.evidence, reported, names[chosen])
    whole.classifier.trials_ = trials
    model = _model(cold, table, reported, whole, tried[chosen])
    model = replace(model, fold_of=_fold_of(reported, folds))
    probabilities = (tried[chosen].coded_probabilities, found.probabilities)
    codes = HeldOutCodes(table.stage_codes, table.weights, *probabilities)
    return Taught(model, found.model, summarize_shift(reported, whole.reports, codes))


class _Learned(NamedTuple):
    classifier: ColdStartOrdinalClassifier
    reports: NoisyLabelOrdinalClassifier


class _Tried(NamedTuple):
    """One source, tried out of fold."""

    name: str
    classifiers: tuple[ColdStartOrdinalClassifier, ...]
    coded_probabilities: FloatArray  # of the rows with a code, each by a model without them


class _Prepared(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Says what the simulation's classifier said of the rows once: it comes as their columns.

    The rounds of expectation and maximization ask it of the same rows again and again.
    """

    def __init__(self) -> None:
        self.classes_ = np.array(_CLASSES)

    def fit(self, _: npt.ArrayLike, __: npt.ArrayLike) -> Self:
        return self

    def predict_proba(self, X: FloatArray) -> FloatArray:  # noqa: N803 - scikit-learn's name
        return X[:, : len(_CLASSES)]

    def complete(self, X: FloatArray) -> FloatArray:  # noqa: N803 - scikit-learn's name
        return X[:, len(_CLASSES) :]


def _sources(source: str, reported: ReportedTable) -> list[str]:
    if source == "auto":
        count = len(set(reported.organization_ids.tolist()))
        return [name for name in SOURCES_WITH_CLAIMS if count >= FEWEST_ROWS[name]]
    if source not in SOURCES_WITH_CLAIMS:
        message = f"source={source!r} cannot learn from self-assessments, {SOURCES_WITH_CLAIMS} can"
        raise ValueError(message)
    return [source]


def _check_anchors(reported: ReportedTable) -> None:
    if reported.anchor_count < FEWEST_ANCHORS:
        raise TooFewAnchorsError(reported.anchor_count)


def _folds(reported: ReportedTable) -> list[Fold]:
    # What an organization claims has no say in which fold it comes to.
    return stratified_folds(reported.stage_codes, _FOLD_COUNT, _groups(reported))


def _groups(reported: ReportedTable) -> TextArray | None:
    # Dealing groups is slow, and done for every fold: not where each is a group of its own.
    is_shared = len(set(reported.groups.tolist())) < len(reported)
    return reported.groups if is_shared else None


def _fold_of(reported: ReportedTable, folds: list[Fold]) -> dict[str, int]:
    ids = reported.organization_ids
    return {name: at for at, (_, held_out) in enumerate(folds) for name in ids[held_out].tolist()}


def _try(
    evidence: PartialEvidenceClassifier, reported: ReportedTable, folds: list[Fold], name: str
) -> _Tried:
    probabilities = np.zeros((len(reported), len(_CLASSES)))
    fitted = []
    for training, held_out in folds:
        own = _learn(evidence, reported.rows(training), name).classifier
        probabilities[held_out] = own.predict_proba(reported.X[held_out])
        fitted.append(own)
    return _Tried(name, tuple(fitted), probabilities[reported.is_coded])


def _learn(evidence: PartialEvidenceClassifier, reported: ReportedTable, name: str) -> _Learned:
    template = ColdStartOrdinalClassifier(_Prepared(), source=name, classes=_CLASSES)
    reports = NoisyLabelOrdinalClassifier(template, classes=_CLASSES, max_iter=_ROUND_COUNT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SelfReportWarning)  # a fold has fewer anchors than all
        reports.fit(_prepared(evidence, reported.X), **_arguments(reported))
    return _Learned(_own_classifier(evidence, reported, reports), reports)


def _own_classifier(
    evidence: PartialEvidenceClassifier,
    reported: ReportedTable,
    reports: NoisyLabelOrdinalClassifier,
) -> ColdStartOrdinalClassifier:
    """The correction that was learned, as that of a classifier that reads features."""
    taught = reports.estimator_
    own = ColdStartOrdinalClassifier(evidence, source="simulator", classes=_CLASSES)
    own.fit(reported.X, 1 + median_positions(reports.posterior_), reported.weights)
    own.set_params(source=taught.source)
    own.source_ = taught.source
    # What the anchors add raises all log-odds of higher stages, as lower shifts do.
    shifts = taught.correction_.shifts - reports.correction_
    own.correction_ = taught.correction_._replace(shifts=shifts)
    return own


def _prepared(evidence: PartialEvidenceClassifier, X: FloatArray) -> FloatArray:  # noqa: N803 - scikit-learn's name
    return np.hstack([evidence.predict_proba(X), evidence.complete(X)])


def _arguments(reported: ReportedTable) -> dict[str, Any]:
    return {
        "y": np.where(reported.is_reported, reported.reported_codes, reported.stage_codes),
        "sample_weight": reported.weights,
        "anchor_y": np.where(reported.is_coded, reported.stage_codes, np.nan),
        "is_reported": reported.is_reported,
        "groups": _groups(reported),
    }


def _trials(tried: list[_Tried], reported: ReportedTable) -> list[Trial]:
    is_coded = reported.is_coded
    places, weights = reported.stage_codes[is_coded] - 1, reported.weights[is_coded]
    trials: list[Trial] = []
    best: FloatArray | None = None
    for each in tried:
        own = rps_scores(each.coded_probabilities)[np.arange(len(places)), places]
        gains = np.zeros(len(own)) if best is None else best - own
        gain, error = np.average(gains, weights=weights), np.std(gains) / np.sqrt(len(gains))
        is_chosen = best is None or bool(gain > 0)
        mean = float(np.average(own, weights=weights))
        trials.append(Trial(each.name, mean, float(gain), float(error), is_chosen))
        best = own if is_chosen else best
    return trials


def _model(
    cold: StageModel,
    table: LabelledTable,
    reported: ReportedTable,
    whole: _Learned,
    tried: _Tried,
) -> StageModel:
    calibration = calibrated_on(cold, table, tried.coded_probabilities)
    kind = f"{tried.name}-{len(table)}-claims-{len(reported.claiming)}"
    return replace(
        cold,
        classifier=whole.classifier,
        calibration=calibration,
        source=tried.name,
        label_counts=table.stage_counts,
        model_version=version_of(kind, whole.classifier, calibration, cold.signal_codes),
        fold_classifiers=tried.classifiers,
        claiming=reported.claiming,
    )
