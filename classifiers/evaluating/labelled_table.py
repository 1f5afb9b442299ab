"""Organizations with a stage that raters gave, and the features that were measured of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.stages import Stage

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]
    TextArray = npt.NDArray[np.str_]
    DayArray = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledTable:
    """One row for each label: an organization at one time.

    Attributes:
        X: matrix of `features.feature_matrix`, NaN where missing.
        reasons: why each signal is missing (see `MissingReason`), "" where it is not; shape
            (n_rows, n_signals).
        signal_codes: the signals, in the order of the first columns of `X`.
        stage_codes: what raters said, 1 to 6.
        weights: of the labels.
        organization_ids: whom a row is about.
        groups: parent group, or organization; never on both sides of a fold.
        industries, size_classes, countries, source_mixes: "" where it is not known.
        saw: what the raters saw, see `labels.Saw`.
        first_seen_days: first day on which the organization was known to us.
        about_days: last day that the label speaks of.
        window_ends: last day of the features' window.

    Raises:
        ValueError: columns differ in length, or a stage code is none.
    """

    X: FloatArray
    reasons: TextArray
    signal_codes: tuple[str, ...]
    stage_codes: IntArray
    weights: FloatArray
    organization_ids: TextArray
    groups: TextArray
    industries: TextArray
    size_classes: TextArray
    countries: TextArray
    source_mixes: TextArray
    saw: TextArray
    first_seen_days: DayArray
    about_days: DayArray
    window_ends: DayArray

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in _columns()}
        if len(set(lengths.values())) > 1:
            message = f"every column needs one entry a row, but their lengths are {lengths}"
            raise ValueError(message)
        unknown = np.setdiff1d(self.stage_codes, [stage.value for stage in Stage])
        if len(unknown):
            message = f"stage codes {unknown.tolist()} are none of 1 to {len(Stage)}"
            raise ValueError(message)

    def __len__(self) -> int:
        return len(self.stage_codes)

    @property
    def organization_count(self) -> int:
        """How many different organizations there are."""
        return len(set(self.organization_ids.tolist()))

    @property
    def stage_counts(self) -> tuple[int, ...]:
        """Labels by stage, 1 to 6."""
        counts = np.bincount(self.stage_codes, minlength=len(Stage) + 1)
        return tuple(int(count) for count in counts[1:])

    def rows(self, chosen: npt.NDArray[Any]) -> LabelledTable:
        """Some of the rows, by position or by truth."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in _columns()})

    def changed(self, **columns: Any) -> LabelledTable:  # noqa: ANN401 - arrays of any kind
        """The same with other columns."""
        return replace(self, **columns)

    def one_row_each(self) -> LabelledTable:
        """The label of each organization that speaks of the last day."""
        order = np.lexsort((np.arange(len(self)), self.about_days))
        last = {self.organization_ids[at]: at for at in order}
        return self.rows(np.sort(np.fromiter(last.values(), dtype=np.intp)))


def _columns() -> list[str]:
    return [each.name for each in fields(LabelledTable) if each.name != "signal_codes"]
