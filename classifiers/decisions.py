"""From probabilities of ordered classes to one class: three decisions, each for its own loss."""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

DECISIONS = ("median", "mode", "prior_adjusted")


def median_positions(probabilities: FloatArray) -> IntArray:
    """Column of the first class at which the cumulative probability reaches one half."""
    positions: IntArray = np.argmax(np.cumsum(probabilities, axis=1) >= 0.5 - 1e-12, axis=1)
    return positions


def decided_positions(
    probabilities: FloatArray, decision: str, class_prior: FloatArray
) -> IntArray:
    """Column that a decision picks in each row of `probabilities` (n_rows, n_classes).

    Args:
        probabilities: rows that sum to 1, classes in ascending order.
        decision: "median" minimizes the expected distance in classes; "mode" the expected
            share of wrong rows; "prior_adjusted" is the median as if all classes were equally
            frequent, which lowers the distance averaged over classes instead of over rows.
        class_prior: frequencies of the classes that "prior_adjusted" divides by; above 0.
    """
    if decision == "mode":
        return np.asarray(probabilities.argmax(axis=1))
    if decision == "prior_adjusted":
        ratios = probabilities / class_prior
        return median_positions(ratios / ratios.sum(axis=1, keepdims=True))
    return median_positions(probabilities)


def class_frequencies(codes: IntArray, weights: FloatArray, class_count: int) -> FloatArray:
    """Share of each class by weight, half a row added to each so that none is 0."""
    mass = np.bincount(codes, weights, class_count) + 0.5
    return np.asarray(mass / mass.sum())


def ordered_classes(labels: npt.NDArray[Any], classes: Sequence[Any] | None) -> npt.NDArray[Any]:
    """All classes in ascending order: those given, else those found in `labels`.

    Raises:
        ValueError: `classes` do not ascend, lack one that is found, or are fewer than two.
    """
    found = np.unique(labels)
    ordered = found if classes is None else np.asarray(classes)
    if not np.array_equal(np.unique(ordered), ordered) or not np.isin(found, ordered).all():
        message = f"classes={ordered} must ascend and hold every class in y, {found}"
        raise ValueError(message)
    if len(ordered) < 2:  # noqa: PLR2004 - fewer have no order
        message = f"needs at least two classes, but y holds just one class: {found}"
        raise ValueError(message)
    return ordered


class OrderedDecisionMixin(ClassifierMixin):  # type: ignore[misc]  # untyped
    """What all our classifiers of ordered classes share: their classes and their decision.

    A class that uses it has the parameters `classes` and `decision` and calls `_take_labels`
    in `fit`.

    Attributes:
        classes_: classes in ascending order.
        class_prior_: frequency of each class in training, by weight, half a row added to each.
    """

    classes: Sequence[Any] | None
    decision: str

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """The class that `decision` picks from the probabilities of each row."""
        # The probabilities come first: they tell when the model is not fitted.
        probabilities: FloatArray = self.predict_proba(X)
        positions = decided_positions(probabilities, self.decision, self.class_prior_)
        return np.asarray(self.classes_[positions])

    def _take_labels(self, labels: npt.NDArray[Any], weights: FloatArray) -> IntArray:
        check_classification_targets(labels)
        if self.decision not in DECISIONS:
            message = f"decision={self.decision!r} is not one of {DECISIONS}"
            raise ValueError(message)
        self.classes_ = ordered_classes(labels, self.classes)
        codes: IntArray = np.searchsorted(self.classes_, labels)
        self.class_prior_ = class_frequencies(codes, weights, len(self.classes_))
        return codes
