"""From no label to many: an estimator trained on simulated worlds that labels correct.

Without labels it says what the simulation says. A few labels recalibrate that: one slope and a
shift of each threshold, held near 1 and 0 by priors. More labels may also speak through the
features themselves, held near 0. Many labels may join it with classifiers of other kinds. Which
of these is used is decided by cross-validation, and recorded.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from classifiers.decisions import (
    DECISIONS,
    OrderedDecisionMixin,
    class_frequencies,
    ordered_classes,
)
from classifiers.members import probabilities_over, with_half_a_row
from classifiers.offset import (
    Correction,
    Precisions,
    corrected_log_odds,
    cumulative_log_odds,
    fit_correction,
    probabilities_from,
)
from classifiers.out_of_fold import folds_by
from classifiers.stacking import OrdinalStackingClassifier, default_members

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.out_of_fold import Fold

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

SOURCES = ("simulator", "recalibrated", "offset", "stack")
FEWEST_ROWS = {"simulator": 0, "recalibrated": 10, "offset": 50, "stack": 300}  #: to be tried

_ENSEMBLE_FOLD_COUNT = 3  # inside every fold of a trial: three unknown weights need no more
_PRIOR_ROW_MASS = 1000.0  # what a simulation is worth: nothing is ever ruled out
_NEEDS_A_STANDARD_ERROR = ("stack",)  # what costs much must be better beyond chance


class Trial(NamedTuple):
    """How one source did on rows that it had not seen."""

    source: str
    ranked_probability_score: float
    better_than_former: float  #: mean of the paired differences to the source chosen before it
    standard_error: float  #: of these differences
    is_chosen: bool


class ColdStartOrdinalClassifier(OrderedDecisionMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Correct an estimator that was fitted to simulated organizations by real labels.

    Args:
        simulator_estimator: fitted classifier of the same features and classes. It is never
            refitted, and `clone` keeps it. None says the frequencies of the classes, which
            leaves an ordinary model of the labels alone.
        alpha_score: precision of the slope of its log-odds around 1.
        alpha_features: precision of the coefficients of standardized features around 0.
        alpha_threshold: precision of the shift of each threshold around 0.
        source: "auto" decides by cross-validation among those with enough rows
            (`FEWEST_ROWS`), or one of `SOURCES`.
        cv: number of folds of that cross-validation, a splitter, or folds.
        classes: all classes in ascending order; None takes those of `simulator_estimator`,
            or those in y without one.
        decision: "median", "mode" or "prior_adjusted".
        random_state: seed of the ensemble's members.

    Attributes:
        classes_: classes in ascending order.
        source_: which of `SOURCES` is used.
        trials_: a `Trial` for each source that was tried, in order; empty when none was.
        correction_: what labels said of the simulation; None for the ensemble.
        ensemble_: the fitted ensemble; None unless `source_` is "stack".

    Examples:
        >>> import numpy as np
        >>> from classifiers.ordinal import CumulativeLinkClassifier
        >>> X = np.linspace(-3, 3, 60)[:, np.newaxis]
        >>> simulated = CumulativeLinkClassifier().fit(X, 1 + np.digitize(X[:, 0], [-1.0, 1.0]))
        >>> model = ColdStartOrdinalClassifier(simulated)
        >>> model.fit(X[::2], 1 + np.digitize(X[::2, 0], [-0.5, 1.5])).source_
        'recalibrated'
    """

    def __init__(  # noqa: PLR0913 - each is one assumption of the model
        self,
        simulator_estimator: Any = None,  # noqa: ANN401 - scikit-learn publishes no types
        *,
        alpha_score: float = 10.0,
        alpha_features: float = 40.0,
        alpha_threshold: float = 5.0,
        source: str = "auto",
        cv: Any = 5,  # noqa: ANN401 - a number, a splitter or folds
        classes: Sequence[Any] | None = None,
        decision: str = "median",
        random_state: int | None = 0,
    ) -> None:
        self.simulator_estimator = simulator_estimator
        self.alpha_score = alpha_score
        self.alpha_features = alpha_features
        self.alpha_threshold = alpha_threshold
        self.source = source
        self.cv = cv
        self.classes = classes
        self.decision = decision
        self.random_state = random_state

    def __sklearn_clone__(self) -> Self:
        # The simulation is evidence, not a setting: a clone without it would be another model.
        given = self.get_params(deep=False)
        return type(self)(**given)

    def fit(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        groups: npt.ArrayLike | None = None,
    ) -> Self:
        """Correct the simulation by rows `X` with ordered classes `y`.

        Args:
            X: features, NaN where missing.
            y: class of each row.
            sample_weight: weight of each row.
            groups: label of each row, such as its organization; a group is never split between
                the folds that decide the source.

        Raises:
            ValueError: an unknown source, a simulation that is not fitted or has other classes.
        """
        rows, labels = self._validated(X, y)
        weights = _check_sample_weight(sample_weight, rows, dtype=np.float64)
        if self.simulator_estimator is not None:
            check_is_fitted(self.simulator_estimator)
        codes = self._take_labels(labels, weights)
        self._learn_scale(rows, weights)
        self.trials_ = self._tried(rows, labels, weights, groups)
        chosen = [trial.source for trial in self.trials_ if trial.is_chosen]
        self.source_ = chosen[-1] if chosen else self._first_source()
        self._fit_source(rows, labels, codes, weights)
        return self

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes), in the order of `classes_`."""
        check_is_fitted(self)
        rows = self._validated(X, reset=False)
        if self.correction_ is None:
            return probabilities_over(self.ensemble_, rows, self.classes_)
        return self._corrected(self.correction_, rows)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.poor_score = True  # shrunken on purpose
        return tags

    def _validated(self, X: npt.ArrayLike, *y: npt.ArrayLike, reset: bool = True) -> Any:  # noqa: ANN401
        return validate_data(
            self, X, *y, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan"
        )

    def _take_labels(self, labels: npt.NDArray[Any], weights: FloatArray) -> IntArray:
        if self.source not in (*SOURCES, "auto"):
            message = f"source={self.source!r} is not one of {(*SOURCES, 'auto')}"
            raise ValueError(message)
        if self.decision not in DECISIONS:
            message = f"decision={self.decision!r} is not one of {DECISIONS}"
            raise ValueError(message)
        check_classification_targets(labels)
        simulated = getattr(self.simulator_estimator, "classes_", None)
        self.classes_ = ordered_classes(labels, simulated if self.classes is None else self.classes)
        codes: IntArray = np.searchsorted(self.classes_, labels)
        self.class_prior_ = class_frequencies(codes, weights, len(self.classes_))
        return codes

    def _first_source(self) -> str:
        if self.source != "auto":
            return self.source
        return "recalibrated" if self.simulator_estimator is None else "simulator"

    def _tried(
        self,
        rows: FloatArray,
        labels: npt.NDArray[Any],
        weights: FloatArray,
        groups: npt.ArrayLike | None,
    ) -> list[Trial]:
        count = len(rows) if groups is None else len(np.unique(np.asarray(groups)))
        if self.source != "auto" or min(len(rows), count) < FEWEST_ROWS["recalibrated"]:
            return []
        folds = folds_by(self.cv, np.searchsorted(self.classes_, labels), groups)
        template = clone(self).set_params(classes=list(self.classes_))
        return [held.trial for held in try_sources(template, rows, labels, weights, folds)]

    def _fit_source(
        self,
        rows: FloatArray,
        labels: npt.NDArray[Any],
        codes: IntArray,
        weights: FloatArray,
    ) -> None:
        self.ensemble_, self.correction_ = None, None
        if self.source_ == "stack":
            self.ensemble_ = self._ensemble().fit(rows, labels, sample_weight=weights)
            return
        count = len(self.classes_) - 1
        if self.source_ == "simulator":
            self.correction_ = Correction(1.0, np.zeros(count), np.zeros(0))
            return
        features = self._features_of(rows)
        if self.source_ == "recalibrated":
            features = features[:, :0]
        precisions = Precisions(self.alpha_score, self.alpha_threshold, self.alpha_features)
        self.correction_ = fit_correction(
            self._log_odds(rows), features, codes, weights, precisions
        )

    def _corrected(self, correction: Correction, rows: FloatArray) -> FloatArray:
        features = np.zeros((len(rows), 0))
        if len(correction.coef):
            features = self._features_of(rows)
        log_odds = corrected_log_odds(correction, self._log_odds(rows), features)
        return with_half_a_row(probabilities_from(log_odds), _PRIOR_ROW_MASS)

    def _ensemble(self) -> OrdinalStackingClassifier:
        classes = list(self.classes_)
        offset = clone(self).set_params(source="offset", classes=classes)
        others = default_members(classes, random_state=self.random_state)
        members = [("offset", offset), *[each for each in others if each[0] != "linear"]]
        return OrdinalStackingClassifier(members, cv=_ENSEMBLE_FOLD_COUNT, classes=classes)

    def _log_odds(self, rows: FloatArray) -> FloatArray:
        if self.simulator_estimator is None:
            return cumulative_log_odds(np.tile(self.class_prior_, (len(rows), 1)))
        return cumulative_log_odds(
            probabilities_over(self.simulator_estimator, rows, self.classes_)
        )

    def _learn_scale(self, rows: FloatArray, weights: FloatArray) -> None:
        seen = np.where(np.isnan(rows), 0.0, weights[:, np.newaxis])
        mass = np.maximum(seen.sum(axis=0), 1e-12)
        filled = np.nan_to_num(rows)
        self.feature_mean_ = (seen * filled).sum(axis=0) / mass
        variance = (seen * (filled - self.feature_mean_) ** 2).sum(axis=0) / mass
        self.feature_scale_ = np.where(variance > 0, np.sqrt(variance), 1.0)

    def _features_of(self, rows: FloatArray) -> FloatArray:
        if hasattr(self.simulator_estimator, "complete"):
            # Scaled, and filled in the light of all features, by many more rows than these.
            own: FloatArray = self.simulator_estimator.complete(rows)
            return own
        standard: FloatArray = (rows - self.feature_mean_) / self.feature_scale_
        return np.nan_to_num(standard)


class HeldOut(NamedTuple):
    """One source, tried: the models of its folds, and what they said of rows held out."""

    trial: Trial
    classifiers: tuple[ColdStartOrdinalClassifier, ...]
    probabilities: FloatArray


def try_sources(
    template: ColdStartOrdinalClassifier,
    rows: FloatArray,
    labels: npt.NDArray[Any],
    weights: FloatArray,
    folds: Sequence[Fold],
    names: Sequence[str] | None = None,
) -> list[HeldOut]:
    """Every source for which there are enough rows, from the simplest on.

    A source is chosen when its ranked probability score out of fold is better than that of the
    one chosen before it; the ensemble only when it is so by more than a standard error.

    Args:
        template: what to clone; its `classes` are set, its source does not matter.
        rows: features, NaN where missing.
        labels: class of each row.
        weights: weight of each row.
        folds: positions of training and held-out rows; each row is held out once.
        names: sources to try; None for all that have enough rows.
    """
    tried = [name for name in SOURCES if len(rows) >= FEWEST_ROWS[name]] if names is None else names
    codes = np.searchsorted(np.asarray(template.classes), labels)
    held: list[HeldOut] = []
    best: FloatArray | None = None
    for name in tried:
        classifiers, drawn = _held_out(
            clone(template).set_params(source=name), rows, labels, weights, folds
        )
        own = _ranked_probability_scores(drawn, codes)
        trial = _trial(name, own, best, weights)
        best = own if trial.is_chosen else best
        held.append(HeldOut(trial, classifiers, drawn))
    return held


def _held_out(
    template: ColdStartOrdinalClassifier,
    rows: FloatArray,
    labels: npt.NDArray[Any],
    weights: FloatArray,
    folds: Sequence[Fold],
) -> tuple[tuple[ColdStartOrdinalClassifier, ...], FloatArray]:
    probabilities = np.zeros((len(rows), len(template.classes or ())))
    fitted = []
    for training, held_out in folds:
        own = clone(template).fit(rows[training], labels[training], weights[training])
        probabilities[held_out] = own.predict_proba(rows[held_out])
        fitted.append(own)
    return tuple(fitted), probabilities


def _ranked_probability_scores(probabilities: FloatArray, codes: IntArray) -> FloatArray:
    cumulative = np.cumsum(probabilities, axis=1)[:, :-1]
    is_below = codes[:, np.newaxis] <= np.arange(cumulative.shape[1])
    scores: FloatArray = ((cumulative - is_below) ** 2).mean(axis=1)
    return scores


def _trial(name: str, own: FloatArray, best: FloatArray | None, weights: FloatArray) -> Trial:
    gains = np.zeros(len(own)) if best is None else best - own
    gain = float(np.average(gains, weights=weights))
    error = float(np.std(gains) / np.sqrt(len(gains)))
    margin = error if name in _NEEDS_A_STANDARD_ERROR else 0.0
    mean = float(np.average(own, weights=weights))
    return Trial(name, mean, gain, error, is_chosen=best is None or gain > margin)
