"""The sheet on which a world's signals are written, each with its value or the reason for none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.signals import FEATURE_CODES, MissingReason, signal_named

if TYPE_CHECKING:
    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

#: The count below which a signal is undefined, as the catalogue says.
MINIMUM_COUNTS = {code: signal_named(code).minimum_count for code in FEATURE_CODES}


class Sheet:
    """Signals of `count` organizations in the order of `FEATURE_CODES`.

    Attributes:
        values: shape (count, 26); NaN exactly where a reason stands.
        reasons: why a value is missing, "" where it is not.
    """

    def __init__(self, count: int) -> None:
        self.values = np.full((count, len(FEATURE_CODES)), np.nan)
        self.reasons = np.full(self.values.shape, MissingReason.UNOBSERVED.value, dtype="U10")

    def put(
        self,
        code: str,
        values: npt.ArrayLike,
        *,
        absent: npt.ArrayLike = False,
        unobserved: npt.ArrayLike = False,
        undefined: npt.ArrayLike = False,
    ) -> None:
        """Write one signal; where more than one reason holds, the first of them counts."""
        column = FEATURE_CODES.index(code)
        reasons = np.where(undefined, MissingReason.UNDEFINED.value, MissingReason.NONE.value)
        reasons = np.where(unobserved, MissingReason.UNOBSERVED.value, reasons)
        self.reasons[:, column] = np.where(absent, MissingReason.ABSENT.value, reasons)
        is_known = self.reasons[:, column] == MissingReason.NONE.value
        self.values[:, column] = np.where(is_known, values, np.nan)

    def put_share(
        self,
        code: str,
        part_counts: IntArray,
        whole_counts: IntArray,
        *,
        absent: BoolArray,
        unobserved: BoolArray,
    ) -> None:
        """Write a share of counted cases; it is undefined below the catalogue's minimum."""
        self.put(
            code,
            part_counts / np.maximum(whole_counts, 1),
            absent=absent,
            unobserved=unobserved,
            undefined=whole_counts < MINIMUM_COUNTS[code],
        )
