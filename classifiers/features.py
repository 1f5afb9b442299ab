"""From signals to features: the matrix that models read, and its scaling.

A model of k signals reads 2 k columns: the values, NaN when missing for any reason, then one
flag per signal that says whether it is `absent` (1) or not (0). Absence tells something about
the organization; `unobserved` tells about our collection only, and a model must not learn
that; `undefined` follows from other signals.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import RobustScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from classifiers.signals import Direction, MissingReason, signal_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.estimates import SignalRow

    FloatArray = npt.NDArray[np.float64]

_LOGGED_UNITS = ("posts", "days")
_SIGNS = {Direction.RISES: 1, Direction.FALLS: -1, Direction.PEAKS: 0, Direction.FREE: 0}


def feature_matrix(values: FloatArray, reasons: npt.NDArray[np.str_]) -> FloatArray:
    """Values and flags of absence side by side, shape (n_rows, 2 n_signals)."""
    is_absent = reasons == MissingReason.ABSENT.value
    return np.hstack([values, is_absent.astype(np.float64)])


def feature_matrix_of(rows: Sequence[SignalRow], codes: Sequence[str]) -> FloatArray:
    """The same for measured organizations, signals in the order of `codes`."""
    values = [[_value(row, code) for code in codes] for row in rows]
    reasons = [[row.missing_reasons.get(code, "") for code in codes] for row in rows]
    shape = (len(rows), len(codes))
    return feature_matrix(np.reshape(values, shape), np.reshape(np.array(reasons, "U"), shape))


def logged_columns(codes: Sequence[str]) -> list[int]:
    """Positions of the signals that are counts or durations, to be taken as log(1 + x)."""
    return [
        position for position, code in enumerate(codes) if signal_named(code).unit in _LOGGED_UNITS
    ]


def feature_signs(codes: Sequence[str]) -> list[int]:
    """Direction of each feature with the stage: 1, -1, or 0 where none is assumed."""
    return [_SIGNS[signal_named(code).direction] for code in codes] + [0] * len(codes)


class SignalScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Take logarithms of counts, centre on the median, scale by the quartiles, and clip.

    Missing values (NaN) stay missing. Clipping keeps one extreme signal from deciding alone.

    Args:
        log_columns: positions of the columns to take as log(1 + x); their values are >= 0.
        limit: scaled values are clipped to -limit and limit.
    """

    def __init__(self, log_columns: Sequence[int] = (), limit: float = 4.0) -> None:
        self.log_columns = log_columns
        self.limit = limit

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:  # noqa: ARG002 - scikit-learn passes y
        """Learn medians and quartiles of the rows `X`, NaN ignored."""
        self.scaler_ = RobustScaler().fit(self._logged(X, reset=True))
        return self

    def transform(self, X: npt.ArrayLike) -> FloatArray:
        """Scaled rows of the same shape, NaN where `X` has it."""
        check_is_fitted(self)
        scaled: FloatArray = self.scaler_.transform(self._logged(X, reset=False))
        return np.clip(scaled, -self.limit, self.limit)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _logged(self, X: npt.ArrayLike, *, reset: bool) -> FloatArray:
        rows: FloatArray = validate_data(
            self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan", copy=True
        )
        columns = list(self.log_columns)
        rows[:, columns] = np.log1p(rows[:, columns])
        return rows


def _value(row: SignalRow, code: str) -> float:
    value = row.values.get(code)
    return np.nan if value is None else float(value)
