"""Whether the shift of self-assessments goes with anything that the model takes it not to.

Each question is asked alone, of the anchors: a regression of what is left of their shift on the
estimated stage, on the size class, and on belonging to an industry. With few anchors a joint
regression would have more slopes than it could tell apart.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.estimates import SIZE_CLASSES
from classifiers.report_shift import regress_shift

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from classifiers.noisy_labels import NoisyLabelOrdinalClassifier
    from classifiers.report_shift import ShiftTest
    from classifiers.self_assessments import ReportedTable

    FloatArray = npt.NDArray[np.float64]

STAGE = "estimated stage"
SIZE = "size class"
FEWEST_OF_AN_INDUSTRY = 5  #: anchors in it, and as many outside, for a question of its own
SUSPECT = 0.05  #: adjusted p-values below it


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCheck:
    """One question of what the shift goes with.

    Attributes:
        name: `STAGE`, `SIZE`, or "industry" and its name.
        slope: steps of shift by stage or size class, or in the industry beyond the others.
        standard_error: of the slope.
        adjusted_p_value: for all questions together, by Holm 1979.
        anchor_count: anchors that tell.
    """

    name: str
    slope: float
    standard_error: float
    adjusted_p_value: float
    anchor_count: int

    @property
    def is_suspect(self) -> bool:
        """Whether chance alone hardly does it."""
        return self.adjusted_p_value < SUSPECT


def check_shift(
    reported: ReportedTable, reports: NoisyLabelOrdinalClassifier
) -> tuple[ShiftCheck, ...]:
    """All questions that the anchors can answer, in a fixed order.

    Args:
        reported: organizations with an expert's code, a self-assessment, or both.
        reports: the model fitted to them.
    """
    is_anchor = reported.is_anchor
    probabilities: FloatArray = np.asarray(reports.oof_proba_, dtype=np.float64)
    stages: FloatArray = probabilities @ np.arange(len(reports.classes_), dtype=np.float64)
    columns: dict[str, FloatArray] = {STAGE: stages}
    columns[SIZE] = _size_ranks(reported.size_classes.tolist())
    columns |= _industry_columns(reported, is_anchor)
    surplus = reports.surplus_[is_anchor]
    return _checks(surplus, {name: column[is_anchor] for name, column in columns.items()})


def holm_adjusted(p_values: Sequence[float]) -> list[float]:
    """P-values for several questions asked at once (Holm 1979), in the order given.

    Examples:
        >>> holm_adjusted([0.04, 0.01, 0.03])
        [0.06, 0.03, 0.06]
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = highest
    return adjusted


def _size_ranks(size_classes: Iterable[str]) -> FloatArray:
    rank_of = {name: float(rank) for rank, name in enumerate(SIZE_CLASSES)}
    return np.array([rank_of.get(name, np.nan) for name in size_classes])


def _industry_columns(
    reported: ReportedTable, is_anchor: npt.NDArray[np.bool_]
) -> dict[str, FloatArray]:
    counts = Counter(reported.industries[is_anchor].tolist())
    told = sum(count for name, count in counts.items() if name)
    asked = sorted(
        name
        for name, count in counts.items()
        if name and FEWEST_OF_AN_INDUSTRY <= count <= told - FEWEST_OF_AN_INDUSTRY
    )
    return {f"industry {name}": _belongs(reported.industries, name) for name in asked}


def _belongs(industries: npt.NDArray[np.str_], name: str) -> FloatArray:
    is_member = (industries == name).astype(np.float64)
    belongs: FloatArray = np.where(industries == "", np.nan, is_member)
    return belongs


def _checks(surplus: FloatArray, columns: Mapping[str, FloatArray]) -> tuple[ShiftCheck, ...]:
    tests = [_alone(surplus, name, column) for name, column in columns.items()]
    told = [test for test in tests if test is not None]
    adjusted = holm_adjusted([test.p_values[0] for test in told])
    return tuple(
        ShiftCheck(
            name=test.names[0],
            slope=test.slopes[0],
            standard_error=test.standard_errors[0],
            adjusted_p_value=p_value,
            anchor_count=test.row_count,
        )
        for test, p_value in zip(told, adjusted, strict=True)
    )


def _alone(surplus: FloatArray, name: str, column: FloatArray) -> ShiftTest | None:
    is_known = np.isfinite(column)
    return regress_shift(surplus[is_known], {name: column[is_known]})
