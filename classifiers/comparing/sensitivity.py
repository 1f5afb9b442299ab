"""The same comparison otherwise computed: what it depends on that others would choose otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.comparing.compared import judged_of
from classifiers.comparing.excess import excess_over_honesty
from classifiers.comparing.report import kappa_of
from classifiers.comparing.statistic import Statistic, from_excess, from_figure
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from classifiers.comparing.compared import Compared
    from classifiers.comparing.judged_claims import JudgedClaims

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
    for name, variant in _otherwise(judged, np.asarray(prior, dtype=np.float64)):
        yield from_excess("sensitivity_excess_gap", excess_over_honesty(variant).gap).about(name)
    for name, others in variants.items():
        part = judged_of([each for each in others if each.is_judged])
        yield from_excess("sensitivity_excess_gap", excess_over_honesty(part).gap).about(name)
    pointed = judged_of([each for each in compared if each.has_point])
    merged = pointed.table().merged(Stage.STRATEGIC.value)
    yield from_figure("sensitivity_kappa", kappa_of(merged)).about(_MERGED)
    for name, others in variants.items():
        table = judged_of([each for each in others if each.has_point]).table()
        yield from_figure("sensitivity_kappa", kappa_of(table)).about(name)


def _otherwise(judged: JudgedClaims, prior: FloatArray) -> Iterator[tuple[str, JudgedClaims]]:
    yield "flat prior", judged.with_prior(prior, np.full(len(prior), 1 / len(prior)))
    for name, shift in (("ten points more", _SHIFT), ("ten points fewer", -_SHIFT)):
        other = _shifted(prior, shift)
        if other is not None:
            yield f"{name} at stages 5 and 6", judged.with_prior(prior, other)
    for temperature in TEMPERATURES:
        yield f"temperature {temperature:g}", judged.tempered(temperature)


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
