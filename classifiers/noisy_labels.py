"""Learning from what organizations say of themselves, with a few experts' codes beside it.

Self-assessments run high. Used as they are they teach the model to run high as well. With some
organizations coded by experts too (anchors), the shift of the reports can be told from the
stage, and the many reports then help to learn what the features say.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from classifiers.decisions import median_positions, ordered_classes
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.out_of_fold import folds_by
from classifiers.report_shift import ShiftPriors, fit_report_shift, regress_shift
from classifiers.self_reports import NOT_CODED, NOT_REPORTED, SelfReports
from classifiers.soft_labels import SoftLabels, best_move, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from classifiers.out_of_fold import Fold
    from classifiers.report_shift import ReportShift, ShiftTest

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

SELF_ASSESSMENT = "self-assessment"  #: kind of label that runs high
FEWEST_ANCHORS = 10  #: with fewer, a shift can hardly be told from chance
ESTIMATED_CLASS = "estimated class"  #: regressor of `shift_test_`

_SETTLED = 1e-3  # largest change of a posterior probability that ends the rounds


class SelfReportWarning(UserWarning):
    """Self-assessments are used as if they were the truth; estimates will run high."""


def warn_of_self_reports(label_kinds: Iterable[str], estimator: object) -> bool:
    """Warn where self-assessments are fitted by an estimator that knows nothing of their shift.

    Args:
        label_kinds: kind of each label, such as "expert" or `SELF_ASSESSMENT`.
        estimator: what is to be fitted to them.

    Returns:
        Whether it warned (`SelfReportWarning`). A `NoisyLabelOrdinalClassifier` is no reason
        for a warning here; it warns itself when it is fitted without anchors.

    Examples:
        >>> warn_of_self_reports(["expert", "expert"], CumulativeLinkClassifier())
        False
    """
    count = sum(kind == SELF_ASSESSMENT for kind in label_kinds)
    is_naive = count > 0 and not isinstance(estimator, NoisyLabelOrdinalClassifier)
    if is_naive:
        message = (
            f"{count} self-assessments are used as if they were true; code some organizations "
            "by experts and fit a NoisyLabelOrdinalClassifier with these as anchors"
        )
        warnings.warn(message, SelfReportWarning, stacklevel=2)
    return is_naive


class NoisyLabelOrdinalClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Wrap an ordinal classifier so that it learns from shifted reports and a few true classes.

    Expectation-maximization over the true class of rows that have a report only (the model of
    Dawid and Skene 1979, with the errors of an ordered scale): in turn it estimates how likely
    each class is for each row, from the estimator (fitted to the other rows) and from the shift
    of the reports (`report_shift`); then the shift, from anchors and these; then the estimator,
    from rows repeated for each class with the probability as weight. In each round the
    estimator's log-odds are moved by the one number that fits the anchors best, held near 0 by
    a normal prior. Without it an estimator with a prior of its own, such as one that learned
    from simulation, can leave a bias that the reports confirm.

    It assumes that the anchors are a fair sample given the features, and that the shift depends
    on nothing but stage and rater group; `shift_test_` looks into this. Without anchors there
    is no telling shift from stage: it then fits the reports as they are and warns.

    Args:
        estimator: classifier with `predict_proba` and ordered classes that takes sample
            weights; None for a `CumulativeLinkClassifier` with its default settings.
        anchors: true class of some rows, None or NaN elsewhere, for a `fit` that is not passed
            any. Anchors are rows with a report and a true class.
        support: lowest and highest number of steps that a report may be off; an anchor further
            off counts as that far.
        classes: all classes in ascending order, so that a class that nobody reports is a step
            of the ladder too; None takes those found.
        pseudo_count: rows' worth of the belief that a step further off is half as likely.
        slope_spread: standard deviation of the prior of how the shift changes with the stage;
            0 for a constant shift.
        rater_spread: standard deviation of the prior of how rater groups differ.
        correction_spread: standard deviation of the prior of the correction of the
            estimator, on its log-odds; 0 for none.
        cv: folds for the probabilities of rows that the estimator has not seen: a number, a
            splitter of scikit-learn, or folds that hold out each row once.
        max_iter: rounds at most, at least 1.

    Attributes:
        estimator_: the classifier fitted to all rows in the last round.
        classes_: classes in ascending order.
        shift_: the shift of the reports, a `ReportShift`; None without anchors.
        correction_: by how much the estimator's log-odds of a higher class are raised.
        raters_: rater groups in the order of `shift_.tilts`.
        posterior_: probability of each class for each row of `fit`, given features, report and
            anchor; shape (n_rows, n_classes).
        oof_proba_: the same from the features alone, by models that have not seen the row (the
            correction has): what a report may be compared with. None without anchors.
        surplus_: steps of each anchor beyond those of a shift that depends on nothing; NaN for
            other rows, and without anchors.
        shift_test_: a `ShiftTest` on the anchors: does the shift go with the estimated class
            ("estimated class") or a covariate, beyond what the ends of the ladder cause? None
            where the anchors are too few.
        anchor_count_: number of anchors.
        n_iter_: rounds done.

    Examples:
        >>> generator = np.random.default_rng(0)
        >>> truth = generator.integers(1, 7, 300)
        >>> X = truth[:, np.newaxis] + generator.normal(size=(300, 2))
        >>> reported = np.minimum(truth + generator.integers(0, 3, 300), 6)
        >>> anchors = [stage if row < 50 else None for row, stage in enumerate(truth)]
        >>> naive = CumulativeLinkClassifier().fit(X, reported).predict(X)
        >>> model = NoisyLabelOrdinalClassifier().fit(X, reported, anchor_y=anchors)
        >>> round(float(np.mean(naive - truth)), 1)
        0.9
        >>> abs(float(np.mean(model.predict(X) - truth))) < 0.1
        True
    """

    def __init__(  # noqa: PLR0913 - each is one assumption of the model
        self,
        estimator: ClassifierMixin | None = None,
        anchors: npt.ArrayLike | None = None,
        *,
        support: tuple[int, int] = (-2, 3),
        classes: Sequence[Any] | None = None,
        pseudo_count: float = 1.0,
        slope_spread: float = 0.3,
        rater_spread: float = 0.5,
        correction_spread: float = 0.3,
        cv: Any = 5,  # noqa: ANN401 - a number, a splitter or folds
        max_iter: int = 5,
    ) -> None:
        self.estimator = estimator
        self.anchors = anchors
        self.support = support
        self.classes = classes
        self.pseudo_count = pseudo_count
        self.slope_spread = slope_spread
        self.rater_spread = rater_spread
        self.correction_spread = correction_spread
        self.cv = cv
        self.max_iter = max_iter

    def fit(  # noqa: PLR0913 - what is known of the rows
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        *,
        rater: npt.ArrayLike | None = None,
        anchor_y: npt.ArrayLike | None = None,
        is_reported: npt.ArrayLike | None = None,
        groups: npt.ArrayLike | None = None,
        covariates: Mapping[str, npt.ArrayLike] | None = None,
    ) -> Self:
        """Fit to rows `X` with reported classes `y`.

        Args:
            X: features, shape (n_rows, n_features).
            y: reported class of each row.
            sample_weight: weight of each row.
            rater: rater group of each row, such as the role of who answered.
            anchor_y: true class of each row where it is known, None or NaN elsewhere.
            is_reported: False for rows that have a true class and no report; their `y` says
                nothing, and they tell nothing of the shift. None: every row has a report.
            groups: group of each row; rows of one group are never in different folds.
            covariates: columns by name that the shift is tested against, such as size.

        Raises:
            ValueError: a support without 0, an anchor that is no class, columns of another
                length, a row without report and true class, or weights for an estimator that
                takes none.
        """
        rows, labels = self._checked_training(X, y)
        weights = _check_sample_weight(sample_weight, rows, dtype=np.float64)
        anchors = _labels_of(self.anchors if anchor_y is None else anchor_y, len(rows), "anchor_y")
        self.classes_ = ordered_classes(_all_labels(labels, anchors), self.classes)
        reports = self._reports(labels, anchors, is_reported, rater, weights)
        self.anchor_count_ = int(reports.is_anchor.sum())
        self._warn_if_few()
        self._learn(rows, reports, groups)
        self._test_shift(reports, covariates or {})
        return self

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Probability of each true class, shape (n_rows, n_classes)."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        aligned = np.zeros((len(rows), len(self.classes_)))
        columns = np.searchsorted(self.classes_, self.estimator_.classes_)
        aligned[:, columns] = self.estimator_.predict_proba(rows)
        return moved(aligned, self.correction_)

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """The median class of the probabilities."""
        medians = median_positions(self.predict_proba(X))
        return np.asarray(self.classes_[medians])

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        wrapped = get_tags(self._estimator())
        tags.input_tags.allow_nan = wrapped.input_tags.allow_nan
        tags.classifier_tags.poor_score = True  # the median, as the wrapped model, see there
        return tags

    def _estimator(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        if self.estimator is not None:
            return self.estimator
        return CumulativeLinkClassifier(classes=getattr(self, "classes_", self.classes))

    def _checked_training(
        self, X: npt.ArrayLike, y: npt.ArrayLike
    ) -> tuple[FloatArray, npt.NDArray[Any]]:
        low, high = self.support
        if not low <= 0 <= high:
            message = f"support={self.support} must hold 0 steps"
            raise ValueError(message)
        rows, labels = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(labels)
        return rows, labels

    def _reports(
        self,
        labels: npt.NDArray[Any],
        anchors: list[Any],
        is_reported: npt.ArrayLike | None,
        rater: npt.ArrayLike | None,
        weights: FloatArray,
    ) -> SelfReports:
        return SelfReports(
            reported_codes=self._reported_codes(labels, anchors, is_reported),
            true_codes=self._codes_of(anchors),
            rater_codes=self._rater_codes(rater, len(labels)),
            weights=weights,
            class_count=len(self.classes_),
        )

    def _codes_of(self, labels: list[Any]) -> IntArray:
        positions = {label: code for code, label in enumerate(self.classes_.tolist())}
        positions[None] = NOT_CODED
        return np.array([positions[label] for label in labels], dtype=np.intp)

    def _reported_codes(
        self, labels: npt.NDArray[Any], anchors: list[Any], is_reported: npt.ArrayLike | None
    ) -> IntArray:
        codes = self._codes_of(labels.tolist())
        if is_reported is None:
            return codes
        is_given = np.asarray(is_reported, dtype=np.bool_)
        check_consistent_length(codes, is_given)
        if any(label is None for label, given in zip(anchors, is_given, strict=True) if not given):
            message = "a row without a report needs its true class in anchor_y, or leave it out"
            raise ValueError(message)
        return np.where(is_given, codes, NOT_REPORTED)

    def _rater_codes(self, rater: npt.ArrayLike | None, row_count: int) -> IntArray:
        labels = _labels_of(rater, row_count, "rater")
        self.raters_ = list(dict.fromkeys(labels))
        positions = {label: code for code, label in enumerate(self.raters_)}
        return np.array([positions[label] for label in labels], dtype=np.intp)

    def _warn_if_few(self) -> None:
        if self.anchor_count_ < FEWEST_ANCHORS:
            message = (
                f"{self.anchor_count_} of the reports have a true class beside them, at least "
                f"{FEWEST_ANCHORS} are needed to tell their shift; pass `anchor_y`"
            )
            warnings.warn(message, SelfReportWarning, stacklevel=3)

    def _learn(self, rows: FloatArray, reports: SelfReports, groups: npt.ArrayLike | None) -> None:
        labels = SoftLabels(
            rows=rows,
            classes=self.classes_,
            probabilities=reports.as_reported(),
            weights=reports.weights,
        )
        self.shift_: ReportShift | None = None
        self.oof_proba_: FloatArray | None = None
        self.correction_, self.n_iter_ = 0.0, 1
        if self.anchor_count_:
            folds = folds_by(self.cv, reports.known_codes(), groups)
            labels = self._expect_and_maximize(reports, labels, folds)
        self.posterior_ = labels.probabilities
        self.estimator_ = labels.fit(self._estimator())

    def _expect_and_maximize(
        self, reports: SelfReports, labels: SoftLabels, folds: list[Fold]
    ) -> SoftLabels:
        shift = self._fitted_shift(reports, reports.coded_indicators())
        start = reports.posterior(reports.coded_shares(), shift)
        labels = replace(labels, probabilities=start)
        while True:
            unseen = self._unseen(reports, labels, folds)
            posterior = reports.posterior(unseen, shift)
            change = np.abs(posterior - labels.probabilities).max()
            if change < _SETTLED or self.n_iter_ >= self.max_iter:
                self.shift_, self.oof_proba_ = shift, unseen
                return labels
            labels = replace(labels, probabilities=posterior)
            shift = self._fitted_shift(reports, posterior)
            self.n_iter_ += 1

    def _unseen(self, reports: SelfReports, labels: SoftLabels, folds: list[Fold]) -> FloatArray:
        probabilities = labels.out_of_fold(self._estimator(), folds)
        is_coded = reports.is_coded
        self.correction_ = best_move(
            probabilities[is_coded],
            reports.true_codes[is_coded],
            reports.weights[is_coded],
            self.correction_spread,
        )
        return moved(probabilities, self.correction_)

    def _fitted_shift(self, reports: SelfReports, probabilities: FloatArray) -> ReportShift:
        priors = ShiftPriors(self.pseudo_count, self.slope_spread, self.rater_spread)
        return fit_report_shift(
            reports.step_counts(probabilities, self._steps()), self._steps(), priors
        )

    def _steps(self) -> IntArray:
        low, high = self.support
        return np.arange(low, high + 1)

    def _test_shift(self, reports: SelfReports, covariates: Mapping[str, npt.ArrayLike]) -> None:
        self.shift_test_: ShiftTest | None = None
        self.surplus_: FloatArray = np.full(len(reports.weights), np.nan)
        columns = {
            name: np.asarray(column, dtype=np.float64) for name, column in covariates.items()
        }
        check_consistent_length(reports.weights, *columns.values())
        if self.oof_proba_ is None:
            return
        self.surplus_ = np.where(reports.is_anchor, self._surplus(reports), np.nan)
        columns = {ESTIMATED_CLASS: self.oof_proba_ @ np.arange(len(self.classes_)), **columns}
        is_used = reports.is_anchor & np.isfinite(list(columns.values())).all(axis=0)
        used = {name: column[is_used] for name, column in columns.items()}
        self.shift_test_ = regress_shift(self.surplus_[is_used], used)

    def _surplus(self, reports: SelfReports) -> FloatArray:
        """Steps of each anchor beyond those of a shift that depends on nothing."""
        pooled = replace(reports, rater_codes=np.zeros_like(reports.rater_codes))
        priors = ShiftPriors(self.pseudo_count, slope_spread=0.0)
        counts = pooled.step_counts(pooled.coded_indicators(), self._steps())
        constant = fit_report_shift(counts, self._steps(), priors)
        codes = np.maximum(reports.true_codes, 0)
        surplus: FloatArray = reports.reported_codes - codes - constant.mean_steps()[0][codes]
        return surplus


def _labels_of(labels: npt.ArrayLike | None, row_count: int, name: str) -> list[Any]:
    if labels is None:
        return [None] * row_count
    given = np.asarray(labels, dtype=object).tolist()
    if len(given) != row_count:
        message = f"{name} holds {len(given)} labels for {row_count} rows"
        raise ValueError(message)
    return [None if label != label else label for label in given]  # noqa: PLR0124 - NaN


def _all_labels(labels: npt.NDArray[Any], anchors: list[Any]) -> npt.NDArray[Any]:
    known = np.unique([label for label in anchors if label is not None])
    if not len(known):
        return labels
    is_number = labels.dtype.kind in "iuf"
    if is_number != (known.dtype.kind in "iuf"):
        message = f"anchor_y holds {known}, which are no classes like those of y, {labels[:1]}"
        raise ValueError(message)
    whole = known.astype(labels.dtype) if is_number else known
    if not np.array_equal(whole, known):
        message = f"anchor_y holds {known}, but classes are whole numbers"
        raise ValueError(message)
    return np.concatenate([labels, whole])
