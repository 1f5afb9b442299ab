"""The same comparison otherwise computed: what it depends on that others would choose otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.comparing.compared import judged_of
from classifiers.comparing.excess import (
    AS_ESTIMATED,
    excess_over_honesty,
    excess_sensitivity,
)
from classifiers.comparing.report import kappa_of
from classifiers.comparing.statistic import Statistic, from_excess, from_figure
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from classifiers.comparing.compared import Compared

    FloatArray = npt.NDArray[np.float64]

#: Estimates that are less, or more, sure than they should be.
TEMPERATURES = (0.8, 1.5)
#: Stages 5 and 6 together may be held this much more, or less, frequent.
_SHIFT = 0.10
_HIGHEST = (Stage.STRATEGIC.value - 1, Stage.CONVERGED.value - 1)  # places of both in a row
_MERGED = "stages 5 and 6 merged"


def sensitivity_statistics(
    compared: Sequence[Compared], prior: npt.ArrayLike, variants: Mapping[str, Sequence[Compared]]
) -> Iterator[Statistic]:
    """Excess gap and kappa under other assumptions.

    Args:
        compared: organizations with a claim, as the report has them.
        prior: share of each stage that the estimates were made with.
        variants: the same organizations with claims by another rule, or with estimates of
            another week, by what was changed.
    """
    judged = judged_of([each for each in compared if each.is_judged])
    if not judged.organization_count:
        return
    found = excess_sensitivity(
        judged,
        temperatures=TEMPERATURES,
        used_prior=prior,
        other_priors=_other_priors(np.asarray(prior, dtype=np.float64)),
    )
    for name, variant in found.items():
        if name != AS_ESTIMATED:
            yield from_excess("sensitivity_excess_gap", variant.gap).about(name)
    for name, others in variants.items():
        part = judged_of([each for each in others if each.is_judged])
        yield from_excess("sensitivity_excess_gap", excess_over_honesty(part).gap).about(name)
    pointed = judged_of([each for each in compared if each.has_point])
    merged = pointed.table().merged(Stage.STRATEGIC.value)
    yield from_figure("sensitivity_kappa", kappa_of(merged)).about(_MERGED)
    for name, others in variants.items():
        table = judged_of([each for each in others if each.has_point]).table()
        yield from_figure("sensitivity_kappa", kappa_of(table)).about(name)


def _other_priors(prior: FloatArray) -> dict[str, FloatArray]:
    others = {"flat prior": np.full(len(prior), 1 / len(prior))}
    for name, shift in (("ten points more", _SHIFT), ("ten points fewer", -_SHIFT)):
        shifted = _shifted(prior, shift)
        if shifted is not None:
            others[f"{name} at stages 5 and 6"] = shifted
    return others


def _shifted(prior: FloatArray, shift: float) -> FloatArray | None:
    """The prior with more, or less, at the two highest stages; None where too little is there."""
    is_high = np.isin(np.arange(len(prior)), _HIGHEST)
    share = prior[is_high].sum()
    if not 0 < share + shift < 1:
        return None
    other: FloatArray = np.where(
        is_high, prior * (share + shift) / share, prior * (1 - share - shift) / (1 - share)
    )
    return other
