"""Members of an ensemble or a reduction: what they take, and what they say of all classes."""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]


def takes_missing(estimator: Any) -> bool:  # noqa: ANN401 - scikit-learn publishes no types
    """Whether an estimator accepts NaN, by its own word; of a pipeline, that of its first step.

    A later step that refuses what reaches it says so itself.
    """
    if isinstance(estimator, Pipeline):
        return takes_missing(estimator.steps[0][1])
    return bool(get_tags(estimator).input_tags.allow_nan)


def probabilities_over(
    estimator: Any,  # noqa: ANN401 - scikit-learn publishes no types
    X: FloatArray,
    classes: npt.NDArray[Any],
) -> FloatArray:
    """Probabilities of a fitted estimator, (n_rows, n_classes); 0 for a class it never saw."""
    probabilities = np.zeros((len(X), len(classes)))
    probabilities[:, np.searchsorted(classes, estimator.classes_)] = estimator.predict_proba(X)
    return probabilities


def with_half_a_row(probabilities: FloatArray, row_mass: float) -> FloatArray:
    """Probabilities with half a row of training weight spread evenly over the classes.

    So no class is called impossible by a model that learned from `row_mass` rows.
    """
    each = 0.5 / probabilities.shape[1]
    smoothed: FloatArray = (row_mass * probabilities + each) / (row_mass + 0.5)
    return smoothed
