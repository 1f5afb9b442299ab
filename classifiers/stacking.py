"""An ensemble of ordered classifiers: one mixture of their cumulative probabilities.

Weights are those with the smallest ranked probability score on rows that the members did not
see (a linear opinion pool; Breiman 1996, Stacked regressions, Machine Learning 24, has the
out-of-fold scheme and the non-negative weights).
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from classifiers.decisions import OrderedDecisionMixin
from classifiers.frank_hall import FrankHallClassifier
from classifiers.kernel import KernelOrdinalClassifier
from classifiers.members import probabilities_over, takes_missing, with_half_a_row
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.out_of_fold import fit_weighted, folds_by, out_of_fold_probabilities
from classifiers.pooling import POOLS, fitted_temperature, tempered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from sklearn.pipeline import Pipeline

    from classifiers.out_of_fold import Fold

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]


def default_members(
    classes: Sequence[Any] | None = None,
    *,
    monotonic_cst: Sequence[int] | None = None,
    random_state: int | None = 0,
) -> list[tuple[str, Any]]:
    """Four unlike members: linear, boosted trees, forest, kernel; all of them take NaN.

    The trees send missing values down a branch of their own; the other two fill them with the
    median of the column.

    Args:
        classes: all classes in ascending order; None takes those found in training.
        monotonic_cst: for each feature 1, -1 or 0, for the linear and the boosted member.
        random_state: seed of the forest and of the kernel's subset of rows.
    """
    forest = RandomForestClassifier(n_estimators=100, min_samples_leaf=3, random_state=random_state)
    linear = CumulativeLinkClassifier(monotonic_cst=monotonic_cst, classes=classes)
    return [
        ("linear", _filled_and_scaled(linear)),
        ("boosting", FrankHallClassifier(monotonic_cst=monotonic_cst, classes=classes)),
        ("forest", forest),
        (
            "kernel",
            _filled_and_scaled(KernelOrdinalClassifier(classes=classes, random_state=random_state)),
        ),
    ]


class OrdinalStackingClassifier(OrderedDecisionMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Mix the probabilities of several classifiers by weights learned out of fold.

    Each member predicts the rows of every fold from the other folds. The weights, at least 0
    and of sum 1, minimize the loss of the mixture there; they lean towards equal weights as if
    one more row asked for those. Then every member is fitted to all rows.

    Args:
        estimators: pairs of a name and a classifier with `predict_proba`; None for
            `default_members`.
        loss: "rps", the ranked probability score, or "log_loss".
        cv: number of folds (fewer when there are fewer rows or groups), a splitter of
            scikit-learn, or folds; each row is held out exactly once.
        calibrated: raise the mixture to a power and normalize it, where that lowers the
            log loss out of fold (one temperature for all classes).
        n_jobs: fits at a time, as in scikit-learn.
        random_state: seed of the default members.
        classes: all classes in ascending order, so that one without rows keeps its column;
            None takes those found in y. The default members are told; others have a
            parameter of their own or give 0 to a class that they did not see.
        decision: "median", "mode" or "prior_adjusted", see `decisions.decided_positions`.

    Attributes:
        classes_: classes in ascending order.
        class_prior_: frequency of each class in training, by weight, half a row added to each.
        members_: the fitted members by name.
        weights_: weight of each member, in the order of `members_`.
        temperature_: 1 leaves the mixture as it is, less sharpens it, more flattens it.
        oof_proba_: probabilities of the training rows out of fold, after mixing and
            calibration, shape (n_rows, n_classes).

    Examples:
        >>> import numpy as np
        >>> from classifiers.ordinal import CumulativeLinkClassifier
        >>> X = np.linspace(-3, 3, 60)[:, np.newaxis]
        >>> y = 1 + np.digitize(X[:, 0], [-1.0, 1.0])
        >>> members = [(link, CumulativeLinkClassifier(link)) for link in ("logit", "probit")]
        >>> model = OrdinalStackingClassifier(members).fit(X, y)
        >>> model.predict([[-2.0], [0.0], [2.0]])
        array([1, 2, 3])
        >>> bool(np.isclose(model.weights_.sum(), 1.0))
        True
    """

    def __init__(  # noqa: PLR0913 - each is one setting of the model
        self,
        estimators: Sequence[tuple[str, Any]] | None = None,
        *,
        loss: str = "rps",
        cv: Any = 5,  # noqa: ANN401 - a number, a splitter or folds
        calibrated: bool = True,
        n_jobs: int | None = None,
        random_state: int | None = 0,
        classes: Sequence[Any] | None = None,
        decision: str = "median",
    ) -> None:
        self.estimators = estimators
        self.loss = loss
        self.cv = cv
        self.calibrated = calibrated
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.classes = classes
        self.decision = decision

    def fit(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        groups: npt.ArrayLike | None = None,
    ) -> Self:
        """Fit members and weights to rows `X` with ordered classes `y`.

        Args:
            X: features, shape (n_rows, n_features); NaN where all members take it.
            y: class of each row.
            sample_weight: weight of each row, in the members and in the loss.
            groups: label of each row, such as its organization; a group is never split
                between folds.

        Raises:
            ValueError: an unknown loss or decision, fewer than two folds, groups or classes,
                or a class in y that `classes` lacks.
        """
        rows, labels = self._validated(X, y)
        weights = _check_sample_weight(
            sample_weight, rows, dtype=np.float64, ensure_non_negative=True
        )
        if self.loss not in POOLS:
            message = f"loss={self.loss!r} is not one of {tuple(POOLS)}"
            raise ValueError(message)
        codes = self._take_labels(labels, weights)
        folds = folds_by(self.cv, codes, groups)
        given = None if sample_weight is None else weights
        self._row_mass = float(weights.sum())
        self._combine(self._fit_members(rows, labels, given, folds), codes, weights)
        return self

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes), in the order of `classes_`."""
        check_is_fitted(self)
        rows: FloatArray = self._validated(X, reset=False)
        members = self.members_.values()
        stacked = np.stack([probabilities_over(each, rows, self.classes_) for each in members])
        return tempered(self._mixed(stacked), self.temperature_)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._takes_missing()
        tags.classifier_tags.poor_score = True  # the checks' labels follow no order
        return tags

    def _validated(self, X: npt.ArrayLike, *y: npt.ArrayLike, reset: bool = True) -> Any:  # noqa: ANN401
        finite = "allow-nan" if self._takes_missing() else True
        return validate_data(self, X, *y, reset=reset, dtype=np.float64, ensure_all_finite=finite)

    def _takes_missing(self) -> bool:
        return all(takes_missing(each) for _, each in self._named_members(None))

    def _named_members(self, classes: Sequence[Any] | None) -> Sequence[tuple[str, Any]]:
        if self.estimators is None:
            return default_members(classes, random_state=self.random_state)
        return self.estimators

    def _fit_members(
        self,
        rows: FloatArray,
        labels: npt.NDArray[Any],
        weights: FloatArray | None,
        folds: Sequence[Fold],
    ) -> FloatArray:
        named = self._named_members(list(self.classes_))
        training = (rows, labels, weights)
        out_of_fold = Parallel(n_jobs=self.n_jobs)(
            delayed(out_of_fold_probabilities)(each, *training, classes=self.classes_, folds=folds)
            for _, each in named
        )
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(fit_weighted)(each, *training) for _, each in named
        )
        self.members_ = {name: own for (name, _), own in zip(named, fitted, strict=True)}
        return np.stack(out_of_fold)

    def _combine(self, stacked: FloatArray, codes: IntArray, weights: FloatArray) -> None:
        self.weights_ = POOLS[self.loss](stacked, codes, weights)
        mixed = self._mixed(stacked)
        self.temperature_ = fitted_temperature(mixed, codes, weights) if self.calibrated else 1.0
        self.oof_proba_ = tempered(mixed, self.temperature_)

    def _mixed(self, stacked: FloatArray) -> FloatArray:
        return with_half_a_row(np.tensordot(self.weights_, stacked, axes=1), self._row_mass)


def _filled_and_scaled(model: Any) -> Pipeline:  # noqa: ANN401 - scikit-learn publishes no types
    filled = SimpleImputer(strategy="median", keep_empty_features=True)
    return make_pipeline(filled, StandardScaler(), model)
