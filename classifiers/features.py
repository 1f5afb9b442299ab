"""From signals to features: the matrix that models read, and its scaling.

A model of k signals reads k values, NaN when missing for any reason; then for each family of
signals the share of it that is `absent`; then the size class of the organization. Absence tells
something about the organization; `unobserved` tells about our collection only, and a model must
not learn that; `undefined` follows from other signals.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import RobustScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from classifiers.estimates import SIZE_CLASSES
from classifiers.signals import Direction, MissingReason, signal_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.estimates import SignalRow

    FloatArray = npt.NDArray[np.float64]

_UNLOGGED_UNITS = ("share", "index from -1 to 1", "index from 0 to 1", "logits")
_SIGNS = {Direction.RISES: 1, Direction.FALLS: -1, Direction.PEAKS: 0, Direction.FREE: 0}


def feature_matrix(
    values: FloatArray,
    reasons: npt.NDArray[np.str_],
    size_codes: npt.NDArray[np.intp],
    codes: Sequence[str],
) -> FloatArray:
    """Values, absent shares by family and size, shape (n_rows, n_signals + n_families + 1).

    Args:
        values: signals in the order of `codes`, NaN when missing.
        reasons: why each is missing (see `MissingReason`).
        size_codes: position in `SIZE_CLASSES`, -1 when it is not known.
        codes: the signals.
    """
    is_absent = (reasons == MissingReason.ABSENT.value).astype(np.float64)
    families = np.array([signal_named(code).family for code in codes])
    shares = [is_absent[:, families == name].mean(axis=1) for name in families_of(codes)]
    sizes = np.where(size_codes < 0, np.nan, size_codes)
    return np.column_stack([values, *shares, sizes])


def feature_matrix_of(rows: Sequence[SignalRow], codes: Sequence[str]) -> FloatArray:
    """The same for measured organizations, signals in the order of `codes`."""
    values = [[_value(row, code) for code in codes] for row in rows]
    reasons = [[row.missing_reasons.get(code, "") for code in codes] for row in rows]
    sizes = np.array([_size_code(row.size_class) for row in rows], dtype=np.intp)
    shape = (len(rows), len(codes))
    return feature_matrix(
        np.reshape(np.array(values, dtype=np.float64), shape),
        np.reshape(np.array(reasons, "U"), shape),
        sizes,
        codes,
    )


def feature_names(codes: Sequence[str]) -> list[str]:
    """Names of the columns of the matrix."""
    return [*codes, *[f"absent_{name}" for name in families_of(codes)], "size_class"]


def families_of(codes: Sequence[str]) -> list[str]:
    """Families of these signals, each once, in the order of their first."""
    return list(dict.fromkeys(signal_named(code).family for code in codes))


def logged_columns(codes: Sequence[str]) -> list[int]:
    """Positions of the signals that are counts, rates or durations, to be taken as log(1 + x)."""
    return [at for at, code in enumerate(codes) if signal_named(code).unit not in _UNLOGGED_UNITS]


def share_columns(codes: Sequence[str]) -> list[int]:
    """Positions of the signals that are shares of cases, whose scatter depends on the share."""
    return [at for at, code in enumerate(codes) if signal_named(code).unit == "share"]


def feature_signs(codes: Sequence[str]) -> list[int]:
    """Direction of each feature with the stage: 1, -1, or 0 where none is assumed."""
    signs = [_SIGNS[signal_named(code).direction] for code in codes]
    return signs + [0] * (len(families_of(codes)) + 1)


class SignalScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Take logarithms of counts and arcs of shares, centre, scale by the quartiles, and clip.

    The arc sine of the square root makes the scatter of a share alike from 0 to 1 (Bartlett
    1947, The use of transformations, Biometrics 3). Missing values (NaN) stay missing. Clipping
    keeps one extreme signal from deciding alone.

    Args:
        log_columns: positions of the columns to take as log(1 + x); their values are >= 0.
        share_columns: positions of the columns that are shares, from 0 to 1.
        limit: scaled values are clipped to -limit and limit.

    Examples:
        >>> scaler = SignalScaler(log_columns=[0]).fit([[0.0], [6.4], [53.6]])
        >>> scaler.transform([[6.4], [float("nan")]]).round(1).tolist()
        [[0.0], [nan]]
    """

    def __init__(
        self,
        log_columns: Sequence[int] = (),
        share_columns: Sequence[int] = (),
        limit: float = 4.0,
    ) -> None:
        self.log_columns = log_columns
        self.share_columns = share_columns
        self.limit = limit

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:  # noqa: ARG002 - scikit-learn passes y
        """Learn medians and quartiles of the rows `X`, NaN ignored."""
        self.scaler_ = RobustScaler().fit(self._levelled(X, reset=True))
        return self

    def transform(self, X: npt.ArrayLike) -> FloatArray:
        """Scaled rows of the same shape, NaN where `X` has it."""
        check_is_fitted(self)
        scaled: FloatArray = self.scaler_.transform(self._levelled(X, reset=False))
        return np.clip(scaled, -self.limit, self.limit)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn publishes no types
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _levelled(self, X: npt.ArrayLike, *, reset: bool) -> FloatArray:
        rows: FloatArray = validate_data(
            self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan", copy=True
        )
        logged, shares = list(self.log_columns), list(self.share_columns)
        rows[:, logged] = np.log1p(rows[:, logged])
        rows[:, shares] = np.arcsin(np.sqrt(np.clip(rows[:, shares], 0.0, 1.0)))
        return rows


def _value(row: SignalRow, code: str) -> float:
    value = row.values.get(code)
    return np.nan if value is None else float(value)


def _size_code(size_class: str) -> int:
    return SIZE_CLASSES.index(size_class) if size_class in SIZE_CLASSES else -1
