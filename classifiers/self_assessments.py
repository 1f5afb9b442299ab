"""What organizations say of their own stage, set beside what experts say of it.

An organization with both is an anchor: it tells how far self-assessments lie from experts' codes.
Code and self-assessment are about the same thing only where they are about the same time.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.evaluating.labelled_table import LabelledTable

    BoolArray = npt.NDArray[np.bool_]
    DayArray = npt.NDArray[np.datetime64]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]
    TextArray = npt.NDArray[np.str_]

#: Half a year: a self-assessment further from a code, or from a measured week, is not set beside
#: it. A convention: nobody has measured how fast stages change.
NEAR_DAYS = 183
NONE_SAID = 0  #: instead of a stage code, where nobody said one


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfAssessments:
    """The latest self-assessment of each organization; one row each.

    Attributes:
        X: matrix of `features.feature_matrix`, measured near the day; NaN where not.
        is_measured: whether a row of `X` holds what was measured near the day, and enough of
            it for an estimate.
        stage_codes: what the organization said, 1 to 6.
        organization_ids: who said it.
        days: when it was said.
        industries, size_classes: "" where it is not known.
    """

    X: FloatArray
    is_measured: BoolArray
    stage_codes: IntArray
    organization_ids: TextArray
    days: DayArray
    industries: TextArray
    size_classes: TextArray

    def __len__(self) -> int:
        return len(self.stage_codes)

    def rows(self, chosen: npt.NDArray[Any]) -> SelfAssessments:
        """Some of the rows, by position or by truth."""
        names = [each.name for each in fields(self)]
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedTable:
    """Organizations with an expert's code, a self-assessment, or both; those with a code first.

    Attributes:
        X: matrix of `features.feature_matrix`, NaN where missing.
        stage_codes: what experts said, 1 to 6; `NONE_SAID` where they said nothing.
        reported_codes: what the organization said; `NONE_SAID` where it said nothing.
        weights: of the rows; 1 for a self-assessment alone.
        organization_ids: whom a row is about.
        groups: parent group, or organization; never on both sides of a fold.
        industries, size_classes: "" where it is not known.
    """

    X: FloatArray
    stage_codes: IntArray
    reported_codes: IntArray
    weights: FloatArray
    organization_ids: TextArray
    groups: TextArray
    industries: TextArray
    size_classes: TextArray

    def __len__(self) -> int:
        return len(self.stage_codes)

    @property
    def is_coded(self) -> BoolArray:
        """Whether experts gave a stage."""
        is_coded: BoolArray = self.stage_codes != NONE_SAID
        return is_coded

    @property
    def is_reported(self) -> BoolArray:
        """Whether the organization gave itself a stage."""
        is_reported: BoolArray = self.reported_codes != NONE_SAID
        return is_reported

    @property
    def is_anchor(self) -> BoolArray:
        """Whether both did."""
        return self.is_coded & self.is_reported

    @property
    def anchor_count(self) -> int:
        """How many organizations have both."""
        return len(set(self.organization_ids[self.is_anchor].tolist()))

    @property
    def claiming(self) -> frozenset[str]:
        """Organizations whose self-assessment is used."""
        return frozenset(self.organization_ids[self.is_reported].tolist())

    def rows(self, chosen: npt.NDArray[Any]) -> ReportedTable:
        """Some of the rows, by position or by truth."""
        names = [each.name for each in fields(self)]
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})


def set_beside(table: LabelledTable, said: SelfAssessments) -> ReportedTable:
    """Put each self-assessment beside the code of its organization that is nearest in time.

    Where no code is within `NEAR_DAYS`, it has a row of its own if anything was measured near
    its day; else it is left out. An organization that was coded several times has a row for
    each code, one of them with the self-assessment.
    """
    reported = np.full(len(table), NONE_SAID)
    beside = [_nearest_code(table, said, place) for place in range(len(said))]
    for place, row in enumerate(beside):
        if row is not None:
            reported[row] = said.stage_codes[place]
    alone = said.rows(np.array([row is None for row in beside], dtype=np.bool_) & said.is_measured)
    group_of = dict(zip(table.organization_ids.tolist(), table.groups.tolist(), strict=True))
    names = alone.organization_ids.tolist()
    return ReportedTable(
        X=np.concatenate([table.X, alone.X]),
        stage_codes=np.concatenate([table.stage_codes, np.full(len(alone), NONE_SAID)]),
        reported_codes=np.concatenate([reported, alone.stage_codes]),
        weights=np.concatenate([table.weights, np.ones(len(alone))]),
        organization_ids=np.array([*table.organization_ids.tolist(), *names]),
        groups=np.array([*table.groups.tolist(), *[group_of.get(name, name) for name in names]]),
        industries=np.concatenate([table.industries, alone.industries]),
        size_classes=np.concatenate([table.size_classes, alone.size_classes]),
    )


def _nearest_code(table: LabelledTable, said: SelfAssessments, place: int) -> int | None:
    rows = np.flatnonzero(table.organization_ids == said.organization_ids[place])
    away = np.abs((table.about_days[rows] - said.days[place]).astype("timedelta64[D]").astype(int))
    if not len(rows) or away.min() > NEAR_DAYS:
        return None
    return int(rows[away.argmin()])
